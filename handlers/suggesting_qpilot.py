"""What the forms for scheduled orders suggest: products, customers and payment methods of the person's own account.

A suggestion is an acknowledgement, so it has to be quick: an answer is remembered for a minute, one that came too late
for this letter is there for the next one, and it is kept by connection. A card's number goes nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

from backends.qpilot.cards import holds_card_number
from backends.qpilot.entities import Customer, Product
from handlers.context import Context
from handlers.directory import Remembered
from handlers.registry import Suggestion
from handlers.render.founding import CUSTOMER, METHOD
from handlers.render.inputs import Option, suggestions
from handlers.render.money import money
from handlers.render.steer_forms import PRODUCT, method_options
from operations import scheduled
from operations.linking import Actor
from operations.outcome import Done
from operations.qpilot_accounts import QpilotAccounts

MOST, _LONGEST = 20, 100
Options = tuple[Option, ...]
_memories: WeakKeyDictionary[QpilotAccounts, Remembered[Options]] = WeakKeyDictionary()


async def products(ctx: Context) -> list[dict[str, Any]]:
    """Products that scheduled orders may take; last, the id that was typed itself."""
    return await _suggest(ctx, "products")


async def customers(ctx: Context) -> list[dict[str, Any]]:
    """Customers by name, e-mail or id; a customer's own connection has just themselves."""
    place = ctx.services.ports.qpilot.place(ctx.actor)
    if place is not None and place.customer_id is not None:
        return suggestions([(place.customer_id, f"{place.customer_id}, my own")])
    return await _suggest(ctx, "customers")


async def methods(ctx: Context) -> list[dict[str, Any]]:
    """The payment methods of the customer that is chosen in the form."""
    customer = str(ctx.request.values.get("customerId") or "")
    found = await _found(ctx, "methods", customer) if customer else ()
    wanted = ctx.request.text.casefold().split()
    return suggestions(one for one in found if all(word in one[1].casefold() for word in wanted))


async def _suggest(ctx: Context, what: str) -> list[dict[str, Any]]:
    typed = ctx.request.text.strip()[:_LONGEST]
    if holds_card_number(typed):
        return []
    found = (await _found(ctx, what, typed))[: MOST - 1]
    own = [(typed, f"“{typed}” as I typed it")] if typed and typed not in {one for one, _ in found} else []
    return suggestions([*found, *own])


async def _found(ctx: Context, what: str, text: str) -> Options:
    accounts = ctx.services.ports.qpilot
    connection = accounts.connection(ctx.actor)
    if connection is None or holds_card_number(text):
        return ()
    key = json.dumps([ctx.actor.team, ctx.actor.user, connection.id, what, text])
    return await _memory(accounts).get(key) or ()


def _memory(accounts: QpilotAccounts) -> Remembered[Options]:
    if accounts not in _memories:
        known = ref(accounts)
        _memories[accounts] = Remembered(lambda key: _ask(known, key))
    return _memories[accounts]


async def _ask(known: Callable[[], QpilotAccounts | None], key: str) -> Options | None:
    """Ask QPilot for what a key stands for; None, which is not remembered, where it does not say."""
    accounts = known()
    team, user, _, what, text = json.loads(key)
    if accounts is None:
        return None
    actor = Actor(team, user)
    if what == "products":
        goods = await scheduled.products_like(accounts, actor, text)
        return tuple(map(_product, goods.value)) if isinstance(goods, Done) else None
    if what == "customers":
        people = await scheduled.customers_like(accounts, actor, text)
        return tuple(map(_customer, people.value)) if isinstance(people, Done) else None
    held = await scheduled.payment_methods(accounts, actor, text)
    return tuple(method_options(held.value)) if isinstance(held, Done) else None


def _product(one: Product) -> Option:
    price = one.price if one.sale_price is None else one.sale_price
    stock = "" if one.availability in (None, "InStock") else "not in stock"
    parts = (one.title or one.id, one.sku, None if price is None else money(price, None), stock)
    return one.id, " · ".join(filter(None, parts))


def _customer(one: Customer) -> Option:
    name = " ".join(filter(None, [one.first_name, one.last_name]))
    return one.id, " · ".join(filter(None, [one.id, name, one.email]))


SUGGESTIONS = (Suggestion(PRODUCT, products), Suggestion(CUSTOMER, customers), Suggestion(METHOD, methods))
