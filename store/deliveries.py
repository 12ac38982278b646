"""What Slack delivered, so that a redelivery runs nothing (A4, A5)."""

from __future__ import annotations

import sqlite3
from typing import Protocol

from store.database import Database
from store.times import Now, days_before, to_micros, utc_now


class Deliveries(Protocol):
    """Knows every delivery by a key that is the same for each of its redeliveries."""

    async def first(self, key: str) -> bool:
        """True for exactly one caller per key, and only once that is durable; StoreError: do not handle it."""

    async def forget_older_than(self, days: float) -> int:
        """Drops what can no longer be redelivered; how many."""


class SqliteDeliveries:
    """Deliveries in the file."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        self._database = database
        self._now = now

    async def first(self, key: str) -> bool:
        """See Deliveries."""
        at = to_micros(self._now())
        return await self._database.write(lambda connection: record(connection, key, at))

    async def forget_older_than(self, days: float) -> int:
        """See Deliveries."""
        edge = days_before(self._now, days)
        return await self._database.write(
            lambda connection: connection.execute("DELETE FROM deliveries WHERE at < ?", (edge,)).rowcount
        )


def record(connection: sqlite3.Connection, key: str, at: int) -> bool:
    """Inside a transaction: True if this key is new."""
    cursor = connection.execute("INSERT INTO deliveries (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING", (key, at))
    return cursor.rowcount == 1
