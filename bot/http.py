"""HTTP mode: Slack's signed requests, checked before anything else is done with them (apis/slack.md §3)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.signatures import genuine
from bot.webhook import MOST_BODY_BYTES as MOST_HINT_BYTES
from bot.webhook import Webhook

log = structlog.get_logger("shipclerk.http")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MOST_BODY_BYTES = 1_000_000


class HttpApp:
    """The ASGI application: ``POST /slack/events`` for Slack, ``GET /health`` for whoever watches the process.

    Where there is a webhook, Quivo posts to its secret path; the rest is 404.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        signing_secret: str,
        now: Callable[[], float] = time.time,
        *,
        webhook: Webhook | None = None,
    ) -> None:
        self._bolt = bolt
        self._webhook = webhook
        self._secret = signing_secret
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is not Slack's gets 401 and one line in the log, without its body (A2, A3)."""
        if scope["type"] != "http":
            return
        if (scope["method"], scope["path"]) == ("GET", "/health"):
            await _answer(send, 200, b"ok")
        elif (scope["method"], scope["path"]) == ("POST", "/slack/events"):
            await self._slack(scope, receive, send)
        elif self._webhook and scope["method"] == "POST" and self._webhook.is_at(scope["path"]):
            await _answer(send, await self._webhook.take(await _body(receive, MOST_HINT_BYTES)), b"")
        else:
            await _answer(send, 404, b"")

    async def _slack(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        request = None if body is None or not self._genuine(scope, body) else _request(scope, body)
        if request is None:
            log.warning("not from Slack", length=-1 if body is None else len(body))
            await _answer(send, 401, b"")
            return
        answer = await self._bolt.async_dispatch(request)
        kind = answer.headers.get("content-type", ["text/plain;charset=utf-8"])[0]
        await _answer(send, answer.status, (answer.body or "").encode(), kind)

    def _genuine(self, scope: Scope, body: bytes) -> bool:
        return genuine(self._secret, scope["headers"], body, self._now())


async def _body(receive: Receive, most: int = MOST_BODY_BYTES) -> bytes | None:
    """The whole body, or None if it is larger than any that Slack (or Quivo) sends."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > most:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: Scope, body: bytes) -> AsyncBoltRequest | None:
    """What Bolt is to handle, or None for a body that Bolt cannot read: not UTF-8, no JSON, no JSON object."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        return AsyncBoltRequest(body=body.decode(), headers=headers)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


async def _answer(send: Send, status: int, body: bytes, kind: str = "text/plain;charset=utf-8") -> None:
    headers = [(b"content-type", kind.encode("latin-1")), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _listener(host: str, port: int) -> socket.socket:
    """A bound socket that says it is TCP: asyncio turns Nagle's delay of 44 ms off for no other (DESIGN.md §5)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers (the process stops in ``bot.process``), saying when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class HttpFront:
    """Listens for Slack's requests; ``port`` is the real one after ``start``."""

    def __init__(self, app: HttpApp, host: str, port: int) -> None:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        self._server = _Server(config)
        self._host, self.port = host, port
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bind and serve."""
        listener = _listener(self._host, self.port)
        self.port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.listening.wait()

    async def trouble(self) -> str:
        """What is wrong with the listener, in a few words; empty if it takes requests."""
        listening = self._serving is not None and not self._serving.done() and not self._server.should_exit
        return "" if listening else "not listening"

    async def stop(self) -> None:
        """Take no more requests, and finish those that are being answered."""
        self._server.should_exit = True
        if self._serving:
            await self._serving
