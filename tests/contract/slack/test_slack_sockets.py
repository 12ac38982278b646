"""Socket Mode as seen by a client that is not Bolt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from bolt_world import Json, bolt, button, client_of, listening
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from sandbox.slack.workspace import ADA, DM_ADA, ORDERS, Outcome, Workspace


@asynccontextmanager
async def _socket(ws: Workspace) -> AsyncIterator[ClientWebSocketResponse]:
    """One connection, its hello already read."""
    async with aiohttp.ClientSession() as session, session.ws_connect(await _address(ws)) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        yield socket


async def _address(ws: Workspace) -> str:
    async with client_of(ws) as client:
        return str((await client.apps_connections_open(app_token=ws.app_token))["url"])


async def _ack(socket: ClientWebSocketResponse, **payload: Any) -> Json:
    envelope: Json = await socket.receive_json()
    await socket.send_json({"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {}))
    return envelope


async def test_hello_has_slacks_shape() -> None:
    """Type, number of connections, debug and connection info (apis/slack.md §2.2)."""
    async with (
        listening() as ws,
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(ws)) as socket,
    ):
        hello = await socket.receive_json()
    debug = {"host": "applink-sandbox", "build_number": 10, "approximate_connection_time": 18060}
    assert hello == {
        "type": "hello",
        "num_connections": 1,
        "debug_info": debug,
        "connection_info": {"app_id": "A0SHIPCLK1"},
    }


async def test_a_ticket_opens_one_connection() -> None:
    """Used and guessed tickets are turned away."""
    async with listening() as ws, aiohttp.ClientSession() as session:
        address = await _address(ws)
        async with session.ws_connect(address) as socket:
            await socket.receive_json()
            for wrong in (address, f"{ws.base_url}/link/?ticket=guess", f"{ws.base_url}/link/"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                    await session.ws_connect(wrong)
                assert refusal.value.status == 408
        assert ws.sockets.connections <= 1


async def test_tickets_are_for_app_tokens_and_open_sockets() -> None:
    """A bot token, a manifest without Socket Mode and a switched-off one get no address."""
    async with listening() as ws, client_of(ws) as client:
        with pytest.raises(SlackApiError, match="not_allowed_token_type"):
            await client.apps_connections_open(app_token=ws.bot_token)
        ws.sockets.enabled = False
        with pytest.raises(SlackApiError, match="forbidden_team"):
            await client.apps_connections_open(app_token=ws.app_token)
    async with listening(socket_mode=False) as ws, client_of(ws) as client:
        with pytest.raises(SlackApiError, match="forbidden_team"):
            await client.apps_connections_open(app_token=ws.app_token)


async def test_the_envelope_of_each_kind() -> None:
    """Only events carry retries; commands and submissions accept a payload, clicks do not (§2.3)."""
    async with listening() as ws, _socket(ws) as socket:
        command = asyncio.create_task(ws.command(ADA, ORDERS, "/order 1"))
        envelope = await _ack(socket, text="hi")
        assert await command == Outcome(True, None, {"text": "hi"})
        payload = envelope.pop("payload")
        assert payload["command"] == "/order"
        assert len(envelope.pop("envelope_id")) == 36
        assert envelope == {"type": "slash_commands", "accepts_response_payload": True}
        shortcut = asyncio.create_task(ws.shortcut(ADA, "order.create"))
        envelope = await _ack(socket)
        assert await shortcut == Outcome(True)
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
        opening = asyncio.create_task(ws.open_home(ADA))
        envelope = await _ack(socket)
        assert await opening == Outcome(True)
        kinds = {key: envelope[key] for key in ("type", "accepts_response_payload", "retry_attempt", "retry_reason")}
        assert kinds == {
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": 0,
            "retry_reason": "",
        }


async def test_each_envelope_goes_to_exactly_one_connection() -> None:
    """Ten connections share twenty envelopes, and every one arrives once (apis/slack.md §9.6)."""
    got: list[tuple[int, str]] = []

    async def serve(index: int, socket: ClientWebSocketResponse) -> None:
        async for frame in socket:
            got.append((index, frame.json()["payload"]["text"]))
            await socket.send_json({"envelope_id": frame.json()["envelope_id"]})

    async with listening() as ws, AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(_socket(ws)) for _ in range(10)]
        tasks = [asyncio.create_task(serve(index, socket)) for index, socket in enumerate(sockets)]
        await asyncio.gather(*(ws.command(ADA, ORDERS, f"/order {n}") for n in range(20)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(int(text) for _, text in got) == list(range(20))
    assert {index for index, _ in got} == set(range(10))


async def test_an_eleventh_connection_is_sent_away() -> None:
    """It hears too_many_websockets and gets no envelope; the ten stay (apis/slack.md §2.6)."""
    async with listening() as ws, AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(_socket(ws))
        async with aiohttp.ClientSession() as session, session.ws_connect(await _address(ws)) as eleventh:
            farewell = await eleventh.receive_json()
            assert (await eleventh.receive()).type == WSMsgType.CLOSE
        assert farewell == {
            "type": "disconnect",
            "reason": "too_many_websockets",
            "debug_info": {"host": "applink-sandbox"},
        }
        assert ws.sockets.connections == 10


async def test_pings_are_echoed() -> None:
    """The pong carries the ping's own words, which slack-sdk reads the time from (apis/slack.md §2.8)."""
    async with (
        listening() as ws,
        aiohttp.ClientSession() as session,
        session.ws_connect(await _address(ws), autoping=False) as socket,
    ):
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:123.5")
        pong = await socket.receive()
    assert (pong.type, bytes(pong.data)) == (WSMsgType.PONG, b"sdk-ping-pong:123.5")


@pytest.mark.parametrize(("reason", "stays"), [("warning", 1), ("refresh_requested", 0), ("link_disabled", 0)])
async def test_disconnect_reasons(reason: str, stays: int) -> None:
    """A warning leaves the connection in use, the other reasons end it; link_disabled gives no new ticket (§2.7)."""
    async with listening() as ws, _socket(ws) as socket:
        telling = asyncio.create_task(ws.sockets.disconnect(reason))
        told = await socket.receive_json()
        assert (told["type"], told["reason"], ws.sockets.connections) == ("disconnect", reason, stays)
        assert ws.sockets.enabled is (reason != "link_disabled")
        if not stays:
            assert (await socket.receive()).type == WSMsgType.CLOSE
        await telling


async def test_a_connection_asked_to_refresh_gets_nothing_more() -> None:
    """Without another connection the command cannot be dispatched, though the old one is still open."""
    async with listening() as ws, _socket(ws) as socket:
        await ws.sockets.disconnect("refresh_requested", close=False)
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        assert (await ws.command(ADA, ORDERS, "/order 1")).error == "dispatch_failed"


async def test_bolt_comes_back_after_a_refresh() -> None:
    """slack-sdk's client opens a new connection and the next command arrives."""

    def wire(app: AsyncApp) -> None:
        @app.command("/order")
        async def order(ack: AsyncAck) -> None:
            await ack("back")

    async with bolt(wire) as ws:
        opened = len([call for call in ws.calls if call.method == "apps.connections.open"])
        await ws.sockets.disconnect("refresh_requested", close=False)
        await ws.until(lambda: len([c for c in ws.calls if c.method == "apps.connections.open"]) > opened)
        await ws.until(lambda: ws.sockets.connections == 1)
        assert (await ws.command(ADA, ORDERS, "/order 1")).payload == {"text": "back"}


async def test_an_event_without_ack_comes_again() -> None:
    """At once, after one and after five minutes, counted, in a new envelope with the same event_id (§2.9, §9.15)."""
    async with listening(ack_seconds=0.1) as ws, _socket(ws) as socket:
        opening = asyncio.create_task(ws.open_home(ADA))
        first, second = await socket.receive_json(), await socket.receive_json()
        assert (await opening).error == "operation_timeout"
        await ws.until(lambda: len(ws.delivered) == 2)
        ws.clock.advance(61)
        third = await socket.receive_json()
        ws.clock.advance(301)
        fourth = await _ack(socket)
        frames = [first, second, third, fourth]
        assert [(f["retry_attempt"], f["retry_reason"]) for f in frames] == [
            (0, ""),
            *[(n, "timeout") for n in (1, 2, 3)],
        ]
        assert len({f["payload"]["event_id"] for f in frames}) == 1
        assert len({f["envelope_id"] for f in frames}) == 4


async def test_an_acked_event_does_not_come_again() -> None:
    """One ack ends it, however far the clock moves; commands and clicks are never repeated."""
    async with listening() as ws, _socket(ws) as socket:
        await ws.post(ADA, DM_ADA, "hello")
        await _ack(socket)
        ws.ack_seconds = 0.1
        command = asyncio.create_task(ws.command(ADA, ORDERS, "/order"))
        await socket.receive_json()
        assert (await command).error == "operation_timeout"
        ws.clock.advance(1000)
        await ws.settled()
        assert [envelope.kind for envelope in ws.delivered] == ["events_api", "slash_commands"]


async def test_nonsense_and_late_acks_are_ignored() -> None:
    """Frames that are no ack, acks of unknown envelopes, and acks after the time change nothing."""
    async with listening(ack_seconds=0.1) as ws, _socket(ws) as socket:
        command = asyncio.create_task(ws.command(ADA, ORDERS, "/order"))
        envelope = await socket.receive_json()
        for frame in ("not json", "[]", "{}", '{"envelope_id": []}', '{"envelope_id": "other"}'):
            await socket.send_str(frame)
        assert (await command).error == "operation_timeout"
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "late"}})
        ws.ack_seconds = 5
        again = asyncio.create_task(ws.command(ADA, ORDERS, "/order"))
        await _ack(socket)
        assert await again == Outcome(True)
        assert [message.user for message in ws.visible(ADA, ORDERS)] == ["USLACKBOT"]


async def test_a_bots_own_words_come_back_as_events() -> None:
    """The app hears its own posts with its bot_id, and their changes and removals, as in Slack (§4)."""
    async with (
        listening(bot_events=frozenset({"message.channels"})) as ws,
        _socket(ws) as socket,
        client_of(ws) as client,
    ):
        posted = await client.chat_postMessage(channel=ORDERS, text="one", blocks=[button()])
        event = (await _ack(socket))["payload"]["event"]
        assert (event["type"], event["bot_id"], event["text"], event["channel_type"]) == (
            "message",
            "B0BOT00001",
            "one",
            "channel",
        )
        await client.chat_update(channel=ORDERS, ts=posted["ts"], text="two")
        event = (await _ack(socket))["payload"]["event"]
        assert (event["subtype"], event["message"]["text"], event["previous_message"]["text"]) == (
            "message_changed",
            "two",
            "one",
        )
        await client.chat_delete(channel=ORDERS, ts=posted["ts"])
        event = (await _ack(socket))["payload"]["event"]
        assert (event["subtype"], event["deleted_ts"], event["previous_message"]["text"]) == (
            "message_deleted",
            posted["ts"],
            "two",
        )
