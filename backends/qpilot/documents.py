"""QPilot's JSON in and out, without losing a digit of an amount, and its moments (apis/qpilot.md §3.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from backends import wire
from backends.secret import Secret

_LONGEST_PLAIN = 40


def loaded(body: bytes | str) -> Any:
    """A JSON text with its numbers as Decimal or int; raises ValueError for anything else."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        pass  # its frames would be thousands
    raise ValueError("too deep")


def dumped(value: Any) -> str:
    """The JSON text of what ``loaded`` gave, each Decimal as the number that it is."""
    match value:
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < _LONGEST_PLAIN else str(value)
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {dumped(one)}" for name, one in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(dumped(one) for one in value) + "]"
    return json.dumps(value, allow_nan=False)


def secret(body: dict[str, Any]) -> Secret:
    """A body for the wire."""
    return Secret(dumped(body))


def utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC; None for none, and for the year 1 that .NET writes where it has none."""
    return None if moment is None or moment.year == 1 else wire.utc(moment)


def written(moment: datetime, digits: int = 3) -> str:
    """The moment as QPilot takes it: UTC, so many digits of a second, ``Z`` (apis/qpilot.md §3.2)."""
    moment = moment.astimezone(UTC)
    fraction = f"{moment.microsecond:06d}".ljust(digits, "0")[:digits]
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if digits else ''}{fraction}Z"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
