"""Quivo's bodies as the sheet shows them, compared whole with the orders that they become; and all that may be odd."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from backends.quivo.models import ORDERS, SELLERS, WAREHOUSES, OrderWire, Seller, Warehouse
from backends.quivo.order import Address, Order, Position, Tracking

THEN = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)
STAMP = "2023-11-07T05:31:56Z"
SUMMARY: dict[str, Any] = {
    "orderId": 123,
    "sellerId": 12,
    "created": STAMP,
    "lastModified": STAMP,
    "orderIdentifier": "shop-1",
    "orderReference": "#DE38678",
    "orderStatus": "PROCESSING",
    "tags": ["gift"],
    "orderDate": STAMP,
    "cancelRequestedAt": STAMP,
    "shipToCountry": "DE",
    "shipToZip": "10969",
    "shipToCompany": "ACME",
    "shipToName1": "Jana",
    "shipToName2": "Bergmann",
    "shipToAddressIdentifier": "a-1",
    "shipToAdditionalIdentifiers": [{"identifier": "x", "type": "y"}],
    "earliestPredatedShipment": "2023-12-25",
    "latestPredatedShipment": "2023-12-25",
    "shipmentTracking": [{"number": "00340", "link": "https://track.example/00340"}],
    "completedAt": STAMP,
    "exportedAt": STAMP,
    "shipToEmail": "jana@mail.example",
    "billToEmail": "bill@mail.example",
    "piiDataRemoved": True,
    "totalShipmentWeight": 123,
    "positions": [{"positionId": 1, "positionIdentifier": "p", "name": "Mug", "sku": "MUG", "customAttributes": {}}],
    "fulfillmentOrders": [
        {"fulfillmentOrderId": 1, "fulfillmentStatus": "x", "positions": [], "shipments": [{"shipmentId": 1}]}
    ],
    "sort": [123],
}
READ_ADDRESS = {
    "name1": "Jana",
    "name2": "Bergmann",
    "company": "ACME",
    "address1": "Lindenstraße 14",
    "address2": "c/o Vogel",
    "address3": "3rd floor",
    "zip": "10969",
    "city": "Berlin",
    "state": "BE",
    "country": "DE",
    "phone": "+49 30 23125 014",
    "email": "jana@mail.example",
    "addressIdentifier": "a-1",
    "additionalIdentifiers": [],
    "latitude": 52.5,
    "longitude": 13,
}
WHOLE: dict[str, Any] = {
    "orderId": 123,
    "created": STAMP,
    "lastModified": STAMP,
    "orderIdentifier": "shop-1",
    "orderReference": "#DE38678",
    "orderStatus": "COMPLETED",
    "orderDate": STAMP,
    "exportedAt": STAMP,
    "cancelRequestedAt": None,
    "completedAt": STAMP,
    "customerIdentifier": "c",
    "customerPurchaseOrderNumber": "PO-1",
    "ssccLabel": True,
    "sellerId": 12,
    "warehouseId": 4,
    "sellerName": "Nordlicht",
    "shopAvailableAt": "x",
    "shopActive": True,
    "shopId": 1,
    "shopSystem": "SHOPIFY",
    "deliveryAddress": READ_ADDRESS,
    "invoiceAddress": {"name1": "ACME", "country": "AT"},
    "currency": "EUR",
    "positions": [
        {
            "positionId": 1,
            "name": "Mug",
            "sku": "MUG",
            "quantity": 2,
            "lot": "L1",
            "price": 12.5,
            "productIdentifier": "p-1",
            "customAttributes": {"engraving": "J"},
        }
    ],
    "comment": "Handle with care",
    "trackingEnabled": False,
    "customAttributes": {"priority": "high", "n": 1, "none": None},
    "tags": [],
    "orderPriority": 2,
    "shippingMethodIdentifier": "UPSS",
    "shippingMethodName": "UPS Saver",
    "earliestDeliveryDate": "2023-12-24",
    "latestDeliveryDate": "2023-12-25",
    "shipmentTracking": [],
}


def order(**fields: Any) -> Order:
    return OrderWire.model_validate_json(json.dumps({"orderId": 1, "orderStatus": "PENDING"} | fields)).to_order()


def test_summary() -> None:
    """The list's item of the sheet becomes this order, whole (apis/quivo.md §5.2)."""
    assert OrderWire.model_validate_json(json.dumps(SUMMARY)).to_order() == Order(
        order_id=123,
        status="PROCESSING",
        reference="#DE38678",
        identifier="shop-1",
        seller_id=12,
        created=THEN,
        last_modified=THEN,
        ordered=THEN,
        completed=THEN,
        cancel_requested=THEN,
        delivery_address=Address(
            name="Jana Bergmann", company="ACME", zip="10969", country_iso2="DE", email="jana@mail.example"
        ),
        invoice_address=Address(email="bill@mail.example"),
        positions=(Position("MUG", "Mug"),),
        tracking=(Tracking("00340", "https://track.example/00340"),),
        tags=("gift",),
        personal_data_removed=True,
    )


def test_whole() -> None:
    """The single order of the sheet becomes this order, whole (apis/quivo.md §5.3)."""
    assert OrderWire.model_validate_json(json.dumps(WHOLE)).to_order() == Order(
        order_id=123,
        status="COMPLETED",
        reference="#DE38678",
        identifier="shop-1",
        seller_id=12,
        seller_name="Nordlicht",
        warehouse_id=4,
        created=THEN,
        last_modified=THEN,
        ordered=THEN,
        completed=THEN,
        earliest_delivery=date(2023, 12, 24),
        latest_delivery=date(2023, 12, 25),
        delivery_address=Address(
            "Jana Bergmann",
            "ACME",
            "Lindenstraße 14",
            "c/o Vogel, 3rd floor",
            "10969",
            "Berlin",
            "BE",
            "DE",
            "+49 30 23125 014",
            "jana@mail.example",
            52.5,
            13.0,
        ),
        invoice_address=Address(name="ACME", country_iso2="AT"),
        positions=(Position("MUG", "Mug", 2, "L1", Decimal("12.5"), "p-1", (("engraving", "J"),)),),
        comment="Handle with care",
        tracking_enabled=False,
        shipping_method="UPS Saver",
        shipping_method_identifier="UPSS",
        purchase_order_number="PO-1",
        sscc_label=True,
        priority=2,
        currency="EUR",
        custom_attributes=(("priority", "high"), ("n", "1")),
    )


def test_sparse() -> None:
    """An order of id and status alone is an order, with nothing invented."""
    assert order() == Order(1, "PENDING")
    assert order(orderStatus="ON_HOLD", zukunft={"x": 1}) == Order(1, "ON_HOLD")


@pytest.mark.parametrize(
    "odd", [None, True, 0.5, [], {}, [[]], {"a": {}}, "", "  ", "zzz", -1, 10**30, "\u0000", [None]]
)
def test_an_odd_part_costs_only_itself(odd: object) -> None:
    """Whatever stands in any one field, id, status and all other fields are still read."""
    for body in (SUMMARY, WHOLE):
        for name in body.keys() - {"orderId", "orderStatus", "tags", "customAttributes"}:
            expected = OrderWire.model_validate(body).to_order()
            read = OrderWire.model_validate_json(json.dumps(body | {name: odd})).to_order()
            differing = {key for key in vars(expected) if getattr(expected, key) != getattr(read, key)}
            assert len(differing) <= 1, (name, differing)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orderId": 1},
        {"orderStatus": "PENDING"},
        {"orderId": None, "orderStatus": "PENDING"},
        {"orderId": 0, "orderStatus": "PENDING"},
        {"orderId": 2**63, "orderStatus": "PENDING"},
        {"orderId": "x", "orderStatus": "PENDING"},
        {"orderId": 1, "orderStatus": ""},
        {"orderId": 1, "orderStatus": None},
        {"orderId": 1, "orderStatus": ["PENDING"]},
    ],
)
def test_what_is_no_order(body: dict[str, Any]) -> None:
    """Without id or status there is no order, and a list that holds such an item is not read as a shorter one (F3)."""
    with pytest.raises(ValidationError):
        OrderWire.model_validate_json(json.dumps(body))
    with pytest.raises(ValidationError):
        ORDERS.validate_json(json.dumps([SUMMARY, body]))


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://track.example/1?a=b&c=d#e", True),
        ("HTTPS://track.example/1", True),
        ("http://track.example/1", False),
        ("javascript:alert(1)", False),
        ("//track.example/1", False),
        ("https:///1", False),
        ("https://", False),
        ("https://good.example@evil.example/", False),
        ("https://a.example/|evil>", False),
        ("https://a.example/ b", False),
        ("https://a.example/\n", False),
        ("https://a.example/\u202e", False),
        ("https://[::1", False),
        ("https://[::1]/x", True),
        ("track 12", False),
        (None, False),
        (5, False),
    ],
)
def test_links(link: object, kept: bool) -> None:
    """Only plain https links survive; the parcel's number does in any case (apis/quivo.md §6)."""
    assert order(shipmentTracking=[{"number": "1", "link": link}]).tracking == (
        Tracking("1", str(link) if kept else None),
    )


def test_odd_items_in_lists() -> None:
    """An odd item of a list is left out and its neighbours stay."""
    odd: list[Any] = [None, 5, "x", [], {}]
    assert order(positions=[*odd, {"sku": "A"}, {"name": "B"}, {"quantity": 3}]).positions == (
        Position("A"),
        Position("", "B"),
    )
    assert order(shipmentTracking=[*odd, {"number": 7}, {"link": "https://a.example"}]).tracking == (Tracking("7"),)
    assert order(tags=["a", 5, None, {}, "", "b"]).tags == ("a", "5", "b")
    assert order(tags="a", positions={}, shipmentTracking="x") == Order(1, "PENDING")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (
            {"a": "1", "b": 2, "c": None, "d": {"x": "ü"}, "e": True},
            (("a", "1"), ("b", "2"), ("d", '{"x": "ü"}'), ("e", "true")),
        ),
        ('{"attr1":"val1"}', (("attr1", "val1"),)),
        ("{}", ()),
        ("{broken", ()),
        ("[1]", ()),
        ("[" * 100_000, ()),
        (5, ()),
        (None, ()),
        ([["a", "b"]], ()),
    ],
)
def test_custom_attributes(given: object, read: tuple[tuple[str, str], ...]) -> None:
    """Custom attributes are read from an object and from a JSON string (apis/quivo.md §5.6)."""
    assert order(customAttributes=given).custom_attributes == read


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (STAMP, THEN),
        ("2023-11-07T05:31:56", THEN),
        ("2023-11-07T07:31:56+02:00", THEN),
        ("2023-11-07T05:31:56.789Z", THEN.replace(microsecond=789000)),
        ("0001-01-01T00:00:00+10:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moments(stamp: str, moment: datetime | None) -> None:
    """Times are UTC, also where the zone is missing or another; what no calendar has is None."""
    assert order(created=stamp).created == moment


def test_numbers_for_text_and_text_for_numbers() -> None:
    """A zip that comes as a number is text, a quantity that comes as text is a number, a truth value is neither."""
    read = order(deliveryAddress={"zip": 1010}, positions=[{"sku": 1, "quantity": "2"}, {"sku": "b", "quantity": True}])
    assert read.delivery_address == Address(zip="1010")
    assert read.positions == (Position("1", None, 2), Position("b"))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("12.10", Decimal("12.10")),
        ("0", Decimal(0)),
        ('"7.5"', Decimal("7.5")),
        ("1234567890.25", Decimal("1234567890.25")),
        ("-1", None),
        ("1e400", None),
        ("1e99", None),
        ("true", None),
        ('"NaN"', None),
        ('"Infinity"', None),
        ("{}", None),
        ("null", None),
    ],
)
def test_prices(given: str, read: Decimal | None) -> None:
    """A price is read digit by digit; what is below nothing, endless or no number is no price."""
    body = f'{{"orderId": 1, "orderStatus": "X", "positions": [{{"sku": "A", "price": {given}}}]}}'
    assert OrderWire.model_validate_json(body).to_order().positions == (Position("A", price=read),)


def test_fallback_names() -> None:
    """Names that only one of the bodies has stand in for each other."""
    assert order(currencyCode="USD", shippingMethodIdentifier="UPSS") == Order(
        1, "PENDING", currency="USD", shipping_method="UPSS", shipping_method_identifier="UPSS"
    )
    assert order(deliveryAddress={}, shipToCountry="").delivery_address is None
    assert order(deliveryAddress=None, shipToCountry="DE").delivery_address == Address(country_iso2="DE")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ([123], "123"),
        (["2023-11-07T05:31:56Z"], STAMP),
        ([1699335116000, 123], "[1699335116000, 123]"),
        ([], "1"),
        (None, "1"),
        ({"short": True, "nodeType": "ARRAY"}, "1"),
        ([None], "1"),
        ([[1]], "1"),
    ],
)
def test_cursor(sort: object, cursor: str) -> None:
    """The next page begins behind the item's sort value, or behind its id (apis/quivo.md §4)."""
    wire = OrderWire.model_validate_json(json.dumps({"orderId": 1, "orderStatus": "X", "sort": sort}))
    assert wire.cursor() == cursor


def test_sellers() -> None:
    """A seller is read without the API key that its body may hold (apis/quivo.md §7)."""
    body = [
        {"id": 12, "name": "Nordlicht", "identifier": "N", "status": "ACTIVE", "connectorApiKey": "canary"},
        {"id": 13},
    ]
    wires = SELLERS.validate_json(json.dumps(body))
    assert [wire.to_seller() for wire in wires] == [Seller(12, "Nordlicht", "N", "ACTIVE"), Seller(13)]
    assert "canary" not in repr(wires) + str([vars(wire) for wire in wires])


def test_warehouses() -> None:
    """A warehouse is active until it says when it was closed (apis/quivo.md §7)."""
    body = [
        {"id": 4, "name": "DE", "warehouseAddress": {"countryIso2": "DE"}},
        {"id": 5, "deactivatedAt": STAMP, "warehouseAddress": "x"},
        {"id": 6, "warehouseAddress": {"countryIso2": 5}, "deactivatedAt": None},
    ]
    read = [wire.to_warehouse() for wire in WAREHOUSES.validate_json(json.dumps(body))]
    assert read == [Warehouse(4, "DE", "DE"), Warehouse(5, active=False), Warehouse(6)]


def test_errors_do_not_show_the_input() -> None:
    """C10: the text of a parsing error shows no part of the body."""
    with pytest.raises(ValidationError) as caught:
        OrderWire.model_validate({"orderId": "canary-1", "orderStatus": ["canary-2"]})
    assert "canary" not in str(caught.value) + repr(caught.value)
