"""The door of the house: a delivery is recorded with its audit line in one transaction, or not admitted (G7)."""

from __future__ import annotations

import sqlite3
from typing import Protocol

from store.audit import AuditLine, append
from store.database import Database
from store.deliveries import record
from store.times import to_micros


class Intake(Protocol):
    """Decides whether a delivery may be handled."""

    async def admit(self, key: str, line: AuditLine) -> bool:
        """True once per key, when delivery and audit line are both durable; False, without a line, if seen before.

        StoreError: neither is recorded, and the caller must not act.
        """


class SqliteIntake:
    """The intake in the file: one grouped commit for both rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, key: str, line: AuditLine) -> bool:
        """See Intake."""
        return await self._database.write(lambda connection: _admit(connection, key, line))


def _admit(connection: sqlite3.Connection, key: str, line: AuditLine) -> bool:
    if not record(connection, key, to_micros(line.at)):
        return False
    append(connection, line)
    return True
