"""What is written to Quivo, compared whole with seed 001's and seed 002's own names."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from writing_kit import BERLIN, SMALL, VIENNA, WHOLE

from backends.quivo import bodies
from backends.quivo.create import AddressType, Edit, NewOrder
from backends.quivo.order import Address

VIENNA_BODY = {"company": "ACME", "street": "Graben 1", "zip": "1010", "city": "Wien", "countryIso2": "AT"}
WHOLE_BODY: dict[str, Any] = {
    "sellerId": 12,
    "orderIdentifier": "shop-1",
    "orderReference": "#DE38678",
    "deliveryAddress": {
        "name": "Jana Bergmann",
        "company": "Bergmann GmbH",
        "phone": "+49 30 23125 014",
        "email": "jana@mail.example",
        "street": "Lindenstraße 14",
        "street2": "c/o Vogel",
        "zip": "10969",
        "city": "Berlin",
        "state": "BE",
        "countryIso2": "DE",
        "addressIdentifier": "a-1",
        "additionalIdentifiers": [{"identifier": "GLN-1", "type": "GLN"}, {"identifier": "x"}],
        "latitude": 52.5,
        "longitude": 13.25,
    },
    "positions": [
        {
            "sku": "MUG-1",
            "name": "Mug",
            "quantity": 2,
            "price": 12.1,
            "lot": "L1",
            "expirationDate": "2027-01-31",
            "location": "A-01",
            "positionIdentifier": "line-1",
            "productIdentifier": "p-1",
            "customAttributes": {"engraving": "Jänner"},
        },
        {"sku": "BOWL-1", "quantity": 1, "price": 20},
    ],
    "warehouseId": 4,
    "hasInvoiceAddress": True,
    "hasInvoiceData": True,
    "invoiceAddress": VIENNA_BODY,
    "orderDate": "2026-11-07T05:31:56Z",
    "currencyCode": "EUR",
    "invoiceIds": ["R-1", "R-2"],
    "comment": "Handle with care",
    "earliestDeliveryDate": "2026-12-24",
    "latestDeliveryDate": "2026-12-25",
    "transportInsuranceAmount": 100.5,
    "cashOnDeliveryAmount": 44.2,
    "cashOnDeliveryCurrency": "EUR",
    "shippingMethodIdentifier": "UPSS",
    "shippingMethodName": "UPS Saver",
    "tags": ["gift", "vip"],
    "trackingEnabled": False,
    "orderPriority": 2,
    "orderReference2": "#2",
    "customerPurchaseOrderNumber": "PO-89225",
    "ssccLabel": True,
    "channelId": "obi",
    "channelName": "Obi E-Commerce",
    "attachments": [
        {
            "printerType": "LABEL_PRINTER",
            "attachmentPlacement": "INSIDE_PACKAGE",
            "copyCount": 2,
            "filename": "card.pdf",
            "printingType": "ORDER",
            "fileKey": "key-1",
            "mimeType": "application/pdf",
        },
        {"printerType": "DOCUMENT_PRINTER", "attachmentPlacement": "OUTSIDE_PACKAGE", "copyCount": 1},
    ],
    "customAttributes": {"priority": "high", "gift": "yes"},
}
SMALL_BODY: dict[str, Any] = {
    "sellerId": 12,
    "orderIdentifier": "shop-1",
    "orderReference": "#DE38678",
    "deliveryAddress": {
        "name": "Jana Bergmann",
        "street": "Lindenstraße 14",
        "zip": "10969",
        "city": "Berlin",
        "countryIso2": "DE",
    },
    "positions": [{"sku": "MUG-1", "quantity": 2}],
}


def written(order: NewOrder) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bodies.new_order(order).reveal())
    return body


def test_whole_order() -> None:
    """Every field of seed 001 goes under its own name, in its own form, and nothing else goes."""
    assert written(WHOLE) == WHOLE_BODY


def test_small_order() -> None:
    """What is not given is left out, not sent as null."""
    assert written(SMALL) == SMALL_BODY


def test_every_field_is_written() -> None:
    """No field of an order is forgotten on its way: seed 001's body has as many as the order has."""
    of_the_address = {"address_identifier", "additional_identifiers"}
    assert len(WHOLE_BODY) == len({one.name for one in fields(NewOrder)} - of_the_address)


@pytest.mark.parametrize(
    ("order", "flag"),
    [
        (replace(SMALL, invoice_address=VIENNA), True),
        (replace(SMALL, invoice_address=VIENNA, has_invoice_address=True), True),
        (replace(SMALL, has_invoice_address=False), False),
        (SMALL, None),
    ],
)
def test_invoice_address_is_announced(order: NewOrder, flag: bool | None) -> None:
    """An invoice address that is given is also announced, or Quivo would take the delivery address (seed 001)."""
    assert written(order).get("hasInvoiceAddress") is flag


def test_invoice_address_has_no_coordinates() -> None:
    """Seed 001's invoice address has no coordinates, so they are not sent with it, but are with a delivery."""
    placed = replace(BERLIN, latitude=52.5, longitude=13.4)
    body = written(replace(SMALL, delivery_address=placed, invoice_address=placed))
    assert body["invoiceAddress"] == SMALL_BODY["deliveryAddress"]
    assert body["deliveryAddress"] == SMALL_BODY["deliveryAddress"] | {"latitude": 52.5, "longitude": 13.4}


@pytest.mark.parametrize(
    ("change", "body"),
    [
        (Edit(), {}),
        (Edit(comment=""), {"comment": ""}),
        (Edit(tracking_enabled=False), {"trackingEnabled": False}),
        (Edit(custom_attributes=()), {"customAttributes": {}}),
        (
            Edit("Please handle with care", True, (("priority", "high"), ("n", "1"))),
            {
                "comment": "Please handle with care",
                "trackingEnabled": True,
                "customAttributes": {"priority": "high", "n": "1"},
            },
        ),
    ],
)
def test_edit(change: Edit, body: dict[str, Any]) -> None:
    """A change says only what changes; nothing for a comment or attributes takes away what was there."""
    assert json.loads(bodies.edit(change).reveal()) == body


@pytest.mark.parametrize("kind", list(AddressType))
def test_address(kind: AddressType) -> None:
    """An address goes whole and under the names for writing; coordinates only where they count (seed 002)."""
    place = Address("Jana", "ACME", "Street 1", "c/o", "10969", "Berlin", "BE", "DE", "1", "a@mail.example", 52.5, 0.0)
    body = {
        "name": "Jana",
        "company": "ACME",
        "street": "Street 1",
        "street2": "c/o",
        "zip": "10969",
        "city": "Berlin",
        "state": "BE",
        "countryIso2": "DE",
        "phone": "1",
        "email": "a@mail.example",
    }
    where = {} if kind is AddressType.INVOICE else {"latitude": 52.5, "longitude": 0.0}
    assert json.loads(bodies.address(place, kind).reveal()) == body | where


@pytest.mark.parametrize("made", [bodies.new_order(WHOLE), bodies.address(BERLIN, AddressType.DELIVERY)])
def test_bodies_do_not_show(made: object) -> None:
    """D6: a body holds a person's address, so printing it shows nothing of it."""
    assert (repr(made), str(made)) == ("Secret(…)", "Secret(…)")


def test_odd_texts_go_whole() -> None:
    """Whatever was typed arrives as it was typed, also signs that mean something in JSON or are half a character."""
    typed = 'a"b\\\n\u202e🍺 \ud800 </script>'
    assert written(replace(SMALL, comment=typed))["comment"] == typed


def test_what_is_no_number_is_not_sent() -> None:
    """A body that would not be JSON is an error of ours, not a request."""
    with pytest.raises(ValueError, match="JSON compliant"):
        bodies.address(replace(BERLIN, latitude=float("nan")), AddressType.DELIVERY)
