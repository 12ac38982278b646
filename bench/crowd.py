"""``python -m bench.crowd``: 10,000 digests due in one minute over 10,000 channels, while somebody types (CHECKS F5).

The bot is a process of its own in HTTP mode. Slack lets 40 messages a second through (the real one takes several
hundred a minute), so that it all fits a test machine, and as many questions about channels and people as the real one:
50 and 100 a minute (apis/slack.md §1); the rest is as in production.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from backends.http import BackendHttp
from backends.quivo.auth import Credentials
from backends.quivo.client import QuivoClient
from bench.figures import tell
from bench.rig import SECRET, Row, form, quantile, signed
from bench.start import _free_port, _resident_mb
from operations.accounts import Accounts, Actor
from operations.digest_facts import What
from operations.outcome import Done
from operations.schedule import EVERY_DAY
from store.audit import AuditLine
from store.digests import Digest
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.stores import Stores, open_stores

RESULTS, COMMAND = Path(__file__).with_name("crowd.json"), "python -m bench.crowd"
DIGESTS, OWNERS, TEAM = int(os.environ.get("CROWD_DIGESTS", "10000")), 100, "T1"
LIMITS: dict[str, tuple[float, float]] = {
    "chat.postMessage": (float(os.environ.get("CROWD_POSTS", "40")), 1),
    "conversations.info": (50, 60),
    "users.conversations": (50, 60),
    "users.info": (100, 60),
}
TYPED_EVERY, IDLE_SECONDS = 0.1, 60
LONGEST_SECONDS = 900.0


@dataclass
class Typing:
    """How long the bot took to acknowledge what was typed, in ms, while it was idle and while digests were due."""

    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


@contextmanager
def slack() -> Iterator[str]:
    """The address of a peer with these limits."""
    command = [sys.executable, "-m", "bench.crowd_peer", json.dumps(LIMITS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


@contextmanager
def bot(url: str, place: str, key: str, log: Path) -> Iterator[tuple[int, str]]:
    """``python -m bot run`` in HTTP mode: its process id, and where it listens."""
    port = _free_port()
    environment = {
        **os.environ,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{url}/api/",
        "SHIPCLERK_MODE": "http",
        "SHIPCLERK_HTTP_PORT": str(port),
        "SHIPCLERK_DATABASE": place,
        "SHIPCLERK_VAULT_KEYS": key,
        "SHIPCLERK_LOG_LEVEL": "WARNING",
        **{f"{back_end}_BASE_URL": url for back_end in ("QUIVO", "VENDO", "QPILOT")},
    }
    with log.open("wb") as file:
        command = [sys.executable, "-m", "bot", "run"]
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        try:
            yield process.pid, f"http://127.0.0.1:{port}/slack/events"
        finally:
            process.terminate()
            process.wait(60)


async def filled(stores: Stores, url: str, due: datetime) -> None:
    """Owners with their connections, one who types, and all the digests, due at this minute."""
    http = BackendHttp("quivo", url)
    accounts = Accounts(stores.vault, QuivoClient(http))
    for user in ("U1", *map(owner, range(OWNERS))):
        mine = Credentials("demo-key", user, "demo-pass")
        assert isinstance(await accounts.connect(Actor(TEAM, user), mine, keep_password=True), Done)
    await http.close()
    for first in range(0, DIGESTS, 500):
        await asyncio.gather(*(_add(stores, number, due) for number in range(first, min(first + 500, DIGESTS))))


def owner(number: int) -> str:
    """Whose digest it is."""
    return f"UOWNER{number % OWNERS}"


async def _add(stores: Stores, number: int, due: datetime) -> None:
    who, where, what = owner(number), f"C{number:06}", (What.BY_STATUS.value,)
    when = EVERY_DAY, f"{due:%H:%M}", "UTC", "summary"
    digest = Digest(f"digest-{number:06}", TEAM, who, where, what, *when, due - timedelta(days=1), next_at=due)
    await stores.digests.add(digest, AuditLine(due, digest.id, TEAM, who, where, "digest.new", digest.id, "active"))


async def typed(session: aiohttp.ClientSession, at: str, url: str) -> float:
    """``/order 1001`` typed once: milliseconds until it was acknowledged."""
    body = form("/order", "1001") + b"&" + urlencode({"response_url": f"{url}/commands/1"}).encode()
    begin = time.perf_counter()
    async with session.post(at, data=body, headers=signed(body)) as answer:
        assert answer.status == 200
        await answer.read()
    return (time.perf_counter() - begin) * 1000


async def typing(at: str, url: str, into: list[float], enough: Callable[[], bool]) -> None:
    """Type again and again, at an even pace, until it is enough."""
    async with aiohttp.ClientSession() as session:
        while not enough():
            begin = time.perf_counter()
            into.append(await typed(session, at, url))
            await asyncio.sleep(max(0.0, TYPED_EVERY - (time.perf_counter() - begin)))


def stats(url: str) -> dict[str, Any]:
    """What the peer has counted."""
    with urllib.request.urlopen(f"{url}/stats", timeout=30) as answer:
        return dict(json.load(answer))


async def watched(url: str, pid: int, over: asyncio.Event) -> list[tuple[int, float]]:
    """How many were posted and what memory was held, every two seconds, until all are posted or it takes too long."""
    seen, begin = [(0, _resident_mb(pid))], time.monotonic()
    while seen[-1][0] < DIGESTS and time.monotonic() - begin < LONGEST_SECONDS:
        await asyncio.sleep(2)
        seen.append((int((await asyncio.to_thread(stats, url))["keys"]), _resident_mb(pid)))
    await asyncio.sleep(3)  # one that is posted twice comes later
    over.set()
    return seen


async def up(at: str, url: str) -> None:
    """Until the bot answers."""
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            try:
                await typed(session, at, url)
                return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise RuntimeError("it did not start")


async def measure(url: str, folder: Path) -> list[Row]:
    """Fill, type while idle, wait for the minute, and look on."""
    key, place, log = new_key(), str(folder / "private" / "crowd.db"), folder / "log"
    due = (datetime.now(UTC) + timedelta(seconds=60 + IDLE_SECONDS)).replace(second=0, microsecond=0)
    stores = await open_stores(place, Sealer(KeyRing.parse(key)))
    await filled(stores, url, due)
    made, over = Typing(), asyncio.Event()
    with bot(url, place, key, log) as (pid, at):
        await up(at, url)
        await typing(at, url, made.idle, lambda: datetime.now(UTC) >= due)
        before = stats(url)
        _, memory = await asyncio.gather(typing(at, url, made.busy, over.is_set), watched(url, pid, over))
    rows = _rows(before, stats(url), made, memory, due, log.read_text())
    [(posted,)] = stores.database.all("SELECT count(*) FROM occurrences WHERE result = 'posted'")  # type: ignore[attr-defined]
    await stores.database.close()
    return [Row("digests due in one minute, recorded", posted, DIGESTS, "digests", "1"), *rows]


def _rows(
    before: dict[str, Any], told: dict[str, Any], made: Typing, memory: list[tuple[int, float]], due: datetime, log: str
) -> list[Row]:
    begun = next(held for posted, held in memory if posted >= DIGESTS // 10)
    calls, refused = (Counter(told[what]) - Counter(before[what]) for what in ("calls", "refused"))
    allowed = max(((calls - refused)[name] / most - 1) * seconds for name, (most, seconds) in LIMITS.items())
    failed = log.count("run failed")
    return [
        Row("lost", DIGESTS - told["keys"], DIGESTS, "digests", "0"),
        Row("posted twice", told["twice"], DIGESTS, "digests", "0"),
        Row("429 answered by Slack", sum(refused.values()), sum(calls.values()), "calls"),
        Row("runs that failed, and came again", failed, DIGESTS, "runs", "0"),
        Row("commands that failed", log.count("SlackApiError") - failed, len(made.idle + made.busy), "commands", "0"),
        Row(
            "posted as to strangers, for Slack did not say what the channel is", told["blind"], DIGESTS, "messages", "0"
        ),
        Row("messages within a second in one channel", told["too_soon"], DIGESTS, "messages", "0"),
        Row(
            "from due to the last posted, beside what the limits allow",
            told["last"] - due.timestamp(),
            allowed,
            "s",
            "≤ 1.2",
        ),
        Row("/order 1001 acknowledged, p50, beside idle", quantile(made.busy, 0.5), quantile(made.idle, 0.5), "ms"),
        Row(
            "/order 1001 acknowledged, p99, beside idle",
            quantile(made.busy, 0.99),
            quantile(made.idle, 0.99),
            "ms",
            "≤ 1.5",
        ),
        Row("resident memory at the end, beside after a tenth", memory[-1][1], begun, "MB", "≤ 1.1"),
    ]


def main() -> None:
    """Measure, print, write."""
    with slack() as url, tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(url, Path(folder)))
        if os.environ.get("CROWD_LOG"):
            Path(os.environ["CROWD_LOG"]).write_text((Path(folder) / "log").read_text())
        tell(rows, Path(os.environ.get("CROWD_RESULTS", RESULTS)), COMMAND)


if __name__ == "__main__":
    main()
