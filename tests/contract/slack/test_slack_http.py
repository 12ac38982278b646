"""Signed HTTP delivery to a real Bolt app, and to doors that behave badly."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from bolt_world import Json, bolt_http, button, listening, modal, option
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.signature import SignatureVerifier

from sandbox.serving import serve
from sandbox.slack.delivery import Envelope
from sandbox.slack.http_out import HttpOut, body_of, signature
from sandbox.slack.workspace import ADA, BOT_USER, DM_ADA, ORDERS, Outcome, Workspace


def _wire(app: AsyncApp) -> None:
    @app.command("/order")
    async def order(ack: AsyncAck, body: Json) -> None:
        if body["text"] == "blocks":
            await ack(text="with", blocks=[button()])
        elif body["text"] != "never":
            await ack(body["text"])

    @app.view("m")
    async def submitted(ack: AsyncAck) -> None:
        await ack(response_action="errors", errors={"name": "no"})

    @app.options("ask")
    async def ask(ack: AsyncAck) -> None:
        await ack(options=[option("one")])

    @app.action("order.show")
    async def shown(ack: AsyncAck) -> None:
        await ack()

    @app.event("app_home_opened")
    async def opened() -> None:
        return None


async def test_a_command_over_http() -> None:
    """Empty, plain text and JSON bodies of a 200 mean the same as in Socket Mode (apis/slack.md §3, §9.3)."""
    async with bolt_http(_wire) as (ws, seen):
        assert await ws.command(ADA, ORDERS, "/order") == Outcome(True)
        assert await ws.command(ADA, ORDERS, "/order hi & <you>") == Outcome(True, None, "hi & <you>")
        await ws.command(ADA, ORDERS, "/order blocks")
        shown = [(message.user, message.text, message.ephemeral_to) for message in ws.visible(ADA, ORDERS)]
        assert shown == [(BOT_USER, "hi & <you>", ADA), (BOT_USER, "with", ADA)]
        assert {headers["content-type"] for headers in seen} == {"application/x-www-form-urlencoded"}


async def test_interactions_over_http() -> None:
    """Clicks, submissions, suggestions and events all arrive, signed."""
    async with bolt_http(_wire) as (ws, seen):
        view = ws.screens.open(ADA, modal(button()))
        assert await ws.act_in_view(ADA, view.id, "order.show") == Outcome(True)
        view = ws.screens.open(ADA, modal())
        await ws.submit(ADA, view.id, {"name": "x"})
        assert view.errors == {"name": "no"}
        asks = {"type": "input", "block_id": "asks", "label": {"type": "plain_text", "text": "L"}}
        view = ws.screens.open(ADA, modal(asks | {"element": {"type": "external_select", "action_id": "ask"}}))
        assert await ws.suggest(ADA, view.id, "asks", "ask", "one") == [option("one")]
        assert await ws.open_home(ADA) == Outcome(True)
        assert seen[-1]["content-type"] == "application/json"
        assert all("x-slack-retry-num" not in headers for headers in seen)


async def test_a_handler_without_ack_is_a_timeout() -> None:
    """Slack does not wait longer than the limit, whatever Bolt answers later."""
    async with bolt_http(_wire, ack_seconds=0.2) as (ws, _):
        assert (await ws.command(ADA, ORDERS, "/order never")).error == "operation_timeout"


async def test_a_missing_handler_is_a_failed_dispatch() -> None:
    """Bolt's 404 is not an ack."""
    async with bolt_http(lambda app: None) as (ws, _):
        assert (await ws.command(ADA, ORDERS, "/order")).error == "dispatch_failed"


async def test_a_wrong_secret_is_refused_by_the_app() -> None:
    """Signatures are real: with another secret Bolt answers 401."""
    async with bolt_http(_wire) as (ws, _):
        assert isinstance(ws.transport, HttpOut)
        ws.transport = HttpOut(ws.transport.request_url, "0" * 32)
        assert (await ws.command(ADA, ORDERS, "/order")).error == "dispatch_failed"


async def test_an_address_is_verified_by_its_challenge() -> None:
    """Bolt answers url_verification; a door that only says ok does not."""
    async with bolt_http(_wire) as (ws, _):
        assert isinstance(ws.transport, HttpOut)
        assert await ws.transport.verify(1.0)
    async with _door([(200, {}, "ok")]) as (ws, _, __):
        assert isinstance(ws.transport, HttpOut)
        assert not await ws.transport.verify(1.0)


class _door:
    """A request URL that gives these (status, headers, body) in turn, the last one for ever."""

    def __init__(self, answers: list[tuple[int, dict[str, str], str]], **changes: Any) -> None:
        self._answers, self._changes = answers, changes

    async def __aenter__(self) -> tuple[Workspace, list[dict[str, str]], list[bytes]]:
        seen: list[dict[str, str]] = []
        bodies: list[bytes] = []

        async def handle(request: web.Request) -> web.Response:
            seen.append(dict(request.headers))
            bodies.append(await request.read())
            status, headers, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            return web.Response(status=status, headers=headers, text=body)

        app = web.Application()
        app.router.add_route("*", "/", handle)
        self._served = await serve(app)
        self._listening = listening(**self._changes)
        workspace = await self._listening.__aenter__()
        workspace.use_http(f"{self._served.url}/")
        return workspace, seen, bodies

    async def __aexit__(self, *error: object) -> None:
        await self._listening.__aexit__(None, None, None)
        await self._served.close()


async def test_the_signature_is_slacks() -> None:
    """slack-sdk's verifier accepts timestamp, body and signature as they arrive, and no other body."""
    async with _door([(200, {}, "")]) as (ws, seen, bodies):
        await ws.command(ADA, ORDERS, "/order ü")
        verifier = SignatureVerifier(ws.signing_secret)
        assert verifier.is_valid_request(bodies[0], seen[0])
        assert not verifier.is_valid_request(bodies[0] + b"x", seen[0])


def test_bodies_by_kind() -> None:
    """Events are JSON, commands flat form fields, interactions one field `payload`; the signature is v0."""
    assert body_of(Envelope("events_api", {"a": 1})) == ("application/json", b'{"a": 1}')
    assert body_of(Envelope("slash_commands", {"text": "a b&c"}))[1] == b"text=a+b%26c"
    assert body_of(Envelope("interactive", {"a": 1}))[1] == b"payload=%7B%22a%22%3A+1%7D"
    assert signature("s", "1", b"x") == "v0=a665c97a02f3cd4004634f2d4dd3fe0d7e202001d77e68ee2be92423b8d2ea10"


async def test_a_failing_door_gets_the_event_three_times_more() -> None:
    """Retries carry number and reason, and stop at the first 2xx (apis/slack.md §3)."""
    async with _door([(500, {}, ""), (302, {"Location": "/"}, ""), (204, {}, "")]) as (ws, seen, _):
        assert (await ws.open_home(ADA)).error == "dispatch_failed"
        await ws.until(lambda: len(ws.delivered) == 2)
        await ws.settled()
        ws.clock.advance(61)
        await ws.until(lambda: len(ws.delivered) == 3)
        await ws.until(lambda: len(seen) == 3)
        retries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h in seen]
        assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]


async def test_no_retry_is_obeyed() -> None:
    """`X-Slack-No-Retry: 1` on a refusal ends it."""
    async with _door([(500, {"X-Slack-No-Retry": "1"}, "")]) as (ws, seen, _):
        await ws.post(ADA, DM_ADA, "hello")
        await ws.until(lambda: len(seen) == 1)
        ws.clock.advance(400)
        await ws.settled()
        assert len(seen) == 1


async def test_a_closed_door_is_a_failed_dispatch() -> None:
    """Nobody listening is said as dispatch_failed, at once."""
    async with listening() as ws:
        ws.use_http("http://127.0.0.1:1/slack/events")
        assert (await ws.command(ADA, ORDERS, "/order")).error == "dispatch_failed"
        ws.use_sockets()
        assert ws.transport is ws.sockets


@pytest.mark.parametrize(
    ("kind", "text", "body"),
    [("application/json", '{"text": "hi"}', {"text": "hi"}), ("application/json", "{", "{"), ("text/plain", "", None)],
)
async def test_how_a_body_is_read(kind: str, text: str, body: Any) -> None:
    """JSON by its content type, anything else as text, nothing as no body."""
    async with _door([(200, {"Content-Type": kind}, text)]) as (ws, _, __):
        assert (await ws.command(ADA, ORDERS, "/order")).payload == body
