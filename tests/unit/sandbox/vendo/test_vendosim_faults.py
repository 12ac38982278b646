"""What can go wrong between a client and the local Vendo (E3)."""

import asyncio
from typing import Any

import aiohttp
import pytest
from vendosim_kit import VND, Answer, Client, filled_cart, login, new_cart, newest, refused, variant_id

from sandbox.vendo import Fault, Vendo
from sandbox.vendo.faults import FaultKind, take

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


async def _add(shopper: Client, vendo: Vendo) -> Answer:
    return await shopper("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE")})


@pytest.mark.parametrize("kind", ["429", "502", "503", "504", "403_html"])
@pytest.mark.parametrize("retry_after", [None, "3", DATE])
async def test_cloudflare_stands_in_front(
    guest: Client, vendo: Vendo, kind: FaultKind, retry_after: str | None
) -> None:
    """An HTML page under the status, with Retry-After in seconds or as a date; nothing is done."""
    shopper = await new_cart(guest)
    vendo.faults.append(Fault("POST /cart/add_item", kind, retry_after=retry_after))
    answer = await _add(shopper, vendo)
    assert (answer.status, answer.kind) == (int(kind[:3]), "text/html")
    assert answer.body.startswith("<!doctype html>")
    assert answer.headers.get("Retry-After") == retry_after
    assert newest(vendo).lines == []


@pytest.mark.parametrize(("kind", "answer"), [
    ("500", Answer(500, VND, {"status": 500, "error": "Internal Server Error"})),
    ("empty", Answer(200, "application/octet-stream", None)),
    ("garbage_json", Answer(200, VND, '{"data": {"id": "d2a9')),
    ("redirect", Answer(302, "application/octet-stream", None)),
    ("404", Answer(404, VND, {"error": "The resource you were looking for could not be found."})),
])  # fmt: skip
async def test_odd_answers_do_nothing(guest: Client, vendo: Vendo, kind: FaultKind, answer: Answer) -> None:
    """Whatever they look like, the cart is as before."""
    shopper = await new_cart(guest)
    vendo.faults.append(Fault("POST /cart/add_item", kind))
    assert await _add(shopper, vendo) == answer
    assert newest(vendo).lines == []


async def test_a_maintenance_page_is_a_200(guest: Client, vendo: Vendo) -> None:
    """HTML where JSON is due."""
    vendo.faults.append(Fault("GET /products", "html"))
    answer = await guest("GET", "/products")
    assert (answer.status, answer.kind) == (200, "text/html")


@pytest.mark.parametrize("kind", ["400", "404", "409", "422"])
async def test_refusals_with_words_of_ones_own(guest: Client, vendo: Vendo, kind: FaultKind) -> None:
    """In Vendo's own shape."""
    vendo.faults.append(Fault("* /", kind, text="Order is locked"))
    assert (await guest("POST", "/cart")).said == refused(int(kind), "Order is locked")


@pytest.mark.parametrize("kind", ["close", "accept_then_close"])
async def test_a_dropped_connection_says_nothing(guest: Client, vendo: Vendo, kind: FaultKind) -> None:
    """The same silence, whether the work was done or not; the journal has the request without a status."""
    shopper = await new_cart(guest)
    vendo.faults.append(Fault("POST /cart/add_item", kind, times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await _add(shopper, vendo)
    assert len(newest(vendo).lines) == (kind == "accept_then_close")
    assert [(seen.path, seen.status) for seen in vendo.requests] == [("/cart", 201), ("/cart/add_item", None)]


async def test_the_work_may_be_done_before_a_500(guest: Client, vendo: Vendo) -> None:
    """The item is in the cart, and a repeated call puts it there twice."""
    shopper = await new_cart(guest)
    vendo.faults.append(Fault("POST /cart/add_item", "accept_then_500", times=1))
    assert (await _add(shopper, vendo)).status == 500
    assert newest(vendo).lines[0].quantity == 1
    assert (await _add(shopper, vendo)).attributes["item_count"] == 2


async def test_a_timeout_after_accepting(guest: Client, vendo: Vendo) -> None:
    """The order is complete while the client waits for an answer that never comes."""
    shopper = await filled_cart(guest, vendo)
    vendo.faults.append(Fault("PATCH /cart/empty", "accept_then_hang"))
    call = asyncio.create_task(shopper("PATCH", "/cart/empty"))
    await vendo.until(lambda: newest(vendo).lines == [])
    assert not call.done()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_hang_does_nothing_and_ends(guest: Client, vendo: Vendo) -> None:
    """After its seconds the connection is dropped."""
    shopper = await filled_cart(guest, vendo)
    vendo.faults.append(Fault("PATCH /cart/empty", "hang", seconds=0.01))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await shopper("PATCH", "/cart/empty")
    assert len(newest(vendo).lines) == 1


async def test_a_slow_answer_is_the_right_one(guest: Client, vendo: Vendo) -> None:
    """Only later."""
    vendo.faults.append(Fault("GET /store", "slow", seconds=0.01))
    assert (await guest("GET", "/store")).attributes["default_currency"] == "USD"


async def test_a_token_expires_under_the_request(ada: Client, vendo: Vendo) -> None:
    """The request runs into the 401; the refresh token would still do."""
    vendo.faults.append(Fault("GET /account", "expire_then", times=1))
    assert (await ada("GET", "/account")).said == refused(401, "The access token expired")
    assert vendo.faults == []
    assert await login(Client(ada.session), vendo, "ada@example.com")


@pytest.mark.parametrize(("match", "hit"), [
    ("GET /account", True), ("GET /account/orders", True), ("* /account", True), ("* /", True),
    ("POST /account", False), ("GET /cart", False), ("GET /account/orders/R", False), ("GET /api", False),
])  # fmt: skip
def test_a_fault_hits_by_method_and_beginning_of_path(match: str, hit: bool) -> None:
    """The path is the one below the base."""
    assert Fault(match, "500").matches("GET", "/account/orders") is hit


def test_faults_count_down_in_their_order() -> None:
    """The first that fits is used up before the second is; one without a count stays."""
    faults = [Fault("GET /a", "500", times=2), Fault("* /", "404")]
    kinds = []
    for method in ("GET", "POST", "GET", "GET"):
        fault = take(faults, method, "/a")
        assert fault is not None
        kinds.append(fault.kind)
    assert kinds == ["500", "404", "500", "404"]
    assert faults == [Fault("* /", "404")]
    assert take([], "GET", "/a") is None


async def test_the_journal_has_everything(guest: Client, vendo: Vendo) -> None:
    """Path below the base, headers, query, body and status; secrets in headers and bodies are not printed."""
    await guest.having(X_Vendo_Order_Token="s3cret")("POST", "/cart/add_item", {"variant_id": "x"}, include="user")
    (seen,) = vendo.requests
    assert (seen.method, seen.path, seen.status, dict(seen.query)) == (
        "POST",
        "/cart/add_item",
        404,
        {"include": "user"},
    )
    assert (seen.headers["x-vendo-order-token"], seen.body) == ("s3cret", b'{"variant_id": "x"}')
    assert "s3cret" not in repr(seen)
    assert (vendo.count("POST", "/cart"), vendo.count("*", "/"), vendo.count("GET", "/")) == (1, 1, 0)


async def test_waiting_for_a_request(guest: Client, vendo: Vendo) -> None:
    """`until` wakes at an answer, and gives up in time."""
    waiting = asyncio.create_task(vendo.until(lambda: vendo.count("GET", "/store") == 1))
    call: Any = await guest("GET", "/store")
    await waiting
    assert call.status == 200
    with pytest.raises(TimeoutError):
        await vendo.until(lambda: False, timeout=0.01)
