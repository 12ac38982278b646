"""Digests in PostgreSQL: scheduled summaries in channels, moved on by one replica at a time (DESIGN §6, F2, F4)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Unpack

from store.audit import AuditLine
from store.digests import (
    CHANNEL,
    OWNER,
    Advance,
    Digest,
    Fields,
    _after,
    _digest,
    _moved,
    _place,
    _row,
    _same,
    _settled,
)
from store.envelope import Sealer
from store.errors import EnvelopeError, Repeated
from store.occurrences import due_row
from store.payloads import seal, unseal
from store.postgres.audit import append
from store.postgres.occurrences import schedule
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = (
    "INSERT INTO digests (id, team, created_at, run_key, owner, channel, what, days, at, zone, size, state, next_at, "
    "reason, offered_to, told_owner, told_channel, changed_at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_SELECT = (
    "SELECT id, team, owner, channel, what, days, at, zone, size, created_at, state, next_at, reason, offered_to, "
    "last_posted_at, run_key, told_owner, told_channel FROM digests"
)
_CHANGE = (
    "UPDATE digests SET owner = %s, channel = %s, what = %s, days = %s, at = %s, zone = %s, size = %s, state = %s, "
    "next_at = %s, reason = %s, offered_to = %s, told_owner = %s, told_channel = %s, changed_at = %s WHERE id = %s"
)
_DELETE = "DELETE FROM digests WHERE id = %s"
_DUE = f"{_SELECT} WHERE state = 'active' AND next_at <= %s ORDER BY next_at, id LIMIT %s"
_NEXT = "SELECT min(next_at) FROM digests WHERE state = 'active'"
_SAME = (
    f"{_SELECT} WHERE id = %s AND team = %s AND state = %s AND owner = %s AND offered_to IS NOT DISTINCT FROM %s "
    "FOR UPDATE"
)
_ADVANCE = "UPDATE digests SET next_at = %s WHERE id = %s AND next_at = %s AND state = 'active'"
_RAN = "UPDATE digests SET run_key = %s WHERE id = %s"
_STOP = (
    "UPDATE digests SET state = 'stopped', next_at = NULL, reason = %s, told_owner = 0, told_channel = 0, "
    "changed_at = %s WHERE id = %s AND state <> 'stopped'"
)
_LAST = "SELECT envelope FROM digests WHERE id = %s AND team = %s"
_TEAM = "SELECT team FROM digests WHERE id = %s FOR UPDATE"
_POSTED = "UPDATE digests SET last_posted_at = %s, envelope = coalesce(%s, envelope) WHERE id = %s"
_TOLD = {
    OWNER: "UPDATE digests SET told_owner = 1 WHERE id = %s AND told_owner = 0",
    CHANNEL: "UPDATE digests SET told_channel = 1 WHERE id = %s AND told_channel = 0",
}
_FORGET = "DELETE FROM digests WHERE state = 'stopped' AND changed_at < %s"


class PgDigests:
    """Digests in the database; the numbers that were posted last are sealed."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def add(self, digest: Digest, line: AuditLine) -> None:
        """See Digests."""
        await self._database.write(partial(_written, _ADD, _plain(_row(digest, to_micros(self._now()))), line))

    def get(self, digest_id: str, team: str) -> Digest | None:
        """See Digests."""
        return next(iter(self._all("id = %s AND team = %s", (digest_id, team))), None)

    def of_owner(self, team: str, owner: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = %s AND owner = %s", (team, owner))

    def offered_to(self, team: str, user: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = %s AND offered_to = %s", (team, user))

    def in_channel(self, team: str, channel: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = %s AND channel = %s", (team, channel))

    def in_team(self, team: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = %s", (team,))

    def due(self, now: datetime, most: int) -> list[Digest]:
        """See Digests."""
        return [_digest(row) for row in self._database.all(_DUE, (to_micros(now), max(most, 0)))]

    def next_due(self) -> datetime | None:
        """See Digests."""
        row = self._database.one(_NEXT)
        return None if row is None or row[0] is None else from_micros(row[0])

    async def change(self, before: Digest, line: AuditLine, **fields: Unpack[Fields]) -> Digest | None:
        """See Digests."""
        at = to_micros(self._now())

        async def work(connection: Writing) -> Digest | None:
            row = await found(connection, _SAME, _same(before))
            if row is None:
                return None
            after = _after(_digest(row), fields)
            await _written(_CHANGE, _plain((*_settled(after), at, after.id)), line, connection)
            return after

        return await self._database.write(work)

    async def advance(self, steps: Sequence[Advance]) -> int:
        """See Digests; in the order of their ids, so that replicas do not wait for one another crosswise."""
        ordered = sorted(steps, key=lambda step: step.digest_id)
        rows = [(_moved(step), due_row(self._sealer, step.run) if step.run else None) for step in ordered]
        return await self._database.write(partial(_advance, rows))

    def last(self, digest_id: str, team: str) -> dict[str, Any]:
        """See Digests."""
        row = self._database.one(_LAST, (digest_id, team))
        if row is None or row[0] is None:
            return {}
        try:
            return unseal(self._sealer, _place(digest_id, team), row[0])
        except EnvelopeError:  # what changed since then is not worth a digest that never comes again
            return {}

    async def posted(self, digest_id: str, at: datetime, last: dict[str, Any] | None = None) -> bool:
        """See Digests."""
        return await self._database.write(partial(self._posted, digest_id, to_micros(at), last))

    async def stop(self, digest_id: str, reason: str, line: AuditLine) -> bool:
        """See Digests."""
        values = (reason, to_micros(self._now()), digest_id)
        return await self._database.write(partial(_written, _STOP, values, line))

    async def told(self, digest_id: str, whom: str) -> bool:
        """See Digests."""
        sql = _TOLD[whom]
        return await self._database.write(lambda connection: changed(connection, sql, (digest_id,))) == 1

    async def delete(self, before: Digest, line: AuditLine) -> bool:
        """See Digests."""

        async def work(connection: Writing) -> bool:
            if await found(connection, _SAME, _same(before)) is None:
                return False
            return await _written(_DELETE, (before.id,), line, connection)

        return await self._database.write(work)

    async def forget_older_than(self, days: float) -> int:
        """See Digests."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: changed(connection, _FORGET, (edge,)))

    def _all(self, where: str, values: tuple[str, ...]) -> list[Digest]:
        rows = self._database.all(f"{_SELECT} WHERE {where} ORDER BY created_at, added", values)
        return [_digest(row) for row in rows]

    async def _posted(self, digest_id: str, at: int, last: dict[str, Any] | None, connection: Writing) -> bool:
        row = await found(connection, _TEAM, (digest_id,))
        if row is None:
            return False
        envelope = None if last is None else seal(self._sealer, _place(digest_id, row[0]), last)
        return await changed(connection, _POSTED, (at, envelope, digest_id)) == 1


async def _written(sql: str, values: Row, line: AuditLine, connection: Writing) -> bool:
    """One row with its audit line; without the row there is no line."""
    if await changed(connection, sql, values) == 0:
        return False
    await append(connection, line)
    return True


async def _advance(rows: Sequence[tuple[Row, Row | None]], connection: Writing) -> int:
    number = 0
    for moved, run in rows:
        if await changed(connection, _ADVANCE, moved) == 0:
            continue
        number += 1
        if run is not None:
            with suppress(Repeated):  # the clock was set back: this local date has had its run
                await schedule(connection, run)
                await changed(connection, _RAN, (run[0], moved[1]))
    return number


def _plain(row: Row) -> Row:
    """With numbers for what is true or false, as the columns hold it."""
    return tuple(int(value) if isinstance(value, bool) else value for value in row)
