"""Tables are made in numbered steps that are each applied once (G5)."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_kit import House, database_path, due, elsewhere, house, line, opened, sealer_of

from store.audit import SqliteAudit
from store.connection import Connection
from store.database import Database
from store.deliveries import SqliteDeliveries
from store.envelope import Sealer
from store.errors import TooNew
from store.keyring import new_key
from store.migrations import STEPS, migrate
from store.vault import Verification

if TYPE_CHECKING:
    from sqlite_utils import Database as Schema

    Step = Callable[[Schema], None]

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
NAMES = [
    *("m001_vault", "m002_deliveries", "m003_audit", "m004_cards"),
    *("m005_occurrences", "m006_ledger", "m007_watches", "m008_preferences", "m009_imports"),
    *("m010_carts", "m011_digests", "m012_found_at_once", "m013_watches_of_a_person"),
]


def dying(step: Step) -> Step:
    """A step that does its work, and then everything ends."""

    def dies(db: Schema) -> None:
        step(db)
        raise KeyboardInterrupt

    dies.__name__ = step.__name__
    return dies


@contextmanager
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    try:
        yield made
    finally:
        made.close()


def applied(made: sqlite3.Connection) -> list[str]:
    return [name for (name,) in made.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def test_from_empty() -> None:
    """G5: an empty file gets every table, and each step is noted once, in order."""
    with connection() as made:
        migrate(made)
        tables = {row[0] for row in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert applied(made) == NAMES
        assert not made.in_transaction
    assert tables >= {"connections", "secrets", "deliveries", "audit", "audit_head", "cards"}


def test_running_again_changes_nothing() -> None:
    """G5: a second run executes no statement that could change the file."""
    with connection() as made:
        migrate(made)
        before = (made.execute(SCHEMA).fetchall(), made.total_changes)
        said: list[str] = []
        made.set_trace_callback(said.append)
        migrate(made)
        made.set_trace_callback(None)
        assert (made.execute(SCHEMA).fetchall(), made.total_changes) == before
    assert [text for text in said if not text.startswith("SELECT")] == []


@pytest.mark.parametrize("have", range(len(STEPS)))
def test_from_every_earlier_schema(have: int) -> None:
    """G5: from any earlier step on, the result is the schema that an empty file would get."""
    with connection() as fresh, connection() as older:
        migrate(fresh)
        migrate(older, STEPS[:have])
        migrate(older)
        assert older.execute(SCHEMA).fetchall() == fresh.execute(SCHEMA).fetchall()
        assert applied(older) == NAMES


@pytest.mark.parametrize("have", range(len(STEPS)))
def test_interrupted_at_every_step(have: int) -> None:
    """G5: a step that fails half-way leaves the tables as they were, and the next start completes them."""
    with connection() as made, connection() as fresh:
        migrate(fresh)
        with pytest.raises(KeyboardInterrupt):
            migrate(made, (*STEPS[:have], dying(STEPS[have]), *STEPS[have + 1 :]))
        assert made.execute(SCHEMA).fetchall() == []
        assert not made.in_transaction
        migrate(made)
        assert made.execute(SCHEMA).fetchall() == fresh.execute(SCHEMA).fetchall()


async def test_a_new_step_keeps_what_is_there(tmp_path: Path) -> None:
    """G5: data written before a new step is read after it."""

    def m999_later(db: Schema) -> None:
        db.create_table("later", {"id": int}, pk="id")

    async with house(tmp_path) as home:
        card = await home.cards.put("order", "T1", "U1", {"id": 7})
        sealer = home.sealer
    rival = sqlite3.connect(database_path(tmp_path), isolation_level=None)
    migrate(rival, (*STEPS, m999_later))
    rival.execute("DELETE FROM _sqlite_migrations WHERE name = 'm999_later'")
    rival.close()
    async with house(tmp_path, sealer) as home:
        assert home.cards.get(card.id, "T1") == card


RELEASED = 4
OLD_TABLES = ("connections", "secrets", "deliveries", "audit", "audit_head", "cards")
FROZEN = "954f8870d81c2ac308b803e5feb6573944cbd3788c4be6b8354899d1e2888b80"


def test_released_steps_stay_as_they_were_released() -> None:
    """G5: the steps that files out there have applied still make the very same schema."""
    with connection() as made:
        migrate(made, STEPS[:RELEASED])
        schema = [sql for (sql,) in made.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")]
    assert hashlib.sha256("\n".join(schema).encode()).hexdigest() == FROZEN


async def released(folder: Path, sealer: Sealer, patch: pytest.MonkeyPatch) -> list[Connection]:
    """A file as the first release leaves it, with rows in every table; says who is connected."""
    with patch.context() as older:
        older.setattr("store.database.migrate", partial(migrate, steps=STEPS[:RELEASED]))
        async with house(folder, sealer) as home:
            await asyncio.gather(*(home.cards.put("order", "T1", "U1", {"number": n}) for n in range(40)))
            await asyncio.gather(*(home.intake.admit(f"key-{n}", line(n)) for n in range(40)))
            return await asyncio.gather(*(joined(home, f"U{n}") for n in range(40)))


async def joined(home: House, user: str) -> Connection:
    secrets = {"credentials": f"login-{user}".encode(), "session": f"session-{user}".encode()}
    return await home.vault.connect("T1", user, "quivo", account="a…", keeps_password=True, secrets=secrets)


def rows(path: Path) -> dict[str, list[object]]:
    return {table: elsewhere(path, f"SELECT rowid, * FROM {table} ORDER BY rowid") for table in OLD_TABLES}


async def test_from_the_first_release_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G5: a file of the first release keeps every row byte for byte, all of it opens, and the new tables work."""
    sealer, path = sealer_of(new_key()), database_path(tmp_path)
    people = await released(tmp_path, sealer, monkeypatch)
    before = rows(path)
    assert {table: len(found) for table, found in before.items()} == dict(zip(OLD_TABLES, COUNTS, strict=True))
    async with house(tmp_path, sealer) as home:
        assert rows(path) == before
        assert [home.vault.secret(one, "session") for one in people] == [f"session-{p.user}".encode() for p in people]
        assert home.vault.verify() == Verification(opened=120, failed=0)
        assert SqliteAudit(home.database).verify() is None
        assert await SqliteDeliveries(home.database).first("key-7") is False
        claim = await home.ledger.claim(
            kind="order.cancel",
            team="T1",
            user="U1",
            back_end="quivo",
            target="1001",
            state="held",
            payload={},
            line=line(99),
            due=due(),
        )
        assert (claim.won, SqliteAudit(home.database).lines("T1", 1)) == (True, [line(99)])


COUNTS = (40, 80, 40, 40, 1, 40)


async def test_an_interrupted_upgrade_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G5: an upgrade that dies in any new step leaves schema and rows of the first release; the next start upgrades."""
    sealer, path = sealer_of(new_key()), database_path(tmp_path)
    await released(tmp_path, sealer, monkeypatch)
    before = (elsewhere(path, SCHEMA), rows(path))
    for broken in range(RELEASED, len(STEPS)):
        steps = (*STEPS[:broken], dying(STEPS[broken]), *STEPS[broken + 1 :])
        with monkeypatch.context() as patch:
            patch.setattr("store.database.migrate", partial(migrate, steps=steps))
            with pytest.raises(KeyboardInterrupt):
                Database.open(path)
        assert (elsewhere(path, SCHEMA), rows(path)) == before
    async with house(tmp_path, sealer) as home:
        assert (rows(path), home.vault.verify()) == (before[1], Verification(opened=120, failed=0))


async def test_a_file_from_a_later_version_is_refused(tmp_path: Path) -> None:
    """G5: tables that this version does not know stop the start instead of being written over."""
    async with opened(tmp_path) as database:
        path = database.path
    elsewhere(path, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('shipclerk', 'm999_later')")
    before = elsewhere(path, SCHEMA)
    with pytest.raises(TooNew, match="later version"):
        Database.open(path)
    assert elsewhere(path, SCHEMA) == before


async def test_two_processes_that_start_at_once(tmp_path: Path) -> None:
    """G5: several first starts at the same moment make the tables once, and each of them starts."""
    database_path(tmp_path).parent.mkdir(mode=0o700)
    code = "import sys, pathlib; from store.database import Database; Database.open(pathlib.Path(sys.argv[1]))"
    arguments = (sys.executable, "-c", code, str(database_path(tmp_path)))
    started = await asyncio.gather(*(asyncio.create_subprocess_exec(*arguments) for _ in range(4)))
    assert [await process.wait() for process in started] == [0, 0, 0, 0]
    assert [name for (name,) in elsewhere(database_path(tmp_path), "SELECT name FROM _sqlite_migrations")] == NAMES
