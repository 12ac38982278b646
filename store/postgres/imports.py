"""Imports in PostgreSQL: files of orders, row by row; a row is claimed before it is sent and never twice (E8)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from typing import get_args

from store.envelope import Place, Sealer
from store.imports import Import, ImportRow, ImportState, RowState
from store.occurrences import Due, due_row
from store.payloads import seal, unseal
from store.postgres.occurrences import schedule
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_IMPORT = 'SELECT id, team, "user", channel, state, message_ts, created_at FROM imports WHERE id = %s AND team = %s'
_ADD = "INSERT INTO imports (id, team, \"user\", channel, state, created_at) VALUES (%s, %s, %s, %s, 'preview', %s)"
_ADD_ROW = "INSERT INTO import_rows (import, number, state, order_id, envelope) VALUES (%s, %s, %s, %s, %s)"
_ROWS = (
    "SELECT r.import, i.team, r.number, r.state, r.order_id, r.envelope FROM import_rows r "
    "JOIN imports i ON i.id = r.import WHERE r.import = %s"
)
_COUNTS = "SELECT state, count(*) FROM import_rows WHERE import = %s GROUP BY state"
_SHOWN = "UPDATE imports SET message_ts = %s WHERE id = %s"
_RESUME = "UPDATE imports SET state = 'running' WHERE id = %s AND state IN ('preview', 'stopped')"
_STOP = "UPDATE imports SET state = 'stopped' WHERE id = %s AND state = 'running'"
# The lock makes a stop wait for a claim under way, so that nothing is claimed once it has returned.
_CLAIM = (
    "WITH running AS MATERIALIZED (SELECT id FROM imports WHERE id = %s AND state = 'running' FOR SHARE) "
    "UPDATE import_rows SET state = 'sending' FROM running "
    "WHERE import = running.id AND number = %s AND state = 'ready'"
)
_HELD = f"{_ROWS} AND r.number = %s AND r.state IN ('sending', 'unknown') FOR UPDATE OF r"
_SETTLE = "UPDATE import_rows SET state = %s, order_id = %s, envelope = %s WHERE import = %s AND number = %s"
_FINISH = (
    "UPDATE imports SET state = 'finished' WHERE id = %s AND state IN ('running', 'stopped') "
    "AND NOT EXISTS (SELECT 1 FROM import_rows WHERE import = imports.id AND state IN ('ready', 'sending'))"
)
_FORGET = "DELETE FROM imports WHERE created_at < %s AND state <> 'running'"


class PgImports:
    """Imports in the database."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def create(self, team: str, user: str, channel: str, rows: Sequence[ImportRow]) -> str:
        """See Imports."""
        id = secrets.token_urlsafe(16)
        sealed = [(id, row.number, row.state, row.order_id, self._seal(id, team, row)) for row in rows]
        own = (id, team, user, channel, to_micros(self._now()))
        await self._database.write(partial(_create, own, sealed))
        return id

    def get(self, import_id: str, team: str) -> Import | None:
        """See Imports."""
        row = self._database.one(_IMPORT, (import_id, team))
        return _import(*row) if row else None

    def rows(self, import_id: str, state: RowState | None = None) -> list[ImportRow]:
        """See Imports."""
        which, values = ("", ()) if state is None else ("AND r.state = %s", (state,))
        rows = self._database.all(f"{_ROWS} {which} ORDER BY r.number", (import_id, *values))
        return [self._opened(row) for row in rows]

    def counts(self, import_id: str) -> dict[RowState, int]:
        """See Imports."""
        counted: dict[RowState, int] = dict.fromkeys(get_args(RowState), 0)
        return counted | dict(self._database.all(_COUNTS, (import_id,)))

    async def shown(self, import_id: str, message_ts: str) -> None:
        """See Imports."""
        await self._one(_SHOWN, (message_ts, import_id))

    async def resume(self, import_id: str, due: Due | None = None) -> bool:
        """See Imports."""
        return await self._database.write(partial(_resume, import_id, due_row(self._sealer, due) if due else None))

    async def stop(self, import_id: str) -> bool:
        """See Imports."""
        return await self._one(_STOP, (import_id,))

    async def finish(self, import_id: str) -> bool:
        """See Imports."""
        return await self._one(_FINISH, (import_id,))

    async def claim_row(self, import_id: str, number: int) -> bool:
        """See Imports."""
        return await self._one(_CLAIM, (import_id, number))

    async def settle_row(
        self, import_id: str, number: int, state: RowState, order_id: int | None, message: str
    ) -> bool:
        """See Imports."""
        return await self._database.write(partial(self._settle, import_id, number, state, order_id, message))

    async def forget_older_than(self, days: float) -> int:
        """See Imports."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: changed(connection, _FORGET, (edge,)))

    async def _one(self, sql: str, values: Row) -> bool:
        return await self._database.write(lambda connection: changed(connection, sql, values)) == 1

    async def _settle(
        self, import_id: str, number: int, state: RowState, order_id: int | None, message: str, connection: Writing
    ) -> bool:
        row = await found(connection, _HELD, (import_id, number))
        if row is None:
            return False
        was = self._opened(row)
        settled = ImportRow(number, state, was.identifier, order_id, message, was.payload)
        envelope = self._seal(import_id, row[1], settled)
        return await changed(connection, _SETTLE, (state, order_id, envelope, import_id, number)) == 1

    def _seal(self, import_id: str, team: str, row: ImportRow) -> bytes:
        inside = {"identifier": row.identifier, "message": row.message, "payload": row.payload}
        return seal(self._sealer, _place(team, import_id, row.number), inside)

    def _opened(self, row: Row) -> ImportRow:
        import_id, team, number, state, order_id, envelope = row
        inside = unseal(self._sealer, _place(team, import_id, number), envelope)
        return ImportRow(number, state, inside["identifier"], order_id, inside["message"], inside["payload"])


async def _create(own: Row, rows: Sequence[Row], connection: Writing) -> None:
    await connection.execute(_ADD, own)
    async with connection.cursor() as cursor:
        await cursor.executemany(_ADD_ROW, rows)


async def _resume(import_id: str, scheduled: Row | None, connection: Writing) -> bool:
    if await changed(connection, _RESUME, (import_id,)) == 0:
        return False
    await schedule(connection, scheduled)
    return True


def _place(team: str, import_id: str, number: int) -> Place:
    return Place("import", team, "", "", f"{import_id}/{number}")


def _import(
    id: str, team: str, user: str, channel: str, state: ImportState, message_ts: str | None, created_at: int
) -> Import:
    return Import(id, team, user, channel, state, message_ts, from_micros(created_at))
