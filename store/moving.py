"""Moving house: everything from a SQLite file into an empty PostgreSQL database, once and whole.

Envelopes move as they are: they are bound to their place (team, user, back end, row), and that stays the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from store.errors import Busy, Corrupt, Missing, StoreError, told
from store.migrations import migrate as migrate_file
from store.postgres.errors import told as told_by_server
from store.postgres.schema import migrate
from store.postgres.settings import parameters

_IN_USE = "Another program is using the database file. Stop the bot first. Nothing was moved."
_NOT_EMPTY = "There is something in the PostgreSQL database already. Nothing was moved."
_UNKNOWN = "The PostgreSQL database lacks a table of the file. Nothing was moved."
_DIFFERS = "What arrived is not what was sent. Nothing was moved."
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*sqlite*' ORDER BY rowid"
_HEAD = "audit_head"  # its one row is made with the table


@dataclass(frozen=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def select(self) -> str:
        """All rows by key; both databases compare text byte by byte."""
        columns, key = (", ".join(f'"{name}"' for name in names) for names in (self.columns, self.key))
        return f'SELECT {columns} FROM "{self.name}" ORDER BY {key}'  # noqa: S608 - names from the file's schema

    @property
    def copy(self) -> Composed:
        """COPY into this table."""
        columns = SQL(", ").join(map(Identifier, self.columns))
        return SQL("COPY {} ({}) FROM STDIN").format(Identifier(self.name), columns)


async def move(source: Path, url: str) -> dict[str, int]:
    """Copies every row, compares each with what arrived, and only then commits; how many rows there are by table.

    The file is locked meanwhile and stays as it is. StoreError, and nothing is moved: the file is missing, damaged or
    in use (Busy), the target holds something already, cannot be reached, or got something else than was sent.
    """
    with _held(source) as file:
        try:
            async with await AsyncConnection.connect(**parameters(url), autocommit=True) as target:
                await migrate(target)
                async with target.transaction():
                    return await _move(file, target)
        except BaseException as error:
            raise told_by_server(told(error)) from error


@contextmanager
def _held(source: Path) -> Iterator[sqlite3.Connection]:
    """The file, up to date and locked against everybody else, also against a bot that is only listening."""
    if not source.is_file():
        raise Missing()
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as file:
        try:
            file.execute("PRAGMA locking_mode=EXCLUSIVE")  # the lock outlives the transaction
            file.execute("BEGIN EXCLUSIVE")
            file.execute("COMMIT")
            migrate_file(file)
            if file.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise Corrupt()
        except sqlite3.Error as error:
            ours = told(error)
            raise (Busy(_IN_USE) if isinstance(ours, Busy) else ours) from error
        yield file


async def _move(file: sqlite3.Connection, target: AsyncConnection[TupleRow]) -> dict[str, int]:
    tables = [_table(file, name) for (name,) in file.execute(_TABLES).fetchall()]
    await target.execute("SET LOCAL lock_timeout = '5s'")
    await _empty(target, tables)
    for table in tables:
        async with target.cursor() as cursor, cursor.copy(table.copy) as copy:
            for row in file.execute(table.select):
                await copy.write_row(row)
    return {table.name: await _same(target, table, file.execute(table.select)) for table in tables}


async def _empty(target: AsyncConnection[TupleRow], tables: Iterable[_Table]) -> None:
    """Locks the tables against everybody, and refuses if there is a row in one."""
    for table in tables:
        name = Identifier(table.name)
        there = await (await target.execute("SELECT to_regclass(%s) IS NULL", (f'"{table.name}"',))).fetchone()
        if there == (True,):
            raise StoreError(_UNKNOWN)
        await target.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(name))
        if table.name == _HEAD:
            await target.execute("DELETE FROM audit_head WHERE last = 0")
        if await (await target.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(name))).fetchone():
            raise StoreError(_NOT_EMPTY)


async def _same(target: AsyncConnection[TupleRow], table: _Table, sent: Iterator[TupleRow]) -> int:
    number = 0
    async with target.cursor(name="arrived") as arrived:
        await arrived.execute(table.select)
        async for row in arrived:
            if row != next(sent, None):
                raise StoreError(_DIFFERS)
            number += 1
    if next(sent, None) is not None:
        raise StoreError(_DIFFERS)
    return number


def _table(file: sqlite3.Connection, name: str) -> _Table:
    rows = file.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (name,)).fetchall()
    keys = sorted((place, column) for column, place in rows if place)
    return _Table(name, tuple(column for column, _ in rows), tuple(column for _, column in keys))
