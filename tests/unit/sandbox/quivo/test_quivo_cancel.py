"""`POST /orders/{id}/cancelRequest` of the Quivo stand-in, and how the clock settles it."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from aiohttp import ClientSession
from quivo_writes_kit import NO_DATA, Answer, envelope, flaws, order, read, send

from sandbox.clock import Clock
from sandbox.quivo import Quivo, Switches
from sandbox.quivo.demo import moment


async def _cancel(session: ClientSession, order_id: Any = 1001) -> Answer:
    return await send(session, "POST", f"/orders/{order_id}/cancelRequest")


def _epoch(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


async def test_a_cancel_request_is_logged_first_and_settled_later(
    ada: ClientSession, quivo: Quivo, clock: Clock
) -> None:
    """E3: an accepted request leaves the status as it is; five seconds later by the clock the order is cancelled."""
    assert await _cancel(ada) == NO_DATA
    asked = await read(ada, 1001)
    assert asked["orderStatus"] == "PROCESSING"
    assert _epoch(asked["cancelRequestedAt"]) == pytest.approx(clock.now(), abs=3)
    clock.advance(5)
    settled = await read(ada, 1001)
    changed = {"orderStatus": "CANCELLED", "lastModified": settled["lastModified"]}
    assert settled == asked | changed


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING"])
async def test_an_open_order_can_be_cancelled(ada: ClientSession, quivo: Quivo, clock: Clock, status: str) -> None:
    """Both open statuses take a request and end as CANCELLED."""
    quivo.set_status(1001, status)
    assert await _cancel(ada) == NO_DATA
    assert quivo.orders[1001]["orderStatus"] == status
    clock.advance(5)
    assert quivo.orders[1001]["orderStatus"] == "CANCELLED"


@pytest.mark.parametrize("status", ["COMPLETED", "CANCELLED", "ON_HOLD"])
@pytest.mark.parametrize("code", [400, 409, 422])
async def test_no_other_order_can_be_cancelled(ada: ClientSession, quivo: Quivo, status: str, code: Any) -> None:
    """A final or unheard-of status refuses the request under the code of the switch, and nothing is logged."""
    quivo.switches = Switches(forbidden_code=code)
    quivo.set_status(1001, status)
    before = dict(quivo.orders[1001])
    assert await _cancel(ada) == (code, "text/plain", f"Order cannot be cancelled in status {status}")
    assert quivo.orders[1001] == before


async def test_a_second_request_changes_nothing(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """A repeated request is a success that keeps the first time, and does not put off the end."""
    quivo.switches = Switches(cancel_seconds=60)
    await _cancel(ada)
    first = dict(quivo.orders[1001])
    clock.advance(40)
    assert await _cancel(ada) == NO_DATA
    assert quivo.orders[1001] == first
    clock.advance(20)
    assert quivo.orders[1001]["orderStatus"] == "CANCELLED"
    assert quivo.orders[1001]["cancelRequestedAt"] == first["cancelRequestedAt"]


async def test_ten_requests_at_once_are_one_change_and_ten_in_the_journal(ada: ClientSession, quivo: Quivo) -> None:
    """E1: each of ten concurrent requests is a success, the order is asked for once, and the journal has all ten."""
    assert await asyncio.gather(*(_cancel(ada) for _ in range(10))) == [NO_DATA] * 10
    assert quivo.count("POST", "/orders/1001/cancelRequest") == 10
    assert quivo.orders[1001]["cancelRequestedAt"]


async def test_an_old_request_is_never_settled_by_itself(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """Order 1004, asked for before the demo began, stays as it is for ever, also when it is asked for again."""
    before = dict(quivo.orders[1004])
    quivo.switches = Switches(cancel_settles="at_once")
    assert await _cancel(ada, 1004) == NO_DATA
    clock.advance(86400)
    assert quivo.orders[1004] == before


async def test_a_cancel_can_settle_at_once(ada: ClientSession, quivo: Quivo) -> None:
    """With the switch the order is cancelled by the time of the answer, and a repeat is refused."""
    quivo.switches = Switches(cancel_settles="at_once")
    assert await _cancel(ada) == NO_DATA
    after = await read(ada, 1001)
    assert (after["orderStatus"], bool(after["cancelRequestedAt"])) == ("CANCELLED", True)
    assert await _cancel(ada) == (400, "text/plain", "Order cannot be cancelled in status CANCELLED")


async def test_a_cancel_can_never_settle(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """With the switch the request stays logged and nothing comes of it, whatever the switch says afterwards."""
    quivo.switches = Switches(cancel_settles="never")
    assert await _cancel(ada) == NO_DATA
    quivo.switches = Switches(cancel_settles="after")
    clock.advance(30 * 86400)
    assert (quivo.orders[1001]["orderStatus"], bool(quivo.orders[1001]["cancelRequestedAt"])) == ("PROCESSING", True)


async def test_a_clock_that_jumps_settles_at_the_right_time(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """After a jump of a day each order was cancelled when it was due, not when somebody looked."""
    for order_id, seconds in ((1011, 60.0), (1060, 3.5)):
        quivo.set_status(order_id, "PROCESSING")
        quivo.switches = Switches(cancel_seconds=seconds)
        await _cancel(ada, order_id)
    asked = {number: _epoch(quivo.orders[number]["cancelRequestedAt"]) for number in (1011, 1060)}
    clock.advance(86400)
    assert [_epoch(quivo.orders[number]["lastModified"]) - asked[number] for number in (1011, 1060)] == [
        pytest.approx(60, abs=1),
        pytest.approx(3.5, abs=1),
    ]
    assert {quivo.orders[number]["orderStatus"] for number in (1011, 1060)} == {"CANCELLED"}


async def test_a_clock_that_goes_back_takes_nothing_back(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """A cancelled order stays so; one that is not due yet waits for the clock to come round again."""
    await _cancel(ada)
    clock.advance(5)
    assert quivo.orders[1001]["orderStatus"] == "CANCELLED"
    await _cancel(ada, 1060)
    clock.advance(-3600)
    assert [quivo.orders[number]["orderStatus"] for number in (1001, 1060)] == ["CANCELLED", "PROCESSING"]
    clock.advance(3606)
    assert quivo.orders[1060]["orderStatus"] == "CANCELLED"


@pytest.mark.parametrize("status", ["COMPLETED", "ON_HOLD"])
async def test_an_order_that_moved_on_is_not_cancelled(
    ada: ClientSession, quivo: Quivo, clock: Clock, status: str
) -> None:
    """One that left before its time keeps its status and its request: shipped anyway."""
    quivo.set_status(1001, "PROCESSING")
    await _cancel(ada)
    quivo.set_status(1001, status)
    moved = dict(quivo.orders[1001])
    clock.advance(3000)
    assert await read(ada, 1001) == {name: moved[name] for name in await read(ada, 1001)}
    assert quivo.orders[1001] == moved
    quivo.set_status(1001, "PROCESSING")
    clock.advance(60)
    assert quivo.orders[1001]["orderStatus"] == "PROCESSING"


async def test_a_pending_order_that_is_started_meanwhile_is_cancelled(
    ada: ClientSession, quivo: Quivo, clock: Clock
) -> None:
    """A change from PENDING to PROCESSING, or an edit, between request and end does not save the order."""
    quivo.set_status(1001, "PENDING")
    await _cancel(ada)
    quivo.set_status(1001, "PROCESSING")
    assert await send(ada, "PATCH", "/orders/1001", {"comment": "wait"}) == NO_DATA
    clock.advance(5)
    assert (quivo.orders[1001]["orderStatus"], quivo.orders[1001]["comment"]) == ("CANCELLED", "wait")
    assert await send(ada, "PATCH", "/orders/1001", {"comment": "late"}) == (
        400,
        "text/plain",
        "Order cannot be updated in status CANCELLED",
    )


async def test_every_way_of_looking_sees_the_end(
    ada: ClientSession, nobody: ClientSession, quivo: Quivo, clock: Clock
) -> None:
    """A list, the hooks' list and the summaries are settled too, without a read of the order itself."""
    for look in ("list", "hook", "summaries"):
        quivo.set_status(1001, "PROCESSING")
        quivo.change(1001, cancelRequestedAt=None)
        await _cancel(ada)
        clock.advance(5)
        if look == "list":
            _, _, (item,) = await send(ada, "GET", "/orders?query=orderId:1001")
            status = item["orderStatus"]
        elif look == "hook":
            _, _, items = await send(nobody, "GET", "/__sandbox/orders")
            status = items[0]["orderStatus"]
        else:
            status = quivo.order_summaries()[0][2]
        assert status == "CANCELLED", look


async def test_lists_lag_behind_the_end_by_its_own_time(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """The lag counts from the moment at which the order was cancelled, although nobody had looked by then."""
    quivo.switches = Switches(index_lag_ms=60_000, cancel_seconds=10)

    async def shown() -> tuple[str, bool]:
        _, _, (item,) = await send(ada, "GET", "/orders?query=orderId:1001")
        return item["orderStatus"], bool(item["cancelRequestedAt"])

    await _cancel(ada)
    clock.advance(30)
    assert await shown() == ("PROCESSING", False)
    clock.advance(35)
    assert await shown() == ("PROCESSING", True)
    clock.advance(10)
    assert await shown() == ("CANCELLED", True)


async def test_a_success_can_carry_a_body(ada: ClientSession, quivo: Quivo) -> None:
    """With the switch on 200 the envelope says that the request was taken, no more than that."""
    quivo.switches = Switches(cancel_success=200)
    assert await _cancel(ada) == envelope("OK", None, "Cancellation requested", 1001)
    assert (await read(ada, 1001))["orderStatus"] == "PROCESSING"


async def test_a_created_order_can_be_cancelled(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """An order that came over the wire takes the same way as one of the demo."""
    await send(ada, "POST", "/orders", order())
    assert await _cancel(ada, 2011) == NO_DATA
    clock.advance(5)
    assert (await read(ada, 2011))["orderStatus"] == "CANCELLED"


async def test_foreign_unknown_and_odd_ids_are_refused(ada: ClientSession, quivo: Quivo) -> None:
    """Another seller's order is as unknown as none, and stays as it is."""
    before = dict(quivo.orders)
    for order_id in (2001, 9999):
        assert await _cancel(ada, order_id) == (404, "text/plain", "Order not found")
    assert await _cancel(ada, "x") == flaws("orderId: must be an integer")
    assert quivo.orders == before


def test_a_request_in_process_is_the_same_as_over_the_wire(quivo: Quivo, clock: Clock) -> None:
    """The method settles by the clock like the endpoint, and an order that was removed meanwhile is survived."""
    quivo.request_cancel(1001)
    quivo.request_cancel(1060)
    del quivo.orders[1060]
    clock.advance(5)
    assert quivo.orders[1001]["orderStatus"] == "CANCELLED"
    assert 1060 not in quivo.orders
    assert quivo.orders[1001]["lastModified"] <= moment(clock.now())
    with pytest.raises(KeyError):
        quivo.request_cancel(9999)
