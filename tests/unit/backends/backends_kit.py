"""What the tests of ``backends`` share: a server of raw bytes, a recorder of waits, and the set of declared texts."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import cast

import pytest

from backends.errors import BackendError
from backends.http import READ, BackendHttp, Call, Limits

URL = "http://quivo.test"
KEY, TOKEN, PASSWORD = "canary-key-5f1d", "canary-token-9b2e", "canary-password-77c3"
QUICK = Limits(read_total=2.0, write_total=1.0, attempt=0.9)
GET = Call("GET", "/orders/{id}", READ, {"id": 1001}, request_id="ref-1")

Reply = bytes | None  # None: say nothing and wait until the client goes away; empty: hang up


def kinds(root: type[BackendError] = BackendError) -> list[type[BackendError]]:
    """Every class of error of this room that a caller can meet, the root first."""
    children = (child for child in root.__subclasses__() if child.__module__ == "backends.errors")
    return [root, *(kind for child in children for kind in kinds(child))]


def declared() -> frozenset[str]:
    """Every text that an error about Quivo may show."""
    return frozenset(kind.text.format(name="Quivo") for kind in kinds())


def with_locals(error: BaseException) -> str:
    """The traceback as a tool shows it that prints every frame's variables, with all causes and contexts."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def http_answer(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """One whole HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Server:
    """A loopback server that answers with what it was given, and remembers what it was asked."""

    url: str
    seen: list[bytes] = field(default_factory=list)
    arriving: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    connections: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Replies) -> None:
        """Talk on one connection until either side ends it."""
        while True:
            asked = await _request(reader)
            self.seen.append(asked)
            self.arriving.put_nowait(asked)
            said = reply(asked)
            answer = await said if isawaitable(said) else said
            if answer is None:
                await reader.read()
                self.gone.set()
            if not answer:
                return
            writer.write(answer)
            await writer.drain()


Replies = Callable[[bytes], Reply | Awaitable[Reply]]


@asynccontextmanager
async def serving(reply: Replies) -> AsyncIterator[Server]:
    """Serve on a free port of 127.0.0.1, and at the end wait until every connection is closed."""
    server = Server("")
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        talks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await server.answer(reader, writer, reply)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        if talks:
            await asyncio.wait(talks, timeout=5)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


@asynccontextmanager
async def to(
    url: str, limits: Limits | None = None, clock: Callable[[], float] = time.time
) -> AsyncIterator[BackendHttp]:
    """A BackendHttp that is closed at the end."""
    http = BackendHttp("quivo", url, limits or Limits(), clock=clock)
    try:
        yield http
    finally:
        await http.close()


async def failure(http: BackendHttp, call: Call = GET) -> BackendError:
    """The error that a call ends with."""
    with pytest.raises(BackendError) as caught:
        await http.ask(call)
    return caught.value


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record what would have been slept from now on, and let nobody sleep."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float, result: object = None) -> None:
        if seconds > 0:
            slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", at_once)
    return slept
