"""An amount with its currency, the same for every reader: "1,234.50 EUR"."""

from __future__ import annotations

from decimal import Decimal

from handlers.render.escape import plain


def money(amount: Decimal, currency: str | None) -> str:
    """The amount with all of its digits, at least two of them after the point, and the currency's three letters."""
    whole, _, part = f"{amount:,f}".partition(".")
    return f"{whole}.{part:0<2} {plain(currency or '')}".rstrip()
