"""What can be known to be wrong before Vendo is asked, under Vendo's own field names (apis/vendo.md §5, §7)."""

from __future__ import annotations

import re

from backends.errors import FieldError
from backends.vendo.cart import Address

MOST_ITEMS = 10_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_COUNTRY = re.compile(r"[A-Za-z]{2,3}")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_REQUIRED = ("firstname", "lastname", "address1", "city", "country_iso")


def check_quantity(quantity: int) -> tuple[FieldError, ...]:
    """A quantity is 1 to 10,000; field ``quantity``."""
    if 1 <= quantity <= MOST_ITEMS:
        return ()
    return (FieldError("quantity", f"must be a number from 1 to {MOST_ITEMS:,}"),)


def check_currency(currency: str) -> tuple[FieldError, ...]:
    """A currency is three letters; field ``currency``."""
    return () if _CURRENCY.fullmatch(currency) else (FieldError("currency", "must be three letters, such as USD"),)


def check_email(email: str, field: str = "email") -> tuple[FieldError, ...]:
    """An e-mail address has one @ with something around it, no space, and at most 254 characters."""
    if len(email) <= 254 and _EMAIL.fullmatch(email):
        return ()
    return (FieldError(field, "must be an e-mail address, such as ada@example.com"),)


def check_address(address: Address, prefix: str) -> tuple[FieldError, ...]:
    """The required parts of an address (apis/vendo.md §7); fields such as ``ship_address.firstname``."""
    missing = [name for name in _REQUIRED if not (getattr(address, name) or "").strip()]
    found = [FieldError(f"{prefix}.{name}", "must not be empty") for name in missing]
    country = (address.country_iso or "").strip()
    if country and not _COUNTRY.fullmatch(country):
        found.append(FieldError(f"{prefix}.country_iso", "must be two or three letters, such as US"))
    return tuple(found)
