"""C10, D1: what holds a token of a store gives it to nobody who does not ask by ``reveal``, nor to the log."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from vendo_client_kit import (
    ACCESS,
    AGAIN,
    CANARIES,
    CARD,
    EMAIL,
    LATER,
    ONCE,
    ORDER,
    READS,
    REFRESH,
    STORE,
    Do,
    cart_body,
    order_token,
    said,
    shop,
    tokens,
)  # fmt: skip

from backends.errors import BackendError
from backends.http import WRITE, Call
from backends.secret import Secret
from backends.vendo.auth import Guest, OrderToken, Tokens
from backends.vendo.cart import Cart, OrderPage
from backends.vendo.checkout import Card, body

CART = Cart("c-1", "R1", "cart", Secret(ORDER))
HOLDERS: list[Any] = [
    tokens(),
    order_token(currency="EUR"),
    CART,
    OrderPage((CART,), 1, 1, 1),
    Card(Secret(CARD), "Ada"),
    Call("DELETE", "/auth/{token}", WRITE, {"token": Secret(ACCESS)}, {"guest_order_token": Secret(ORDER)}),
]
SHOWN: list[Callable[[Any], object]] = [
    repr, str, "{}".format, "%s".__mod__, pprint.pformat, lambda it: f"{it!r:>400}", lambda it: repr([it, {"it": it}]),
]  # fmt: skip
CARRIED: list[Callable[[Any], object]] = [copy.copy, copy.deepcopy, pickle.dumps, json.dumps, dataclasses.asdict]


def shows_no_canary(text: object) -> bool:
    return not any(canary in str(text) for canary in CANARIES)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("show", SHOWN)
def test_shown(holder: Any, show: Callable[[Any], object]) -> None:
    """C10: no way of printing a holder prints what it holds."""
    assert shows_no_canary(show(holder))


@pytest.mark.parametrize("holder", HOLDERS[:5], ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("carry", CARRIED)
def test_carried_away(holder: Any, carry: Callable[[Any], object]) -> None:
    """C10: copying, pickling and JSON are refused, and the refusal names no secret."""
    with pytest.raises(TypeError) as refused:
        carry(holder)
    assert shows_no_canary(refused.value)


def test_whole_repr() -> None:
    """C10: what is printed is exactly this; an e-mail address is personal and stays out too."""
    assert repr(tokens()) == (
        f"Tokens(store='{STORE}', access=Secret(…), refresh=Secret(…), "
        "expires_at=datetime.datetime(2026, 12, 1, 0, 0, tzinfo=datetime.timezone.utc))"
    )
    assert repr(order_token()) == f"OrderToken(store='{STORE}', token=Secret(…), currency=None)"
    assert "token" not in repr(CART)


def test_equality_and_freezing() -> None:
    """Two tokens are equal by what they hold, and none can be changed into another while a request is under way."""
    assert tokens() == Tokens(STORE, EMAIL, Secret(ACCESS), Secret(REFRESH), LATER)
    assert tokens() != Tokens(STORE, EMAIL, ACCESS, "other", LATER)
    assert order_token() == OrderToken(STORE, Secret(ORDER)) != OrderToken(STORE, ORDER, "EUR")
    for frozen, name in ((tokens(), "access"), (order_token(), "token"), (Guest(STORE), "store"), (CART, "token")):
        with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
            setattr(frozen, name, "x")


def test_a_body_is_a_secret() -> None:
    """C10: what is sent is hidden from the moment that it is put together."""
    made = body(coupon_code=ORDER)
    assert (shows_no_canary(made), made.reveal()) == (True, json.dumps({"coupon_code": ORDER}))


@pytest.mark.parametrize("name", [*ONCE, *AGAIN, *READS])
async def test_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """D1: at DEBUG each request leaves one line of ours with its path's template, and no secret or address."""
    do: Do = {**ONCE, **AGAIN, **READS}[name]
    caplog.set_level(logging.DEBUG)
    async with shop(lambda _: said(cart_body(), "404 No")) as (vendo, server):
        with suppress(BackendError):
            await do(vendo, server.url)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("shipclerk")]
    assert len(lines) == 1
    assert "path=/api/v2/storefront/" in lines[0]
    assert [line for line in caplog.text.splitlines() if not shows_no_canary(line) or EMAIL in line] == []
