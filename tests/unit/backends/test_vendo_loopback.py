"""E3, E5: what every behaviour of a store is for each method, over real connections, and how often it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from backends_kit import Reply, serving, waits
from vendo_client_kit import (
    AGAIN,
    CANARIES,
    NUMBER,
    ONCE,
    READS,
    Do,
    asked,
    cart_body,
    order_token,
    printed,
    said,
    shop,
)

from backends.errors import BackendError, Busy, Fault, Garbled, Invalid, NoAnswer, NotFound, Refused
from backends.http import Limits
from backends.vendo.cart import Cart
from backends.vendo.client import VendoClient

HTML = b"<!doctype html><title>Just a moment</title>"
PATIENT, HURRIED = Limits(), Limits(write_total=1.0)
Row = tuple[str, Reply, type[BackendError], bool, float | None]
BEHAVIOURS: list[Row] = [
    ("silence", None, NoAnswer, False, None),
    ("hangs up", b"", NoAnswer, False, None),
    ("500 after accepting", said({"error": "x"}, "500 No"), Fault, False, None),
    ("503 html", said(HTML, "503 No"), Fault, False, None),
    ("522 html", said(HTML, "522 No"), Fault, False, None),
    ("429 seconds", said(b"", "429 No", "Retry-After: 0.2"), Busy, True, 0.2),
    ("429 html", said(HTML, "429 No"), Busy, True, None),
    ("302", said(b"", "302 Found", "Location: http://127.0.0.1:1/"), Garbled, False, None),
    ("403 html", said(HTML, "403 No"), Refused, True, None),
]


async def failure(
    do: Do, reply: Callable[[bytes], Reply], limits: Limits = PATIENT
) -> tuple[BackendError, list[bytes]]:
    async with shop(reply, limits) as (vendo, server):
        with pytest.raises(BackendError) as caught:
            await do(vendo, server.url)
    return caught.value, server.seen


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row[0])
@pytest.mark.parametrize("name", ONCE)
async def test_sent_once(name: str, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """E3, E5, C10: what may not be done twice is sent once whatever happens, and says whether its outcome is known."""
    waits(monkeypatch)
    _, reply, kind, known, after = row
    error, seen = await failure(ONCE[name], lambda _: reply, PATIENT if reply is not None else HURRIED)
    assert (type(error), error.outcome_known, getattr(error, "retry_after", None)) == (kind, known, after)
    assert len(seen) == 1
    assert [secret for secret in CANARIES if secret in printed(error)] == []


ATTEMPTS = {NoAnswer: 3, Fault: 3, Busy: 3, Garbled: 1, Refused: 1}


@pytest.mark.parametrize("row", BEHAVIOURS[1:], ids=lambda row: row[0])
@pytest.mark.parametrize("name", [*AGAIN, *READS])
async def test_asked_again(name: str, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """E5, C10: reads and what may be done twice are asked three times; of the latter the outcome may stay unknown."""
    waits(monkeypatch)
    _, reply, kind, known, _ = row
    error, seen = await failure({**AGAIN, **READS}[name], lambda _: reply)
    assert (type(error), error.outcome_known) == (kind, known or name in READS)
    assert len(seen) == ATTEMPTS[kind]
    assert [secret for secret in CANARIES if secret in printed(error)] == []


@pytest.mark.parametrize("answer", [b"", HTML, b"{", b"[]", b"null", b'{"data":[]}', b'{"data":{"id":"1"}}'])
@pytest.mark.parametrize("name", sorted({*ONCE, *AGAIN} - {"request_code", "revoke"}))
async def test_unreadable_yes(name: str, answer: bytes) -> None:
    """E3: a 2xx that is no cart and no tokens leaves open what became of a change, which is not sent again."""
    error, seen = await failure({**ONCE, **AGAIN}[name], lambda _: said(answer))
    assert (type(error), error.outcome_known, len(seen)) == (Garbled, False, 1)


def replies(*answers: Reply) -> Callable[[bytes], Reply]:
    left = [*answers]
    return lambda _: left.pop(0)


async def test_silence_after_silence_ends_in_time() -> None:
    """E5: a change that may be done twice is asked again after a silence too, within the time for a write."""
    limits = Limits(write_total=1.6, attempt=0.55)
    error, seen = await failure(AGAIN["set_quantity"], lambda _: None, limits)
    assert (type(error), error.outcome_known, len(seen)) == (NoAnswer, False, 2)


async def test_doubt_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: once nobody knows, a 429 to the next attempt does not make the outcome known."""
    waits(monkeypatch)
    answers = replies(b"", said(b"", "429 No"), said(b"", "429 No"))
    error, seen = await failure(AGAIN["remove_item"], answers)
    assert (type(error), error.outcome_known, len(seen)) == (Busy, False, 3)


ALREADY = {"error": "The coupon code has already been applied to this order"}
GONE = {"error": "The coupon code you entered doesn't exist. Please try again."}
REPEATED: list[tuple[str, Any, str]] = [
    ("apply_coupon", ALREADY, "422 No"),
    ("remove_item", {"error": "gone"}, "404 No"),
    ("remove_coupon", GONE, "422 No"),
    ("remove_coupons", GONE, "422 No"),
]


@pytest.mark.parametrize(("name", "body", "status"), REPEATED)
@pytest.mark.parametrize("first", [b"", said({}, "500 No")])
async def test_done_by_the_first_attempt(
    name: str, body: Any, status: str, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§10: a no that says "done already" after a repetition is a yes, and the cart is read to show it."""
    waits(monkeypatch)
    answers = replies(first, said(body, status), said(cart_body(total="9.0")))
    async with shop(answers) as (vendo, server):
        cart = await AGAIN[name](vendo, server.url)
    seen = [asked(raw) for raw in server.seen]
    assert isinstance(cart, Cart)
    assert (cart.number, str(cart.total), [one.method for one in seen[1:]]) == (NUMBER, "9.0", [seen[0].method, "GET"])
    assert (seen[0] == seen[1], seen[2].path) == (True, "/api/v2/storefront/cart")


@pytest.mark.parametrize(("name", "body", "status"), REPEATED)
@pytest.mark.parametrize("first", [None, said(b"", "429 No", "Retry-After: 0")])
async def test_not_done_by_us(name: str, body: Any, status: str, first: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    """§10: the same no at the first attempt, or after one that was known not to be done, stays a no."""
    waits(monkeypatch)
    answers = [first, said(body, status)] if first else [said(body, status)]
    error, seen = await failure(AGAIN[name], replies(*answers))
    assert (type(error), error.outcome_known) == (NotFound if status == "404 No" else Invalid, True)
    assert len(seen) == len(answers)


async def test_another_no_after_a_repetition(monkeypatch: pytest.MonkeyPatch) -> None:
    """§10: a coupon that is refused for another reason stays refused, also after a repetition."""
    waits(monkeypatch)
    error, seen = await failure(
        AGAIN["apply_coupon"], replies(b"", said({"error": "The coupon code is expired"}, "422 No"))
    )
    assert (type(error), error.outcome_known, len(seen)) == (Invalid, True, 2)


async def test_not_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: where the cart cannot be read after such a no, the outcome is not known."""
    waits(monkeypatch)
    error, seen = await failure(AGAIN["remove_item"], replies(b"", said({}, "404 No"), said({}, "404 No")))
    assert (type(error), error.outcome_known, len(seen)) == (NotFound, False, 3)


async def test_set_quantity_succeeds_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a fault that passes is not noticed, and both requests were the same."""
    waits(monkeypatch)
    async with shop(replies(said({}, "502 No"), said(cart_body(item_count=3)))) as (vendo, server):
        cart = await vendo.set_quantity(order_token(server.url), "l-1", 3)
    assert (cart.item_count, len({*server.seen}), len(server.seen)) == (3, 1, 2)


async def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: where nobody listens nothing was done, and that is known, for every method."""
    waits(monkeypatch)
    async with shop(lambda _: None) as (vendo, server):
        pass
    for do in {**ONCE, **AGAIN, **READS}.values():
        with pytest.raises(BackendError) as caught:
            await do(vendo, server.url)
        assert (type(caught.value).__name__, caught.value.outcome_known) == ("Unreachable", True)


async def test_two_stores_at_once() -> None:
    """A request goes to the store of its own access, with that store's credential, whoever asks at the same time."""
    async with (
        serving(lambda _: said(cart_body(number="R2"))) as two,
        shop(lambda _: said(cart_body(number="R1"))) as (vendo, one),
    ):
        carts = await asyncio.gather(*(number(vendo, url) for url in (one.url, two.url)))
    assert (carts, len(one.seen), len(two.seen)) == (["R1", "R2"], 1, 1)


async def number(vendo: VendoClient, store: str) -> str:
    return (await vendo.cart(order_token(store))).number
