"""Occurrences in PostgreSQL: replicas share what is due, each run leased to one owner at a time (DESIGN §6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from store.envelope import Place, Sealer
from store.errors import EnvelopeError, Repeated
from store.occurrences import Due, Occurrence, due_row
from store.payloads import seal, unseal
from store.postgres.jobs import defer
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = (
    "INSERT INTO occurrences (key, kind, team, due_at, ready_at, attempt, envelope) "
    "VALUES (%s, %s, %s, %s, %s, 0, %s) ON CONFLICT (key) DO NOTHING"
)
_CLAIM = (
    "WITH due AS MATERIALIZED (SELECT key FROM occurrences WHERE finished_at IS NULL AND ready_at <= %s "
    "ORDER BY kind = 'digest.run', ready_at, key LIMIT %s FOR UPDATE SKIP LOCKED) "
    "UPDATE occurrences o SET attempt = attempt + 1, owner = %s, ready_at = %s FROM due WHERE o.key = due.key "
    "RETURNING o.key, kind, team, due_at, attempt, ready_at, envelope"
)
_CLAIM_ONE = (
    "UPDATE occurrences SET attempt = attempt + 1, owner = %s, ready_at = %s "
    "WHERE key = %s AND finished_at IS NULL AND ready_at <= %s "
    "RETURNING key, kind, team, due_at, attempt, ready_at, envelope"
)
_MINE = "WHERE key = %s AND owner = %s AND finished_at IS NULL"
_EXTEND = "UPDATE occurrences SET ready_at = %s"
_GIVE_BACK = "UPDATE occurrences SET ready_at = %s, attempt = attempt - 1, owner = NULL"
_DONE = "UPDATE occurrences SET finished_at = %s, result = %s, owner = NULL"
_TEAM = "SELECT team FROM occurrences"
_AGAIN = (
    "UPDATE occurrences SET due_at = %s, ready_at = %s, attempt = 0, owner = NULL, "
    "envelope = coalesce(%s, envelope) WHERE key = %s"
)
_DROP = (
    "UPDATE occurrences SET finished_at = %s, result = 'dropped', owner = NULL WHERE key = %s AND finished_at IS NULL"
)
_NEXT = "SELECT min(ready_at) FROM occurrences WHERE finished_at IS NULL"
_FORGET = "UPDATE occurrences SET envelope = NULL WHERE finished_at < %s AND envelope IS NOT NULL"


class PgOccurrences:
    """Occurrences in the database; the clocks of the replicas must agree to within a fraction of the lease."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def add(self, due: Due) -> bool:
        """See Occurrences."""
        row = due_row(self._sealer, due)
        return await self._database.write(lambda connection: _add(connection, row))

    async def claim_due(self, *, owner: str, lease: timedelta, most: int) -> list[Occurrence]:
        """See Occurrences; rows that another replica is claiming at this moment are left to it."""
        now = self._now()
        wanted = (to_micros(now), max(most, 0), owner, to_micros(now + lease))
        rows = await self._database.write(partial(_claim, wanted))
        rows.sort(key=lambda row: (row[3], row[0]))
        return [occurrence for row in rows if (occurrence := self._opened(row))]

    async def claim(self, key: str, *, owner: str, lease: timedelta) -> Occurrence | None:
        """The one of that key, as ``claim_due`` would give it; None if it is not due, leased, over or unreadable."""
        now = self._now()
        wanted = (owner, to_micros(now + lease), key, to_micros(now))
        row = await self._database.write(lambda connection: found(connection, _CLAIM_ONE, wanted))
        return self._opened(row) if row else None

    async def extend(self, key: str, owner: str, lease: timedelta) -> bool:
        """See Occurrences."""
        return await self._one(f"{_EXTEND} {_MINE}", (to_micros(self._now() + lease), key, owner))

    async def done(self, key: str, owner: str, result: str) -> bool:
        """See Occurrences."""
        return await self._one(f"{_DONE} {_MINE}", (to_micros(self._now()), result, key, owner))

    async def again(self, key: str, owner: str, at: datetime, payload: dict[str, Any] | None = None) -> bool:
        """See Occurrences."""
        return await self._database.write(partial(self._put_back, key, owner, to_micros(at), payload))

    async def give_back(self, key: str, owner: str, wait: timedelta) -> bool:
        """See Occurrences; the sweep makes its job once it can be claimed."""
        return await self._one(f"{_GIVE_BACK} {_MINE}", (to_micros(self._now() + wait), key, owner))

    async def drop(self, key: str) -> bool:
        """See Occurrences."""
        return await self._one(_DROP, (to_micros(self._now()), key))

    def next_due(self) -> datetime | None:
        """See Occurrences."""
        row = self._database.one(_NEXT)
        return None if row is None or row[0] is None else from_micros(row[0])

    async def forget_older_than(self, days: float) -> int:
        """See Occurrences."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: changed(connection, _FORGET, (edge,)))

    async def _one(self, sql: str, values: Row) -> bool:
        return await self._database.write(lambda connection: changed(connection, sql, values)) == 1

    async def _put_back(
        self, key: str, owner: str, at: int, payload: dict[str, Any] | None, connection: Writing
    ) -> bool:
        row = await found(connection, f"{_TEAM} {_MINE} FOR UPDATE", (key, owner))
        if row is None:
            return False
        envelope = None if payload is None else seal(self._sealer, _place(row[0], key), payload)
        await changed(connection, _AGAIN, (at, at, envelope, key))
        await defer(connection, key, from_micros(at))
        return True

    def _opened(self, row: Row) -> Occurrence | None:
        key, kind, team, due_at, attempt, until, envelope = row
        try:
            payload = unseal(self._sealer, _place(team, key), envelope)
        except EnvelopeError:  # raised, it would keep all others from being claimed, for ever
            return None
        return Occurrence(key, kind, team, from_micros(due_at), attempt, payload, from_micros(until))


async def schedule(connection: Writing, row: Row | None) -> None:
    """Inside a transaction that depends on it: adds the occurrence, if any; Repeated if its key was used before."""
    if row is not None and not await _add(connection, row):
        raise Repeated()


async def _add(connection: Writing, row: Row) -> bool:
    """The row and the job that runs it, or neither."""
    if await changed(connection, _ADD, row) == 0:
        return False
    await defer(connection, row[0], from_micros(row[3]))
    return True


async def _claim(wanted: Row, connection: Writing) -> list[Row]:
    return await (await connection.execute(_CLAIM, wanted)).fetchall()


def _place(team: str, key: str) -> Place:
    return Place("occurrence", team, "", "", key)
