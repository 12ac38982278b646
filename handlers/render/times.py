"""Times that each reader sees in their own zone, and days, which have none (DESIGN.md §10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def when(moment: datetime) -> str:
    """A moment as Slack's date entity for mrkdwn, e.g. "Nov 22nd, 2026 at 2:05 PM"; UTC where Slack cannot."""
    return _entity(moment, "{date_short_pretty} at {time}", in_utc(moment))


def when_day(moment: datetime) -> str:
    """The reader's day of a moment, as Slack's date entity for mrkdwn."""
    return _entity(moment, "{date_short_pretty}", f"{in_utc(moment)[:10]} UTC")


def in_utc(moment: datetime) -> str:
    """A moment in words that every reader can place; a time without a zone is Quivo's, which is UTC."""
    try:
        return f"{_aware(moment).astimezone(UTC).isoformat(' ')[:16]} UTC"
    except OverflowError:  # the first and the last day that a datetime can hold
        return f"{moment.isoformat(' ')[:16]} {moment:%z}"


def day(value: date) -> str:
    """A calendar day, the same for every reader, e.g. "22 Nov 2026"."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def days(first: date | None, last: date | None) -> str | None:
    """A window of days; None if neither end is known."""
    if first and last:
        return day(first) if first == last else f"{day(first)} to {day(last)}"
    if first:
        return f"from {day(first)}"
    return f"by {day(last)}" if last else None


def span(length: timedelta) -> str:
    """How long something has lasted, in its two largest units, e.g. "2 h 5 min"."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes // 60 % 24} h"


def _entity(moment: datetime, form: str, fallback: str) -> str:
    seconds = int(_aware(moment).timestamp())
    return f"<!date^{seconds}^{form}|{fallback}>" if seconds > 0 else fallback


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
