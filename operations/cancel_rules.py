"""The decisions about cancelling, without any asking or sending (seed 002, apis/quivo.md §5.7, §5.8)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from backends.quivo.order import CANCELLED as ORDER_CANCELLED
from backends.quivo.order import COMPLETED, Order
from operations.changes import CANCELLED, SHIPPED, digest
from operations.outcome import Reason, Refused
from operations.status import abilities
from store.preferences import Preferences

FIRST_LOOK = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
LOOK_FOR = timedelta(days=1)

_INSTEAD = {
    COMPLETED: "It was handed to the carrier already, so it can't be cancelled. Arrange a return with Quivo instead.",
    ORDER_CANCELLED: "It is cancelled already, so there is nothing left to do. `/order copy` makes a new one like it.",
}
ASKED_ALREADY = Refused(
    Reason.NO,
    "Quivo was asked to cancel it already, so I did not ask again. `/order watch` says here when its status changes.",
)


def fingerprint(order: Order) -> str:
    """What a decision about an order hangs on: status, positions, delivery address, cancellation asked (CHECKS E4)."""
    return digest(order.status, order.positions, order.delivery_address, order.cancel_requested)


def forbidden(order: Order) -> Refused | None:
    """Why an order as it is now is not to be cancelled, and what to do instead; a status we do not know is not."""
    if abilities(order.status).cancel is False:
        return Refused(Reason.NO, _INSTEAD[order.status])
    return ASKED_ALREADY if order.cancel_requested else None


def settled(order: Order) -> str | None:
    """How a cancellation ended, once the order's status says so."""
    return {ORDER_CANCELLED: CANCELLED, COMPLETED: SHIPPED}.get(order.status)


def next_look(attempt: int) -> timedelta | None:
    """The wait before look number ``attempt`` (1 = the first): 2 s, doubled up to 15 minutes; None after a day."""
    waits, total = FIRST_LOOK, timedelta(0)
    for _ in range(attempt - 1):
        total += waits
        waits = min(waits * 2, LONGEST_WAIT)
        if total >= LOOK_FOR:
            return None
    return waits


def value(order: Order) -> Decimal | None:
    """What an order is worth by its positions; None if any price or quantity is missing or below zero."""
    total = Decimal(0)
    for line in order.positions:
        if line.price is None or line.quantity is None or line.price < 0 or line.quantity < 0:
            return None
        total += line.price * line.quantity
    return total if order.positions else None


def needs_approval(preferences: Preferences, order: Order, rank: int) -> str | None:
    """Why a second person must agree, or None; ``rank`` is which cancellation of this person's day it is (1 = first).

    What is not known (a price, the currency) counts as above the limit.
    """
    most = preferences.approval_above_count
    if most is not None and rank > most:
        return f"It is cancellation number {rank} of the last 24 hours; above {most} a second person must agree."
    limit, currency = preferences.approval_above_value, preferences.approval_currency
    if limit is None:
        return None
    worth = value(order)
    if worth is None or (currency is not None and order.currency != currency):
        return "I can't tell what the order is worth, so a second person must agree."
    if worth > limit:
        return f"The order is worth more than {limit} {currency or ''}".rstrip() + ", so a second person must agree."
    return None
