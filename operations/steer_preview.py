"""What a change of a scheduled order will make different, and what speaks against it (apis/qpilot.md §7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from backends.errors import FieldError
from backends.qpilot.check import check_frequency
from backends.qpilot.entities import Site
from backends.qpilot.failures import failure
from backends.qpilot.order import ACTIVE, DELETED, FAILED, PAUSED, PROCESSING, QUEUED, Item, ScheduledOrder
from operations.frequency import following, in_words
from operations.site_time import zone_of
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
    item_of,
    mark,
    seen_of,
)

Value = str | int | Decimal | datetime | tuple[Line, ...] | None


class Caution(StrEnum):
    """What a person should know before they say yes; ``SAID`` has the sentence."""

    CHARGES_NOW = "charges_now"
    DATE_MOVES = "date_moves"
    MAY_CHARGE = "may_charge"
    MAY_BE_CHARGED = "may_be_charged"
    IN_DUNNING = "in_dunning"
    LOCKED = "locked"
    PAUSED_SITE = "paused_site"
    EMPTY = "empty"
    TOTAL_LATER = "total_later"
    RESTORABLE = "restorable"


SAID: dict[Caution, str] = {
    Caution.CHARGES_NOW: "It is due already, so QPilot will process it and charge at once.",
    Caution.DATE_MOVES: "It is due already, so QPilot will move its date behind the site's lock.",
    Caution.MAY_CHARGE: "This may charge the customer's card. I send it once and never repeat it by myself.",
    Caution.MAY_BE_CHARGED: "The customer may already be charged: look at the payment gateway first.",
    Caution.IN_DUNNING: "QPilot already tries it again by itself (dunning).",
    Caution.LOCKED: "It is locked shortly before its date, so QPilot may refuse this.",
    Caution.PAUSED_SITE: "The site's processing is paused, so nothing is charged until it is resumed.",
    Caution.EMPTY: "No item will be left, and an order without items fails.",
    Caution.TOTAL_LATER: "QPilot reckons shipping and tax anew, so the total can change.",
    Caution.RESTORABLE: "QPilot keeps it as deleted; it can be restored.",
}


@dataclass(frozen=True)
class Difference:
    """One thing that will be different.

    ``what`` is status, next_occurrence, following (the occurrence after the next), frequency, items, subtotal, total or
    payment_method_id.
    """

    what: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Preview:
    """What ``change`` would do to ``order``; ``refusal`` says why it can't be done, ``seen`` is for ``apply``.

    ``fields`` are wrong inputs, under QPilot's own names.
    """

    order: ScheduledOrder
    site: Site
    change: AnyChange
    differences: tuple[Difference, ...]
    cautions: tuple[Caution, ...]
    refusal: str | None
    fields: tuple[FieldError, ...]
    seen: str


def preview(order: ScheduledOrder, change: AnyChange, site: Site, now: datetime) -> Preview:
    """What will be different, without asking anybody; times are UTC, money is in the order's currency."""
    return Preview(
        order=order,
        site=site,
        change=change,
        differences=tuple(one for one in _differences(order, change, site, now) if one.before != one.after),
        cautions=_cautions(order, change, site, now),
        refusal=refusal(order, change),
        fields=invalid(change, now),
        seen=mark(order),
    )


def refusal(order: ScheduledOrder, change: AnyChange) -> str | None:
    """Why this status does not allow it (apis/qpilot.md §7); None where it does, or where only QPilot knows."""
    status = order.status
    if status == PROCESSING:
        return "QPilot is processing it right now, so it can't be changed. Please try again in a few minutes."
    if isinstance(change, Restore):
        return None if status == DELETED else f"It is not cancelled, so there is nothing to restore: it is {status}."
    if status == DELETED:
        return "It is cancelled already." if isinstance(change, Cancel) else "It is cancelled. Restore it first."
    match change:
        case Pause() if status == PAUSED:
            return "It is paused already."
        case Pause() if status == FAILED:
            return "It has failed, so it does not run by itself. Resume or cancel it."
        case Resume() if status in (ACTIVE, QUEUED):
            return "It is active already."
        case Retry() if status != FAILED:
            return f"Only a failed one can be tried again, and it is {status}."
        case Quantity(item_id) | RemoveItem(item_id) if item_of(order, item_id) is None:
            return "That item is no longer on it."
    return None


def invalid(change: AnyChange, now: datetime) -> tuple[FieldError, ...]:
    """What is wrong with the inputs, under QPilot's own names."""
    match change:
        case Reschedule(to) if to <= now:
            return (FieldError("nextOccurrenceUtc", "It must be in the future."),)
        case Frequency(frequency_type, frequency):
            return check_frequency(frequency_type, frequency)
        case AddItems(()):
            return (FieldError("scheduledOrderItems", "Choose at least one product."),)
        case AddItems(items):
            return tuple(
                FieldError(f"scheduledOrderItems[{place}].quantity", "It must be at least 1.")
                for place, item in enumerate(items)
                if item.quantity < 1
            )
        case Quantity(quantity=quantity) if quantity < 1:
            return (FieldError("quantity", "It must be at least 1. To have none, remove the item."),)
    return ()


def due_now(order: ScheduledOrder, site: Site, now: datetime) -> bool:
    """Whether QPilot would take it up at once if it were active: due today or before, by the site's day (§7)."""
    if order.next_occurrence is None:
        return False
    offset = order.next_occurrence_offset
    days = (site.processing_offset_days if offset is None else offset) or 0
    zone = zone_of(site)
    due = order.next_occurrence - timedelta(days=days)
    return due.astimezone(zone).date() <= now.astimezone(zone).date()


def _differences(order: ScheduledOrder, change: AnyChange, site: Site, now: datetime) -> tuple[Difference, ...]:
    match change:
        case Pause():
            return (Difference("status", order.status, PAUSED),)
        case Cancel():
            return (Difference("status", order.status, DELETED),)
        case Retry():
            return (Difference("status", order.status, QUEUED),)
        case Resume() | Restore():
            return (Difference("status", order.status, ACTIVE), *_moved(order, site, now))
        case Reschedule(to):
            return (Difference("next_occurrence", order.next_occurrence, to), *_following(order, site, to=to))
        case Frequency(frequency_type, frequency):
            before = in_words(order.frequency_type, order.frequency, order.frequency_name)
            words = Difference("frequency", before, in_words(frequency_type, frequency))
            return (words, *_following(order, site, frequency_type=frequency_type, frequency=frequency))
        case Payment(payment_method_id):
            return (Difference("payment_method_id", order.payment_method_id, payment_method_id),)
        case AddItems() | Quantity() | RemoveItem():
            return _items(order, change)


def _moved(order: ScheduledOrder, site: Site, now: datetime) -> tuple[Difference, ...]:
    """Where the site locks, activating a due order moves it to behind the lock instead of charging it (§7)."""
    if not (due_now(order, site, now) and _behind_the_lock(site)):
        return ()
    return (Difference("next_occurrence", order.next_occurrence, now + timedelta(days=_behind_the_lock(site))),)


def _behind_the_lock(site: Site) -> int:
    return (site.lock_days or 0) + (site.processing_offset_days or 0)


def _following(
    order: ScheduledOrder,
    site: Site,
    *,
    to: datetime | None = None,
    frequency_type: str | None = None,
    frequency: int | None = None,
) -> tuple[Difference, ...]:
    """The occurrence after the next one, as far as we can reckon it."""
    if order.next_occurrence is None:
        return ()
    zone, now_type, now_number = zone_of(site), order.frequency_type, order.frequency
    before = following(order.next_occurrence, now_type, now_number, zone)
    then = following(to or order.next_occurrence, frequency_type or now_type, frequency or now_number, zone)
    return (Difference("following", before, then),) if before and then else ()


def _items(order: ScheduledOrder, change: AddItems | Quantity | RemoveItem) -> tuple[Difference, ...]:
    before = seen_of(order).lines
    if isinstance(change, AddItems):
        after = (*before, *(Line(0, one.product_id, one.quantity) for one in change.items))
    elif isinstance(change, Quantity):
        after = tuple(replace(one, quantity=change.quantity) if one.id == change.item_id else one for one in before)
    else:
        after = tuple(one for one in before if one.id != change.item_id)
    return (Difference("items", before, after), *_money(order, change))


def _money(order: ScheduledOrder, change: AddItems | Quantity | RemoveItem) -> tuple[Difference, ...]:
    """The new subtotal, where QPilot's present one is the sum of the lines; the total too if nothing else is in it."""
    now, then = _sum(order.items), _sum(_changed(order.items, change))
    if now is None or then is None or now != order.subtotal:
        return ()
    subtotal = Difference("subtotal", now, then)
    if order.total != order.subtotal:
        return (subtotal,)
    return (subtotal, Difference("total", now, then))


def _changed(items: tuple[Item, ...], change: AddItems | Quantity | RemoveItem) -> tuple[Item, ...]:
    match change:
        case AddItems(added):
            return (*items, *(Item(0, it.product_id, it.quantity, it.price, it.sale_price) for it in added))
        case Quantity(item_id, quantity):
            return tuple(replace(it, quantity=quantity) if it.id == item_id else it for it in items)
        case RemoveItem(item_id):
            return tuple(it for it in items if it.id != item_id)


def _sum(items: tuple[Item, ...]) -> Decimal | None:
    amounts = [_amount(item) for item in items]
    return None if None in amounts else sum((one for one in amounts if one is not None), Decimal(0))


def _amount(item: Item) -> Decimal | None:
    price = item.price if item.sale_price is None else item.sale_price
    return None if price is None or item.quantity is None else price * item.quantity


def _cautions(order: ScheduledOrder, change: AnyChange, site: Site, now: datetime) -> tuple[Caution, ...]:
    found: list[Caution] = []
    if isinstance(change, Resume | Restore | Retry):
        found += _charging(order, change, site, now)
    if order.locked and not isinstance(change, Payment | Retry | Restore):
        found.append(Caution.LOCKED)
    if isinstance(change, Cancel):
        found.append(Caution.RESTORABLE)
    if isinstance(change, RemoveItem) and len(order.items) == 1:
        found.append(Caution.EMPTY)
    if isinstance(change, AddItems | Quantity | RemoveItem):
        found.append(Caution.TOTAL_LATER)
    return tuple(found)


def _charging(order: ScheduledOrder, change: Resume | Restore | Retry, site: Site, now: datetime) -> list[Caution]:
    """What is to be said where money may move; a paused site still processes what is retried by hand (§7)."""
    found = []
    if isinstance(change, Retry):
        found.append(Caution.MAY_CHARGE)
    elif due_now(order, site, now):
        found.append(Caution.DATE_MOVES if _behind_the_lock(site) else Caution.CHARGES_NOW)
        if site.processing_paused:
            found.append(Caution.PAUSED_SITE)
    if order.status == FAILED and failure(order.error_code).may_have_charged:
        found.append(Caution.MAY_BE_CHARGED)
    if order.in_dunning:
        found.append(Caution.IN_DUNNING)
    return found
