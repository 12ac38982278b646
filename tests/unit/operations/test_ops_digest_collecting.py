"""A digest's numbers are those of its sources, or it says that they are missing (CHECKS F3, F6)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from digest_fakes import SUNDAY, VIENNA, Office, office, order
from ops_fakes import ADA, BEN
from qpilot_fakes import NEW_YORK, SITE_ID

from backends.errors import Busy, Fault, Forbidden, KeyRefused, LoginRefused, NoAnswer, Unreachable
from backends.qpilot.order import ScheduledOrder
from backends.quivo.order import CANCELLED, COMPLETED, PENDING, PROCESSING, Address, Order
from operations.collecting import collect
from operations.collecting_orders import LIST_LAG, MOST_PAGES, PAGE_SIZE, STUCK_AFTER, TOO_MANY
from operations.digest_changes import remembered
from operations.digest_facts import MOST_ROWS, Absent, Collected, Covers, Part, RowOf, Section, What
from operations.linking import not_connected
from operations.outcome import Reason
from operations.summary_facts import Amount, Tally

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
ALL = tuple(one.value for one in What)


async def told(one: Office, *what: What, **different: Any) -> tuple[Section | Absent, ...]:
    digest = await one.made(what=what, **different)
    return (await collect(one.ports, digest)).sections


async def section(one: Office, what: What, **different: Any) -> Section:
    (found,) = await told(one, what, **different)
    assert isinstance(found, Section), found
    return found


def scheduled(number: int, status: str = "Active", *, hours: float = 1, **more: Any) -> ScheduledOrder:
    usual = {"next_occurrence": SUNDAY + hours * HOUR, "currency": "USD", "total": Decimal("10.10")}
    return ScheduledOrder(number, status, SITE_ID, "107", **{**usual, "payment_method_id": 1, **more})


@pytest.mark.parametrize("count", [0, 1, 500, 1100])
async def test_totals_are_those_of_the_source(tmp_path: Path, count: int) -> None:
    """F6: 0, 1, 500 and 1,100 orders in three currencies over several pages: every count and sum is exact."""
    dice = random.Random(count)
    statuses, currencies = (PENDING, PROCESSING, COMPLETED, "ON_HOLD"), ("EUR", "usd", "JPY", None)
    orders = [
        order(
            number,
            dice.choice(statuses),
            days=dice.uniform(0, 20),
            price=dice.choice([None, f"{dice.randrange(10**6)}.{dice.randrange(100):02}"]),
            currency=dice.choice(currencies),
        )
        for number in range(1, count + 1)
    ]
    async with office(tmp_path) as one:
        one.quivo.put(*orders)
        found = await section(one, What.BY_STATUS)
    assert (found.total, found.rows, found.more) == (summed(orders), (), count)
    assert found.parts == tuple(
        Part(status, summed([it for it in orders if it.status == status]))
        for status in sorted({it.status for it in orders})
    )
    assert sum(part.tally.count for part in found.parts) == found.total.count


def summed(orders: list[Order]) -> Tally:
    """The same sums by another way: in whole hundredths."""
    cents: Counter[str] = Counter()
    unpriced = 0
    for one in orders:
        if one.positions and one.currency:
            cents[one.currency.upper()] += int((one.positions[0].price or 0) * 200)
        else:
            unpriced += 1
    return Tally(
        len(orders), tuple(Amount(name, Decimal(sum_) / 100) for name, sum_ in sorted(cents.items())), unpriced
    )


async def test_by_status_says_which_days_it_covers(tmp_path: Path) -> None:
    """F6: orders count from the midnight 30 days ago, in the digest's zone, to now; those before it do not."""
    since = datetime(2026, 10, 23, tzinfo=ZoneInfo(VIENNA))
    async with office(tmp_path) as one:
        one.quivo.put(
            order(1, created=since),
            order(2, created=since - SECOND),
            order(3, COMPLETED, days=1),
            order(4, seller_id=9),
        )
        found = await section(one, What.BY_STATUS)
    assert found.covers == Covers(since, SUNDAY.astimezone(ZoneInfo(VIENNA)))
    assert (found.as_of, str(found.covers.since.tzinfo)) == (SUNDAY, VIENNA)
    assert [(part.name, part.tally.count) for part in found.parts] == [(COMPLETED, 1), (PROCESSING, 1)]


async def test_stuck_is_processing_for_more_than_three_days(tmp_path: Path) -> None:
    """Orders that are processed for longer than STUCK_AFTER, the oldest first, whatever their age; no others."""
    edge = SUNDAY - STUCK_AFTER
    async with office(tmp_path) as one:
        one.quivo.put(
            order(1, created=edge),
            order(2, created=edge - SECOND),
            order(3, days=400, price="10.00"),
            order(4, PENDING, days=9),
            order(5, COMPLETED, days=9),
            order(6, created=None),
        )
        found = await section(one, What.STUCK)
    assert found == Section(
        What.STUCK,
        SUNDAY,
        Tally(2, (Amount("EUR", Decimal("20.00")),), unpriced=1),
        parts=(Part(PROCESSING, Tally(2, (Amount("EUR", Decimal("20.00")),), unpriced=1)),),
        rows=(RowOf(3, PROCESSING, "#3", SUNDAY - 400 * DAY), RowOf(2, PROCESSING, "#2", edge - SECOND)),
    )


async def test_cancel_requested_is_what_still_waits(tmp_path: Path) -> None:
    """Open orders whose cancellation was asked for, the longest waiting first; not those that are over."""
    early, late = SUNDAY - 2 * HOUR, SUNDAY - HOUR
    async with office(tmp_path) as one:
        one.quivo.put(
            order(1, cancel_requested=late),
            order(2, PENDING, cancel_requested=early),
            order(3, CANCELLED, cancel_requested=early),
            order(4, COMPLETED, cancel_requested=early),
            order(5),
        )
        found = await section(one, What.CANCEL_REQUESTED)
    assert found.rows == (RowOf(2, PENDING, "#2", early), RowOf(1, PROCESSING, "#1", late))
    assert [(part.name, part.tally.count) for part in found.parts] == [(PENDING, 1), (PROCESSING, 1)]
    assert (found.total.count, found.more, found.covers) == (2, 0, None)


async def test_shipped_is_what_was_completed_since_the_last_time(tmp_path: Path) -> None:
    """F6: from digest to digest every completed order is told exactly once, also when Quivo was down in between."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_shipped",))
        seen: list[int] = []
        for hour in range(1, 7):
            moment = SUNDAY + hour * HOUR
            one.quivo.put(*(order(hour * 10 + n, COMPLETED, completed=moment - n * LIST_LAG) for n in range(4)))
            one.clock.time = moment
            one.quivo.search_fails = NoAnswer("quivo") if hour in (2, 3) else None
            collected = await collect(one.ports, one.digests.get(digest.id, digest.team) or digest)
            seen += [row.id for part in collected.found for row in part.rows]
            last = remembered(one.digests.last(digest.id, digest.team), collected)
            await one.digests.posted(digest.id, moment, last)
        one.clock.time += LIST_LAG + SECOND
        collected = await collect(one.ports, digest)
        seen += [row.id for part in collected.found for row in part.rows]
    assert sorted(seen) == sorted(one.quivo.orders_by_id)


async def test_shipped_covers_the_time_since_the_last_post(tmp_path: Path) -> None:
    """A digest without kept numbers counts from its last post, or from when it was made, up to a minute ago."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_shipped",))
        made, posted = SUNDAY, SUNDAY + HOUR
        one.clock.time = SUNDAY + 2 * HOUR
        edges = (made - SECOND, made, posted - SECOND, posted, one.clock.time - LIST_LAG)
        one.quivo.put(*(order(number, COMPLETED, completed=edge) for number, edge in enumerate(edges)))
        first = (await collect(one.ports, digest)).found[0]
        after = (await collect(one.ports, replace(digest, last_posted_at=posted))).found[0]
    assert [row.id for row in first.rows] == [1, 2, 3]
    assert [row.id for row in after.rows] == [3]
    until = (one.clock.time - LIST_LAG).astimezone(ZoneInfo(VIENNA))
    assert (after.as_of, after.covers) == (until, Covers(posted.astimezone(ZoneInfo(VIENNA)), until))


async def test_rows_are_capped_and_the_rest_is_counted(tmp_path: Path) -> None:
    """A9: of 500 stuck orders twenty are named, the oldest ones, with how many more there are."""
    async with office(tmp_path) as one:
        one.quivo.put(*(order(number, days=4 + number / 100) for number in range(500)))
        found = await section(one, What.STUCK)
    assert [row.id for row in found.rows] == list(range(499, 499 - MOST_ROWS, -1))
    assert (found.total.count, found.more) == (500, 480)


async def test_nothing_personal_is_collected(tmp_path: Path) -> None:
    """D3: no name, street, e-mail or phone number of an order is in what was collected."""
    person = Address("canary", "canary", "canary", "canary", "canary", "canary", phone="canary", email="canary")
    async with office(tmp_path) as one:
        one.quivo.put(order(1, days=9, delivery_address=person, invoice_address=person, comment="canary"))
        found = await told(one, What.STUCK, What.BY_STATUS, What.CANCEL_REQUESTED)
    assert "canary" not in repr(found)
    assert [part.total.count for part in found if isinstance(part, Section)] == [1, 1, 0]


async def test_too_many_orders_are_absent_and_not_cut_off(tmp_path: Path) -> None:
    """F6: a list longer than can be counted has no number at all, and the other sources are told."""
    async with office(tmp_path) as one:
        one.quivo.put(*(order(number) for number in range(PAGE_SIZE * MOST_PAGES)))
        by_status, stuck = await told(one, What.BY_STATUS, What.STUCK)
    assert by_status == Absent(What.BY_STATUS, Reason.NO, TOO_MANY.text)
    assert isinstance(stuck, Section)


async def test_an_account_without_sellers_has_no_orders(tmp_path: Path) -> None:
    """F6: who may see no seller's orders is told zero, for that is the truth, and nothing is asked for."""
    async with office(tmp_path) as one:
        one.quivo.owned = ()
        one.quivo.put(order(1, days=9))
        assert (await section(one, What.STUCK)).total == Tally()
        assert one.quivo.asked == []


@pytest.mark.parametrize("failure", [NoAnswer("quivo"), Unreachable("quivo"), Busy("quivo"), Fault("quivo")])
async def test_quivo_is_down(tmp_path: Path, failure: Any) -> None:
    """F3, E6: each of its sources is named with the reason and never zero, QPilot's are told; it is asked once."""
    async with office(tmp_path) as one:
        one.quivo.search_fails = failure
        one.quivo.put(order(1, days=9))
        one.qpilot.orders = {1: scheduled(1, "Failed")}
        found = await told(one, What.FAILED, What.BY_STATUS, What.STUCK, What.SHIPPED)
        assert len(one.quivo.asked) == 1
    absent = (What.BY_STATUS, What.STUCK, What.SHIPPED)
    assert found[1:] == tuple(Absent(what, Reason.NO_ANSWER, failure.safe_text) for what in absent)
    assert isinstance(found[0], Section)
    assert found[0].total.count == 1


async def test_one_question_fails(tmp_path: Path) -> None:
    """F3: a source whose question Quivo refuses is absent by itself; those before and after it are told."""
    async with office(tmp_path) as one:
        one.quivo.fails_for[PENDING] = Forbidden("quivo")
        one.quivo.put(order(1, COMPLETED, completed=SUNDAY), order(2, days=9))
        digest = await one.made(what=("orders_stuck", "orders_cancel_requested", "orders_shipped"))
        one.clock.time += HOUR
        found = (await collect(one.ports, digest)).sections
    assert [type(part) for part in found] == [Section, Absent, Section]
    assert found[1] == Absent(What.CANCEL_REQUESTED, Reason.NO, Forbidden("quivo").safe_text)


async def test_an_owner_whose_connection_is_gone(tmp_path: Path) -> None:
    """F4: every source of a back end that the owner has not connected any more says so, and nothing is asked."""
    async with office(tmp_path) as one:
        digest = await one.made(what=ALL)
        await one.ports.accounts.disconnect(ADA)
        await one.ports.qpilot.disconnect(ADA)
        found = await collect(one.ports, digest)
        assert found == Collected(
            SUNDAY,
            tuple(Absent(what, Reason.NOT_CONNECTED, not_connected(what.back_end).text) for what in What),
        )
        assert (one.quivo.asked, [request for request in one.qpilot.requests if request[0] != "site"]) == ([], [])


@pytest.mark.parametrize("failure", [LoginRefused("quivo"), KeyRefused("quivo")])
async def test_an_owner_whose_login_is_refused(tmp_path: Path, failure: Any) -> None:
    """F4: an expired login is the owner's to mend, and is told as that."""
    async with office(tmp_path) as one:
        one.quivo.search_fails = failure
        found = await told(one, What.STUCK)
    assert found == (Absent(What.STUCK, Reason.LOGIN_AGAIN, failure.safe_text),)


async def test_the_owner_is_asked_for_and_nobody_else(tmp_path: Path) -> None:
    """B7: two people's digests are collected with each one's own connection."""
    async with office(tmp_path) as one:
        await one.connect(BEN)
        for actor in (BEN, ADA, BEN):
            digest = await one.made(actor, what=("orders_stuck",))
            await collect(one.ports, digest)
    assert one.quivo.who == ["ben", "ada", "ben"]


async def test_scheduled_orders_are_told_day_by_day(tmp_path: Path) -> None:
    """F6: today, tomorrow and the week of the site's calendar, from one summary; what is past due stands beside."""
    async with office(tmp_path) as one:
        one.qpilot.the_site = NEW_YORK  # 07:00 there
        one.qpilot.orders = {
            1: scheduled(1, hours=1),
            2: scheduled(2, hours=16.5, currency="EUR"),
            3: scheduled(3, hours=17),
            4: scheduled(4, hours=24 * 7 + 16),
            5: scheduled(5, hours=24 * 7 + 17),
            6: scheduled(6, hours=-1),
            7: scheduled(7, "Paused"),
        }
        one.qpilot.requests.clear()
        today, tomorrow, week = await told(one, What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK)
        asked = Counter(request[0] for request in one.qpilot.requests)
    dollars, euros = Amount("USD", Decimal("10.10")), Amount("EUR", Decimal("10.10"))
    assert isinstance(today, Section)
    assert isinstance(tomorrow, Section)
    assert isinstance(week, Section)
    assert today.total == Tally(2, (euros, dollars))
    assert today.parts == (Part("2026-11-22", today.total),)
    assert tomorrow.total == Tally(1, (dollars,))
    assert (week.total.count, [part.tally.count for part in week.parts]) == (3, [2, 1, 0, 0, 0, 0, 0])
    assert sum(part.tally.count for part in week.parts) == week.total.count
    assert [dict(part.beside)["past_due"] for part in (today, tomorrow, week)] == [1, 1, 1]
    assert (today.more, week.more, today.rows) == (2, 3, ())
    assert asked["list Active"] == 1


async def test_what_is_due_says_the_time_that_it_covers(tmp_path: Path) -> None:
    """F6: from now (what was due before is past due) to the site's midnight, said in the digest's zone."""
    async with office(tmp_path) as one:
        one.qpilot.the_site = NEW_YORK
        today, tomorrow = await told(one, What.DUE_TODAY, What.DUE_TOMORROW)
    midnight = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert isinstance(today, Section)
    assert isinstance(tomorrow, Section)
    assert (today.covers, tomorrow.covers) == (Covers(SUNDAY, midnight), Covers(midnight, midnight + DAY))
    assert str(today.covers.until.tzinfo) == VIENNA  # type: ignore[union-attr]


@pytest.mark.parametrize("what", [What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK])
async def test_one_kind_of_days_is_asked_for_alone(tmp_path: Path, what: What) -> None:
    """F6: a digest with one kind of days has the same numbers as one with all."""
    async with office(tmp_path) as one:
        one.qpilot.orders = {number: scheduled(number, hours=number * 5) for number in range(1, 40)}
        alone = await told(one, what)
        among = await told(one, What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK)
    assert alone == tuple(part for part in among if part.what is what)
    assert isinstance(alone[0], Section)
    assert alone[0].total.count > 0


async def test_what_is_at_risk_is_counted_for_its_days(tmp_path: Path) -> None:
    """Orders without anything to pay with are at risk on the day that they are due on, and no other."""
    async with office(tmp_path) as one:
        one.qpilot.orders = {
            1: scheduled(1, hours=1, payment_method_id=None),
            2: scheduled(2, hours=24, payment_method_id=None),
            3: scheduled(3, hours=24),
        }
        found = await told(one, What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK)
    assert [dict(part.beside)["at_risk"] for part in found if isinstance(part, Section)] == [1, 1, 2]


async def test_failed_orders_are_told_by_their_cause(tmp_path: Path) -> None:
    """F6: every failed order once, by the group of its cause; what is stuck in QPilot stands beside."""
    async with office(tmp_path) as one:
        one.qpilot.orders = {
            **{number: scheduled(number, "Failed", error_code=None) for number in range(1, 4)},
            9: scheduled(9, "Processing", hours=-9),
        }
        found = await section(one, What.FAILED)
    assert found.total == Tally(3, (Amount("USD", Decimal("30.30")),))
    assert sum(part.tally.count for part in found.parts) == 3
    assert (dict(found.beside)["stuck"], found.covers, found.more) == (1, None, 3)


async def test_a_part_of_qpilot_fails(tmp_path: Path) -> None:
    """F3: what is due cannot be had, and is named with the reason; what failed is told."""
    async with office(tmp_path) as one:
        one.qpilot.orders = {1: scheduled(1, "Failed")}
        digest = await one.made(what=("scheduled_due_today", "scheduled_failed"))
        one.qpilot.failing["list Active"] = Fault("qpilot")
        due, failed = (await collect(one.ports, digest)).sections
    assert due == Absent(What.DUE_TODAY, Reason.NO_ANSWER, Fault("qpilot").safe_text)
    assert isinstance(failed, Section)
    assert failed.total.count == 1


async def test_qpilot_is_down(tmp_path: Path) -> None:
    """F3, E6: each of its sources is absent, and Quivo's are told."""
    async with office(tmp_path) as one:
        digest = await one.made(what=ALL)
        one.qpilot.failing["site"] = one.qpilot.failing["list Failed"] = Unreachable("qpilot")
        found = await collect(one.ports, digest)
    assert [part.what for part in found.absent] == [
        *(What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK, What.FAILED),
    ]
    assert {(part.reason, part.text) for part in found.absent} == {(Reason.NO_ANSWER, Unreachable("qpilot").safe_text)}
    assert [part.what for part in found.found] == list(What)[4:]


async def test_a_name_that_is_not_known_any_more_is_left_out(tmp_path: Path) -> None:
    """A10: a digest of an older or newer version tells what is known, and in the order of What."""
    async with office(tmp_path) as one:
        digest = await one.made(what=("orders_stuck",))
        digest = replace(digest, what=("orders_stuck", "weather", "orders_by_status"))
        found = await collect(one.ports, digest)
    assert [part.what for part in found.sections] == [What.BY_STATUS, What.STUCK]
