"""Instants as QPilot writes and takes them: ISO 8601 in UTC, a field's name ends in `Utc` (`apis/qpilot.md` §3.2)."""

import re
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

_FORM = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.(?P<fraction>\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def moment(at: float) -> str:
    """Write epoch seconds as a record shows them: milliseconds and `Z`."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def bare(at: float) -> str:
    """Write epoch seconds as the calculator answers: whole seconds, no zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def epoch(text: object) -> float:
    """Return the epoch seconds of an instant; without a zone it is UTC, a bare date is its first second.

    Raises ValueError for anything else.
    """
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        raise ValueError("not an instant")
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def digits(text: str) -> int:
    """Return how many digits an instant's fraction of a second has."""
    found = _FORM.fullmatch(text)
    return len((found and found["fraction"]) or "")
