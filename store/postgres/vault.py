"""The vault in PostgreSQL: people's connections and their sealed secrets (DESIGN §4.2)."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from store.connection import Connection
from store.envelope import Place, Sealer
from store.errors import Busy
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.postgres.rotation import Rotation, Verification, plan, rotate, verify
from store.times import Now, from_micros, to_micros, utc_now

_PLACE = 'WHERE team = %s AND "user" = %s AND back_end = %s'
_SELECT = 'SELECT id, team, "user", back_end, account, connected_at, last_used_at, keeps_password FROM connections'
_MINE = f'{_SELECT} WHERE team = %s AND "user" = %s ORDER BY back_end'
_ADD = (
    'INSERT INTO connections (id, team, "user", back_end, account, connected_at, last_used_at, keeps_password) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
    'ON CONFLICT (team, "user", back_end) DO NOTHING'
)
_FILL = "INSERT INTO secrets (connection, purpose, envelope) VALUES (%s, %s, %s)"
_SEALED = "SELECT envelope FROM secrets WHERE connection = %s AND purpose = %s"
# Its secrets go with it (foreign key).
_REMOVE = "DELETE FROM connections"
_REMOVED = 'RETURNING id, team, "user", back_end, account, connected_at, last_used_at, keeps_password'
# The lock waits for a removal that is under way, and one that comes later waits for this: nothing is resurrected.
_KEEP = (
    "INSERT INTO secrets (connection, purpose, envelope) "
    "SELECT id, %s, %s FROM connections WHERE id = %s FOR KEY SHARE "
    "ON CONFLICT (connection, purpose) DO UPDATE SET envelope = excluded.envelope"
)
_TOUCH = "UPDATE connections SET last_used_at = %s WHERE id = %s AND coalesce(last_used_at, 0) <= %s"
_MINUTE = 60_000_000
_PEOPLE = 'SELECT "user" FROM connections WHERE team = %s UNION SELECT "user" FROM carts WHERE team = %s ORDER BY 1'
_TRIES = 100


class PgVault:
    """The vault in the database."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    def connection(self, team: str, user: str, back_end: str) -> Connection | None:
        """See Vault."""
        row = self._database.one(f"{_SELECT} {_PLACE}", (team, user, back_end))
        return _connection(row) if row else None

    def connections(self, team: str, user: str) -> list[Connection]:
        """See Vault."""
        return [_connection(row) for row in self._database.all(_MINE, (team, user))]

    def people(self, team: str) -> list[str]:
        """See Vault."""
        return [row[0] for row in self._database.all(_PEOPLE, (team, team))]

    async def connect(
        self, team: str, user: str, back_end: str, *, account: str, keeps_password: bool, secrets: Mapping[str, bytes]
    ) -> Connection:
        """See Vault."""
        at, id = to_micros(self._now()), random.token_urlsafe(16)
        row = (id, team, user, back_end, account, at, None, int(keeps_password))
        made = _connection(row)
        sealed = [(id, purpose, self._sealer.seal(_place(made, purpose), raw)) for purpose, raw in secrets.items()]
        del secrets  # a traceback that shows locals must not show them
        await self._database.write(partial(_replace, row, sealed))
        return made

    def secret(self, connection: Connection, purpose: str) -> bytes | None:
        """See Vault."""
        row = self._database.one(_SEALED, (connection.id, purpose))
        return self._sealer.open(_place(connection, purpose), row[0]) if row else None

    async def keep(self, connection: Connection, purpose: str, secret: bytes) -> bool:
        """See Vault."""
        row = (purpose, self._sealer.seal(_place(connection, purpose), secret), connection.id)
        del secret
        return await self._database.write(lambda writing: changed(writing, _KEEP, row)) == 1

    def renewing(self, connection: Connection) -> AbstractAsyncContextManager[None]:
        """See Vault: over all replicas."""
        return self._database.holding(f"renewing {connection.id}")

    async def touch(self, connection: Connection) -> None:
        """See Vault."""
        at = to_micros(self._now())
        if connection.last_used_at is not None and at - to_micros(connection.last_used_at) < _MINUTE:
            return
        self._database.post(lambda writing: changed(writing, _TOUCH, (at, connection.id, at - _MINUTE)))

    async def disconnect(self, team: str, user: str, back_end: str) -> Connection | None:
        """See Vault; never Lingering: what the server keeps of a removed row is said in docs/storage.md."""
        row = await self._database.write(lambda writing: _removed(writing, (team, user, back_end)))
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


async def _replace(row: Row, sealed: Sequence[Row], connection: Writing) -> None:
    """Whoever connects last stays; another replica may have connected the same person between the two statements."""
    for _ in range(_TRIES):
        await _removed(connection, row[1:4])
        if await changed(connection, _ADD, row):
            break
    else:
        raise Busy()
    for secret in sealed:
        await connection.execute(_FILL, secret)


async def _removed(connection: Writing, mine: Row) -> Row | None:
    return await found(connection, f"{_REMOVE} {_PLACE} {_REMOVED}", mine)


def _connection(row: Row) -> Connection:
    id, team, user, back_end, account, connected_at, used, keeps = row
    last_used_at = None if used is None else from_micros(used)
    return Connection(id, team, user, back_end, account, from_micros(connected_at), last_used_at, bool(keeps))


def _place(connection: Connection, purpose: str) -> Place:
    return Place(purpose, connection.team, connection.user, connection.back_end, connection.id)
