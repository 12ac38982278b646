"""Imports: files of orders, row by row; a row is claimed before it is sent and never twice (E8)."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal, Protocol, get_args

from store.database import Database, Row
from store.envelope import Place, Sealer
from store.occurrences import Due, due_row, schedule
from store.payloads import seal, unseal
from store.times import Now, days_before, from_micros, to_micros, utc_now

ImportState = Literal["preview", "running", "stopped", "finished"]
RowState = Literal["ready", "sending", "done", "refused", "unknown", "bad"]

_IMPORT = "SELECT id, team, user, channel, state, message_ts, created_at FROM imports WHERE id = ? AND team = ?"
_ADD = "INSERT INTO imports (id, team, user, channel, state, created_at) VALUES (?, ?, ?, ?, 'preview', ?)"
_ADD_ROW = "INSERT INTO import_rows (import, number, state, order_id, envelope) VALUES (?, ?, ?, ?, ?)"
_ROWS = (
    "SELECT r.import, i.team, r.number, r.state, r.order_id, r.envelope FROM import_rows r "
    "JOIN imports i ON i.id = r.import WHERE r.import = ?"
)
_CLAIM = (
    "UPDATE import_rows SET state = 'sending' WHERE import = ?1 AND number = ?2 AND state = 'ready' "
    "AND EXISTS (SELECT 1 FROM imports WHERE id = ?1 AND state = 'running')"
)
_SETTLE = "UPDATE import_rows SET state = ?, order_id = ?, envelope = ? WHERE import = ? AND number = ?"
_FINISH = (
    "UPDATE imports SET state = 'finished' WHERE id = ?1 AND state IN ('running', 'stopped') "
    "AND NOT EXISTS (SELECT 1 FROM import_rows WHERE import = ?1 AND state IN ('ready', 'sending'))"
)


@dataclass(frozen=True)
class Import:
    """One file of one person; ``message_ts`` is the message in ``channel`` that shows how far it is."""

    id: str
    team: str
    user: str
    channel: str
    state: ImportState
    message_ts: str | None
    created_at: datetime


@dataclass(frozen=True)
class ImportRow:
    """One line of the file; all but number, state and order id is sealed.

    ``bad``: it never can be sent. ``ready``: not sent. ``sending``: claimed; after a crash nobody knows whether it was
    sent, and it becomes ``unknown``. ``done``, ``refused``: settled.
    """

    number: int
    state: RowState
    identifier: str = field(repr=False)
    order_id: int | None
    message: str = field(repr=False)
    payload: dict[str, Any] = field(repr=False)


class Imports(Protocol):
    """Keeps imports and what became of each row."""

    async def create(self, team: str, user: str, channel: str, rows: Sequence[ImportRow]) -> str:
        """Keeps a new import as a preview, all rows or none; its id, 128 random bits."""

    def get(self, import_id: str, team: str) -> Import | None:
        """The import, if it is that team's."""

    def rows(self, import_id: str, state: RowState | None = None) -> list[ImportRow]:
        """The rows, or those in one state, by number."""

    def counts(self, import_id: str) -> dict[RowState, int]:
        """How many rows are in each state; every state is named."""

    async def shown(self, import_id: str, message_ts: str) -> None:
        """Notes which message shows it."""

    async def resume(self, import_id: str, due: Due | None = None) -> bool:
        """Starts a preview or goes on with a stopped one, and schedules its run in the same transaction.

        False, and nothing scheduled, if it is running or finished already.
        """

    async def stop(self, import_id: str) -> bool:
        """No further row can be claimed from now on; False if it was not running."""

    async def finish(self, import_id: str) -> bool:
        """Closes it once no row is ready or being sent; False otherwise, and if it was closed before."""

    async def claim_row(self, import_id: str, number: int) -> bool:
        """From ready to sending, for one caller, and only while the import runs; False: do not send it."""

    async def settle_row(
        self, import_id: str, number: int, state: RowState, order_id: int | None, message: str
    ) -> bool:
        """Records what became of a row that is being sent or unknown; False if it is neither.

        ``ready`` puts it back, and is only right where it is known that nothing was done.
        """

    async def forget_older_than(self, days: float) -> int:
        """Drops imports made that long ago with their rows, how many; running ones stay."""


class SqliteImports:
    """Imports in the file."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def create(self, team: str, user: str, channel: str, rows: Sequence[ImportRow]) -> str:
        """See Imports."""
        id = secrets.token_urlsafe(16)
        sealed = [(id, row.number, row.state, row.order_id, self._seal(id, team, row)) for row in rows]
        own = (id, team, user, channel, to_micros(self._now()))
        await self._database.write(lambda connection: _create(connection, own, sealed))
        return id

    def get(self, import_id: str, team: str) -> Import | None:
        """See Imports."""
        row = self._database.one(_IMPORT, (import_id, team))
        return _import(*row) if row else None

    def rows(self, import_id: str, state: RowState | None = None) -> list[ImportRow]:
        """See Imports."""
        which, parameters = ("", ()) if state is None else ("AND r.state = ?", (state,))
        found = self._database.all(f"{_ROWS} {which} ORDER BY r.number", (import_id, *parameters))
        return [self._opened(row) for row in found]

    def counts(self, import_id: str) -> dict[RowState, int]:
        """See Imports."""
        sql = "SELECT state, count(*) FROM import_rows WHERE import = ? GROUP BY state"
        found: dict[RowState, int] = dict.fromkeys(get_args(RowState), 0)
        return found | dict(self._database.all(sql, (import_id,)))

    async def shown(self, import_id: str, message_ts: str) -> None:
        """See Imports."""
        await self._change("UPDATE imports SET message_ts = ? WHERE id = ?", (message_ts, import_id))

    async def resume(self, import_id: str, due: Due | None = None) -> bool:
        """See Imports."""
        scheduled = due_row(self._sealer, due) if due else None
        return await self._database.write(lambda connection: _resume(connection, import_id, scheduled))

    async def stop(self, import_id: str) -> bool:
        """See Imports."""
        return await self._change(
            "UPDATE imports SET state = 'stopped' WHERE id = ? AND state = 'running'", (import_id,)
        )

    async def finish(self, import_id: str) -> bool:
        """See Imports."""
        return await self._change(_FINISH, (import_id,))

    async def claim_row(self, import_id: str, number: int) -> bool:
        """See Imports."""
        return await self._change(_CLAIM, (import_id, number))

    async def settle_row(
        self, import_id: str, number: int, state: RowState, order_id: int | None, message: str
    ) -> bool:
        """See Imports."""
        return await self._database.write(partial(self._settle, import_id, number, state, order_id, message))

    async def forget_older_than(self, days: float) -> int:
        """See Imports."""
        edge = days_before(self._now, days)
        sql = "DELETE FROM imports WHERE created_at < ? AND state <> 'running'"
        return await self._database.write(lambda connection: connection.execute(sql, (edge,)).rowcount)

    async def _change(self, sql: str, parameters: tuple[str | int, ...]) -> bool:
        return await self._database.write(lambda connection: connection.execute(sql, parameters).rowcount == 1)

    def _settle(
        self,
        import_id: str,
        number: int,
        state: RowState,
        order_id: int | None,
        message: str,
        connection: sqlite3.Connection,
    ) -> bool:
        sql = f"{_ROWS} AND r.number = ? AND r.state IN ('sending', 'unknown')"
        row = connection.execute(sql, (import_id, number)).fetchone()
        if row is None:
            return False
        was = self._opened(row)
        settled = ImportRow(number, state, was.identifier, order_id, message, was.payload)
        envelope = self._seal(import_id, row[1], settled)
        return connection.execute(_SETTLE, (state, order_id, envelope, import_id, number)).rowcount == 1

    def _seal(self, import_id: str, team: str, row: ImportRow) -> bytes:
        inside = {"identifier": row.identifier, "message": row.message, "payload": row.payload}
        return seal(self._sealer, _place(team, import_id, row.number), inside)

    def _opened(self, row: Row) -> ImportRow:
        import_id, team, number, state, order_id, envelope = row
        inside = unseal(self._sealer, _place(team, import_id, number), envelope)
        return ImportRow(number, state, inside["identifier"], order_id, inside["message"], inside["payload"])


def _create(connection: sqlite3.Connection, own: Row, rows: list[Row]) -> None:
    connection.execute(_ADD, own)
    connection.executemany(_ADD_ROW, rows)


def _resume(connection: sqlite3.Connection, import_id: str, scheduled: Row | None) -> bool:
    sql = "UPDATE imports SET state = 'running' WHERE id = ? AND state IN ('preview', 'stopped')"
    if connection.execute(sql, (import_id,)).rowcount == 0:
        return False
    schedule(connection, scheduled)
    return True


def _place(team: str, import_id: str, number: int) -> Place:
    return Place("import", team, "", "", f"{import_id}/{number}")


def _import(
    id: str, team: str, user: str, channel: str, state: ImportState, message_ts: str | None, created_at: int
) -> Import:
    return Import(id, team, user, channel, state, message_ts, from_micros(created_at))
