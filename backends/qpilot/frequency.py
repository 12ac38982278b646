"""How often a scheduled order recurs: QPilot's five kinds, their limits and their words (apis/qpilot.md §4)."""

from __future__ import annotations

DAYS, WEEKS, MONTHS, WEEKDAY, DAY_OF_MONTH = "Days", "Weeks", "Months", "DayOfTheWeek", "DayOfTheMonth"
LONGEST = {DAYS: 365, WEEKS: 365, MONTHS: 365, WEEKDAY: 7, DAY_OF_MONTH: 31}
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def words(frequency_type: str | None, frequency: int | None) -> str | None:
    """Such as *Every 30 days*, *Every Monday*, *The 15th of every month*; None for what we do not know.

    Only for what is about to be chosen: what QPilot has, it names itself in ``frequencyDisplayName``.
    """
    if frequency is None or not 1 <= frequency <= LONGEST.get(frequency_type or "", 0):
        return None
    if frequency_type == WEEKDAY:
        return f"Every {WEEKDAYS[frequency - 1]}"
    if frequency_type == DAY_OF_MONTH:
        ending = "th" if frequency in (11, 12, 13) else _ENDINGS.get(frequency % 10, "th")
        return f"The {frequency}{ending} of every month"
    unit = str(frequency_type).lower()
    return f"Every {unit[:-1]}" if frequency == 1 else f"Every {frequency} {unit}"
