"""What the store's contract tests share: the same stores on either database, a clock, keys, lines, and a way around."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from store.audit import AuditLine
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.occurrences import Due
from store.stores import Stores, on_postgres, open_stores

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(frozen=True)
class House(Stores):
    """One open database with everything on it, its address, and its clock."""

    place: str
    sealer: Sealer
    watch: Watch


@asynccontextmanager
async def house(place: str, sealer: Sealer | None = None, watch: Watch | None = None) -> AsyncIterator[House]:
    """Opens what is at a file's path or an address; once more beside itself it is another replica."""
    clock, ours = watch or Watch(), sealer or sealer_of(new_key())
    stores = await open_stores(place, ours, clock)
    try:
        yield House(**vars(stores), place=place, sealer=ours, watch=clock)
    finally:
        await stores.database.close()


@contextmanager
def rival(place: str) -> Iterator[Callable[..., list[Any]]]:
    """A connection of its own, as another program has; runs statements whose parameters are question marks.

    What it writes into a file is not forced to the disk: no test cuts the power, and some write hundreds of times.
    """
    if on_postgres(place):
        with psycopg.connect(place, autocommit=True) as connection:

            def run(sql: str, parameters: Iterable[object] = ()) -> list[Any]:
                words = re.sub(r"\buser\b", '"user"', sql.replace("?", "%s"))
                cursor = connection.execute(words, tuple(parameters) or None)  # type: ignore[arg-type,unused-ignore]
                return cursor.fetchall() if cursor.description else []

            yield run
    else:
        with closing(sqlite3.connect(place, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous=OFF")
            yield lambda sql, parameters=(): file.execute(sql, tuple(parameters)).fetchall()


def elsewhere(place: str, sql: str, parameters: Iterable[object] = ()) -> list[Any]:
    """Runs one statement as another program would."""
    with rival(place) as run:
        return run(sql, parameters)


def shut(place: str, what: str, table: str) -> None:
    """From now on no row of a table takes an INSERT, or an UPDATE."""
    if on_postgres(place):
        elsewhere(
            place, "CREATE OR REPLACE FUNCTION shut() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'shut'; END$$"
        )
        elsewhere(place, f"CREATE TRIGGER shut BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION shut()")
    else:
        elsewhere(place, f"CREATE TRIGGER shut BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'shut'); END")


def unshut(place: str, table: str) -> None:
    """Undoes ``shut``."""
    elsewhere(place, f"DROP TRIGGER shut ON {table}" if on_postgres(place) else "DROP TRIGGER shut")


# What breaks the audit: the row cannot be added, or the head cannot be moved.
AUDIT_BROKEN = (("INSERT", "audit"), ("UPDATE", "audit_head"))


def file_in(folder: Path) -> str:
    return str(folder / "data" / "shipclerk.db")


def sealer_of(*keys: str) -> Sealer:
    return Sealer(KeyRing.parse(",".join(keys)))


def due(key: str = "d-1", seconds: float = 0, **payload: object) -> Due:
    """Something to run that many seconds after noon."""
    return Due(key=key, kind="cancel.send", at=NOON + timedelta(seconds=seconds), payload=payload, team="T1")


def line(number: int = 1, team: str = "T1") -> AuditLine:
    return AuditLine(
        at=NOON + timedelta(seconds=number),
        reference=f"r-{number}",
        team=team,
        user="U1",
        channel="C1",
        action="order.show",
        target=str(number),
        outcome="done",
    )
