"""People's carts: which one is open for a person in a channel, and the sealed order token that opens it (seed 003)."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from store.database import Database, Row
from store.envelope import Place, Sealer
from store.times import Now, days_before, from_micros, to_micros, utc_now

OPEN, COMPLETED = "open", "completed"

_SELECT = "SELECT id, team, user, channel, number, store, currency, state, created_at FROM carts"
_HERE = f"{_SELECT} WHERE team = ? AND user = ? AND channel = ? AND state = ? ORDER BY changed_at DESC, rowid DESC"
_NUMBERED = f"{_SELECT} WHERE team = ? AND user = ? AND number = ? ORDER BY state = 'open' DESC, rowid DESC"
_ADD = (
    "INSERT INTO carts (id, team, user, channel, number, store, currency, state, created_at, changed_at, envelope) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)"
)


@dataclass(frozen=True)
class KeptCart:
    """One cart of one person in one channel, without its token; ``state`` is ``open`` or ``completed``."""

    id: str
    team: str
    user: str
    channel: str
    number: str
    store: str
    currency: str | None
    state: str
    created_at: datetime


class Carts(Protocol):
    """Keeps carts; at most one is open for a team, a user and a channel. Reads are made on the event loop."""

    def current(self, team: str, user: str, channel: str) -> KeptCart | None:
        """The open cart of a person in a channel."""

    def last_completed(self, team: str, user: str, channel: str) -> KeptCart | None:
        """The cart of a person in a channel that was ordered last."""

    def find(self, team: str, user: str, number: str) -> KeptCart | None:
        """A person's cart by its number, open or completed, in whatever channel."""

    def held(self, team: str, store: str, number: str) -> bool:
        """Whether a store's cart is open for anybody in the team, in whatever channel."""

    def token(self, cart: KeptCart) -> str | None:
        """The order token, or None if the cart is gone; EnvelopeError if it is not what we sealed."""

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
        """Keeps a new open cart, in the place of the one that was open there; durable when it returns.

        ``connection`` is the id of the connection that made it: None, and nothing kept, if that is gone (C7).
        """

    async def complete(self, cart: KeptCart) -> bool:
        """Notes that it was ordered; its token stays, for the order's status. False if the cart is gone."""

    async def drop(self, cart: KeptCart) -> None:
        """Forgets a cart and its token."""

    async def forget_person(self, team: str, user: str) -> int:
        """Forgets all of a person's carts and every trace of their tokens at once, how many (C7).

        Lingering: removed, but not yet from the log; asking again finishes it.
        """

    async def forget_older_than(self, days: float) -> int:
        """Forgets carts that were made or ordered that long ago; how many."""


class SqliteCarts:
    """Carts in the file; the order token is sealed."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
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
        sql = "SELECT 1 FROM carts WHERE team = ? AND store = ? AND number = ? AND state = ?"
        return self._database.one(sql, (team, store, number, OPEN)) is not None

    def token(self, cart: KeptCart) -> str | None:
        """See Carts."""
        row = self._database.one("SELECT envelope FROM carts WHERE id = ?", (cart.id,))
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
        row = (cart.id, team, user, channel, number, store, currency, OPEN, at, envelope, connection)
        return cart if await self._database.write(lambda writer: _add(writer, row)) else None

    async def complete(self, cart: KeptCart) -> bool:
        """See Carts."""
        row = (COMPLETED, to_micros(self._now()), cart.id)
        sql = "UPDATE carts SET state = ?, changed_at = ? WHERE id = ?"
        return await self._database.write(lambda writer: writer.execute(sql, row).rowcount == 1)

    async def drop(self, cart: KeptCart) -> None:
        """See Carts."""
        await self._database.write(lambda writer: writer.execute("DELETE FROM carts WHERE id = ?", (cart.id,)).rowcount)

    async def forget_person(self, team: str, user: str) -> int:
        """See Carts."""
        sql = "DELETE FROM carts WHERE team = ? AND user = ?"
        gone = await self._database.write(lambda writer: writer.execute(sql, (team, user)).rowcount)
        await self._database.empty_log()  # also when there was none: the last try may have stopped short of this
        return gone

    async def forget_older_than(self, days: float) -> int:
        """See Carts."""
        edge = days_before(self._now, days)
        return await self._database.write(
            lambda writer: writer.execute("DELETE FROM carts WHERE changed_at < ?", (edge,)).rowcount
        )


def _kept(row: Row | None) -> KeptCart | None:
    if row is None:
        return None
    id, team, user, channel, number, store, currency, state, created_at = row
    return KeptCart(id, team, user, channel, number, store, currency, state, from_micros(created_at))


def _place(cart: KeptCart) -> Place:
    return Place("cart", cart.team, cart.user, "vendo", cart.id)


def _add(writer: sqlite3.Connection, row: Row) -> bool:
    """Nothing is taken away where nothing is put in its place."""
    _, team, user, channel, *_, connection = row
    if connection and not writer.execute("SELECT 1 FROM connections WHERE id = ?", (connection,)).fetchone():
        return False
    writer.execute(
        "DELETE FROM carts WHERE team = ? AND user = ? AND channel = ? AND state = ?", (team, user, channel, OPEN)
    )
    writer.execute(_ADD, row[:-1])
    return True
