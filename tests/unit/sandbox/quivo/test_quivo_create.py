"""`POST /orders` of the Quivo stand-in: what is taken, how it reads, and the second channel of failures."""

from typing import Any

import pytest
from aiohttp import ClientSession
from quivo_writes_kit import (
    ADDRESS,
    NOWHERE,
    READ_ADDRESS,
    accepted,
    address,
    envelope,
    flaws,
    order,
    position,
    read,
    send,
)

from sandbox.clock import Clock
from sandbox.quivo import Quivo, Switches
from sandbox.quivo.demo import moment
from sandbox.quivo.shapes import FIELDS

DUPLICATE = "Order with this identifier already exists"
EVERYTHING = order(
    warehouseId=4,
    hasInvoiceAddress=True,
    hasInvoiceData=True,
    invoiceAddress=address(name="Accounts", street2=...),
    orderDate="2026-03-01T10:00:00+02:00",
    currencyCode="EUR",
    invoiceIds=["I-1"],
    comment="Ring twice",
    earliestDeliveryDate="2026-03-02",
    latestDeliveryDate="2026-03-04",
    transportInsuranceAmount=120.5,
    cashOnDeliveryAmount=9.99,
    cashOnDeliveryCurrency="EUR",
    shippingMethodIdentifier="UPSS",
    shippingMethodName="UPS Saver",
    tags=["gift"],
    trackingEnabled=True,
    orderPriority=2,
    orderReference2="#B",
    customerPurchaseOrderNumber="PO-89225",
    ssccLabel=True,
    channelId="web",
    channelName="Web shop",
    attachments=[
        {
            "printerType": "LABEL_PRINTER",
            "attachmentPlacement": "INSIDE_PACKAGE",
            "copyCount": 1,
            "filename": "note.pdf",
            "printingType": "ORDER",
            "fileKey": "k1",
            "mimeType": "application/pdf",
        }
    ],
    customAttributes='{"attr1":"val1"}',
    deliveryAddress=address(
        addressIdentifier="A-1",
        additionalIdentifiers=[{"identifier": "GLN-1", "type": "GLN"}],
        latitude=52.5,
        longitude=13.4,
    ),
    positions=[
        {
            "sku": "TEA-POT-900",
            "name": "Teapot",
            "quantity": 3,
            "price": 19.9,
            "lot": "L7",
            "expirationDate": "2027-01-31",
            "location": "A-04",
            "positionIdentifier": "p-1",
            "productIdentifier": "P-1",
            "customAttributes": {"engraving": "A"},
        }
    ],
)


async def test_the_smallest_order_is_taken(ada: ClientSession, quivo: Quivo) -> None:
    """An order with the five required fields gets the next id and waits, PENDING, for what is missing."""
    assert await send(ada, "POST", "/orders", order()) == accepted(2011)
    now = quivo.orders[2011]["created"]
    assert await read(ada, 2011) == {
        "orderId": 2011,
        "sellerId": 12,
        "sellerName": "Nordlicht Keramik",
        "warehouseId": None,
        "created": now,
        "lastModified": now,
        "orderDate": None,
        "exportedAt": None,
        "cancelRequestedAt": None,
        "completedAt": None,
        "orderIdentifier": "new-1",
        "orderReference": "#NEW1",
        "orderStatus": "PENDING",
        "comment": None,
        "orderPriority": None,
        "shippingMethodIdentifier": None,
        "shippingMethodName": None,
        "customerPurchaseOrderNumber": None,
        "ssccLabel": False,
        "currency": None,
        "deliveryAddress": READ_ADDRESS | NOWHERE,
        "invoiceAddress": READ_ADDRESS,
        "positions": [
            {
                "positionId": 20111,
                "positionIdentifier": None,
                "sku": "MUG-SEA-350",
                "name": None,
                "quantity": 2,
                "productIdentifier": None,
                "variantIdentifier": None,
                "lot": None,
                "customAttributes": {},
            }
        ],
        "tags": [],
        "customAttributes": {},
        "trackingEnabled": False,
        "shipmentTracking": [],
        "fulfillmentOrders": [],
    }


async def test_every_field_is_taken_and_documented_ones_are_read(ada: ClientSession, quivo: Quivo) -> None:
    """Written names become read names, what no sheet shows stays out of the order, and the body itself is kept."""
    assert await send(ada, "POST", "/orders", EVERYTHING) == accepted(2011)
    shown = await read(ada, 2011)
    assert set(quivo.orders[2011]) <= FIELDS
    assert quivo.accepted == {2011: EVERYTHING}
    assert shown["deliveryAddress"] == READ_ADDRESS | {
        "addressIdentifier": "A-1",
        "additionalIdentifiers": [{"identifier": "GLN-1", "type": "GLN"}],
        "latitude": 52.5,
        "longitude": 13.4,
    }
    assert shown["invoiceAddress"] == READ_ADDRESS | {"name1": "Accounts", "address2": None}
    assert shown["positions"] == [
        {
            "positionId": 20111,
            "positionIdentifier": "p-1",
            "sku": "TEA-POT-900",
            "name": "Teapot",
            "quantity": 3,
            "productIdentifier": "P-1",
            "variantIdentifier": None,
            "lot": "L7",
            "customAttributes": {"engraving": "A"},
        }
    ]
    (told,) = shown["fulfillmentOrders"]
    (line,) = told["positions"]
    assert (line["sku"], line["quantity"], line["lot"], line["location"], line["expirationDate"]) == (
        "TEA-POT-900",
        3,
        "L7",
        "A-04",
        "2027-01-31",
    )
    written = {
        name: shown[name] for name in ("comment", "tags", "customAttributes", "trackingEnabled", "orderPriority")
    }
    assert written == {
        "comment": "Ring twice",
        "tags": ["gift"],
        "customAttributes": {"attr1": "val1"},
        "trackingEnabled": True,
        "orderPriority": 2,
    }
    assert (shown["orderStatus"], shown["warehouseId"], shown["currency"]) == ("PROCESSING", 4, "EUR")
    assert (shown["orderDate"], shown["ssccLabel"]) == ("2026-03-01T08:00:00Z", True)
    assert (shown["customerPurchaseOrderNumber"], shown["shippingMethodName"]) == ("PO-89225", "UPS Saver")
    assert not {"attachments", "channelId", "orderReference2", "invoiceIds", "transportInsuranceAmount"} & set(shown)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "PENDING"),
        ({"warehouseId": None, "shippingMethodIdentifier": "", "shippingMethodName": None}, "PENDING"),
        ({"warehouseId": 4}, "PROCESSING"),
        ({"shippingMethodIdentifier": "UPSS"}, "PROCESSING"),
        ({"shippingMethodName": "UPS Saver"}, "PROCESSING"),
    ],
)
async def test_the_first_status_depends_on_what_is_known(
    ada: ClientSession, quivo: Quivo, changes: dict[str, Any], status: str
) -> None:
    """Without warehouse and shipping method an order starts PENDING, with either of them PROCESSING."""
    assert (await send(ada, "POST", "/orders", order(**changes)))[0] == 200
    assert quivo.orders[2011]["orderStatus"] == status
    assert bool(quivo.orders[2011]["fulfillmentOrders"]) is (status == "PROCESSING")


@pytest.mark.parametrize("flag", [None, False])
async def test_an_invoice_address_counts_only_if_it_is_announced(ada: ClientSession, flag: Any) -> None:
    """By default the delivery address is the invoice address, even if another one lies beside it."""
    body = order(hasInvoiceAddress=flag, invoiceAddress=address(name="Accounts"))
    assert await send(ada, "POST", "/orders", body) == accepted(2011)
    assert (await read(ada, 2011))["invoiceAddress"] == READ_ADDRESS


async def test_an_announced_invoice_address_that_is_missing_is_the_delivery_address(ada: ClientSession) -> None:
    """The documented default holds when nothing else was sent."""
    assert await send(ada, "POST", "/orders", order(hasInvoiceAddress=True)) == accepted(2011)
    assert (await read(ada, 2011))["invoiceAddress"] == READ_ADDRESS


async def test_a_taken_order_is_dated_and_listed(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """It is created at the clock's now and found by its identifier, once the lists' lag has passed."""
    clock.advance(1800)
    quivo.switches = Switches(index_lag_ms=60_000)
    await send(ada, "POST", "/orders", order())
    assert quivo.orders[2011]["created"] in (moment(clock.now()), moment(clock.now() - 1), moment(clock.now() - 2))
    assert await send(ada, "GET", '/orders?query=orderIdentifier:"new-1"') == (200, "application/json", [])
    clock.advance(61)
    _, _, (item,) = await send(ada, "GET", '/orders?query=orderIdentifier:"new-1"')
    assert (item["orderId"], item["shipToName1"], item["positions"][0]["sku"]) == (2011, "Ada Nordlicht", "MUG-SEA-350")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"sellerId": 99}, "sellerId", "Seller not found"),
        ({"sellerId": 34}, "sellerId", "Seller not found"),
        ({"warehouseId": 99}, "warehouseId", "Warehouse not found"),
        ({"warehouseId": 0}, "warehouseId", "Warehouse not found"),
        ({"warehouseId": 5}, "warehouseId", "Warehouse not found"),
        ({"deliveryAddress": address(countryIso2="XX")}, "deliveryAddress.countryIso2", "Country code is not valid"),
        ({"deliveryAddress": address(countryIso2="DEU")}, "deliveryAddress.countryIso2", "Country code is not valid"),
        ({"deliveryAddress": address(countryIso2="de")}, "deliveryAddress.countryIso2", "Country code is not valid"),
        ({"invoiceAddress": address(countryIso2="UK")}, "invoiceAddress.countryIso2", "Country code is not valid"),
        ({"positions": [position(), position(sku="NO-SUCH")]}, "positions[1].sku", "SKU not found"),
        ({"positions": [position(sku="mug-sea-350")]}, "positions[0].sku", "SKU not found"),
        ({"orderIdentifier": "shop-12-501001"}, "orderIdentifier", DUPLICATE),
    ],
)
@pytest.mark.parametrize("code", [200, 400])
async def test_a_business_failure_comes_in_the_envelope(
    ada: ClientSession, quivo: Quivo, code: Any, changes: dict[str, Any], field: str, message: str
) -> None:
    """E3: each failure names its field under 200 or, by the switch, 400, in JSON always, and no order is added."""
    quivo.switches = Switches(business_failure=code, error_bodies="json")
    assert await send(ada, "POST", "/orders", order(**changes)) == envelope("ERROR", field, message, None, code)
    assert (len(quivo.orders), quivo.accepted) == (70, {})


async def test_an_identifier_is_taken_once_for_each_seller(
    ada: ClientSession, bob: ClientSession, quivo: Quivo
) -> None:
    """The same identifier is refused to the same seller, also for a cancelled order, and is free for another one."""
    assert await send(ada, "POST", "/orders", order()) == accepted(2011)
    quivo.set_status(2011, "CANCELLED")
    again = await send(ada, "POST", "/orders", order(orderReference="#OTHER"))
    assert again == envelope("ERROR", "orderIdentifier", DUPLICATE, None)
    assert await send(bob, "POST", "/orders", order(sellerId=34)) == accepted(2012)
    assert await send(ada, "POST", "/orders", order(orderIdentifier="NEW-1")) == accepted(2013)
    assert sorted(quivo.accepted) == [2011, 2012, 2013]


async def test_a_duplicate_can_be_answered_with_the_order_that_exists(ada: ClientSession, quivo: Quivo) -> None:
    """With the switch on echo a repeated identifier is OK, with the first order's id, and changes nothing."""
    quivo.switches = Switches(duplicate="echo")
    await send(ada, "POST", "/orders", order())
    first = dict(quivo.orders[2011])
    again = await send(ada, "POST", "/orders", order(comment="other"))
    assert again == envelope("OK", None, "Order already exists", 2011)
    assert (quivo.orders[2011], len(quivo.orders)) == (first, 71)


async def test_bean_validation_comes_first(ada: ClientSession, quivo: Quivo) -> None:
    """A malformed order with an unknown seller is told of the malformed fields only, one line each."""
    body = order(sellerId=99, positions=..., comment="x" * 251)
    expected = ("positions: must not be null", "comment: size must be between 0 and 250")
    assert await send(ada, "POST", "/orders", body) == flaws(*expected)
    quivo.switches = Switches(error_bodies="json")
    assert await send(ada, "POST", "/orders", body) == (400, "application/json", {"message": "\n".join(expected)})
    assert len(quivo.orders) == 70


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"sellerId": NaN}', b'{"comment": "\\ud800"}', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(ada: ClientSession, quivo: Quivo, body: bytes) -> None:
    """The gateway refuses what is not a JSON object, in its own shape."""
    async with ada.post("/orders", data=body, headers={"Content-Type": "application/json"}) as answer:
        assert (answer.status, await answer.json()) == (400, {"message": "Invalid request body"})
    assert len(quivo.orders) == 70


async def test_a_body_of_another_kind_is_refused(ada: ClientSession, quivo: Quivo) -> None:
    """A form is not JSON, whatever is in it."""
    async with ada.post("/orders", data={"sellerId": "12"}) as answer:
        assert answer.status == 415
    assert len(quivo.orders) == 70


async def test_unknown_fields_are_refused_or_ignored(ada: ClientSession, quivo: Quivo) -> None:
    """A misspelt field is named wherever it stands; with the switch on ignored it is as if it were not there."""
    body = order(coment="x", positions=[position(qty=2)], deliveryAddress=address(country="DE"))
    assert await send(ada, "POST", "/orders", body) == flaws(
        "deliveryAddress.country: is not a known field",
        "positions[0].qty: is not a known field",
        "coment: is not a known field",
    )
    quivo.switches = Switches(unknown_fields="ignored")
    assert await send(ada, "POST", "/orders", body) == accepted(2011)
    assert (await read(ada, 2011))["deliveryAddress"] == READ_ADDRESS | NOWHERE
    refused = await send(ada, "POST", "/orders", body | {"orderIdentifier": ""})
    assert refused == flaws("orderIdentifier: must not be blank")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("PATCH", "/orders/1001"),
        ("PUT", "/orders/1001/address?type=DELIVERY"),
        ("POST", "/orders/1001/cancelRequest"),
        ("GET", "/items/4/12"),
    ],
)
async def test_each_new_endpoint_asks_for_key_and_token(
    nobody: ClientSession, quivo: Quivo, method: str, path: str
) -> None:
    """Without a key 403, without a token 401, with an expired one the documented words, and nothing is done."""
    before = dict(quivo.orders)
    key = {"X-Api-Key": "demo-key"}
    expired = key | {"Authorization": quivo.tokens.issue(quivo.accounts[0])}
    quivo.expire_tokens()
    for headers, expected in (
        ({}, (403, {"message": "Forbidden"})),
        (key, (401, {"message": "Unauthorized"})),
        (expired, (401, {"message": "The incoming token has expired"})),
    ):
        async with nobody.request(method, path, json=order(), headers=headers) as answer:
            assert (answer.status, await answer.json()) == expected
    assert quivo.orders == before


async def test_many_orders_are_taken_each_once(ada: ClientSession, quivo: Quivo) -> None:
    """E8: two hundred orders sent twice are two hundred orders."""
    for _ in range(2):
        for count in range(200):
            await send(ada, "POST", "/orders", order(orderIdentifier=f"bulk-{count}", deliveryAddress=ADDRESS))
    identifiers = [quivo.orders[order_id]["orderIdentifier"] for order_id in quivo.accepted]
    assert identifiers == [f"bulk-{count}" for count in range(200)]
    assert quivo.count("POST", "/orders") == 400
