"""A digest's numbers of fulfilment orders, counted through Quivo's list, which says no totals (apis/quivo.md §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from zoneinfo import ZoneInfo

from backends.quivo.auth import Session
from backends.quivo.client import OrderQuery
from backends.quivo.order import COMPLETED, PENDING, PROCESSING, Order
from operations.accounts import QUIVO, Actor
from operations.cancel_rules import value
from operations.digest_changes import last_told
from operations.digest_facts import MOST_ROWS, Absent, Covers, Part, RowOf, Section, What
from operations.outcome import Done, Outcome, Reason, Refused
from operations.ports import Ports
from operations.site_time import midnight
from operations.summary_facts import Amount, Tally
from store.digests import Digest

BY_STATUS_DAYS = 30
"""By status, orders count that were made on this day or the 30 days before it: Quivo keeps finished ones for ever."""

STUCK_AFTER = timedelta(days=3)
"""An order is stuck when it is PROCESSING and was made longer ago than this. Our assumption: Quivo names no limit."""

SHIPPED_WITHIN = timedelta(days=90)
"""Orders completed since the last time are looked for among those made within this time before it. Our assumption."""

LIST_LAG = timedelta(minutes=1)
"""What was completed later than this ago is left for the next time: Quivo's list lags behind (apis/quivo.md §4)."""

PAGE_SIZE, MOST_PAGES = 500, 40
TOO_MANY = Refused(
    Reason.NO, f"There are more than {PAGE_SIZE * MOST_PAGES:,} orders, too many to count.", back_end=QUIVO
)
_DIGITS = 100
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Asked:
    """What one source asks Quivo for, which of the orders that come back count, and by which of their moments."""

    queries: tuple[OrderQuery, ...]
    moment: Callable[[Order], datetime | None]
    until: datetime
    as_of: datetime
    since: datetime | None = None

    def counts(self, order: Order) -> bool:
        """Queries are by whole days in UTC, so the moment is looked at once more."""
        moment = self.moment(order)
        return moment is not None and moment < self.until and (self.since is None or moment >= self.since)


@dataclass(frozen=True)
class Counted:
    """As much of an order as is counted: the rest, with all that is personal, is dropped at once."""

    row: RowOf
    currency: str | None
    worth: Decimal | None


async def orders_sections(ports: Ports, digest: Digest, wanted: tuple[What, ...]) -> tuple[Section | Absent, ...]:
    """The wanted numbers, each asked for by itself; once Quivo is silent or refuses the owner, no more is asked."""
    found: list[Section | Absent] = []
    over: Refused | None = None
    for what in wanted:
        ask = _asked(what, ports.now(), ports, digest)
        counted = over or await _orders(ports, Actor(digest.team, digest.owner), ask)
        if isinstance(counted, Done):
            found.append(_section(what, ask, counted.value, ZoneInfo(digest.zone)))
        elif isinstance(counted, Refused):
            found.append(Absent(what, counted.reason, counted.text))
            over = None if counted.reason is Reason.NO else counted
    return tuple(found)


def _asked(what: What, now: datetime, ports: Ports, digest: Digest) -> _Asked:
    match what:
        case What.BY_STATUS:
            zone = ZoneInfo(digest.zone)
            since = midnight(now.astimezone(zone).date() - timedelta(days=BY_STATUS_DAYS), zone)
            return _Asked((OrderQuery(created_from=since.date()),), _created, now, now, since)
        case What.STUCK:
            edge = now - STUCK_AFTER
            return _Asked((OrderQuery(status=PROCESSING, created_to=_day(edge)),), _created, edge, now)
        case What.CANCEL_REQUESTED:
            queries = tuple(OrderQuery(status=status) for status in (PENDING, PROCESSING))
            return _Asked(queries, lambda order: order.cancel_requested, _LATEST, now)
    told = last_told(ports.digests.last(digest.id, digest.team), what)
    since = told or digest.last_posted_at or digest.created_at
    queries = (OrderQuery(status=COMPLETED, created_from=_day(since - SHIPPED_WITHIN)),)
    return _Asked(queries, lambda order: order.completed, now - LIST_LAG, now - LIST_LAG, since)


async def _orders(ports: Ports, actor: Actor, ask: _Asked) -> Outcome[tuple[Counted, ...]]:
    """All that count of this person's sellers; refused rather than cut off, for a part would be a lie (F6)."""

    async def work(session: Session) -> tuple[Counted, ...] | None:
        sellers = await ports.accounts.seller_ids(actor, session)
        found: list[Counted] = []
        for query in ask.queries if sellers else ():
            mine = replace(query, seller_ids=sellers)
            after, pages = None, 0
            while pages == 0 or after is not None:
                if pages == MOST_PAGES:
                    return None
                page = await ports.accounts.quivo.orders(session, mine, page_size=PAGE_SIZE, search_after=after)
                found += [_counted(order, ask) for order in page.orders if ask.counts(order)]
                after, pages = page.search_after, pages + 1
        return tuple(found)

    outcome = await ports.accounts.call(actor, work)
    if isinstance(outcome, Done):
        return TOO_MANY if outcome.value is None else Done(outcome.value)
    return outcome


def _counted(order: Order, ask: _Asked) -> Counted:
    row = RowOf(order.order_id, order.status, order.reference, ask.moment(order))
    return Counted(row, order.currency, value(order))


def _section(what: What, ask: _Asked, orders: tuple[Counted, ...], zone: ZoneInfo) -> Section:
    shown = () if what is What.BY_STATUS else _rows(orders)
    covers = None if ask.since is None else Covers(ask.since.astimezone(zone), ask.until.astimezone(zone))
    return Section(what, ask.as_of, tally_of(orders), _parts(orders), (), shown, len(orders) - len(shown), covers)


def _parts(orders: tuple[Counted, ...]) -> tuple[Part, ...]:
    """By status, in the order of their names."""
    by_status: defaultdict[str, list[Counted]] = defaultdict(list)
    for order in orders:
        by_status[order.row.status].append(order)
    return tuple(Part(status, tally_of(some)) for status, some in sorted(by_status.items()))


def _rows(orders: tuple[Counted, ...]) -> tuple[RowOf, ...]:
    """The longest waiting ones first."""
    rows = (order.row for order in orders)
    return tuple(sorted(rows, key=lambda row: (row.at or _LATEST, row.id))[:MOST_ROWS])


def tally_of(orders: Iterable[Counted]) -> Tally:
    """How many, and what their positions come to by currency; where Quivo's list leaves that out: ``unpriced``."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    count = unpriced = 0
    with localcontext(Context(prec=_DIGITS)):
        for order in orders:
            count += 1
            if order.worth is None or not order.currency:
                unpriced += 1
            else:
                sums[order.currency.upper()] += order.worth
    return Tally(count, tuple(Amount(*one) for one in sorted(sums.items())), unpriced)


def _created(order: Order) -> datetime | None:
    return order.created


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
