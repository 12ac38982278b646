"""A delivery comes in with its audit line, or not at all (G7)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from store_kit import elsewhere, line, opened

from store.audit import SqliteAudit
from store.deliveries import SqliteDeliveries
from store.errors import ReadOnly, StoreError
from store.intake import SqliteIntake


async def test_a_delivery_is_admitted_once_with_one_line(tmp_path: Path) -> None:
    """A5: the second time the same delivery is turned away and leaves no second line, also after a restart."""
    async with opened(tmp_path) as database:
        intake = SqliteIntake(database)
        assert [await intake.admit("a", line(1)), await intake.admit("a", line(2))] == [True, False]
        assert await intake.admit("b", line(3)) is True
    async with opened(tmp_path) as database:
        assert await SqliteIntake(database).admit("a", line(4)) is False
        assert SqliteAudit(database).lines("T1", 9) == [line(3), line(1)]
        assert SqliteAudit(database).verify() is None


async def test_fifty_at_once_admit_one(tmp_path: Path) -> None:
    """A4: 50 concurrent deliveries of one key: one is admitted, one line is written."""
    async with opened(tmp_path) as database:
        intake = SqliteIntake(database)
        admitted = await asyncio.gather(*(intake.admit("a", line(number)) for number in range(50)))
        assert admitted == [True] + [False] * 49
        assert SqliteAudit(database).lines("T1", 99) == [line(0)]


async def test_intake_and_deliveries_know_each_other(tmp_path: Path) -> None:
    """A key that came in by one way is known to the other."""
    async with opened(tmp_path) as database:
        intake, deliveries = SqliteIntake(database), SqliteDeliveries(database)
        assert [await intake.admit("a", line(1)), await deliveries.first("a")] == [True, False]
        assert [await deliveries.first("b"), await intake.admit("b", line(2))] == [True, False]
        assert SqliteAudit(database).lines("T1", 9) == [line(1)]


@pytest.mark.parametrize(
    "breakage",
    [
        "CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'shut'); END",
        "CREATE TRIGGER shut BEFORE UPDATE ON audit_head BEGIN SELECT RAISE(ABORT, 'shut'); END",
        "CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ROLLBACK, 'shut'); END",
    ],
)
async def test_without_an_audit_nothing_is_admitted(tmp_path: Path, breakage: str) -> None:
    """G7: if the audit cannot be written the delivery is not recorded either, and can come again once it can."""
    async with opened(tmp_path) as database:
        elsewhere(database.path, breakage)
        intake = SqliteIntake(database)
        with pytest.raises(StoreError):
            await intake.admit("a", line(1))
        assert elsewhere(database.path, "SELECT count(*) FROM deliveries") == [(0,)]
        assert SqliteAudit(database).lines("T1", 9) == []
        elsewhere(database.path, "DROP TRIGGER shut")
        assert await intake.admit("a", line(1)) is True
        assert SqliteAudit(database).verify() is None


async def test_a_disk_that_refuses_admits_nothing(tmp_path: Path) -> None:
    """G7: where nothing can be written the caller hears a StoreError, never True or False."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute("PRAGMA query_only=ON").fetchall())
        with pytest.raises(ReadOnly):
            await SqliteIntake(database).admit("a", line(1))
        assert elsewhere(database.path, "SELECT count(*) FROM deliveries") == [(0,)]
