"""Money on the wire: decimal strings for machines, formatted strings for people (`apis/vendo.md` §1)."""

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_SYMBOLS = {"USD": "$", "EUR": "€"}


def rounded(value: Decimal) -> Decimal:
    """Round to cents, half up."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Return `0.0`, `304.95`, `-28.8`: trailing zeros trimmed to at least one decimal."""
    text = f"{value.normalize():f}" if value else "0.0"
    return text if "." in text else f"{text}.0"


def shown(value: Decimal, currency: str) -> str:
    """Return `$1,304.95` or `-$28.80`."""
    return f"{'-' if value < 0 else ''}{_SYMBOLS[currency]}{abs(rounded(value)):,.2f}"


def pair(name: str, value: Decimal, currency: str) -> dict[str, str]:
    """Return the attribute and its twin for people, `name` and `display_name`."""
    return {name: plain(value), f"display_{name}": shown(value, currency)}
