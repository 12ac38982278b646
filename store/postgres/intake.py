"""The intake in PostgreSQL: a delivery is recorded with its audit line in one transaction, or not admitted (G7)."""

from __future__ import annotations

from store.audit import AuditLine
from store.postgres.audit import append
from store.postgres.deliveries import record
from store.postgres.pool import PgDatabase, Writing
from store.times import to_micros


class PgIntake:
    """The intake in the database."""

    def __init__(self, database: PgDatabase) -> None:
        self._database = database

    async def admit(self, key: str, line: AuditLine) -> bool:
        """See Intake."""
        return await self._database.write(lambda connection: _admit(connection, key, line))


async def _admit(connection: Writing, key: str, line: AuditLine) -> bool:
    if not await record(connection, key, to_micros(line.at)):
        return False
    await append(connection, line)
    return True
