"""What can go wrong with a write at the Quivo stand-in: for each fault what is answered, done and counted."""

import asyncio
from collections.abc import Callable
from typing import Any, get_args

import aiohttp
import pytest
from aiohttp import ClientSession
from quivo_writes_kit import NO_DATA, Answer, accepted, address, envelope, order, send

from sandbox.quivo import Fault, FaultKind, Quivo

CREATE = ("POST", "/orders", order(warehouseId=4))
WRITES: dict[str, tuple[str, str, Any]] = {
    "create": CREATE,
    "edit": ("PATCH", "/orders/1001", {"comment": "written"}),
    "address": ("PUT", "/orders/1001/address?type=DELIVERY", address()),
    "cancel": ("POST", "/orders/1001/cancelRequest", None),
}
DONE: dict[str, Callable[[Quivo], bool]] = {
    "create": lambda quivo: 2011 in quivo.orders,
    "edit": lambda quivo: quivo.orders[1001]["comment"] == "written",
    "address": lambda quivo: quivo.orders[1001]["deliveryAddress"]["name1"] == "Ada Nordlicht",
    "cancel": lambda quivo: bool(quivo.orders[1001]["cancelRequestedAt"]),
}
ANSWERS: dict[str, tuple[bool, Answer]] = {
    "accept_then_500": (True, (500, "application/json", {"message": "Internal server error"})),
    "accept_202": (True, (202, "application/octet-stream", "")),
    "error_envelope_200": (False, envelope("ERROR", None, "Request cannot be processed", None)),
    "empty": (False, (200, "application/octet-stream", "")),
    "400": (False, (400, "text/plain", "Request cannot be processed")),
    "404": (False, (404, "text/plain", "Order not found")),
    "409": (False, (409, "text/plain", "Order cannot be changed at the moment")),
    "429": (False, (429, "application/json", {"message": "Too Many Requests"})),
    "500": (False, (500, "application/json", {"message": "Internal server error"})),
    "expire_then": (False, (401, "application/json", {"message": "The incoming token has expired"})),
}


def _hits(quivo: Quivo, kind: Any, **more: Any) -> None:
    quivo.faults.append(Fault("* /orders", kind, times=1, **more))


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("kind", "outcome"), ANSWERS.items())
async def test_a_fault_answers_and_does_as_it_says(
    ada: ClientSession, quivo: Quivo, write: str, kind: str, outcome: tuple[bool, Answer]
) -> None:
    """E3: each fault on each write has its answer, did the work or did not, and is one request in the journal."""
    _hits(quivo, kind)
    done, answer = outcome
    method, path, body = WRITES[write]
    assert await send(ada, method, path, body) == answer
    assert DONE[write](quivo) is done
    assert [(seen.method, seen.path, seen.status) for seen in quivo.requests] == [
        (method, path.partition("?")[0], answer[0])
    ]
    assert quivo.faults == []


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("kind", "done"), [("hang", False), ("close", False), ("accept_then_hang", True)])
async def test_a_dropped_write_is_counted_and_done_or_not(
    ada: ClientSession, quivo: Quivo, write: str, kind: str, done: bool
) -> None:
    """E3: a write that gets no answer is in the journal without a status, body and all, whether it was done or not."""
    if kind == "close":
        _hits(quivo, kind)
    else:
        _hits(quivo, kind, seconds=0.01)
    method, path, body = WRITES[write]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await _once(ada, method, path, body)
    assert DONE[write](quivo) is done
    assert [(seen.method, seen.status, bool(seen.body)) for seen in quivo.requests] == [
        (method, None, body is not None)
    ]


async def _once(session: ClientSession, method: str, path: str, body: Any) -> None:
    async with ClientSession(session._base_url, headers=session.headers) as fresh:
        # aiohttp's client sends a PUT again by itself when the connection drops, and has no public way to forbid it.
        fresh._retry_connection = False
        await send(fresh, method, path, body)


async def test_a_client_that_gives_up_has_written_all_the_same(ada: ClientSession, quivo: Quivo) -> None:
    """E3: a client whose patience ends after the order was taken finds it by its identifier afterwards."""
    _hits(quivo, "accept_then_hang")
    request = asyncio.ensure_future(send(ada, *CREATE))
    await quivo.until(lambda: 2011 in quivo.orders)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert quivo.count("POST", "/orders") == 1
    _, _, (found,) = await send(ada, "GET", '/orders?query=orderIdentifier:"new-1"')
    assert found["orderId"] == 2011


async def test_an_html_page_is_no_write(ada: ClientSession, quivo: Quivo) -> None:
    """E3: a page under status 200 comes instead of every write, and nothing is done."""
    for name, (method, path, body) in WRITES.items():
        _hits(quivo, "html")
        status, kind, text = await send(ada, method, path, body)
        assert (status, kind, text.startswith("<!doctype html>")) == (200, "text/html", True)
        assert not DONE[name](quivo)


@pytest.mark.parametrize("when", ["7", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_busy_quivo_may_say_when_to_come_back(ada: ClientSession, quivo: Quivo, when: str) -> None:
    """E3: 429 carries seconds or a date, and the second attempt is the first that does anything."""
    _hits(quivo, "429", retry_after=when)
    async with ada.post("/orders/1001/cancelRequest") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, when)
    assert not quivo.orders[1001]["cancelRequestedAt"]
    assert await send(ada, "POST", "/orders/1001/cancelRequest") == NO_DATA


@pytest.mark.parametrize("kind", ["400", "404", "409"])
async def test_a_refusal_can_have_words_of_the_tests_own(ada: ClientSession, quivo: Quivo, kind: str) -> None:
    """A plain-text refusal says what the test wants a client to read."""
    _hits(quivo, kind, text="positions[0].sku: <!channel>")
    assert await send(ada, *CREATE) == (int(kind), "text/plain", "positions[0].sku: <!channel>")


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("positions[1].lot: is blocked: ask", "positions[1].lot", "is blocked: ask"),
        ("deliveryAddress.zip: no", "deliveryAddress.zip", "no"),
        ("Nothing doing", None, "Nothing doing"),
        ("two words: no field", None, "two words: no field"),
    ],
)
async def test_an_error_envelope_can_name_a_field(
    ada: ClientSession, quivo: Quivo, text: str, field: str | None, message: str
) -> None:
    """`field: message` fills both fields of the envelope, other words the message alone."""
    _hits(quivo, "error_envelope_200", text=text)
    assert await send(ada, *CREATE) == envelope("ERROR", field, message, None)


async def test_a_session_that_ends_in_the_middle_can_be_renewed(ada: ClientSession, quivo: Quivo) -> None:
    """The fault ends every session on the way in; a new token does the work, which is then done once."""
    _hits(quivo, "expire_then")
    assert (await send(ada, *CREATE))[0] == 401
    ada.headers["Authorization"] = quivo.tokens.issue(quivo.accounts[0])
    assert await send(ada, *CREATE) == accepted(2011)
    assert quivo.count("POST", "/orders") == 2


async def test_work_behind_an_accepting_fault_is_refused_as_ever(ada: ClientSession, quivo: Quivo) -> None:
    """A write that would have been refused is not done, although the answer says the same."""
    before = dict(quivo.orders)
    for kind, status in (("accept_then_500", 500), ("accept_202", 202)):
        _hits(quivo, kind)
        assert (await send(ada, "POST", "/orders", order(sellerId=99)))[0] == status
    assert (quivo.orders, quivo.accepted) == (before, {})


async def test_every_kind_can_be_switched_on_by_hook(nobody: ClientSession, quivo: Quivo) -> None:
    """The hook takes each kind of fault, with its words."""
    for kind in get_args(FaultKind):
        fault = {"match": "* /orders", "kind": kind, "text": "words"}
        assert (await send(nobody, "POST", "/__sandbox/faults", fault))[0] == 200
    assert quivo.faults == [Fault("* /orders", kind, text="words") for kind in get_args(FaultKind)]


async def test_the_new_switches_work_by_hook(nobody: ClientSession, ada: ClientSession, quivo: Quivo) -> None:
    """A switch that came over the hook decides the next write, and a whole number of seconds will do."""
    changes = {"cancel_settles": "after", "cancel_seconds": 30, "cancel_success": 200, "forbidden_code": 409}
    status, _, shown = await send(nobody, "PUT", "/__sandbox/switches", changes)
    assert (status, shown) == (200, quivo.switches.as_json())
    assert changes.items() <= shown.items()
    assert (await send(ada, "POST", "/orders/1001/cancelRequest"))[0] == 200
    assert (await send(ada, "POST", "/orders/1002/cancelRequest"))[0] == 409
    await send(nobody, "POST", "/__sandbox/clock", {"advance": 29})
    assert quivo.orders[1001]["orderStatus"] == "PROCESSING"
    await send(nobody, "POST", "/__sandbox/clock", {"advance": 1})
    assert quivo.orders[1001]["orderStatus"] == "CANCELLED"
