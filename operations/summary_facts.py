"""What a summary of scheduled orders says, and how it is reckoned: counts and exact sums (apis/qpilot.md §8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from backends.qpilot.failures import failure
from backends.qpilot.order import Row, ScheduledOrder
from operations.site_time import midnight

BASIS = "total"
STUCK_AFTER = timedelta(hours=1)
_DIGITS = 100


class Window(StrEnum):
    """Which days are summed up, by the site's calendar; WEEK is today and the six days after it."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "7d"


class Part(StrEnum):
    """One part of a summary, asked for by itself; ``Summary.missing`` names those that could not be had."""

    SITE = "site"
    DUE = "due"
    AT_RISK = "at_risk"
    STUCK = "stuck"
    FAILED = "failed"


@dataclass(frozen=True)
class Span:
    """The days that a summary is about: from ``since`` up to ``until`` in UTC, ``days`` by the site's calendar."""

    window: Window
    since: datetime
    until: datetime
    days: tuple[date, ...]


@dataclass(frozen=True)
class Source:
    """What numbers were made from: orders in these statuses, due in this span if there is one, as of this moment."""

    statuses: tuple[str, ...]
    as_of: datetime
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Amount:
    """Money in one currency; amounts in two are never added."""

    currency: str
    value: Decimal


@dataclass(frozen=True)
class Tally:
    """How many orders, and the sum of their ``total`` by currency; ``unpriced`` have no total or no currency."""

    count: int = 0
    amounts: tuple[Amount, ...] = ()
    unpriced: int = 0


@dataclass(frozen=True)
class Day:
    """What is due on one day of the site's calendar."""

    day: date
    tally: Tally


@dataclass(frozen=True)
class Due:
    """Active orders due in the span, day by day; ``past_due`` should have run before now and is in no other number.

    ``undated`` have no next occurrence. The instant that counts is ``nextOccurrenceUtc`` less the site's processing
    offset (apis/qpilot.md §7); an order's own offset is not in the list.
    """

    source: Source
    days: tuple[Day, ...]
    tally: Tally
    past_due: Tally
    undated: int = 0


@dataclass(frozen=True)
class Cause:
    """Failed orders of one group of causes; ``codes`` are those that occur, with how often."""

    group: str
    codes: tuple[tuple[int | None, int], ...]
    tally: Tally


@dataclass(frozen=True)
class Failed:
    """Failed orders by cause, the most money-laden count first; for ``unexplained`` ones the code was not looked up."""

    source: Source
    causes: tuple[Cause, ...]
    tally: Tally
    unexplained: int = 0


@dataclass(frozen=True)
class Stuck:
    """Queued or processing orders whose next occurrence was more than an hour ago."""

    source: Source
    tally: Tally
    order_ids: tuple[int, ...]


@dataclass(frozen=True)
class Risk:
    """An order in the span that will most likely fail; ``products`` are what is not to be had."""

    order_id: int
    due: datetime
    products: tuple[str, ...] = ()
    no_payment_method: bool = False
    expires: datetime | None = None


@dataclass(frozen=True)
class AtRisk:
    """Orders in the span that will most likely fail; ``checked`` were read, ``skipped`` were too many to read."""

    source: Source
    risks: tuple[Risk, ...]
    checked: int
    skipped: int


@dataclass(frozen=True)
class Missing:
    """A part that could not be had, and why; ``text`` is safe to show."""

    part: Part
    text: str


@dataclass(frozen=True)
class Summary:
    """What is due and what is wrong; a part that could not be had is None and named in ``missing``, never zero (F3).

    ``basis`` is which amount of an order is summed. ``zone`` is the site's.
    """

    span: Span
    zone: tzinfo
    as_of: datetime
    due: Due | None
    failed: Failed | None
    stuck: Stuck | None
    at_risk: AtRisk | None
    processing_paused: bool
    missing: tuple[Missing, ...] = ()
    basis: str = BASIS


def span_of(window: Window, now: datetime, zone: tzinfo) -> Span:
    """The days of a window, as the site's calendar has them now; a day of a clock change is 23 or 25 hours."""
    today = now.astimezone(zone).date()
    first = today + timedelta(days=1) if window is Window.TOMORROW else today
    count = 7 if window is Window.WEEK else 1
    days = tuple(first + timedelta(days=number) for number in range(count))
    return Span(window, midnight(first, zone), midnight(days[-1] + timedelta(days=1), zone), days)


def tally_of(rows: Iterable[Row | ScheduledOrder]) -> Tally:
    """Count and sum, to the last digit."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    count = unpriced = 0
    with localcontext(Context(prec=_DIGITS)):
        for row in rows:
            count += 1
            if row.total is None or not row.currency:
                unpriced += 1
            else:
                sums[row.currency.upper()] += row.total
    return Tally(count, tuple(Amount(*one) for one in sorted(sums.items())), unpriced)


def due_of(rows: Sequence[Row], span: Span, offset: timedelta, zone: tzinfo, source: Source) -> Due:
    """Active rows by the day that they are due; ``offset`` is how long before its occurrence an order is processed."""
    dated = [(row.next_occurrence - offset, row) for row in rows if row.next_occurrence is not None]
    coming = [(due, row) for due, row in dated if in_span(due, span, source.as_of)]
    days = tuple(
        Day(day, tally_of(row for due, row in coming if due.astimezone(zone).date() == day)) for day in span.days
    )
    return Due(
        source=source,
        days=days,
        tally=tally_of(row for _, row in coming),
        past_due=tally_of(row for due, row in dated if due < source.as_of),
        undated=len(rows) - len(dated),
    )


def in_span(due: datetime, span: Span, as_of: datetime) -> bool:
    """Whether an order is still to come and within the span."""
    return as_of <= due and span.since <= due < span.until


def failed_of(rows: Sequence[Row | ScheduledOrder], unexplained: int, source: Source) -> Failed:
    """Failed rows by the group of their cause."""
    groups: defaultdict[str, list[Row | ScheduledOrder]] = defaultdict(list)
    for row in rows:
        groups[failure(row.error_code).group].append(row)
    causes = (Cause(group, _codes(members), tally_of(members)) for group, members in groups.items())
    ordered = tuple(sorted(causes, key=lambda one: (-one.tally.count, one.group)))
    return Failed(source, ordered, tally_of(rows), unexplained)


def _codes(rows: Sequence[Row | ScheduledOrder]) -> tuple[tuple[int | None, int], ...]:
    codes = [row.error_code for row in rows]
    return tuple((code, codes.count(code)) for code in sorted(set(codes), key=lambda code: (code is None, code or 0)))


def stuck_of(rows: Sequence[Row], source: Source) -> Stuck:
    """Rows in the middle of processing whose occurrence was too long ago."""
    old = [row for row in rows if row.next_occurrence and row.next_occurrence < source.as_of - STUCK_AFTER]
    return Stuck(source, tally_of(old), tuple(row.id for row in old))


def risk_of(order: ScheduledOrder, due: datetime) -> Risk | None:
    """Why an order will most likely fail when it is due; None if nothing speaks against it."""
    products = tuple(item.title or item.sku or item.product_id for item in order.items if not item.available)
    method = order.payment_method
    expiry = method.expiration if method else None
    expires = expiry if expiry is not None and expiry < due else None
    missing = order.payment_method_id is None and method is None
    if not (products or missing or expires):
        return None
    return Risk(order.id, due, products, missing, expires)
