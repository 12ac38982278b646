"""Quivo's client against mocked answers: what it asks, in which words, and what it makes of each answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx
import stamina
from backends_kit import KEY, PASSWORD, TOKEN, URL, http_answer, serving, to, waits, with_locals

from backends.errors import (
    BackendError,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    KeyRefused,
    LoginRefused,
    NotFound,
    SessionExpired,
    Unreachable,
)
from backends.http import BackendHttp
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import BASE_URL, OrderQuery, QuivoClient, Seller, Warehouse
from backends.quivo.order import Order, Page

CREDENTIALS = Credentials(KEY, "ada", PASSWORD)
SESSION = Session(KEY, TOKEN)
ORDER = {"orderId": 1001, "orderStatus": "PROCESSING"}


def asked(route: respx.Route) -> list[tuple[str, str, dict[str, list[str]]]]:
    """Method, path and query of every request."""
    requests = [call.request for call in route.calls]
    return [
        (one.method, one.url.path, parse_qs(one.url.query.decode(), strict_parsing=bool(one.url.query)))
        for one in requests
    ]


async def refused(work: Awaitable[object]) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value


@respx.mock
async def test_login() -> None:
    """Login sends the three credentials where the sheet says and gives the session (seed 000, apis/quivo.md §2)."""
    route = respx.post(f"{URL}/login").respond(json={"token": TOKEN, "expiresIn": 5})
    async with to(URL) as http:
        assert await QuivoClient(http).login(CREDENTIALS) == SESSION
    request = route.calls.last.request
    assert json.loads(request.content) == {"username": "ada", "password": PASSWORD}
    assert (request.headers["x-api-key"], request.headers["content-type"]) == (KEY, "application/json")
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"message": "Unauthorized"}), LoginRefused),
        (httpx.Response(403, json={"message": "Forbidden"}), KeyRefused),
        (httpx.Response(400, text="username: must not be null"), Invalid),
        (httpx.Response(400, text="no"), Forbidden),
        (httpx.Response(200), Garbled),
        (httpx.Response(204), Garbled),
        (httpx.Response(200, html="<html>"), Garbled),
        (httpx.Response(200, json=TOKEN), Garbled),
        (httpx.Response(200, json={"Token": TOKEN}), Garbled),
        (httpx.Response(200, json={"token": None}), Garbled),
        (httpx.Response(200, json={"token": ""}), Garbled),
        (httpx.Response(200, json={"token": f"{TOKEN}\r\nX-Evil: 1"}), Garbled),
        (httpx.Response(200, json={"token": {"canary": TOKEN}}), Garbled),
        (httpx.Response(302, headers={"Location": "/login2"}), Garbled),
    ],
)
@respx.mock
async def test_login_refused(answer: httpx.Response, kind: type[BackendError]) -> None:
    """E3, C10: each way in which a login fails is its own error, after one request, and no secret hangs on it."""
    route = respx.post(f"{URL}/login").mock(return_value=answer)
    async with to(URL) as http:
        error = await refused(QuivoClient(http).login(CREDENTIALS, request_id="ref-9"))
    assert (type(error), error.request_id, route.call_count) == (kind, "ref-9", 1)
    assert getattr(error, "fields", ()) == ((FieldError("username", "must not be null"),) if kind is Invalid else ())
    frames = error.__traceback__ and error.__traceback__.tb_next and error.__traceback__.tb_next.tb_next
    printed = with_locals(error.with_traceback(frames))
    assert [secret for secret in (KEY, TOKEN, PASSWORD) if secret in printed] == []


@respx.mock
async def test_login_unreachable() -> None:
    """E5: a login that never left is tried three times."""
    route = respx.post(f"{URL}/login").mock(side_effect=httpx.ConnectError("no"))
    with stamina.set_testing(True, attempts=3, cap=True):
        async with to(URL) as http:
            assert type(await refused(QuivoClient(http).login(CREDENTIALS))) is Unreachable
    assert route.call_count == 3


@pytest.mark.parametrize("key", ["", "“key”", "key\nX-Evil: 1", " key"])
@respx.mock
async def test_a_key_that_cannot_be_one(key: str) -> None:
    """An API key that no header can carry is refused like a wrong one, and nothing is sent."""
    route = respx.post(f"{URL}/login").respond(json={"token": TOKEN})
    async with to(URL) as http:
        error = await refused(QuivoClient(http).login(Credentials(key, "ada", PASSWORD), request_id="ref-9"))
    assert (type(error), error.request_id, route.call_count) == (KeyRefused, "ref-9", 0)


@respx.mock
async def test_order() -> None:
    """An order is read by its id with the raw token and the key (apis/quivo.md §1, §5.3)."""
    route = respx.get(f"{URL}/orders/1001").respond(json=ORDER)
    async with to(URL) as http:
        assert await QuivoClient(http).order(SESSION, 1001) == Order(1001, "PROCESSING")
    request = route.calls.last.request
    assert (request.headers["authorization"], request.headers["x-api-key"]) == (TOKEN, KEY)
    assert asked(route) == [("GET", "/orders/1001", {})]


@respx.mock
async def test_order_by_list() -> None:
    """Should the single order's address not exist, one flag reads it through the list (apis/quivo.md §5.3)."""
    route = respx.get(f"{URL}/orders").mock(
        side_effect=[httpx.Response(200, json=[ORDER]), httpx.Response(200, json=[])]
    )
    async with to(URL) as http:
        quivo = QuivoClient(http, read_by_list=True)
        assert await quivo.order(SESSION, 1001) == Order(1001, "PROCESSING")
        assert type(await refused(quivo.order(SESSION, 1002))) is NotFound
    assert [query["query"] + query["pageSize"] for _, _, query in asked(route)] == [
        ["orderId:1001", "1"],
        ["orderId:1002", "1"],
    ]


@pytest.mark.parametrize("by_list", [False, True])
@respx.mock
async def test_another_order_than_asked(by_list: bool) -> None:
    """An answer about another order is Garbled, never shown as the one that was asked for."""
    other = {"orderId": 1002, "orderStatus": "PROCESSING"}
    respx.get(url__startswith=f"{URL}/orders").respond(json=[other] if by_list else other)
    async with to(URL) as http:
        assert type(await refused(QuivoClient(http, read_by_list=by_list).order(SESSION, 1001))) is Garbled


CALLS: list[Callable[[QuivoClient], Awaitable[object]]] = [
    lambda quivo: quivo.order(SESSION, 1001, request_id="ref-9"),
    lambda quivo: quivo.orders(SESSION, OrderQuery(), request_id="ref-9"),
    lambda quivo: quivo.sellers(SESSION, request_id="ref-9"),
    lambda quivo: quivo.warehouses(SESSION, request_id="ref-9"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"message": "The incoming token has expired"}), SessionExpired),
        (httpx.Response(403), KeyRefused),
        (httpx.Response(404, text="Order not found"), NotFound),
        (httpx.Response(400, text="pageSize: must be at most 1000"), Invalid),
        (httpx.Response(200), Garbled),
        (httpx.Response(200, html="<html>Maintenance</html>"), Garbled),
        (httpx.Response(200, text='{"orderId": 1001, "orderSta'), Garbled),
        (httpx.Response(200, json="x"), Garbled),
    ],
)
@respx.mock
async def test_reads_refused(
    call: Callable[[QuivoClient], Awaitable[object]], answer: httpx.Response, kind: type[BackendError]
) -> None:
    """E3: every read maps each answer to the same error, after one request, with the caller's reference."""
    route = respx.route().mock(return_value=answer)
    async with to(URL) as http:
        error = await refused(call(QuivoClient(http)))
    assert (type(error), error.request_id, error.outcome_known, route.call_count) == (kind, "ref-9", True, 1)


@respx.mock
async def test_orders() -> None:
    """A page is asked by query, fixed order and size; a full one says how to go on, a short one is the last (§4)."""
    items = [{"orderId": number, "orderStatus": "PENDING", "sort": [number]} for number in (5, 4)]
    route = respx.get(f"{URL}/orders").mock(
        side_effect=[httpx.Response(200, json=items), httpx.Response(200, json=items[:1]), httpx.Response(200, json=[])]
    )
    query = OrderQuery(text='a"b', created_from=date(2025, 1, 1), seller_ids=(12, 34))
    async with to(URL) as http:
        quivo = QuivoClient(http)
        first = await quivo.orders(SESSION, query, page_size=2)
        second = await quivo.orders(SESSION, query, page_size=2, search_after=first.search_after)
        third = await quivo.orders(SESSION, OrderQuery())
    assert first == Page((Order(5, "PENDING"), Order(4, "PENDING")), "4")
    assert (second, third) == (Page((Order(5, "PENDING"),)), Page(()))
    text = (
        r'(orderReference:"a\"b" OR orderIdentifier:"a\"b") AND created:>=2025-01-01 AND (sellerId:12 OR sellerId:34)'
    )
    common = {"query": [text], "sort": ["orderId:desc"], "pageSize": ["2"]}
    assert asked(route) == [
        ("GET", "/orders", common),
        ("GET", "/orders", common | {"searchAfter": ["4"]}),
        ("GET", "/orders", {"query": ["_exists_:orderId"], "sort": ["orderId:desc"], "pageSize": ["10"]}),
    ]


@respx.mock
async def test_sellers_and_warehouses() -> None:
    """Both lists are read whole, closed warehouses marked (apis/quivo.md §7)."""
    sellers = respx.get(f"{URL}/sellers").respond(json=[{"id": 12, "name": "Nordlicht"}])
    warehouses = respx.get(f"{URL}/warehouses").respond(json=[{"id": 4}, {"id": 5, "deactivatedAt": "2023-11-07"}])
    async with to(URL) as http:
        quivo = QuivoClient(http)
        assert await quivo.sellers(SESSION) == (Seller(12, "Nordlicht"),)
        assert await quivo.warehouses(SESSION) == (Warehouse(4), Warehouse(5, active=False))
    query = {"sort": ["id:asc"], "pageSize": ["1000"]}
    assert asked(sellers) + asked(warehouses) == [("GET", "/sellers", query), ("GET", "/warehouses", query)]


@respx.mock
async def test_many_sellers() -> None:
    """A full page of sellers is followed by the next, so that no seller's orders are lost."""
    pages = [[{"id": number} for number in range(1, 1001)], [{"id": 1001}]]
    route = respx.get(f"{URL}/sellers").mock(side_effect=[httpx.Response(200, json=page) for page in pages])
    async with to(URL) as http:
        sellers = await QuivoClient(http).sellers(SESSION)
    assert [seller.id for seller in sellers] == list(range(1, 1002))
    assert [query.get("searchAfter") for _, _, query in asked(route)] == [None, ["1000"]]


@respx.mock
async def test_a_list_without_end() -> None:
    """A list that hands out the same page for ever is Garbled after twenty pages."""
    route = respx.get(f"{URL}/sellers").respond(json=[{"id": number} for number in range(1, 1001)])
    async with to(URL) as http:
        assert type(await refused(QuivoClient(http).sellers(SESSION))) is Garbled
    assert route.call_count == 20


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        (httpx.Response(200), True),
        (httpx.Response(403), True),
        (httpx.Response(503), True),
        (httpx.Response(302), True),
        (httpx.ConnectError("no"), False),
        (httpx.ReadTimeout("no"), False),
    ],
)
@respx.mock
async def test_ping(answer: Any, reached: bool) -> None:
    """Reachable means that anything answers; one request decides, and it carries no secret (apis/quivo.md §4)."""
    route = respx.get(f"{URL}/ping").mock(
        **{"return_value" if isinstance(answer, httpx.Response) else "side_effect": answer}
    )
    async with to(URL) as http:
        assert await QuivoClient(http).ping() is reached
    assert route.call_count == 1
    assert not {"x-api-key", "authorization"} & set(route.calls.last.request.headers)


async def test_reads_survive_one_hang_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: an order is shown although the first connection was dropped."""
    waits(monkeypatch)
    answers = [b"", http_answer(json.dumps(ORDER).encode())]
    async with serving(lambda _: answers.pop(0)) as server, to(server.url) as http:
        assert await QuivoClient(http).order(SESSION, 1001) == Order(1001, "PROCESSING")
    assert len(server.seen) == 2


def test_default_address() -> None:
    """The address of the seeds is the default, and it is https (apis/quivo.md §1)."""
    assert BASE_URL == "https://api.quivo.co"
    assert BackendHttp("quivo", BASE_URL).name == "quivo"
