"""When an order comes again, and how its rhythm is said (`apis/qpilot.md` §4, §7)."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

TYPES = ("Days", "Weeks", "Months", "DayOfTheWeek", "DayOfTheMonth")

_MOST = {"DayOfTheWeek": 7, "DayOfTheMonth": 31}
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def most(frequency_type: str) -> int:
    """Return the highest frequency of a type: a day's number where it names a day, 365 otherwise."""
    return _MOST.get(frequency_type, 365)


def following(at: float, frequency_type: str, frequency: int) -> float:
    """Return the first occurrence after `at` (epoch seconds), at the same time of day in UTC.

    Months end where the month ends: a month after 31 January is the last of February.
    """
    before = datetime.fromtimestamp(at, UTC)
    match frequency_type:
        case "Days" | "Weeks":
            after = before + timedelta(days=frequency * (7 if frequency_type == "Weeks" else 1))
        case "Months":
            after = _in_month(before, frequency, before.day)
        case "DayOfTheWeek":
            # QPilot counts from 1, Sunday; Python's isoweekday has Sunday as 7.
            after = before + timedelta(days=(frequency - 2 - before.isoweekday() % 7) % 7 + 1)
        case _:
            this_month = _in_month(before, 0, frequency)
            after = this_month if this_month > before else _in_month(before, 1, frequency)
    return after.timestamp()


def next_after(at: float, frequency_type: str, frequency: int, now: float) -> float:
    """Return the occurrence after `at` that is in the future: `at` plus the frequency, as often as it takes."""
    found = following(at, frequency_type, frequency)
    while found <= now:
        found = following(found, frequency_type, frequency)
    return found


def display_name(frequency_type: str, frequency: int) -> str:
    """Say a rhythm as QPilot does, e.g. "Every 30 days", "Every Monday", "The 15th of every month"."""
    if frequency_type == "DayOfTheWeek":
        return f"Every {_DAYS[(frequency - 1) % 7]}"
    if frequency_type == "DayOfTheMonth":
        ending = "th" if 11 <= frequency <= 13 else _ENDINGS.get(frequency % 10, "th")
        return f"The {frequency}{ending} of every month"
    unit = frequency_type.lower()
    return f"Every {unit[:-1]}" if frequency == 1 else f"Every {frequency} {unit}"


def _in_month(moment: datetime, months: int, day: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(day, monthrange(year, month + 1)[1]))
