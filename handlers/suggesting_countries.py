"""The countries that a store ships to, as suggestions in the form for an address (apis/vendo.md §9).

A suggestion is an acknowledgement, so it has to be quick: a store's list is remembered for a minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary, ref

from backends.vendo.auth import Access
from backends.vendo.catalogue import Country
from handlers.context import Context
from handlers.directory import Remembered
from handlers.registry import Suggestion
from handlers.render.checkout_fields import COUNTRY
from handlers.render.inputs import Option, suggestions
from handlers.shop_answers import vendo
from operations.linking import Actor
from operations.outcome import Done
from operations.vendo_accounts import VendoAccounts

MOST = 20
Options = tuple[Option, ...]


class Geography(Protocol):
    """The part of Vendo's client that countries come from."""

    async def countries(self, store: str, *, shippable: bool = False) -> tuple[Country, ...]:
        """Read all countries, or those that the store ships to."""
        ...


_memories: WeakKeyDictionary[VendoAccounts, Remembered[Options]] = WeakKeyDictionary()


def _memory(accounts: VendoAccounts) -> Remembered[Options]:
    if accounts not in _memories:
        known = ref(accounts)
        _memories[accounts] = Remembered(lambda key: _ask(known, key))
    return _memories[accounts]


async def _ask(known: Callable[[], VendoAccounts | None], key: str) -> Options | None:
    """Ask a store for its countries; None, which is not remembered, where it does not say."""
    accounts = known()
    team, user, store = json.loads(key)
    if accounts is None:
        return None
    geography = cast("Geography", accounts.vendo)

    async def ask(_access: Access) -> tuple[Country, ...]:
        return await geography.countries(store, shippable=True)

    found = await accounts.look(Actor(team, user), ask)
    return tuple(map(_option, found.value)) if isinstance(found, Done) else None


def _option(country: Country) -> Option:
    return country.iso, f"{country.name or country.iso} ({country.iso})"


async def countries(ctx: Context) -> list[dict[str, Any]]:
    """The countries with what was typed in their name or letters; where there are none, letters as they were typed."""
    typed, accounts = ctx.request.text.strip(), vendo(ctx)
    key = json.dumps([ctx.actor.team, ctx.actor.user, accounts.store(ctx.actor)])
    found = await _memory(accounts).get(key) or ()
    words = typed.casefold().split()
    fitting = [one for one in found if all(word in one[1].casefold() for word in words)]
    fitting.sort(key=lambda one: one[0].casefold() != typed.casefold())
    letters = len(typed) in (2, 3) and typed.isascii() and typed.isalpha()
    own = [(typed.upper(), f"{typed.upper()}, as I typed it")] if letters and not fitting else []
    return suggestions([*fitting[:MOST], *own])


SUGGESTIONS = (Suggestion(COUNTRY, countries),)
