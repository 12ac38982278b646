"""When a digest is due: once for each local date, in every zone, at every change of its clock (CHECKS F1, F2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from operations.schedule import EVERY_DAY, WORKDAYS, Run, Schedule, is_zone, missed, next_run, runs

BERLIN = "Europe/Berlin"
DAY = timedelta(days=1)


def changes(zone: str) -> list[datetime]:
    """The days in 2026 and 2027 before which the zone's clock changes."""
    tz = ZoneInfo(zone)
    days = [datetime(2026, 1, 1, tzinfo=UTC) + number * DAY for number in range(730)]
    offsets = [day.astimezone(tz).utcoffset() for day in days]
    return [day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after][:2]


@pytest.mark.parametrize("at", [time(0, 30), time(1, 30), time(2, 30)], ids=str)
def test_once_for_each_local_date_in_every_zone(at: time) -> None:
    """F1: every zone of tzdata × both changes of its clock × three hours: exactly one run for each local date."""
    wrong, looked = [], 0
    for zone in sorted(available_timezones()):
        for change in changes(zone):
            start = (change - 3 * DAY).astimezone(ZoneInfo(zone))
            first = start.date() + (DAY if start.time() >= at else timedelta(0))
            found = [run.day for run in islice(runs(Schedule(EVERY_DAY, at, zone), change - 3 * DAY), 6)]
            looked += 1
            if found != [first + number * DAY for number in range(6)]:
                wrong.append((zone, change, found))
    assert wrong == []
    assert looked > 380


@pytest.mark.parametrize(
    ("after", "at"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
    ids=["in the gap, right after it", "in the fold, the first time", "not the second time", "nor from within it"],
)
def test_half_past_two_when_the_clock_changes(after: datetime, at: datetime) -> None:
    """A digest at 02:30 in Berlin runs once on both days that the clock changes (DESIGN.md §6)."""
    assert next_run(Schedule(EVERY_DAY, time(2, 30), BERLIN), after) == Run(at.astimezone(ZoneInfo(BERLIN)).date(), at)


def test_only_on_its_days() -> None:
    """On workdays there is no run on Saturday and Sunday, and without days none at all."""
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
    monday = Run(date(2026, 11, 30), datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert next_run(Schedule(WORKDAYS, time(9), BERLIN), friday) == monday
    assert next_run(Schedule((), time(9), BERLIN), friday) is None
    assert missed(Schedule((), time(9), BERLIN), friday, friday + 9 * DAY) == ()


def test_what_was_missed() -> None:
    """F2: from the run that was due to now, oldest first; one alone where nothing was missed, none before it is due."""
    schedule = Schedule(EVERY_DAY, time(9), BERLIN)
    due = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert [run.day.day for run in missed(schedule, due, due + 3 * DAY)] == [24, 25, 26, 27]
    assert [run.day.day for run in missed(schedule, due, due)] == [24]
    assert missed(schedule, due, due - timedelta(seconds=1)) == ()
    assert len(missed(schedule, due, due + 5000 * DAY)) == 400


@pytest.mark.parametrize(("name", "known"), [(BERLIN, True), ("UTC", True), ("Mars/Olympus", False), ("", False)])
def test_names_of_zones(name: str, known: bool) -> None:
    """A zone is taken by its name in tzdata, and nothing else is."""
    assert is_zone(name) is known
