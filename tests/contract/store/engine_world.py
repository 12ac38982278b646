"""What the tests of the engines share: the time, a runner that remembers, and the engine of either database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from store_world import Watch, elsewhere

from bot.engine import Alarm, Engine, Runner
from bot.replicas import replica_on
from operations.durable import Finished, Later
from store.occurrences import Due, Occurrence
from store.postgres.pool import PgDatabase
from store.stores import Stores

LEASE = timedelta(seconds=30)
RESULTS = "SELECT key, result FROM occurrences ORDER BY key"
OVER = "SELECT key, result FROM occurrences WHERE result IS NOT NULL"


class Present(Watch):
    """The time as it is, moved by as much as was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def advance(self, seconds: float) -> None:
        self.moved += timedelta(seconds=seconds)


@dataclass
class Runs:
    """A runner that remembers what it ran, waits at its gate, and ends as it is told."""

    ends: list[Finished | Later | Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    seen: list[Occurrence] = field(default_factory=list)
    began: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, occurrence: Occurrence) -> Finished | Later:
        async with self.began:
            self.seen.append(occurrence)
            self.began.notify_all()
        if self.gate:
            await self.gate.wait()
        end = self.ends.pop(0) if self.ends else Finished("done")
        if isinstance(end, Exception):
            raise end
        return end

    async def times(self, number: int) -> None:
        """Wait until so many have begun."""
        async with asyncio.timeout(30), self.began:
            await self.began.wait_for(lambda: len(self.seen) >= number)

    @property
    def told(self) -> list[tuple[str, int, dict[str, Any]]]:
        """Key, attempt and payload of each run."""
        return [(one.key, one.attempt, one.payload) for one in self.seen]


def engine_on(home: Stores, runners: Mapping[str, Runner], now: Present, lease: timedelta = LEASE) -> Engine:
    """The engine of this database, as bootstrap chooses it."""
    if isinstance(home.database, PgDatabase):
        return replica_on(home, runners, alarm=Alarm(), lease=lease, now=now)
    return Engine(home.occurrences, runners, alarm=Alarm(), lease=lease, now=now)


@asynccontextmanager
async def running(engine: Engine, seconds: float = 10) -> AsyncIterator[None]:
    engine.start()
    try:
        yield
    finally:
        await engine.stop(seconds)


def soon(now: Present, key: str = "d-1", seconds: float = 0, **payload: object) -> Due:
    return Due(key=key, kind="run", at=now() + timedelta(seconds=seconds), payload=payload, team="T1")


async def ended(place: str, number: int = 1) -> list[Any]:
    """What became of them, once so many are over."""
    async with asyncio.timeout(30):
        while len(done := elsewhere(place, OVER)) < number:  # noqa: ASYNC110 - neither database calls us
            await asyncio.sleep(0.02)
    return sorted(done)
