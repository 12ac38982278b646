"""D6: whatever a back end answers, only errors of the tree come out, and they show only declared text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import respx
import stamina
from backends_kit import TOKEN, URL, declared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.errors import BackendError, Invalid
from backends.http import BackendHttp
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, QuivoClient
from backends.quivo.models import Seller
from backends.quivo.order import Order, Page

SESSION = Session("key", TOKEN)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["orderStatus", "created", "positions", "deliveryAddress", "shipmentTracking", "customAttributes", "tags", "sort"]
)
ORDERS = st.dictionaries(NAMES, ANYTHING).map(lambda odd: {"orderId": 1001, "orderStatus": "PENDING"} | odd)
JSON = (ANYTHING | ORDERS | st.lists(ORDERS, max_size=3)).map(lambda value: json.dumps(value).encode())
BODIES = st.binary(max_size=200) | JSON | st.builds(lambda body, at: body[:at], JSON, st.integers(0, 100))
STATUSES = st.sampled_from([200, 200, 200, 204, 206, 301, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 599])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.binary(max_size=30).filter(lambda raw: not set(raw) & set(b"\r\n\0")),
        "Content-Type": st.sampled_from([b"text/html", b"application/json", b"x; charset=nope", b"\xff"]),
        "Location": st.sampled_from([b"http://evil.test/", b"\xff", b"//"]),
        "Content-Encoding": st.sampled_from([b"gzip", b"br", b"nope", b"deflate"]),
    },
)


async def everything(http: BackendHttp) -> list[object]:
    """What each operation gives or raises."""
    outcomes: list[object] = []
    quivo = QuivoClient(http)
    for work in (
        quivo.login(Credentials("key", "ada", "password")),
        quivo.order(SESSION, 1001),
        quivo.orders(SESSION, OrderQuery(), page_size=1),
        quivo.sellers(SESSION),
    ):
        try:
            outcomes.append(await work)
        except BackendError as error:
            outcomes.append(error)
    return outcomes


def test_fuzz() -> None:
    """D6: 500 hostile answers, four operations each: a proper result or a declared error, and nothing else."""
    http = BackendHttp("quivo", URL)
    with asyncio.Runner() as runner, respx.mock as mocked, stamina.set_testing(True, attempts=3, cap=True):

        @settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
        @given(STATUSES, HEADERS, BODIES)
        def meet(status: int, headers: dict[str, bytes], body: bytes) -> None:
            raw = [(name.encode(), value) for name, value in headers.items()]
            mocked.clear()
            mocked.route().mock(side_effect=lambda _: httpx.Response(status, headers=raw, stream=Body(body)))
            proper_or_declared(status, runner.run(everything(http)))

        meet()
        runner.run(http.close())


def proper_or_declared(status: int, outcomes: list[object]) -> None:
    for outcome, kind in zip(outcomes, (Session, Order, Page, tuple), strict=True):
        if isinstance(outcome, BackendError):
            assert outcome.safe_text in declared()
            fields = outcome.fields if isinstance(outcome, Invalid) else ()
            assert all(len(one.field) <= 80 and len(one.message) <= 200 for one in fields)
            assert all((one.field + one.message).isprintable() for one in fields)
        else:
            assert isinstance(outcome, kind)
            assert status in (200, 204, 206)
            assert not isinstance(outcome, tuple) or all(isinstance(one, Seller) for one in outcome)


class Body(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that is handed out as it is, so that httpx neither encodes nor checks it."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body
