"""Finding an order by the identifier that it was made with: the only way to know after a silence (seed 001)."""

from __future__ import annotations

from backends.quivo.auth import Session
from backends.quivo.client import OrderQuery
from operations.accounts import Accounts, Actor
from operations.outcome import Outcome


async def by_identifier(accounts: Accounts, actor: Actor, seller_id: int, identifier: str) -> Outcome[int | None]:
    """The id of the seller's order with exactly this identifier, or None; the list may lag a little behind."""
    query = OrderQuery(identifier=identifier, seller_ids=(seller_id,))

    async def ask(session: Session) -> int | None:
        page = await accounts.quivo.orders(session, query)
        same = (
            order.order_id
            for order in page.orders
            if order.identifier == identifier and order.seller_id in (None, seller_id)
        )
        return next(same, None)

    return await accounts.call(actor, ask)
