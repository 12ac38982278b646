"""Preferences in PostgreSQL: from when on cancelling needs a second person."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from store.audit import AuditLine
from store.postgres.audit import append
from store.postgres.pool import PgDatabase, Row, Writing
from store.preferences import Preferences
from store.times import Now, to_micros, utc_now

_ONE = "SELECT approval_above_value, approval_above_count, approval_currency FROM preferences WHERE team = %s"
_SET = (
    "INSERT INTO preferences (team, approval_above_value, approval_above_count, approval_currency, changed_by, "
    "changed_at) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (team) DO UPDATE SET "
    "approval_above_value = excluded.approval_above_value, approval_above_count = excluded.approval_above_count, "
    "approval_currency = excluded.approval_currency, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
)


class PgPreferences:
    """Preferences in the database."""

    def __init__(self, database: PgDatabase, now: Now = utc_now) -> None:
        self._database = database
        self._now = now

    def get(self, team: str) -> Preferences:
        """See PreferencesStore."""
        row = self._database.one(_ONE, (team,))
        if row is None:
            return Preferences()
        value, count, currency = row
        return Preferences(None if value is None else Decimal(value), count, currency)

    async def set(self, team: str, user: str, preferences: Preferences, line: AuditLine) -> None:
        """See PreferencesStore."""
        value = preferences.approval_above_value
        kept = (None if value is None else str(value), preferences.approval_above_count, preferences.approval_currency)
        row = (team, *kept, user, to_micros(self._now()))
        await self._database.write(partial(_set, row, line))


async def _set(row: Row, line: AuditLine, connection: Writing) -> None:
    await connection.execute(_SET, row)
    await append(connection, line)
