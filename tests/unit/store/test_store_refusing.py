"""What only a file does to a change: SQLite drops the whole transaction, or takes no write at all (G4, G7)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_kit import NOON, House, due, elsewhere, house, line

from store.audit import SqliteAudit
from store.digests import Digest
from store.errors import ReadOnly, StoreError
from store.ledger import OPEN
from store.preferences import Preferences

DROPS = "CREATE TRIGGER shut BEFORE INSERT ON audit BEGIN SELECT RAISE(ROLLBACK, 'shut'); END"
TABLES = ("actions", "audit", "audit_head", "occurrences", "deliveries", "preferences", "digests")
ACTION: dict[str, Any] = {"kind": "x", "team": "T1", "user": "U1", "back_end": "quivo", "state": "held", "payload": {}}
DIGEST = Digest("g-1", "T1", "U1", "C1", ("orders",), (0,), "09:00", "UTC", "full", NOON, next_at=NOON)


def rows(home: House) -> list[list[Any]]:
    return [elsewhere(home.database.path, f"SELECT * FROM {table} ORDER BY rowid") for table in TABLES]


async def test_where_sqlite_drops_the_transaction_nothing_is_changed(tmp_path: Path) -> None:
    """G7: without its audit line no change is made, also where SQLite has undone it by itself; then all goes on."""
    async with house(tmp_path) as home:
        action = (await home.ledger.claim(target="1", line=line(1), **ACTION)).action
        await home.preferences.set("T1", "U1", Preferences(None, 5, "EUR"), line(2))
        await home.digests.add(DIGEST, line(3))
        before = rows(home)
        elsewhere(home.database.path, DROPS)
        for work in (
            home.ledger.claim(target="2", line=line(4), due=due("d-1"), **ACTION),
            home.ledger.move(action.id, expect=OPEN, to="sending", line=line(4), payload={"n": 1}, due=due("d-1")),
            home.preferences.set("T1", "U2", Preferences(), line(4)),
            home.intake.admit("a", line(4)),
            home.digests.add(replace(DIGEST, id="g-2"), line(4)),
            home.digests.change(DIGEST, line(4), owner="U2"),
            home.digests.stop("g-1", "late", line(4)),
            home.digests.delete(DIGEST, line(4)),
        ):
            with pytest.raises(StoreError):
                await work
            assert rows(home) == before
        elsewhere(home.database.path, "DROP TRIGGER shut")
        assert (await home.ledger.claim(target="2", line=line(4), due=due("d-1"), **ACTION)).won
        moved = await home.ledger.move(action.id, expect=OPEN, to="sending", line=line(5), due=due("d-2"))
        assert moved == replace(action, state="sending")
        assert await home.intake.admit("a", line(6)) is True
        assert home.audit.lines("T1", 9) == [line(number) for number in (6, 5, 4, 3, 2, 1)]
        assert home.audit.verify() is None


async def test_a_file_that_takes_no_writes_schedules_and_admits_nothing(tmp_path: Path) -> None:
    """G4 G7: adding, claiming, dropping and admitting raise, never True or False, and the rows are as they were."""
    async with house(tmp_path) as home:
        await home.occurrences.add(due())
        before = rows(home)
        await home.database.write(lambda connection: connection.execute("PRAGMA query_only=ON").fetchall())
        for work in (
            home.occurrences.add(due("d-2")),
            home.occurrences.claim_due(owner="A", lease=NOON - NOON, most=9),
            home.occurrences.drop("d-1"),
            home.intake.admit("a", line(1)),
            SqliteAudit(home.database).write(line(1)),
        ):
            with pytest.raises(ReadOnly):
                await work
        assert rows(home) == before
