"""Seed 002's table of address fields, row by row, for each of the three kinds of address."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from writing_kit import BERLIN

from backends.errors import FieldError
from backends.quivo.countries import WITH_STATE, WITHOUT_ZIP
from backends.quivo.create import AddressType, check_address
from backends.quivo.order import Address

EMPTY = "must not be empty"
NO_NAME = "must not be empty, unless there is a company"
CODE = "must be two capital letters, such as DE"
KINDS = list(AddressType)
DELIVERED = [AddressType.DELIVERY, AddressType.DELIVERY_AND_INVOICE]
BILLED = [AddressType.INVOICE, AddressType.DELIVERY_AND_INVOICE]
ON_THE_MAP = Address(name="Jana", latitude=52.5, longitude=13.4)


def said(address: Address, kind: AddressType = AddressType.DELIVERY, prefix: str = "") -> dict[str, str]:
    return {one.field: one.message for one in check_address(address, kind, prefix)}


def berlin(**changes: Any) -> Address:
    return replace(BERLIN, **changes)


def test_kinds() -> None:
    """The three words of seed 002 are what goes on the wire."""
    assert [kind.value for kind in AddressType] == ["DELIVERY", "INVOICE", "DELIVERY_AND_INVOICE"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "address",
    [
        BERLIN,
        berlin(name=None, company="ACME"),
        berlin(company="ACME", street2="c/o", phone="1", email="a@mail.example", state="BE"),
        berlin(email="", phone="", street2="", company=""),
        berlin(country_iso2="US", state="NY"),
    ],
)
def test_good(kind: AddressType, address: Address) -> None:
    """An address in words is good for every kind, with a name or a company, and without what is optional."""
    assert check_address(address, kind) == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("empty", [None, "", " \n"])
@pytest.mark.parametrize(
    ("name", "field", "message"),
    [
        ("name", "name", NO_NAME),
        ("street", "street", EMPTY),
        ("city", "city", EMPTY),
        ("zip", "zip", EMPTY),
        ("country_iso2", "countryIso2", EMPTY),
    ],
)
def test_missing(kind: AddressType, empty: str | None, name: str, field: str, message: str) -> None:
    """Each part that seed 002 requires is asked for under its own name, whatever its emptiness looks like."""
    assert said(berlin(**{name: empty}), kind) == {field: message}


@pytest.mark.parametrize("country", sorted(WITHOUT_ZIP))
def test_without_zip(country: str) -> None:
    """Countries without zip codes are not asked for one; it is our list (apis/quivo.md §5.5)."""
    assert sorted(WITHOUT_ZIP) == ["AE", "HK", "IE", "QA"]
    assert check_address(berlin(country_iso2=country, zip=None), AddressType.DELIVERY) == ()
    assert check_address(berlin(country_iso2=country), AddressType.DELIVERY) == ()


@pytest.mark.parametrize("country", sorted(WITH_STATE))
@pytest.mark.parametrize("kind", KINDS)
def test_with_state(country: str, kind: AddressType) -> None:
    """Countries whose addresses have states are asked for one, as seed 002 says of the United States."""
    assert sorted(WITH_STATE) == ["AU", "CA", "US"]
    assert said(berlin(country_iso2=country), kind) == {"state": EMPTY}
    assert said(berlin(country_iso2=country, state="X"), kind) == {}


@pytest.mark.parametrize("code", ["de", "D", "DEU", "D1", "ÄÖ", "D ", "DE\n"])
@pytest.mark.parametrize("kind", KINDS)
def test_country_code(code: str, kind: AddressType) -> None:
    """A country is two capital letters of the alphabet, for every kind, and with coordinates too."""
    assert said(berlin(country_iso2=code), kind) == {"countryIso2": CODE}
    assert said(replace(ON_THE_MAP, country_iso2=code)) == {"countryIso2": CODE}


def test_coordinates_instead() -> None:
    """With both coordinates a delivery needs no street, city, zip or country, but still a name (seed 002)."""
    assert said(ON_THE_MAP) == {}
    assert said(replace(ON_THE_MAP, country_iso2="DE")) == {}
    assert said(replace(ON_THE_MAP, country_iso2="US")) == {"state": EMPTY}
    assert said(replace(ON_THE_MAP, country_iso2="US", state="NY")) == {}
    assert said(replace(ON_THE_MAP, name=None)) == {"name": NO_NAME}
    assert said(replace(ON_THE_MAP, latitude=0.0, longitude=0.0)) == {}


@pytest.mark.parametrize("kind", BILLED)
def test_coordinates_are_no_invoice_address(kind: AddressType) -> None:
    """Invoice addresses ignore coordinates, so those are not enough where an invoice address is written (seed 002)."""
    assert said(ON_THE_MAP, kind) == {"street": EMPTY, "city": EMPTY, "zip": EMPTY, "countryIso2": EMPTY}


@pytest.mark.parametrize(
    ("latitude", "longitude", "found"),
    [
        (90.0, 180.0, {}),
        (-90.0, -180.0, {}),
        (90.01, 0.0, {"latitude": "must be at most 90"}),
        (-90.01, 0.0, {"latitude": "must be at least -90"}),
        (0.0, 180.01, {"longitude": "must be at most 180"}),
        (0.0, -180.01, {"longitude": "must be at least -180"}),
        (math.nan, 0.0, {"latitude": "must be at most 90"}),
        (0.0, math.inf, {"longitude": "must be at most 180"}),
        (1.0, None, {"longitude": "must not be empty where there is a latitude"}),
        (None, 1.0, {"latitude": "must not be empty where there is a longitude"}),
    ],
)
@pytest.mark.parametrize("kind", DELIVERED)
def test_coordinates(latitude: float | None, longitude: float | None, found: dict[str, str], kind: AddressType) -> None:
    """Coordinates come together and lie on the globe; an invoice address ignores also impossible ones."""
    placed = berlin(latitude=latitude, longitude=longitude)
    assert said(placed, kind) == found
    assert said(placed, AddressType.INVOICE) == {}


def test_half_a_coordinate_is_no_place() -> None:
    """One coordinate alone replaces nothing."""
    assert said(Address(name="Jana", latitude=52.5)) == {
        "street": EMPTY,
        "city": EMPTY,
        "zip": EMPTY,
        "countryIso2": EMPTY,
        "longitude": "must not be empty where there is a latitude",
    }


def test_prefix() -> None:
    """Inside of an order each complaint stands under the address's own path."""
    assert check_address(
        berlin(zip="", latitude=91.0, longitude=0.0, city=""), AddressType.INVOICE, "invoiceAddress"
    ) == (
        FieldError("invoiceAddress.city", EMPTY),
        FieldError("invoiceAddress.zip", EMPTY),
    )
    assert check_address(ON_THE_MAP, AddressType.DELIVERY, "deliveryAddress") == ()
