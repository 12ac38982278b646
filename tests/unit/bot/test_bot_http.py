"""HTTP mode over a real socket: what is not Slack's gets 401, runs nothing and leaves one line (A2, A3)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import aiohttp
import pytest
from fakes import slack_server
from slack_sdk.web.async_client import AsyncWebClient

from bot.bootstrap import bolt_app
from bot.door import Acknowledge, Door
from bot.http import MOST_BODY_BYTES, HttpApp, HttpFront
from bot.settings import Settings

SECRET = "canary-signing-secret"
CANARY = "canary-body-7731"
COMMAND = urlencode(
    {"command": "/order", "text": CANARY, "trigger_id": "1.2", "team_id": "T0HOME0001", "user_id": "U0ADA00001",
     "channel_id": "C0ORDERS01"}
).encode()  # fmt: skip
FORM = b"application/x-www-form-urlencoded"
Headers = list[tuple[bytes, bytes]]


@dataclass
class CountingDoor:
    """Counts what came in, and acknowledges it."""

    bodies: list[Mapping[str, Any]] = field(default_factory=list)

    async def receive(self, body: Mapping[str, Any], ack: Acknowledge) -> None:
        self.bodies.append(body)
        await ack()


@dataclass
class Front:
    """A bot that listens for Slack's requests, and the door behind it."""

    port: int
    door: CountingDoor
    http: HttpFront

    async def ask(self, headers: Headers, body: bytes, start: bytes = b"POST /slack/events") -> tuple[int, bytes]:
        """Send one request as raw bytes; its status and body."""
        sent = [(b"Host", b"127.0.0.1"), (b"Connection", b"close"), (b"Content-Length", b"%d" % len(body)), *headers]
        head = b"\r\n".join([start + b" HTTP/1.1", *(name + b": " + value for name, value in sent), b"", b""])
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        before, _, after = answer.partition(b"\r\n\r\n")
        return int(before.split()[1]), after


@asynccontextmanager
async def listening() -> AsyncIterator[Front]:
    settings = Settings.model_construct(slack_signing_secret=Settings(SLACK_SIGNING_SECRET=SECRET).slack_signing_secret)
    told = {"auth__test": {"team_id": "T0HOME0001", "user_id": "U0BOT00001", "bot_id": "B0BOT00001"}}
    async with slack_server(**told) as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-1", base_url=f"{slack.url}/api/", session=session)
        door = CountingDoor()
        front = HttpFront(HttpApp(bolt_app(settings, client, cast("Door", door)), SECRET), "127.0.0.1", 0)
        await front.start()
        try:
            yield Front(front.port, door, front)
        finally:
            await front.stop()


def sign(body: bytes, stamp: bytes | None = None, secret: str = SECRET) -> tuple[bytes, bytes]:
    stamp = str(int(time.time())).encode() if stamp is None else stamp
    return stamp, b"v0=" + hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest().encode()


def signed(body: bytes = COMMAND, stamp: bytes | None = None, secret: str = SECRET, kind: bytes = FORM) -> Headers:
    stamp, signature = sign(body, stamp, secret)
    return [(b"Content-Type", kind), (b"X-Slack-Request-Timestamp", stamp), (b"X-Slack-Signature", signature)]


def with_signature(signature: bytes) -> Headers:
    return [*signed()[:2], (b"X-Slack-Signature", signature)]


def later(seconds: int) -> bytes:
    return str(int(time.time()) + seconds).encode()


def good() -> bytes:
    return sign(COMMAND)[1]


Case = Callable[[], tuple[Headers, bytes]]
CASES: dict[str, Case] = {
    "no headers at all": lambda: ([], COMMAND),
    "no signature": lambda: (signed()[:2], COMMAND),
    "no timestamp": lambda: ([signed()[0], signed()[2]], COMMAND),
    "empty signature": lambda: (with_signature(b""), COMMAND),
    "another secret": lambda: (signed(secret="another-secret-here"), COMMAND),
    "empty secret": lambda: (signed(secret=""), COMMAND),
    "signature abc": lambda: (with_signature(b"abc"), COMMAND),
    "signature without v0": lambda: (with_signature(good()[3:]), COMMAND),
    "signature v1": lambda: (with_signature(b"v1" + good()[2:]), COMMAND),
    "signature V0": lambda: (with_signature(b"V0" + good()[2:]), COMMAND),
    "signature upper case": lambda: (with_signature(b"v0=" + good()[3:].upper().replace(b"0", b"A")), COMMAND),
    "signature short": lambda: (with_signature(good()[:-1]), COMMAND),
    "signature long": lambda: (with_signature(good() + b"0"), COMMAND),
    "signature zeros": lambda: (with_signature(b"v0=" + b"0" * 64), COMMAND),
    "signature latin-1": lambda: (with_signature("v0=ä".encode("latin-1") * 8), COMMAND),
    "signature utf-8": lambda: (with_signature("v0=🔑".encode() * 4), COMMAND),
    "signature arabic digits": lambda: (with_signature(b"v0=" + "٣".encode() * 64), COMMAND),
    "signature in quotes": lambda: (with_signature(b'"' + good() + b'"'), COMMAND),
    "two signatures in one": lambda: (with_signature(good() + b", " + good()), COMMAND),
    "very long signature": lambda: (with_signature(b"v0=" + b"a" * 8000), COMMAND),
    "signature twice": lambda: ([*signed(), signed()[2]], COMMAND),
    "another signature first": lambda: ([(b"X-Slack-Signature", b"v0=" + b"0" * 64), *signed()], COMMAND),
    "timestamp twice": lambda: ([*signed(), signed()[1]], COMMAND),
    "another timestamp first": lambda: ([(b"X-Slack-Request-Timestamp", b"1"), *signed()], COMMAND),
    "timestamp empty": lambda: (signed(stamp=b""), COMMAND),
    "timestamp abc": lambda: (signed(stamp=b"abc"), COMMAND),
    "timestamp 1e3": lambda: (signed(stamp=b"1e3"), COMMAND),
    "timestamp 1e9": lambda: (signed(stamp=b"1.795e9"), COMMAND),
    "timestamp float": lambda: (signed(stamp=later(0) + b".5"), COMMAND),
    "timestamp signed": lambda: (signed(stamp=b"+" + later(0)), COMMAND),
    "timestamp negative": lambda: (signed(stamp=b"-1"), COMMAND),
    "timestamp zero": lambda: (signed(stamp=b"0"), COMMAND),
    "timestamp hex": lambda: (signed(stamp=b"0x6b02"), COMMAND),
    "timestamp nan": lambda: (signed(stamp=b"nan"), COMMAND),
    "timestamp inf": lambda: (signed(stamp=b"inf"), COMMAND),
    "timestamp underscores": lambda: (signed(stamp=b"1_795_356_300"), COMMAND),
    "timestamp huge": lambda: (signed(stamp=b"9" * 400), COMMAND),
    "timestamp latin-1": lambda: (signed(stamp="²".encode("latin-1")), COMMAND),
    "timestamp arabic digits": lambda: (signed(stamp="١٧٩٥٣٥٦٣٠٠".encode()), COMMAND),
    "301 s late": lambda: (signed(stamp=later(-302)), COMMAND),
    "301 s early": lambda: (signed(stamp=later(302)), COMMAND),
    "a day late": lambda: (signed(stamp=later(-86_400)), COMMAND),
    "milliseconds": lambda: (signed(stamp=later(0) + b"000"), COMMAND),
    "body empty": lambda: (signed(), b""),
    "body changed": lambda: (signed(), COMMAND.replace(b"order", b"ordre")),
    "body longer": lambda: (signed(), COMMAND + b"&"),
    "body cut": lambda: (signed(), COMMAND[:-1]),
    "body of another": lambda: (signed(b"x=1"), COMMAND),
    "body not UTF-8": lambda: (signed(b"text=\xff\xfe"), b"text=\xff\xfe"),
    "payload no JSON": lambda: (signed(b"payload=%7Bnope"), b"payload=%7Bnope"),
    "payload a list": lambda: (signed(b"payload=[1]"), b"payload=[1]"),
    "JSON cut": lambda: (signed(b'{"a":', kind=b"application/json"), b'{"a":'),
    "JSON a list": lambda: (signed(b"[1]", kind=b"application/json"), b"[1]"),
    "JSON too deep": lambda: (signed(b"[" * 90_000, kind=b"application/json"), b"[" * 90_000),
    "body too large": lambda: (signed(b"a" * (MOST_BODY_BYTES + 1)), b"a" * (MOST_BODY_BYTES + 1)),
    "lazy without signature": lambda: ([(b"X-Slack-Bolt-Lazy-Only", b"1")], COMMAND),
    "ssl check without signature": lambda: ([], b"ssl_check=1&token=x"),
    "url verification without signature": lambda: ([], b'{"type":"url_verification","challenge":"c"}'),
}  # fmt: skip


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_the_corpus_is_large_enough() -> None:
    """A2: there are at least forty malformed requests."""
    assert len(CASES) >= 40


async def test_malformed_requests_are_401_and_leave_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A2 and A3: every malformed request is 401, runs no handler and leaves one line without a byte of its body."""
    async with listening() as front:
        capsys.readouterr()
        for name, case in CASES.items():
            assert (name, await front.ask(*case())) == (name, (401, b""))
            said = capsys.readouterr()
            assert [(name, line["event"]) for line in lines(said.err)] == [(name, "not from Slack")]
            assert "canary" not in said.err + said.out
        assert front.door.bodies == []


@pytest.mark.parametrize("skew", [0, -290, 290])
async def test_a_signed_request_runs_once(skew: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A request of Slack's, up to five minutes early or late, reaches the door once, and is not logged."""
    async with listening() as front:
        capsys.readouterr()
        assert await front.ask(signed(stamp=later(skew)), COMMAND) == (200, b"")
        assert [body["text"] for body in front.door.bodies] == [CANARY]
    assert CANARY not in "".join(capsys.readouterr())


async def test_every_kind_of_payload_reaches_the_door() -> None:
    """Commands, clicks, submitted forms and events all come to the one door."""
    team = {"team": {"id": "T0HOME0001"}, "user": {"id": "U1"}}
    click = {"type": "block_actions", **team, "actions": [{"action_id": "a", "block_id": "b", "type": "button"}]}
    form = {"type": "view_submission", **team, "view": {"type": "modal", "callback_id": "c", "id": "V1"}}
    event = {"type": "event_callback", "team_id": "T0HOME0001", "event": {"type": "app_home_opened", "user": "U1"}}
    async with listening() as front:
        for payload in (click, form):
            body = urlencode({"payload": json.dumps(payload)}).encode()
            assert (await front.ask(signed(body), body))[0] == 200
        body = json.dumps(event).encode()
        assert (await front.ask(signed(body, kind=b"application/json"), body))[0] == 200
        assert [body["type"] for body in front.door.bodies] == ["block_actions", "view_submission", "event_callback"]


async def test_slacks_url_verification_is_answered() -> None:
    """Slack's check of the address is answered with its challenge once it is signed, and does not reach the door."""
    body = b'{"type":"url_verification","challenge":"c-42"}'
    async with listening() as front:
        status, answer = await front.ask(signed(body, kind=b"application/json"), body)
        assert (status, json.loads(answer), front.door.bodies) == (200, {"challenge": "c-42"}, [])


@pytest.mark.parametrize(
    "start",
    [b"GET /slack/events", b"POST /", b"POST /slack/events/", b"POST /slack/other", b"POST /health", b"GET /admin"],
)
async def test_unknown_paths_are_404_and_run_nothing(start: bytes) -> None:
    """Any other path or method is 404, also with a good signature, and reaches no handler."""
    async with listening() as front:
        assert await front.ask(signed(), COMMAND, start) == (404, b"")
        assert front.door.bodies == []


async def test_health_says_ok_and_no_more() -> None:
    """Whoever watches the process gets ok, without a signature and without a word about the bot."""
    async with listening() as front:
        assert await front.ask([], b"", b"GET /health") == (200, b"ok")


async def test_the_socket_is_one_that_asyncio_hurries() -> None:
    """The listening socket says TCP, because asyncio leaves Nagle's delay of 44 ms on for one that does not."""
    async with listening() as front:
        (server,) = front.http._server.servers
        assert [listener.proto for listener in server.sockets] == [socket.IPPROTO_TCP]


async def test_after_stop_nobody_is_let_in() -> None:
    """After stop the port is closed."""
    async with listening() as front:
        await front.ask([], b"", b"GET /health")
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection("127.0.0.1", front.port)


async def test_a_port_that_is_taken_is_an_error() -> None:
    """A front door whose port is taken refuses to start and leaves no socket open."""
    async with listening() as front:
        other = HttpFront(HttpApp(cast("Any", None), SECRET), "127.0.0.1", front.port)
        with pytest.raises(OSError, match="in use"):
            await other.start()
