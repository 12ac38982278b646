"""How the QPilot stand-in processes due orders as its clock goes on."""

from decimal import Decimal
from typing import Any

import pytest
from qpsim_kit import DAY, Caller

from sandbox.clock import Clock
from sandbox.qpilot import Qpilot
from sandbox.qpilot.moments import epoch, moment


def _on(qpilot: Qpilot, **switches: Any) -> None:
    qpilot.switches = qpilot.switches.changed(switches)


def _due(qpilot: Qpilot, days: float = 1.0, **fields: Any) -> int:
    return qpilot.add_order(**{"nextOccurrenceUtc": moment(qpilot.clock.now() + days * DAY)} | fields)


async def test_a_due_order_is_queued_processed_and_comes_again(qpilot: Qpilot, clock: Clock) -> None:
    """Each step takes its time; after them the order has one cycle more, its next date, and a paid cycle."""
    _on(qpilot, processing_seconds=60.0)
    order_id = _due(qpilot, cycles=4)
    before = qpilot.orders[order_id]
    seen = []
    for seconds in (DAY - 1, 1, 60, 60):
        clock.advance(seconds)
        seen.append(qpilot.orders[order_id]["status"])
    assert seen == ["Active", "Queued", "Processing", "Active"]
    after = qpilot.orders[order_id]
    assert {name: value for name, value in after.items() if before[name] != value} == {
        "cycles": 5,
        "lastOccurrenceUtc": "2026-01-15T17:02:00.000Z",
        "nextOccurrenceUtc": "2026-02-14T17:00:00.000Z",
        "lastProcessingCycleId": after["lastProcessingCycleId"],
        "lifetimeValue": Decimal("11.00"),
        "scheduledOrderItems": [before["scheduledOrderItems"][0] | {"cycles": 1}],
    }
    cycle = int(after["lastProcessingCycleId"])
    assert qpilot.cycles[cycle] == {
        "id": cycle,
        "scheduledOrderId": order_id,
        "status": "Success",
        "startDateUtc": "2026-01-15T17:00:00.000Z",
        "endDateUtc": "2026-01-15T17:02:00.000Z",
        "scheduledOrderTotal": Decimal("11.00"),
        "chargedOrderTotal": Decimal("11.00"),
        "currencyIso": "USD",
        "clientOrderId": str(cycle - 700000),
        "processingErrorCode": None,
        "failureReason": None,
    }


async def test_a_long_jump_processes_every_occurrence_in_its_time(qpilot: Qpilot, clock: Clock) -> None:
    """Three weeks are three weekly cycles, each dated when it was due."""
    order_id = _due(qpilot, frequency=1, frequencyType="Weeks")
    clock.advance(20 * DAY)
    qpilot.process()
    starts = [one["startDateUtc"] for one in qpilot.cycles.values() if one["scheduledOrderId"] == order_id]
    assert starts == [f"2026-01-{day}T17:00:00.000Z" for day in (15, 22, 29)]
    assert qpilot.orders[order_id]["nextOccurrenceUtc"] == "2026-02-05T17:00:00.000Z"


_SOLD_OUT = [{"productId": "100988", "quantity": 1}]
_KEPT_BACK = [{"productId": "101005", "quantity": 1}]
_ONE = [{"productId": "100982", "quantity": 1}]


@pytest.mark.parametrize(
    ("items", "fields", "code"),
    [
        ([], {}, 1000),
        (_SOLD_OUT, {}, 1001),
        (_KEPT_BACK, {}, 1001),
        ([_ONE[0] | {"maxCycles": 0}], {}, 1001),
        ([_ONE[0] | {"minCycles": 1}], {}, 1001),
        (_ONE, {"shippingCountry": None}, 1002),
        (_ONE, {"paymentMethodId": None}, 1004),
        (_SOLD_OUT + _ONE, {}, None),
    ],
)
async def test_pre_processing_fails_with_its_code(
    qpilot: Qpilot, clock: Clock, items: Any, fields: dict[str, Any], code: int | None
) -> None:
    """Items, shipping and payment are looked at in this order; one item that can ship is enough."""
    order_id = _due(qpilot, items=items, **fields)
    clock.advance(DAY)
    order = qpilot.orders[order_id]
    assert (order["processingErrorCode"], order["status"]) == (code, "Active" if code is None else "Failed")
    assert order["cycles"] == (0 if code else 1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(2000, "Stripe: Your card has insufficient funds."), (2001, "The payment gateway did not answer.")],
)
async def test_a_gateway_that_refuses_one_customer(qpilot: Qpilot, clock: Clock, code: int, reason: str) -> None:
    """That customer's orders fail with the code and its reason, another's are paid, and none tries again by itself."""
    qpilot.gateway["104"] = code
    bad, good = _due(qpilot, customerId="104"), _due(qpilot, customerId="105")
    clock.advance(2 * DAY)
    order = qpilot.orders[bad]
    assert (order["status"], order["processingErrorCode"], order["scheduledOrderFailureReason"]) == (
        "Failed",
        code,
        reason,
    )
    assert (order["nextOccurrenceUtc"], order["updatedUtc"]) == ("2026-01-15T17:00:00.000Z",) * 2
    cycle = qpilot.cycles[int(order["lastProcessingCycleId"])]
    assert (cycle["status"], cycle["processingErrorCode"], cycle["chargedOrderTotal"]) == ("Failed", code, None)
    assert [one["id"] for one in qpilot.cycles.values() if one["scheduledOrderId"] == bad] == [cycle["id"]]
    assert qpilot.orders[good]["status"] == "Active"


async def test_a_store_that_is_down_comes_before_the_charge(qpilot: Qpilot, clock: Clock) -> None:
    """Code 3000, also for a customer whose card would be declined."""
    qpilot.store_down, qpilot.gateway = True, {"104": 2000}
    orders = [_due(qpilot, customerId=customer) for customer in ("104", "105")]
    clock.advance(DAY)
    assert [qpilot.orders[order_id]["processingErrorCode"] for order_id in orders] == [3000, 3000]


async def test_a_card_is_good_to_its_last_day(qpilot: Qpilot, clock: Clock) -> None:
    """On that day it is charged, on the next it is declined."""
    ends = "2026-01-15T00:00:00Z"
    card = qpilot.add_payment_method("104", expirationDate=ends)
    last, late = (_due(qpilot, days, customerId="104", paymentMethodId=card) for days in (1, 1.3))
    clock.advance(2 * DAY)
    assert [qpilot.orders[order_id]["processingErrorCode"] for order_id in (last, late)] == [None, 2000]


async def test_a_paused_site_processes_nothing_until_it_goes_on(qpilot: Qpilot, clock: Clock) -> None:
    """What came due meanwhile runs when the site goes on, dated then; a retry by hand runs all the same."""
    _on(qpilot, paused=True)
    order_id = _due(qpilot)
    by_hand = qpilot.add_order()
    qpilot.fail(by_hand, 1001)
    clock.advance(3 * DAY)
    qpilot.retry(by_hand)
    assert [qpilot.orders[one]["status"] for one in (order_id, by_hand)] == ["Active", "Active"]
    assert [qpilot.orders[one]["cycles"] for one in (order_id, by_hand)] == [0, 1]
    _on(qpilot, paused=False)
    assert qpilot.orders[order_id]["lastOccurrenceUtc"] == "2026-01-17T17:00:00.000Z"
    assert qpilot.orders[order_id]["nextOccurrenceUtc"] == "2026-02-14T17:00:00.000Z"


async def test_what_was_due_before_a_switch_happens_under_the_old_ones(qpilot: Qpilot, clock: Clock) -> None:
    """A site that is paused after an order was due has processed that order in its time."""
    order_id = _due(qpilot)
    clock.advance(2 * DAY)
    _on(qpilot, paused=True)
    assert qpilot.orders[order_id]["lastOccurrenceUtc"] == "2026-01-15T17:00:00.000Z"


@pytest.mark.parametrize(("site_days", "order_days", "due"), [(2, None, 13), (2, 1, 14), (0, 3, 12)])
async def test_an_offset_processes_earlier(
    qpilot: Qpilot, clock: Clock, site_days: int, order_days: int | None, due: int
) -> None:
    """The order's own offset goes before the site's; the next occurrence counts from the date, not from the day."""
    _on(qpilot, offset_days=site_days)
    order_id = _due(qpilot, 15, nextOccurrenceOffset=order_days)
    clock.advance((due - 0.01) * DAY)
    assert qpilot.orders[order_id]["cycles"] == 0
    clock.advance(0.02 * DAY)
    assert (qpilot.orders[order_id]["cycles"], qpilot.orders[order_id]["nextOccurrenceUtc"]) == (
        1,
        "2026-02-28T17:00:00.000Z",
    )


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("2026-01-20T07:00:00Z", "2026-01-20T08:00:00.000Z"),
        ("2026-01-21T04:59:30Z", "2026-01-21T08:00:00.000Z"),
        ("2026-07-20T06:00:00Z", "2026-07-20T07:00:00.000Z"),
        ("2026-01-20T08:00:00Z", "2026-01-20T08:00:00.000Z"),
    ],
)
async def test_processing_keeps_to_the_sites_hours(qpilot: Qpilot, written: str, runs: str) -> None:
    """From 03:00 to 23:59 in New York, in winter and in summer."""
    order_id = qpilot.add_order(nextOccurrenceUtc=written)
    assert moment(qpilot.due(qpilot.orders[order_id])) == runs


async def test_orders_that_were_put_into_processing_by_hand_are_stuck(qpilot: Qpilot, clock: Clock) -> None:
    """Seeded ones too: they stay, as orders sometimes do."""
    order_id = _due(qpilot)
    qpilot.set_status(order_id, "Processing")
    stuck = [number for number, order in qpilot.orders.items() if order["status"] in ("Queued", "Processing")]
    clock.advance(30 * DAY)
    assert [qpilot.orders[number]["status"] for number in stuck].count("Active") == 0
    assert (len(stuck), order_id in stuck) == (9, True)


async def test_an_order_that_left_processing_does_not_go_on_by_itself(qpilot: Qpilot, clock: Clock) -> None:
    """Deleted while it was Queued it stays so, and Queued again by hand it is stuck like any other."""
    _on(qpilot, processing_seconds=10.0)
    order_id = qpilot.add_order(status="Failed")
    qpilot.retry(order_id)
    for status in ("Deleted", "Queued"):
        qpilot.set_status(order_id, status)
        clock.advance(60)
        assert (qpilot.orders[order_id]["status"], qpilot.orders[order_id]["cycles"]) == (status, 0)


async def test_a_failure_by_hand_can_be_activated_away(merchant: Caller, qpilot: Qpilot) -> None:
    """`fail` closes a cycle and says why; `set_status` forgets it."""
    order_id = qpilot.add_order()
    qpilot.fail(order_id, 3001)
    body = await merchant.get(f"/ScheduledOrders/{order_id}")
    assert (body["status"], body["isActive"], body["processingErrorCode"]) == ("Failed", False, 3001)
    assert body["lastProcessingCycle"]["failureReason"] == body["scheduledOrderFailureReason"]
    qpilot.set_status(order_id, "Active")
    order = qpilot.orders[order_id]
    assert (order["processingErrorCode"], order["scheduledOrderFailureReason"], order["isActive"]) == (None, None, True)


async def test_a_clock_that_goes_back_processes_nothing_twice(qpilot: Qpilot, clock: Clock) -> None:
    """What ran has run."""
    order_id = _due(qpilot)
    clock.advance(2 * DAY)
    cycles = len(qpilot.cycles)
    assert qpilot.orders[order_id]["cycles"] == 1
    cycles = len(qpilot.cycles)
    clock.advance(-2 * DAY)
    clock.advance(2 * DAY)
    assert (qpilot.orders[order_id]["cycles"], len(qpilot.cycles)) == (1, cycles)


async def test_the_next_date_of_what_is_active_is_to_come(qpilot: Qpilot, clock: Clock) -> None:
    """After any jump no Active order of the demo is left behind."""
    clock.advance(100 * DAY)
    now = clock.now()
    late = [order["id"] for order in qpilot.orders.values() if order["isActive"] and qpilot.due(order) < now]
    assert late == []
    assert epoch(max(order["lastOccurrenceUtc"] or "2000" for order in qpilot.orders.values())) <= now
