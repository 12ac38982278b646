"""What a workspace's admins have settled: from when on cancelling needs a second person."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from store.audit import AuditLine, append
from store.database import Database, Row
from store.times import Now, to_micros, utc_now

_ONE = "SELECT approval_above_value, approval_above_count, approval_currency FROM preferences WHERE team = ?"
_SET = (
    "INSERT INTO preferences (team, approval_above_value, approval_above_count, approval_currency, changed_by, "
    "changed_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (team) DO UPDATE SET "
    "approval_above_value = excluded.approval_above_value, approval_above_count = excluded.approval_above_count, "
    "approval_currency = excluded.approval_currency, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
)


@dataclass(frozen=True)
class Preferences:
    """Above this value (in this currency, ISO 4217) or this number of orders a second person approves; None: never."""

    approval_above_value: Decimal | None = None
    approval_above_count: int | None = None
    approval_currency: str | None = None


class PreferencesStore(Protocol):
    """One set of preferences for each team."""

    def get(self, team: str) -> Preferences:
        """What the team has settled; nothing of it before the first ``set``."""

    async def set(self, team: str, user: str, preferences: Preferences, line: AuditLine) -> None:
        """Replaces all of them, with the audit line in one transaction; StoreError: nothing is changed."""


class SqlitePreferences:
    """Preferences in the file."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
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
        await self._database.write(lambda connection: _set(connection, row, line))


def _set(connection: sqlite3.Connection, row: Row, line: AuditLine) -> None:
    connection.execute(_SET, row)
    append(connection, line)
