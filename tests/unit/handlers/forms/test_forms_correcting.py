"""A correction read from its form: only what was changed is sent, and nothing that was cut is lost (seed 002)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from forms_kit import ADDRESS, ORDER

from backends.quivo.create import AddressType, Edit
from backends.quivo.order import Address, Order
from handlers.forms.addresses import address_values
from handlers.forms.correcting import edit_values, edited, read_address_change, read_edit, readdressed

UNTOUCHED = edit_values(ORDER)
PLACE = address_values(ADDRESS)


def test_todays_values_fill_the_form() -> None:
    """The form of an edit holds comment, tracking and attributes as they are today."""
    assert UNTOUCHED == {
        "comment": "Please handle with care",
        "trackingEnabled": [],
        "customAttributes": "wrapping=blue",
    }
    assert edit_values(Order(1, "PROCESSING", tracking_enabled=True)) == {
        "comment": "",
        "trackingEnabled": ["yes"],
        "customAttributes": "",
    }


@pytest.mark.parametrize(
    ("typed", "edit"),
    [
        ({}, Edit()),
        ({"comment": "New"}, Edit(comment="New")),
        ({"comment": None}, Edit(comment="")),
        ({"trackingEnabled": ["yes"]}, Edit(tracking_enabled=True)),
        ({"customAttributes": "wrapping=red\nnote="}, Edit(custom_attributes=(("wrapping", "red"), ("note", "")))),
        ({"customAttributes": None}, Edit(custom_attributes=())),
    ],
)
def test_only_what_was_changed_is_in_the_edit(typed: dict[str, Any], edit: Edit) -> None:
    """What stands in the form as it was put there is left alone; what was emptied is taken away."""
    assert read_edit({**UNTOUCHED, **typed}, ORDER) == edit


def test_tracking_can_be_turned_off() -> None:
    """A tick taken away turns tracking off; without a tick before and after nothing is said about it."""
    on = replace(ORDER, tracking_enabled=True)
    assert read_edit({**UNTOUCHED, "trackingEnabled": []}, on) == Edit(tracking_enabled=False)
    assert read_edit(UNTOUCHED, replace(ORDER, tracking_enabled=None)) == Edit()


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, comment="two\r\nlines \x00 "),
        replace(ORDER, comment="x" * 5000),
        replace(ORDER, custom_attributes=(("a", "b\nc"), ("d", "\ud800"), (" e ", " f "))),
        replace(ORDER, custom_attributes=tuple((f"name{number}", "value" * 20) for number in range(99))),
        replace(ORDER, comment=None, custom_attributes=()),
    ],
)
def test_what_was_left_alone_is_never_sent(order: Order) -> None:
    """However odd or long the values of today are, a form that is sent back as it was changes nothing."""
    held = edit_values(order)
    typed = {name: value for name, value in held.items() if isinstance(value, str)}
    back = {name: value[:3000].translate({0: "\ufffd", 0xD800: "\ufffd"}) for name, value in typed.items()}
    assert read_edit({"trackingEnabled": held["trackingEnabled"], **back}, order) == Edit()


def test_attributes_that_were_cut_cannot_be_changed() -> None:
    """Attributes for which the input is too short are not changed here, because what was cut off would be lost."""
    order = replace(ORDER, custom_attributes=tuple((f"name{number}", "value" * 20) for number in range(99)))
    typed = {**UNTOUCHED, "customAttributes": "a=1"}
    assert read_edit(typed, order) == {"customAttributes": "These are too long to be changed here."}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"comment": "x" * 250}, None),
        ({"comment": "x" * 251}, {"comment": "Must have at most 250 characters."}),
        ({"customAttributes": "no pair"}, {"customAttributes": "Line 1 is not name=value."}),
        ({"customAttributes": "a=1\na=2"}, {"customAttributes": "Must not have a name twice."}),
    ],
)
def test_limits_of_an_edit(typed: dict[str, str], errors: dict[str, str] | None) -> None:
    """Seed 002's limit of the comment, and pairs that are none, are said under their inputs."""
    found = read_edit({**UNTOUCHED, **typed}, ORDER)
    assert (found if isinstance(found, dict) else None) == errors


def test_an_address_goes_through_the_form() -> None:
    """The READ address fills the inputs under their written names and is the same address when it comes back."""
    assert PLACE == {
        "name": "Grace Hopper",
        "company": "Compilers Ltd",
        "street": "Sample Street 1",
        "street2": "Back door",
        "zip": "10115",
        "city": "Berlin",
        "state": "BE",
        "countryIso2": "DE",
        "phone": "+49 30 123",
        "email": "grace@example.com",
        "latitude": "52.5",
        "longitude": "-13.25",
    }
    assert read_address_change({"type": "DELIVERY", **PLACE}) == (AddressType.DELIVERY, ADDRESS)
    both = (AddressType.DELIVERY_AND_INVOICE, ADDRESS)
    assert read_address_change({"type": "DELIVERY_AND_INVOICE", **PLACE}) == both
    assert address_values(None) == {}


def test_an_invoice_address_has_no_coordinates() -> None:
    """Seed 002: coordinates are ignored for an invoice address, so they are not sent, whatever was typed there."""
    plain = replace(ADDRESS, latitude=None, longitude=None)
    assert read_address_change({"type": "INVOICE", **PLACE, "latitude": "nonsense"}) == (AddressType.INVOICE, plain)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": None}, {}),
        ({"name": None, "company": " "}, {"name"}),
        ({"countryIso2": "us", "state": None, "latitude": None, "longitude": None}, {"state"}),
        ({"zip": None, "latitude": None, "longitude": None}, {"zip"}),
        ({"countryIso2": "ie", "zip": None, "latitude": None, "longitude": None}, {}),
        ({"street": None, "city": None, "zip": None, "countryIso2": None}, {}),
        ({"street": None, "longitude": None}, {"street", "longitude"}),
        ({"latitude": "91"}, {"latitude"}),
        ({"latitude": "north"}, {"latitude"}),
    ],
)
def test_rules_of_seed_002(typed: dict[str, str | None], errors: set[str]) -> None:
    """The address rules of seed 002, each just kept and just broken, are said under their own inputs."""
    found = read_address_change({"type": "DELIVERY", **PLACE, **typed})
    assert (set(found) if isinstance(found, dict) else set()) == set(errors)


def test_the_order_as_it_would_be() -> None:
    """An edit and an address change what they name in the order, and nothing else."""
    assert edited(ORDER, Edit()) == ORDER
    change = Edit("", True, (("a", "b"),))
    assert edited(ORDER, change) == replace(ORDER, comment=None, tracking_enabled=True, custom_attributes=(("a", "b"),))
    new, bill = Address(name="New", latitude=1.0, longitude=2.0), Address(name="New")
    assert readdressed(ORDER, AddressType.DELIVERY, new) == replace(ORDER, delivery_address=new)
    assert readdressed(ORDER, AddressType.INVOICE, new) == replace(ORDER, invoice_address=bill)
    both = replace(ORDER, delivery_address=new, invoice_address=bill)
    assert readdressed(ORDER, AddressType.DELIVERY_AND_INVOICE, new) == both
