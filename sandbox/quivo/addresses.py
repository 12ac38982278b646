"""Addresses: what may be written, and how it reads afterwards (`apis/quivo.md` §5.3, §5.5, seed 002).

They are written with `name`, `street`, `street2`, `countryIso2` and read as `name1`, `address1`, `address2`, `country`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.quivo.checks import BLANK, NULL, Check, Flaw, anything, below, each, fields, number, text
from sandbox.quivo.countries import COUNTRIES
from sandbox.quivo.fields import Document

WITHOUT_ZIP = frozenset(("AE", "HK", "IE", "QA"))
WITH_STATE = frozenset(("US", "CA", "AU"))

_TEXTS = dict.fromkeys(
    ("name", "company", "phone", "email", "street", "street2", "zip", "city", "state", "countryIso2"), text()
)
_COORDINATES = {"latitude": number(-90, 90), "longitude": number(-180, 180)}
_IGNORED = dict.fromkeys(_COORDINATES, anything)
_IDENTIFIERS = {
    "addressIdentifier": text(),
    "additionalIdentifiers": each(fields({}, {"identifier": text(), "type": text()})),
}
_READ = (
    "name1", "name2", "company", "address1", "address2", "address3",
    "zip", "city", "state", "country", "phone", "email",
)  # fmt: skip
_WRITTEN = {"name1": "name", "address1": "street", "address2": "street2", "country": "countryIso2"}


def new_delivery(path: str, value: Any) -> Iterator[Flaw]:
    """The delivery address of a new order, where a bad country code is not bean validation's affair (§5.1)."""
    yield from fields({}, _TEXTS | _IDENTIFIERS | _COORDINATES)(path, value)
    yield from _complete(path, value, coordinates=True)
    yield from _paired(path, value)


def new_invoice(path: str, value: Any) -> Iterator[Flaw]:
    """The invoice address of a new order; coordinates in it are ignored."""
    yield from fields({}, _TEXTS | _IGNORED)(path, value)
    yield from _complete(path, value)


def delivery(path: str, value: Any) -> Iterator[Flaw]:
    """A delivery address in an update; coordinates may stand for street, city, zip and country."""
    yield from fields({}, _TEXTS | _COORDINATES)(path, value)
    yield from _complete(path, value, coordinates=True)
    yield from _country(path, value)
    yield from _paired(path, value)


def invoice(path: str, value: Any) -> Iterator[Flaw]:
    """An invoice address in an update; coordinates in it are ignored."""
    yield from new_invoice(path, value)
    yield from _country(path, value)


def both(path: str, value: Any) -> Iterator[Flaw]:
    """An address for delivery and invoice: its coordinates count for the delivery, and cannot stand for the rest."""
    yield from fields({}, _TEXTS | _COORDINATES)(path, value)
    yield from _complete(path, value)
    yield from _country(path, value)
    yield from _paired(path, value)


UPDATES: Mapping[str, Check] = {"DELIVERY": delivery, "INVOICE": invoice, "DELIVERY_AND_INVOICE": both}


def as_delivery(written: Document, before: Document | None = None) -> Document:
    """Return a written address as a delivery address reads; an update keeps the identifiers that were there."""
    earlier = before or {}
    return as_invoice(written) | {
        "addressIdentifier": written.get("addressIdentifier") or earlier.get("addressIdentifier"),
        "additionalIdentifiers": written.get("additionalIdentifiers") or earlier.get("additionalIdentifiers") or [],
        "latitude": written.get("latitude"),
        "longitude": written.get("longitude"),
    }


def as_invoice(written: Document) -> Document:
    """Return a written address as an invoice address reads, without coordinates and identifiers."""
    return {name: written.get(_WRITTEN.get(name, name)) for name in _READ}


def updated(kind: str, written: Document, order: Document) -> Document:
    """Return the fields of an order that a `PUT` of this kind replaces."""
    changes: Document = {}
    if kind != "INVOICE":
        changes["deliveryAddress"] = as_delivery(written, order.get("deliveryAddress"))
    if kind != "DELIVERY":
        changes["invoiceAddress"] = as_invoice(written)
    return changes


def _complete(path: str, value: Any, *, coordinates: bool = False) -> Iterator[Flaw]:
    if not isinstance(value, dict):
        return
    country = value.get("countryIso2")
    if not (_filled(value, "name") or _filled(value, "company")):
        yield below(path, "name"), f"{BLANK} unless company is given"
    if not (coordinates and _located(value)):
        needed = (
            ("street", "city", "countryIso2") if country in WITHOUT_ZIP else ("street", "city", "zip", "countryIso2")
        )
        yield from ((below(path, name), BLANK) for name in needed if not _filled(value, name))
    if country in WITH_STATE and not _filled(value, "state"):
        yield below(path, "state"), BLANK


def _paired(path: str, value: Any) -> Iterator[Flaw]:
    if isinstance(value, dict) and not _located(value):
        missing = [name for name in _COORDINATES if value.get(name) is None]
        yield from ((below(path, name), NULL) for name in missing if len(missing) == 1)


def _country(path: str, value: Any) -> Iterator[Flaw]:
    country = value.get("countryIso2") if isinstance(value, dict) else None
    if isinstance(country, str) and country.strip() and country not in COUNTRIES:
        yield below(path, "countryIso2"), "must be a two-letter ISO country code"


def _located(value: Document) -> bool:
    return all(value.get(name) is not None for name in _COORDINATES)


def _filled(value: Document, name: str) -> bool:
    found = value.get(name)
    return bool(found.strip()) if isinstance(found, str) else found is not None
