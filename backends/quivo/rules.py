"""Small rules that the checks of orders, addresses and changes share; each gives the complaint, or None."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from backends.errors import FieldError

INT32, INT64 = 2**31 - 1, 2**63 - 1
REQUIRED = "must not be empty"
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

Complaint = FieldError | None


def complaints(*found: Complaint) -> Iterator[FieldError]:
    """Those that are complaints."""
    return (one for one in found if one is not None)


def blank(text: str | None) -> bool:
    """True if nothing is written there."""
    return text is None or not text.strip()


def required(field: str, text: str | None) -> Complaint:
    """A text must be given."""
    return FieldError(field, REQUIRED) if blank(text) else None


def longest(field: str, text: str | None, most: int) -> Complaint:
    """A text that is given has at most so many characters, counted as Java does: an emoji is two."""
    length = len((text or "").encode("utf-16-le", errors="surrogatepass")) // 2
    return FieldError(field, f"must have at most {most} characters") if length > most else None


def between(field: str, number: int | float | None, least: int, most: int) -> Complaint:
    """A number that is given lies in a range, both ends included; what is not a number does not."""
    if number is None or least <= number <= most:
        return None
    return FieldError(field, f"must be at least {least}" if number < least else f"must be at most {most}")


def one_of(field: str, word: str | None, words: Iterable[str]) -> Complaint:
    """A word that is given is one of these."""
    allowed = tuple(words)
    return None if word is None or word in allowed else FieldError(field, f"must be one of {', '.join(allowed)}")


def currency(field: str, code: str | None) -> Complaint:
    """A currency is three capital letters; our assumption (apis/quivo.md §5.1)."""
    good = code is None or _CURRENCY.fullmatch(code)
    return None if good else FieldError(field, "must be three capital letters, such as EUR")


def amount(field: str, value: Decimal | None, *, above_zero: bool = False) -> Complaint:
    """An amount that is given is not negative and goes into a JSON number without losing a digit."""
    if value is None:
        return None
    if not value.is_finite() or Decimal(repr(float(value))) != value:
        return FieldError(field, "must be a number of at most 15 digits")
    if above_zero and value <= 0:
        return FieldError(field, "must be more than 0")
    return FieldError(field, "must be at least 0") if value < 0 else None


def attributes(field: str, pairs: Iterable[tuple[str, str]]) -> Complaint:
    """Custom attributes have names, and none of them twice, for one of the two would be lost."""
    names = Counter(name for name, _ in pairs)
    if any(blank(name) for name in names):
        return FieldError(field, "must have a name for each value")
    return FieldError(field, "must not have a name twice") if names and max(names.values()) > 1 else None
