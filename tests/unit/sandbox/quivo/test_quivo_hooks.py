"""The stand-in's own hooks under `/__sandbox`."""

from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.clock import Clock
from sandbox.quivo import Fault, Quivo, Switches


async def _hook(session: ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    sent = {} if body is None else {"json": body}
    async with session.request(method, f"/__sandbox{path}", **sent) as answer:
        return answer.status, await answer.json()


async def test_all_orders_of_all_accounts_are_listed(nobody: ClientSession, quivo: Quivo) -> None:
    """The control panel's list has id, reference and status of each order, without any login."""
    status, orders = await _hook(nobody, "GET", "/orders")
    assert (status, len(orders)) == (200, 70)
    assert orders[0] == {"orderId": 1001, "orderReference": "#DE38678", "orderStatus": "PROCESSING"}
    assert orders[5] == {"orderId": 1006, "orderReference": "", "orderStatus": "PENDING"}
    assert [tuple(order.values()) for order in orders] == quivo.order_summaries()


async def test_a_status_can_be_set(nobody: ClientSession, ada: ClientSession) -> None:
    """The order has the new status for its owner too, and a completed one has its time."""
    answer = await _hook(nobody, "POST", "/orders/1001/status", {"status": "COMPLETED"})
    assert answer == (200, {"orderId": 1001, "orderStatus": "COMPLETED"})
    async with ada.get("/orders/1001") as read:
        order = await read.json()
    assert order["orderStatus"] == "COMPLETED"
    assert order["completedAt"] == order["lastModified"]
    await _hook(nobody, "POST", "/orders/1001/status", {"status": "ON_HOLD"})
    async with ada.get("/orders/1001") as read:
        order = await read.json()
    assert (order["orderStatus"], order["completedAt"]) == ("ON_HOLD", None)


async def test_an_order_can_be_completed_with_tracking(nobody: ClientSession, ada: ClientSession) -> None:
    """Number and link arrive in the order's tracking."""
    body = {"number": "N1", "link": "https://track.parcel.example/N1"}
    answer = await _hook(nobody, "POST", "/orders/1060/complete", body)
    assert answer == (200, {"orderId": 1060, "orderStatus": "COMPLETED"})
    async with ada.get("/orders/1060") as read:
        order = await read.json()
    assert (order["orderStatus"], order["shipmentTracking"]) == ("COMPLETED", [body])


@pytest.mark.parametrize("path", ["/orders/9999/status", "/orders/9999/complete"])
async def test_an_unknown_order_is_named(nobody: ClientSession, quivo: Quivo, path: str) -> None:
    """A hook on an order that does not exist is 404 and adds none."""
    before = quivo.order_summaries()
    body = {"status": "PENDING", "number": "N", "link": "https://x.example"}
    assert await _hook(nobody, "POST", path, body) == (404, {"error": "no such order: 9999"})
    assert quivo.order_summaries() == before


async def test_tokens_expire_by_hook(nobody: ClientSession, ada: ClientSession) -> None:
    """After the hook a good session reads that its token has expired."""
    assert await _hook(nobody, "POST", "/expire-tokens") == (200, {})
    async with ada.get("/orders/1001") as answer:
        assert (answer.status, await answer.json()) == (401, {"message": "The incoming token has expired"})


async def test_the_clock_moves_by_hook(nobody: ClientSession, clock: Clock) -> None:
    """The shared clock is moved, forwards and backwards, and its time is told."""
    start = clock.now()
    status, body = await _hook(nobody, "POST", "/clock", {"advance": 7200})
    assert (status, body["now"]) == (200, pytest.approx(start + 7200, abs=5))
    await _hook(nobody, "POST", "/clock", {"advance": -7200.0})
    assert clock.now() == pytest.approx(start, abs=5)


async def test_switches_are_read_and_changed_one_by_one(nobody: ClientSession, quivo: Quivo) -> None:
    """A change leaves the other switches as they were."""
    defaults = {
        "error_bodies": "text",
        "page_base": 0,
        "sort_in_items": True,
        "order_by_id": "present",
        "index_lag_ms": 0,
        "update_success": 204,
        "cancel_success": 204,
        "forbidden_code": 400,
        "business_failure": 200,
        "duplicate": "error",
        "cancel_settles": "after",
        "cancel_seconds": 5.0,
        "unknown_fields": "refused",
    }
    assert await _hook(nobody, "GET", "/switches") == (200, defaults)
    await _hook(nobody, "PUT", "/switches", {"page_base": 1})
    answer = await _hook(nobody, "PUT", "/switches", {"order_by_id": "not_found", "index_lag_ms": 800})
    assert answer == (200, defaults | {"page_base": 1, "order_by_id": "not_found", "index_lag_ms": 800})
    assert quivo.switches == Switches(page_base=1, order_by_id="not_found", index_lag_ms=800)


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "blue"},
        {"page_base": 2},
        {"page_base": True},
        {"page_base": "1"},
        {"sort_in_items": 1},
        {"sort_in_items": None},
        {"error_bodies": "xml"},
        {"order_by_id": None},
        {"index_lag_ms": -1},
        {"index_lag_ms": True},
        {"index_lag_ms": "1"},
        {"index_lag_ms": 5, "colour": "blue"},
        {"update_success": 202},
        {"cancel_success": "204"},
        {"forbidden_code": 403},
        {"business_failure": 422},
        {"duplicate": "ignore"},
        {"cancel_settles": "soon"},
        {"cancel_seconds": -0.5},
        {"cancel_seconds": True},
        {"cancel_seconds": "5"},
        {"unknown_fields": None},
    ],
)
async def test_a_bad_switch_changes_nothing(nobody: ClientSession, quivo: Quivo, change: dict[str, Any]) -> None:
    """An unknown switch or value is refused by name, and good ones beside it are not taken either."""
    status, body = await _hook(nobody, "PUT", "/switches", change)
    assert status == 400
    assert body["error"].endswith(": not a switch, or not one of its values")
    assert quivo.switches == Switches()


async def test_faults_are_added_listed_and_cleared(nobody: ClientSession, ada: ClientSession, quivo: Quivo) -> None:
    """A fault that came over the hook works, is listed with what is left of it, and goes away."""
    fault = {"match": "GET /orders", "kind": "429", "times": 2, "retry_after": "3", "seconds": 0.0, "text": None}
    assert await _hook(nobody, "POST", "/faults", fault) == (200, [fault])
    async with ada.get("/orders/1001") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
    assert await _hook(nobody, "GET", "/faults") == (200, [fault | {"times": 1}])
    assert await _hook(nobody, "DELETE", "/faults") == (200, [])
    assert quivo.faults == []
    await _hook(nobody, "POST", "/faults", {"match": "* /", "kind": "close"})
    assert quivo.faults == [Fault("* /", "close")]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"match": "GET /"},
        {"kind": "500"},
        {"match": "GET /", "kind": "418"},
        {"match": "GET /", "kind": ["500"]},
        {"match": 5, "kind": "500"},
        {"match": "GET /", "kind": "500", "times": 0},
        {"match": "GET /", "kind": "500", "times": "1"},
        {"match": "GET /", "kind": "500", "times": True},
        {"match": "GET /", "kind": "429", "retry_after": 3},
        {"match": "GET /", "kind": "400", "text": 3},
        {"match": "GET /", "kind": "slow", "seconds": -1},
        {"match": "GET /", "kind": "slow", "seconds": "1"},
        {"match": "GET /", "kind": "500", "colour": "blue"},
    ],
)
async def test_a_bad_fault_is_refused(nobody: ClientSession, quivo: Quivo, fault: dict[str, Any]) -> None:
    """A fault that could not happen is a 400, and none is added."""
    status, body = await _hook(nobody, "POST", "/faults", fault)
    assert (status, list(body)) == (400, ["error"])
    assert quivo.faults == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/orders/1001/status", {}),
        ("/orders/1001/status", {"status": ""}),
        ("/orders/1001/status", {"status": 5}),
        ("/orders/1001/status", ["PENDING"]),
        ("/orders/abc/status", {"status": "PENDING"}),
        ("/orders/1001/complete", {"number": "N"}),
        ("/orders/1001/complete", {"link": "https://x.example"}),
        ("/clock", {}),
        ("/clock", {"advance": "1 h"}),
        ("/clock", {"advance": True}),
        ("/clock", {"advance": float("inf")}),
    ],
)
async def test_a_bad_body_is_refused(nobody: ClientSession, quivo: Quivo, path: str, body: Any) -> None:
    """A hook says what is wrong and changes neither order nor clock."""
    before, now = quivo.order_summaries(), quivo.clock.now()
    status, answer = await _hook(nobody, "POST", path, body)
    assert (status, list(answer)) == (400, ["error"])
    assert quivo.order_summaries() == before
    assert quivo.clock.now() == pytest.approx(now, abs=30)


async def test_a_body_that_is_not_json_is_refused(nobody: ClientSession) -> None:
    """Broken JSON is a 400 as well."""
    async with nobody.post("/__sandbox/clock", data="{") as answer:
        assert answer.status == 400


async def test_hooks_leave_no_trace_in_the_journal_and_feel_no_fault(nobody: ClientSession, quivo: Quivo) -> None:
    """The journal and the faults are about Quivo's own endpoints only."""
    quivo.faults.append(Fault("* /", "500"))
    assert (await _hook(nobody, "GET", "/orders"))[0] == 200
    assert quivo.requests == []
    assert quivo.faults == [Fault("* /", "500")]
