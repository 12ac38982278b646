"""What became of a write at QPilot, found out by reading with the connection of whoever asked (DESIGN.md §4.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from backends.qpilot.new import NewOrder
from backends.qpilot.order import PaymentMethod, ScheduledOrder
from operations.changes import person
from operations.correction import Verdict
from operations.linking import Actor
from operations.once import Look
from operations.outcome import Done, Outcome, Reason, Refused
from operations.packing import unpack
from operations.ports import Ports
from operations.qpilot_accounts import Grant
from operations.scheduled import customer, payment_methods, product, read
from operations.steer_changes import CHANGES, Cancel, Seen, change_of, seen_of, verdict
from store.ledger import Action

T = TypeVar("T")
NEW_CUSTOMER, NEW_PAYMENT_METHOD = "scheduled.customer", "scheduled.payment_method"
NEW_PRODUCT, NEW_ORDER = "scheduled.product", "scheduled.create"
LANDS_WITHIN = timedelta(minutes=15)
"""After so long without a trace, a write whose answer was lost will not take effect any more: an assumption of ours."""


async def steered(ports: Ports, action: Action) -> Verdict:
    """Whether the scheduled order shows the change."""
    change = change_of(action.kind, action.payload["change"])
    found = await read(ports.qpilot, person(action), int(action.target))
    if missing(found) and isinstance(change, Cancel):
        return Verdict.DONE
    if not isinstance(found, Done):
        return Verdict.UNKNOWN
    judged = verdict(change, unpack(Seen, action.payload["before"]), seen_of(found.value))
    return judged if change.repeatable or judged is not Verdict.NOT_DONE else _absent(ports, action)


async def customer_made(ports: Ports, action: Action) -> Verdict:
    """Whether there is a customer of the id that we chose; there was none before."""
    return _there(await customer(ports.qpilot, person(action), action.payload["customer"]))


async def product_made(ports: Ports, action: Action) -> Verdict:
    """Whether there is a product of the id that we chose; there was none before."""
    return _there(await product(ports.qpilot, person(action), action.payload["product"]))


async def payment_method_made(ports: Ports, action: Action) -> Verdict:
    """Whether the customer has one more payment method of this gateway than before."""
    return _by_id(ports, action, await new_payment_method(ports, action))


async def order_made(ports: Ports, action: Action) -> Verdict:
    """Whether the customer has one more scheduled order with these items than before."""
    return _by_id(ports, action, await new_order(ports, action))


async def new_payment_method(ports: Ports, action: Action) -> Outcome[int | None]:
    """The payment method that was not there before, of the gateway that was asked for.

    Its tokens are not compared: they are never kept, and QPilot's are never read.
    """
    found = await payment_methods(ports.qpilot, person(action), action.payload["customer"])
    return Done(method_since(found.value, action.payload)) if isinstance(found, Done) else found


async def new_order(ports: Ports, action: Action) -> Outcome[int | None]:
    """The customer's scheduled order that was not there before and has the items that were asked for."""
    found = await orders_of(ports, person(action), action.payload["customer"])
    return Done(order_since(found.value, action.payload)) if isinstance(found, Done) else found


def method_since(found: Iterable[PaymentMethod], notes: Mapping[str, Any]) -> int | None:
    """The first one that is not among ``before`` and of the gateway ``type``."""
    new = (one.id for one in found if one.id not in notes["before"] and one.type == notes["type"])
    return next(new, None)


def order_since(found: Iterable[ScheduledOrder], notes: Mapping[str, Any]) -> int | None:
    """The first one that is not among ``before`` and has these ``items``."""
    new = (one.id for one in found if one.id not in notes["before"] and amounts(one) == notes["items"])
    return next(new, None)


async def orders_of(ports: Ports, actor: Actor, customer_id: str) -> Outcome[tuple[ScheduledOrder, ...]]:
    """All scheduled orders of one customer, also deleted ones."""
    return await ports.qpilot.call(actor, lambda grant: orders_with(ports, grant, customer_id))


async def orders_with(ports: Ports, grant: Grant, customer_id: str, ref: str = "") -> tuple[ScheduledOrder, ...]:
    """The same, in a conversation that is open."""
    qpilot = ports.qpilot.qpilot
    return await qpilot.customer_orders(grant.tickets, grant.site_id, customer_id, include_deleted=True, request_id=ref)


def amounts(order: ScheduledOrder | NewOrder) -> dict[str, int]:
    """How many of each product."""
    found: Counter[str] = Counter()
    for item in order.items if isinstance(order, ScheduledOrder) else order.scheduled_order_items:
        found[item.product_id] += item.quantity or 0
    return dict(found)


def _there(found: Outcome[T]) -> Verdict:
    if isinstance(found, Done):
        return Verdict.DONE
    return Verdict.NOT_DONE if missing(found) else Verdict.UNKNOWN


def _by_id(ports: Ports, action: Action, found: Outcome[int | None]) -> Verdict:
    if not isinstance(found, Done):
        return Verdict.UNKNOWN
    return _absent(ports, action) if found.value is None else Verdict.DONE


def _absent(ports: Ports, action: Action) -> Verdict:
    """Nothing of it is to be seen: it may still be on its way, and must not be sent twice."""
    return Verdict.NOT_DONE if ports.now() - action.created_at >= LANDS_WITHIN else Verdict.UNKNOWN


def missing(found: Outcome[T]) -> bool:
    """Whether QPilot has no such record, or not for this account."""
    return isinstance(found, Refused) and found.reason is Reason.NOT_FOUND


LOOKS: Mapping[str, Look] = {
    **dict.fromkeys(CHANGES, steered),
    NEW_CUSTOMER: customer_made,
    NEW_PAYMENT_METHOD: payment_method_made,
    NEW_PRODUCT: product_made,
    NEW_ORDER: order_made,
}
"""How each kind of write is judged, from what the ledger kept of it alone."""
