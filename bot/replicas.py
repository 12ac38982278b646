"""The durable engine on PostgreSQL: several replicas share one queue (DESIGN.md §6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.engine import AT_ONCE, LEASE, LONGEST_REST_SECONDS, Alarm, Engine, Runner
from bot.observing import UNOBSERVED, Observer
from bot.traces import where
from store.occurrences import Occurrence, Occurrences
from store.postgres.jobs import Jobs
from store.postgres.occurrences import PgOccurrences
from store.postgres.pool import PgDatabase
from store.stores import Stores

log = structlog.get_logger("shipclerk.replicas")
SHORTEST_REST_SECONDS = 0.25


class Keyed(Occurrences, Protocol):
    """Occurrences of which one can be claimed by its key."""

    async def claim(self, key: str, *, owner: str, lease: timedelta) -> Occurrence | None:
        """The one of that key; None if it is not due, leased, over or unreadable."""


class Replica(Engine):
    """Runs what the queue gives it, with the same runners, leases and look at Slack as the engine on a file.

    ``idle`` runs what is due without the queue, as the engine on a file does; a job for it then finds nothing to do.
    """

    def __init__(
        self,
        database: PgDatabase,
        occurrences: Keyed,
        runners: Mapping[str, Runner],
        *,
        alarm: Alarm | None = None,
        lease: timedelta = LEASE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        heartbeat: float = 10.0,
        observer: Observer = UNOBSERVED,
    ) -> None:
        super().__init__(occurrences, runners, alarm=alarm, lease=lease, now=now, observer=observer)
        self._keyed = occurrences
        self._jobs = Jobs(database, self._one, at_once=AT_ONCE, heartbeat=heartbeat, silent=3 * heartbeat)
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin working on the queue."""
        self._worker = asyncio.create_task(self._working())
        super().start()

    async def stop(self, seconds: float) -> None:
        """Take nothing more, let what runs finish, and cut off what takes too long: its lease will run out."""
        self._stopping = True
        if self._worker:
            self._worker.cancel()
        await super().stop(seconds)
        if self._worker:
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _working(self) -> None:
        while not self._stopping:
            try:
                await self._jobs.work()
            except Exception as error:  # whatever it is, tomorrow's work must not wait for a restart
                log.error("queue failed", error=type(error).__name__, where=where(error))
            await asyncio.sleep(LONGEST_REST_SECONDS)

    async def _forever(self) -> None:
        """Looks for what is due and has no job; the queue brings the rest."""
        while not self._stopping:
            until = LONGEST_REST_SECONDS
            try:
                await self._jobs.sweep(self._now())
                until = self._until_due()
            except Exception as error:
                log.error("cannot sweep", error=type(error).__name__, where=where(error))
            await self._alarm.wait(min(max(until, SHORTEST_REST_SECONDS), LONGEST_REST_SECONDS))

    async def _one(self, key: str) -> None:
        """What a job does: claim its occurrence and run it, unless that is under way here or somewhere else."""
        if self._stopping or key in self._keys:
            return
        occurrence = await self._keyed.claim(key, owner=self._owner, lease=self._lease)
        if occurrence is None:
            return
        self._keys.add(key)
        task = asyncio.create_task(self._run(occurrence))
        self._running.add(task)
        task.add_done_callback(self._ended)
        await task


def replica_on(
    stores: Stores,
    runners: Mapping[str, Runner],
    *,
    alarm: Alarm,
    lease: timedelta,
    now: Callable[[], datetime],
    observer: Observer = UNOBSERVED,
) -> Replica:
    """The replica's engine on stores that lie in PostgreSQL."""
    database, occurrences = stores.database, stores.occurrences
    if not (isinstance(database, PgDatabase) and isinstance(occurrences, PgOccurrences)):
        raise TypeError("a replica works on PostgreSQL only")
    return Replica(database, occurrences, runners, alarm=alarm, lease=lease, now=now, observer=observer)
