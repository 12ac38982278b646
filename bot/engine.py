"""The durable engine on SQLite: due rows, a lease, bounded concurrency (DESIGN.md §6)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.observing import UNOBSERVED, Observer
from bot.traces import where
from operations.durable import Finished, Later
from store.errors import StoreError
from store.occurrences import Occurrence, Occurrences

log = structlog.get_logger("shipclerk.engine")
Runner = Callable[[Occurrence], Awaitable[Finished | Later]]

LEASE = timedelta(seconds=90)
LONGEST_REST_SECONDS = 1.0
AT_ONCE = 6  # as many as Slack takes messages a second; with ten, people waited half as long again (bench.crowd)
MOST_ATTEMPTS = 120  # more than a day of them, and so longer than anything is looked after
_LONGEST_BACKOFF = timedelta(minutes=15)
NO_RUNNER = "no_runner"
ASK_OTHERS = timedelta(minutes=1)
OTHERS_MAY_COME = timedelta(days=1)


@dataclass(frozen=True)
class NotOurs:
    """Nothing here runs such a kind; while an upgrade goes on another replica may."""


Outcome = Finished | Later | timedelta | NotOurs
_GOES_ON = {Later: "later", timedelta: "raised", NotOurs: NO_RUNNER}


class Alarm:
    """Wakes the engine: whoever schedules something rings it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Something is due, or will be."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


class Engine:
    """Runs what is due, each run for one owner at a time; a run that dies is claimed again once its lease is over.

    The lease is longer than any back end's timeout, and is extended while a run goes on. A runner that raises is run
    again after a growing pause, as one that died: ``attempt`` above 1 tells it to find out what has happened already.
    What it has no runner for it gives back each minute for a day, for a newer replica may have one.
    """

    def __init__(
        self,
        occurrences: Occurrences,
        runners: Mapping[str, Runner],
        *,
        alarm: Alarm | None = None,
        lease: timedelta = LEASE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._occurrences = occurrences
        self._runners = runners
        self._lease = lease
        self._now = now
        self._observer = observer
        self._looked = time.monotonic()
        self._owner = secrets.token_hex(8)
        self._alarm = alarm or Alarm()
        self._running: set[asyncio.Task[None]] = set()
        self._keys: set[str] = set()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin looking for what is due."""
        self._loop = asyncio.create_task(self._forever())

    async def stop(self, seconds: float) -> None:
        """Claim nothing more, let what runs finish, and cut off what takes too long: its lease will run out.

        A claim under way is waited for: what was claimed and never started would rest until its lease is over.
        """
        self._stopping = True
        self._alarm.ring()
        if self._loop:
            await _finished({self._loop}, seconds)
        await _finished(set(self._running), seconds)

    @property
    def running(self) -> int:
        """How many runs are under way here."""
        return len(self._running)

    def still_for(self) -> float:
        """Seconds since it last looked for work and was answered; growing, it has stopped or cannot reach the store."""
        return time.monotonic() - self._looked

    async def idle(self) -> None:
        """Run everything that is due now, and wait until it is done."""
        while await self._round() or self._running:
            if self._running:
                await asyncio.wait(set(self._running))

    async def _forever(self) -> None:
        while not self._stopping:
            until = LONGEST_REST_SECONDS
            try:
                await self._round()
                until = self._until_due()
            except Exception as error:  # whatever it is, tomorrow's work must not wait for a restart
                log.error("cannot claim", error=type(error).__name__, where=where(error))
            await self._alarm.wait(min(max(until, 0.02), LONGEST_REST_SECONDS))

    def _until_due(self) -> float:
        """How long there is nothing to claim; with no room left, until a run ends and rings."""
        self._looked = time.monotonic()
        if len(self._running) >= AT_ONCE:
            return LONGEST_REST_SECONDS
        due = self._occurrences.next_due()
        return (due - self._now()).total_seconds() if due else LONGEST_REST_SECONDS

    async def _round(self) -> int:
        """Claim as much as there is room for, and start it."""
        room = AT_ONCE - len(self._running)
        if room <= 0:
            return 0
        claimed = await self._occurrences.claim_due(owner=self._owner, lease=self._lease, most=room)
        for occurrence in claimed:
            if occurrence.key in self._keys:  # its lease ran out while it still runs here
                continue
            self._keys.add(occurrence.key)
            task = asyncio.create_task(self._run(occurrence))
            self._running.add(task)
            task.add_done_callback(self._ended)
        return len(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._alarm.ring()

    async def _run(self, occurrence: Occurrence) -> None:
        with structlog.contextvars.bound_contextvars(occurrence=occurrence.key, kind=occurrence.kind):
            keeping = asyncio.create_task(self._keep(occurrence.key))
            began, lag = time.monotonic(), (self._now() - occurrence.due_at).total_seconds()
            try:
                outcome = await self._outcome(occurrence)
            finally:
                keeping.cancel()
            self._tell(occurrence, outcome, lag, time.monotonic() - began)
            try:
                await self._record(occurrence, outcome)
            except Exception as error:  # not recorded, it comes again after its lease
                log.error("cannot record", error=type(error).__name__, where=where(error))
            finally:
                self._keys.discard(occurrence.key)

    def _tell(self, occurrence: Occurrence, outcome: Outcome, lag: float, seconds: float) -> None:
        kind = occurrence.kind if occurrence.kind in self._runners else "?"
        result = outcome.result if isinstance(outcome, Finished) else _GOES_ON[type(outcome)]
        self._observer.ran(kind, result, max(lag, 0.0) if occurrence.attempt == 1 else 0.0, seconds)

    async def _outcome(self, occurrence: Occurrence) -> Outcome:
        runner = self._runners.get(occurrence.kind)
        if runner is None:
            log.warning("no runner")
            return without_runner(self._now() - occurrence.due_at)
        try:
            return await runner(occurrence)
        except Exception as error:
            log.error("run failed", error=type(error).__name__, where=where(error), attempt=occurrence.attempt)
            return after_failure(occurrence.attempt)

    async def _keep(self, key: str) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self._occurrences.extend(key, self._owner, self._lease)
            except StoreError as error:
                log.error("cannot extend", error=type(error).__name__)

    async def _record(self, occurrence: Occurrence, outcome: Outcome) -> None:
        match outcome:
            case Finished(result):
                await self._occurrences.done(occurrence.key, self._owner, result)
                log.info("ran", outcome=result)
            case Later(at, payload):
                await self._occurrences.again(occurrence.key, self._owner, at, payload)
            case NotOurs():
                await self._occurrences.give_back(occurrence.key, self._owner, ASK_OTHERS)
            case pause:
                await self._occurrences.extend(occurrence.key, self._owner, pause)


async def _finished(tasks: set[asyncio.Task[None]], seconds: float) -> None:
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def without_runner(late: timedelta) -> Finished | NotOurs:
    """What nobody here can run waits a day for somebody who can; then it is of a kind that is no more."""
    return Finished(NO_RUNNER) if late >= OTHERS_MAY_COME else NotOurs()


def after_failure(attempt: int) -> Finished | timedelta:
    """A run that raised comes again after 2, 4, 8 … seconds, at most a quarter of an hour, and not for ever."""
    if attempt >= MOST_ATTEMPTS:
        return Finished("failed")
    return min(timedelta(seconds=2 ** min(attempt, 10)), _LONGEST_BACKOFF)
