"""Steering a scheduled order: preview, once through the ledger, read back (apis/qpilot.md §7, §8.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backends.errors import FieldError
from backends.errors import Refused as BackendRefused
from backends.qpilot.order import ScheduledOrder
from operations.changes import AlreadyBeing
from operations.correction import Verdict
from operations.creating import InvalidInput
from operations.linking import QPILOT
from operations.once import Sent, Write, once
from operations.outcome import Done, Outcome, Reason, Refused, Unknown
from operations.packing import pack
from operations.ports import Ports
from operations.qpilot_accounts import Actor, Grant
from operations.qpilot_looks import LOOKS, missing
from operations.scheduled import Shown, read, shown, site_of
from operations.steer_changes import (
    AddItems,
    AnyChange,
    Cancel,
    Frequency,
    Line,
    Pause,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
    Restore,
    Resume,
    Retry,
    Skip,
    mark,
    seen_of,
    verdict,
)
from operations.steer_preview import SAID, Caution, Difference, Preview, invalid, preview, refusal
from store.ledger import Action

__all__ = [
    "SAID",
    "AddItems",
    "AnyChange",
    "Cancel",
    "Caution",
    "Difference",
    "Frequency",
    "Line",
    "NotAllowed",
    "Pause",
    "Payment",
    "Preview",
    "Quantity",
    "RemoveItem",
    "Reschedule",
    "Restore",
    "Resume",
    "Retry",
    "Skip",
    "Stale",
    "Steered",
    "Steering",
    "apply",
    "preview",
    "previewed",
    "skipped",
]

_MOST_SKIPPED = 12
_NO_DATE = Refused(Reason.NO, "It has no next occurrence that could be skipped.", back_end=QPILOT)
_TOO_OLD = Refused(
    Reason.NO, "Its next occurrence is too long ago to be skipped. Reschedule it instead.", back_end=QPILOT
)


@dataclass(frozen=True)
class Steered:
    """It was done; ``after`` is the order as read again, or None if that failed.

    ``visible`` is whether the change shows there: only then may it be called *cancelled*, *paused* and so on.
    """

    before: ScheduledOrder
    after: ScheduledOrder | None
    visible: bool
    action: Action


@dataclass(frozen=True)
class Stale:
    """The order is no longer what the person saw; nothing was sent (CHECKS E4)."""

    order: ScheduledOrder


@dataclass(frozen=True)
class NotAllowed:
    """The status table forbids it; ``text`` says what to do instead, and nothing was sent."""

    order: ScheduledOrder
    text: str


class MovedOn(BackendRefused):
    """Known not done: somebody changed the order just before it would have been sent."""

    text = "The order changed just before I could do that, so nothing was sent. Please look at it and ask again."


Steering = Steered | NotAllowed | Stale | AlreadyBeing | InvalidInput | Refused | Unknown


async def previewed(ports: Ports, actor: Actor, order_id: int, change: AnyChange) -> Outcome[Preview]:
    """Read the order and its site, and say what the change would do."""
    found = await shown(ports.qpilot, actor, order_id)
    if not isinstance(found, Done):
        return found
    return Done(preview(found.value.order, change, found.value.site, ports.now()))


async def skipped(ports: Ports, actor: Actor, order_id: int) -> Outcome[Preview]:
    """What skipping the next occurrence would do; QPilot's calculator says which future one follows."""
    qpilot = ports.qpilot.qpilot

    async def ask(grant: Grant) -> tuple[Shown, datetime | None]:
        order = await qpilot.order(grant.tickets, grant.site_id, order_id)
        there = Shown(order, await site_of(qpilot, grant))
        moment, kind, number = order.next_occurrence, order.frequency_type, order.frequency
        if moment is None or kind is None or number is None:
            return there, None
        for _ in range(_MOST_SKIPPED):
            moment = await qpilot.next_occurrence(grant.tickets, grant.site_id, kind, number, moment)
            if moment > ports.now():
                return there, moment
        return there, ports.now()

    found = await ports.qpilot.call(actor, ask)
    if not isinstance(found, Done):
        return found
    there, to = found.value
    if to is None:
        return _NO_DATE
    if to <= ports.now():
        return _TOO_OLD
    return Done(preview(there.order, Skip(to), there.site, ports.now()))


async def apply(
    ports: Ports, actor: Actor, order_id: int, change: AnyChange, seen: str, ref: str, *, channel: str = ""
) -> Steering:
    """Read again, compare with what was seen, send once, read back; ``seen`` is that of the preview.

    What may charge (``Retry``) or add (``AddItems``) is not sent again while nobody knows what became of the last one.
    """
    found = await read(ports.qpilot, actor, order_id)
    if not isinstance(found, Done):
        return found
    order = found.value
    if (against := _against(order, change, seen, ports.now())) is not None:
        return against
    qpilot = ports.qpilot.qpilot

    async def send(grant: Grant) -> None:
        if not change.repeatable:  # somebody may have done it between the look and the claim
            now = await qpilot.order(grant.tickets, grant.site_id, order_id, request_id=ref)
            if mark(now) != seen:
                raise MovedOn(QPILOT)
        await change.send(qpilot, grant, order, ref)

    write = Write[Grant, None](
        kind=change.kind,
        target=str(order_id),
        channel=channel,
        send=send,
        notes={"change": pack(change), "before": pack(seen_of(order))},
        repeatable=change.repeatable,
    )
    sent = await once(ports, ports.qpilot, actor, write, LOOKS[change.kind], ref)
    if isinstance(sent, Refused) and sent.fields:
        return InvalidInput(sent.fields)
    return sent if not isinstance(sent, Sent) else await _read_back(ports, actor, change, order, sent.action)


def _against(
    order: ScheduledOrder, change: AnyChange, seen: str, now: datetime
) -> Stale | NotAllowed | InvalidInput | None:
    if mark(order) != seen:
        return Stale(order)
    fields: tuple[FieldError, ...] = invalid(change, now)
    if fields:
        return InvalidInput(fields)
    text = refusal(order, change)
    return None if text is None else NotAllowed(order, text)


async def _read_back(ports: Ports, actor: Actor, change: AnyChange, before: ScheduledOrder, action: Action) -> Steered:
    found = await read(ports.qpilot, actor, before.id)
    if not isinstance(found, Done):
        return Steered(before, None, missing(found) and isinstance(change, Cancel), action)
    after = found.value
    return Steered(before, after, verdict(change, seen_of(before), seen_of(after)) is Verdict.DONE, action)
