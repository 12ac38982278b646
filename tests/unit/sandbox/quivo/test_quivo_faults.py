"""Faults, switches and the journal of the Quivo stand-in."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession

from sandbox.clock import Clock
from sandbox.quivo import Fault, Quivo, Switches
from sandbox.serving import serve

KEY = {"X-Api-Key": "demo-key"}
CREDENTIALS = {"username": "ada", "password": "demo-pass"}


async def _get(session: ClientSession, path: str = "/orders/1001") -> tuple[int, str, str]:
    async with session.get(path, allow_redirects=False) as answer:
        return answer.status, answer.content_type, await answer.text()


async def _works(session: ClientSession, path: str = "/orders/1001") -> bool:
    status, _, text = await _get(session, path)
    return status == 200 and text.startswith(('{"orderId"', "[{"))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("429", "Too Many Requests"),
        ("500", "Internal server error"),
        ("502", "Internal server error"),
        ("503", "Service Unavailable"),
        ("504", "Endpoint request timed out"),
    ],
)
async def test_a_status_fault_answers_in_the_gateways_shape(
    ada: ClientSession, quivo: Quivo, kind: Any, message: str
) -> None:
    """Each status comes with its message and no Retry-After, once, and then all is well."""
    quivo.faults.append(Fault("GET /orders", kind, times=1))
    async with ada.get("/orders/1001") as answer:
        assert (answer.status, await answer.json()) == (int(kind), {"message": message})
        assert "Retry-After" not in answer.headers
    assert quivo.faults == []
    assert await _works(ada)


@pytest.mark.parametrize("value", ["7", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
async def test_retry_after_is_sent_as_given(ada: ClientSession, quivo: Quivo, value: str) -> None:
    """The header may be seconds, a date or nonsense, as a client must expect."""
    quivo.faults.append(Fault("GET /orders", "429", retry_after=value))
    async with ada.get("/orders/1001") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, value)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("empty", (200, "application/octet-stream", "")),
        ("garbage_json", (200, "application/json", '{"orderId": 1001, "orderSta')),
    ],
)
async def test_an_odd_200_is_not_what_was_asked_for(
    ada: ClientSession, quivo: Quivo, kind: Any, expected: tuple[int, str, str]
) -> None:
    """An empty or broken body comes with status 200."""
    quivo.faults.append(Fault("* /", kind, times=1))
    assert await _get(ada) == expected
    assert await _works(ada)


async def test_an_html_page_comes_with_status_200(ada: ClientSession, quivo: Quivo) -> None:
    """A maintenance page looks like success until one reads it."""
    quivo.faults.append(Fault("* /", "html", times=1))
    status, kind, text = await _get(ada)
    assert (status, kind, text.startswith("<!doctype html>")) == (200, "text/html", True)


async def test_a_redirect_leads_to_a_path_that_the_journal_shows(ada: ClientSession, quivo: Quivo, url: str) -> None:
    """A client that follows the redirect is seen, key and all; one that does not is not."""
    quivo.faults.append(Fault("GET /orders", "redirect", times=2))
    async with ada.get("/orders/1001", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, f"{url}/redirected")
    assert quivo.count("GET", "/redirected") == 0
    async with ada.get("/orders/1001") as answer:
        assert answer.status == 403
    assert quivo.requests[-1].headers["X-Api-Key"] == "demo-key"
    assert quivo.count("GET", "/redirected") == 1


async def test_a_closed_connection_gives_no_answer(ada: ClientSession, quivo: Quivo) -> None:
    """The request arrives, nothing is done, and the connection is gone."""
    quivo.faults.append(Fault("POST /login", "close", times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ada.post("/login", json=CREDENTIALS)
    assert [(seen.method, seen.path, seen.status) for seen in quivo.requests] == [("POST", "/login", None)]
    assert await _works(ada)


async def test_a_hanging_request_is_seen_and_gets_no_answer(ada: ClientSession, quivo: Quivo) -> None:
    """While it hangs the journal has it without a status, and other requests go on."""
    quivo.faults.append(Fault("GET /sellers", "hang"))
    request = asyncio.ensure_future(_get(ada, "/sellers"))
    await quivo.until(lambda: quivo.count("GET", "/sellers") == 1)
    assert quivo.requests[-1].status is None
    assert await _works(ada)
    assert not request.done()
    request.cancel()


async def test_a_hang_ends_by_itself_or_with_the_server() -> None:
    """A hang of some seconds drops the connection after them, an endless one when the server stops."""
    quivo = Quivo()
    quivo.faults += [Fault("POST /login", "hang", times=1, seconds=0.01), Fault("POST /login", "hang")]
    served = await serve(quivo.app())
    async with ClientSession(served.url, headers=KEY) as session:
        # aiohttp's client sends a GET again when the connection drops, a POST never.
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post("/login", json=CREDENTIALS)
        request = asyncio.ensure_future(session.post("/login", json=CREDENTIALS))
        await quivo.until(lambda: quivo.count("POST", "/login") == 2)
        await served.close()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await request
    assert [seen.status for seen in quivo.requests] == [None, None]


async def test_accept_then_hang_does_the_work_first(nobody: ClientSession, quivo: Quivo) -> None:
    """The login is done on the server although the client never hears of it."""
    issued: list[str] = []
    issue = quivo.tokens.issue

    def noting(account: Any) -> str:
        issued.append(issue(account))
        return issued[-1]

    quivo.tokens.issue = noting  # type: ignore[method-assign]
    for kind, expected in (("hang", 0), ("accept_then_hang", 1)):
        quivo.faults[:] = [Fault("POST /login", kind, seconds=0.01)]  # type: ignore[arg-type]
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await nobody.post("/login", json=CREDENTIALS, headers=KEY)
        assert len(issued) == expected


async def test_a_slow_answer_is_a_right_answer(ada: ClientSession, quivo: Quivo) -> None:
    """Slow waits and then does what was asked."""
    quivo.faults.append(Fault("GET /orders", "slow", times=1, seconds=0.01))
    assert await _works(ada)
    assert quivo.faults == []


async def test_a_fault_hits_its_method_and_path_only(ada: ClientSession, quivo: Quivo) -> None:
    """Another method and another path pass, everything below the prefix is hit."""
    quivo.faults.append(Fault("GET /orders", "500"))
    assert [(await _get(ada, path))[0] for path in ("/orders", "/orders/1001", "/sellers", "/warehouses")] == [
        500,
        500,
        200,
        200,
    ]
    async with ada.post("/orders", json={}) as answer:
        assert answer.status == 400
    quivo.faults[:] = [Fault("POST /orders", "500")]
    assert await _works(ada)


async def test_faults_take_turns_and_count_down(ada: ClientSession, quivo: Quivo) -> None:
    """The first that matches is used up before the next one has its turn."""
    quivo.faults += [Fault("GET /orders", "429", times=2), Fault("* /", "503", times=1)]
    assert [(await _get(ada))[0] for _ in range(4)] == [429, 429, 503, 200]


async def test_a_fault_comes_before_key_and_token(nobody: ClientSession, quivo: Quivo) -> None:
    """A broken gateway does not look at credentials."""
    quivo.faults.append(Fault("GET /orders", "502"))
    assert (await _get(nobody))[0] == 502


async def test_lists_lag_behind_a_change(ada: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """With a lag, lists show the old state and no new order until it has passed, and a single read is current."""
    quivo.switches = Switches(index_lag_ms=60_000)
    quivo.set_status(1001, "COMPLETED")
    clock.advance(30)
    new = quivo.add_order()
    quivo.set_status(1001, "ON_HOLD")

    async def shown() -> list[tuple[int, str]]:
        async with ada.get("/orders", params={"query": f"orderId:1001 OR orderId:{new}"}) as answer:
            return [(order["orderId"], order["orderStatus"]) for order in await answer.json()]

    assert await shown() == [(1001, "PROCESSING")]
    async with ada.get("/orders/1001") as answer:
        assert (await answer.json())["orderStatus"] == "ON_HOLD"
    clock.advance(31)
    assert await shown() == [(1001, "COMPLETED")]
    clock.advance(30)
    assert await shown() == [(1001, "ON_HOLD"), (new, "PROCESSING")]


async def test_without_lag_and_with_the_clock_moved_back_lists_are_current(
    ada: ClientSession, quivo: Quivo, clock: Clock
) -> None:
    """No lag shows a change at once, and a change from the clock's future is not hidden by a lag."""

    async def status() -> str:
        async with ada.get("/orders", params={"query": "orderId:1001"}) as answer:
            (order,) = await answer.json()
            return str(order["orderStatus"])

    quivo.set_status(1001, "ON_HOLD")
    assert await status() == "ON_HOLD"
    quivo.switches = Switches(index_lag_ms=60_000)
    assert await status() == "PROCESSING"
    clock.advance(-10)
    assert await status() == "ON_HOLD"


async def test_the_journal_has_every_request_whole(nobody: ClientSession, quivo: Quivo, clock: Clock) -> None:
    """Method, path, query, headers, body, status and time of each request are there, in order."""
    clock.advance(5000)
    async with nobody.post("/login", json=CREDENTIALS, headers=KEY | {"X-Trace": "t1"}):
        pass
    async with nobody.get("/orders", params={"query": "a:b c", "page": "1"}):
        pass
    login, orders = quivo.requests
    assert (login.method, login.path, login.status, login.headers["x-trace"]) == ("POST", "/login", 200, "t1")
    assert login.body == b'{"username": "ada", "password": "demo-pass"}'
    assert (orders.method, orders.path, orders.status, orders.body) == ("GET", "/orders", 403, b"")
    assert dict(orders.query) == {"query": "a:b c", "page": "1"}
    assert clock.now() - 5 < login.at <= orders.at <= clock.now()


async def test_requests_are_counted_by_method_and_prefix(ada: ClientSession, quivo: Quivo) -> None:
    """The count tells methods and paths apart, `*` is any method, and a cleared journal starts again."""
    for path in ("/orders", "/orders/1001", "/sellers", "/__sandbox/orders"):
        await _get(ada, path)
    async with ada.post("/orders", json={}):
        pass
    assert quivo.count("GET", "/orders") == 2
    assert quivo.count("GET", "/orders/") == 1
    assert quivo.count("POST", "/") == 1
    assert quivo.count("*", "/") == 4
    quivo.requests.clear()
    assert quivo.count("*", "/") == 0


async def test_the_journal_shows_no_secret_when_printed(ada: ClientSession, quivo: Quivo) -> None:
    """Neither key, token, query nor body are in a printed request."""
    await _get(ada, "/orders?query=orderId:1")
    shown = repr(quivo.requests) + repr(quivo.accounts)
    assert "'/orders'" in shown
    for secret in ("demo-key", "demo-pass", "Authorization", "orderId:1"):
        assert secret not in shown


async def test_waiting_for_what_never_comes_ends(quivo: Quivo) -> None:
    """A wait whose condition never holds raises TimeoutError and leaves nothing behind."""
    with pytest.raises(TimeoutError):
        await quivo.until(lambda: quivo.count("GET", "/") > 0, timeout=0.01)
    assert not quivo.journal._waiting


async def test_waiting_also_sees_answers(ada: ClientSession, quivo: Quivo) -> None:
    """A wait for a status is woken by the answer, not only by the arrival."""
    request = asyncio.ensure_future(_get(ada))
    await quivo.until(lambda: [seen.status for seen in quivo.requests] == [200])
    assert (await request)[0] == 200
