"""What is different in a scheduled order, before → after: in a preview, and in what is said when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from backends.qpilot.order import ScheduledOrder
from handlers.render import limits
from handlers.render.build import Element, bold, bullets, own, say
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.money import money
from handlers.render.profile import Profile
from handlers.render.scheduled_parts import item_name, payment_method
from handlers.render.scheduled_profile import ALLOWED
from handlers.render.scheduled_states import status
from handlers.render.times import when
from operations.frequency import in_words
from operations.steer_changes import Line, Seen
from operations.steer_preview import Difference, Value

_NAMES = {
    "status": "Status",
    "next_occurrence": "Next occurrence",
    "following": "The one after it",
    "frequency": "Recurs",
    "items": "Items",
    "subtotal": "Items cost",
    "total": "Total",
    "payment_method_id": "Payment method",
}
_PATHS = {"following": "next_occurrence", "items": "items.title", "payment_method_id": "payment_method.type"}
Labels = Mapping[str, str]
NO_LABELS: Labels = {}


def between(before: Seen, after: Seen) -> tuple[Difference, ...]:
    """What of the parts that a change can touch differs between two looks at an order."""
    pairs: tuple[tuple[str, Value, Value], ...] = (
        ("status", before.status, after.status),
        ("next_occurrence", before.next_occurrence, after.next_occurrence),
        ("frequency", _words(before), _words(after)),
        ("items", before.lines, after.lines),
        ("payment_method_id", before.payment_method_id, after.payment_method_id),
    )
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def labels_of(order: ScheduledOrder) -> dict[str, str]:
    """What products and the present payment method of an order are called, by their ids."""
    paid_by = payment_method(order.payment_method)
    method = {str(order.payment_method_id): paid_by} if paid_by and order.payment_method_id else {}
    return {**{item.product_id: item_name(item) for item in order.items}, **method}


def lines(
    differences: Iterable[Difference],
    profile: Profile,
    *,
    currency: str | None = None,
    labels: Labels = NO_LABELS,
    title: str = "Changes",
) -> list[Block]:
    """A line for each, with its values where this profile may show them, else with its name alone.

    ``labels`` are what products and payment methods are called, by their ids; text from outside.
    """
    shown: list[Difference] = []
    named: list[Difference] = []
    for one in differences:
        may = _PATHS.get(one.what, one.what) in ALLOWED[profile]
        (shown if may else named).append(one)
    moments = [_moment(one) for one in shown if _is_moment(one)]
    rest = [_line(one, currency, labels) for one in shown if not _is_moment(one)]
    rest += [[say(_NAMES.get(one.what, one.what))] for one in named]
    return [
        *([bullets(title, rest)] if rest else []),
        *([{"type": "section", "fields": moments}] if moments else []),
    ]


def _is_moment(one: Difference) -> bool:
    return isinstance(one.before, datetime) or isinstance(one.after, datetime)


def _moment(one: Difference) -> Block:
    """In mrkdwn, so that each reader sees their own zone; there is no word from outside in it."""
    was, now = (when(at) if isinstance(at, datetime) else "none" for at in (one.before, one.after))
    return own(f"*{_NAMES[one.what]}*\n{was} → {now}")


def _line(one: Difference, currency: str | None, labels: Labels) -> Sequence[Element]:
    was, now = (_value(one.what, value, currency, labels) for value in (one.before, one.after))
    values = [say(was, limits.MODAL_VALUE), say(" → "), say(now, limits.MODAL_VALUE)]
    return [bold(f"{_NAMES.get(one.what, one.what)}: "), *values]


def _value(what: str, value: Value, currency: str | None, labels: Labels) -> str:
    match value:
        case None:
            return "none"
        case Decimal():
            return money(value, currency)
        case tuple():
            return ", ".join(_items(value, labels)) or "none"
        case str() if what == "status":
            return status(value).word
        case int() if what == "payment_method_id":
            return plain(labels.get(str(value), "")) or f"number {value}"
        case _:
            return str(value)


def _items(held: tuple[Line, ...], labels: Labels) -> Iterator[str]:
    for line in held:
        called = plain(labels.get(line.product_id, "")) or f"product {plain(line.product_id)}"
        yield f"{line.quantity} × {called}" if line.quantity is not None else called


def _words(seen: Seen) -> str | None:
    if seen.frequency is None and seen.frequency_type is None:
        return None
    return in_words(seen.frequency_type, seen.frequency)
