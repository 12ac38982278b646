"""Reads what was typed into the inputs of a form; what cannot be read is said under its input.

A value that is typed means one thing or is refused: "1,234" could be a thousand or a bit more than one, so it is asked
for again. Line breaks inside of a value are written "⏎", so that a value stays on its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
BREAK = "⏎"
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:[.,][0-9]{1,30})?")
_AMBIGUOUS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_TOO_CLOSE = "Write it like 1234.50: I can't tell whether this is a thousand or a bit more than one."


class Unreadable(ValueError):
    """What was typed cannot be read; its text says what to type instead."""


class Typed:
    """The values of one form by block_id; ``errors`` collects what could not be read, by block_id."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.errors: dict[str, str] = {}

    def text(self, block_id: str) -> str | None:
        """What was typed, without spaces around it; None if there is nothing."""
        return str(self._values.get(block_id) or "").replace("\r\n", "\n").strip() or None

    def needed(self, block_id: str, missing: str) -> str:
        """A text that there must be."""
        typed = self.text(block_id)
        if typed is None:
            self.errors[block_id] = missing
        return typed or ""

    def read(self, block_id: str, reader: Callable[[str], T]) -> T | None:
        """What was typed as something else; None if there is nothing or it cannot be read."""
        typed = self.text(block_id)
        if typed is None:
            return None
        try:
            return reader(typed)
        except Unreadable as problem:
            self.errors[block_id] = str(problem)
            return None

    def tick(self, block_id: str) -> bool:
        """Whether the one checkbox of this input is ticked."""
        return bool(self._values.get(block_id))


def whole(text: str) -> int:
    """A whole number, without signs for thousands."""
    if not _WHOLE.fullmatch(text):
        raise Unreadable("Write a whole number, e.g. 2.")
    return int(text)


def amount(text: str) -> Decimal:
    """An amount, with a point or a comma before its decimals."""
    if _AMBIGUOUS.fullmatch(text):
        raise Unreadable(_TOO_CLOSE)
    if not _AMOUNT.fullmatch(text):
        raise Unreadable("Write a number, e.g. 1234.50.")
    return Decimal(text.replace(",", "."))


def amount_text(value: Decimal) -> str:
    """An amount as ``amount`` reads it."""
    text = f"{value:f}"
    return f"{text}0" if _AMBIGUOUS.fullmatch(text) else text


def coordinate(text: str) -> float:
    """Degrees, with a point or a comma before the decimals."""
    if not _AMOUNT.fullmatch(text):
        raise Unreadable("Write degrees, e.g. 52.52.")
    return float(text.replace(",", "."))


def coordinate_text(value: float) -> str:
    """Degrees as ``coordinate`` reads them."""
    return f"{Decimal(repr(value)):f}"


def country(text: str) -> str:
    """A country by its two letters."""
    code = text.upper()
    if not re.fullmatch(r"[A-Z]{2}", code, re.ASCII):
        raise Unreadable("Write the country's two letters, e.g. DE.")
    return code


def currency(text: str) -> str:
    """A currency by its three letters."""
    code = text.upper()
    if not re.fullmatch(r"[A-Z]{3}", code, re.ASCII):
        raise Unreadable("Write the currency's three letters, e.g. EUR.")
    return code


def day(text: str) -> date:
    """A calendar day, e.g. 2026-11-24."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("Write the day like 2026-11-24.") from None


def moment(text: str) -> datetime:
    """A moment from Slack's calendar with a clock, in seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("Choose a day and a time.") from None


def several(text: str) -> tuple[str, ...]:
    """What stands between commas; quotes keep a comma inside of one."""
    row = next(csv.reader([text.replace("\n", ",")], skipinitialspace=True), [])
    return tuple(filter(None, (part.strip() for part in row)))


def several_text(parts: Iterable[str]) -> str:
    """Several words as ``several`` reads them."""
    return ", ".join(_quoted(part) for part in parts)


def pairs(text: str) -> Pairs:
    """One name=value on each line."""
    return tuple(_pair(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def pairs_text(given: Iterable[tuple[str, str]]) -> str:
    """Names and values as ``pairs`` reads them."""
    return "\n".join(f"{_one_line(name)}={_one_line(value)}" for name, value in given)


def _pair(number: int, line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    if not sign or not name.strip():
        raise Unreadable(f"Line {number} is not name=value.")
    return name.strip().replace(BREAK, "\n"), value.strip().replace(BREAK, "\n")


def _one_line(text: str) -> str:
    return re.sub(r"\r\n|[\r\n]", BREAK, text)


def _quoted(text: str) -> str:
    plain = _one_line(text)
    return f'"{plain.replace(chr(34), chr(34) * 2)}"' if "," in plain or plain.startswith('"') else plain
