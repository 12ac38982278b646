"""Amounts with their currency, the same for every reader, and with every digit that they have (DESIGN.md §10)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from handlers.render.money import money


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("304.95", "USD", "$304.95"),
        ("304.9", "USD", "$304.90"),
        ("1234.5", "EUR", "€1,234.50"),
        ("-28.8", "USD", "-$28.80"),
        ("0", "GBP", "£0.00"),
        ("-0.0", "USD", "$0.00"),
        ("1234", "JPY", "¥1,234"),
        ("1234.0", "JPY", "¥1,234"),
        ("12.5", "JPY", "¥12.5"),
        ("1.5", "KWD", "1.500 KWD"),
        ("12", "XTS", "12.00 XTS"),
        ("261.7909", "USD", "$261.7909"),
        ("304.9500", "USD", "$304.95"),
        ("1E+3", "USD", "$1,000.00"),
        ("12345678901234567890123456789012.5", "USD", "$12,345,678,901,234,567,890,123,456,789,012.50"),
        ("1", "usd", "1.00 usd"),
        ("1", "", "1.00"),
        ("1", None, "1.00"),
        ("1", "<!here>", "1.00 <!here>"),
        ("1", "US\nD", "1.00 US ⏎ D"),
    ],
)
def test_an_amount_is_written_whole(amount: str, currency: str | None, shown: str) -> None:
    """The currency's own sign and decimals; what is no currency is shown as it came, cleaned like all outside text."""
    assert money(Decimal(amount), currency) == shown
