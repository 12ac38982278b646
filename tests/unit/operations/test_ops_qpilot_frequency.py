"""Frequencies in words, and the next occurrence over month ends, leap days and clock changes in ten zones."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.frequency import following, in_words

ZONES = (
    "UTC",
    "Europe/Vienna",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Africa/Casablanca",
)
KINDS = {"Days": 365, "Weeks": 365, "Months": 365, "DayOfTheWeek": 7, "DayOfTheMonth": 31}


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("Days", 1, "every day"),
        ("Days", 30, "every 30 days"),
        ("Weeks", 1, "every week"),
        ("Weeks", 2, "every 2 weeks"),
        ("Months", 1, "every month"),
        ("Months", 3, "every 3 months"),
        ("DayOfTheWeek", 1, "every Sunday"),
        ("DayOfTheWeek", 2, "every Monday"),
        ("DayOfTheWeek", 7, "every Saturday"),
        ("DayOfTheMonth", 1, "on the 1st of every month"),
        ("DayOfTheMonth", 2, "on the 2nd of every month"),
        ("DayOfTheMonth", 11, "on the 11th of every month"),
        ("DayOfTheMonth", 15, "on the 15th of every month"),
        ("DayOfTheMonth", 23, "on the 23rd of every month"),
        ("DayOfTheMonth", 31, "on the 31st of every month"),
    ],
)
def test_words(kind: str, number: int, said: str) -> None:
    """Each type has its words; the first day of QPilot's week is Sunday (§4)."""
    assert in_words(kind, number, "QPilot's own") == said


@pytest.mark.parametrize(
    ("kind", "number", "name", "said"),
    [
        ("Moons", 2, "Every second moon", "Every second moon"),
        ("Moons", 2, None, "every 2 × Moons"),
        ("DayOfTheWeek", 9, "Every Ninthday", "Every Ninthday"),
        (None, None, None, "every ? × ?"),
    ],
)
def test_words_for_what_we_do_not_know(kind: str | None, number: int | None, name: str | None, said: str) -> None:
    """An unknown type is called as QPilot calls it, and never by a wrong word."""
    assert in_words(kind, number, name) == said


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "start", "kind", "number", "then"),
    [
        ("UTC", "2026-01-31T08:00", "Months", 1, "2026-02-28T08:00"),
        ("UTC", "2028-01-31T08:00", "Months", 1, "2028-02-29T08:00"),
        ("UTC", "2028-02-29T08:00", "Months", 12, "2029-02-28T08:00"),
        ("UTC", "2026-10-31T08:00", "Months", 1, "2026-11-30T08:00"),
        ("UTC", "2026-12-15T08:00", "Months", 1, "2027-01-15T08:00"),
        ("UTC", "2028-02-28T08:00", "Days", 1, "2028-02-29T08:00"),
        ("UTC", "2027-02-28T08:00", "Days", 1, "2027-03-01T08:00"),
        ("UTC", "2026-02-28T08:00", "DayOfTheMonth", 31, "2026-03-31T08:00"),
        ("UTC", "2026-01-31T08:00", "DayOfTheMonth", 31, "2026-02-28T08:00"),
        ("UTC", "2026-01-10T08:00", "DayOfTheMonth", 15, "2026-01-15T08:00"),
        ("UTC", "2026-01-15T08:00", "DayOfTheMonth", 15, "2026-02-15T08:00"),
        ("UTC", "2026-12-31T08:00", "DayOfTheMonth", 1, "2027-01-01T08:00"),
        ("UTC", "2026-11-22T08:00", "DayOfTheWeek", 1, "2026-11-29T08:00"),
        ("UTC", "2026-11-22T08:00", "DayOfTheWeek", 2, "2026-11-23T08:00"),
        ("UTC", "2026-11-22T08:00", "DayOfTheWeek", 7, "2026-11-28T08:00"),
        ("America/New_York", "2026-03-07T03:00", "Days", 1, "2026-03-08T03:00"),
        ("America/New_York", "2026-10-31T03:00", "Days", 1, "2026-11-01T03:00"),
        ("Europe/Vienna", "2026-03-22T09:00", "Weeks", 1, "2026-03-29T09:00"),
        ("Pacific/Auckland", "2026-03-31T09:00", "Months", 1, "2026-04-30T09:00"),
        ("America/New_York", "2026-03-07T02:30", "Days", 1, "2026-03-08T03:30"),
        ("Europe/Vienna", "2026-03-28T02:30", "Days", 1, "2026-03-29T03:30"),
        ("Australia/Lord_Howe", "2026-10-03T02:15", "Days", 1, "2026-10-04T02:45"),
    ],
)
def test_following(zone: str, start: str, kind: str, number: int, then: str) -> None:
    """Month ends, leap days, weekdays, and the hour that a clock change leaves out (§7)."""
    assert following(at(start, zone), kind, number, ZoneInfo(zone)) == at(then, zone)


def test_the_hour_that_comes_twice_is_the_first() -> None:
    """01:30 on the night of the change is the summer one, whether or not the one before was the second."""
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert following(first - timedelta(days=1), "Days", 1, zone) == first
    # eleven years later the clocks change on that day again
    assert following(first + timedelta(hours=1), "Months", 132, zone) == datetime(2037, 11, 1, 5, 30, tzinfo=UTC)
    assert following(first + timedelta(hours=1), "Days", 1, zone) == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_following_in_ten_zones(zone: str, kind: str, data: st.DataObject) -> None:
    """It is later, at the same wall time but where the clock leaves that out, and on the day that its type says."""
    there = ZoneInfo(zone)
    start = data.draw(st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    number = data.draw(st.integers(1, KINDS[kind]))
    then = following(start, kind, number, there)
    assert then is not None
    assert then > start
    before, after = start.astimezone(there), then.astimezone(there)
    moved = after.replace(tzinfo=None) - before.replace(tzinfo=None)
    if kind in ("Days", "Weeks"):
        wall = timedelta(days=number * (7 if kind == "Weeks" else 1))
        assert timedelta(0) <= moved - wall <= timedelta(hours=1)
    elif kind == "Months":
        assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == number
        assert after.day == min(before.day, monthrange(after.year, after.month)[1])
    elif kind == "DayOfTheWeek":
        assert after.isoweekday() % 7 + 1 == number
        assert moved <= timedelta(days=7, hours=1)
    else:
        assert after.day == min(number, monthrange(after.year, after.month)[1])
        assert moved <= timedelta(days=31, hours=1)
    same = datetime.combine(after.date(), before.time(), there)
    is_left_out = same.astimezone(UTC).astimezone(there).time() != same.time()
    assert is_left_out or after.time() == before.time()


@pytest.mark.parametrize(
    ("kind", "number"),
    [("Days", 0), ("Days", 366), ("DayOfTheWeek", 8), ("DayOfTheMonth", 32), ("Moons", 1), (None, 1)],
)
def test_what_we_do_not_know_is_not_reckoned(kind: str | None, number: int) -> None:
    """A type or number out of range gives no date instead of a wrong one."""
    assert following(datetime(2026, 1, 1, tzinfo=UTC), kind, number, UTC) is None


def test_no_number_and_the_end_of_time() -> None:
    """Neither a missing number nor the calendar's end is a crash."""
    assert following(datetime(2026, 1, 1, tzinfo=UTC), "Days", None, UTC) is None
    assert following(datetime(9999, 12, 1, tzinfo=UTC), "Months", 12, UTC) is None
    assert following(datetime(9999, 12, 31, tzinfo=UTC), "Days", 2, UTC) is None
