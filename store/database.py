"""One SQLite file: a reader on the event loop, one writer thread, and no third way in (DESIGN §6)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from store.errors import Busy, Closed, Lingering, told
from store.files import private_database
from store.migrations import migrate
from store.pragmas import connect, empty_log
from store.writer import Writer

T = TypeVar("T")
Row = tuple[Any, ...]
CACHE_KB = 65_536  # with 2 MB, SQLite's own, a look-up among a million takes half as long again as among a thousand


class Database:
    """Opened by the thread that runs the event loop, and read only from there; every failure is a StoreError."""

    def __init__(self, path: Path, writer: Writer, reader: sqlite3.Connection) -> None:
        self._path = path
        self._writer = writer
        self._reader: sqlite3.Connection | None = reader

    @classmethod
    def open(cls, path: Path) -> Database:
        """Makes the file private (or refuses: Unsafe), brings its tables up to date, and starts the writer."""
        private_database(path)
        try:
            writer = Writer(path, _prepared)
        except sqlite3.Error as error:
            raise told(error) from error
        try:
            private_database(path)  # again, for SQLite has made its -wal and -shm by now
            return cls(path, writer, _reader(path))
        except BaseException as error:
            writer.stop()
            raise told(error) from error

    @property
    def path(self) -> Path:
        """Where the file is; its ``-wal`` and ``-shm`` lie beside it."""
        return self._path

    def read(self) -> sqlite3.Connection:
        """The event loop's connection, for reading only; Closed after ``close``."""
        if self._reader is None:
            raise Closed()
        return self._reader

    def one(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a SELECT, or None; tens of microseconds, on the loop."""
        try:
            return cast("Row | None", self.read().execute(sql, parameters).fetchone())
        except sqlite3.Error as error:
            raise told(error) from error

    def all(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a SELECT; give it a LIMIT, for it holds up the loop."""
        try:
            return self.read().execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise told(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state of the file, whatever is written meanwhile; do not await in there."""
        self.all("BEGIN")
        try:
            yield
        finally:
            self.all("ROLLBACK")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs work on the writer thread in a transaction shared with others, undone alone if it raises.

        Returns after the commit is on the disk. Work must not commit, and must not touch the event loop.
        """
        return cast(T, await self._writer.submit(work))

    def post(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """The same without waiting and without a word if it fails: for hints and nothing else."""
        with suppress(Closed):
            self._writer.submit(work).add_done_callback(_forget)

    async def empty_log(self) -> None:
        """Leaves nothing of deleted rows in the write-ahead log; Lingering while another program is reading it."""
        try:
            await self._writer.submit(empty_log, alone=True)
        except Busy as error:
            raise Lingering() from error

    async def close(self) -> None:
        """Finishes what was queued and closes both connections; a second call does nothing more."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        await asyncio.to_thread(self._writer.stop)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _reader(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")
    return connection


def _forget(future: asyncio.Future[object]) -> None:
    if not future.cancelled():
        future.exception()  # looked at, so that asyncio does not report it as lost
