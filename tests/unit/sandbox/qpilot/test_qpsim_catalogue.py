"""Customers, payment methods, products, coupons and the site at the QPilot stand-in."""

from typing import Any

import pytest
from qpsim_kit import Answer, Caller, broken, invalid, missing

from sandbox.qpilot import Qpilot

NEW = {
    "id": "29920", "email": "chris@mail.example", "firstName": "Chris", "lastName": "Wilking",
    "shippingFirstName": "Chris", "shippingStreet1": "740 Evergreen Terrace", "shippingCountry": "US",
}  # fmt: skip
CARD = {"type": "Stripe", "gatewayCustomerId": "cus_1", "gatewayPaymentId": "pm_1"}
SHAMPOO = {
    "id": "200001", "siteId": 1113, "title": "Travel Shampoo 2 oz", "price": 4.75, "salePrice": 3, "sku": "rco-atl-2",
    "gtin": "97350053850029", "mpn": "QP1", "length": "4", "width": "2", "height": "5", "weight": "1",
    "weightUnitType": "Pound", "lengthUnitType": "Inch", "addToScheduledOrder": True, "processScheduledOrder": True,
    "availability": "InStock", "stock": 50,
}  # fmt: skip


async def test_a_customer_is_read_by_the_stores_id(merchant: Caller, qpilot: Qpilot) -> None:
    """With their payment methods; the internal number, which rows carry, leads to nobody."""
    body = await merchant.get("/customers/101")
    methods = [one for one in qpilot.payment_methods.values() if one["customerId"] == "101"]
    assert body == qpilot.customers["101"] | {"paymentMethods": methods}
    assert await merchant.ask("GET", f"/Customers/{body['customerId']}") == missing("Customer")
    assert await merchant.get("/Customers/101/PaymentMethods") == methods


async def test_customers_are_found_by_mail_and_name(merchant: Caller) -> None:
    """`search` stands for a filter by e-mail, which there is none of."""
    for text in ("customer7@mail", "gail wint", "GAIL"):
        body = await merchant.get(f"/Customers?search={text}")
        assert ([row["id"] for row in body["items"]], body["totalCount"], body["totalPages"]) == (["107"], 1, 1)
    body = await merchant.get("/Customers?pageSize=30&page=2")
    assert (len(body["items"]), body["totalCount"], body["totalPages"]) == (10, 40, 2)


async def test_a_customers_orders_are_one_flat_list(merchant: Caller, qpilot: Qpilot) -> None:
    """All of them at once, full, whatever the query says of pages; an unknown customer is 404."""
    body = await merchant.get("/Customers/101/ScheduledOrders?pageSize=1&includeDeleted=TRUE")
    own = [number for number, order in qpilot.orders.items() if order["customerId"] == "101"]
    assert [order["id"] for order in body] == own
    assert body[0] == await merchant.get(f"/ScheduledOrders/{own[0]}")
    assert await merchant.ask("GET", "/Customers/7/ScheduledOrders") == missing("Customer")


async def test_a_customer_is_created_with_a_card(merchant: Caller, qpilot: Qpilot) -> None:
    """Seed 004's one call: the customer is there, and their first card is the default."""
    status, made = await merchant.ask("POST", "/Customers", NEW | {"paymentMethods": [CARD]})
    assert (status, {name: made[name] for name in NEW}) == (200, NEW)
    assert made == await merchant.get("/Customers/29920")
    card = made["paymentMethods"][0]
    assert {name: card[name] for name in CARD} | {"isDefault": card["isDefault"]} == CARD | {"isDefault": True}
    assert await merchant.ask("POST", "/Customers", NEW) == broken("Customer already exists")


async def test_a_payment_method_is_added(merchant: Caller, qpilot: Qpilot) -> None:
    """It belongs to the customer and does not push out their default."""
    default = qpilot.default_method("101")
    status, made = await merchant.ask("POST", "/PaymentMethods", CARD | {"customerId": "101"})
    assert (status, made) == (200, qpilot.payment_methods[made["id"]])
    assert (made["customerId"], made["isDefault"], qpilot.default_method("101")) == ("101", False, default)


async def test_a_product_is_created_and_found(merchant: Caller) -> None:
    """Seed 004's body is taken whole, once."""
    status, made = await merchant.ask("POST", "/Products", SHAMPOO)
    assert (status, {name: made[name] for name in SHAMPOO}) == (200, SHAMPOO)
    assert await merchant.get("/Products/200001") == made
    assert await merchant.ask("POST", "/Products", SHAMPOO) == broken("Product already exists")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/Customers", {"id": "1"}, invalid(Email="The Email field is required.")),
        ("/Customers", NEW | {"email": "chris"}, invalid(Email="The field Email is not a valid e-mail address.")),
        ("/Customers", NEW | {"id": 29920}, invalid(Id="The field Id must not be empty.")),
        (
            "/Customers",
            NEW | {"paymentMethods": [{}]},
            invalid(PaymentMethods="The field PaymentMethods is not valid."),
        ),
        ("/PaymentMethods", CARD | {"customerId": "7"}, broken("Customer does not exist")),
        (
            "/PaymentMethods",
            {"customerId": "101", "type": "Stripe", "gatewayCustomerId": "c"},
            invalid(GatewayPaymentId="The GatewayPaymentId field is required."),
        ),
        ("/Products", SHAMPOO | {"price": -1}, invalid(Price="The field Price must be an amount from 0.")),
        ("/Products", SHAMPOO | {"weight": 1}, invalid(Weight="The field Weight is not valid.")),
    ],
)
async def test_a_creation_that_is_refused(
    merchant: Caller, qpilot: Qpilot, path: str, body: Any, expected: Answer
) -> None:
    """Nothing is kept of it."""
    before = (len(qpilot.customers), len(qpilot.payment_methods), len(qpilot.products))
    assert await merchant.ask("POST", path, body) == expected
    assert (len(qpilot.customers), len(qpilot.payment_methods), len(qpilot.products)) == before


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 25),
        ("availability=outofstock", 3),
        ("processScheduledOrder=false", 1),
        ("addToScheduledOrder=false", 0),
        ("minPrice=30&maxPrice=38.95", 3),
        ("productIds=100982&productIds=100984&productIds=1", 2),
        ("productIds=100982,100984", 0),
        ("search=COFFEE", 2),
        ("search=hp-dog", 2),
        ("active=true&valid=True", 25),
        ("groupId=5", 0),
    ],
)
async def test_products_are_filtered(merchant: Caller, query: str, count: int) -> None:
    """Each filter narrows the list; several are all to hold."""
    body = await merchant.get(f"/Products?{query}")
    assert (len(body["items"]), body["totalCount"]) == (count, count)


@pytest.mark.parametrize("query", ["active=perhaps", "minPrice=cheap", "maxPrice=NaN"])
async def test_a_filter_that_makes_no_sense_is_refused(merchant: Caller, query: str) -> None:
    """A flag is true or false, a price is a number."""
    name, value = query.split("=")
    expected = invalid(**{name[0].upper() + name[1:]: f"The value '{value}' is not valid."})
    assert await merchant.ask("GET", f"/Products?{query}") == expected


async def test_a_product_can_be_stopped(merchant: Caller, qpilot: Qpilot) -> None:
    """Both flags are set with the names as the vendor writes them; a stopped product is not added to orders."""
    path = "/Products/100982/ScheduledOrderAvailability"
    before = qpilot.products["100982"]
    flags = {"addToScheduledOrder": False, "processScheduledOrder": False}
    half = await merchant.ask("PUT", path, {"AddToScheduledOrder": False})
    assert half == invalid(ProcessScheduledOrder="The ProcessScheduledOrder field is required.")
    assert qpilot.products["100982"] == before
    sent = {"AddToScheduledOrder": False, "ProcessScheduledOrder": False}
    status, _ = await merchant.ask("PUT", path, sent)
    assert (status, qpilot.products["100982"]) == (200, before | flags)
    body = {"scheduledOrderId": 208001, "scheduledOrderItems": [{"productId": "100982", "quantity": 1}]}
    refused = broken("Product 100982 cannot be added to scheduled orders")
    assert await merchant.ask("POST", "/ScheduledOrderItems", body) == refused
    assert await merchant.ask("PUT", "/Products/7/ScheduledOrderAvailability", sent) == missing("Product")


async def test_coupons_are_listed_and_read(merchant: Caller) -> None:
    """By number and by code; an unknown one is 404."""
    body = await merchant.get("/Coupons?search=off")
    coupon = body["items"][0]
    assert (coupon["code"], body["totalPages"]) == ("FIVEOFF", 1)
    assert await merchant.get(f"/Coupons/{coupon['id']}") == coupon
    assert await merchant.get("/coupons/bycode?CODE=fiveoff") == coupon
    for path in ("/Coupons/7", "/Coupons/ByCode?code=NO", "/Coupons/ByCode"):
        assert await merchant.ask("GET", path) == missing("Coupon")


async def test_the_site_says_how_it_is_set(merchant: Caller, customer: Caller, qpilot: Qpilot) -> None:
    """Lock, offset and pause follow the switches, and a customer sees their part."""
    qpilot.switches = qpilot.switches.changed({"lock_days": 3, "offset_days": 2, "paused": True})
    body = await merchant.get("")
    assert {name: body[name] for name in ("id", "timezone", "orderProcessingStartTime", "environment")} == {
        "id": 1113,
        "timezone": "America/New_York",
        "orderProcessingStartTime": "03:00:00",
        "environment": "Test",
    }
    assert (body["lockDurationDays"], body["orderProcessingOffset"], body["isProcessingPaused"]) == (3, 2, True)
    settings = {"lockWindow": 3, "utcOffset": -5, "showNotes": True, "showCoupons": True}
    assert await customer.get("/Settings") == settings


async def test_the_integration_check_asks_the_store(merchant: Caller, qpilot: Qpilot) -> None:
    """A store that is down is an error of type 1100."""
    assert await merchant.get("/Integration/Check") == {"isSuccess": True, "errors": []}
    qpilot.store_down = True
    error = {"type": 1100, "statusCode": 503, "message": "The store did not answer.", "detail": None}
    assert await merchant.get("/Integration/Check") == {"isSuccess": False, "errors": [error]}
