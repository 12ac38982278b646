"""Customers with their addresses and cards, and what an address must have (`apis/vendo.md` §7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.vendo.geography import DEFAULT, Country, country
from sandbox.vendo.money import ZERO

_LABELS = {
    "firstname": "First Name", "lastname": "Last Name", "address1": "Address", "city": "City",
    "zipcode": "Zip Code", "phone": "Phone", "country": "Country", "state": "State", "label": "Address name",
}  # fmt: skip
_TEXTS = ("firstname", "lastname", "address1", "address2", "city", "zipcode", "phone", "company", "label")
BLANK = "can't be blank"

Errors = dict[str, list[str]]


@dataclass
class Address:
    """A postal address; `state` is (abbreviation, name) where the country has states."""

    id: str
    fields: dict[str, str | None]
    country: Country
    state: tuple[str, str] | None = None
    state_name: str | None = None


@dataclass
class Card:
    """A saved credit card of the bogus gateway."""

    id: str
    cc_type: str
    last_digits: str
    month: int
    year: int
    name: str
    default: bool = False
    profile: str = field(default="", repr=False)


@dataclass
class Customer:
    """Somebody who can sign in; `prices` has their own price by SKU and currency."""

    id: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    addresses: list[Address] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    billing: Address | None = None
    shipping: Address | None = None
    credit: Decimal = ZERO
    prices: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def address(self, address_id: object) -> Address | None:
        """Return the saved address with this id, or None."""
        return next((one for one in self.addresses if one.id == address_id), None)


def complaints(written: Mapping[str, Any], *, phone: bool = False, taken: frozenset[str] = frozenset()) -> Errors:
    """Return what is wrong with an address as it was sent, by field; `taken` are the labels that are in use."""
    where = country(written.get("country_iso"))
    needed = ["firstname", "lastname", "address1", "city", "zipcode"] + (["phone"] if phone else [])
    errors: Errors = {name: [BLANK] for name in needed if not _text(written, name)}
    if where is None:
        errors["country"] = [BLANK]
    elif where.states and not _text(written, "state_name"):
        errors["state"] = [BLANK]
    elif where.states and where.state(str(written["state_name"])) is None:
        errors["state"] = ["is invalid"]
    if _text(written, "label") in taken:
        errors["label"] = ["has already been taken"]
    return errors


def sentence(errors: Errors, before: str = "") -> str:
    """Return the complaints as one line: `City can't be blank, Country can't be blank`."""
    return ", ".join(f"{before}{_LABELS[name]} {words}" for name, found in errors.items() for words in found)


def address(address_id: str, written: Mapping[str, Any]) -> Address:
    """Return an address that was sent and found good."""
    where = country(written["country_iso"]) or DEFAULT
    name = _text(written, "state_name")
    texts = {key: _text(written, key) for key in _TEXTS}
    return Address(address_id, texts, where, where.state(name) if name else None, name)


def as_written(saved: Address) -> dict[str, Any]:
    """Return an address in the form in which it is sent, so that a change can be put over it."""
    return saved.fields | {"country_iso": saved.country.iso, "state_name": saved.state_name}


def _text(written: Mapping[str, Any], name: str) -> str | None:
    value = written.get(name)
    return value.strip() or None if isinstance(value, str) else None
