"""One cell of a file as the value that a field takes; whatever cannot be read says why (seed 001)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast, get_args, get_origin

from backends.quivo.new_order import NewOrder
from operations.packing import hints_of

_INDEX = re.compile(r"([A-Za-z0-9]+)\[(\d{1,2})\]")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?", re.ASCII)

Path = tuple[str | int, ...]


class Unreadable(Exception):
    """A cell or a column that makes no sense; its text is safe to show."""


def path_of(column: str) -> tuple[Path, Any]:
    """A column's way into a NewOrder and the type at its end: ``positions[0].sku`` → ("positions", 0, "sku"), str.

    Raises Unreadable for a column that Quivo does not know.
    """
    path: list[str | int] = []
    hint: Any = NewOrder
    for part in _parts(column):
        if isinstance(part, int):
            hint = get_args(hint)[0]
        elif path and path[-1] == "custom_attributes":
            hint = str
        else:
            part, hint = _field(hint, part, column)
        path.append(part)
    if is_dataclass(hint) or hint in (tuple[tuple[str, str], ...],) or _is_list_of_objects(hint):
        raise Unreadable(f"the column {column[:60]} needs more to its name")
    return _home(tuple(path)), hint


def value_of(hint: Any, text: str, *, comma: bool = False) -> Any:
    """A cell's value; ``comma`` is whether a decimal comma may stand for the point. Raises Unreadable."""
    if get_origin(hint) is tuple:
        return tuple(part.strip() for part in text.split("|") if part.strip())
    return _READERS[hint](text.replace(",", ".", 1) if comma and hint in (Decimal, float) else text)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unreadable("is not a whole number")
    return int(text)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Unreadable("is not a number such as 12.50")
    return Decimal(text)


def _flag(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise Unreadable("is neither true nor false")
    return _WORDS[text.lower()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("is not a day such as 2026-11-30") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("is not a time such as 2026-11-30T09:30:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: Mapping[Any, Callable[[str], Any]] = MappingProxyType(
    {
        str: str,
        int: _whole,
        Decimal: _number,
        float: lambda text: float(_number(text)),
        bool: _flag,
        date: _day,
        datetime: _moment,
    }
)


def _parts(column: str) -> list[str | int]:
    """``positions[0].customAttributes.colour`` → positions, 0, customAttributes, colour; its name may hold dots."""
    head, dot, attribute = column.partition("customAttributes.")
    found: list[str | int] = []
    for part in filter(None, head.split(".")):
        if match := _INDEX.fullmatch(part):
            found += [match[1], int(match[2])]
        else:
            found.append(part)
    return [*found, "customAttributes", attribute] if dot else found


def _field(hint: Any, part: str, column: str) -> tuple[str, Any]:
    hints = hints_of(hint) if is_dataclass(hint) else {}
    if hint is not NewOrder and part in ("addressIdentifier", "additionalIdentifiers"):
        hints = hints_of(NewOrder)
    name = re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", part)
    if name not in hints:
        raise Unreadable(f"there is no column {column[:60]}; use Quivo's names, such as deliveryAddress.zip")
    return name, hints[name]


def _home(path: Path) -> Path:
    """``address_identifier`` and its like belong to the delivery address on the wire, and to the order with us."""
    ours = path[:1] == ("delivery_address",) and path[1:2] in (("address_identifier",), ("additional_identifiers",))
    return path[1:] if ours else path


def _is_list_of_objects(hint: Any) -> bool:
    return get_origin(hint) is tuple and is_dataclass(cast(Any, get_args(hint)[0]))
