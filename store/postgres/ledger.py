"""The ledger in PostgreSQL: a partial unique index decides who is first among all replicas (DESIGN §4.4, E1, G7)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from psycopg.errors import UniqueViolation

from store.audit import AuditLine
from store.envelope import Place, Sealer
from store.errors import Busy
from store.ledger import OPEN, Action, Claim, new_action_id
from store.occurrences import Due, due_row
from store.payloads import seal, unseal
from store.postgres.audit import append
from store.postgres.occurrences import schedule
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = (
    'INSERT INTO actions (id, kind, team, "user", back_end, target, state, reference, created_at, changed_at, '
    "envelope, is_open) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (kind, team, back_end, target) WHERE is_open = 1 DO NOTHING"
)
_SELECT = (
    'SELECT id, kind, team, "user", back_end, target, state, reference, created_at, changed_at, envelope FROM actions'
)
_HELD = f"{_SELECT} WHERE id = %s FOR UPDATE"
_ONE = f"{_SELECT} WHERE id = %s AND team = %s"
_OPEN_FOR = f"{_SELECT} WHERE kind = %s AND team = %s AND back_end = %s AND target = %s AND is_open = 1"
_IN_STATE = f"{_SELECT} WHERE kind = %s AND team = %s AND state = %s ORDER BY created_at, id"
_MOVE = "UPDATE actions SET state = %s, changed_at = %s, envelope = %s, is_open = %s WHERE id = %s"
_MINE = f'{_SELECT} WHERE team = %s AND "user" = %s'
_NEWEST = "ORDER BY created_at DESC, id DESC LIMIT %s"
_RECENT = 'SELECT count(*) FROM actions WHERE kind = %s AND team = %s AND "user" = %s AND created_at >= %s'
_FORGET = "DELETE FROM actions WHERE changed_at < %s AND is_open = 0"
_TRIES = 100


class PgLedger:
    """The ledger in the database."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
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
        won, kept = await self._database.write(partial(_claim, row, line, scheduled))
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

        async def work(connection: Writing) -> Row | None:
            row = await found(connection, _HELD, (action_id,))
            if row is None or row[6] not in expect:
                return None
            return await _move(self._changed(row, to, at, payload), line, scheduled, connection)

        row = await self._database.write(work)
        return self._action(row) if row else None

    def get(self, action_id: str, team: str) -> Action | None:
        """See Ledger."""
        row = self._database.one(_ONE, (action_id, team))
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
        among = "AND state = ANY(%s)" if states else ""
        given = [list(states)] if states else []
        rows = self._database.all(f"{_MINE} {among} {_NEWEST}", (team, user, *given, max(most, 0)))
        return [self._action(row) for row in rows]

    def count_recent(self, kind: str, team: str, user: str, since: datetime) -> int:
        """See Ledger."""
        row = self._database.one(_RECENT, (kind, team, user, to_micros(since)))
        return int(row[0]) if row else 0

    async def forget_older_than(self, days: float) -> int:
        """See Ledger."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: changed(connection, _FORGET, (edge,)))

    def _changed(self, row: Row, to: str, at: int, payload: dict[str, Any] | None) -> Row:
        envelope = row[10] if payload is None else seal(self._sealer, _place_of(row), payload)
        return *row[:6], to, *row[7:9], at, envelope

    def _action(self, row: Row) -> Action:
        id, kind, team, user, back_end, target, state, reference, created_at, changed_at, envelope = row
        payload = unseal(self._sealer, _place_of(row), envelope)
        times = from_micros(created_at), from_micros(changed_at)
        return Action(id, kind, team, user, back_end, target, state, reference, *times, payload)


async def _claim(row: Row, line: AuditLine, scheduled: Row | None, connection: Writing) -> tuple[bool, Row]:
    """The audit comes last, because its head is locked for everybody until the commit."""
    _, kind, team, _, back_end, target, state, *_ = row
    for _ in range(_TRIES):  # the one that stood in the way may be closed before we can look at it
        if await changed(connection, _ADD, (*row, int(state in OPEN))):
            await schedule(connection, scheduled)
            await append(connection, line)
            return True, row
        if kept := await found(connection, _OPEN_FOR, (kind, team, back_end, target)):
            return False, kept
    raise Busy()


async def _move(row: Row, line: AuditLine, scheduled: Row | None, connection: Writing) -> Row | None:
    try:
        async with connection.transaction():  # a savepoint, for PostgreSQL has no UPDATE OR IGNORE
            await connection.execute(_MOVE, (row[6], row[9], row[10], int(row[6] in OPEN), row[0]))
    except UniqueViolation:
        return None
    await schedule(connection, scheduled)
    await append(connection, line)
    return row


def _place_of(row: Row) -> Place:
    id, _, team, user, back_end, *_ = row
    return _place(id, team, user, back_end)


def _place(id: str, team: str, user: str, back_end: str) -> Place:
    return Place("action", team, user, back_end, id)
