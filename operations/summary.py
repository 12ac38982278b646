"""A summary of scheduled orders: what is due, what failed, what is stuck, what is at risk (apis/qpilot.md §8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile
from typing import TypeVar

from backends.errors import BackendError, Garbled, LoginRefused, NoAnswer, SessionExpired, Unreachable
from backends.qpilot.auth import Token
from backends.qpilot.entities import Site
from backends.qpilot.order import ACTIVE, FAILED, PROCESSING, QUEUED, Page, Row, ScheduledOrder
from backends.qpilot.tickets import Tickets
from operations.linking import QPILOT
from operations.outcome import Outcome
from operations.ports import Ports
from operations.qpilot_accounts import MERCHANTS_ONLY, Actor, Grant, Qpilot
from operations.site_time import zone_of
from operations.summary_facts import (
    STUCK_AFTER,
    Amount,
    AtRisk,
    Cause,
    Day,
    Due,
    Failed,
    Missing,
    Part,
    Risk,
    Source,
    Span,
    Stuck,
    Summary,
    Tally,
    Window,
    due_of,
    failed_of,
    in_span,
    risk_of,
    span_of,
    stuck_of,
)

__all__ = [
    "Amount",
    "AtRisk",
    "Cause",
    "Day",
    "Due",
    "Failed",
    "Missing",
    "Part",
    "Risk",
    "Source",
    "Span",
    "Stuck",
    "Summary",
    "Tally",
    "Window",
    "summary",
]


PAGE_SIZE = 100
MOST_FULL_PAGES, MOST_EXPLAINED = 3, 20
_MOST_PAGES = 1000
T = TypeVar("T")


async def summary(ports: Ports, actor: Actor, window: Window) -> Outcome[Summary]:
    """What is due in a window and what is wrong, with this person's connection, asked in one conversation.

    A part that fails is named in ``Summary.missing`` and its numbers are None (CHECKS F3, E6). Refused only where
    nothing at all could be had: not connected, a refused login, a customer's connection, an unreachable QPilot.
    """
    place = ports.qpilot.place(actor)
    if place is not None and place.scope != "Merchant":
        return MERCHANTS_ONLY
    return await ports.qpilot.call(
        actor, lambda grant: _Collecting(ports.qpilot.qpilot, grant, Ahead(grant.tickets), ports.now).all(window)
    )


class Ahead:
    """A conversation's tokens; where another request surely follows (``more``), its token is fetched meanwhile."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets
        self.more = False

    async def take(self) -> Token:
        """The token for the request that is about to be sent."""
        token = await self._tickets.take()
        if self.more:
            self._tickets.expect()
        return token

    def expect(self) -> None:
        """See Tickets."""
        self._tickets.expect()

    def forget(self) -> None:
        """See Tickets."""
        self._tickets.forget()


@dataclass
class _Collecting:
    """One summary in the making: its parts in the order in which they are asked for, and what went wrong."""

    qpilot: Qpilot
    grant: Grant
    tickets: Ahead
    now: Callable[[], datetime]
    missing: list[Missing] = field(default_factory=list)
    first: BackendError | None = None
    down: bool = False

    async def all(self, window: Window) -> Summary:
        """Every part once; raises the first error where nothing could be had."""
        as_of = self.now()
        site = await self._part(Part.SITE, self._site)
        zone: tzinfo = UTC if site is None else zone_of(site)
        span = span_of(window, as_of, zone)
        due, at_risk = await self._coming(site, span, zone)
        stuck = await self._part(Part.STUCK, self._stuck)
        failed = await self._part(Part.FAILED, self._failed)
        if self.first is not None and not (due or stuck or failed):
            raise self.first
        paused = site is not None and site.processing_paused
        return Summary(span, zone, as_of, due, failed, stuck, at_risk, paused, tuple(self.missing))

    async def _site(self) -> Site:
        self.tickets.more = True
        return await _again(lambda: self.qpilot.site(self.tickets, self.grant.site_id))

    async def _coming(self, site: Site | None, span: Span, zone: tzinfo) -> tuple[Due | None, AtRisk | None]:
        """What is due, and what of it is at risk; without the site, no day and no due instant is known."""
        if site is None:
            why = self.missing[-1].text
            self.missing += [Missing(Part.DUE, why), Missing(Part.AT_RISK, why)]
            return None, None
        offset = timedelta(days=site.processing_offset_days or 0)
        source = Source((ACTIVE,), self.now(), span.since, span.until)
        rows = await self._part(Part.DUE, lambda: self._due(span, offset))
        if rows is None:
            self.missing.append(Missing(Part.AT_RISK, self.missing[-1].text))
            return None, None
        due = due_of(rows, span, offset, zone, source)
        return due, await self._part(Part.AT_RISK, lambda: self._at_risk(rows, span, offset, source))

    async def _due(self, span: Span, offset: timedelta) -> tuple[Row, ...]:
        def beyond(row: Row) -> bool:
            return row.next_occurrence is not None and row.next_occurrence - offset >= span.until

        return await self._rows((ACTIVE,), follows=True, until=beyond)

    async def _at_risk(self, rows: tuple[Row, ...], span: Span, offset: timedelta, source: Source) -> AtRisk:
        """Read the whole orders of the span, page by page: the list of whole orders has the order of the light one."""
        dated = [(row.id, row.next_occurrence - offset) for row in rows if row.next_occurrence is not None]
        coming = {order_id: due for order_id, due in dated if in_span(due, span, source.as_of)}
        places = [place for place, row in enumerate(rows) if row.id in coming]
        numbers = range(places[0] // PAGE_SIZE + 1, places[-1] // PAGE_SIZE + 2) if places else range(0)
        found: dict[int, ScheduledOrder] = {}
        for number in numbers[:MOST_FULL_PAGES]:
            found |= {order.id: order for order in await self._full_page(number) if order.id in coming}
        risks = (risk_of(order, coming[order_id]) for order_id, order in found.items())
        skipped = len(coming) - len(found)
        return AtRisk(source, tuple(one for one in risks if one is not None), len(found), skipped)

    async def _stuck(self) -> Stuck:
        source = Source((QUEUED, PROCESSING), self.now())

        def young(row: Row) -> bool:
            return row.next_occurrence is not None and row.next_occurrence >= source.as_of - STUCK_AFTER

        return stuck_of(await self._rows(source.statuses, follows=True, until=young), source)

    async def _failed(self) -> Failed:
        source = Source((FAILED,), self.now())
        rows = await self._rows(source.statuses, follows=False)
        bare = [row.id for row in rows if row.error_code is None]
        whole = {}
        for order_id in bare[:MOST_EXPLAINED]:
            order = await self._explained(order_id, follows=order_id != bare[:MOST_EXPLAINED][-1])
            if order is not None:
                whole[order_id] = order
        known = [replace(row, error_code=whole[row.id].error_code) if row.id in whole else row for row in rows]
        return failed_of(known, len(bare) - len(whole), source)

    async def _explained(self, order_id: int, *, follows: bool) -> ScheduledOrder | None:
        """A failed order with its cause; None where it can't be read, for the list itself is worth showing."""
        self.tickets.more = follows
        try:
            return await _again(lambda: self.qpilot.order(self.tickets, self.grant.site_id, order_id))
        except LoginRefused:
            raise
        except BackendError:
            return None

    async def _rows(
        self, statuses: tuple[str, ...], *, follows: bool, until: Callable[[Row], bool] = lambda row: False
    ) -> tuple[Row, ...]:
        """Rows of the light list, the soonest first, up to the first for which ``until`` is true.

        ``follows`` is whether another request comes after the last page.
        """
        rows: dict[int, Row] = {}
        pages = 1
        for number in range(1, _MOST_PAGES + 1):
            self.tickets.more = follows or number < pages
            page = await self._page(statuses, number)
            kept = tuple(takewhile(lambda row: not until(row), page.items))
            rows |= {row.id: row for row in kept}
            if not page.more or len(kept) < len(page.items):
                return tuple(rows.values())
            pages = page.total_pages or 0
        raise Garbled(QPILOT)

    async def _page(self, statuses: tuple[str, ...], number: int) -> Page[Row]:
        return await _again(
            lambda: self.qpilot.orders_page(
                self.tickets, self.grant.site_id, status_names=statuses, page=number, page_size=PAGE_SIZE
            )
        )

    async def _full_page(self, number: int) -> tuple[ScheduledOrder, ...]:
        self.tickets.more = True
        page = await _again(
            lambda: self.qpilot.full_page(
                self.tickets, self.grant.site_id, status_names=(ACTIVE,), page=number, page_size=PAGE_SIZE
            )
        )
        return page.items

    async def _part(self, part: Part, work: Callable[[], Awaitable[T]]) -> T | None:
        """One part, or None and its name among the missing; once QPilot is silent, the rest is not asked for."""
        if self.down:
            self.missing.append(Missing(part, self.missing[-1].text))
            return None
        try:
            return await work()
        except LoginRefused:
            raise
        except BackendError as error:
            self.first = self.first or error
            self.down = isinstance(error, Unreachable | NoAnswer)
            self.missing.append(Missing(part, error.safe_text))
            return None


async def _again(request: Callable[[], Awaitable[T]]) -> T:
    """One request; after a 401, once more with a new token."""
    try:
        return await request()
    except SessionExpired:
        return await request()
