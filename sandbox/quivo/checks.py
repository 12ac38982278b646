"""Bean validation in small pieces: a check takes a field's path and value, and yields what is wrong with it.

The words follow the one documented example, `positions: must not be null` (`apis/quivo.md` §3). Null is as good as
absent everywhere.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

Flaw = tuple[str, str]
Check = Callable[[str, Any], Iterator[Flaw]]

NULL, BLANK, UNKNOWN = "must not be null", "must not be blank", "is not a known field"

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def text(most: int | None = None, *, blank: bool = True) -> Check:
    """A string of at most `most` UTF-16 units, which is how Java counts; not only white space unless `blank`."""

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if not isinstance(value, str):
            yield path, "must be a string"
            return
        if not blank and not value.strip():
            yield path, BLANK
        if most is not None and len(value.encode("utf-16-le")) // 2 > most:
            yield path, f"size must be between 0 and {most}"

    return check


def whole(least: int | None = None, most: int | None = None, *, bits: int = 64) -> Check:
    """An integer that fits in `bits` bits and lies between `least` and `most`."""

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if type(value) is not int or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            yield path, "must be an integer"
        else:
            yield from _within(path, value, least, most)

    return check


def number(least: float | None = None, most: float | None = None, *, above: float | None = None) -> Check:
    """A number between `least` and `most`, or strictly above `above`."""

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if type(value) not in (int, float) or not abs(value) < math.inf:
            yield path, "must be a number"
            return
        if above is not None and value <= above:
            yield path, f"must be greater than {above:g}"
        yield from _within(path, value, least, most)

    return check


def flag(path: str, value: Any) -> Iterator[Flaw]:
    """True or false."""
    if not isinstance(value, bool):
        yield path, "must be a boolean"


def day(path: str, value: Any) -> Iterator[Flaw]:
    """A date such as 2023-12-25."""
    if not (isinstance(value, str) and _DAY.fullmatch(value) and _readable(date.fromisoformat, value)):
        yield path, "must be a date"


def moment(path: str, value: Any) -> Iterator[Flaw]:
    """A date and time with its offset, such as 2023-11-07T05:31:56Z."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value) and _readable(_in_utc, value)):
        yield path, "must be a date-time"


def one_of(*names: str) -> Check:
    """One of these words."""

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if value not in names:
            yield path, f"must be one of {', '.join(names)}"

    return check


def attributes(path: str, value: Any) -> Iterator[Flaw]:
    """An object, or a JSON string of one (`apis/quivo.md` §5.6)."""
    if as_attributes(value) is None:
        yield path, "must be an object"


def as_attributes(value: Any) -> dict[str, Any] | None:
    """Return custom attributes as an object, whichever of both forms they were sent in; None if they are neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def each(inner: Check, least: int = 0) -> Check:
    """An array of at least `least` elements that each pass `inner`; none of them may be null."""

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if not isinstance(value, list):
            yield path, "must be an array"
            return
        if len(value) < least:
            yield path, f"size must be between {least} and {2**31 - 1}"
        for place, item in enumerate(value):
            spot = f"{path}[{place}]"
            yield from [(spot, NULL)] if item is None else inner(spot, item)

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these fields; a field of another name is a flaw that says UNKNOWN."""
    known = {**required, **optional}

    def check(path: str, value: Any) -> Iterator[Flaw]:
        if not isinstance(value, dict):
            yield path, "must be an object"
            return
        for name, inner in known.items():
            if value.get(name) is not None:
                yield from inner(below(path, name), value[name])
            elif name in required:
                yield below(path, name), NULL
        yield from ((below(path, name), UNKNOWN) for name in value if name not in known)

    return check


def anything(_: str, __: Any) -> Iterator[Flaw]:
    """Any value: the field is known and ignored."""
    return iter(())


def below(path: str, name: str) -> str:
    """Return the path of a field inside the object at `path` ("" for the body itself)."""
    return f"{path}.{name}" if path else name


def _within(path: str, value: float, least: float | None, most: float | None) -> Iterator[Flaw]:
    if least is not None and value < least:
        yield path, f"must be greater than or equal to {least:g}"
    if most is not None and value > most:
        yield path, f"must be less than or equal to {most:g}"


def _readable(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except (ValueError, OverflowError):
        return False
    return True


def _in_utc(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)
