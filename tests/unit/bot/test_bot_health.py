"""The health address, asked over a socket: live, ready with its reasons, metrics, and nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot.health import REMEMBERED_SECONDS, Health
from bot.metrics import CONTENT_TYPE
from bot.probes import listening as listening_at
from bot.probes import observed
from bot.settings import Settings
from store.errors import ReadOnly

ROOT = Path(__file__).resolve().parents[3]
SECRET = "canary-health-2210"


@dataclass
class Parts:
    """Parts that are well until something is said of them, and the number of looks."""

    wrong: dict[str, str | Exception] = field(default_factory=dict)
    looks: int = 0
    clock: float = 0.0
    gate: asyncio.Event | None = None

    def check(self, part: str) -> Callable[[], Awaitable[str]]:
        async def look() -> str:
            self.looks += 1
            if self.gate:
                await self.gate.wait()
            said = self.wrong.get(part, "")
            if isinstance(said, Exception):
                raise said
            return said

        return look


@asynccontextmanager
async def listening(parts: Parts, *names: str) -> AsyncIterator[Callable[[str], Awaitable[tuple[int, str, str]]]]:
    """A health address, and a way to ask it."""
    checks = {name: parts.check(name) for name in names or ("slack", "store", "engine")}
    metrics = b"shipclerk_x 1.0\n", "text/plain; version=0.0.4"
    health = Health(checks, lambda: metrics, patience=0.2 if parts.gate else 3.0, now=lambda: parts.clock)
    await health.start()
    async with ClientSession() as session:

        async def get(path: str) -> tuple[int, str, str]:
            async with session.get(f"http://127.0.0.1:{health.port}{path}") as answer:
                return answer.status, answer.headers["Content-Type"], await answer.text()

        try:
            yield get
        finally:
            await health.stop()


async def test_all_is_well() -> None:
    """Live and ready are 200, ready names its parts, and metrics are what was given, under its own type."""
    async with listening(Parts()) as get:
        assert (await get("/health/live"))[::2] == (200, "live\n")
        status, kind, said = await get("/health/ready")
        assert (status, kind.split(";")[0]) == (200, "application/json")
        assert json.loads(said) == {"ready": True, "parts": {"slack": "ok", "store": "ok", "engine": "ok"}}
        assert await get("/metrics") == (200, "text/plain; version=0.0.4", "shipclerk_x 1.0\n")


async def test_it_says_which_part_is_not_and_no_secret() -> None:
    """503 with each part's word; of an exception only its type, in the answer and in the log (C10). It stays live."""
    parts = Parts({"slack": "nothing heard", "store": ReadOnly(SECRET), "engine": ValueError(SECRET)})
    async with listening(parts) as get:
        with capture_logs() as lines:
            status, _, said = await get("/health/ready")
        expected = {"slack": "nothing heard", "store": "ReadOnly", "engine": "ValueError"}
        assert (status, json.loads(said)) == (503, {"ready": False, "parts": expected})
        [line] = [one for one in lines if one["event"] == "not ready"]
        assert {name: line[f"part_{name}"] for name in expected} == expected
        assert SECRET not in said + str(lines)
        assert (await get("/health/live"))[0] == 200


async def test_a_part_that_does_not_answer_is_not_ready() -> None:
    """A check that hangs is given up, and the others are told all the same."""
    parts = Parts(gate=asyncio.Event())
    async with listening(parts, "store") as get:
        status, _, said = await get("/health/ready")
        assert (status, json.loads(said)["parts"]) == (503, {"store": "no answer"})


async def test_many_who_ask_cost_one_look() -> None:
    """Within two seconds nothing is looked at again, however many ask; after them it is."""
    parts = Parts()
    async with listening(parts) as get:
        await asyncio.gather(*(get("/health/ready") for _ in range(20)))
        assert parts.looks == 3
        parts.wrong["store"] = "gone"
        assert (await get("/health/ready"))[0] == 200
        parts.clock += REMEMBERED_SECONDS
        assert (await get("/health/ready"))[0] == 503
        assert parts.looks == 6


@pytest.mark.parametrize("path", ["/", "/health", "/health/", "/metrics/", "/slack/events", "/health/live/..%2f"])
async def test_nothing_else_is_there(path: str) -> None:
    """Every other path is 404, and nothing was looked at."""
    parts = Parts()
    async with listening(parts) as get:
        assert (await get(path))[0] == 404
    assert parts.looks == 0


async def test_nothing_can_be_sent() -> None:
    """It is for looking only."""
    parts = Parts()
    async with listening(parts), ClientSession() as session:
        health = Health({}, lambda: (b"", "text/plain"))
        await health.start()
        for path in ("/health/live", "/health/ready", "/metrics"):
            async with session.post(f"http://127.0.0.1:{health.port}{path}", data=SECRET) as answer:
                assert answer.status == 405
        await health.stop()


async def test_a_taken_port_is_refused() -> None:
    """A second one on the same port does not start, and can be stopped all the same; so can one that never began."""
    first = Health({}, lambda: (b"", "text/plain"))
    await first.start()
    second = Health({}, lambda: (b"", "text/plain"), port=first.port)
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.stop()
    await first.stop()
    await Health({}, lambda: (b"", "text/plain")).stop()


async def test_the_metrics_are_ours_in_prometheus_own_type() -> None:
    """Put together by the settings, the address serves what was counted, on the port that was set."""
    with socket.socket() as held:  # nobody else is given this port meanwhile
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        settings = Settings().model_copy(update={"health_port": held.getsockname()[1]})
        metrics = observed(settings)
        health = listening_at(settings, metrics, {})
        assert metrics is not None
        assert health is not None
        metrics.limited()
        await health.start()
        url = f"http://127.0.0.1:{settings.health_port}/metrics"
        async with ClientSession() as session, session.get(url) as answer:
            assert answer.headers["Content-Type"] == CONTENT_TYPE
            assert "shipclerk_slack_rate_limited_total 1.0" in await answer.text()
        await health.stop()


def test_off_is_off() -> None:
    """Without a port nobody counts, nobody listens, and of Prometheus nothing is imported."""
    settings = Settings().model_copy(update={"health_port": 0})
    assert (observed(settings), listening_at(settings, None, {})) == (None, None)
    code = "import sys, bot.bootstrap, bot.probes; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=100, check=False).returncode == 0
