"""C10: what holds a password or a token of QPilot gives it to nobody who does not ask by ``reveal``."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from qpilot_kit import FOR_107, OPS, PASSWORD, SITE, VALUE

from backends.http import WRITE
from backends.qpilot.asking import Request
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.tickets import FreshTickets, ReusedTickets
from backends.secret import Secret

TOKEN = Token(VALUE)
REQUEST = Request("POST", "/Sites/{site}", {"site": SITE}, {"search": VALUE}, Secret(PASSWORD), "r")
HOLDERS: list[Any] = [OPS, FOR_107, TOKEN, REQUEST, REQUEST.call(TOKEN, WRITE, "r"), TOKEN.headers()]
SHOWN: list[Callable[[Any], object]] = [
    repr, str, "{}".format, "%s".__mod__, pprint.pformat, lambda it: f"{it!r:>400}", lambda it: repr([it, {"it": it}]),
]  # fmt: skip
CARRIED: list[Callable[[Any], object]] = [
    copy.copy, copy.deepcopy, pickle.dumps, json.dumps, dataclasses.asdict, lambda it: pickle.dumps(it, 0),
]  # fmt: skip


def shows_no_canary(text: object) -> bool:
    return not any(canary in str(text) for canary in (VALUE, PASSWORD, "ops@mail", "107"))


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("show", SHOWN)
def test_shown(holder: Any, show: Callable[[Any], object]) -> None:
    """C10: no way of printing a holder prints what it holds, nor whose it is."""
    assert shows_no_canary(show(holder))


@pytest.mark.parametrize("holder", HOLDERS[:3], ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("carry", CARRIED)
def test_carried_away(holder: Any, carry: Callable[[Any], object]) -> None:
    """C10: copying, pickling and JSON are refused, and the refusal names no secret."""
    with pytest.raises(TypeError) as refused:
        carry(holder)
    assert shows_no_canary(refused.value)


async def test_tickets_show_nothing() -> None:
    """C10: tickets with a token in them print none, and neither does a traceback with their frames."""

    async def login() -> Token:
        return TOKEN

    fresh, reused = FreshTickets(login), ReusedTickets(login, 30)
    fresh.expect()
    await fresh.take()
    await reused.take()
    try:
        raise TypeError
    except TypeError as error:
        printed = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert shows_no_canary(f"{fresh} {reused} {vars(fresh)} {vars(reused)} {printed}")


def test_whole_repr() -> None:
    """C10: what is printed is exactly this; name and customer are personal and stay out too."""
    assert repr(OPS) == "Credentials(password=Secret(…), site_id=1113, scope='Merchant')"
    assert repr(TOKEN) == "Token(value=Secret(…), scope='Merchant')"


def test_equality_and_freezing() -> None:
    """Two credentials are equal by what they hold, and none can become another."""
    assert Credentials("a", "p", 1) == Credentials("a", Secret("p"), 1)
    assert Credentials("a", "p", 1) != Credentials("a", "p", 1, "Customer", "7")
    assert Token("x") != Token("x", "Customer")
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        TOKEN.value = Secret("other")  # type: ignore[misc]
