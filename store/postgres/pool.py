"""One PostgreSQL database: a reader on the event loop, a pool of writers, and no third way in (DESIGN §6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from store.errors import StoreError
from store.postgres.errors import UNSURE, lost, told
from store.postgres.reader import Reader
from store.postgres.schema import STEPS, Step, migrate
from store.postgres.settings import HOLDING, WRITING, demand, hold_to, parameters

T = TypeVar("T")
Row = TupleRow
Writing = AsyncConnection[TupleRow]
MOST_CONNECTIONS = 10
WAIT_SECONDS = 10.0
HOLDING_SECONDS = 45.0


class PgDatabase:
    """Opened on the event loop and used only there; every failure is a StoreError."""

    def __init__(self, pool: AsyncConnectionPool[Writing], locks: AsyncConnectionPool[Writing], reader: Reader) -> None:
        self._pool = pool
        self._locks = locks
        self._reader = reader
        self._posted: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, url: str, steps: Sequence[Step] = STEPS) -> PgDatabase:
        """Brings the tables up to date and opens pool and reader; StoreError, which quotes no part of the address."""
        wanted = parameters(url)
        locks = _pool(wanted, HOLDING, least=0, wait=HOLDING_SECONDS)
        database = cls(_pool(wanted, WRITING), locks, Reader(wanted))
        try:
            async with await AsyncConnection.connect(**wanted, autocommit=True) as connection:
                await migrate(connection, steps)
            await database._pool.open(wait=True, timeout=WAIT_SECONDS)
            await database._locks.open()
            database.one("SELECT 1")
        except BaseException as error:
            await database.close()
            raise told(error) from error
        return database

    @property
    def pool(self) -> AsyncConnectionPool[Writing]:
        """The writers' connections, for the queue."""
        return self._pool

    def one(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a SELECT, or None; less than a millisecond, on the loop."""
        rows = self._reader.all(sql, values)
        return rows[0] if rows else None

    def all(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a SELECT; give it a LIMIT, for it holds up the loop."""
        return self._reader.all(sql, values)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state of the database, whatever is written meanwhile; do not await in there."""
        with self._reader.snapshot():
            yield

    async def write(self, work: Callable[[Writing], Awaitable[T]]) -> T:
        """Runs work in a transaction of its own, undone if it raises; returns after the commit is on the disk.

        Work must not commit, and awaits nothing but its connection. READ COMMITTED: each statement sees what others
        have committed, so whatever is read to decide about a write is read FOR UPDATE.
        """
        committing = False
        try:
            async with self._pool.connection() as connection:
                done = await work(connection)
                committing = True
            return done
        except psycopg.Error as error:
            if committing and lost(error):
                raise StoreError(UNSURE) from error
            raise told(error) from error

    @asynccontextmanager
    async def holding(self, name: str) -> AsyncIterator[None]:
        """A lock of this name, held by one task of one process at a time; Busy after a long wait.

        Its connections are a pool of their own: whoever holds a lock must still find one to write with.
        """
        try:
            async with self._locks.connection() as connection:
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
                yield
        except psycopg.Error as error:
            raise told(error) from error

    def post(self, work: Callable[[Writing], Awaitable[object]]) -> None:
        """The same without waiting and without a word if it fails: for hints and nothing else."""
        task = asyncio.create_task(self._hint(work))
        self._posted.add(task)
        task.add_done_callback(self._posted.discard)

    async def close(self) -> None:
        """Lets hints finish and closes every connection; a second call does nothing more."""
        if self._posted:
            await asyncio.wait(self._posted)
        await self._pool.close()
        await self._locks.close()
        self._reader.close()

    async def _hint(self, work: Callable[[Writing], Awaitable[object]]) -> None:
        with suppress(StoreError):
            await self.write(work)


async def changed(connection: Writing, sql: str, values: Sequence[object]) -> int:
    """Inside a transaction: how many rows a statement wrote."""
    return (await connection.execute(sql, values)).rowcount


async def found(connection: Writing, sql: str, values: Sequence[object] = ()) -> Row | None:
    """Inside a transaction: the first row of a statement."""
    return await (await connection.execute(sql, values)).fetchone()


def _pool(
    wanted: dict[str, Any], settings: dict[str, str], *, least: int = 1, wait: float = WAIT_SECONDS
) -> AsyncConnectionPool[Writing]:
    return AsyncConnectionPool(
        kwargs=wanted,
        min_size=least,
        max_size=MOST_CONNECTIONS,
        open=False,
        configure=partial(_prepared, settings),
        check=AsyncConnectionPool.check_connection,  # a server that was restarted must cost nobody a change
        timeout=wait,
        name="shipclerk",
    )


async def _prepared(settings: dict[str, str], connection: Writing) -> None:
    hold_to(settings, await found(connection, demand(settings)))
    await connection.commit()
