"""Every field of what stands beside scheduled orders, read whole; and what the log keeps of a request."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
from qpilot_kit import OPS, PASSWORD, SITE, URL, VALUE, Counting, qpilot, refused

from backends.errors import Garbled
from backends.qpilot import entity_models as wire
from backends.qpilot.entities import (
    Coupon,
    Customer,
    EventLog,
    IntegrationCheck,
    Metrics,
    Problem,
    Product,
    Settings,
    Site,
)
from backends.qpilot.order import Address, Change, Cycle, PaymentMethod

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
TEXT = "2026-01-05T08:00:00.000Z"
PARTS = ("FirstName", "LastName", "Street1", "Street2", "City", "State", "Postcode", "Country")
WHOLE = Address("1", "2", "3", "4", "5", "6", "7", "8")
ADDRESSES = {f"{side}{part}": str(at) for side in ("shipping", "billing") for at, part in enumerate(PARTS, 1)}
EVERY: list[tuple[Any, dict[str, Any], object]] = [
    (
        wire.customer,
        ADDRESSES
        | {
            "id": "107",
            "email": "e",
            "firstName": "f",
            "lastName": "l",
            "phoneNumber": "p",
            "company": "c",
            "paymentMethods": [{"id": 5, "customerId": "107", "description": "d", "status": "Active"}],
            "createdUtc": TEXT,
        },
        Customer(
            "107",
            "e",
            "f",
            "l",
            "p",
            "c",
            WHOLE,
            WHOLE,
            (PaymentMethod(5, customer_id="107", description="d", status="Active"),),
            AT,
        ),
    ),
    (
        wire.product,
        {
            "id": "9",
            "title": "t",
            "sku": "s",
            "price": Decimal("9.75"),
            "salePrice": 6,
            "availability": "PreOrder",
            "stock": 50,
            "addToScheduledOrder": True,
            "processScheduledOrder": False,
            "active": True,
            "valid": False,
        },
        Product("9", "t", "s", Decimal("9.75"), Decimal(6), "PreOrder", 50, True, False, True, False),
    ),
    (
        wire.site,
        {
            "id": 1113,
            "name": "n",
            "url": "u",
            "environment": "Test",
            "timezone": "America/New_York",
            "utcOffset": -5,
            "lockDurationDays": 3,
            "orderProcessingOffset": 2,
            "orderProcessingStartTime": "03:00:00",
            "orderProcessingEndTime": "23:59:00",
            "isProcessingPaused": True,
        },
        Site(1113, "n", "u", "Test", "America/New_York", -5, 3, 2, "03:00:00", "23:59:00", True),
    ),
    (
        wire.settings,
        {"lockWindow": 3, "utcOffset": -5, "showNotes": True, "showCoupons": False},
        Settings(3, -5, True, False),
    ),
    (
        wire.coupon,
        {"id": 31, "code": "TEN", "name": "Ten", "discountType": "ReduceSubtotalByAmount", "amount": 10},
        Coupon(31, "TEN", "Ten", "ReduceSubtotalByAmount", Decimal(10)),
    ),
    (
        wire.event_log,
        {"eventUtc": TEXT, "eventType": "t", "eventVerb": "v", "entityType": "e", "descriptionFormatted": "d"},
        EventLog(AT, "t", "v", "e", "d"),
    ),
    (
        wire.metrics,
        {
            "totalScheduledOrdersActive": 1,
            "totalScheduledOrdersActiveValue": 1.5,
            "totalScheduledOrdersPaused": 2,
            "totalScheduledOrdersPausedValue": 2.5,
            "totalScheduledOrdersFailed": 3,
            "totalScheduledOrdersFailedValue": 3.5,
            "totalScheduledOrdersDeleted": 4,
            "totalScheduledOrdersDeletedValue": 4.5,
            "totalScheduledOrdersLifetimeValue": 5.5,
            "averageProcessingCycleValue": 6.5,
            "totalSuccessfulProcessingCycles": 7,
            "totalProductsPurchased": 8,
            "lastSuccessfulProcessingCycleDate": TEXT,
            "lastFailedProcessingCycleDate": None,
        },
        Metrics(
            1,
            Decimal("1.5"),
            2,
            Decimal("2.5"),
            3,
            Decimal("3.5"),
            4,
            Decimal("4.5"),
            Decimal("5.5"),
            Decimal("6.5"),
            7,
            8,
            AT,
        ),
    ),
    (
        wire.integration_check,
        {"isSuccess": False, "errors": [{"type": 1100, "statusCode": 503, "message": "m", "detail": "secret"}, 7]},
        IntegrationCheck(False, (Problem(1100, 503, "m"),)),
    ),
    (
        wire.cycle,
        {
            "id": "62989APiVg4pG2Ah0Cxbc30u2Ag",
            "scheduledOrderId": 208022,
            "status": "Failed",
            "startDateUtc": TEXT,
            "endDateUtc": TEXT,
            "scheduledOrderTotal": 29,
            "chargedOrderTotal": 0,
            "currencyIso": "USD",
            "clientOrderId": 7001,
            "processingErrorCode": 2000,
            "failureReason": "r",
        },
        Cycle(
            "62989APiVg4pG2Ah0Cxbc30u2Ag", 208022, "Failed", AT, AT, Decimal(29), Decimal(0), "USD", "7001", 2000, "r"
        ),
    ),
    (
        wire.change,
        {"id": 3, "scheduledOrderId": 208022, "createdUtc": TEXT, "actionType": "PauseScheduledOrder"},
        Change(3, 208022, AT, "PauseScheduledOrder"),
    ),
]


@pytest.mark.parametrize(("read", "record", "meant"), EVERY)
def test_every_field(read: Any, record: dict[str, Any], meant: object) -> None:
    """Each field of the sheet lands in its place (apis/qpilot.md §5.2 to §5.8), and unknown ones are ignored."""
    assert read(record | {"somethingNew": {"a": 1}}) == meant


@pytest.mark.parametrize(("read", "record", "meant"), EVERY)
def test_what_is_needed(read: Any, record: dict[str, Any], meant: object) -> None:
    """What is no object is no record; an object without its id is none either, if it has one (§5)."""
    for nothing in (None, 7, "x", [record]):
        with pytest.raises(ValueError, match="validation error"):
            read(nothing)
    if read in (wire.customer, wire.product, wire.site, wire.coupon, wire.cycle):
        with pytest.raises(ValueError, match="validation error"):
            read({name: value for name, value in record.items() if name != "id"})
    else:
        assert read({"isSuccess": True}) in (Settings(), EventLog(), Metrics(), IntegrationCheck(True), Change())


@respx.mock
async def test_what_the_log_keeps(caplog: pytest.LogCaptureFixture) -> None:
    """D6: the log has method, path template and result; nothing typed, no token, no password, no name."""
    respx.post(f"{URL}/AccessTokens/Login").respond(json={"tokenBearerAuth": VALUE})
    respx.route().respond(404)
    with caplog.at_level(logging.DEBUG):
        async with qpilot() as client:
            await client.login(OPS)
            await refused(client.customers(Counting(), SITE, "canary-name"))
            await refused(client.customer(Counting(), SITE, "canary-id"))
    logged = caplog.text
    assert [word for word in (VALUE, PASSWORD, "ops@", "canary") if word in logged] == []
    assert "path=/Sites/{site}/Customers/{id} result=404" in logged


@respx.mock
async def test_a_walk_without_end() -> None:
    """A list that hands out the same page for ever is Garbled after a thousand pages."""
    same = httpx.Response(200, json={"items": [{"id": 1, "status": "Active"}], "totalPages": 9_999})
    route = respx.route().mock(return_value=same)
    found: list[int] = []

    async def walk() -> None:
        async with qpilot() as client:
            found.extend([row.id async for row in client.walk(Counting(), SITE, page_size=1, request_id="r")])

    assert type(await refused(walk())) is Garbled
    assert (found, route.call_count) == ([], 1000)
