"""Deliveries in PostgreSQL: one key for each, so that a redelivery runs nothing, whichever replica gets it (A4, A5)."""

from __future__ import annotations

from store.postgres.pool import PgDatabase, Writing, changed
from store.times import Now, days_before, to_micros, utc_now

_ADD = "INSERT INTO deliveries (key, at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_FORGET = "DELETE FROM deliveries WHERE at < %s"


class PgDeliveries:
    """Deliveries in the database."""

    def __init__(self, database: PgDatabase, now: Now = utc_now) -> None:
        self._database = database
        self._now = now

    async def first(self, key: str) -> bool:
        """See Deliveries."""
        at = to_micros(self._now())
        return await self._database.write(lambda connection: record(connection, key, at))

    async def forget_older_than(self, days: float) -> int:
        """See Deliveries."""
        edge = days_before(self._now, days)
        return await self._database.write(lambda connection: changed(connection, _FORGET, (edge,)))


async def record(connection: Writing, key: str, at: int) -> bool:
    """Inside a transaction: True if this key is new; waits for whoever is recording it at the moment."""
    return await changed(connection, _ADD, (key, at)) == 1
