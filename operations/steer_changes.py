"""The changes of a scheduled order: what each writes, and how the order tells afterwards (apis/qpilot.md §6.1, §7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from backends.qpilot.new import NewItem
from backends.qpilot.order import ACTIVE, DELETED, FAILED, PAUSED, PROCESSING, QUEUED, Item, ScheduledOrder
from operations.changes import digest
from operations.correction import Verdict
from operations.packing import unpack
from operations.qpilot_accounts import Grant, Qpilot

RUNNING = (ACTIVE, QUEUED, PROCESSING)


@dataclass(frozen=True)
class Line:
    """One line of a scheduled order as far as a change touches it."""

    id: int
    product_id: str
    quantity: int | None = None


@dataclass(frozen=True)
class Seen:
    """The part of an order that some change touches, as it was; kept in the ledger."""

    status: str
    next_occurrence: datetime | None = None
    frequency: int | None = None
    frequency_type: str | None = None
    payment_method_id: int | None = None
    lines: tuple[Line, ...] = ()
    error_code: int | None = None
    failure_reason: str | None = None
    updated: datetime | None = None


class Change(Protocol):
    """One change of one scheduled order; it can be kept as JSON."""

    kind: ClassVar[str]
    repeatable: ClassVar[bool]

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """The one write; ``order`` is as it was just read."""
        ...

    def shows(self, before: Seen, after: Seen) -> bool:
        """Whether the order shows what was written."""
        ...

    def same(self, before: Seen, after: Seen) -> bool:
        """Whether what this change touches is as it was."""
        ...


class _Status:
    """What changes of the status have in common."""

    repeatable: ClassVar[bool] = True
    target: ClassVar[tuple[str, ...]] = RUNNING

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return after.status in self.target

    def same(self, before: Seen, after: Seen) -> bool:
        """See Change; one that failed again has another reason or time."""
        tried = FAILED in (before.status, after.status) and _attempt(before) != _attempt(after)
        return before.status == after.status and not tried


class _Lines:
    """What changes of the lines have in common."""

    repeatable: ClassVar[bool] = True

    def same(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return sorted(before.lines, key=_id) == sorted(after.lines, key=_id)


@dataclass(frozen=True)
class Pause(_Status):
    """Put it on hold."""

    kind: ClassVar[str] = "scheduled.pause"
    target: ClassVar[tuple[str, ...]] = (PAUSED,)

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.set_status(grant.tickets, grant.site_id, order.id, "Paused", request_id=ref)


@dataclass(frozen=True)
class Resume(_Status):
    """Activate a paused, failed or snoozed one; one that is due is charged at once."""

    kind: ClassVar[str] = "scheduled.resume"

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.safe_activate(grant.tickets, grant.site_id, order.id, request_id=ref)


@dataclass(frozen=True)
class Cancel(_Status):
    """Delete it, softly: ``Restore`` brings it back."""

    kind: ClassVar[str] = "scheduled.cancel"
    target: ClassVar[tuple[str, ...]] = (DELETED,)

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.delete(grant.tickets, grant.site_id, order.id, request_id=ref)


@dataclass(frozen=True)
class Restore(_Status):
    """Bring a cancelled one back; one that is due is charged at once."""

    kind: ClassVar[str] = "scheduled.restore"

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.safe_activate(grant.tickets, grant.site_id, order.id, allow_deleted=True, request_id=ref)


@dataclass(frozen=True)
class Retry(_Status):
    """Process a failed one again, which may charge a card: never repeated by itself."""

    kind: ClassVar[str] = "scheduled.retry"
    repeatable: ClassVar[bool] = False

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.retry(grant.tickets, grant.site_id, order.id, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change; one that was tried and failed again has another reason or time."""
        return after.status in RUNNING or _attempt(before) != _attempt(after)


@dataclass(frozen=True)
class Reschedule:
    """Move the next occurrence."""

    to: datetime
    kind: ClassVar[str] = "scheduled.reschedule"
    repeatable: ClassVar[bool] = True

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.set_next_occurrence(grant.tickets, grant.site_id, order, self.to, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change; QPilot may cut fractions of a second."""
        return _second(after.next_occurrence) == _second(self.to)

    def same(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return before.next_occurrence == after.next_occurrence


@dataclass(frozen=True)
class Skip(Reschedule):
    """Leave one occurrence out; ``to`` is the following one, which QPilot's calculator gave (apis/qpilot.md §6.1)."""

    kind: ClassVar[str] = "scheduled.skip"


@dataclass(frozen=True)
class Frequency:
    """Change how often it recurs."""

    frequency_type: str
    frequency: int
    kind: ClassVar[str] = "scheduled.frequency"
    repeatable: ClassVar[bool] = True

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        how = (self.frequency_type, self.frequency)
        await qpilot.set_frequency(grant.tickets, grant.site_id, order.id, *how, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return (after.frequency_type, after.frequency) == (self.frequency_type, self.frequency)

    def same(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return (before.frequency_type, before.frequency) == (after.frequency_type, after.frequency)


@dataclass(frozen=True)
class AddItems(_Lines):
    """Add lines to it."""

    items: tuple[NewItem, ...]
    kind: ClassVar[str] = "scheduled.items.add"
    repeatable: ClassVar[bool] = False

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.add_items(grant.tickets, grant.site_id, order.id, self.items, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change: a line that was not there, or one that has grown by as much, for each that was added."""
        left = _amounts(after.lines)
        for product_id, quantity in _amounts(before.lines).items():
            left[product_id] = left.get(product_id, 0) - quantity
        wanted = _amounts(tuple(Line(0, one.product_id, one.quantity) for one in self.items))
        return all(left.get(product_id) == quantity for product_id, quantity in wanted.items())


@dataclass(frozen=True)
class Quantity(_Lines):
    """Change how many of one line."""

    item_id: int
    quantity: int
    kind: ClassVar[str] = "scheduled.items.quantity"

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        item = item_of(order, self.item_id)
        assert item is not None  # noqa: S101, apply() has looked
        await qpilot.change_item(grant.tickets, grant.site_id, item, self.quantity, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return any(line.id == self.item_id and line.quantity == self.quantity for line in after.lines)


@dataclass(frozen=True)
class RemoveItem(_Lines):
    """Remove one line for good."""

    item_id: int
    kind: ClassVar[str] = "scheduled.items.remove"

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.remove_item(grant.tickets, grant.site_id, self.item_id, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return all(line.id != self.item_id for line in after.lines)


@dataclass(frozen=True)
class Payment:
    """Choose another of the customer's payment methods; allowed within the lock window too (apis/qpilot.md §7)."""

    payment_method_id: int
    kind: ClassVar[str] = "scheduled.payment"
    repeatable: ClassVar[bool] = True

    async def send(self, qpilot: Qpilot, grant: Grant, order: ScheduledOrder, ref: str) -> None:
        """See Change."""
        await qpilot.set_payment_method(grant.tickets, grant.site_id, order.id, self.payment_method_id, request_id=ref)

    def shows(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return after.payment_method_id == self.payment_method_id

    def same(self, before: Seen, after: Seen) -> bool:
        """See Change."""
        return before.payment_method_id == after.payment_method_id


AnyChange = (
    Pause
    | Resume
    | Cancel
    | Restore
    | Retry
    | Reschedule
    | Skip
    | Frequency
    | AddItems
    | Quantity
    | RemoveItem
    | Payment
)
CHANGES: Mapping[str, type[Any]] = {
    one.kind: one
    for one in (
        Pause,
        Resume,
        Cancel,
        Restore,
        Retry,
        Reschedule,
        Skip,
        Frequency,
        AddItems,
        Quantity,
        RemoveItem,
        Payment,
    )
}


def change_of(kind: str, packed: Mapping[str, Any]) -> AnyChange:
    """The change that was kept in the ledger."""
    change: AnyChange = unpack(CHANGES[kind], packed)
    return change


def seen_of(order: ScheduledOrder) -> Seen:
    """The part of an order that some change touches."""
    return Seen(
        status=order.status,
        next_occurrence=order.next_occurrence,
        frequency=order.frequency,
        frequency_type=order.frequency_type,
        payment_method_id=order.payment_method_id,
        lines=tuple(Line(item.id, item.product_id, item.quantity) for item in order.items),
        error_code=order.error_code,
        failure_reason=order.failure_reason,
        updated=order.updated,
    )


def mark(order: ScheduledOrder) -> str:
    """All that a preview shows of an order, for stale ones (CHECKS E4); ``updatedUtc`` alone is no proof (§8.7)."""
    seen = seen_of(order)
    prices = tuple((item.id, item.price, item.sale_price) for item in order.items)
    money = (order.total, order.currency, prices)
    return digest(seen, order.locked, order.in_dunning, *money)


def verdict(change: AnyChange, before: Seen, after: Seen) -> Verdict:
    """Whether the order shows what was written, or is still as it was before."""
    if change.shows(before, after):
        return Verdict.DONE
    return Verdict.NOT_DONE if change.same(before, after) else Verdict.UNKNOWN


def item_of(order: ScheduledOrder, item_id: int) -> Item | None:
    """The line of that id."""
    return next((item for item in order.items if item.id == item_id), None)


def _attempt(seen: Seen) -> tuple[object, ...]:
    return seen.status, seen.error_code, seen.failure_reason, seen.updated


def _amounts(lines: tuple[Line, ...]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for line in lines:
        amounts[line.product_id] = amounts.get(line.product_id, 0) + (line.quantity or 0)
    return amounts


def _second(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(microsecond=0)


def _id(line: Line) -> int:
    return line.id
