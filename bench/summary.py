"""A summary over 1,000 scheduled orders with a fresh token for each request, beside one token reused (seed 004)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backends.qpilot.auth import Credentials
from bench.rig import Row, bot
from operations.accounts import Actor
from operations.outcome import Done
from operations.summary import Window, summary
from sandbox.qpilot import Fault, Qpilot, Switches
from sandbox.serving import serve

ROUNDS, SITE, EACH_TAKES = 3, 1113, 0.08
ME = Actor("T1", "U1")


@asynccontextmanager
async def _qpilot(mode: str) -> AsyncIterator[str]:
    """QPilot's stand-in with its 1,000 orders, 80 ms away."""
    qpilot = Qpilot(switches=Switches(rate_limit=False).changed({"bearer_mode": mode}))
    qpilot.faults.append(Fault("* /", "slow", seconds=EACH_TAKES))
    served = await serve(qpilot.app())
    try:
        yield served.url
    finally:
        await served.close()


async def _seconds(url: str, mode: str, reuse: int) -> float:
    async with _qpilot(mode) as at, bot(url, qpilot_base_url=at, qpilot_token_reuse_seconds=reuse) as running:
        ports = running.services.ports
        mine = Credentials("ops@example.com", "demo-pilot", SITE)
        assert isinstance(await ports.qpilot.connect(ME, mine), Done)
        begin = time.perf_counter()
        assert isinstance(await summary(ports, ME, Window.WEEK), Done)
        return time.perf_counter() - begin


async def measure(url: str) -> list[Row]:
    """The best of three rounds of each, turn by turn."""
    fresh, reused = [], []
    for _ in range(ROUNDS):
        reused.append(await _seconds(url, "ttl", 60))
        fresh.append(await _seconds(url, "single_use", 0))
    return [Row("summary of 1,000 scheduled orders, a token each", min(fresh), min(reused), "s", "≤ 1.3")]
