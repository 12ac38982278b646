"""Backups: a copy while the bot runs, and a rehearsal that restores it somewhere else and looks inside (G6)."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.errors import Corrupt, Missing, StoreError, told
from store.files import private_database
from store.pragmas import connect
from store.rotation import verify

_TAKEN = "There is a file of that name already. Nothing was written; choose another name for the backup."
_FAILED = "The backup could not be written there. Nothing was changed."


@dataclass(frozen=True)
class Rehearsal:
    """What a restored backup holds: rows by table, envelopes that opened and that did not, the audit's broken row."""

    rows: dict[str, int]
    opened: int
    failed: int
    audit_broken_at: int | None


async def backup(database: Database, target: Path) -> None:
    """Copies one state of the database into a new file, 0600 in a folder 0700, durable under its name when it returns.

    Nobody waits for it. StoreError: the target is taken or cannot be written, and nothing is left there; Unsafe: the
    folder is open to others.
    """
    await asyncio.to_thread(_back_up, database.path, target)


async def verify_backup(path: Path, sealer: Sealer) -> Rehearsal:
    """Restores a copy in a private folder, brings its tables up to date, and opens every envelope; then removes it.

    It holds up the event loop, so it is for the command line. The backup itself is only read. With a wrong key
    everything is counted as failed. Missing, Corrupt or TooNew: it is no backup that this version could start from.
    """
    with tempfile.TemporaryDirectory(prefix="shipclerk-") as folder:  # made 0700
        copy = Path(folder) / "restored.db"
        await asyncio.to_thread(_fetch, path, copy)
        database = Database.open(copy)
        try:
            return _rehearse(database, sealer)
        finally:
            await database.close()


def _back_up(source: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partial")  # what bears the name is always whole
    try:
        private_database(partial)
        _copy(source, partial)
        os.link(partial, target)  # unlike a rename, refuses when somebody took the name meanwhile
        _settle(target)
    except FileExistsError as error:
        raise StoreError(_TAKEN) from error
    except OSError as error:
        raise StoreError(_FAILED) from error
    except sqlite3.Error as error:
        raise told(error) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _copy(source: Path, target: Path) -> None:
    with closing(connect(source)) as ours, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        ours.backup(copy)  # in one step, so one state; writers go on beside it, as the log is WAL
        copy.execute("PRAGMA journal_mode=DELETE").fetchall()  # one file, without a log beside it


def _settle(target: Path) -> None:
    """Makes the file and its name durable."""
    for path in (target, target.parent):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _fetch(path: Path, copy: Path) -> None:
    try:
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
    except OSError as error:
        raise Missing("The backup cannot be read.") from error


def _rehearse(database: Database, sealer: Sealer) -> Rehearsal:
    if database.all("PRAGMA integrity_check") != [("ok",)]:
        raise Corrupt()
    found = verify(database, sealer)
    return Rehearsal(_rows(database), found.opened, found.failed, SqliteAudit(database).verify())


def _rows(database: Database) -> dict[str, int]:
    tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*[_]*sqlite*'")
    return {name: _count(database, name) for (name,) in tables}


def _count(database: Database, table: str) -> int:
    row = database.one(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table's name, from the schema
    return int(row[0]) if row else 0
