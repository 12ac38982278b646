"""The site's own day: its time zone by whatever name QPilot gives it (apis/qpilot.md §5.5, §8.1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from babel.core import get_global

from backends.qpilot.entities import Site

_MOST_HOURS = 14


def zone_of(site: Site) -> tzinfo:
    """The site's zone by its IANA or Windows name, else by its offset (hours, or minutes beyond 14), else UTC."""
    name = (site.timezone or "").strip()
    for candidate in (name, get_global("windows_zone_mapping").get(name)):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except (KeyError, ValueError, OSError):  # no such zone, no zone's name, a folder
            continue
    offset = site.utc_offset or 0
    minutes = offset * 60 if abs(offset) <= _MOST_HOURS else offset
    return timezone(timedelta(minutes=minutes)) if minutes and abs(minutes) < 24 * 60 else UTC


def midnight(day: date, zone: tzinfo) -> datetime:
    """When this day begins there, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
