"""How every connection to the file is opened; there is no other way to open one (G1)."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from store.errors import Busy, StoreError

BUSY_MS = 5000
FULL = 2
_PAUSE_SECONDS = 0.01

# Waiting first: turning WAL on takes a lock itself.
_WANTED: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", str(BUSY_MS), BUSY_MS),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", FULL),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit, for this thread only, with the pragmas set and read back; raises sqlite3.Error."""
    existing = f"{path.absolute().as_uri()}?mode=rw"  # never makes a file, for SQLite would make it readable to all
    connection = sqlite3.connect(existing, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)
    try:
        for name, value, expected in _WANTED:
            _set(connection, f"PRAGMA {name}={value}")
            if connection.execute(f"PRAGMA {name}").fetchone() != (expected,):
                raise StoreError("The database refused a setting that Shipclerk needs. Is it on a network disk?")
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set it, waiting as long as any statement would: turning WAL on says *locked* at once when several begin it."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute(pragma).fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def empty_log(connection: sqlite3.Connection) -> None:
    """Moves the write-ahead log into the file and truncates it, for what is deleted stays readable there (DESIGN §5).

    Raises Busy when another reader kept the log in use for as long as we wait.
    """
    kept, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if kept:
        raise Busy()
