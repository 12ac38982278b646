"""Digests: scheduled summaries in channels, and when each of them is due next (DESIGN §6, F2, F4)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypedDict, Unpack

from store.audit import AuditLine, append
from store.database import Database, Row
from store.envelope import Place, Sealer
from store.errors import EnvelopeError, Repeated
from store.occurrences import Due, due_row, schedule
from store.payloads import seal, unseal
from store.times import Now, days_before, from_micros, to_micros, utc_now

ACTIVE, PAUSED, STOPPED = "active", "paused", "stopped"
OWNER, CHANNEL = "owner", "channel"

_ADD = (
    "INSERT INTO digests (id, team, created_at, run_key, owner, channel, what, days, at, zone, size, state, next_at, "
    "reason, offered_to, told_owner, told_channel, changed_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SELECT = (
    "SELECT id, team, owner, channel, what, days, at, zone, size, created_at, state, next_at, reason, offered_to, "
    "last_posted_at, run_key, told_owner, told_channel FROM digests"
)
_CHANGE = (
    "UPDATE digests SET owner = ?, channel = ?, what = ?, days = ?, at = ?, zone = ?, size = ?, state = ?, "
    "next_at = ?, reason = ?, offered_to = ?, told_owner = ?, told_channel = ?, changed_at = ? WHERE id = ?"
)
_DELETE = "DELETE FROM digests WHERE id = ?"
_DUE = f"{_SELECT} WHERE state = 'active' AND next_at <= ? ORDER BY next_at, id LIMIT ?"
_NEXT = "SELECT min(next_at) FROM digests WHERE state = 'active'"
_SAME = f"{_SELECT} WHERE id = ? AND team = ? AND state = ? AND owner = ? AND offered_to IS ?"
_ADVANCE = "UPDATE digests SET next_at = ? WHERE id = ? AND next_at = ? AND state = 'active'"
_RAN = "UPDATE digests SET run_key = ? WHERE id = ?"
_STOP = (
    "UPDATE digests SET state = 'stopped', next_at = NULL, reason = ?, told_owner = 0, told_channel = 0, "
    "changed_at = ? WHERE id = ? AND state <> 'stopped'"
)
_POSTED = "UPDATE digests SET last_posted_at = ?, envelope = ifnull(?, envelope) WHERE id = ?"
_TOLD = {
    OWNER: "UPDATE digests SET told_owner = 1 WHERE id = ? AND told_owner = 0",
    CHANNEL: "UPDATE digests SET told_channel = 1 WHERE id = ? AND told_channel = 0",
}
_FORGET = "DELETE FROM digests WHERE state = 'stopped' AND changed_at < ?"


@dataclass(frozen=True)
class Digest:
    """One scheduled summary; it runs with the connections of ``owner``.

    ``what`` are the names of its sources, ``days`` of the week (0 is Monday), ``at`` local time as ``HH:MM`` in
    ``zone``, ``size`` one of ``one_line``, ``summary``, ``full``. ``next_at`` is set while it is ``active``, ``reason``
    (a word) while it is ``stopped``, ``offered_to`` while a colleague is asked to take it over. ``run_key`` is the
    occurrence of its newest scheduled run; ``told_owner`` and ``told_channel`` are whether they know that it stopped.
    """

    id: str
    team: str
    owner: str
    channel: str
    what: tuple[str, ...]
    days: tuple[int, ...]
    at: str
    zone: str
    size: str
    created_at: datetime
    state: str = ACTIVE
    next_at: datetime | None = None
    reason: str | None = None
    offered_to: str | None = None
    last_posted_at: datetime | None = None
    run_key: str | None = None
    told_owner: bool = False
    told_channel: bool = False


@dataclass(frozen=True)
class Advance:
    """One step of a digest: from the run that was due at ``due_at`` to the next one, with an occurrence if it ran."""

    digest_id: str
    due_at: datetime
    next_at: datetime | None
    run: Due | None


class Fields(TypedDict, total=False):
    """What may be changed of a digest; what is not named stays."""

    owner: str
    channel: str
    what: tuple[str, ...]
    days: tuple[int, ...]
    at: str
    zone: str
    size: str
    state: str
    next_at: datetime | None
    reason: str | None
    offered_to: str | None


class Digests(Protocol):
    """Digests by their owners and channels; every change is written with its audit line, both or none (G7)."""

    async def add(self, digest: Digest, line: AuditLine) -> None:
        """Keeps a new digest; its id comes from ``new_digest_id``."""

    def get(self, digest_id: str, team: str) -> Digest | None:
        """The digest, if there is one of that id in that team."""

    def of_owner(self, team: str, owner: str) -> list[Digest]:
        """A person's digests in whatever state, oldest first."""

    def offered_to(self, team: str, user: str) -> list[Digest]:
        """The digests that this person is asked to take over, oldest first."""

    def in_channel(self, team: str, channel: str) -> list[Digest]:
        """A channel's digests in whatever state, oldest first."""

    def in_team(self, team: str) -> list[Digest]:
        """All digests of a team, oldest first."""

    def due(self, now: datetime, most: int) -> list[Digest]:
        """Active digests of all teams whose next run has come, longest waiting first; nothing sealed is opened."""

    def next_due(self) -> datetime | None:
        """When the next one of all teams is due; None if none is active."""

    async def change(self, before: Digest, line: AuditLine, **fields: Unpack[Fields]) -> Digest | None:
        """Changes these fields, and the digest as it is then.

        None, and nothing written: it is gone, or its state, owner or offer is no longer as in ``before``. A digest
        that leaves ``stopped`` loses its reason, and nobody has been told of anything.
        """

    async def advance(self, steps: Sequence[Advance]) -> int:
        """Moves digests on and schedules their runs, all in one transaction; how many were moved.

        A digest that is not active, or not due at ``due_at`` any more (somebody else moved it), is left alone. A run
        whose key was ever used is not scheduled again, and the digest is moved on all the same (F2).
        """

    def last(self, digest_id: str, team: str) -> dict[str, Any]:
        """The numbers that were posted last, sealed at rest; empty if there are none (or they cannot be opened)."""

    async def posted(self, digest_id: str, at: datetime, last: dict[str, Any] | None = None) -> bool:
        """Notes a post, and its numbers if they are known; False if the digest is gone."""

    async def stop(self, digest_id: str, reason: str, line: AuditLine) -> bool:
        """Stops an active or paused digest with a reason (a word, no personal data); False if it was neither."""

    async def told(self, digest_id: str, whom: str) -> bool:
        """Notes that OWNER or CHANNEL knows that it stopped; False if it was noted before."""

    async def delete(self, before: Digest, line: AuditLine) -> bool:
        """Removes it; False as for ``change``."""

    async def forget_older_than(self, days: float) -> int:
        """Drops digests that were stopped that long ago; how many."""


def new_digest_id() -> str:
    """128 random bits, fit for a URL and a button."""
    return secrets.token_urlsafe(16)


class SqliteDigests:
    """Digests in the file; the numbers that were posted last are sealed."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def add(self, digest: Digest, line: AuditLine) -> None:
        """See Digests."""
        row = _row(digest, to_micros(self._now()))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_ADD, row)
            append(connection, line)

        await self._database.write(work)

    def get(self, digest_id: str, team: str) -> Digest | None:
        """See Digests."""
        return next(iter(self._all("id = ? AND team = ?", (digest_id, team))), None)

    def of_owner(self, team: str, owner: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = ? AND owner = ?", (team, owner))

    def offered_to(self, team: str, user: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = ? AND offered_to = ?", (team, user))

    def in_channel(self, team: str, channel: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = ? AND channel = ?", (team, channel))

    def in_team(self, team: str) -> list[Digest]:
        """See Digests."""
        return self._all("team = ?", (team,))

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

        def work(connection: sqlite3.Connection) -> Digest | None:
            row = connection.execute(_SAME, _same(before)).fetchone()
            if row is None:
                return None
            after = _after(_digest(row), fields)
            connection.execute(_CHANGE, (*_settled(after), at, after.id))
            append(connection, line)
            return after

        return await self._database.write(work)

    async def advance(self, steps: Sequence[Advance]) -> int:
        """See Digests."""
        rows = [(_moved(step), due_row(self._sealer, step.run) if step.run else None) for step in steps]
        return await self._database.write(lambda connection: sum(_advance(connection, *row) for row in rows))

    def last(self, digest_id: str, team: str) -> dict[str, Any]:
        """See Digests."""
        row = self._database.one("SELECT envelope FROM digests WHERE id = ? AND team = ?", (digest_id, team))
        if row is None or row[0] is None:
            return {}
        try:
            return unseal(self._sealer, _place(digest_id, team), row[0])
        except EnvelopeError:  # what changed since then is not worth a digest that never comes again
            return {}

    async def posted(self, digest_id: str, at: datetime, last: dict[str, Any] | None = None) -> bool:
        """See Digests."""
        return await self._database.write(partial(_posted, self._sealer, digest_id, to_micros(at), last))

    async def stop(self, digest_id: str, reason: str, line: AuditLine) -> bool:
        """See Digests."""
        values = (reason, to_micros(self._now()), digest_id)

        def work(connection: sqlite3.Connection) -> bool:
            stopped = connection.execute(_STOP, values).rowcount == 1
            if stopped:
                append(connection, line)
            return stopped

        return await self._database.write(work)

    async def told(self, digest_id: str, whom: str) -> bool:
        """See Digests."""
        sql = _TOLD[whom]
        return await self._database.write(lambda connection: connection.execute(sql, (digest_id,)).rowcount == 1)

    async def delete(self, before: Digest, line: AuditLine) -> bool:
        """See Digests."""

        def work(connection: sqlite3.Connection) -> bool:
            if connection.execute(_SAME, _same(before)).fetchone() is None:
                return False
            connection.execute(_DELETE, (before.id,))
            append(connection, line)
            return True

        return await self._database.write(work)

    async def forget_older_than(self, days: float) -> int:
        """See Digests."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: connection.execute(_FORGET, (edge,)).rowcount)

    def _all(self, where: str, parameters: tuple[str, ...]) -> list[Digest]:
        rows = self._database.all(f"{_SELECT} WHERE {where} ORDER BY created_at, rowid", parameters)
        return [_digest(row) for row in rows]


def _advance(connection: sqlite3.Connection, moved: Row, run: Row | None) -> bool:
    if connection.execute(_ADVANCE, moved).rowcount == 0:
        return False
    if run is not None:
        with suppress(Repeated):  # the clock was set back: this local date has had its run
            schedule(connection, run)
            connection.execute(_RAN, (run[0], moved[1]))
    return True


def _posted(
    sealer: Sealer, digest_id: str, at: int, last: dict[str, Any] | None, connection: sqlite3.Connection
) -> bool:
    row = connection.execute("SELECT team FROM digests WHERE id = ?", (digest_id,)).fetchone()
    if row is None:
        return False
    envelope = None if last is None else seal(sealer, _place(digest_id, row[0]), last)
    return connection.execute(_POSTED, (at, envelope, digest_id)).rowcount == 1


def _moved(step: Advance) -> Row:
    return _column(step.next_at), step.digest_id, to_micros(step.due_at)


def _same(before: Digest) -> Row:
    return before.id, before.team, before.state, before.owner, before.offered_to


def _row(digest: Digest, at: int) -> Row:
    return digest.id, digest.team, to_micros(digest.created_at), digest.run_key, *_settled(digest), at


def _settled(digest: Digest) -> Row:
    """What a change may write, as the columns hold it."""
    when = digest.days, digest.at, digest.zone, digest.size, digest.state, digest.next_at
    told = digest.told_owner, digest.told_channel
    values = (digest.owner, digest.channel, digest.what, *when, digest.reason, digest.offered_to, *told)
    return tuple(_column(value) for value in values)


def _after(digest: Digest, fields: Fields) -> Digest:
    """A digest that leaves ``stopped`` begins anew: no reason, and nobody was told of anything."""
    anew = replace(digest, **fields)
    if STOPPED in (anew.state, digest.state) and anew.state != digest.state:
        return replace(anew, reason=fields.get("reason"), told_owner=False, told_channel=False)
    return anew


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return to_micros(value)
    return json.dumps(value) if isinstance(value, tuple) else value


def _digest(row: Row) -> Digest:
    id, team, owner, channel, what, days, at, zone, size, created_at, state, next_at, *rest = row
    reason, offered_to, last_posted_at, run_key, *told = rest
    return Digest(
        *(id, team, owner, channel, tuple(json.loads(what)), tuple(json.loads(days)), at, zone, size),
        from_micros(created_at),
        state,
        _moment(next_at),
        reason,
        offered_to,
        _moment(last_posted_at),
        run_key,
        *map(bool, told),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _place(id: str, team: str) -> Place:
    return Place("digest", team, "", "", id)
