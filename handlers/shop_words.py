"""Reading what people type after ``/shop`` and ``/cart``: prices, stock, quantities, names in quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_RANGE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,4})?)?\.\.([0-9]{1,12}(?:\.[0-9]{1,4})?)?", re.ASCII)
_IN_STOCK = re.compile(r"(?:^|\s)in[ -]stock(?=\s|$)", re.IGNORECASE)
_QUANTITY = re.compile(r"(.+?)\s+[x×]?([0-9]{1,9})", re.ASCII | re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]+)"(?:\s+[x×]?([0-9]{1,9}))?', re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Searched:
    """What ``/shop search`` was asked for; ``problem`` says what could not be read, and what to type instead."""

    words: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    in_stock: bool = False
    problem: str | None = None

    @property
    def title(self) -> str:
        """What was asked for, as the title of its list."""
        about = f" matching {self.words}" if self.words else ""
        low, high = self.low, self.high
        priced = "" if low is None and high is None else f", {_said(low, high)}"
        return f"Products{about}{priced}{', in stock' if self.in_stock else ''}"


def searched(text: str) -> Searched:
    """Read ``<words> [min..max] [in stock]``, in any order."""
    rest, in_stock = _IN_STOCK.subn(" ", text)
    words = [word for word in rest.split() if ".." not in word]
    prices = [word for word in rest.split() if ".." in word]
    if len(prices) > 1:
        return Searched(problem="I can read one range of prices, and here are several.")
    low, high = None, None
    if prices:
        found = _RANGE.fullmatch(prices[0])
        if found is None or not any(found.groups()):
            return Searched(problem=f"I could not read {prices[0][:40]!r}. Write a range of prices like 10..25.50.")
        low, high = (Decimal(part) if part else None for part in found.groups())
    if low is not None and high is not None and low > high:
        return Searched(problem=f"The range ends before it begins. Did you mean {high}..{low}?")
    return Searched(" ".join(words), low, high, bool(in_stock))


def counted(text: str) -> tuple[str, int | None]:
    """Read ``<SKU or name> [quantity]``: the name, and how many if that was said; quotes hold a name with a number."""
    quoted = _QUOTED.fullmatch(text)
    found = quoted or _QUANTITY.fullmatch(text)
    if found is None:
        return text.strip('"').strip(), None
    return found[1].strip('"').strip(), int(found[2]) if found[2] else None


def _said(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return f"up to {high}"
    return f"from {low}" if high is None else f"from {low} to {high}"
