"""Work that outlives a process: each due run is a row with a key that is never used again (DESIGN §6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from store.database import Database, Row
from store.envelope import Place, Sealer
from store.errors import EnvelopeError, Repeated
from store.payloads import seal, unseal
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = (
    "INSERT INTO occurrences (key, kind, team, due_at, ready_at, attempt, envelope) VALUES (?, ?, ?, ?, ?, 0, ?) "
    "ON CONFLICT (key) DO NOTHING"
)
# Of digests thousands may be due in one minute, so each half is found by an index of its own and nothing is sorted.
_CLAIM = (
    "UPDATE occurrences SET attempt = attempt + 1, owner = ?1, ready_at = ?2 WHERE key IN ("
    "SELECT key FROM (SELECT key FROM occurrences WHERE finished_at IS NULL AND (kind = 'digest.run') = 0 "
    "AND ready_at <= ?3 ORDER BY ready_at, key LIMIT ?4) UNION ALL "
    "SELECT key FROM (SELECT key FROM occurrences WHERE finished_at IS NULL AND (kind = 'digest.run') = 1 "
    "AND ready_at <= ?3 ORDER BY ready_at, key LIMIT ?4) LIMIT ?4) "
    "RETURNING key, kind, team, due_at, attempt, ready_at, envelope"
)
_MINE = "WHERE key = ? AND owner = ? AND finished_at IS NULL"
_EXTEND = "UPDATE occurrences SET ready_at = ?"
_GIVE_BACK = "UPDATE occurrences SET ready_at = ?, attempt = attempt - 1, owner = NULL"
_DONE = "UPDATE occurrences SET finished_at = ?, result = ?, owner = NULL"
_TEAM = "SELECT team FROM occurrences"
_AGAIN = "UPDATE occurrences SET due_at = ?, ready_at = ?, attempt = 0, owner = NULL, envelope = ifnull(?, envelope)"
_DROP = "UPDATE occurrences SET finished_at = ?, result = 'dropped', owner = NULL WHERE key = ? AND finished_at IS NULL"


@dataclass(frozen=True)
class Due:
    """Something to run at a time; ``key`` is unique for ever, ``payload`` is JSON, sealed at rest."""

    key: str
    kind: str
    at: datetime
    payload: dict[str, Any] = field(repr=False)
    team: str


@dataclass(frozen=True)
class Occurrence:
    """A due run that the caller holds until ``lease_until``; an ``attempt`` above 1 follows one that may have died."""

    key: str
    kind: str
    team: str
    due_at: datetime
    attempt: int
    payload: dict[str, Any] = field(repr=False)
    lease_until: datetime


class Occurrences(Protocol):
    """Schedules runs and hands each to one owner at a time.

    An owner is whoever claims, under a name that no other claimer ever has: one fresh name for each start of a
    process, or for each claim. Who is told False has lost the run to another owner, and must leave it alone.
    """

    async def add(self, due: Due) -> bool:
        """Schedules it durably; False, and nothing changed, if the key was ever used, finished or not."""

    async def claim_due(self, *, owner: str, lease: timedelta, most: int) -> list[Occurrence]:
        """Takes what is due and not leased, or whose lease ran out, longest waiting first; one attempt more for each.

        Runs of digests come after everything else.

        What cannot be opened (its key is not on the ring) is leased but left out, and comes again after the lease.
        """

    async def extend(self, key: str, owner: str, lease: timedelta) -> bool:
        """The lease lasts that long from now on; False if it is no longer this owner's."""

    async def done(self, key: str, owner: str, result: str) -> bool:
        """Records the result (a word, no personal data), once; False if it is no longer this owner's."""

    async def again(self, key: str, owner: str, at: datetime, payload: dict[str, Any] | None = None) -> bool:
        """Due again at that time under the same key, attempts from 0; False if it is no longer this owner's."""

    async def give_back(self, key: str, owner: str, wait: timedelta) -> bool:
        """Can be claimed again after that long, as if this owner had never claimed it; False if it is not theirs."""

    async def drop(self, key: str) -> bool:
        """Ends it without a run, whoever holds it; False if there was none to end. The key stays used."""

    def next_due(self) -> datetime | None:
        """When the next one can be claimed (a time that has passed: now); None if nothing is scheduled."""

    async def forget_older_than(self, days: float) -> int:
        """Erases the payloads of what finished that long ago, how many; keys and results stay for ever."""


class SqliteOccurrences:
    """Occurrences in the file; ``ready_at`` is when a row can be claimed: its due time, or the end of its lease."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def add(self, due: Due) -> bool:
        """See Occurrences."""
        row = due_row(self._sealer, due)
        return await self._database.write(lambda connection: _add(connection, row))

    async def claim_due(self, *, owner: str, lease: timedelta, most: int) -> list[Occurrence]:
        """See Occurrences."""
        now = self._now()
        wanted = (owner, to_micros(now + lease), to_micros(now), max(most, 0))  # to SQLite, -1 would mean all
        rows: list[Row] = await self._database.write(lambda writer: writer.execute(_CLAIM, wanted).fetchall())
        rows.sort(key=lambda row: (row[3], row[0]))
        return [occurrence for row in rows if (occurrence := self._opened(row))]

    async def extend(self, key: str, owner: str, lease: timedelta) -> bool:
        """See Occurrences."""
        until = to_micros(self._now() + lease)
        return await self._change(f"{_EXTEND} {_MINE}", (until, key, owner))

    async def done(self, key: str, owner: str, result: str) -> bool:
        """See Occurrences."""
        return await self._change(f"{_DONE} {_MINE}", (to_micros(self._now()), result, key, owner))

    async def again(self, key: str, owner: str, at: datetime, payload: dict[str, Any] | None = None) -> bool:
        """See Occurrences."""
        return await self._database.write(partial(_again, self._sealer, key, owner, to_micros(at), payload))

    async def give_back(self, key: str, owner: str, wait: timedelta) -> bool:
        """See Occurrences."""
        return await self._change(f"{_GIVE_BACK} {_MINE}", (to_micros(self._now() + wait), key, owner))

    async def drop(self, key: str) -> bool:
        """See Occurrences."""
        return await self._change(_DROP, (to_micros(self._now()), key))

    def next_due(self) -> datetime | None:
        """See Occurrences."""
        row = self._database.one("SELECT min(ready_at) FROM occurrences WHERE finished_at IS NULL")
        return None if row is None or row[0] is None else from_micros(row[0])

    async def forget_older_than(self, days: float) -> int:
        """See Occurrences."""
        edge = days_before(self._now, days)
        sql = "UPDATE occurrences SET envelope = NULL WHERE finished_at < ? AND envelope IS NOT NULL"
        return await self._database.write(lambda connection: connection.execute(sql, (edge,)).rowcount)

    async def _change(self, sql: str, parameters: tuple[str | int, ...]) -> bool:
        return await self._database.write(lambda connection: connection.execute(sql, parameters).rowcount == 1)

    def _opened(self, row: Row) -> Occurrence | None:
        key, kind, team, due_at, attempt, until, envelope = row
        try:
            payload = unseal(self._sealer, _place(team, key), envelope)
        except EnvelopeError:  # raised, it would keep all others from being claimed, for ever
            return None
        return Occurrence(key, kind, team, from_micros(due_at), attempt, payload, from_micros(until))


def due_row(sealer: Sealer, due: Due) -> Row:
    """What ``schedule`` writes, sealed already."""
    at = to_micros(due.at)
    return due.key, due.kind, due.team, at, at, seal(sealer, _place(due.team, due.key), due.payload)


def schedule(connection: sqlite3.Connection, row: Row | None) -> None:
    """Inside a transaction that depends on it: adds the occurrence, if any; Repeated if its key was used before."""
    if row is not None and not _add(connection, row):
        raise Repeated()


def _add(connection: sqlite3.Connection, row: Row) -> bool:
    return connection.execute(_ADD, row).rowcount == 1


def _again(
    sealer: Sealer, key: str, owner: str, at: int, payload: dict[str, Any] | None, connection: sqlite3.Connection
) -> bool:
    row = connection.execute(f"{_TEAM} {_MINE}", (key, owner)).fetchone()
    if row is None:
        return False
    envelope = None if payload is None else seal(sealer, _place(row[0], key), payload)
    return connection.execute(f"{_AGAIN} {_MINE}", (at, at, envelope, key, owner)).rowcount == 1


def _place(team: str, key: str) -> Place:
    return Place("occurrence", team, "", "", key)
