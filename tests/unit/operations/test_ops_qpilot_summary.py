"""The summary: totals equal to QPilot's to the cent, what fails is named, and logins equal requests (F3, F6, E6)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeVault
from hypothesis import given, settings
from hypothesis import strategies as st
from ops_fakes import ADA, NOON
from qpilot_fakes import MERCHANT, NEW_YORK, NOT_HERE, ORDER, SITE_ID, VISA, FakeQpilot, shop

from backends.errors import BackendError, Fault, Garbled, LoginRefused, NoAnswer, Unreachable
from backends.qpilot.auth import Credentials
from backends.qpilot.order import Item, Page, Row, ScheduledOrder
from operations.linking import QPILOT, not_connected
from operations.outcome import Done, Reason, Refused
from operations.ports import Ports
from operations.qpilot_accounts import MERCHANTS_ONLY, QpilotAccounts
from operations.summary import (
    MOST_EXPLAINED,
    MOST_FULL_PAGES,
    PAGE_SIZE,
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
    Stuck,
    Summary,
    Tally,
    Window,
    summary,
)
from operations.summary_facts import risk_of, span_of, tally_of

ZONE = ZoneInfo("America/New_York")
TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)


def order(number: int, hours: float | None = 24, **more: Any) -> ScheduledOrder:
    """An order whose next occurrence is so many hours from noon UTC, which is 07:00 at the site."""
    moment = None if hours is None else NOON + timedelta(hours=hours)
    return replace(ORDER, id=number, next_occurrence=moment, **more)


def fake(*orders: ScheduledOrder, **more: Any) -> FakeQpilot:
    return FakeQpilot({one.id: one for one in orders}, **more)


async def summed(
    folder: Path, qpilot: FakeQpilot, window: Window = Window.TOMORROW, failing: dict[str, BackendError] | None = None
) -> Summary:
    async with shop(folder, qpilot) as it:
        qpilot.failing |= failing or {}
        done = await summary(it.ports, ADA, window)
        assert isinstance(done, Done)
        return done.value


def tally(count: int, *amounts: tuple[str, str], unpriced: int = 0) -> Tally:
    return Tally(count, tuple(Amount(currency, Decimal(value)) for currency, value in amounts), unpriced)


async def test_the_whole_summary(tmp_path: Path) -> None:
    """Every part at once: due by day and currency, past due apart, failed by cause, stuck, at risk, with its source."""
    told = await summed(
        tmp_path,
        fake(
            order(1, -30, total=Decimal("1.10")),
            order(2, 3, total=Decimal("2.20")),
            order(3, 24, total=Decimal("3.30"), payment_method_id=None, payment_method=None),
            order(4, 30, total=Decimal("4.40"), currency="EUR"),
            order(5, 72, total=Decimal("5.50")),
            order(6, None),
            order(7, 24, status="Paused"),
            order(8, -24, status="Failed", error_code=2000, total=Decimal("8.80")),
            order(9, -24, status="Failed", error_code=2001, total=Decimal("9.90"), currency="JPY"),
            order(10, -24, status="Failed", error_code=1001),
            order(11, -2, status="Queued", total=Decimal("11.11")),
            order(12, -0.5, status="Processing"),
        ),
    )
    since, until = datetime(2026, 11, 23, 5, tzinfo=UTC), datetime(2026, 11, 24, 5, tzinfo=UTC)
    active = Source(("Active",), NOON, since, until)
    assert told.due == Due(
        active,
        (Day(TOMORROW, tally(2, ("EUR", "4.40"), ("USD", "3.30"))),),
        tally(2, ("EUR", "4.40"), ("USD", "3.30")),
        tally(1, ("USD", "1.10")),
        undated=1,
    )
    assert told.failed == Failed(
        Source(("Failed",), NOON),
        (
            Cause("payment", ((2000, 1), (2001, 1)), tally(2, ("JPY", "9.90"), ("USD", "8.80"))),
            Cause("items", ((1001, 1),), tally(1, ("USD", "24.00"))),
        ),
        tally(3, ("JPY", "9.90"), ("USD", "32.80")),
    )
    assert told.stuck == Stuck(Source(("Queued", "Processing"), NOON), tally(1, ("USD", "11.11")), (11,))
    risk = Risk(3, NOON + timedelta(hours=24), no_payment_method=True)
    assert told.at_risk == AtRisk(active, (risk,), checked=2, skipped=0)
    assert (told.missing, told.basis, told.as_of, told.zone) == ((), "total", NOON, ZONE)
    assert (told.span.since, told.span.until, told.span.days) == (since, until, (TOMORROW,))


async def test_nothing_at_all_is_zero_and_not_missing(tmp_path: Path) -> None:
    """A site without orders has zeros, for they were counted (F6)."""
    told = await summed(tmp_path, fake())
    assert told.due is not None
    assert (told.due.tally, told.due.past_due, told.missing) == (Tally(), Tally(), ())
    assert (told.failed, told.stuck) == (
        Failed(Source(("Failed",), NOON), (), Tally()),
        Stuck(Source(("Queued", "Processing"), NOON), Tally(), ()),
    )


PARTS = {
    "site": ({Part.SITE, Part.DUE, Part.AT_RISK}),
    "list Active": ({Part.DUE, Part.AT_RISK}),
    "full Active": ({Part.AT_RISK}),
    "list Queued+Processing": ({Part.STUCK}),
    "list Failed": ({Part.FAILED}),
}


@pytest.mark.parametrize("error", [Fault, Garbled])
@pytest.mark.parametrize("source", PARTS)
async def test_a_part_that_fails_is_named(tmp_path: Path, source: str, error: type[BackendError]) -> None:
    """What could not be had is None and named with a safe sentence, never zero; the rest is there (F3, E6)."""
    qpilot = fake(order(1), order(2, -3, status="Failed", error_code=2000), order(3, -3, status="Queued"))
    told = await summed(tmp_path, qpilot, failing={source: error("qpilot")})
    assert {one.part for one in told.missing} == PARTS[source]
    assert {one.text for one in told.missing} == {error("qpilot").safe_text}
    values = {Part.DUE: told.due, Part.AT_RISK: told.at_risk, Part.STUCK: told.stuck, Part.FAILED: told.failed}
    assert {part for part, value in values.items() if value is None} == PARTS[source] - {Part.SITE}


@pytest.mark.parametrize("error", [Unreachable, NoAnswer])
async def test_once_qpilot_is_silent_the_rest_is_not_asked(tmp_path: Path, error: type[BackendError]) -> None:
    """A silent QPilot is not waited for four times: what was not asked for is named like what failed (E6)."""
    qpilot = fake(order(1))
    qpilot.failing["list Queued+Processing"] = error("qpilot")
    told = await summed(tmp_path, qpilot)
    text = error("qpilot").safe_text
    assert told.missing == (Missing(Part.STUCK, text), Missing(Part.FAILED, text))
    assert told.due is not None
    assert [one[0] for one in qpilot.requests][-1] == "list Queued+Processing"


@pytest.mark.parametrize("error", [Unreachable, NoAnswer, Fault])
async def test_without_anything_there_is_no_summary(tmp_path: Path, error: type[BackendError]) -> None:
    """Where nothing could be had, that is the answer, and no empty summary (F3)."""
    qpilot = fake(order(1))
    async with shop(tmp_path, qpilot) as it:
        qpilot.failing |= dict.fromkeys(PARTS, error("qpilot"))
        assert await summary(it.ports, ADA, Window.TODAY) == Refused(
            Reason.NO_ANSWER, error("qpilot").safe_text, back_end=QPILOT
        )


async def test_a_refused_login_is_tried_once(tmp_path: Path) -> None:
    """A changed password is one refused login, and the person is asked to connect again (C8)."""
    async with shop(tmp_path, fake(order(1))) as it:
        it.qpilot.login_fails = LoginRefused("qpilot")
        told = await summary(it.ports, ADA, Window.TODAY)
        assert isinstance(told, Refused)
        assert (told.reason, len(it.qpilot.logins), it.qpilot.requests) == (Reason.LOGIN_AGAIN, 1, [])


async def test_only_for_merchants(tmp_path: Path) -> None:
    """A customer's connection gets no summary of the site, and nothing is asked."""
    async with shop(tmp_path, fake(order(1)), connect=False) as it:
        assert await summary(it.ports, ADA, Window.TODAY) == not_connected(QPILOT)
        await it.connect(ADA, Credentials("ada@shop.example", "right", SITE_ID, "Customer", "107"))
        it.qpilot.requests.clear()
        assert await summary(it.ports, ADA, Window.TODAY) == MERCHANTS_ONLY
        assert it.qpilot.requests == []


def big(count: int, spread: int = 240) -> FakeQpilot:
    """So many orders in the next ten days, one in ten failed."""
    orders = [order(n, 0.5 + (n * spread) / count) for n in range(1, count + 1)]
    return fake(*(replace(one, status="Failed", error_code=2000) if one.id % 10 == 0 else one for one in orders))


async def test_logins_equal_requests_and_hide_behind_them(tmp_path: Path) -> None:
    """Each request has its own token, and each but the first was fetched while the one before ran (seed 004)."""
    qpilot = big(1000)
    await summed(tmp_path, qpilot, Window.WEEK)
    asked = [one[0] for one in qpilot.requests]
    assert asked == [
        "site",
        *["list Active"] * 7,
        *["full Active"] * MOST_FULL_PAGES,
        "list Queued+Processing",
        "list Failed",
    ]
    assert len(qpilot.logins) == len(asked) == len(set(qpilot.who))
    # the failed list's first page may be the last request of all, so nothing is fetched ahead behind it
    for number in range(1, len(asked)):
        assert qpilot.events.index(f"login {number}") < qpilot.events.index(f"answer {number - 1}")


async def test_pages_of_failed_orders_are_fetched_ahead_too(tmp_path: Path) -> None:
    """From its second page on, the last list knows whether another page follows."""
    qpilot = fake(*(order(n, -5, status="Failed", error_code=2000) for n in range(1, 351)))
    told = await summed(tmp_path, qpilot)
    assert told.failed is not None
    assert told.failed.tally == tally(350, ("USD", "8400.00"))
    assert [one[:2] for one in qpilot.requests][-4:] == [("list Failed", n) for n in (1, 2, 3, 4)]
    assert len(qpilot.logins) == len(qpilot.requests)
    for number in (5, 6):
        assert qpilot.events.index(f"login {number}") < qpilot.events.index(f"answer {number - 1}")


class Shifting(FakeQpilot):
    """A QPilot whose pages overlap by a row, as they do when an order moves while they are read."""

    def _page(self, status_names: tuple[str, ...], number: int, size: int) -> Page[ScheduledOrder]:
        found, before = super()._page(status_names, number, size), super()._page(status_names, max(1, number - 1), size)
        return replace(found, items=(*before.items[-1:], *found.items)) if number > 1 else found


async def test_a_row_that_comes_twice_counts_once(tmp_path: Path) -> None:
    """Pages that shift under the reader do not make an order count twice."""
    qpilot = Shifting({n: order(n, -5, status="Failed", error_code=2000) for n in range(1, 21)}, page_size=7)
    told = await summed(tmp_path, qpilot)
    assert told.failed is not None
    assert told.failed.tally == tally(20, ("USD", "480.00"))


async def test_the_walk_ends_behind_the_window(tmp_path: Path) -> None:
    """The first row behind the window ends the walk: of ten pages two are read (§8.1)."""
    qpilot = big(1000)
    await summed(tmp_path, qpilot, Window.TOMORROW)
    assert [one[1] for one in qpilot.requests if one[0] == "list Active"] == [1, 2]


async def test_a_401_in_the_middle_is_repeated_once(tmp_path: Path) -> None:
    """One token that QPilot no longer takes costs one request, not a part of the summary."""
    qpilot = fake(order(1), expires=["full Active"])
    told = await summed(tmp_path, qpilot)
    assert told.missing == ()
    assert [one[0] for one in qpilot.requests].count("full Active") == 2
    assert len(qpilot.logins) == len(qpilot.requests)


async def test_what_was_not_read_is_said(tmp_path: Path) -> None:
    """Whole orders are read up to a cap, and how many were left out is said (§8.4)."""
    count = (MOST_FULL_PAGES + 1) * PAGE_SIZE
    qpilot = fake(*(order(n, 24 + n / 1000, items=(), payment_method=None) for n in range(1, count + 1)))
    told = await summed(tmp_path, qpilot)
    assert told.at_risk is not None
    assert (told.at_risk.checked, told.at_risk.skipped) == (count - PAGE_SIZE, PAGE_SIZE)


async def test_at_risk_reads_the_page_that_the_window_is_on(tmp_path: Path) -> None:
    """A pile of past-due orders does not push tomorrow's out of what is read."""
    past = [order(n, -50) for n in range(1, 251)]
    qpilot = fake(*past, order(900, 24, items=(Item(1, "9", 1, title="Soap", availability="OutOfStock"),)))
    told = await summed(tmp_path, qpilot)
    assert told.at_risk is not None
    assert [one.products for one in told.at_risk.risks] == [("Soap",)]
    assert (told.at_risk.checked, told.at_risk.skipped) == (1, 0)
    assert [one[1] for one in qpilot.requests if one[0] == "full Active"] == [3]


SOON = NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "risk"),
    [
        ({}, None),
        ({"items": (Item(1, "9", sku="s", availability="OutOfStock"),)}, Risk(1, SOON, ("s",))),
        ({"items": (Item(1, "9", processed=False),)}, Risk(1, SOON, ("9",))),
        ({"items": (Item(1, "9"),)}, None),
        ({"payment_method_id": None, "payment_method": None}, Risk(1, SOON, no_payment_method=True)),
        ({"payment_method": None}, None),
        ({"payment_method": replace(VISA, expiration=None)}, None),
        ({"payment_method": replace(VISA, expiration=SOON)}, None),
        ({"payment_method": replace(VISA, expiration=NOON)}, Risk(1, SOON, expires=NOON)),
    ],
)
def test_risks(given: dict[str, Any], risk: Risk | None) -> None:
    """Out of stock, not to be processed, nothing to pay with, or a card that ends before: no risk without evidence."""
    assert risk_of(order(1, 24, **given), SOON) == risk


async def test_a_failed_row_without_its_code_is_looked_up(tmp_path: Path) -> None:
    """The light list may leave the code out: the order is read, up to a cap, and the rest is said (§8.2)."""
    count = MOST_EXPLAINED + 5
    qpilot = Bare({n: order(n, -5, status="Failed", error_code=1002) for n in range(1, count + 1)})
    told = await summed(tmp_path, qpilot)
    assert told.failed is not None
    codes = {cause.group: cause.codes for cause in told.failed.causes}
    assert codes == {"shipping": ((1002, MOST_EXPLAINED),), "other": ((None, 5),)}
    assert told.failed.unexplained == 5
    assert told.failed.tally == tally(count, ("USD", "600.00"))
    assert len(qpilot.logins) == len(qpilot.requests)


@pytest.mark.parametrize("error", [NoAnswer, Fault])
async def test_a_code_that_cannot_be_looked_up(tmp_path: Path, error: type[BackendError]) -> None:
    """The list of what failed is worth showing without the causes."""
    qpilot = Bare({1: order(1, -5, status="Failed", error_code=1002)})
    qpilot.failing["order"] = error("qpilot")
    told = await summed(tmp_path, qpilot)
    assert told.failed is not None
    assert (told.failed.unexplained, told.failed.tally.count, told.missing) == (1, 1, ())


class Bare(FakeQpilot):
    """A QPilot whose light list has no codes."""

    async def orders_page(self, *args: Any, **more: Any) -> Page[Row]:
        found = await super().orders_page(*args, **more)
        return replace(found, items=tuple(replace(row, error_code=None) for row in found.items))


async def test_amounts_that_are_missing_are_counted(tmp_path: Path) -> None:
    """An order without a total or a currency is counted apart and adds nothing."""
    told = await summed(tmp_path, fake(order(1, total=None), order(2, currency=None), order(3, currency="usd")))
    assert told.due is not None
    assert told.due.tally == tally(3, ("USD", "24.00"), unpriced=2)


def test_sums_are_exact() -> None:
    """No digit is lost, however long an amount is."""
    values = [Decimal("12345678901234567890123456789.01"), Decimal("0.0000000000000000000000000000000001")]
    rows = [Row(n, "Active", currency="USD", total=value) for n, value in enumerate(values)]
    exact = "12345678901234567890123456789.0100000000000000000000000000000001"
    assert tally_of(rows) == tally(2, ("USD", exact))


@pytest.mark.parametrize(
    ("window", "now", "since", "until", "days"),
    [
        (Window.TODAY, "2026-11-22T12:00", "2026-11-22T05:00", "2026-11-23T05:00", 1),
        (Window.TOMORROW, "2026-11-22T12:00", "2026-11-23T05:00", "2026-11-24T05:00", 1),
        (Window.WEEK, "2026-11-22T12:00", "2026-11-22T05:00", "2026-11-29T05:00", 7),
        # still the 21st at the site
        (Window.TODAY, "2026-11-22T03:00", "2026-11-21T05:00", "2026-11-22T05:00", 1),
        # a day of 25 hours, and one of 23
        (Window.TODAY, "2026-11-01T12:00", "2026-11-01T04:00", "2026-11-02T05:00", 1),
        (Window.TOMORROW, "2026-03-07T12:00", "2026-03-08T05:00", "2026-03-09T04:00", 1),
    ],
)
def test_spans(window: Window, now: str, since: str, until: str, days: int) -> None:
    """Days are the site's, also over both clock changes (§8.1)."""
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, since, until)]
    span = span_of(window, moments[0], ZONE)
    assert (span.since, span.until, len(span.days)) == (moments[1], moments[2], days)


async def test_the_processing_offset_moves_what_is_due(tmp_path: Path) -> None:
    """An order is due so many days before its occurrence, and the walk goes that much further (§7, §8.1)."""
    qpilot = fake(order(1, 24), order(2, 48), order(3, 72), order(4, 96))
    qpilot.the_site = replace(NEW_YORK, processing_offset_days=2, processing_paused=True)
    told = await summed(tmp_path, qpilot)
    assert told.due is not None
    assert told.due.tally == tally(1, ("USD", "24.00"))
    assert told.due.past_due.count == 1
    assert told.processing_paused


rows = st.builds(
    lambda status, currency, cents, places, hours, code: (
        status,
        currency,
        Decimal(cents).scaleb(-places),
        hours,
        code,
    ),
    st.sampled_from(("Active", "Active", "Active", "Failed", "Queued", "Processing", "Paused", "Deleted")),
    st.sampled_from(("USD", "EUR", "JPY")),
    st.integers(0, 10**9),
    st.sampled_from((0, 2, 3)),
    st.floats(-72, 240, allow_nan=False),
    st.sampled_from((99, 1001, 1002, 2000, 2001, 3000, 4711)),
)


@settings(max_examples=200, deadline=None)
@given(data=st.lists(rows, max_size=60), window=st.sampled_from(Window), size=st.sampled_from((3, 7, 100)))
def test_totals_equal_an_independent_sum(data: list[tuple[Any, ...]], window: Window, size: int) -> None:
    """200 data sets in three currencies: every total equals the plain sum over the data, to the last digit (F6)."""
    orders = [
        order(n, hours, status=status, currency=currency, total=total, error_code=code)
        for n, (status, currency, total, hours, code) in enumerate(data, 1)
    ]
    qpilot = fake(*orders, page_size=size)
    told = asyncio.run(_summary(qpilot, window))
    assert told.due is not None
    assert told.failed is not None
    assert told.stuck is not None

    def day(one: ScheduledOrder) -> date:
        assert one.next_occurrence is not None
        return one.next_occurrence.astimezone(ZONE).date()

    def coming(one: ScheduledOrder) -> bool:
        return one.status == "Active" and one.next_occurrence is not None and one.next_occurrence >= NOON

    days = {
        Window.TODAY: [TODAY],
        Window.TOMORROW: [TOMORROW],
        Window.WEEK: [TODAY + timedelta(days=n) for n in range(7)],
    }[window]
    by_day = {when: [one for one in orders if coming(one) and day(one) == when] for when in days}
    assert {one.day: one.tally for one in told.due.days} == {when: plain(found) for when, found in by_day.items()}
    assert told.due.tally == plain([one for found in by_day.values() for one in found])
    past = [one for one in orders if one.status == "Active" and not coming(one)]
    assert told.due.past_due == plain(past)
    assert told.failed.tally == plain([one for one in orders if one.status == "Failed"])
    assert sum(one.tally.count for one in told.failed.causes) == told.failed.tally.count
    old = NOON - timedelta(hours=1)
    stuck = [one for one in orders if one.status in ("Queued", "Processing") and (one.next_occurrence or old) < old]
    assert told.stuck.tally == plain(stuck)
    assert told.at_risk is not None
    assert told.at_risk.checked + told.at_risk.skipped == told.due.tally.count
    assert len(qpilot.logins) == len(qpilot.requests)


def plain(orders: list[ScheduledOrder]) -> Tally:
    """The sum in whole thousandths."""
    sums: defaultdict[str, int] = defaultdict(int)
    for one in orders:
        assert one.total is not None
        sums[str(one.currency)] += int(one.total * 1000)
    return Tally(len(orders), tuple(Amount(name, Decimal(value) / 1000) for name, value in sorted(sums.items())))


BARE = Ports(**dict.fromkeys(Ports.__dataclass_fields__, NOT_HERE) | {"now": lambda: NOON})


async def _summary(qpilot: FakeQpilot, window: Window) -> Summary:
    accounts = QpilotAccounts(FakeVault(), qpilot)
    ports = replace(BARE, qpilot=accounts)
    await accounts.connect(ADA, MERCHANT)
    done = await summary(ports, ADA, window)
    assert isinstance(done, Done)
    return done.value
