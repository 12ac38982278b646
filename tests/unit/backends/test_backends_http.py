"""The way to a back end against mocked answers: what is asked again, how often, when, and what each answer means."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate

import httpx
import pytest
import respx
import stamina
from backends_kit import GET, KEY, TOKEN, URL, failure, to, waits

from backends.errors import BackendError, Busy, Fault, Garbled, NoAnswer, Unreachable
from backends.http import IDEMPOTENT, LOGIN, PROBE, READ, WRITE, Answer, BackendHttp, Call, Care
from backends.secret import Secret

NOW = 1_700_000_000.0
POST = Call("POST", "/orders/{id}/cancelRequest", WRITE, {"id": 1001}, request_id="ref-2")
FAILURES = [
    (httpx.ConnectError("no"), Unreachable, True),
    (httpx.ConnectTimeout("no"), Unreachable, True),
    (httpx.PoolTimeout("no"), Unreachable, True),
    (httpx.ReadTimeout("no"), NoAnswer, False),
    (httpx.WriteTimeout("no"), NoAnswer, False),
    (httpx.ReadError("no"), NoAnswer, False),
    (httpx.WriteError("no"), NoAnswer, False),
    (httpx.RemoteProtocolError("no"), NoAnswer, False),
    (httpx.LocalProtocolError("no"), NoAnswer, False),
    (RuntimeError("what httpx never promised"), NoAnswer, False),
    (httpx.Response(429), Busy, True),
    (httpx.Response(500), Fault, False),
    (httpx.Response(502), Fault, False),
    (httpx.Response(503), Fault, False),
    (httpx.Response(504, json={"message": "Endpoint request timed out"}), Fault, False),
    (httpx.Response(599), Fault, False),
    (httpx.Response(301, headers={"Location": "http://evil.test/"}), Garbled, False),
    (httpx.Response(302, headers={"Location": "/orders/1002"}), Garbled, False),
    (httpx.Response(304), Garbled, False),
    (httpx.Response(307), Garbled, False),
]


def fails(route: respx.Route, what: Exception | httpx.Response) -> respx.Route:
    return route.mock(side_effect=what) if isinstance(what, Exception) else route.mock(return_value=what)


@pytest.mark.parametrize(("what", "kind", "known"), FAILURES, ids=lambda it: str(it)[:30])
@respx.mock
async def test_write_fails_once(what: Exception | httpx.Response, kind: type[BackendError], known: bool) -> None:
    """E3, E5: a write is sent exactly once whatever goes wrong, and says whether its outcome is known."""
    route = fails(respx.post(f"{URL}/orders/1001/cancelRequest"), what)
    async with to(URL) as http:
        error = await failure(http, POST)
    assert (type(error), error.outcome_known, error.request_id, error.back_end) == (kind, known, "ref-2", "quivo")
    assert route.call_count == 1


@pytest.mark.parametrize(("what", "kind", "known"), FAILURES, ids=lambda it: str(it)[:30])
@respx.mock
async def test_read_fails(
    what: Exception | httpx.Response, kind: type[BackendError], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: a read is asked three times if the failure may pass, else once; nothing is ever unknown after it."""
    slept = waits(monkeypatch)
    route = fails(respx.get(f"{URL}/orders/1001"), what)
    async with to(URL) as http:
        error = await failure(http)
    attempts = 1 if kind is Garbled else 3
    assert (type(error), error.outcome_known, error.request_id) == (kind, True, "ref-1")
    assert (route.call_count, len(slept)) == (attempts, attempts - 1)


@pytest.mark.parametrize(
    ("care", "what", "attempts"),
    [
        (LOGIN, httpx.ConnectError("no"), 3),
        (LOGIN, httpx.ReadTimeout("no"), 1),
        (LOGIN, httpx.Response(500), 1),
        (LOGIN, httpx.Response(429), 1),
        (PROBE, httpx.ConnectError("no"), 1),
        (PROBE, httpx.Response(503), 1),
    ],
)
@respx.mock
async def test_login_and_probe(care: Care, what: Exception | httpx.Response, attempts: int) -> None:
    """E5: a login is repeated only if it was never sent; a probe is never repeated."""
    route = fails(respx.post(f"{URL}/login"), what)
    with stamina.set_testing(True, attempts=3, cap=True):
        async with to(URL) as http:
            await failure(http, Call("POST", "/login", care))
    assert route.call_count == attempts


@pytest.mark.parametrize(("what", "kind", "known"), FAILURES, ids=lambda it: str(it)[:30])
@respx.mock
async def test_what_may_be_done_twice(
    what: Exception | httpx.Response, kind: type[BackendError], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E3, E5: a change that may be done twice is asked like a read, and its outcome may be unknown like a write's."""
    slept = waits(monkeypatch)
    route = fails(respx.post(f"{URL}/orders/1001/cancelRequest"), what)
    async with to(URL) as http:
        error = await failure(http, replace(POST, care=IDEMPOTENT))
    attempts = 1 if kind is Garbled else 3
    assert (type(error), error.outcome_known, route.call_count, len(slept)) == (kind, known, attempts, attempts - 1)


REPEATED: list[tuple[list[Exception | httpx.Response], bool]] = [
    ([], False),
    ([httpx.ConnectError("no")], False),
    ([httpx.Response(429)], False),
    ([httpx.ReadTimeout("no")], True),
    ([httpx.Response(500)], True),
    ([httpx.Response(500), httpx.Response(429)], True),
    ([httpx.ConnectError("no"), httpx.ReadError("no")], True),
]


@pytest.mark.parametrize(("before", "repeated"), REPEATED)
@respx.mock
async def test_repeated(
    before: list[Exception | httpx.Response], repeated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E3: an answer says whether an earlier attempt may have done the change already; a read's never does."""
    waits(monkeypatch)
    for call, expected in ((replace(POST, care=IDEMPOTENT), repeated), (replace(POST, care=READ), False)):
        respx.post(f"{URL}/orders/1001/cancelRequest").mock(side_effect=[*before, httpx.Response(404)])
        async with to(URL) as http:
            answer = await http.ask(call)
        assert (answer.status, answer.repeated) == (404, expected)


@respx.mock
async def test_doubt_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: after an attempt that may have done it, a failure that sent nothing leaves the outcome unknown."""
    waits(monkeypatch)
    fails_in_turn = [httpx.ReadError("no"), httpx.ConnectError("no"), httpx.ConnectError("no")]
    respx.post(f"{URL}/orders/1001/cancelRequest").mock(side_effect=fails_in_turn)
    async with to(URL) as http:
        error = await failure(http, replace(POST, care=IDEMPOTENT))
    assert (type(error), error.outcome_known) == (Unreachable, False)


@respx.mock
async def test_second_attempt_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: the first good answer ends the retries, and other failures in between do not confuse them."""
    slept = waits(monkeypatch)
    answers: list[Exception | httpx.Response] = [
        httpx.ConnectError("no"),
        httpx.Response(503),
        httpx.Response(200, content=b"[1]"),
    ]
    route = respx.get(f"{URL}/orders/1001").mock(side_effect=answers)
    async with to(URL) as http:
        assert await http.ask(GET) == Answer(200, b"[1]", "ref-1", False)
    assert (route.call_count, len(slept)) == (3, 2)


@respx.mock
async def test_a_different_failure_ends_the_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: what cannot pass, met on the second attempt, is not asked a third time."""
    waits(monkeypatch)
    route = respx.get(f"{URL}/orders/1001").mock(side_effect=[httpx.Response(500), httpx.Response(302)])
    async with to(URL) as http:
        assert type(await failure(http)) is Garbled
    assert route.call_count == 2


@respx.mock
async def test_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: pauses grow, stay under a second, and differ from one person's request to the next."""
    slept = waits(monkeypatch)
    respx.get(f"{URL}/orders/1001").mock(return_value=httpx.Response(500))
    async with to(URL) as http:
        for _ in range(10):
            await failure(http)
    first, second = slept[::2], slept[1::2]
    assert all(0.1 <= pause <= 0.5 for pause in first)
    assert all(0.2 <= pause <= 0.6 for pause in second)
    assert len(set(slept)) == 20


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("2", 2.0),
        ("0", 0.0),
        (" 3 ", 3.0),
        ("1.5", 1.5),
        (formatdate(NOW + 4, usegmt=True), 4.0),
        (formatdate(NOW - 60, usegmt=True), 0.0),
        (formatdate(NOW + 4), 4.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@respx.mock
async def test_retry_after(status: int, header: str, waited: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """E3, E5: the pause is the one that was asked for, in seconds or as a date, and the read is repeated."""
    slept = waits(monkeypatch)
    busy = httpx.Response(status, headers={"Retry-After": header})
    route = respx.get(f"{URL}/orders/1001").mock(side_effect=[busy, httpx.Response(200)])
    async with to(URL, clock=lambda: NOW) as http:
        assert (await http.ask(GET)).status == 200
    assert (slept, route.call_count) == ([waited] if waited else [], 2)


@pytest.mark.parametrize("header", ["60", formatdate(NOW + 60, usegmt=True), "12"])
@respx.mock
async def test_retry_after_too_long(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a pause that would pass the deadline is not begun; the caller learns how long it would be."""
    slept = waits(monkeypatch)
    route = respx.get(f"{URL}/orders/1001").respond(429, headers={"Retry-After": header})
    async with to(URL, clock=lambda: NOW) as http:
        error = await failure(http)
    assert isinstance(error, Busy)
    assert (error.retry_after, slept, route.call_count) == (12.0 if header == "12" else 60.0, [], 1)


@pytest.mark.parametrize(
    "header", ["", "soon", "-1", "NaN", "1e999", "inf", "Thu, 99 Foo", "9" * 400, "0x10", "\xff", "1 2", "٣", "1_0"]
)
@respx.mock
async def test_retry_after_nonsense(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a Retry-After that is no number and no date counts as none, and is no crash."""
    slept = waits(monkeypatch)
    respx.get(f"{URL}/orders/1001").respond(429, headers=[(b"Retry-After", header.encode())])
    async with to(URL) as http:
        error = await failure(http)
    assert isinstance(error, Busy)
    assert (error.retry_after, len(slept)) == (None, 2)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410, 418, 422, 499])
@respx.mock
async def test_passed_on(status: int) -> None:
    """2xx and 4xx are the back end's own words: they come back whole, after one attempt."""
    route = respx.post(f"{URL}/orders/1001/cancelRequest").respond(status, content=b"\x00\xffno JSON")
    async with to(URL) as http:
        assert await http.ask(POST) == Answer(status, b"\x00\xffno JSON", "ref-2", True)
    assert route.call_count == 1


@respx.mock
async def test_what_is_sent() -> None:
    """Method, escaped path, escaped query, headers and body arrive as they were meant, and nothing besides."""
    route = respx.route().respond(200)
    call = Call(
        "PUT",
        "/orders/{id}/address",
        WRITE,
        {"id": "../10 01?x=ü"},
        {"query": 'a:"b&c=#d"', "type": "DELIVERY"},
        {"X-Api-Key": Secret(KEY), "Authorization": Secret(TOKEN)},
        Secret('{"zip": "Ä"}'),
    )
    async with to(URL + "/base/") as http:
        await http.ask(call)
    request = route.calls.last.request
    assert request.method == "PUT"
    assert request.url.raw_path == (
        b"/base/orders/..%2F10%2001%3Fx%3D%C3%BC/address?query=a%3A%22b%26c%3D%23d%22&type=DELIVERY"
    )
    assert request.content == '{"zip": "Ä"}'.encode()
    assert dict(request.headers) == {
        "host": "quivo.test",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "shipclerk",
        "content-type": "application/json",
        "content-length": "13",
        "x-api-key": KEY,
        "authorization": TOKEN,
    }


@respx.mock
async def test_another_media_type() -> None:
    """A back end with a media type of its own gets it in both headers; without a body there is no Content-Type."""
    route = respx.route().respond(200)
    async with to(URL) as http:
        await http.ask(Call("PATCH", "/cart", WRITE, body=Secret("{}"), media="application/vnd.api+json"))
        await http.ask(Call("PATCH", "/cart", WRITE, media="application/vnd.api+json"))
    headers = [call.request.headers for call in route.calls]
    assert [(one["accept"], one.get("content-type")) for one in headers] == [
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("application/vnd.api+json", None),
    ]


def test_secrets_in_an_address() -> None:
    """A secret that has to stand in a path or a query arrives there, escaped like any other text."""
    call = Call("DELETE", "/auth/{token}", WRITE, {"token": Secret("a/b")}, {"guest": Secret("c&d"), "page": "1"})
    assert call.target() == "/auth/a%2Fb?guest=c%26d&page=1"


@respx.mock
async def test_request_ids() -> None:
    """D5: a caller's reference is kept through all attempts; without one, each request gets its own."""
    respx.get(f"{URL}/ping").respond(302)
    async with to(URL) as http:
        given = await failure(http, Call("GET", "/ping", READ, request_id="mine"))
        made = {(await failure(http, Call("GET", "/ping", READ))).request_id for _ in range(50)}
    assert given.request_id == "mine"
    assert len(made) == 50
    assert all(len(one) == 8 and int(one, 16) >= 0 for one in made)


@pytest.mark.parametrize(
    "address", ["", "quivo.test", "ftp://quivo.test", "http://", "https:///x", "http://q.test?x=1", "http://q.test#x"]
)
def test_bad_address(address: str) -> None:
    """An address that cannot be one is refused at start, not at the first order."""
    with pytest.raises(ValueError, match=r"^the address of quivo must be http\(s\)://host\[/path\]$"):
        BackendHttp("quivo", address)


def test_lone_surrogates() -> None:
    """Text that no encoding can carry becomes question marks in a query instead of an exception."""
    assert Call("GET", "/orders", READ, query={"query": "\ud800"}).target() == "/orders?query=%3F"
