"""The audit in PostgreSQL: the same chain of hashes as in SQLite, appended one at a time behind the head (G7, G8)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from store.audit import AuditLine
from store.canonical import canonical
from store.errors import Corrupt
from store.postgres.pool import PgDatabase, Row, Writing, found
from store.times import from_micros, to_micros

_START = bytes(32)
_NEWEST = (
    'SELECT at, reference, team, "user", channel, action, target, outcome FROM audit '
    "WHERE team = %s ORDER BY id DESC LIMIT %s"
)
_PAGE = (
    'SELECT id, previous, hash, at, reference, team, "user", channel, action, target, outcome FROM audit '
    "WHERE id > %s ORDER BY id LIMIT 1000"
)
# One statement, because everybody waits for it.
_ADD = (
    "WITH head AS (UPDATE audit_head SET last = %s, hash = %s WHERE id = 1) "
    'INSERT INTO audit (id, previous, hash, at, reference, team, "user", channel, action, target, outcome) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_HEAD = "SELECT last, hash FROM audit_head WHERE id = 1"


class PgAudit:
    """The audit in the database."""

    def __init__(self, database: PgDatabase) -> None:
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
        return None if self._database.one(_HEAD) == (expected - 1, previous) else expected

    def _rows(self) -> Iterator[Row]:
        last = -(2**63)  # not 0: a row slipped in before the first must be seen too
        while rows := self._database.all(_PAGE, (last,)):
            yield from rows
            last = rows[-1][0]


async def append(connection: Writing, line: AuditLine) -> None:
    """Inside a transaction, as its last act: adds the line and moves the head to it; any failure raises.

    The head stays locked until the commit, so whoever appends next sees it where this one left it.
    """
    head = await found(connection, f"{_HEAD} FOR UPDATE")
    if head is None:
        raise Corrupt("The audit's head is missing. Nothing was changed; restore the database from a backup.")
    number, previous = head[0] + 1, head[1]
    words = (line.reference, line.team, line.user, line.channel, line.action, line.target, line.outcome)
    fields: list[str | int] = [to_micros(line.at), *words]
    digest = _hash(number, previous, fields)
    await connection.execute(_ADD, (number, digest, number, previous, digest, *fields))


def _hash(number: int, previous: bytes, fields: list[str | int]) -> bytes:
    return hashlib.sha256(canonical("audit 1", number, previous, *fields)).digest()
