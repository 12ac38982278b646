"""Cycles, history, event logs and metrics at the QPilot stand-in."""

from typing import Any

import pytest
from qpsim_kit import DAY, FORBIDDEN, Caller, invalid, missing

from sandbox.clock import Clock
from sandbox.qpilot import Qpilot


@pytest.fixture
def order_id(qpilot: Qpilot, clock: Clock) -> int:
    """An order of a customer of its own that was paid once, failed once and was paused and cancelled."""
    customer = qpilot.add_customer(firstName="Zoe")
    qpilot.add_payment_method(customer)
    order_id = qpilot.add_order(customerId=customer, shippingCountry="US", nextOccurrenceUtc="2026-01-15T17:00:00Z")
    clock.advance(2 * DAY)
    qpilot.process()
    qpilot.fail(order_id, 2000)
    clock.advance(60)
    qpilot.set_status(order_id, "Paused")
    return order_id


async def test_cycles_come_newest_first(merchant: Caller, qpilot: Qpilot, order_id: int) -> None:
    """Both runs are there, a status picks one, and one is read by its number."""
    body = await merchant.get(f"/ScheduledOrders/{order_id}/ProcessingCycles")
    assert [row["status"] for row in body["items"]] == ["Failed", "Success"]
    assert (body["totalCount"], body["items"][1]["chargedOrderTotal"]) == (2, 11.0)
    paid = await merchant.get(f"/ScheduledOrders/{order_id}/ProcessingCycles?status=success")
    assert paid["items"] == body["items"][1:]
    assert await merchant.get(f"/ProcessingCycles/{paid['items'][0]['id']}") == paid["items"][0]
    assert await merchant.ask("GET", "/ProcessingCycles/7") == missing("Processing Cycle")


async def test_a_cycles_log_says_how_it_ended(merchant: Caller, qpilot: Qpilot, order_id: int) -> None:
    """A beginning, and an end unless it is still under way."""
    cycles = (await merchant.get(f"/ScheduledOrders/{order_id}/ProcessingCycles"))["items"]
    said = []
    for cycle in cycles:
        logs = await merchant.get(f"/ProcessingCycles/{cycle['id']}/ProcessingLogs")
        said.append([(log["level"], log["message"]) for log in logs])
    begun = ("Information", "Processing started")
    declined = ("Error", "Stripe: Your card has insufficient funds.")
    assert said == [[begun, declined], [begun, ("Information", "Order processed")]]
    running = next(cycle["id"] for cycle in qpilot.cycles.values() if cycle["endDateUtc"] is None)
    assert len(await merchant.get(f"/ProcessingCycles/{running}/ProcessingLogs")) == 1


async def test_a_customer_sees_their_own_cycles_alone(customer: Caller, qpilot: Qpilot, order_id: int) -> None:
    """Another's cycle is 403 by its number, too."""
    cycle = qpilot.orders[order_id]["lastProcessingCycleId"]
    assert await customer.ask("GET", f"/ProcessingCycles/{cycle}") == FORBIDDEN
    assert await customer.ask("GET", f"/ScheduledOrders/{order_id}/ProcessingCycles") == FORBIDDEN


async def test_history_has_its_own_key_and_a_day_ends_before_it_begins(
    merchant: Caller, qpilot: Qpilot, order_id: int
) -> None:
    """Rows of all orders between two instants, the newest first; a bare end date leaves that day out."""

    async def found(query: str) -> list[Any]:
        body = await merchant.get(f"/ScheduledOrdersHistory?pageSize=200&{query}")
        assert (body["items"], body["totalCount"]) == ([], len(body["scheduledOrderHistoryItems"]))
        rows = body["scheduledOrderHistoryItems"]
        assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
        return [row["actionType"] for row in rows if row["scheduledOrderId"] == order_id]

    last = ["PauseScheduledOrder", "UpdateScheduledOrder", "ScheduledOrderFailed"]
    assert sorted(await found("startDate=2026-01-16&endDate=2026-01-16T23:59:59.999Z")) == sorted(last)
    assert await found("startDate=2026-01-16&endDate=2026-01-16") == []
    refused = await merchant.ask("GET", "/ScheduledOrdersHistory?startDate=yesterday")
    assert refused == invalid(StartDate="The value 'yesterday' is not valid.")


async def test_event_logs_are_one_flat_list(merchant: Caller, qpilot: Qpilot, order_id: int) -> None:
    """Everything about a customer, the newest first, in the fields that were seen live."""
    customer = qpilot.orders[order_id]["customerId"]
    logs = await merchant.get(f"/Customers/{customer}/EventLogs?pageSize=1")
    assert logs[0] == {
        "eventUtc": "2026-01-16T17:01:00.000Z",
        "eventType": "PauseScheduledOrder",
        "eventVerb": "Pause",
        "entityType": "ScheduledOrder",
        "entityId": order_id,
        "originator": "QPilot",
        "descriptionFormatted": f"PauseScheduledOrder #{order_id}",
    }
    assert [log["eventVerb"] for log in logs].index("Create") == len(logs) - 1
    assert [log["eventUtc"] for log in logs] == sorted((log["eventUtc"] for log in logs), reverse=True)


async def test_metrics_count_a_customers_orders(merchant: Caller, qpilot: Qpilot, order_id: int) -> None:
    """Numbers and values by status, cycles and products, with the event logs unless they are not wanted."""
    customer = qpilot.orders[order_id]["customerId"]
    body = await merchant.get(f"/Customers/{customer}/Metrics?excludeEventLogsData=true")
    assert body == {
        "customerId": customer,
        "customerCreatedDateUTC": "2026-01-14T17:00:00.000Z",
        "firstScheduledOrderCreatedUTC": "2026-01-14T17:00:00.000Z",
        "totalScheduledOrdersActive": 0,
        "totalScheduledOrdersActiveValue": 0,
        "totalScheduledOrdersPaused": 1,
        "totalScheduledOrdersPausedValue": 11.0,
        "totalScheduledOrdersFailed": 0,
        "totalScheduledOrdersFailedValue": 0,
        "totalScheduledOrdersDeleted": 0,
        "totalScheduledOrdersDeletedValue": 0,
        "totalScheduledOrdersLifetimeValue": 11.0,
        "averageProcessingCycleValue": 11.0,
        "lastSuccessfulProcessingCycleDate": "2026-01-15T17:00:00.000Z",
        "lastFailedProcessingCycleDate": "2026-01-16T17:00:00.000Z",
        "lastPausedScheduledOrderDate": None,
        "totalSuccessfulProcessingCycles": 1,
        "totalProductsPurchased": 1,
        "firstProductsPurchased": ["100982"],
        "allProductsPurchased": ["100982"],
    }
    logs = await merchant.get(f"/Customers/{customer}/EventLogs")
    assert await merchant.get(f"/Customers/{customer}/Metrics") == body | {"eventLogs": logs}
    every = await merchant.get(f"/CustomerMetrics?customerIds={customer}&customerIds=101&startDate=2026-01-01")
    assert (every["items"], every["totalCount"]) == ([body], 1)
    assert (await merchant.get("/CustomerMetrics"))["totalCount"] == 41
