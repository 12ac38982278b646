"""What the form for an order suggests: sellers, warehouses and SKUs of the person's own account (apis/quivo.md §7, §8).

A suggestion is an acknowledgement, so it has to be quick: an answer is remembered for a minute, one that came too late
for this letter is there for the next one, and it is kept by connection, so that nobody sees another account's goods.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary, ref

from backends.quivo.auth import Session
from backends.quivo.client import Seller, Warehouse
from backends.quivo.items import Item
from handlers.context import Context
from handlers.directory import Remembered
from handlers.forms.order_form import form_of
from handlers.registry import Suggestion
from handlers.render.inputs import Option, suggestions
from operations.accounts import QUIVO, Accounts, Actor
from operations.outcome import Done

MOST = 20
_MOST_WAREHOUSES = 4  # ours: how many are searched at once while none is chosen
_LONGEST = 100
Options = tuple[Option, ...]


class Catalogue(Protocol):
    """The part of Quivo's client that suggestions are made of."""

    async def sellers(self, session: Session) -> tuple[Seller, ...]:
        """Read the sellers of the account."""
        ...

    async def warehouses(self, session: Session) -> tuple[Warehouse, ...]:
        """Read all warehouses."""
        ...

    async def items(
        self, session: Session, warehouse_id: int, seller_id: int, text: str, *, most: int = 20
    ) -> tuple[Item, ...]:
        """Search a seller's goods in one warehouse."""
        ...


@dataclass(frozen=True)
class Shelf:
    """What one person's account has to choose from; nothing where Quivo does not answer."""

    accounts: Accounts
    actor: Actor

    async def sellers(self) -> Options:
        """The account's own sellers."""
        return await self._get("sellers")

    async def warehouses(self) -> Options:
        """The warehouses that still work."""
        return await self._get("warehouses")

    async def items(self, warehouse: str, seller: str, text: str) -> Options:
        """A seller's goods in one warehouse."""
        return await self._get("items", int(warehouse), int(seller), text[:_LONGEST])

    async def _get(self, what: str, *more: int | str) -> Options:
        connection = self.accounts.vault.connection(self.actor.team, self.actor.user, QUIVO)
        if connection is None:
            return ()
        key = json.dumps([self.actor.team, self.actor.user, connection.id, what, *more])
        return await _memory(self.accounts).get(key) or ()


_memories: WeakKeyDictionary[Accounts, Remembered[Options]] = WeakKeyDictionary()


def _memory(accounts: Accounts) -> Remembered[Options]:
    if accounts not in _memories:
        known = ref(accounts)
        _memories[accounts] = Remembered(lambda key: _ask(known, key))
    return _memories[accounts]


async def _ask(known: Callable[[], Accounts | None], key: str) -> Options | None:
    """Ask Quivo for what a key stands for; None, which is not remembered, where it does not say."""
    accounts = known()
    team, user, _, what, *more = json.loads(key)
    if accounts is None:
        return None
    catalogue = cast("Catalogue", accounts.quivo)

    async def ask(session: Session) -> Options:
        match what:
            case "sellers":
                return tuple(map(_seller, await catalogue.sellers(session)))
            case "warehouses":
                return tuple(_warehouse(one) for one in await catalogue.warehouses(session) if one.active)
            case _:
                return tuple(map(_item, await catalogue.items(session, *more, most=MOST)))

    outcome = await accounts.call(Actor(team, user), ask)
    return outcome.value if isinstance(outcome, Done) else None


def _seller(seller: Seller) -> Option:
    return str(seller.id), f"{seller.name or seller.identifier or 'Seller'} ({seller.id})"


def _warehouse(warehouse: Warehouse) -> Option:
    country = f", {warehouse.country_iso2}" if warehouse.country_iso2 else ""
    return str(warehouse.id), f"{warehouse.name or 'Warehouse'}{country} ({warehouse.id})"


def _item(item: Item) -> Option:
    left = "" if item.quantity is None else f", {item.quantity} there"
    return item.sku, " · ".join(filter(None, [item.sku, f"{item.name or ''}{left}".removeprefix(", ")]))


def _matching(found: Iterable[Option], typed: str) -> list[Option]:
    wanted = typed.casefold().split()
    return [one for one in found if all(word in one[1].casefold() for word in wanted)][:MOST]


async def sellers(ctx: Context) -> list[dict[str, Any]]:
    """The person's own sellers whose name or number has what was typed in it."""
    return suggestions(_matching(await _shelf(ctx).sellers(), ctx.request.text))


async def warehouses(ctx: Context) -> list[dict[str, Any]]:
    """The active warehouses whose name or number has what was typed in it."""
    return suggestions(_matching(await _shelf(ctx).warehouses(), ctx.request.text))


async def skus(ctx: Context) -> list[dict[str, Any]]:
    """Goods of the chosen seller, in the chosen warehouse or else in those that are open; last, what was typed itself.

    Without a chosen seller the account's only one is meant. What was typed can be chosen as it stands, because a stock
    list may lack what Quivo would take.
    """
    typed, shelf = ctx.request.text.strip(), _shelf(ctx)
    held = _chosen(ctx)
    seller = held.get("sellerId") or await _only_seller(shelf)
    warehouse = held.get("warehouseId")
    found = await _goods(shelf, seller, [warehouse] if warehouse else None, typed) if seller else []
    own = [] if not typed or typed in {sku for sku, _ in found} else [(typed, f"“{typed}” as I typed it")]
    return suggestions([*found[: MOST - len(own)], *own])


async def _goods(shelf: Shelf, seller: str, chosen: list[str] | None, typed: str) -> list[Option]:
    houses = chosen or [value for value, _ in (await shelf.warehouses())[:_MOST_WAREHOUSES]]
    lists = await asyncio.gather(*(shelf.items(house, seller, typed) for house in houses))
    merged: dict[str, str] = {}
    for sku, text in (one for options in lists for one in options):
        merged.setdefault(sku, text)
    return sorted(merged.items())


async def _only_seller(shelf: Shelf) -> str | None:
    own = await shelf.sellers()
    return own[0][0] if len(own) == 1 else None


def _chosen(ctx: Context) -> dict[str, str]:
    """The numbers of seller and warehouse in the form; what is no number was not suggested by us."""
    values = form_of(ctx.request.view or {"blocks": []}).values
    named = {name: str(values.get(name) or "") for name in ("sellerId", "warehouseId")}
    return {name: value for name, value in named.items() if value.isascii() and value.isdigit()}


def _shelf(ctx: Context) -> Shelf:
    return Shelf(ctx.services.accounts, ctx.actor)


SUGGESTIONS = (
    Suggestion("seller.suggest", sellers),
    Suggestion("warehouse.suggest", warehouses),
    Suggestion("sku.suggest", skus),
)
