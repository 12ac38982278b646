"""Each local date of a digest has one run, whatever happens to the clock and the process (CHECKS F1, F2, F5)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from digest_fakes import CHANNEL, EVERY_DAY, NINE, VIENNA, Office, office
from ops_fakes import ADA, TEAM, Clock

from operations.changes import audit_line
from operations.digest_facts import RunAsked, next_time
from operations.digest_run import Collect, End, Owner, first_step
from operations.digest_tick import EVERY, SOON, TICK, ensure_tick, schedule_due, tick
from operations.digesting import pause, resume
from operations.durable import Finished, Later
from store.digests import Advance, Digest, new_digest_id

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TODAY = f"{TICK}:2026-11-22"


def run(digest: Digest, day: date, at: datetime, *, missed: int = 1, since: datetime | None = None) -> RunAsked:
    key = f"digest:{digest.id}:{day}T09:00"
    return RunAsked(key, digest.id, TEAM, day, at, missed, since or at)


async def test_a_digest_is_due_at_its_local_time(tmp_path: Path) -> None:
    """F1: nothing before 09:00 in Vienna; at 09:00 one run, with its local date and its moment in UTC."""
    async with office(tmp_path) as one:
        digest = await one.made()
        one.clock.time = NINE - MINUTE
        assert (await schedule_due(one.ports), await one.runs()) == (0, [])
        one.clock.time = NINE
        assert await schedule_due(one.ports) == 1
        assert await one.runs() == [run(digest, date(2026, 11, 23), NINE)]
        moved = one.digests.get(digest.id, TEAM)
        assert moved == replace(digest, next_at=NINE + DAY, run_key=f"digest:{digest.id}:2026-11-23T09:00")


async def test_two_processes_tick_at_once(tmp_path: Path) -> None:
    """F2: two processes tick 10 times each at the due time on the same file: 30 digests, one run each."""
    clock = Clock()
    async with office(tmp_path, clock) as one, office(tmp_path, clock) as two:
        digests = [await one.made() for _ in range(30)]
        clock.time = NINE
        moved = await asyncio.gather(*(schedule_due(side.ports) for side in (one, two) for _ in range(10)))
        assert sum(moved) == 30
        assert {asked.digest_id for asked in await one.runs()} == {digest.id for digest in digests}
        assert len(keys(one)) == 30


async def test_a_restart_at_the_due_time(tmp_path: Path) -> None:
    """F2: a process that ticked and died, and its successor in the same minute: one run, not lost and not doubled."""
    clock = Clock()
    async with office(tmp_path, clock) as one:
        digest = await one.made()
        clock.time = NINE
        await schedule_due(one.ports)
    async with office(tmp_path, clock) as two:
        assert await schedule_due(two.ports) == 0
        assert await two.runs() == [run(digest, date(2026, 11, 23), NINE)]


async def test_the_clock_is_set_back_two_hours(tmp_path: Path) -> None:
    """F2: the same 09:00 comes twice: one run, also if the digest is paused and resumed in between."""
    async with office(tmp_path) as one:
        digest = await one.made()
        one.clock.time = NINE
        await schedule_due(one.ports)
        one.clock.time = NINE - timedelta(hours=2)
        await pause(one.ports, ADA, digest.id, "REF")
        resumed = await resume(one.ports, ADA, digest.id, "REF")
        assert resumed.value.next_at == NINE  # type: ignore[union-attr]
        one.clock.time = NINE
        assert await schedule_due(one.ports) == 1
        assert keys(one) == [f"digest:{digest.id}:2026-11-23T09:00"]
        moved = one.digests.get(digest.id, TEAM)
        assert moved is not None
        assert (moved.next_at, moved.run_key) == (NINE + DAY, f"digest:{digest.id}:2026-11-23T09:00")


async def test_three_days_down(tmp_path: Path) -> None:
    """F2: after three days and a bit there is one run, late, that stands for the three before it as well."""
    async with office(tmp_path) as one:
        digest = await one.made()
        one.clock.time = NINE + 3 * DAY + timedelta(hours=1)
        assert await schedule_due(one.ports) == 1
        (asked,) = await one.runs()
        assert asked == run(digest, date(2026, 11, 26), NINE + 3 * DAY, missed=4, since=NINE)
        assert asked.late(one.clock.time)
        moved = one.digests.get(digest.id, TEAM)
        assert moved is not None
        assert moved.next_at == NINE + 4 * DAY


@pytest.mark.parametrize("tick_first", [True, False])
async def test_a_run_that_was_claimed_before_three_days_down(tmp_path: Path, tick_first: bool) -> None:
    """F2: a process dies with a run that it has not posted; three days later one late run posts."""
    clock = Clock()
    async with office(tmp_path, clock) as one:
        digest = await one.made()
        clock.time = NINE
        await schedule_due(one.ports)
        (old,) = await one.runs()
    clock.time = NINE + 3 * DAY
    async with office(tmp_path, clock) as two:
        if tick_first:
            await schedule_due(two.ports)
        steps = [decided(two, old)]
        await schedule_due(two.ports)
        steps += [decided(two, asked) for asked in await two.runs() if asked != old]
        assert steps == [End("merged"), Collect()]
        assert len(keys(two)) == 2
        assert digest.id in keys(two)[1]


async def test_a_run_is_late_by_more_than_a_quarter_of_an_hour() -> None:
    """F2: a run on its time is not late, a late one and one for several are, one that was asked for never is."""
    asked = RunAsked("k", "d", TEAM, date(2026, 11, 23), NINE, 1, NINE)
    late = [asked.late(NINE), asked.late(NINE + 15 * MINUTE), asked.late(NINE + 16 * MINUTE)]
    assert late == [False, False, True]
    assert replace(asked, missed=2).late(NINE)
    assert not replace(asked, by="U1").late(NINE + DAY)


@pytest.mark.parametrize(
    ("start", "zone", "at"),
    [
        (datetime(2026, 3, 28, 0, 0, tzinfo=UTC), VIENNA, "02:30"),
        (datetime(2026, 10, 24, 0, 0, tzinfo=UTC), VIENNA, "02:30"),
        (datetime(2026, 4, 4, 0, 0, tzinfo=UTC), "Australia/Lord_Howe", "01:45"),
    ],
)
async def test_one_run_a_day_over_a_clock_change(tmp_path: Path, start: datetime, zone: str, at: str) -> None:
    """F1: ticking every 20 minutes for four days over a gap and a fold: one run for each local date."""
    async with office(tmp_path) as one:
        one.clock.time = start
        digest = await one.made(zone=zone, at=at)
        for _ in range(3 * 24 * 4):
            one.clock.time += 20 * MINUTE
            await schedule_due(one.ports)
        days = [asked.day for asked in await one.runs()]
        assert days == [days[0] + number * DAY for number in range(4)]
        assert all(key.startswith(f"digest:{digest.id}:") for key in keys(one))


@pytest.mark.parametrize("at", ["01:30", "01:45", "02:00", "02:30", "03:00", "23:59"])
@pytest.mark.parametrize("zone", [VIENNA, "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo"])
def test_the_next_time_is_always_to_come(zone: str, at: str) -> None:
    """F1: at every quarter of an hour around the clock changes of 2026, the next time lies ahead."""
    digest = replace(plain(), zone=zone, at=at)
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + number * 15 * MINUTE for number in range(365 * 96)]
    changes = [moment for moment in moments if near_a_change(zone, moment)]
    assert len(changes) == 2 * 12 * 4
    assert [moment for moment in changes if (next_time(digest, moment) or moment) <= moment] == []


async def test_two_hundred_at_nine(tmp_path: Path) -> None:
    """F5: 200 digests at 09:00 and one at 10:00: 200 runs, one each; the other is not touched."""
    async with office(tmp_path) as one:
        digests = [await one.made() for _ in range(200)]
        later = await one.made(at="10:00")
        one.clock.time = NINE
        assert await schedule_due(one.ports) == 200
        assert sorted(asked.digest_id for asked in await one.runs()) == sorted(digest.id for digest in digests)
        assert one.digests.get(later.id, TEAM) == later


async def test_more_than_a_batch_is_due_at_once(tmp_path: Path) -> None:
    """F5: 650 digests due in one minute, thirteen batches: each has its run, and none is due any more."""
    async with office(tmp_path) as one:
        await asyncio.gather(*(one.digests.add(plain(), line(one)) for _ in range(650)))
        one.clock.time = NINE
        assert await schedule_due(one.ports) == 650
        assert (len(keys(one)), one.digests.due(NINE, 1)) == (650, [])


class Crowd:
    """200 digests that are due once, in a store that answers at once."""

    def __init__(self) -> None:
        self.left = [[plain() for _ in range(200)]]

    def due(self, now: datetime, most: int) -> list[Digest]:
        return self.left.pop() if self.left else []

    async def advance(self, steps: list[Advance]) -> int:
        return len(steps)


async def test_a_crowd_leaves_room_for_who_types(tmp_path: Path) -> None:
    """F5: while 200 due times are reckoned, somebody else on the loop gets a turn between any two of them."""
    turns = 0

    async def typing() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with office(tmp_path) as one:
        crowd: Any = Crowd()
        one.clock.time = NINE
        person = asyncio.create_task(typing())
        assert await schedule_due(replace(one.ports, digests=crowd)) == 200
        person.cancel()
    assert turns >= 199


async def test_a_digest_that_cannot_be_reckoned_does_not_stop_the_others(tmp_path: Path) -> None:
    """F4: a zone that exists no more stops its digest with the reason in the audit; the next one has its run."""
    async with office(tmp_path) as one:
        broken = replace(plain(), zone="Europe/Atlantis")
        await one.digests.add(broken, line(one))
        digest = await one.made()
        one.clock.time = NINE
        assert await schedule_due(one.ports) == 1
        assert [asked.digest_id for asked in await one.runs()] == [digest.id]
        assert one.digests.get(broken.id, TEAM) == replace(broken, state="stopped", next_at=None, reason="no_schedule")
        assert one.lines()[-1] == (ADA.user, "digest.stop", broken.id, "no_schedule")


async def test_paused_and_stopped_digests_are_not_due(tmp_path: Path) -> None:
    """F4: what does not run makes no occurrence."""
    async with office(tmp_path) as one:
        paused, stopped = await one.made(), await one.made()
        await pause(one.ports, ADA, paused.id, "REF")
        await one.digests.stop(stopped.id, "owner_left", line(one))
        one.clock.time = NINE + DAY
        assert (await schedule_due(one.ports), keys(one)) == (0, [])


async def test_the_tick_comes_again(tmp_path: Path) -> None:
    """F2: in a minute, sooner if something is due sooner, but never at once."""
    async with office(tmp_path) as one:
        now = one.clock.time
        assert await tick(one.ports, TODAY) == Later(now + EVERY)
        await one.made(at="13:01")
        one.clock.advance(30)
        assert await tick(one.ports, TODAY) == Later(now + MINUTE)
        one.clock.advance(29.5)
        assert await tick(one.ports, TODAY) == Later(now + timedelta(seconds=59.5) + SOON)
        assert keys(one) == []
        one.clock.advance(1)
        assert await tick(one.ports, TODAY) == Later(one.clock.time + EVERY)
        assert len(keys(one)) == 1


async def test_every_start_makes_sure_of_the_tick(tmp_path: Path) -> None:
    """F2: three starts on one day schedule one tick, due at once; the first start of the next day another."""
    async with office(tmp_path) as one:
        assert [await ensure_tick(one.ports) for _ in range(3)] == [True, False, False]
        claimed = await one.ports.occurrences.claim_due(owner="A", lease=MINUTE, most=9)
        assert [(due.key, due.kind, due.payload) for due in claimed] == [(TODAY, TICK, {})]
        one.clock.time += DAY
        assert await ensure_tick(one.ports) is True


async def test_a_tick_hands_over_to_the_next_day(tmp_path: Path) -> None:
    """F2: yesterday's tick makes sure of today's and ends; after the clock was set back, tomorrow's goes on."""
    async with office(tmp_path) as one:
        await ensure_tick(one.ports)
        one.clock.time += DAY
        assert await tick(one.ports, TODAY) == Finished("handed_over")
        assert keys(one, TICK) == [TODAY, f"{TICK}:2026-11-23"]
        assert isinstance(await tick(one.ports, f"{TICK}:2026-11-23"), Later)
        one.clock.time -= DAY
        assert isinstance(await tick(one.ports, f"{TICK}:2026-11-23"), Later)


def keys(one: Office, like: str = "digest:") -> list[str]:
    """The keys of all occurrences that were ever made, of a kind."""
    rows: list[Any] = one.database.all("SELECT key FROM occurrences WHERE key LIKE ? || '%' ORDER BY key", (like,))
    return [key for (key,) in rows]


def decided(one: Office, asked: RunAsked) -> object:
    return first_step(one.digests.get(asked.digest_id, TEAM), asked, Owner.HERE, 1, one.clock.time)


def near_a_change(zone: str, moment: datetime) -> bool:
    before, after = (there.astimezone(ZoneInfo(zone)).utcoffset() for there in (moment - 6 * HOUR, moment + 6 * HOUR))
    return before != after


def plain() -> Digest:
    when = EVERY_DAY, "09:00", VIENNA, "one_line"
    made = Digest(new_digest_id(), TEAM, ADA.user, CHANNEL, ("orders_stuck",), *when, NINE - DAY)
    return replace(made, next_at=NINE)


def line(one: Office) -> Any:
    return audit_line(one.ports, ADA, "REF", "digest.new", "x", "active", CHANNEL)
