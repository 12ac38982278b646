"""Cards: what a message or a modal is about, kept here so that Slack carries only an opaque id (DESIGN §3, B6)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from store.database import Database
from store.envelope import Place, Sealer
from store.errors import EnvelopeError
from store.times import Now, days_before, from_micros, to_micros, utc_now


@dataclass(frozen=True)
class Card:
    """One card; ``payload`` is JSON that may hold personal data: sealed at rest, and not shown by ``repr``."""

    id: str
    kind: str
    team: str
    created_by: str
    created_at: datetime
    payload: dict[str, Any] = field(repr=False)


class Cards(Protocol):
    """Keeps cards; a card is its team's own."""

    async def put(self, kind: str, team: str, created_by: str, payload: dict[str, Any]) -> Card:
        """Keeps a new card under a fresh id of 128 random bits; durable when it returns."""

    def get(self, card_id: str, team: str) -> Card | None:
        """The card, or None if there is none of that id in that team; EnvelopeError if it was tampered with."""

    async def change(self, card_id: str, payload: dict[str, Any]) -> None:
        """Replaces the payload; a card that is gone stays gone."""

    async def drop(self, card_id: str) -> None:
        """Removes the card, if it is there."""

    async def forget_older_than(self, days: float) -> int:
        """Drops old cards; how many."""


class SqliteCards:
    """Cards in the file; everything but the team and the age is inside the envelope."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def put(self, kind: str, team: str, created_by: str, payload: dict[str, Any]) -> Card:
        """See Cards."""
        at = to_micros(self._now())
        card = Card(secrets.token_urlsafe(16), kind, team, created_by, from_micros(at), payload)
        row = (card.id, team, at, self._sealer.seal(card_place(team, card.id), _packed(kind, created_by, payload)))
        sql = "INSERT INTO cards (id, team, created_at, envelope) VALUES (?, ?, ?, ?)"
        await self._database.write(lambda connection: connection.execute(sql, row).rowcount)
        return card

    def get(self, card_id: str, team: str) -> Card | None:
        """See Cards."""
        row = self._database.one("SELECT created_at, envelope FROM cards WHERE id = ? AND team = ?", (card_id, team))
        if row is None:
            return None
        kind, created_by, payload = _unpacked(self._sealer.open(card_place(team, card_id), row[1]))
        return Card(card_id, kind, team, created_by, from_micros(row[0]), payload)

    async def change(self, card_id: str, payload: dict[str, Any]) -> None:
        """See Cards."""
        await self._database.write(lambda connection: self._change(connection, card_id, payload))

    async def drop(self, card_id: str) -> None:
        """See Cards."""
        sql = "DELETE FROM cards WHERE id = ?"
        await self._database.write(lambda connection: connection.execute(sql, (card_id,)).rowcount)

    async def forget_older_than(self, days: float) -> int:
        """See Cards."""
        edge = days_before(self._now, days)
        sql = "DELETE FROM cards WHERE created_at < ?"
        return await self._database.write(lambda connection: connection.execute(sql, (edge,)).rowcount)

    def _change(self, connection: sqlite3.Connection, card_id: str, payload: dict[str, Any]) -> None:
        row = connection.execute("SELECT team, envelope FROM cards WHERE id = ?", (card_id,)).fetchone()
        if row is None:
            return
        place = card_place(row[0], card_id)
        kind, created_by, _ = _unpacked(self._sealer.open(place, row[1]))
        sealed = self._sealer.seal(place, _packed(kind, created_by, payload))
        connection.execute("UPDATE cards SET envelope = ? WHERE id = ?", (sealed, card_id))


def card_place(team: str, card_id: str) -> Place:
    """Where a card's envelope belongs."""
    return Place("card", team, "", "", card_id)


def _packed(kind: str, created_by: str, payload: dict[str, Any]) -> bytes:
    return json.dumps([kind, created_by, payload], separators=(",", ":"), allow_nan=False).encode("ascii")


def _unpacked(plain: bytes) -> tuple[str, str, dict[str, Any]]:
    found = json.loads(plain)
    if not (isinstance(found, list) and len(found) == 3):
        raise EnvelopeError()
    return found[0], found[1], found[2]
