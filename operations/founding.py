"""The seed's five steps: a customer, a payment method, a product, a scheduled order (seed 004, steps 2 to 5)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from backends.errors import NotFound
from backends.errors import Refused as BackendRefused
from backends.qpilot.check import check_customer, check_order, check_payment_method, check_product
from backends.qpilot.new import NewCustomer, NewOrder, NewPaymentMethod, NewProduct
from operations import scheduled
from operations.changes import AlreadyBeing, digest
from operations.correction import Verdict
from operations.creating import InvalidInput
from operations.linking import QPILOT
from operations.once import Sent, Write, once
from operations.outcome import Done, Outcome, Refused, Unknown
from operations.ports import Ports
from operations.qpilot_accounts import MERCHANTS_ONLY, Actor, Grant
from operations.qpilot_looks import (
    LOOKS,
    NEW_CUSTOMER,
    NEW_ORDER,
    NEW_PAYMENT_METHOD,
    NEW_PRODUCT,
    amounts,
    method_since,
    missing,
    new_order,
    new_payment_method,
    order_since,
    orders_of,
    orders_with,
)
from store.ledger import Action

__all__ = [
    "NEW_CUSTOMER",
    "NEW_ORDER",
    "NEW_PAYMENT_METHOD",
    "NEW_PRODUCT",
    "AlreadyThere",
    "Founded",
    "Founding",
    "add_payment_method",
    "create_customer",
    "create_product",
    "create_scheduled_order",
]

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SHORT = 12
T = TypeVar("T")
Find = Awaitable[Outcome[int | None]]


class MovedOn(BackendRefused):
    """Known not done: somebody made such a record just before it would have been sent."""

    text = "Such a record was made just before I could do that, so nothing was sent. Please look at it and ask again."


@dataclass(frozen=True)
class Founded:
    """It was made by this action; ``id`` is None where QPilot did not say it and a look could not tell.

    ``visible`` is whether it was there when it was looked for afterwards.
    """

    id: str | None
    action: Action
    visible: bool = True


@dataclass(frozen=True)
class AlreadyThere:
    """A customer or product with this id was there before; nothing was made."""

    id: str


Founding = Founded | AlreadyThere | AlreadyBeing | InvalidInput | Refused | Unknown


async def create_customer(
    ports: Ports, actor: Actor, customer: NewCustomer, ref: str, *, channel: str = ""
) -> Founding:
    """Make a customer, alone or with payment methods in the same call (seed 004, steps 2 and 3); merchants only."""
    if fields := check_customer(customer):
        return InvalidInput(fields)
    if (no := _not_a_merchant(ports, actor)) is not None:
        return no
    found = await scheduled.customer(ports.qpilot, actor, customer.id)
    if (against := _taken(found, customer.id)) is not None:
        return against

    qpilot = ports.qpilot.qpilot

    async def send(grant: Grant) -> str:
        await _free(qpilot.customer(grant.tickets, grant.site_id, customer.id, request_id=ref))
        return await qpilot.create_customer(grant.tickets, grant.site_id, customer, request_id=ref)

    notes = {"customer": customer.id}
    write = Write(NEW_CUSTOMER, _target(ports, actor, customer.id), channel, send, notes)
    return await _found(ports, actor, write, ref, customer.id)


async def add_payment_method(
    ports: Ports, actor: Actor, method: NewPaymentMethod, ref: str, *, channel: str = ""
) -> Founding:
    """Give a customer a payment method: a gateway's tokens, never a card's number (seed 004, step 3)."""
    if fields := check_payment_method(method):
        return InvalidInput(fields)
    customer_id = method.customer_id or ""
    before = await scheduled.payment_methods(ports.qpilot, actor, customer_id)
    if not isinstance(before, Done):
        return before

    qpilot = ports.qpilot.qpilot
    notes = {"customer": customer_id, "type": method.type, "before": [one.id for one in before.value]}

    async def send(grant: Grant) -> int | None:
        now = await qpilot.payment_methods(grant.tickets, grant.site_id, customer_id, request_id=ref)
        _unmade(method_since(now, notes))
        return await qpilot.create_payment_method(grant.tickets, grant.site_id, method, request_id=ref)

    target = _target(ports, actor, customer_id, digest(method)[:_SHORT])
    write = Write(NEW_PAYMENT_METHOD, target, channel, send, notes, repeatable=False)
    return await _found(ports, actor, write, ref, new_payment_method)


async def create_product(ports: Ports, actor: Actor, product: NewProduct, ref: str, *, channel: str = "") -> Founding:
    """Make a product (seed 004, step 4); merchants only."""
    if fields := check_product(product):
        return InvalidInput(fields)
    if (no := _not_a_merchant(ports, actor)) is not None:
        return no
    found = await scheduled.product(ports.qpilot, actor, product.id)
    if (against := _taken(found, product.id)) is not None:
        return against

    qpilot = ports.qpilot.qpilot

    async def send(grant: Grant) -> str:
        await _free(qpilot.product(grant.tickets, grant.site_id, product.id, request_id=ref))
        return await qpilot.create_product(grant.tickets, grant.site_id, product, request_id=ref)

    write = Write(NEW_PRODUCT, _target(ports, actor, product.id), channel, send, {"product": product.id})
    return await _found(ports, actor, write, ref, product.id)


async def create_scheduled_order(
    ports: Ports, actor: Actor, order: NewOrder, ref: str, *, channel: str = ""
) -> Founding:
    """Make a scheduled order (seed 004, step 5); it may charge a card, so it is never sent again by itself."""
    if fields := check_order(order):
        return InvalidInput(fields)
    before = await orders_of(ports, actor, order.customer_id)
    if not isinstance(before, Done):
        return before

    ids = [one.id for one in before.value]
    notes = {"customer": order.customer_id, "items": amounts(order), "before": ids}

    async def send(grant: Grant) -> int | None:
        _unmade(order_since(await orders_with(ports, grant, order.customer_id, ref), notes))
        return await ports.qpilot.qpilot.create_order(grant.tickets, grant.site_id, order, request_id=ref)

    target = _target(ports, actor, order.customer_id, digest(order)[:_SHORT])
    write = Write(NEW_ORDER, target, channel, send, notes, repeatable=False)
    return await _found(ports, actor, write, ref, new_order)


async def _found(
    ports: Ports, actor: Actor, write: Write[Grant, Any], ref: str, known: str | Callable[[Ports, Action], Find]
) -> Founding:
    """Send it once and look for it; ``known`` is the id that we chose, or how to find the one that QPilot chose."""
    sent = await once(ports, ports.qpilot, actor, write, LOOKS[write.kind], ref)
    if isinstance(sent, Refused) and sent.fields:
        return InvalidInput(sent.fields)
    if not isinstance(sent, Sent):
        return sent
    if isinstance(known, str):
        return Founded(known, sent.action, await LOOKS[write.kind](ports, sent.action) is Verdict.DONE)
    looked = await known(ports, sent.action)
    found = looked.value if isinstance(looked, Done) else None
    number = sent.value or found
    return Founded(None if number is None else str(number), sent.action, found is not None)


async def _free(look: Awaitable[object]) -> None:
    """Raise MovedOn if there is a record of the wanted id by now: one was made between the look and the claim."""
    try:
        await look
    except NotFound:
        return
    raise MovedOn(QPILOT)


def _unmade(number: int | None) -> None:
    """The same for a record whose id QPilot chooses; it would be taken for ours afterwards."""
    if number is not None:
        raise MovedOn(QPILOT)


def _taken(found: Outcome[T], wanted: str) -> AlreadyThere | Refused | Unknown | None:
    """What stands in the way of a new record: one with the same id, or not knowing whether there is one."""
    if isinstance(found, Done):
        return AlreadyThere(wanted)
    return None if missing(found) else found


def _not_a_merchant(ports: Ports, actor: Actor) -> Refused | None:
    place = ports.qpilot.place(actor)
    return MERCHANTS_ONLY if place is not None and place.scope != "Merchant" else None


def _target(ports: Ports, actor: Actor, *names: str) -> str:
    """Ids of customers and products belong to one site, so two sites' are told apart."""
    place = ports.qpilot.place(actor)
    plain = (one if _PLAIN_ID.fullmatch(one) else digest(one)[:_SHORT] for one in names)  # some are e-mail addresses
    return "/".join((str(place.site_id) if place else "", *plain))
