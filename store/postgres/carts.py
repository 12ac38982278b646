"""Carts in PostgreSQL: which one is open for a person in a channel, and its sealed order token (seed 003)."""

from __future__ import annotations

import secrets
from functools import partial

from store.carts import COMPLETED, OPEN, KeptCart
from store.envelope import Place, Sealer
from store.errors import Busy
from store.postgres.pool import PgDatabase, Row, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_SELECT = 'SELECT id, team, "user", channel, number, store, currency, state, created_at FROM carts'
_HERE = (
    f'{_SELECT} WHERE team = %s AND "user" = %s AND channel = %s AND state = %s '
    "ORDER BY changed_at DESC, added DESC LIMIT 1"
)
_NUMBERED = (
    f"{_SELECT} WHERE team = %s AND \"user\" = %s AND number = %s ORDER BY state = 'open' DESC, added DESC LIMIT 1"
)
_HELD = "SELECT 1 FROM carts WHERE team = %s AND store = %s AND number = %s AND state = %s LIMIT 1"
_TOKEN = "SELECT envelope FROM carts WHERE id = %s"  # noqa: S105 - it is sealed
_CONNECTED = "SELECT 1 FROM connections WHERE id = %s FOR KEY SHARE"  # a removal waits until the cart is there
_CLEAR = 'DELETE FROM carts WHERE team = %s AND "user" = %s AND channel = %s AND state = %s'
_ADD = (
    'INSERT INTO carts (id, team, "user", channel, number, store, currency, state, created_at, changed_at, envelope) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (team, \"user\", channel) WHERE state = 'open' DO NOTHING"
)
_COMPLETE = "UPDATE carts SET state = %s, changed_at = %s WHERE id = %s"
_DROP = "DELETE FROM carts WHERE id = %s"
_FORGET_PERSON = 'DELETE FROM carts WHERE team = %s AND "user" = %s'
_FORGET = "DELETE FROM carts WHERE changed_at < %s"
_TRIES = 100


class PgCarts:
    """Carts in the database; the order token is sealed."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    def current(self, team: str, user: str, channel: str) -> KeptCart | None:
        """See Carts."""
        return _kept(self._database.one(_HERE, (team, user, channel, OPEN)))

    def last_completed(self, team: str, user: str, channel: str) -> KeptCart | None:
        """See Carts."""
        return _kept(self._database.one(_HERE, (team, user, channel, COMPLETED)))

    def find(self, team: str, user: str, number: str) -> KeptCart | None:
        """See Carts."""
        return _kept(self._database.one(_NUMBERED, (team, user, number)))

    def held(self, team: str, store: str, number: str) -> bool:
        """See Carts."""
        return self._database.one(_HELD, (team, store, number, OPEN)) is not None

    def token(self, cart: KeptCart) -> str | None:
        """See Carts."""
        row = self._database.one(_TOKEN, (cart.id,))
        return self._sealer.open(_place(cart), row[0]).decode() if row else None

    async def keep(
        self,
        team: str,
        user: str,
        channel: str,
        *,
        number: str,
        store: str,
        currency: str | None,
        token: str,
        connection: str | None = None,
    ) -> KeptCart | None:
        """See Carts."""
        at = to_micros(self._now())
        cart = KeptCart(secrets.token_urlsafe(16), team, user, channel, number, store, currency, OPEN, from_micros(at))
        envelope = self._sealer.seal(_place(cart), token.encode())
        del token  # a traceback that shows locals must not show it
        row = (cart.id, team, user, channel, number, store, currency, OPEN, at, at, envelope)
        return cart if await self._database.write(partial(_keep, row, connection)) else None

    async def complete(self, cart: KeptCart) -> bool:
        """See Carts."""
        return await self._change(_COMPLETE, (COMPLETED, to_micros(self._now()), cart.id)) == 1

    async def drop(self, cart: KeptCart) -> None:
        """See Carts."""
        await self._change(_DROP, (cart.id,))

    async def forget_person(self, team: str, user: str) -> int:
        """See Carts; never Lingering: what the server keeps of a removed row is said in docs/storage.md."""
        return await self._change(_FORGET_PERSON, (team, user))

    async def forget_older_than(self, days: float) -> int:
        """See Carts."""
        return await self._change(_FORGET, (days_before(self._now, days),))

    async def _change(self, sql: str, values: Row) -> int:
        return await self._database.write(lambda writing: changed(writing, sql, values))


async def _keep(row: Row, connection: str | None, writing: Writing) -> bool:
    """Nothing is taken away where nothing is put in its place; of two that come at once the later one stands."""
    if connection and not await found(writing, _CONNECTED, (connection,)):
        return False
    for _ in range(_TRIES):
        await changed(writing, _CLEAR, (*row[1:4], OPEN))
        if await changed(writing, _ADD, row):
            return True
    raise Busy()


def _kept(row: Row | None) -> KeptCart | None:
    if row is None:
        return None
    id, team, user, channel, number, store, currency, state, at = row
    return KeptCart(id, team, user, channel, number, store, currency, state, from_micros(at))


def _place(cart: KeptCart) -> Place:
    return Place("cart", cart.team, cart.user, "vendo", cart.id)
