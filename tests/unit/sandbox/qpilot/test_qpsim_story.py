"""Whole stories at the QPilot stand-in, with a login before each request as seed 004 asks."""

from typing import Any

import pytest
from aiohttp import ClientSession
from qpsim_kit import DAY, FORBIDDEN, SITE, Caller, send

from sandbox.clock import Clock
from sandbox.qpilot import Qpilot

OPS = {"email": "ops@example.com", "password": "demo-pilot"}


class Person:
    """Somebody who logs in over the wire before each request: the merchant, or one customer."""

    def __init__(self, session: ClientSession, customer_id: str | None = None) -> None:
        self._session = session
        self._customer_id = customer_id

    async def does(self, method: str, path: str, body: Any = None) -> Any:
        """What a request answers, which must be 200."""
        status, answer = await send(self._session, method, f"/Sites/{SITE}{path}", body, await self._login())
        assert status == 200, answer
        return answer

    async def _login(self) -> str:
        path, more = "/AccessTokens/Login", {"accessScope": "Merchant"}
        if self._customer_id is not None:
            path, more = f"/Sites/{SITE}/AccessTokens/CustomerLogin", {"customerId": self._customer_id}
        status, body = await send(self._session, "POST", path, OPS | more)
        assert status == 200, body
        return str(body["tokenBearerAuth"])


async def test_the_quick_start_works_step_by_step(session: ClientSession, qpilot: Qpilot) -> None:
    """Customer, payment method, product, scheduled order: seed 004's five steps, eight requests, four logins."""
    merchant = Person(session)
    customer = {
        "id": "29920", "email": "chris@mail.example", "firstName": "Chris", "lastName": "Wilking",
        "shippingFirstName": "Chris", "shippingLastName": "Wilkins", "shippingStreet1": "740 Evergreen Terrace",
        "shippingCity": "Springfield", "shippingState": "Washington", "shippingCountry": "US",
    }  # fmt: skip
    await merchant.does("POST", "/Customers", customer)
    card = {"customerId": "29920", "type": "Stripe", "gatewayCustomerId": "cus_x", "gatewayPaymentId": "pm_x"}
    card_id = (await merchant.does("POST", "/PaymentMethods", card))["id"]
    await merchant.does("POST", "/Products", {"id": "300", "title": "Shampoo 8 oz", "price": 9.75, "salePrice": 6})
    order = await merchant.does(
        "POST",
        "/ScheduledOrders",
        {
            "customerId": "29920",
            "paymentMethodId": card_id,
            "frequencyType": "Days",
            "frequency": 30,
            "scheduledOrderItems": [{"productId": "300", "quantity": 4}],
        },
    )
    shown = {name: order[name] for name in ("status", "paymentMethodId", "shippingCity", "subtotal", "total")}
    assert shown == {
        "status": "Active",
        "paymentMethodId": card_id,
        "shippingCity": "Springfield",
        "subtotal": 24.0,
        "total": 29.0,
    }
    assert order["customer"] == {name: customer[name] for name in ("id", "email", "firstName", "lastName")}
    assert (qpilot.logins, len(qpilot.requests)) == (4, 8)


async def test_skipping_is_the_calculator_and_a_new_date(session: ClientSession, qpilot: Qpilot, clock: Clock) -> None:
    """The following occurrence is asked for and written: nothing is charged in between."""
    merchant, order_id = Person(session), qpilot.add_order(frequency=2, frequencyType="Weeks")
    order = await merchant.does("GET", f"/ScheduledOrders/{order_id}")
    query = f"frequencyType=Weeks&frequency=2&fromUtc={order['nextOccurrenceUtc']}"
    following = await merchant.does("GET", f"/ScheduledOrders/NextOccurrenceUtc?{query}")
    assert following == "2026-02-07T17:00:00"
    body = {"nextOccurrenceUtc": following}
    skipped = await merchant.does("PUT", f"/ScheduledOrders/{order_id}/NextOccurrenceUtc", body)
    assert skipped == order | {"nextOccurrenceUtc": "2026-02-07T17:00:00.000Z"} | _editable(skipped)
    clock.advance(12 * DAY)
    assert qpilot.orders[order_id]["cycles"] == 0


def _editable(order: dict[str, Any]) -> dict[str, Any]:
    return {"lastEditableDate": order["lastEditableDate"]}


async def test_a_declined_card_is_replaced_and_the_order_retried(
    session: ClientSession, qpilot: Qpilot, clock: Clock
) -> None:
    """Failed with 2000, a new card, retry: one more cycle, and the failure is gone."""
    card = qpilot.add_payment_method("104", expirationDate="2025-12-31T00:00:00Z")
    order_id = qpilot.add_order(
        customerId="104", paymentMethodId=card, nextOccurrenceUtc="2026-01-15T17:00:00.000Z", cycles=2
    )
    clock.advance(2 * DAY)
    merchant = Person(session)
    failed = await merchant.does("GET", f"/ScheduledOrders/{order_id}")
    assert (failed["status"], failed["processingErrorCode"], failed["cycles"]) == ("Failed", 2000, 2)
    new = {"customerId": "104", "type": "Stripe", "gatewayCustomerId": "c", "gatewayPaymentId": "p"}
    method = (await merchant.does("POST", "/PaymentMethods", new))["id"]
    await merchant.does("PATCH", f"/ScheduledOrders/{order_id}/PaymentMethod", {"paymentMethodId": method})
    retried = await merchant.does("POST", f"/ScheduledOrders/{order_id}/Retry")
    assert (retried["status"], retried["cycles"], retried["processingErrorCode"]) == ("Active", 3, None)
    assert retried["nextOccurrenceUtc"] == "2026-02-14T17:00:00.000Z"
    cycles = await merchant.does("GET", f"/ScheduledOrders/{order_id}/ProcessingCycles")
    assert [cycle["status"] for cycle in cycles["items"]] == ["Success", "Failed"]


async def test_a_cancelled_order_comes_back(session: ClientSession, qpilot: Qpilot, clock: Clock) -> None:
    """Deleted it is left alone when it would be due; activated with `allowDeleted` it goes on."""
    merchant = Person(session)
    order_id = qpilot.add_order(nextOccurrenceUtc="2026-01-20T17:00:00.000Z")
    assert await merchant.does("DELETE", f"/ScheduledOrders/{order_id}") is True
    clock.advance(2 * DAY)
    back = await merchant.does("PUT", f"/ScheduledOrders/{order_id}/SafeActivate?allowDeleted=true")
    assert (back["status"], back["cycles"], back["lastChangeToDeleted"]) == ("Active", 0, None)
    await merchant.does("DELETE", f"/ScheduledOrders/{order_id}")
    clock.advance(30 * DAY)
    assert (qpilot.orders[order_id]["status"], qpilot.orders[order_id]["cycles"]) == ("Deleted", 0)


async def test_a_product_that_is_stopped_fails_the_orders_that_need_it(
    session: ClientSession, qpilot: Qpilot, clock: Clock
) -> None:
    """Not processable is code 1001 when the day comes; an order with other goods goes on."""
    merchant = Person(session)
    goods = [{"productId": "100983", "quantity": 1}]
    date = {"nextOccurrenceUtc": "2026-01-15T17:00:00.000Z"}
    alone, among = (
        qpilot.add_order(goods, **date),
        qpilot.add_order([*goods, {"productId": "100982", "quantity": 1}], **date),
    )
    flags = {"addToScheduledOrder": True, "processScheduledOrder": False}
    await merchant.does("PUT", "/Products/100983/ScheduledOrderAvailability", flags)
    clock.advance(2 * DAY)
    assert [qpilot.orders[order_id]["processingErrorCode"] for order_id in (alone, among)] == [1001, None]
    item = (await merchant.does("GET", f"/ScheduledOrders/{alone}"))["scheduledOrderItems"][0]
    assert item["product"]["processScheduledOrder"] is False


async def test_a_customer_looks_after_their_own(session: ClientSession, qpilot: Qpilot) -> None:
    """With their own tokens they read everything of theirs and move their next date."""
    person = Person(session, "101")
    order_id = qpilot.add_order(customerId="101")
    cycle = next(
        row["id"] for row in qpilot.cycles.values() if qpilot.orders[row["scheduledOrderId"]]["customerId"] == "101"
    )
    item = qpilot.orders[order_id]["scheduledOrderItems"][0]["id"]
    for path in (
        "/Customers/101", "/Customers/101/ScheduledOrders", "/Customers/101/PaymentMethods", "/Customers/101/EventLogs",
        "/Customers/101/Metrics", f"/ScheduledOrders/{order_id}", f"/ScheduledOrders/{order_id}/ProcessingCycles",
        f"/ProcessingCycles/{cycle}", f"/ProcessingCycles/{cycle}/ProcessingLogs", f"/ScheduledOrderItems/{item}",
        "/Products", "/Products/100982", "/Coupons/ByCode?code=FIVEOFF", "/Settings",
    ):  # fmt: skip
        assert await person.does("GET", path) not in (None, {}, [])
    body = {"nextOccurrenceUtc": "2026-03-01T08:00:00.000Z"}
    moved = await person.does("PUT", f"/ScheduledOrders/{order_id}/NextOccurrenceUtc", body)
    assert moved["nextOccurrenceUtc"] == body["nextOccurrenceUtc"]
    added = {"scheduledOrderId": order_id, "scheduledOrderItems": [{"productId": "100983", "quantity": 1}]}
    assert len(await person.does("POST", "/ScheduledOrderItems", added)) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/ProcessingCycles", None),
        ("PUT", "", {}),
        ("DELETE", "", None),
        ("PUT", "/Status/Paused", None),
        ("PUT", "/SafeActivate", None),
        ("PUT", "/NextOccurrenceUtc", {"nextOccurrenceUtc": "2026-03-01T08:00:00Z"}),
        ("PUT", "/Frequency", {"frequencyType": "Days", "frequency": 7}),
        ("PUT", "/Snooze", {"snoozeUntilUtc": "2026-03-01T08:00:00Z"}),
        ("PATCH", "/PaymentMethod", {"paymentMethodId": 10901}),
    ],
)
async def test_nobody_touches_another_customers_order(
    customer: Caller, qpilot: Qpilot, method: str, path: str, body: Any
) -> None:
    """Every endpoint of an order is 403 before anything else is looked at, and the order is as it was."""
    order_id = qpilot.add_order(customerId="102")
    before = qpilot.orders[order_id]
    assert await customer.ask(method, f"/ScheduledOrders/{order_id}{path}", body) == FORBIDDEN
    assert qpilot.orders[order_id] == before


@pytest.mark.parametrize("part", ["", "/ScheduledOrders", "/PaymentMethods", "/EventLogs", "/Metrics"])
async def test_nobody_reads_another_customer(customer: Caller, part: str) -> None:
    """403, also for a customer who does not exist: a token tells nothing about others."""
    assert await customer.ask("GET", f"/Customers/102{part}") == FORBIDDEN
    assert await customer.ask("GET", f"/Customers/nobody{part}") == FORBIDDEN
