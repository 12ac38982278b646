"""Wire types for answers whose parts may be missing or odd: what cannot be read is None, and the rest stays readable.

No back end documents which parts may be missing (apis/quivo.md §5.2), so a single bad one never costs an order.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


class _NoneIfUnreadable:
    """Marks a type whose unreadable values become None; pydantic's core does it without calling Python."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


class _EmptyIfUnreadable:
    """Marks a list that is empty where it cannot be read as one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=(), on_error="default")


def _no_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _no_bool(value: object) -> object:
    return None if isinstance(value, bool) else value


Maybe = Annotated[T | None, _NoneIfUnreadable()]
Several = Annotated[tuple[Maybe[T], ...], _EmptyIfUnreadable()]
Text = Annotated[str | None, _NoneIfUnreadable(), BeforeValidator(_no_blank)]
Whole = Annotated[int | None, _NoneIfUnreadable(), BeforeValidator(_no_bool)]
_Amount = Annotated[Decimal, Field(ge=0, max_digits=18)]
Price = Annotated[_Amount | None, _NoneIfUnreadable(), BeforeValidator(_no_bool)]
Money = Annotated[Annotated[Decimal, Field(max_digits=18)] | None, _NoneIfUnreadable(), BeforeValidator(_no_bool)]
Flag = Maybe[bool]
Moment = Maybe[datetime]
Day = Maybe[date]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


DEFERRED = ConfigDict(defer_build=True)


class Wire(BaseModel):
    """A body of a back end: unknown fields are ignored, numbers may stand for text, and errors never show the input."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        extra="ignore",
        frozen=True,
        coerce_numbers_to_str=True,
        allow_inf_nan=False,
        defer_build=True,  # at the first body and not at the start, which nobody is to wait for
    )


def utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC, which is what one without an offset is in; None if it lies outside the calendar there."""
    if moment is None or moment.tzinfo is None:
        return None if moment is None else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def https(link: str | None) -> str | None:
    """The link if it is plain https to a host, without user names, spaces or signs that could end it in a message."""
    if not link or not link.isprintable() or any(char in link for char in " <>|\"'`\\"):
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    return link if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else None
