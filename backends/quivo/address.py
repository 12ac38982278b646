"""Which addresses Quivo takes: the table of seed 002, read as apis/quivo.md §5.5 does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from backends.errors import FieldError
from backends.quivo.countries import WITH_STATE, WITHOUT_ZIP
from backends.quivo.order import Address
from backends.quivo.rules import Complaint, between, blank, complaints, required

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class AddressType(StrEnum):
    """Which address of an order is meant; the last one writes the same to both (seed 002)."""

    DELIVERY = "DELIVERY"
    INVOICE = "INVOICE"
    DELIVERY_AND_INVOICE = "DELIVERY_AND_INVOICE"


def check_address(address: Address, kind: AddressType, prefix: str = "") -> tuple[FieldError, ...]:
    """What Quivo would refuse in an address; ``prefix`` is its own path, such as ``deliveryAddress`` (seed 002).

    Coordinates stand for street, zip, city and country of a delivery address, but not for the state that a country
    given beside them asks for. An invoice address ignores coordinates, so they are neither checked nor enough there,
    and they are not enough for both addresses at once.
    """
    found = [*_named(address), *_placed(address, kind)]
    if kind is not AddressType.INVOICE:
        found += _coordinates(address)
    return tuple(FieldError(f"{prefix}.{one.field}" if prefix else one.field, one.message) for one in found)


def _named(address: Address) -> Iterator[FieldError]:
    if blank(address.name) and blank(address.company):
        yield FieldError("name", "must not be empty, unless there is a company")


def _placed(address: Address, kind: AddressType) -> Iterator[FieldError]:
    """Complaints about the place in words; what a given country asks for holds also beside coordinates."""
    if not blank(address.country_iso2) and not _COUNTRY.fullmatch(address.country_iso2 or ""):
        yield FieldError("countryIso2", "must be two capital letters, such as DE")
    if address.country_iso2 in WITH_STATE:
        yield from complaints(required("state", address.state))
    on_the_map = address.latitude is not None and address.longitude is not None
    if on_the_map and kind is AddressType.DELIVERY:
        return
    yield from complaints(required("street", address.street), required("city", address.city))
    if address.country_iso2 not in WITHOUT_ZIP:
        yield from complaints(required("zip", address.zip))
    yield from complaints(required("countryIso2", address.country_iso2))


def _coordinates(address: Address) -> Iterator[FieldError]:
    latitude, longitude = address.latitude, address.longitude
    yield from complaints(
        _together("latitude", latitude, "longitude", longitude),
        _together("longitude", longitude, "latitude", latitude),
        between("latitude", latitude, -90, 90),
        between("longitude", longitude, -180, 180),
    )


def _together(field: str, value: float | None, other: str, given: float | None) -> Complaint:
    missing = value is None and given is not None
    return FieldError(field, f"must not be empty where there is a {other}") if missing else None
