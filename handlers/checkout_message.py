"""The message that says what came of an order at a store: posted where its cart was, then edited (DESIGN.md §4.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from backends.vendo.cart import ShopOrder
from handlers.change_message import profile_for, put
from handlers.checkout_steps import CHECKOUT_CARD
from handlers.context import Services
from handlers.render import checkout as render
from handlers.render.failures import failure
from handlers.render.message import Message
from handlers.render.shop_orders import order_title, shop_order_card
from handlers.shop_orders import ORDER_CARD, kept
from handlers.slack import Posted
from operations import shopping
from operations.changes import DONE, SENDING, UNKNOWN, person
from operations.once import CUT_OFF
from operations.outcome import Done
from operations.vendo_looks import COMPLETE
from store.ledger import Action

Draw = Callable[[Services, Action, Posted | None], Awaitable[None]]


async def draw(services: Services, action: Action, where: Posted | None, order: ShopOrder | None = None) -> None:
    """Make the message say what the ledger says now, at ``where`` if it was posted before; ``order`` if just read."""
    latest = services.ports.ledger.get(action.id, action.team) or action
    await put(services, latest, await picture(services, latest, order), where)


async def picture(services: Services, action: Action, order: ShopOrder | None = None) -> Message:
    """The message for the state that an order is in; once it is there, its card, as far as the channel may read it."""
    number: str = action.payload["number"]
    if action.state == DONE:
        return await _ordered(services, action, number, order)
    why = action.payload.get("why") or ""
    if action.state in (SENDING, UNKNOWN):
        payload = {"action": action.id}
        card = await services.cards.put(CHECKOUT_CARD, action.team, action.user, payload)
        return render.order_unknown(number, why=why or CUT_OFF, card_id=card.id, reference=action.reference)
    return failure(f"{order_title(number)} was not ordered. {why}".strip(), action.reference)


async def _ordered(services: Services, action: Action, number: str, order: ShopOrder | None) -> Message:
    store: str | None = action.payload.get("store")
    if order is None:
        found = await shopping.order(services.ports, person(action), number, action.reference, store=store)
        if not isinstance(found, Done):
            return render.ordered_line(number)
        order, store = found.value.order, found.value.store
    card = await services.cards.put(ORDER_CARD, action.team, action.user, kept(number, store))
    profile, now = await profile_for(services, action), services.now()
    return shop_order_card(order, profile, card_id=card.id, asked_by=action.user, seen_at=now)


DRAWS: Mapping[str, Draw] = {COMPLETE: draw}
"""By the kind of an action: how its message is made true after a crash (``handlers/checking.py``)."""
