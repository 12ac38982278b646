"""Every limit of seed 001, just inside and just outside, and every kind of value that is refused."""

from typing import Any

import pytest
from aiohttp import ClientSession
from quivo_writes_kit import accepted, address, flaws, order, position, send

from sandbox.quivo import Quivo
from sandbox.quivo.countries import COUNTRIES

ATTACHMENT = {"printerType": "LABEL_PRINTER", "attachmentPlacement": "OUTSIDE_PACKAGE", "copyCount": 1}
LENGTHS = {
    "orderIdentifier": 40,
    "orderReference": 40,
    "comment": 250,
    "shippingMethodIdentifier": 50,
    "shippingMethodName": 100,
    "orderReference2": 40,
    "customerPurchaseOrderNumber": 255,
    "channelId": 10,
    "channelName": 100,
}


async def _created(session: ClientSession, body: dict[str, Any]) -> Any:
    return await send(session, "POST", "/orders", body)


@pytest.mark.parametrize(("name", "most"), LENGTHS.items())
async def test_a_text_may_have_its_length_and_not_one_more(ada: ClientSession, name: str, most: int) -> None:
    """Each limited text of seed 001 is refused at one above its limit and taken at it."""
    refused = await _created(ada, order(**{name: "x" * (most + 1)}))
    assert refused == flaws(f"{name}: size must be between 0 and {most}")
    assert await _created(ada, order(**{name: "x" * most})) == accepted(2011)


async def test_a_length_is_counted_as_java_does(ada: ClientSession) -> None:
    """A character beyond the basic plane counts twice, an umlaut once."""
    assert await _created(ada, order(comment="🎁" * 126)) == flaws("comment: size must be between 0 and 250")
    assert await _created(ada, order(comment="🎁" * 125)) == accepted(2011)
    assert await _created(ada, order(orderIdentifier="2", comment="ü" * 250)) == accepted(2012)


@pytest.mark.parametrize("name", ["sellerId", "orderIdentifier", "orderReference", "deliveryAddress", "positions"])
@pytest.mark.parametrize("gap", [..., None])
async def test_a_required_field_may_not_be_missing(ada: ClientSession, quivo: Quivo, name: str, gap: Any) -> None:
    """Each of the five required fields is asked for, whether absent or null."""
    assert await _created(ada, order(**{name: gap})) == flaws(f"{name}: must not be null")
    assert len(quivo.orders) == 70


async def test_an_empty_order_is_told_everything(ada: ClientSession) -> None:
    """All required fields are named in one answer, a line each."""
    assert await _created(ada, {}) == flaws(
        "sellerId: must not be null",
        "orderIdentifier: must not be null",
        "orderReference: must not be null",
        "deliveryAddress: must not be null",
        "positions: must not be null",
    )


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"orderIdentifier": " "}, "orderIdentifier: must not be blank"),
        ({"orderReference": ""}, "orderReference: must not be blank"),
        ({"positions": []}, "positions: size must be between 1 and 2147483647"),
        ({"transportInsuranceAmount": 0}, "transportInsuranceAmount: must be greater than 0"),
        ({"transportInsuranceAmount": -0.01}, "transportInsuranceAmount: must be greater than 0"),
        ({"orderPriority": 0}, "orderPriority: must be greater than or equal to 1"),
        ({"orderPriority": 4}, "orderPriority: must be less than or equal to 3"),
        ({"orderPriority": 2**31}, "orderPriority: must be an integer"),
        ({"positions": [position(sku=...)]}, "positions[0].sku: must not be null"),
        ({"positions": [position(sku=" ")]}, "positions[0].sku: must not be blank"),
        ({"positions": [position(), position(quantity=...)]}, "positions[1].quantity: must not be null"),
        ({"positions": [position(quantity=0)]}, "positions[0].quantity: must be greater than or equal to 1"),
        ({"positions": [position(quantity=1.0)]}, "positions[0].quantity: must be an integer"),
        ({"positions": [position(price=-0.01)]}, "positions[0].price: must be greater than or equal to 0"),
        ({"positions": [None]}, "positions[0]: must not be null"),
        (
            {"attachments": [ATTACHMENT | {"copyCount": 0}]},
            "attachments[0].copyCount: must be greater than or equal to 1",
        ),
        (
            {"attachments": [ATTACHMENT, ATTACHMENT | {"printingType": "LABEL"}]},
            "attachments[1].printingType: must be one of ORDER, SHIPMENT",
        ),
        (
            {"attachments": [ATTACHMENT | {"attachmentPlacement": "ON_TOP"}]},
            "attachments[0].attachmentPlacement: must be one of INSIDE_PACKAGE, OUTSIDE_PACKAGE",
        ),
        ({"attachments": [ATTACHMENT | {"printerType": None}]}, "attachments[0].printerType: must not be null"),
    ],
)
async def test_a_value_outside_its_range_is_refused(
    ada: ClientSession, quivo: Quivo, changes: dict[str, Any], line: str
) -> None:
    """Each range ends where the seed says, the line has Quivo's path of the field, and no order is added."""
    assert await _created(ada, order(**changes)) == flaws(line)
    assert len(quivo.orders) == 70


@pytest.mark.parametrize(
    "changes",
    [
        {"orderIdentifier": "x"},
        {"transportInsuranceAmount": 0.01},
        {"orderPriority": 1},
        {"orderPriority": 3},
        {"cashOnDeliveryAmount": 0},
        {"positions": [position(quantity=1)]},
        {"positions": [position(price=0)]},
        {"positions": [position()] * 500},
        {"comment": "", "channelId": "", "tags": [], "invoiceIds": [], "attachments": []},
        {"attachments": [ATTACHMENT | {"printingType": "SHIPMENT", "printerType": "DOCUMENT_PRINTER_2_FOLIO"}]},
        {"customAttributes": {"a": {"b": ["c"]}}},
        {"customAttributes": "{}"},
        {"orderDate": "2024-02-29T23:59:59.123Z", "earliestDeliveryDate": "2024-02-29"},
        dict.fromkeys(("comment", "tags", "attachments", "invoiceAddress", "customAttributes", "warehouseId")),
    ],
)
async def test_a_value_inside_its_range_is_taken(ada: ClientSession, changes: dict[str, Any]) -> None:
    """The last good value of each range, empty arrays, both forms of attributes and null are all taken."""
    assert await _created(ada, order(**changes)) == accepted(2011)


@pytest.mark.parametrize(
    ("kind", "names", "wrong"),
    [
        ("a string", ["orderIdentifier", "comment", "currencyCode", "cashOnDeliveryCurrency"], [5, True, [], {}]),
        ("an integer", ["sellerId", "warehouseId", "orderPriority"], ["12", True, 1.5, [], 2**63]),
        ("a number", ["transportInsuranceAmount", "cashOnDeliveryAmount"], ["1", True, {}]),
        ("a boolean", ["hasInvoiceAddress", "hasInvoiceData", "trackingEnabled", "ssccLabel"], ["true", 1, []]),
        ("a date", ["earliestDeliveryDate", "latestDeliveryDate"], ["2026-02-30", "20260201", "2026-2-1", 5, ""]),
        ("a date-time", ["orderDate"], ["2026-02-01", "2026-02-01T10:00:00", "2026-02-30T10:00:00Z", 5]),
        ("an array", ["positions", "tags", "invoiceIds", "attachments"], ["x", {}, 1]),
        ("an object", ["deliveryAddress", "invoiceAddress"], ["x", [], 1]),
        ("an object", ["customAttributes"], ["x", "[]", [], 1, ""]),
    ],
)
async def test_a_value_of_another_kind_is_refused(
    ada: ClientSession, quivo: Quivo, kind: str, names: list[str], wrong: list[Any]
) -> None:
    """Every field has one JSON type, and a value of another one is named with the type that it should have."""
    for name in names:
        for value in wrong:
            assert await _created(ada, order(**{name: value})) == flaws(f"{name}: must be {kind}"), (name, value)
    assert len(quivo.orders) == 70


async def test_a_date_before_the_first_day_in_utc_is_refused(ada: ClientSession) -> None:
    """A moment that has no place in the calendar once its offset is taken off is no date-time."""
    refused = await _created(ada, order(orderDate="0001-01-01T00:00:00+14:00"))
    assert refused == flaws("orderDate: must be a date-time")


async def test_elements_of_texts_are_texts(ada: ClientSession) -> None:
    """Tags and invoice ids hold texts only, and the place of the wrong one is named."""
    assert await _created(ada, order(tags=["a", 5], invoiceIds=[None])) == flaws(
        "invoiceIds[0]: must not be null", "tags[1]: must be a string"
    )


async def test_a_huge_number_is_a_number(ada: ClientSession) -> None:
    """An integer that no float can hold is compared like any other, an infinite one is refused."""
    assert await _created(ada, order(cashOnDeliveryAmount=10**400)) == accepted(2011)
    body = b'{"transportInsuranceAmount": 1e999}'
    async with ada.post("/orders", data=body, headers={"Content-Type": "application/json"}) as answer:
        assert "transportInsuranceAmount: must be a number" in await answer.text()


async def test_an_address_inside_an_order_is_checked_under_its_path(ada: ClientSession) -> None:
    """Both addresses of an order are held to the address rules, each line with the path in front."""
    body = order(deliveryAddress=address(zip=..., latitude=91), invoiceAddress=address(city="", email=5))
    assert await _created(ada, body) == flaws(
        "deliveryAddress.latitude: must be less than or equal to 90",
        "deliveryAddress.zip: must not be blank",
        "deliveryAddress.longitude: must not be null",
        "invoiceAddress.email: must be a string",
        "invoiceAddress.city: must not be blank",
    )


def test_the_country_codes_are_those_of_iso_3166() -> None:
    """There are 249 codes of two capitals, with the usual impostors not among them."""
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)
    assert not {"UK", "EU", "XX", "AN"} & COUNTRIES
