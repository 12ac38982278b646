"""What the store's tests share: a database in a folder of its own, keys, lines, and a look at the raw bytes."""

from __future__ import annotations

import base64
import sqlite3
import urllib.parse
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from store.audit import AuditLine
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.occurrences import Due
from store.stores import Stores, sqlite_stores

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
    """One open file with everything on it."""

    database: Database
    sealer: Sealer
    watch: Watch


def database_path(folder: Path) -> Path:
    return folder / "data" / "shipclerk.db"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = Database.open(database_path(folder))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def house(folder: Path, sealer: Sealer | None = None) -> AsyncIterator[House]:
    watch, ours = Watch(), sealer or sealer_of(new_key())
    async with opened(folder) as database:
        stores = vars(sqlite_stores(database, ours, watch))
        yield House(**{**stores, "database": database}, sealer=ours, watch=watch)


def due(key: str = "d-1", seconds: float = 0, **payload: object) -> Due:
    """Something to run that many seconds after noon."""
    return Due(key=key, kind="cancel.send", at=NOON + timedelta(seconds=seconds), payload=payload, team="T1")


def sealer_of(*keys: str) -> Sealer:
    return Sealer(KeyRing.parse(",".join(keys)))


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


def raw_bytes(path: Path) -> bytes:
    """Everything on the disk: the file, its log, the log's index."""
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]
    return b"".join(file.read_bytes() for file in files if file.exists())


def elsewhere(path: Path, sql: str, parameters: Iterable[object] = ()) -> list[Any]:
    """Runs one statement on a second connection of its own, as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(sql, tuple(parameters)).fetchall()


def disguises(canary: str) -> list[bytes]:
    """The ways in which a secret may stand in a file without being seen at first glance (C1)."""
    raw = canary.encode()
    wide = canary.encode("utf-16-le")
    shifted = [base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [
        raw,
        raw[::-1],
        wide,
        wide[::-1],
        raw.hex().encode(),
        raw.hex().upper().encode(),
        urllib.parse.quote(canary, safe="").encode(),
        *shifted,
        *(piece.replace(b"+", b"-").replace(b"/", b"_") for piece in shifted),
    ]
