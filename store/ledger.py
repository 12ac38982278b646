"""Every change, once: it is claimed here, with its audit line, before anything is sent (DESIGN §4.4, E1, G7)."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from store.audit import AuditLine, append
from store.database import Database, Row
from store.envelope import Place, Sealer
from store.occurrences import Due, due_row, schedule
from store.payloads import seal, unseal
from store.times import Now, days_before, from_micros, to_micros, utc_now

OPEN = ("waiting_approval", "held", "sending", "requested", "unknown")

_ADD = (
    "INSERT INTO actions (id, kind, team, user, back_end, target, state, reference, created_at, changed_at, envelope, "
    "is_open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, team, back_end, target) WHERE is_open = 1 DO NOTHING"
)
_SELECT = (
    "SELECT id, kind, team, user, back_end, target, state, reference, created_at, changed_at, envelope FROM actions"
)
_ONE = f"{_SELECT} WHERE id = ?"
_OPEN_FOR = f"{_SELECT} WHERE kind = ? AND team = ? AND back_end = ? AND target = ? AND is_open = 1"
_IN_STATE = f"{_SELECT} WHERE kind = ? AND team = ? AND state = ? ORDER BY created_at, id"
_MOVE = "UPDATE OR IGNORE actions SET state = ?, changed_at = ?, envelope = ?, is_open = ? WHERE id = ?"
_MINE = f"{_SELECT} WHERE team = ? AND user = ?"
_NEWEST = "ORDER BY created_at DESC, id DESC LIMIT ?"
_RECENT = "SELECT count(*) FROM actions WHERE kind = ? AND team = ? AND user = ? AND created_at >= ?"
_FORGET = "DELETE FROM actions WHERE changed_at < ? AND is_open = 0"


@dataclass(frozen=True)
class Action:
    """One change, asked by one person; ``target`` is an order's id or "seller:identifier", ``payload`` is sealed.

    ``reference`` is that of the request that claimed it.
    """

    id: str
    kind: str
    team: str
    user: str
    back_end: str
    target: str
    state: str
    reference: str
    created_at: datetime
    changed_at: datetime
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Claim:
    """Who came first: ``action`` is the caller's own new one if ``won``, else the open one that stands in the way."""

    won: bool
    action: Action


class Ledger(Protocol):
    """At most one action is open (its state is one of OPEN) for each kind, team, back end and target."""

    async def claim(
        self,
        *,
        kind: str,
        team: str,
        user: str,
        back_end: str,
        target: str,
        state: str,
        payload: dict[str, Any],
        line: AuditLine,
        due: Due | None = None,
        action_id: str | None = None,
    ) -> Claim:
        """Writes the action, its audit line and its occurrence together, for one caller; nothing for the others.

        ``action_id`` comes from ``new_action_id`` where the occurrence has to name the action. StoreError: none of
        the three is written, and the caller must not act; Repeated: the occurrence's key was used before.
        """

    async def move(
        self,
        action_id: str,
        *,
        expect: tuple[str, ...],
        to: str,
        line: AuditLine,
        payload: dict[str, Any] | None = None,
        due: Due | None = None,
    ) -> Action | None:
        """Changes the state with its audit line and occurrence, all or none; the payload stays if none is given.

        None, and nothing written: there is no such action, it was in no expected state (somebody else moved it), or
        it would open beside another open one.
        """

    def get(self, action_id: str, team: str) -> Action | None:
        """The action, or None if there is none of that id in that team; EnvelopeError if it was tampered with."""

    def open_for(self, kind: str, team: str, back_end: str, target: str) -> Action | None:
        """The one open action of that kind for that target."""

    def in_state(self, kind: str, team: str, state: str) -> list[Action]:
        """A team's actions of one kind that are in one state, oldest first."""

    def mine(self, team: str, user: str, *, states: tuple[str, ...] = (), most: int) -> list[Action]:
        """A person's newest actions of every kind, newest first; where ``states`` are given, in one of these only."""

    def count_recent(self, kind: str, team: str, user: str, since: datetime) -> int:
        """How many of that kind a person has claimed since then, in whatever state they are now."""

    async def forget_older_than(self, days: float) -> int:
        """Drops what was closed that long ago, how many; open actions and the audit stay."""


def new_action_id() -> str:
    """128 random bits, fit for a URL and a button."""
    return secrets.token_urlsafe(16)


class SqliteLedger:
    """The ledger in the file; a partial unique index decides who is first."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def claim(
        self,
        *,
        kind: str,
        team: str,
        user: str,
        back_end: str,
        target: str,
        state: str,
        payload: dict[str, Any],
        line: AuditLine,
        due: Due | None = None,
        action_id: str | None = None,
    ) -> Claim:
        """See Ledger."""
        id, at = action_id or new_action_id(), to_micros(self._now())
        envelope = seal(self._sealer, _place(id, team, user, back_end), payload)
        row = (id, kind, team, user, back_end, target, state, line.reference, at, at, envelope)
        scheduled = due_row(self._sealer, due) if due else None
        won, kept = await self._database.write(lambda connection: _claim(connection, row, line, scheduled))
        return Claim(won, self._action(kept))

    async def move(
        self,
        action_id: str,
        *,
        expect: tuple[str, ...],
        to: str,
        line: AuditLine,
        payload: dict[str, Any] | None = None,
        due: Due | None = None,
    ) -> Action | None:
        """See Ledger."""
        at, scheduled = to_micros(self._now()), due_row(self._sealer, due) if due else None

        def work(connection: sqlite3.Connection) -> Row | None:
            row = connection.execute(_ONE, (action_id,)).fetchone()
            if row is None or row[6] not in expect:
                return None
            return _move(connection, self._changed(row, to, at, payload), line, scheduled)

        row = await self._database.write(work)
        return self._action(row) if row else None

    def get(self, action_id: str, team: str) -> Action | None:
        """See Ledger."""
        row = self._database.one(f"{_ONE} AND team = ?", (action_id, team))
        return self._action(row) if row else None

    def open_for(self, kind: str, team: str, back_end: str, target: str) -> Action | None:
        """See Ledger."""
        row = self._database.one(_OPEN_FOR, (kind, team, back_end, target))
        return self._action(row) if row else None

    def in_state(self, kind: str, team: str, state: str) -> list[Action]:
        """See Ledger."""
        return [self._action(row) for row in self._database.all(_IN_STATE, (kind, team, state))]

    def mine(self, team: str, user: str, *, states: tuple[str, ...] = (), most: int) -> list[Action]:
        """See Ledger."""
        among = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
        rows = self._database.all(f"{_MINE} {among} {_NEWEST}", (team, user, *states, max(most, 0)))
        return [self._action(row) for row in rows]

    def count_recent(self, kind: str, team: str, user: str, since: datetime) -> int:
        """See Ledger."""
        row = self._database.one(_RECENT, (kind, team, user, to_micros(since)))
        return int(row[0]) if row else 0

    async def forget_older_than(self, days: float) -> int:
        """See Ledger."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: connection.execute(_FORGET, (edge,)).rowcount)

    def _changed(self, row: Row, to: str, at: int, payload: dict[str, Any] | None) -> Row:
        envelope = row[10] if payload is None else seal(self._sealer, _place_of(row), payload)
        return *row[:6], to, *row[7:9], at, envelope

    def _action(self, row: Row) -> Action:
        id, kind, team, user, back_end, target, state, reference, created_at, changed_at, envelope = row
        payload = unseal(self._sealer, _place_of(row), envelope)
        times = from_micros(created_at), from_micros(changed_at)
        return Action(id, kind, team, user, back_end, target, state, reference, *times, payload)


def _claim(connection: sqlite3.Connection, row: Row, line: AuditLine, scheduled: Row | None) -> tuple[bool, Row]:
    if connection.execute(_ADD, (*row, row[6] in OPEN)).rowcount == 0:
        _, kind, team, _, back_end, target, *_ = row
        return False, connection.execute(_OPEN_FOR, (kind, team, back_end, target)).fetchone()
    append(connection, line)
    schedule(connection, scheduled)
    return True, row


def _move(connection: sqlite3.Connection, row: Row, line: AuditLine, scheduled: Row | None) -> Row | None:
    if connection.execute(_MOVE, (row[6], row[9], row[10], row[6] in OPEN, row[0])).rowcount == 0:
        return None
    append(connection, line)
    schedule(connection, scheduled)
    return row


def _place_of(row: Row) -> Place:
    id, _, team, user, back_end, *_ = row
    return _place(id, team, user, back_end)


def _place(id: str, team: str, user: str, back_end: str) -> Place:
    return Place("action", team, user, back_end, id)
