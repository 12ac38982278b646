"""D1: what is logged about requests, and what is in no log even at DEBUG."""

from __future__ import annotations

import json
import logging
import re

import httpx
import pytest
import respx
from backends_kit import KEY, PASSWORD, TOKEN, URL, failure, http_answer, serving, to, waits

from backends.http import READ, Call
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, QuivoClient

SEARCHED, EMAIL, STREET = "canary-search", "canary@mail.example", "Canary Street 5"
CANARIES = (KEY, TOKEN, PASSWORD, SEARCHED, EMAIL, STREET)
ORDER = {"orderId": 1, "orderStatus": "PENDING", "deliveryAddress": {"email": EMAIL, "address1": STREET}}


def texts(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        re.sub(r"ms=\d+", "ms=N", record.getMessage())
        for record in caplog.records
        if record.name == "shipclerk.backends"
    ]


@respx.mock
async def test_one_line_for_each_attempt(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """D5: each attempt is one line with method, path template, result, time and reference."""
    waits(monkeypatch)
    caplog.set_level(logging.INFO, "shipclerk.backends")
    respx.get(f"{URL}/orders/1001").mock(side_effect=[httpx.Response(503), httpx.Response(404)])
    async with to(URL) as http:
        await http.ask(Call("GET", "/orders/{id}", READ, {"id": 1001}, {"query": SEARCHED}, request_id="ref-1"))
    assert texts(caplog) == [
        "back_end=quivo method=GET path=/orders/{id} result=Fault ms=N request=ref-1",
        "back_end=quivo method=GET path=/orders/{id} result=404 ms=N request=ref-1",
    ]


@respx.mock
async def test_the_reference_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """D5: the reference that an error carries is found in the log."""
    caplog.set_level(logging.INFO, "shipclerk.backends")
    respx.get(f"{URL}/ping").respond(302)
    async with to(URL) as http:
        error = await failure(http, Call("GET", "/ping", READ))
    assert f"request={error.request_id}" in caplog.text


async def test_no_canary_at_debug(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """D1: key, token, password, query, address and e-mail are in no log line at DEBUG, nor on the terminal."""
    caplog.set_level(logging.DEBUG)
    answers = {
        b"POST /login": json.dumps({"token": TOKEN}).encode(),
        b"GET /orders?": json.dumps([ORDER, {"orderId": EMAIL}]).encode(),
        b"GET /orders/": json.dumps(ORDER).encode(),
    }

    def reply(asked: bytes) -> bytes:
        return http_answer(next(body for start, body in answers.items() if asked.startswith(start)))

    async with serving(reply) as server, to(server.url) as http:
        quivo = QuivoClient(http)
        session = await quivo.login(Credentials(KEY, EMAIL, PASSWORD))
        await quivo.order(session, 1)
        with pytest.raises(Exception, match="cannot read"):
            await quivo.orders(session, OrderQuery(text=SEARCHED))
    assert KEY.encode() in server.seen[0]
    assert SEARCHED.encode() in server.seen[2]
    printed = (
        "".join(capfd.readouterr()) + caplog.text + "".join(map(repr, (record.__dict__ for record in caplog.records)))
    )
    assert "path=/orders/{id}" in printed
    assert [canary for canary in CANARIES if canary in printed] == []


@pytest.mark.parametrize("name", ["httpx", "httpcore"])
def test_chatty_loggers_are_capped(name: str) -> None:
    """D1: the loggers that print addresses and headers say nothing below WARNING, whatever the root is set to."""
    assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING
    assert not logging.getLogger(f"{name}.http11").isEnabledFor(logging.INFO)


async def test_session_in_two_places(caplog: pytest.LogCaptureFixture) -> None:
    """B7: each call carries the key and token of the session that it was made with, also side by side."""
    async with serving(lambda _: http_answer(b"[]")) as server, to(server.url) as http:
        quivo = QuivoClient(http)
        for name in ("ada", "bob"):
            await quivo.sellers(Session(f"key-{name}", f"token-{name}"))
    pairs = [re.findall(rb"(?:x-api-key|authorization): (\S+)", asked.lower()) for asked in server.seen]
    assert [sorted(pair) for pair in pairs] == [[b"key-ada", b"token-ada"], [b"key-bob", b"token-bob"]]
    assert caplog.text.count("token-ada") == 0
