"""Looking up orders: by id, by reference, by search, by status and period (seed 002, apis/quivo.md §4, §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from backends.errors import NotFound
from backends.quivo.auth import Session
from backends.quivo.client import OrderQuery
from backends.quivo.order import Order, Page
from operations.accounts import Accounts, Actor
from operations.outcome import Outcome

PAGE_SIZE = 10
_ID = re.compile(r"\d{1,18}")


@dataclass(frozen=True)
class Search:
    """What a list of orders was asked by; kept with the list, so that its buttons ask the same again."""

    text: str | None = None
    status: str | None = None
    since: date | None = None
    until: date | None = None


async def look_up(accounts: Accounts, actor: Actor, words: str) -> Outcome[tuple[Order, ...]]:
    """The order with this id; else every order with this reference or identifier, at most ten (seed 002).

    A number is asked for as an id first. What a list leaves out is read again by id when there is one match only.
    """

    async def ask(session: Session) -> tuple[Order, ...]:
        if _ID.fullmatch(words):
            try:
                return (await accounts.quivo.order(session, int(words)),)
            except NotFound:
                pass
        found = (await _named(accounts, actor, session, words)).orders
        return (await accounts.quivo.order(session, found[0].order_id),) if len(found) == 1 else found

    return await accounts.call(actor, ask)


async def read(accounts: Accounts, actor: Actor, order_id: int) -> Outcome[Order]:
    """One order as it is now, with this person's connection."""
    return await accounts.call(actor, lambda session: accounts.quivo.order(session, order_id))


async def search(accounts: Accounts, actor: Actor, asked: Search, after: str | None = None) -> Outcome[Page]:
    """One page of the orders of this person's sellers, newest first."""
    query = OrderQuery(status=asked.status, created_from=asked.since, created_to=asked.until, text=asked.text)

    async def ask(session: Session) -> Page:
        sellers = await accounts.seller_ids(actor, session)
        if not sellers:
            return Page(())
        mine = replace(query, seller_ids=sellers)
        return await accounts.quivo.orders(session, mine, page_size=PAGE_SIZE, search_after=after)

    return await accounts.call(actor, ask)


async def _named(accounts: Accounts, actor: Actor, session: Session, words: str) -> Page:
    """Orders whose reference is what was typed, with or without the leading ``#``; else by their identifier."""
    sellers = await accounts.seller_ids(actor, session)
    if not sellers:
        return Page(())
    for query in (OrderQuery(reference=words), OrderQuery(reference=_other_form(words)), OrderQuery(identifier=words)):
        page = await accounts.quivo.orders(session, replace(query, seller_ids=sellers), page_size=PAGE_SIZE)
        if page.orders:
            return page
    return Page(())


def _other_form(reference: str) -> str:
    return reference.removeprefix("#") if reference.startswith("#") else f"#{reference}"
