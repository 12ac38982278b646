"""Socket Mode: tickets, up to ten connections, one envelope to exactly one of them (`apis/slack.md` §2)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.state import APP_ID, Json

MOST_CONNECTIONS = 10
_HOST = "applink-sandbox"
_TURNED_AWAY = {"refresh_requested", "link_disabled"}


class Sockets:
    """The app's open connections and the envelopes that wait for their ack."""

    def __init__(self) -> None:
        self.enabled = True
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = 0

    @property
    def connections(self) -> int:
        """How many connections are open and take envelopes."""
        return len(self._open)

    def ticket(self) -> str:
        """A ticket that opens one connection, once."""
        ticket = str(uuid.uuid4())
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection from its ticket to its end; 408 without a good ticket, an eleventh is sent away at once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=408, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        if self.connections >= MOST_CONNECTIONS:
            await socket.send_json(self._farewell("too_many_websockets"))
            await socket.close()
            return socket
        await self._serve(socket)
        return socket

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        self._open.append(socket)
        try:
            await socket.send_json(self._hello())
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._acked(frame.data)
        finally:
            self._forget(socket)

    def _hello(self) -> Json:
        debug = {"host": _HOST, "build_number": 10, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": self.connections,
            "debug_info": debug,
            "connection_info": {"app_id": APP_ID},
        }

    def _farewell(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}

    def _acked(self, frame: str) -> None:
        with contextlib.suppress(json.JSONDecodeError, KeyError, TypeError, AttributeError):
            ack = json.loads(frame)
            waiting = self._waiting.get(ack["envelope_id"])
            if waiting and not waiting.done():
                waiting.set_result(ack.get("payload") or None)  # bolt-js says {} for nothing

    async def deliver(self, envelope: Envelope, seconds: float) -> Answer:
        """To one connection, in turn; `dispatch_failed` if there is none, `operation_timeout` without a timely ack."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = waiting
        try:
            if not await self._send(_frame(envelope)):
                return Answer(error="dispatch_failed", reason="connection_failed")
            async with asyncio.timeout(seconds):
                return Answer(await waiting)
        except TimeoutError:
            return Answer(error="operation_timeout", reason="timeout")
        finally:
            del self._waiting[envelope.id]

    async def _send(self, frame: Json) -> bool:
        while self._open:
            self._turn += 1
            socket = self._open[self._turn % len(self._open)]
            try:
                await socket.send_json(frame)
            except ConnectionError:
                self._forget(socket)
            else:
                return True
        return False

    async def disconnect(self, reason: str, *, close: bool = True) -> None:
        """Tells every connection to go; only `warning` keeps it in use, `close` hangs up too.

        After `link_disabled` no ticket is given out until `enabled` is set again.
        """
        self.enabled = self.enabled and reason != "link_disabled"
        for socket in list(self._open):
            if reason in _TURNED_AWAY:
                self._forget(socket)
            with contextlib.suppress(ConnectionError):
                await socket.send_json(self._farewell(reason))
            if close and reason != "warning":
                await socket.close()

    async def close(self) -> None:
        """Hangs up on everybody without a word."""
        for socket in list(self._open):
            await socket.close()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)


def _frame(envelope: Envelope) -> Json:
    frame: Json = {
        "envelope_id": envelope.id,
        "payload": envelope.payload,
        "type": envelope.kind,
        "accepts_response_payload": envelope.accepts_response,
    }
    if envelope.kind == "events_api":
        frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
    return frame
