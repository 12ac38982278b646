"""Slack and Quivo for ``bench/crowd.py``: cheap answers, Slack's limits scaled down, and a count of what was posted.

``python -m bench.crowd_peer '{"chat.postMessage": [40, 1], "users.info": [100, 60]}'``: so many calls of a method in so
many seconds, all of them at once if need be; more are answered 429 with Retry-After, in whole seconds as Slack does.
``/stats`` tells what was counted.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from bench.peer import ANSWERS, CHANNEL, USER

CHANNELS = 10_000
MORE = {"/orders": [], "/sellers": [{"id": 12, "name": "Bench"}]}


class Bucket:
    """So many calls in so many seconds."""

    def __init__(self, calls: float, seconds: float) -> None:
        self._rate, self._burst = calls / seconds, calls
        self._left, self._at = self._burst, time.monotonic()

    def take(self) -> int:
        """Seconds to wait; 0: it may be done now."""
        now = time.monotonic()
        self._left, self._at = min(self._burst, self._left + (now - self._at) * self._rate), now
        if self._left >= 1:
            self._left -= 1
            return 0
        return max(1, math.ceil((1 - self._left) / self._rate))


class Counts:
    """What was asked for: calls and refusals by method, and the messages by their keys and times."""

    def __init__(self, limits: dict[str, tuple[float, float]]) -> None:
        self.buckets = {method: Bucket(*limit) for method, limit in limits.items()}
        self.calls, self.refused = Counter[str](), Counter[str]()
        self.keys, self.channels = Counter[str](), dict[str, float]()
        self.known = set[str]()
        self.too_soon, self.blind, self.first, self.last = 0, 0, 0.0, 0.0

    def post(self, body: bytes) -> None:
        """One message; a digest in a channel that had another one less than a second ago comes too soon."""
        said, now = json.loads(body), time.time()
        if said.get("metadata"):
            self.too_soon += now - self.channels.get(said["channel"], 0.0) < 0.95
            self.channels[said["channel"]] = now
            self.blind += said["channel"] not in self.known
            self.keys[said["metadata"]["event_payload"]["key"]] += 1
            self.first, self.last = self.first or now, now

    def told(self) -> dict[str, object]:
        """All of it, as JSON."""
        twice = sum(times - 1 for times in self.keys.values())
        counted = {"calls": self.calls, "refused": self.refused, "keys": len(self.keys), "twice": twice}
        return {**counted, "too_soon": self.too_soon, "blind": self.blind, "first": self.first, "last": self.last}

    def answer(self, target: str, body: bytes) -> tuple[int, object, int]:
        """Status, body, and Retry-After if it is a 429."""
        path = urlsplit(target).path
        if path == "/stats":
            return 200, self.told(), 0
        method = path.removeprefix("/api/")
        self.calls[method] += 1
        wait = self.buckets[method].take() if method in self.buckets else 0
        if wait:
            self.refused[method] += 1
            return 429, {"ok": False, "error": "ratelimited"}, wait
        return 200, self._said(method, path, target, body), 0

    def _said(self, method: str, path: str, target: str, body: bytes) -> object:
        asked = parse_qs(urlsplit(target).query)
        match method:
            case "chat.postMessage":
                self.post(body)
            case "users.info":
                return {"ok": True, "user": {**USER, "id": asked["user"][0]}}
            case "conversations.info":
                self.known.add(asked["channel"][0])
                return {"ok": True, "channel": {**CHANNEL, "id": asked["channel"][0], "is_member": True}}
            case "users.conversations":
                return self._joined(int(asked.get("cursor", ["0"])[0]), int(asked["limit"][0]))
            case "conversations.history":
                return {"ok": True, "messages": []}
        return MORE[path] if path in MORE else ANSWERS.get(path, {"ok": True})

    def _joined(self, first: int, limit: int) -> object:
        """One page of all the channels; the cursor is the number of the next one."""
        names = [f"C{number:06}" for number in range(first, min(first + limit, CHANNELS))]
        self.known.update(names)
        following = str(first + limit) if first + limit < CHANNELS else ""
        channels = [{**CHANNEL, "id": name} for name in names]
        return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": following}}


class Peer(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as httpx and aiohttp need it."""

    def __init__(self, counts: Counts) -> None:
        self._counts, self._seen = counts, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            head = self._seen[:end].decode("latin-1")
            lengths = [line[15:] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
            stop = end + 4 + int(lengths[0] if lengths else 0)
            if len(self._seen) < stop:
                return
            body, self._seen = self._seen[end + 4 : stop], self._seen[stop:]
            self._transport.write(_response(*self._counts.answer(head.split(" ", 2)[1], body)))


def _response(status: int, body: object, retry_after: int) -> bytes:
    raw, more = json.dumps(body).encode(), f"Retry-After: {retry_after}\r\n" if retry_after else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


async def main() -> None:
    """Serve until the parent goes away; the port is the first line."""
    counts = Counts(json.loads(sys.argv[1]))
    server = await asyncio.get_running_loop().create_server(lambda: Peer(counts), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
