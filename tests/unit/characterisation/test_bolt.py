"""What slack-bolt and slack-sdk do, as measured: an upgrade that changes one of these must tell us (H1, DESIGN §5)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import slack_sdk.models.blocks as known
from aiohttp import web
from slack_bolt import App
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest, AsyncRespond
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.serving import serve

Json = dict[str, Any]
SECRET = "characterisation-signing-secret"
COMMAND = {"command": "/order", "text": "1001", "user_id": "U1", "team_id": "T1", "channel_id": "C1", "token": "t"}
AUTH = {"ok": True, "url": "x", "team": "t", "user": "u", "team_id": "T1", "user_id": "UBOT", "bot_id": "B1"}


class Slack:
    """A door that counts what it gets and answers as told; `limited` requests are answered 429 first."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.limited = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """One request."""
        self.got.append((request.path, await request.text()))
        if request.path.endswith("auth.test"):
            return web.json_response(AUTH)
        if self.limited:
            self.limited -= 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "0"})
        return web.json_response({"ok": True})


@asynccontextmanager
async def _slack() -> AsyncIterator[Slack]:
    door, app = Slack(), web.Application()
    app.router.add_route("*", "/{path:.*}", door.handle)
    served = await serve(app)
    door.url = served.url
    try:
        yield door
    finally:
        await served.close()


def _app(door: Slack, **options: Any) -> AsyncApp:
    client = AsyncWebClient("xoxb-characterisation", f"{door.url}/api/")
    return AsyncApp(client=client, signing_secret=SECRET, logger=logging.getLogger("characterised"), **options)


def _signed(body: str, *, secret: str = SECRET, kind: str = "application/x-www-form-urlencoded") -> AsyncBoltRequest:
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers: dict[str, str | Sequence[str]] = {
        "content-type": kind,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }
    return AsyncBoltRequest(body=body, headers=headers)


def _command() -> AsyncBoltRequest:
    return _signed(urlencode(COMMAND))


def _event() -> AsyncBoltRequest:
    event = {"type": "app_mention", "user": "U1", "text": "x", "channel": "C1", "ts": "1.0", "event_ts": "1.0"}
    wrapper = {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "api_app_id": "A1", "event": event}
    return _signed(json.dumps(wrapper), kind="application/json")


async def _answer(app: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
    answer = await app.async_dispatch(request)
    assert isinstance(answer, BoltResponse)
    return answer


async def test_bolt_does_not_deduplicate() -> None:
    """The same signed request twice, and the same event_id twice, run the handler twice."""
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with _slack() as door:
        app = _app(door)

        @app.command("/order")
        async def order(ack: AsyncAck) -> None:
            await ack()
            ran.put_nowait("command")

        @app.event("app_mention")
        async def mention() -> None:
            ran.put_nowait("event")

        command, event = _command(), _event()
        for request in (command, command, event, event):
            copy = AsyncBoltRequest(body=request.raw_body, headers=request.headers)
            assert (await _answer(app, copy)).status == 200
        seen = [await asyncio.wait_for(ran.get(), 5) for _ in range(4)]
    assert sorted(seen) == ["command", "command", "event", "event"]


async def test_any_member_of_any_organisation_may_press() -> None:
    """Bolt runs an action for a user of another team without a question."""
    ran: list[str] = []
    click = {
        "type": "block_actions",
        "user": {"id": "UX", "team_id": "TOTHER"},
        "team": {"id": "T1"},
        "container": {"type": "message"},
        "actions": [{"type": "button", "action_id": "order.cancel", "block_id": "b"}],
    }
    async with _slack() as door:
        app = _app(door)

        @app.action("order.cancel")
        async def cancel(ack: AsyncAck, body: Json) -> None:
            await ack()
            ran.append(body["user"]["team_id"])

        await _answer(app, _signed(urlencode({"payload": json.dumps(click)})))
    assert ran == ["TOTHER"]


async def test_a_handler_that_raises_sends_no_ack() -> None:
    """Bolt answers 500 (nothing at all in Socket Mode) when a listener raises before it acks."""
    async with _slack() as door:
        app = _app(door)

        @app.command("/order")
        async def order() -> None:
            raise RuntimeError("a bug")

        assert (await _answer(app, _command())).status == 500


async def test_a_missing_handler_sends_no_ack() -> None:
    """Bolt answers 404."""
    async with _slack() as door:
        answer = await _answer(_app(door), _command())
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "unhandled request"})


async def test_a_handler_that_never_acks_sends_no_ack() -> None:
    """After ack_timeout, 3 s unless shortened as here, Bolt answers 404, though the handler ran to its end."""
    ran: list[str] = []
    async with _slack() as door:
        app = _app(door)

        @app.command("/order")
        async def order() -> None:
            ran.append("to the end")

        (listener,) = app._async_listeners
        assert listener.ack_timeout == 3
        listener.ack_timeout = 0
        answer = await _answer(app, _command())
    assert (answer.status, ran) == (404, ["to the end"])


async def test_process_before_response_answers_after_the_handler() -> None:
    """The ack leaves when the listener is through: so our listeners only ack and start a task of their own."""
    order_of: list[str] = []
    async with _slack() as door:
        app = _app(door, process_before_response=True)

        @app.command("/order")
        async def order(ack: AsyncAck) -> None:
            await ack("hi")
            await asyncio.sleep(0)
            order_of.append("handler")

        answer = await _answer(app, _command())
        order_of.append("answer")
    assert (answer.status, answer.body, order_of) == (200, "hi", ["handler", "answer"])


async def test_without_it_the_ack_leaves_before_the_work_ends() -> None:
    """By default the work after ack goes on behind the answer."""
    done = asyncio.Event()
    finish = asyncio.Event()
    async with _slack() as door:
        app = _app(door)

        @app.command("/order")
        async def order(ack: AsyncAck) -> None:
            await ack()
            await finish.wait()
            done.set()

        assert (await _answer(app, _command())).status == 200
        assert not done.is_set()
        finish.set()
        await done.wait()


def test_an_app_starts_without_a_signing_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither App nor AsyncApp refuses to be built without one: we have to."""
    monkeypatch.delenv("SLACK_SIGNING_SECRET", raising=False)
    App(token="xoxb-x", token_verification_enabled=False)
    AsyncApp(token="xoxb-x")


async def test_a_bad_signature_is_401() -> None:
    """Another secret, an old stamp and no headers at all are refused."""
    async with _slack() as door:
        app = _app(door)
        old = _command()
        old.headers["x-slack-request-timestamp"] = ["1"]
        for request in (_signed(urlencode(COMMAND), secret="other"), old, AsyncBoltRequest(body="x=1", headers={})):
            answer = await _answer(app, request)
            assert (answer.status, json.loads(answer.body)) == (401, {"error": "invalid request"})


async def test_a_rejected_body_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """At INFO Bolt prints the body of a request with a bad signature: cap its logger and answer before it (A3)."""
    async with _slack() as door:
        app = _app(door)
        with caplog.at_level(logging.INFO, logger="slack_bolt"):
            await _answer(app, _signed(urlencode({**COMMAND, "text": "canary-body"}), secret="other"))
    assert "canary-body" in caplog.text


async def test_a_malformed_stamp_is_a_500() -> None:
    """A timestamp that is no number raises inside Bolt and becomes a 500: we look at the headers first (A2)."""
    async with _slack() as door:
        request = _command()
        request.headers["x-slack-request-timestamp"] = ["abc"]
        assert (await _answer(_app(door), request)).status == 500


async def test_ssl_check_is_answered_unsigned() -> None:
    """Bolt says 200 to `ssl_check=1` from anybody."""
    async with _slack() as door:
        assert (await _answer(_app(door), AsyncBoltRequest(body="ssl_check=1&token=x", headers={}))).status == 200


async def test_a_429_is_not_retried_unless_asked() -> None:
    """The plain client makes one request and raises; with the handler it makes two and succeeds."""
    async with _slack() as door:
        client = AsyncWebClient("xoxb-x", f"{door.url}/api/")
        door.limited = 1
        with pytest.raises(SlackApiError) as error:
            await client.chat_postMessage(channel="C1", text="x")
        assert (error.value.response.status_code, len(door.got)) == (429, 1)
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        door.limited = 1
        assert (await client.chat_postMessage(channel="C1", text="x"))["ok"]
        assert len(door.got) == 3


@pytest.mark.parametrize(("shared", "sessions"), [(False, 3), (True, 1)])
async def test_a_client_opens_a_session_for_each_call(
    shared: bool, sessions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three calls open three aiohttp sessions unless the client is given one."""
    opened: list[aiohttp.ClientSession] = []
    build = aiohttp.ClientSession.__init__

    def counted(self: aiohttp.ClientSession, *args: Any, **kwargs: Any) -> None:
        opened.append(self)
        build(self, *args, **kwargs)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", counted)
    async with _slack() as door, contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession()) if shared else None
        client = AsyncWebClient("xoxb-x", f"{door.url}/api/", session=session)
        for _ in range(3):
            await client.api_test()
    assert len(opened) == sessions


async def test_respond_posts_to_any_host() -> None:
    """Whatever address stands in the payload gets the text: stored addresses need a list of allowed hosts (A8)."""
    answered = asyncio.Event()
    async with _slack() as door:
        app = _app(door)

        @app.command("/order")
        async def order(ack: AsyncAck, respond: AsyncRespond) -> None:
            await ack()
            await respond("for somebody else")
            answered.set()

        body = urlencode({**COMMAND, "response_url": f"{door.url}/elsewhere"})
        await _answer(app, _signed(body))
        async with asyncio.timeout(5):
            await answered.wait()
    assert ("/elsewhere", '{"text": "for somebody else"}') in door.got


async def test_slack_sdk_at_debug_prints_texts(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG what is posted stands in the log, at INFO it does not: cap its loggers."""
    async with _slack() as door:
        client = AsyncWebClient("xoxb-x", f"{door.url}/api/")
        for level, printed in ((logging.INFO, False), (logging.DEBUG, True)):
            caplog.clear()
            with caplog.at_level(level, logger="slack_sdk"):
                await client.chat_postMessage(channel="C1", text="canary-text")
            assert ("canary-text" in caplog.text) is printed


@pytest.mark.parametrize("kind", ["data_table", "data_visualization"])
def test_slack_sdk_models_do_not_know_the_data_blocks(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Both kinds parse to nothing, with a warning: send dictionaries and check them with our own limits."""
    assert Block.parse({"type": kind}) is None
    assert "Unknown block detected" in caplog.text
    assert kind not in {getattr(block, "type", None) for block in vars(known).values()}


def test_slack_sdk_models_know_a_table() -> None:
    """The older table is known, so the line above is about two blocks only."""
    assert Block.parse({"type": "table", "rows": []}) is not None
