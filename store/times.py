"""Points in time as the store keeps them: whole microseconds since 1970 in UTC, which compare and sort as numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def to_micros(moment: datetime) -> int:
    """An aware datetime as microseconds; a naive one raises TypeError, because its zone would be a guess."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The exact inverse of ``to_micros``, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def days_before(now: Now, days: float) -> int:
    """Microseconds of the moment that many days ago: the edge for forgetting."""
    return to_micros(now() - timedelta(days=days))
