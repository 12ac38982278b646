"""How often a scheduled order recurs, in words, and when it comes next, for previews only (apis/qpilot.md §4, §7)."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo

from backends.qpilot.frequency import DAY_OF_MONTH, DAYS, LONGEST, MONTHS, WEEKDAY, WEEKS, words


def in_words(frequency_type: str | None, frequency: int | None, name: str | None = None) -> str:
    """Such as *every 30 days*, *every Monday*, *on the 15th of every month*.

    ``name`` is QPilot's own ``frequencyDisplayName``, used where we do not know the type.
    """
    known = words(frequency_type, frequency)
    if known is None:
        return name or f"every {frequency or '?'} × {frequency_type or '?'}"
    return f"on {known[0].lower()}{known[1:]}" if frequency_type == DAY_OF_MONTH else f"{known[0].lower()}{known[1:]}"


def following(moment: datetime, frequency_type: str | None, frequency: int | None, zone: tzinfo) -> datetime | None:
    """The occurrence after ``moment``, in UTC, at the same wall time in ``zone``; None for what we do not know.

    A month without that day ends on its last one. A wall time that a clock change leaves out comes as much later as
    the clock was moved; one that comes twice is the first. QPilot's own calculator has the last word.
    """
    if frequency is None or not 1 <= frequency <= LONGEST.get(frequency_type or "", 0):
        return None
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    try:
        return _moved(local, frequency_type or "", frequency).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def _moved(local: datetime, frequency_type: str, frequency: int) -> datetime:
    if frequency_type == DAYS:
        return local + timedelta(days=frequency)
    if frequency_type == WEEKS:
        return local + timedelta(weeks=frequency)
    if frequency_type == MONTHS:
        return _in_month(local, frequency, local.day)
    if frequency_type == WEEKDAY:
        sunday_is_1 = local.isoweekday() % 7 + 1
        return local + timedelta(days=(frequency - sunday_is_1 - 1) % 7 + 1)
    here = _in_month(local, 0, frequency)
    return here if here > local else _in_month(local, 1, frequency)


def _in_month(local: datetime, months: int, day: int) -> datetime:
    """That day so many months later, or the month's last one."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if year > MAXYEAR:
        raise OverflowError
    return local.replace(year=year, month=month + 1, day=min(day, monthrange(year, month + 1)[1]))
