"""Cards in PostgreSQL: what a message or a modal is about, sealed (DESIGN §3, B6)."""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import Any

from store.cards import Card, card_place
from store.envelope import Sealer
from store.errors import EnvelopeError
from store.postgres.pool import PgDatabase, Writing, changed, found
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = "INSERT INTO cards (id, team, created_at, envelope) VALUES (%s, %s, %s, %s)"
_ONE = "SELECT created_at, envelope FROM cards WHERE id = %s AND team = %s"
_HELD = "SELECT team, envelope FROM cards WHERE id = %s"
_CHANGE = "UPDATE cards SET envelope = %s WHERE id = %s"
_DROP = "DELETE FROM cards WHERE id = %s"
_FORGET = "DELETE FROM cards WHERE created_at < %s"


class PgCards:
    """Cards in the database; everything but the team and the age is inside the envelope."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def put(self, kind: str, team: str, created_by: str, payload: dict[str, Any]) -> Card:
        """See Cards."""
        at = to_micros(self._now())
        card = Card(secrets.token_urlsafe(16), kind, team, created_by, from_micros(at), payload)
        envelope = self._sealer.seal(card_place(team, card.id), _packed(kind, created_by, payload))
        await self._change(_ADD, (card.id, team, at, envelope))
        return card

    def get(self, card_id: str, team: str) -> Card | None:
        """See Cards."""
        row = self._database.one(_ONE, (card_id, team))
        if row is None:
            return None
        kind, created_by, payload = _unpacked(self._sealer.open(card_place(team, card_id), row[1]))
        return Card(card_id, kind, team, created_by, from_micros(row[0]), payload)

    async def change(self, card_id: str, payload: dict[str, Any]) -> None:
        """See Cards."""
        await self._database.write(partial(self._repack, card_id, payload))

    async def drop(self, card_id: str) -> None:
        """See Cards."""
        await self._change(_DROP, (card_id,))

    async def forget_older_than(self, days: float) -> int:
        """See Cards."""
        return await self._change(_FORGET, (days_before(self._now, days),))

    async def _change(self, sql: str, values: tuple[object, ...]) -> int:
        return await self._database.write(lambda connection: changed(connection, sql, values))

    async def _repack(self, card_id: str, payload: dict[str, Any], connection: Writing) -> None:
        row = await found(connection, _HELD, (card_id,))
        if row is None:
            return
        place = card_place(row[0], card_id)
        kind, created_by, _ = _unpacked(self._sealer.open(place, row[1]))
        await connection.execute(_CHANGE, (self._sealer.seal(place, _packed(kind, created_by, payload)), card_id))


def _packed(kind: str, created_by: str, payload: dict[str, Any]) -> bytes:
    return json.dumps([kind, created_by, payload], separators=(",", ":"), allow_nan=False).encode("ascii")


def _unpacked(plain: bytes) -> tuple[str, str, dict[str, Any]]:
    packed = json.loads(plain)
    if not (isinstance(packed, list) and len(packed) == 3):
        raise EnvelopeError()
    return packed[0], packed[1], packed[2]
