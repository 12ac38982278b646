"""Watches: a channel that follows one order until its last status (DESIGN §2, F4)."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from store.database import Database, Row
from store.envelope import Place, Sealer
from store.occurrences import Due, due_row, schedule
from store.payloads import seal, unseal
from store.times import Now, days_before, from_micros, to_micros, utc_now

_ADD = (
    "INSERT INTO watches (id, team, user, channel, thread_ts, back_end, order_id, last_status, created_at, envelope) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (team, channel, back_end, order_id) WHERE stopped IS NULL DO NOTHING"
)
_SELECT = (
    "SELECT id, team, user, channel, thread_ts, back_end, order_id, last_status, created_at, stopped, envelope "
    "FROM watches"
)
_SEEN = "UPDATE watches SET last_status = ?1 WHERE id = ?2 AND stopped IS NULL AND last_status <> ?1"


@dataclass(frozen=True)
class Watch:
    """One channel (or thread) and one order; ``user`` is whose connection looks, ``stopped`` why it no longer does."""

    id: str
    team: str
    user: str
    channel: str
    thread_ts: str | None
    back_end: str
    order_id: int
    reference: str | None
    last_status: str
    created_at: datetime
    stopped: str | None


class Watches(Protocol):
    """A channel watches an order once at a time; lists hold open watches only, oldest first."""

    async def add(
        self,
        *,
        team: str,
        user: str,
        channel: str,
        thread_ts: str | None,
        back_end: str,
        order_id: int,
        reference: str | None,
        last_status: str,
        due: Due | None = None,
        watch_id: str | None = None,
    ) -> Watch | None:
        """Opens a watch with its first occurrence in one transaction; None if this channel has one for this order.

        ``watch_id`` comes from ``new_watch_id`` where the occurrence has to name the watch.
        """

    def in_channel(self, team: str, channel: str) -> list[Watch]:
        """What a channel watches."""

    def of(self, team: str, back_end: str, order_id: int) -> list[Watch]:
        """Who in a team watches one order."""

    def get(self, watch_id: str, team: str) -> Watch | None:
        """The watch, open or stopped, if it is that team's."""

    async def seen(self, watch_id: str, status: str) -> bool:
        """Notes a status; True if it is another than the last one and the watch is open: for one caller per change."""

    async def stop(self, watch_id: str, reason: str) -> bool:
        """Stops it and keeps the first reason (a word, no personal data); False if it was not open."""

    def of_person(self, team: str, user: str) -> list[Watch]:
        """What is watched with this person's connection, in every channel."""

    def all_open(self) -> list[Watch]:
        """Every open watch of every team."""

    async def forget_older_than(self, days: float) -> int:
        """Drops watches that were stopped that long ago; how many."""


def new_watch_id() -> str:
    """128 random bits, fit for a URL and a button."""
    return secrets.token_urlsafe(16)


class SqliteWatches:
    """Watches in the file; the order's reference is sealed."""

    def __init__(self, database: Database, sealer: Sealer, now: Now = utc_now) -> None:
        self._database = database
        self._sealer = sealer
        self._now = now

    async def add(
        self,
        *,
        team: str,
        user: str,
        channel: str,
        thread_ts: str | None,
        back_end: str,
        order_id: int,
        reference: str | None,
        last_status: str,
        due: Due | None = None,
        watch_id: str | None = None,
    ) -> Watch | None:
        """See Watches."""
        id, at = watch_id or new_watch_id(), from_micros(to_micros(self._now()))
        watch = Watch(id, team, user, channel, thread_ts, back_end, order_id, reference, last_status, at, None)
        row, scheduled = self._row(watch), due_row(self._sealer, due) if due else None
        added = await self._database.write(lambda connection: _add(connection, row, scheduled))
        return watch if added else None

    def in_channel(self, team: str, channel: str) -> list[Watch]:
        """See Watches."""
        return self._all("AND team = ? AND channel = ?", (team, channel))

    def of(self, team: str, back_end: str, order_id: int) -> list[Watch]:
        """See Watches."""
        return self._all("AND team = ? AND back_end = ? AND order_id = ?", (team, back_end, order_id))

    def get(self, watch_id: str, team: str) -> Watch | None:
        """See Watches."""
        row = self._database.one(f"{_SELECT} WHERE id = ? AND team = ?", (watch_id, team))
        return self._watch(row) if row else None

    async def seen(self, watch_id: str, status: str) -> bool:
        """See Watches."""
        return await self._database.write(
            lambda connection: connection.execute(_SEEN, (status, watch_id)).rowcount == 1
        )

    async def stop(self, watch_id: str, reason: str) -> bool:
        """See Watches."""
        sql = "UPDATE watches SET stopped = ?, stopped_at = ? WHERE id = ? AND stopped IS NULL"
        row = (reason, to_micros(self._now()), watch_id)
        return await self._database.write(lambda connection: connection.execute(sql, row).rowcount == 1)

    def of_person(self, team: str, user: str) -> list[Watch]:
        """See Watches."""
        return self._all("AND team = ? AND user = ?", (team, user))

    def all_open(self) -> list[Watch]:
        """See Watches."""
        return self._all("", ())

    async def forget_older_than(self, days: float) -> int:
        """See Watches."""
        edge = days_before(self._now, days)
        sql = "DELETE FROM watches WHERE stopped_at < ?"
        return await self._database.write(lambda connection: connection.execute(sql, (edge,)).rowcount)

    def _all(self, where: str, parameters: tuple[str | int, ...]) -> list[Watch]:
        rows = self._database.all(f"{_SELECT} WHERE stopped IS NULL {where} ORDER BY created_at, id", parameters)
        return [self._watch(row) for row in rows]

    def _row(self, watch: Watch) -> Row:
        envelope = seal(self._sealer, _place(watch.id, watch.team), {"reference": watch.reference})
        place = (watch.id, watch.team, watch.user, watch.channel, watch.thread_ts, watch.back_end, watch.order_id)
        return *place, watch.last_status, to_micros(watch.created_at), envelope

    def _watch(self, row: Row) -> Watch:
        id, team, user, channel, thread_ts, back_end, order_id, last_status, at, stopped, envelope = row
        reference = unseal(self._sealer, _place(id, team), envelope)["reference"]
        where = (team, user, channel, thread_ts, back_end, order_id)
        return Watch(id, *where, reference, last_status, from_micros(at), stopped)


def _add(connection: sqlite3.Connection, row: Row, scheduled: Row | None) -> bool:
    if connection.execute(_ADD, row).rowcount == 0:
        return False
    schedule(connection, scheduled)
    return True


def _place(id: str, team: str) -> Place:
    return Place("watch", team, "", "", id)
