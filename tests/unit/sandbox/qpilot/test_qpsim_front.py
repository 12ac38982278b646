"""Faults, quota, unknown paths, the journal and the hook of the QPilot stand-in."""

from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession
from qpsim_kit import SITE, UNAUTHORIZED, Caller, invalid, send

from sandbox.clock import Clock
from sandbox.qpilot import Fault, Qpilot

ORDERS = f"/Sites/{SITE}/ScheduledOrders"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("429", (429, {"message": "Too Many Requests"})),
        ("500", (500, {"message": "An error has occurred."})),
        ("503", (503, {"message": "Service Unavailable"})),
        ("504", (504, {"message": "Gateway Timeout"})),
        ("400", (400, "Request cannot be processed")),
        ("404", (404, "Scheduled Order not found")),
        ("409", (409, "Scheduled Order cannot be changed at the moment")),
        ("empty", (200, "")),
    ],
)
async def test_a_fault_in_front_of_the_work(merchant: Caller, qpilot: Qpilot, kind: Any, expected: Any) -> None:
    """It answers as its kind says and does nothing, once; then the change goes through."""
    order_id = qpilot.add_order()
    qpilot.faults.append(Fault(f"PUT {ORDERS.upper()}", kind, times=1))
    path = f"/ScheduledOrders/{order_id}/Status/Paused"
    assert await merchant.ask("PUT", path) == expected
    assert (qpilot.orders[order_id]["status"], qpilot.faults) == ("Active", [])
    assert (await merchant.ask("PUT", path))[0] == 200


@pytest.mark.parametrize(
    ("kind", "expected"), [("accept_202", (202, "")), ("accept_then_500", (500, {"message": "An error has occurred."}))]
)
async def test_a_fault_behind_the_work(merchant: Caller, qpilot: Qpilot, kind: Any, expected: Any) -> None:
    """The change is done although the answer does not say so (E3)."""
    order_id = qpilot.add_order()
    qpilot.faults.append(Fault("* /", kind, times=1))
    assert await merchant.ask("PUT", f"/ScheduledOrders/{order_id}/Status/Paused") == expected
    assert qpilot.orders[order_id]["status"] == "Paused"


@pytest.mark.parametrize(("kind", "status"), [("close", "Failed"), ("accept_then_close", "Queued")])
async def test_a_connection_that_closes(merchant: Caller, qpilot: Qpilot, kind: Any, status: str) -> None:
    """There is no answer either way, but the second retry has begun: asking again would charge again (E3)."""
    qpilot.switches = qpilot.switches.changed({"processing_seconds": 10.0})
    order_id = qpilot.add_order(status="Failed")
    qpilot.faults.append(Fault("POST /", kind, times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await merchant.ask("POST", f"/ScheduledOrders/{order_id}/Retry")
    assert (qpilot.requests[-1].status, qpilot.orders[order_id]["status"]) == (None, status)


async def test_a_page_of_html_comes_with_status_200(merchant: Caller, qpilot: Qpilot) -> None:
    """A maintenance page looks like success until one reads it."""
    qpilot.faults.append(Fault("GET /", "html"))
    status, text = await merchant.ask("GET", "/ScheduledOrders/208001")
    assert (status, text.startswith("<!doctype html>")) == (200, True)


@pytest.mark.parametrize("value", ["7", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_retry_after_is_sent_as_given(session: ClientSession, qpilot: Qpilot, value: str) -> None:
    """The header may be seconds or a date."""
    qpilot.faults.append(Fault("GET /", "429", retry_after=value))
    async with session.get(ORDERS) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, value)


async def test_a_slow_answer_is_right_and_expired_tokens_are_not(merchant: Caller, qpilot: Qpilot) -> None:
    """`slow` does the work later, `expire_then` takes the token that the request brought."""
    qpilot.faults += [Fault("GET /", "slow", times=2, seconds=0.01), Fault("GET /", "expire_then", times=1)]
    for _ in range(2):
        assert (await merchant.ask("GET", "/ScheduledOrders/208001"))[0] == 200
    assert await merchant.ask("GET", "/ScheduledOrders/208001") == UNAUTHORIZED
    assert (await merchant.ask("GET", "/ScheduledOrders/208001"))[0] == 200


async def test_a_fault_may_have_words_of_its_own(merchant: Caller, qpilot: Qpilot) -> None:
    """The first fault that matches is taken, others wait."""
    other = Fault("DELETE /", "500", times=3)
    qpilot.faults += [other, Fault("GET /", "409", text="Busy")]
    assert await merchant.ask("GET", "/ScheduledOrders/208001") == (409, "Busy")
    assert qpilot.faults[0] == other


async def test_the_quota_of_a_site(merchant: Caller, session: ClientSession, qpilot: Qpilot, clock: Clock) -> None:
    """Twenty at once, then 429 with Retry-After, ten a second; logins that name no site are free."""
    qpilot.switches = qpilot.switches.changed({"rate_limit": True})
    statuses = [(await merchant.ask("GET", "/ScheduledOrders/208001"))[0] for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    async with session.get(ORDERS, headers={"Authorization": f"Bearer {merchant.token()}"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        assert await answer.json() == {"message": "Too Many Requests"}
    body = {"email": "ops@example.com", "password": "demo-pilot", "accessScope": "Merchant"}
    assert (await send(session, "POST", "/AccessTokens/Login", body))[0] == 200
    clock.advance(1)
    statuses = [(await merchant.ask("GET", "/ScheduledOrders/208001"))[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    qpilot.switches = qpilot.switches.changed({"rate_limit": False})
    assert (await merchant.ask("GET", "/ScheduledOrders/208001"))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/", 404, None),
        ("GET", "/api/ScheduledOrders", 404, None),
        ("GET", f"/Sites/{SITE}/Customers/Summaries/x", 404, None),
        ("PUT", f"/Sites/{SITE}/Pause", 404, None),
        ("POST", f"{ORDERS}/208001/RetryUpdateOrder", 404, None),
        ("POST", f"{ORDERS}/upsert", 405, "DELETE, GET, PUT"),
        ("GET", f"{ORDERS}/208001/Retry", 405, "POST"),
        ("DELETE", f"/Sites/{SITE}/Customers/101", 405, "GET"),
        ("GET", "/AccessTokens/Login", 405, "POST"),
    ],
)
async def test_what_is_not_built_is_not_there(
    session: ClientSession, method: str, path: str, status: int, allow: str | None
) -> None:
    """ASP.NET's bare 404, or 405 with the methods that there are."""
    async with session.request(method, path) as answer:
        assert (answer.status, answer.headers.get("Allow"), await answer.text()) == (status, allow, "")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"nextOccurrenceUtc": NaN}', b'{"a": "\\ud800"}', b"\xff", b"[" * 100_000]
)
async def test_a_body_that_is_no_object_is_a_model_error(
    session: ClientSession, merchant: Caller, qpilot: Qpilot, body: bytes
) -> None:
    """Whatever is sent, the answer is 400 and the server stands."""
    headers = {"Authorization": f"Bearer {merchant.token()}", "Content-Type": "application/json"}
    async with session.put(f"{ORDERS}/208001/Frequency", data=body, headers=headers) as answer:
        expected = invalid(**{"": "A non-empty request body with a JSON object is required."})
        assert (answer.status, await answer.json()) == expected


async def test_a_body_must_say_that_it_is_json(session: ClientSession, merchant: Caller) -> None:
    """A form is 415."""
    headers = {"Authorization": f"Bearer {merchant.token()}"}
    async with session.put(f"{ORDERS}/208001/Frequency", data={"frequency": "3"}, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (415, {"message": "Unsupported Media Type"})


async def test_the_journal_has_every_request(merchant: Caller, qpilot: Qpilot) -> None:
    """With method, path and status, refused ones too, and a test can wait for one."""
    await merchant.ask("GET", "/ScheduledOrders/7")
    await merchant.ask("DELETE", "/ScheduledOrders/208001")
    await qpilot.until(lambda: qpilot.count("*", ORDERS) == 2)
    assert [(seen.method, seen.path, seen.status) for seen in qpilot.requests] == [
        ("GET", f"{ORDERS}/7", 404),
        ("DELETE", f"{ORDERS}/208001", 200),
    ]
    assert (qpilot.count("GET", ORDERS), qpilot.count("GET", "/v3")) == (1, 0)


async def test_the_hook_moves_the_clock_and_processes(session: ClientSession, qpilot: Qpilot, clock: Clock) -> None:
    """`POST /_sandbox/advance` needs no token, stays out of the journal, and takes seconds only."""
    order_id = qpilot.add_order(nextOccurrenceUtc="2026-01-15T17:00:00.000Z")
    before = clock.now()
    answer = await send(session, "POST", "/_sandbox/advance", {"seconds": 86400})
    assert answer == (200, {"now": before + 86400})
    assert (qpilot.orders[order_id]["cycles"], qpilot.requests) == (1, [])
    bad: tuple[Any, ...] = ({"seconds": "60"}, {"seconds": True}, {}, [])
    for body in bad:
        assert (await send(session, "POST", "/_sandbox/advance", body))[0] == 400
    assert clock.now() == before + 86400


@pytest.mark.parametrize(
    ("currency", "price", "total"), [("USD", "0.1", "5.3"), ("EUR", "0.1", "5.26"), ("JPY", "7", "623")]
)
async def test_amounts_are_plain_numbers_on_the_wire(
    session: ClientSession, merchant: Caller, qpilot: Qpilot, currency: str, price: str, total: str
) -> None:
    """No text and no rounding noise, in any currency; three at 0.1 with shipping and tax are exact."""
    item = {"productId": "100982", "quantity": 3, "price": Decimal(price)}
    order_id = qpilot.add_order([item], currencyIso=currency)
    async with session.get(f"{ORDERS}/{order_id}", headers={"Authorization": f"Bearer {merchant.token()}"}) as answer:
        assert f'"total":{total},' in await answer.text()
