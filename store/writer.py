"""The one writer: a thread that puts whatever waits into one transaction, so that many share one fsync (DESIGN §6)."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from store.errors import Closed, Missing, StoreError, told
from store.files import identity

Work = Callable[[sqlite3.Connection], object]
_MOST = 256  # works in one transaction: bounds how long the first one waits for the others


@dataclass(eq=False)
class Job:
    """A unit of work and where its answer goes; ``alone`` ones run outside of a transaction (a checkpoint)."""

    work: Work
    future: asyncio.Future[object]
    alone: bool = False
    result: object = field(default=None, repr=False)
    error: BaseException | None = None


class Writer:
    """Owns the thread and its connection. Raises from the constructor what the opening raised."""

    def __init__(self, path: Path, prepare: Callable[[Path], sqlite3.Connection]) -> None:
        self._path = path
        self._prepare = prepare
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._closing = False
        self._ready = threading.Event()
        self._refusal: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="shipclerk-writer", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._refusal is not None:
            raise self._refusal

    def submit(self, work: Work, *, alone: bool = False) -> asyncio.Future[object]:
        """Queues work from the event loop; the future resolves once it is durable, or with what went wrong."""
        if self._closing:
            raise Closed()
        job = Job(work, asyncio.get_running_loop().create_future(), alone)
        self._queue.put(job)
        return job.future

    def stop(self) -> None:
        """Refuses new work, finishes what was queued, and ends the thread; a second call only waits."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            connection = self._prepare(self._path)
            opened = identity(self._path)
        except BaseException as error:
            self._refusal = error
            return
        finally:
            self._ready.set()
        try:
            while group := self._next():
                _settle(group, connection, lambda: _still(self._path, opened))
        finally:
            connection.close()

    def _next(self) -> list[Job]:
        """Waits for one job and takes what else is there; empty when it is time to stop."""
        group: list[Job] = []
        try:
            while len(group) < _MOST:
                job = self._queue.get(block=not group)
                if job is None:
                    self._queue.put(None)  # for the next round, after this group is done
                    break
                group.append(job)
                if job.alone:
                    break
        except Empty:
            pass
        return group


def _still(path: Path, opened: tuple[int, int]) -> None:
    if identity(path) != opened:
        raise Missing()


def _settle(group: list[Job], connection: sqlite3.Connection, check: Callable[[], None]) -> None:
    """Runs a group to its end, whatever happens, and answers every future in it."""
    alone = [job for job in group if job.alone]
    together = [job for job in group if not job.alone]
    _commit(together, connection, check)
    for job in alone:
        _attempt(job, connection)
    _answer(group)


def _commit(jobs: list[Job], connection: sqlite3.Connection, check: Callable[[], None]) -> None:
    if not jobs:
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            _in_savepoint(job, connection)
        check()  # SQLite would commit into a file that was deleted or exchanged, and nobody would know
        connection.execute("COMMIT")
    except BaseException as error:
        with suppress(sqlite3.Error):  # after some errors SQLite has already rolled back
            connection.execute("ROLLBACK")
        for job in jobs:
            job.error = job.error or told(error)


def _in_savepoint(job: Job, connection: sqlite3.Connection) -> None:
    """One work's failure is its own; but an error that made SQLite drop the whole transaction fails the group."""
    connection.execute("SAVEPOINT work")
    _attempt(job, connection)
    if not connection.in_transaction:
        raise job.error or StoreError()
    if job.error:
        connection.execute("ROLLBACK TO work")
    connection.execute("RELEASE work")


def _attempt(job: Job, connection: sqlite3.Connection) -> None:
    try:
        job.result = job.work(connection)
    except BaseException as error:
        job.error = told(error)


def _answer(group: list[Job]) -> None:
    """One wake-up for each loop that waits; a loop that is gone has nobody left to tell."""
    for loop in {job.future.get_loop() for job in group}:
        mine = [job for job in group if job.future.get_loop() is loop]
        try:
            loop.call_soon_threadsafe(_resolve, mine)
        except RuntimeError:
            continue


def _resolve(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
