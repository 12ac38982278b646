"""Creating an order and writing a whole one at the QPilot stand-in."""

from decimal import Decimal
from typing import Any

import pytest
from qpsim_kit import LOCKED, Answer, Caller, broken, invalid, without

from sandbox.qpilot import Qpilot

SERVER = (
    "customer", "site", "scheduledOrderItems", "lastProcessingCycle", "lastProcessingCycleId", "shippingRateOptions",
    "shippingRateCalculationErrors", "couponsHistory", "validationResult", "dunning", "lastOccurrenceUtc", "createdUtc",
    "updatedUtc", "lastEditableDate", "lastChangeToDeleted", "lifetimeValue", "stripeUrl", "displaySalePrice",
    "frequencyDisplayName", "scheduledOrderFailureReason", "processingErrorCode", "preProcessingValidationResultCode",
    "subtotal", "shippingTotal", "taxTotal", "total", "shippingRateName", "shippingRateId", "estimatedDeliveryDate",
    "locked", "bundleName", "originSubscriptionId", "siteId",
)  # fmt: skip
ITEM = {"productId": "100983", "quantity": 2}


async def _read(merchant: Caller, qpilot: Qpilot, **fields: Any) -> tuple[str, dict[str, Any]]:
    """The path of a new order and what a client would write back: the order without the server's own keys."""
    path = f"/ScheduledOrders/{qpilot.add_order(note='Ring twice', **fields)}"
    return path, without(await merchant.get(path), *SERVER)


async def test_the_smallest_order_has_defaults(merchant: Caller, qpilot: Qpilot) -> None:
    """Whom, what and how often: it goes where the customer lives, by their card, at the start of processing."""
    body = {"customerId": "105", "frequencyType": "Days", "frequency": 30, "scheduledOrderItems": [ITEM]}
    status, made = await merchant.ask("POST", "/ScheduledOrders", body)
    assert status == 200
    customer = qpilot.customers["105"]
    expected = body | {
        "status": "Active",
        "nextOccurrenceUtc": "2026-02-13T08:00:00.000Z",
        "paymentMethodId": qpilot.default_method("105"),
        "shippingCity": customer["shippingCity"],
        "currencyIso": "USD",
        "cycles": 0,
        "subtotal": 29.0,
        "shippingTotal": 5.0,
        "taxTotal": 0.0,
        "total": 34.0,
    }
    assert {name: made[name] for name in expected if name != "scheduledOrderItems"} == without(
        expected, "scheduledOrderItems"
    )
    assert [(item["productId"], item["quantity"], item["price"]) for item in made["scheduledOrderItems"]] == [
        ("100983", 2, 14.5)
    ]
    assert made == await merchant.get(f"/ScheduledOrders/{made['id']}")


async def test_everything_may_be_said_of_a_new_order(merchant: Caller, qpilot: Qpilot) -> None:
    """What is given is taken, and an item's own prices count."""
    given = {
        "customerId": "101", "frequencyType": "Weeks", "frequency": 2, "status": "Paused", "utcOffset": 1,
        "nextOccurrenceUtc": "2026-05-01T10:00:00.000Z", "currencyIso": "EUR", "note": "Leave it", "origin": "Merchant",
        "shippingCity": "Lyon", "coupons": ["FREESHIP"], "metadata": {"a": "b"},
    }  # fmt: skip
    items = [{"productId": "100982", "quantity": 3, "price": 2.5, "salePrice": 1.1}]
    status, made = await merchant.ask("POST", "/ScheduledOrders", given | {"scheduledOrderItems": items})
    assert (status, {name: made[name] for name in given}) == (200, given)
    order = qpilot.orders[made["id"]]
    amounts = [order[name] for name in ("subtotal", "shippingTotal", "taxTotal", "total")]
    assert amounts == [Decimal("3.30"), Decimal("0.00"), Decimal("0.63"), Decimal("3.93")]


_NEW = {"customerId": "101", "frequencyType": "Days", "frequency": 30}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {},
            invalid(
                CustomerId="The CustomerId field is required.",
                Frequency="The Frequency field is required.",
                FrequencyType="The FrequencyType field is required.",
            ),
        ),
        (_NEW | {"frequency": 0}, invalid(Frequency="The field Frequency must be between 1 and 365.")),
        (_NEW | {"customerId": 101}, invalid(CustomerId="The field CustomerId must not be empty.")),
        (_NEW | {"customerId": "nobody"}, broken("Customer does not exist")),
        (_NEW | {"paymentMethodId": 10902}, broken("Payment method does not exist")),
        (_NEW | {"status": "Failed"}, invalid(Status="The field Status must be one of Active, Paused.")),
        (_NEW | {"metadata": []}, invalid(Metadata="The field Metadata must be an object.")),
        (
            _NEW | {"scheduledOrderItems": [{"productId": "100982"}]},
            invalid(ScheduledOrderItems="The field ScheduledOrderItems is not valid."),
        ),
        (
            _NEW | {"scheduledOrderItems": [ITEM | {"productId": "0"}]},
            broken("Product 0 cannot be added to scheduled orders"),
        ),
    ],
)
async def test_a_new_order_that_is_refused(merchant: Caller, qpilot: Qpilot, body: Any, expected: Answer) -> None:
    """No order is made."""
    before = len(qpilot.orders)
    assert await merchant.ask("POST", "/ScheduledOrders", body) == expected
    assert len(qpilot.orders) == before


async def test_an_order_written_back_unchanged_is_unchanged(merchant: Caller, qpilot: Qpilot) -> None:
    """Read, drop the server's own keys, write: nothing is lost, and the items stay."""
    path, body = await _read(merchant, qpilot, metadata={"a": "b"}, coupons=["FIVEOFF"])
    before = await merchant.get(path)
    assert await merchant.ask("PUT", path, body) == (200, before)
    assert await merchant.get(path) == before


async def test_a_whole_order_changes_what_it_says(merchant: Caller, qpilot: Qpilot) -> None:
    """Coupons count at once, the server's own keys are ignored, and what is left out is cleared."""
    path, body = await _read(merchant, qpilot)
    before = await merchant.get(path)
    changed = without(body, "note") | {"coupons": ["WELCOME10"], "frequency": 14, "cycles": 99, "total": 1}
    status, after = await merchant.ask("PUT", path, changed)
    assert status == 200
    assert {name: value for name, value in after.items() if before[name] != value} == {
        "coupons": ["WELCOME10"],
        "couponsHistory": [{"valid": True, "coupon": after["couponsHistory"][0]["coupon"]}],
        "frequency": 14,
        "frequencyDisplayName": "Every 14 days",
        "note": None,
        "subtotal": 5.4,
        "total": 10.4,
    }


@pytest.mark.parametrize(
    "name", ["frequency", "customerId", "utcOffset", "frequencyType", "status", "nextOccurrenceUtc", "currencyIso"]
)
async def test_a_partial_order_is_refused_by_its_first_gap(merchant: Caller, qpilot: Qpilot, name: str) -> None:
    """The first required scalar that is missing is named alone, and nothing is written."""
    path, body = await _read(merchant, qpilot)
    before = await merchant.get(path)
    pascal = name[0].upper() + name[1:]
    expected = invalid(**{pascal: f"The {pascal} field is required."})
    partial = without(body, name) | {"note": "new"}
    later = without(partial, *(("currencyIso",) if name != "currencyIso" else ()))
    for sent in (partial, later, partial | {name: None}):
        assert await merchant.ask("PUT", path, sent) == expected
    assert await merchant.get(path) == before


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "Paused"}, broken("Status cannot be changed by an update", 1001)),
        ({"customerId": "102"}, broken("Customer cannot be changed by an update")),
        ({"coupons": ["NOPE"]}, broken("Coupon NOPE is not valid")),
        ({"paymentMethodId": 10902}, broken("Payment method does not exist")),
        ({"currencyIso": "dollar"}, invalid(CurrencyIso="The field CurrencyIso is not valid.")),
        ({"frequency": "30"}, invalid(Frequency="The field Frequency must be between 1 and 365.")),
        (
            {"frequencyType": "DayOfTheMonth", "frequency": 32},
            invalid(Frequency="The field Frequency must be between 1 and 31."),
        ),
    ],
)
async def test_a_whole_order_that_is_refused(merchant: Caller, qpilot: Qpilot, changes: Any, expected: Answer) -> None:
    """A status is not changed this way, and nothing of a refused order is taken."""
    path, body = await _read(merchant, qpilot)
    before = await merchant.get(path)
    assert await merchant.ask("PUT", path, body | {"note": "new"} | changes) == expected
    assert await merchant.get(path) == before


@pytest.mark.parametrize("status", ["Deleted", "Processing"])
async def test_a_deleted_order_cannot_be_written(merchant: Caller, qpilot: Qpilot, status: str) -> None:
    """Nor one that is being processed, nor one in its lock window."""
    path, body = await _read(merchant, qpilot, status=status)
    refused = broken(f"Cannot change a Scheduled Order with status {status}", 1001)
    assert await merchant.ask("PUT", path, body) == refused
    path, body = await _read(merchant, qpilot)
    qpilot.switches = qpilot.switches.changed({"lock_days": 11})
    assert await merchant.ask("PUT", path, body) == LOCKED


async def test_items_in_a_whole_order_are_all_of_its_items(merchant: Caller, qpilot: Qpilot) -> None:
    """One with its id is changed, one without is new, one that is missing is gone."""
    order_id = qpilot.add_order([ITEM, {"productId": "100984", "quantity": 1}])
    path = f"/ScheduledOrders/{order_id}"
    body = without(await merchant.get(path), *SERVER)
    first, second = qpilot.orders[order_id]["scheduledOrderItems"]
    items = [{"id": second["id"], "productId": "100984", "quantity": 5}, {"productId": "100985", "quantity": 1}]
    status, after = await merchant.ask("PUT", path, body | {"scheduledOrderItems": items})
    found = [(item["id"], item["productId"], item["quantity"]) for item in after["scheduledOrderItems"]]
    assert (status, found) == (200, [(second["id"], "100984", 5), (second["id"] + 1, "100985", 1)])
    assert first["id"] not in [one["id"] for one in after["scheduledOrderItems"]]


async def test_an_items_id_with_another_product_is_a_new_item(merchant: Caller, qpilot: Qpilot) -> None:
    """An item never changes its product: the old one goes, and a new one comes with the product's own price."""
    order_id = qpilot.add_order([ITEM])
    path = f"/ScheduledOrders/{order_id}"
    old = qpilot.orders[order_id]["scheduledOrderItems"][0]
    items = [{"id": old["id"], "productId": "100984", "quantity": 1}]
    body = without(await merchant.get(path), *SERVER) | {"scheduledOrderItems": items}
    status, after = await merchant.ask("PUT", path, body)
    found = [(item["id"], item["productId"], item["price"]) for item in after["scheduledOrderItems"]]
    assert (status, found) == (200, [(old["id"] + 1, "100984", 11.25)])


async def test_items_are_added_changed_and_removed(merchant: Caller, qpilot: Qpilot) -> None:
    """Each step shows in the order and its total; a removed item is gone for good."""
    order_id = qpilot.add_order()
    body = {"scheduledOrderId": order_id, "scheduledOrderItems": [ITEM]}
    status, added = await merchant.ask("POST", "/ScheduledOrderItems", body)
    assert (status, [item["productId"] for item in added]) == (200, ["100983"])
    path = f"/ScheduledOrderItems/{added[0]['id']}"
    assert await merchant.get(path) == added[0]
    change = {"productId": "100983", "quantity": 4, "price": 10.25}
    status, changed = await merchant.ask("PUT", path, change)
    assert (status, changed) == (200, added[0] | change)
    assert qpilot.orders[order_id]["subtotal"] == Decimal("47.00")
    assert await merchant.ask("DELETE", path) == (200, True)
    assert qpilot.orders[order_id]["subtotal"] == Decimal("6.00")
    assert (await merchant.ask("GET", path))[0] == 404
    status, again = await merchant.ask("POST", "/ScheduledOrderItems", body)
    assert (status, again[0]["id"]) == (200, added[0]["id"] + 1)


async def test_items_that_are_refused(merchant: Caller, qpilot: Qpilot) -> None:
    """A partial item, another product, an unknown order and a locked one: nothing changes."""
    order_id = qpilot.add_order()
    item = qpilot.orders[order_id]["scheduledOrderItems"][0]
    path = f"/ScheduledOrderItems/{item['id']}"
    price = invalid(Price="The Price field is required.")
    assert await merchant.ask("PUT", path, {"productId": "100982", "quantity": 2}) == price
    other = {"productId": "100983", "quantity": 2, "price": 1}
    assert await merchant.ask("PUT", path, other) == broken("Product of an item cannot be changed")
    body = {"scheduledOrderId": 7, "scheduledOrderItems": [ITEM]}
    assert (await merchant.ask("POST", "/ScheduledOrderItems", body))[0] == 404
    qpilot.switches = qpilot.switches.changed({"lock_days": 11})
    body["scheduledOrderId"] = order_id
    assert await merchant.ask("POST", "/ScheduledOrderItems", body) == LOCKED
    assert await merchant.ask("PUT", path, other | {"productId": "100982"}) == LOCKED
    assert await merchant.ask("DELETE", path) == LOCKED
    assert qpilot.orders[order_id]["scheduledOrderItems"] == [item]
