"""C10: what holds a key, a token or a password gives it to nobody who does not ask by ``reveal``."""

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
from backends_kit import KEY, PASSWORD, TOKEN, URL

from backends.http import LOGIN, Answer, Call
from backends.quivo.auth import Credentials, Session
from backends.secret import Secret

HOLDERS: list[Any] = [
    Secret(TOKEN),
    Credentials(KEY, "ada", PASSWORD),
    Session(KEY, TOKEN),
    Call("POST", "/login", LOGIN, headers=Session(KEY, TOKEN).headers(), body=Secret(PASSWORD), query={"query": TOKEN}),
    Answer(200, TOKEN.encode(), "ref-1", True),
]
CANARIES = (KEY, TOKEN, PASSWORD)
SHOWN: list[Callable[[Any], object]] = [
    repr, str, "{}".format, "%s".__mod__, pprint.pformat, lambda it: f"{it!r:>400}", lambda it: repr([it, {"it": it}]),
]  # fmt: skip
CARRIED: list[Callable[[Any], object]] = [
    copy.copy, copy.deepcopy, pickle.dumps, json.dumps, lambda it: pickle.dumps(it, 0),
]  # fmt: skip


def shows_no_canary(text: object) -> bool:
    return not any(canary in str(text) for canary in CANARIES)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("show", SHOWN)
def test_shown(holder: Any, show: Callable[[Any], object]) -> None:
    """C10: no way of printing a holder prints what it holds."""
    assert shows_no_canary(show(holder))


@pytest.mark.parametrize("holder", HOLDERS[:3], ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("carry", CARRIED)
def test_carried_away(holder: Any, carry: Callable[[Any], object]) -> None:
    """C10: copying, pickling and JSON are refused, and the refusal names no secret."""
    with pytest.raises(TypeError) as refused:
        carry(holder)
    assert shows_no_canary(refused.value)


@pytest.mark.parametrize("holder", HOLDERS[1:4], ids=lambda it: type(it).__name__)
def test_as_dictionary(holder: Any) -> None:
    """C10: ``dataclasses.asdict`` and ``vars`` give no secret away either."""
    with pytest.raises(TypeError) as refused:
        dataclasses.asdict(holder)
    assert shows_no_canary(refused.value)
    assert shows_no_canary(getattr(holder, "__dict__", {}).get("headers"))


def test_in_a_traceback() -> None:
    """C10: a traceback that prints the variables of its frames prints no secret."""
    credentials, session = Credentials(KEY, "ada", PASSWORD), Session(KEY, TOKEN)
    try:
        json.dumps([credentials, session])
    except TypeError as error:
        printed = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Credentials(" in printed
    assert shows_no_canary(printed)


def test_whole_repr() -> None:
    """C10: what is printed is exactly this; a user name is personal and stays out too."""
    assert repr(Credentials(KEY, "ada", PASSWORD)) == "Credentials(api_key=Secret(…), password=Secret(…))"
    assert repr(Session(KEY, TOKEN)) == "Session(api_key=Secret(…), token=Secret(…))"
    assert repr(Answer(200, TOKEN.encode(), "r", True)) == "Answer(status=200, request_id='r', changes_something=True)"


def test_equality() -> None:
    """Two secrets are equal by what they hold, also beside another type and with letters beyond ASCII."""
    assert Session(KEY, TOKEN) == Session(Secret(KEY), Secret(TOKEN))
    assert Session(KEY, TOKEN) != Session(KEY, TOKEN + "x")
    assert Secret("ü\ud800") == Secret("ü\ud800")
    assert (Secret("a") == "a", Secret("a") != "a") == (False, True)
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_frozen() -> None:
    """A session cannot be changed into another one while a request is under way."""
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        Session(KEY, TOKEN).token = Secret("other")  # type: ignore[misc]
    assert not hasattr(Secret(TOKEN), "__dict__")


@pytest.mark.parametrize("text", ["k", "a b", "~!{}"])
def test_fits_a_header(text: str) -> None:
    """Printable ASCII can stand in a header."""
    assert Secret(text).fits_a_header()


@pytest.mark.parametrize(
    "text", ["", " ", " k", "k ", "k\n", "k\r\nX-Evil: 1", "ключ", "“k”", "k\x00", "k\x7f", f"{URL}\t"]
)
def test_does_not_fit_a_header(text: str) -> None:
    """What would break a header or be changed on its way is not sent as one."""
    assert not Secret(text).fits_a_header()
