"""An amount with its currency, the same for every reader: "$1,234.50", "¥1,234", "12.00 XTS" (DESIGN.md §10)."""

from __future__ import annotations

import re
from decimal import Decimal

from handlers.render.escape import plain

_CODE = re.compile("[A-Z]{3}")
_LOCALE = "en_US"
_USUAL_DECIMALS = 2


def money(amount: Decimal, currency: str | None) -> str:
    """The amount with all of its digits, at least as many after the point as Babel knows the currency to have.

    The currency's sign stands in front; one that has none of its own stands behind, by its letters. Babel's own
    ``format_currency`` is not asked, for it breaks with more than 28 digits.
    """
    from babel.numbers import get_currency_precision, get_currency_symbol  # here, for it takes long to load

    code = currency or ""
    if not _CODE.fullmatch(code):
        return f"{_digits(amount, _USUAL_DECIMALS)} {plain(code)}".rstrip()
    digits, symbol = _digits(amount, get_currency_precision(code)), get_currency_symbol(code, _LOCALE)
    if symbol == code:
        return f"{digits} {code}"
    return f"-{symbol}{digits[1:]}" if digits.startswith("-") else f"{symbol}{digits}"


def _digits(amount: Decimal, decimals: int) -> str:
    """The whole number in thousands, then the point and at least so many decimals; no zeros beyond them."""
    whole, _, part = f"{amount if amount else abs(amount):,f}".partition(".")
    shown = part.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{shown}" if shown else whole
