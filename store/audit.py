"""Who asked for what, and what came of it: append-only, each row sealed to the one before by a hash (G7, G8)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from store.canonical import canonical
from store.database import Database, Row
from store.times import from_micros, to_micros

_START = bytes(32)
_NEWEST = (
    "SELECT at, reference, team, user, channel, action, target, outcome FROM audit "
    "WHERE team = ? ORDER BY id DESC LIMIT ?"
)
_PAGE = (
    "SELECT id, previous, hash, at, reference, team, user, channel, action, target, outcome FROM audit "
    "WHERE id > ? ORDER BY id LIMIT 1000"
)
_ADD = (
    "INSERT INTO audit (id, previous, hash, at, reference, team, user, channel, action, target, outcome) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_HEAD = "SELECT last, hash FROM audit_head WHERE id = 1"


@dataclass(frozen=True)
class AuditLine:
    """One thing that somebody asked for; ``target`` is an opaque id, and no field holds personal data or a secret."""

    at: datetime
    reference: str
    team: str
    user: str
    channel: str
    action: str
    target: str
    outcome: str


class Audit(Protocol):
    """The record that nothing is done without (DESIGN §4.7)."""

    async def write(self, line: AuditLine) -> None:
        """Appends a line durably; StoreError: do not act."""

    def lines(self, team: str, limit: int) -> list[AuditLine]:
        """A team's newest lines, newest first."""

    def verify(self) -> int | None:
        """The number of the first row that is missing, changed or out of place; None if all is as it was written."""


class SqliteAudit:
    """The audit in the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, line: AuditLine) -> None:
        """See Audit."""
        await self._database.write(lambda connection: append(connection, line))

    def lines(self, team: str, limit: int) -> list[AuditLine]:
        """See Audit."""
        rows = self._database.all(_NEWEST, (team, limit))
        return [AuditLine(from_micros(row[0]), *row[1:]) for row in rows]

    def verify(self) -> int | None:
        """See Audit; the head row tells when the newest rows are missing."""
        with self._database.snapshot():
            return self._first_broken()

    def _first_broken(self) -> int | None:
        previous, expected = _START, 1
        for row in self._rows():
            number, kept_previous, kept_hash, *fields = row
            previous = _hash(expected, previous, fields) if kept_previous == previous else b""
            if number != expected or kept_hash != previous:
                return expected
            expected += 1
        head = self._database.one(_HEAD)
        return None if head == (expected - 1, previous) else expected

    def _rows(self) -> Iterator[Row]:
        last = -(2**63)  # not 0: a row slipped in before the first must be seen too
        while rows := self._database.all(_PAGE, (last,)):
            yield from rows
            last = rows[-1][0]


def append(connection: sqlite3.Connection, line: AuditLine) -> None:
    """Inside a transaction: adds the line after the head and moves the head to it; any failure raises."""
    last, previous = connection.execute(_HEAD).fetchone()
    words = (line.reference, line.team, line.user, line.channel, line.action, line.target, line.outcome)
    fields: list[str | int] = [to_micros(line.at), *words]
    number = last + 1
    digest = _hash(number, previous, fields)
    connection.execute(_ADD, (number, previous, digest, *fields))
    connection.execute("UPDATE audit_head SET last = ?, hash = ? WHERE id = 1", (number, digest))


def _hash(number: int, previous: bytes, fields: list[str | int]) -> bytes:
    return hashlib.sha256(canonical("audit 1", number, previous, *fields)).digest()
