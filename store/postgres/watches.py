"""Watches in PostgreSQL: a channel that follows one order until its last status (DESIGN §2, F4)."""

from __future__ import annotations

from functools import partial

from store.envelope import Place, Sealer
from store.occurrences import Due, due_row
from store.payloads import seal, unseal
from store.postgres.occurrences import schedule
from store.postgres.pool import PgDatabase, Row, Writing, changed
from store.times import Now, days_before, from_micros, to_micros, utc_now
from store.watches import Watch, new_watch_id

_ADD = (
    'INSERT INTO watches (id, team, "user", channel, thread_ts, back_end, order_id, last_status, created_at, envelope) '
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (team, channel, back_end, order_id) WHERE stopped IS NULL DO NOTHING"
)
_SELECT = (
    'SELECT id, team, "user", channel, thread_ts, back_end, order_id, last_status, created_at, stopped, envelope '
    "FROM watches"
)
_SEEN = "UPDATE watches SET last_status = %s WHERE id = %s AND stopped IS NULL AND last_status <> %s"
_STOP = "UPDATE watches SET stopped = %s, stopped_at = %s WHERE id = %s AND stopped IS NULL"
_FORGET = "DELETE FROM watches WHERE stopped_at < %s"


class PgWatches:
    """Watches in the database; the order's reference is sealed."""

    def __init__(self, database: PgDatabase, sealer: Sealer, now: Now = utc_now) -> None:
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
        return watch if await self._database.write(partial(_add, row, scheduled)) else None

    def in_channel(self, team: str, channel: str) -> list[Watch]:
        """See Watches."""
        return self._all("AND team = %s AND channel = %s", (team, channel))

    def of(self, team: str, back_end: str, order_id: int) -> list[Watch]:
        """See Watches."""
        return self._all("AND team = %s AND back_end = %s AND order_id = %s", (team, back_end, order_id))

    def get(self, watch_id: str, team: str) -> Watch | None:
        """See Watches."""
        row = self._database.one(f"{_SELECT} WHERE id = %s AND team = %s", (watch_id, team))
        return self._watch(row) if row else None

    async def seen(self, watch_id: str, status: str) -> bool:
        """See Watches."""
        return await self._change(_SEEN, (status, watch_id, status)) == 1

    async def stop(self, watch_id: str, reason: str) -> bool:
        """See Watches."""
        return await self._change(_STOP, (reason, to_micros(self._now()), watch_id)) == 1

    def of_person(self, team: str, user: str) -> list[Watch]:
        """See Watches."""
        return self._all('AND team = %s AND "user" = %s', (team, user))

    def all_open(self) -> list[Watch]:
        """See Watches."""
        return self._all("", ())

    async def forget_older_than(self, days: float) -> int:
        """See Watches."""
        return await self._change(_FORGET, (days_before(self._now, days),))

    async def _change(self, sql: str, values: Row) -> int:
        return await self._database.write(lambda connection: changed(connection, sql, values))

    def _all(self, where: str, values: Row) -> list[Watch]:
        rows = self._database.all(f"{_SELECT} WHERE stopped IS NULL {where} ORDER BY created_at, id", values)
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


async def _add(row: Row, scheduled: Row | None, connection: Writing) -> bool:
    if await changed(connection, _ADD, row) == 0:
        return False
    await schedule(connection, scheduled)
    return True


def _place(id: str, team: str) -> Place:
    return Place("watch", team, "", "", id)
