"""Frozen dataclasses as JSON and back, for what must outlive the process (the ledger's and an import's payloads)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def pack(value: Any) -> Any:
    """A value as JSON; what is None is left out of its object."""
    if is_dataclass(value):
        given = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: pack(part) for name, part in given if part is not None}
    match value:
        case tuple():
            return [pack(part) for part in value]
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
    return value


def unpack(kind: type[T], packed: Mapping[str, Any]) -> T:
    """The exact inverse of ``pack`` for a dataclass of this kind."""
    hints = hints_of(kind)
    return kind(**{name: _unpacked(hints[name], part) for name, part in packed.items()})


def hints_of(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, without ``| None``."""
    return _hints(kind)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return {name: _without_none(hint) for name, hint in get_type_hints(kind).items()}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    (only,) = (one for one in get_args(hint) if one is not NoneType)
    return only


def _unpacked(hint: Any, packed: Any) -> Any:
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        each = parts[:1] * len(packed) if parts[-1] is Ellipsis else parts
        return tuple(_unpacked(one, part) for one, part in zip(each, packed, strict=True))
    if is_dataclass(hint):
        return unpack(cast("type[Any]", hint), packed)
    if hint in (date, datetime):
        return hint.fromisoformat(packed)
    return hint(packed) if hint is Decimal or issubclass(hint, StrEnum) else packed
