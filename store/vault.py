"""The vault: people's connections and their sealed secrets; nothing here writes or returns clear text (DESIGN §4.2)."""

from __future__ import annotations

import secrets as random
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Protocol

from store.connection import Connection
from store.database import Database, Row
from store.envelope import Place, Sealer
from store.errors import Lingering
from store.rotation import Rotation, Verification, plan, rotate, verify
from store.times import Now, from_micros, to_micros, utc_now

__all__ = ["Connection", "Rotation", "SqliteVault", "Vault", "Verification"]

_ONE = (
    "SELECT id, team, user, back_end, account, connected_at, last_used_at, keeps_password FROM connections "
    "WHERE team = ? AND user = ? AND back_end = ?"
)
_MINE = (
    "SELECT id, team, user, back_end, account, connected_at, last_used_at, keeps_password FROM connections "
    "WHERE team = ? AND user = ? ORDER BY back_end"
)
_ADD = (
    "INSERT INTO connections (id, team, user, back_end, account, connected_at, last_used_at, keeps_password) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_PEOPLE = "SELECT user FROM connections WHERE team = ?1 UNION SELECT user FROM carts WHERE team = ?1 ORDER BY 1"
_MINUTE = 60_000_000


class Vault(Protocol):
    """Keeps what people connected; reads are made on the event loop, writes are durable when they return."""

    def connection(self, team: str, user: str, back_end: str) -> Connection | None:
        """One person's connection to one back end."""

    def connections(self, team: str, user: str) -> list[Connection]:
        """All of one person's connections, by back end."""

    def people(self, team: str) -> list[str]:
        """Everybody in a team who has a connection or a cart, for when all of it has to go (C11)."""

    async def connect(
        self, team: str, user: str, back_end: str, *, account: str, keeps_password: bool, secrets: Mapping[str, bytes]
    ) -> Connection:
        """Replaces whatever connection was there, in one transaction; ``secrets`` by purpose (credentials, session)."""

    def secret(self, connection: Connection, purpose: str) -> bytes | None:
        """The secret, or None if there is none or the connection is gone; EnvelopeError if it is not what we sealed."""

    async def keep(self, connection: Connection, purpose: str, secret: bytes) -> bool:
        """Stores a renewed secret; False, and nothing stored, if the connection is gone or was replaced (C7)."""

    def renewing(self, connection: Connection) -> AbstractAsyncContextManager[None]:
        """Held by one process at a time while it renews a connection's secret (C8); Busy after a long wait."""

    async def touch(self, connection: Connection) -> None:
        """Notes that it was used, at most once a minute; a hint, so it waits for nothing and never raises."""

    async def disconnect(self, team: str, user: str, back_end: str) -> Connection | None:
        """Removes the connection and every trace of it at once, and returns what was removed (C7).

        Lingering: removed, but not yet from the log; asking again finishes it.
        """


class SqliteVault:
    """The vault in the file."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    def connection(self, team: str, user: str, back_end: str) -> Connection | None:
        """See Vault."""
        row = self._database.one(_ONE, (team, user, back_end))
        return _connection(row) if row else None

    def connections(self, team: str, user: str) -> list[Connection]:
        """See Vault."""
        return [_connection(row) for row in self._database.all(_MINE, (team, user))]

    def people(self, team: str) -> list[str]:
        """See Vault."""
        return [row[0] for row in self._database.all(_PEOPLE, (team,))]

    async def connect(
        self, team: str, user: str, back_end: str, *, account: str, keeps_password: bool, secrets: Mapping[str, bytes]
    ) -> Connection:
        """See Vault."""
        row = (
            random.token_urlsafe(16),
            team,
            user,
            back_end,
            account,
            to_micros(self._now()),
            None,
            int(keeps_password),
        )
        made = _connection(row)
        sealed = [(made.id, purpose, self._sealer.seal(_place(made, purpose), raw)) for purpose, raw in secrets.items()]
        del secrets  # a traceback that shows locals must not show them
        if await self._database.write(lambda connection: _replace(connection, row, sealed)):
            with suppress(Lingering):  # what was replaced should leave the log too, but the new connection stands
                await self._database.empty_log()
        return made

    def secret(self, connection: Connection, purpose: str) -> bytes | None:
        """See Vault."""
        sql = "SELECT envelope FROM secrets WHERE connection = ? AND purpose = ?"
        row = self._database.one(sql, (connection.id, purpose))
        return self._sealer.open(_place(connection, purpose), row[0]) if row else None

    async def keep(self, connection: Connection, purpose: str, secret: bytes) -> bool:
        """See Vault."""
        row = (connection.id, purpose, self._sealer.seal(_place(connection, purpose), secret))
        del secret
        return await self._database.write(lambda writer: _keep(writer, row))

    def renewing(self, connection: Connection) -> AbstractAsyncContextManager[None]:
        """See Vault; a file belongs to one process."""
        return nullcontext()

    async def touch(self, connection: Connection) -> None:
        """See Vault."""
        at = to_micros(self._now())
        if connection.last_used_at is not None and at - to_micros(connection.last_used_at) < _MINUTE:
            return
        sql = "UPDATE connections SET last_used_at = ? WHERE id = ? AND ifnull(last_used_at, 0) <= ?"
        self._database.post(lambda writer: writer.execute(sql, (at, connection.id, at - _MINUTE)).rowcount)

    async def disconnect(self, team: str, user: str, back_end: str) -> Connection | None:
        """See Vault."""
        row = await self._database.write(lambda connection: _remove(connection, (team, user, back_end)))
        await self._database.empty_log()  # also when there was no row: the last try may have stopped short of this
        return _connection(row) if row else None

    async def rotate(self) -> Rotation:
        """Seals everything anew with the primary key, in small batches; stopped half-way, it goes on where it was."""
        return await rotate(self._database, self._sealer)

    def plan(self) -> dict[str, int]:
        """How many envelopes name which key; writes nothing."""
        return plan(self._database)

    def verify(self) -> Verification:
        """Opens every envelope and counts those that fail."""
        return verify(self._database, self._sealer)


def _connection(row: Row) -> Connection:
    id, team, user, back_end, account, connected_at, used, keeps = row
    last_used_at = None if used is None else from_micros(used)
    return Connection(id, team, user, back_end, account, from_micros(connected_at), last_used_at, bool(keeps))


def _place(connection: Connection, purpose: str) -> Place:
    return Place(purpose, connection.team, connection.user, connection.back_end, connection.id)


def _replace(connection: sqlite3.Connection, row: Row, sealed: list[tuple[str, str, bytes]]) -> bool:
    replaced = _remove(connection, row[1:4]) is not None
    connection.execute(_ADD, row)
    connection.executemany("INSERT INTO secrets (connection, purpose, envelope) VALUES (?, ?, ?)", sealed)
    return replaced


def _remove(connection: sqlite3.Connection, mine: Row) -> Row | None:
    row: Row | None = connection.execute(_ONE, mine).fetchone()
    if row:
        connection.execute("DELETE FROM connections WHERE id = ?", (row[0],))  # its secrets go with it (foreign key)
    return row


def _keep(connection: sqlite3.Connection, row: tuple[str, str, bytes]) -> bool:
    sql = (
        "INSERT INTO secrets (connection, purpose, envelope) SELECT ?1, ?2, ?3 "
        "WHERE EXISTS (SELECT 1 FROM connections WHERE id = ?1) "
        "ON CONFLICT (connection, purpose) DO UPDATE SET envelope = excluded.envelope"
    )
    return connection.execute(sql, row).rowcount == 1
