"""When a digest is due: local wall time on days of the week, once for each local date (DESIGN.md §6, CHECKS F1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WORKDAYS = (0, 1, 2, 3, 4)
_LONGEST_LOOK = 400  # days that a schedule may be behind; what is older is as late as this


@dataclass(frozen=True)
class Schedule:
    """On these days (0 is Monday) at this local time in this zone; a gap of the clock runs it right after the gap."""

    days: tuple[int, ...]
    at: time
    zone: str


@dataclass(frozen=True)
class Run:
    """One due run: its local date, which it happens once on, and the moment in UTC."""

    day: date
    at: datetime


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    return name in _zones()


def runs(schedule: Schedule, after: datetime) -> Iterator[Run]:
    """The runs after a moment, the next one first, for ever; none for a schedule without days."""
    from cronsim import CronSim

    if not schedule.days:
        return
    days = ",".join(str((day + 1) % 7) for day in sorted(set(schedule.days)))
    zone = ZoneInfo(schedule.zone)
    for local in CronSim(f"{schedule.at.minute} {schedule.at.hour} * * {days}", after.astimezone(zone)):
        at = local.astimezone(UTC)
        if at > after:  # within the second pass of an hour that comes twice, the first one is reckoned once more
            yield Run(local.date(), at)


def next_run(schedule: Schedule, after: datetime) -> Run | None:
    """The first run after a moment; None for a schedule without days."""
    return next(runs(schedule, after), None)


def missed(schedule: Schedule, due: datetime, now: datetime) -> tuple[Run, ...]:
    """The runs from ``due`` to ``now``, oldest first: more than one are told together, as late (CHECKS F2)."""
    found: list[Run] = []
    for run in runs(schedule, _just_before(due)):
        if run.at > now or len(found) >= _LONGEST_LOOK:
            return tuple(found)
        found.append(run)
    return tuple(found)


def _just_before(moment: datetime) -> datetime:
    """A minute earlier, for runs are looked for after a moment and begin on whole minutes."""
    return datetime.fromtimestamp(moment.timestamp() - 60, UTC)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
