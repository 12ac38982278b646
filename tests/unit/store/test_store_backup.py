"""A backup is one private, whole file that restores anywhere, and holds nothing readable without the key (G6)."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_kit import (
    House,
    database_path,
    disguises,
    due,
    elsewhere,
    house,
    line,
    opened,
    raw_bytes,
    sealer_of,
)

from store.audit import SqliteAudit
from store.backup import Rehearsal, backup, verify_backup
from store.connection import Connection
from store.errors import Corrupt, Missing, StoreError, TooNew, Unsafe
from store.imports import ImportRow
from store.intake import SqliteIntake
from store.keyring import new_key
from store.migrations import STEPS, migrate
from store.pragmas import connect

KEY = new_key()
CANARY = "canary-token-77ab5e1f"
COUNTS = {
    "connections": 3,
    "secrets": 3,
    "deliveries": 3,
    "audit": 6,
    "audit_head": 1,
    "cards": 3,
    "occurrences": 3,
    "actions": 3,
    "watches": 3,
    "preferences": 0,
    "imports": 3,
    "import_rows": 3,
    "carts": 0,
    "digests": 0,
}


async def filled(home: House) -> list[Connection]:
    """Three rows in each table, a canary in each envelope."""
    return await asyncio.gather(*(worked(home, number) for number in range(3)))


async def worked(home: House, number: int) -> Connection:
    named: dict[str, Any] = {"team": "T1", "user": f"U{number}", "back_end": "quivo"}
    target, secrets = str(number), {"session": f"{CANARY}-{number}".encode()}
    await SqliteIntake(home.database).admit(target, line(number))
    await home.cards.put("order", "T1", "U1", {"token": CANARY})
    await home.ledger.claim(
        kind="x",
        target=target,
        state="held",
        payload={"a": CANARY},
        line=line(number),
        due=due(target, a=CANARY),
        **named,
    )
    await home.watches.add(
        channel="C1", thread_ts=None, order_id=number, reference=CANARY, last_status="PENDING", **named
    )
    await home.imports.create("T1", "U1", "C1", [ImportRow(1, "ready", CANARY, None, CANARY, {})])
    return await home.vault.connect(account="a…", keeps_password=True, secrets=secrets, **named)


def target_of(folder: Path) -> Path:
    return folder / "copies" / "backup.db"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


async def made(folder: Path) -> tuple[Path, list[Connection]]:
    async with house(folder, sealer_of(KEY)) as home:
        people = await filled(home)
        await backup(home.database, target_of(folder))
    return target_of(folder), people


async def test_a_backup_is_one_private_whole_file(tmp_path: Path) -> None:
    """G6: 0600 in a folder 0700, nothing beside it, sound, and row for row what the database held."""
    path, _ = await made(tmp_path)
    assert (mode(path), mode(path.parent), [file.name for file in path.parent.iterdir()]) == (0o600, 0o700, [path.name])
    assert elsewhere(path, "PRAGMA integrity_check") == [("ok",)]
    assert elsewhere(path, "PRAGMA journal_mode") == [("delete",)]  # it needs no log beside it to be read
    for table in COUNTS:
        sql = f"SELECT * FROM {table} ORDER BY rowid"
        assert elsewhere(path, sql) == elsewhere(database_path(tmp_path), sql)


async def test_with_the_key_all_of_it_opens(tmp_path: Path) -> None:
    """G6: the rehearsal restores it, counts its rows, opens every envelope, finds the audit whole, changes nothing."""
    path, _ = await made(tmp_path)
    before = raw_bytes(path)
    assert await verify_backup(path, sealer_of(KEY)) == Rehearsal(COUNTS, opened=18, failed=0, audit_broken_at=None)
    assert (raw_bytes(path), [file.name for file in path.parent.iterdir()]) == (before, [path.name])


async def test_without_the_key_nothing_is_readable(tmp_path: Path) -> None:
    """G6: with another key 0 envelopes open, and no canary stands in the file in any disguise."""
    path, _ = await made(tmp_path)
    assert await verify_backup(path, sealer_of(new_key())) == Rehearsal(COUNTS, 0, failed=18, audit_broken_at=None)
    assert [form for form in disguises(CANARY) if form in raw_bytes(path)] == []


async def test_a_restored_backup_is_the_database(tmp_path: Path) -> None:
    """G6: put in place on a clean machine it opens, with the connections, actions and audit it was made with."""
    path, people = await made(tmp_path)
    place = database_path(tmp_path / "clean")
    place.parent.mkdir(parents=True, mode=0o700)
    path.rename(place)
    async with house(tmp_path / "clean", sealer_of(KEY)) as home:
        secrets = [home.vault.secret(one, "session") for one in people]
        assert secrets == [f"{CANARY}-{number}".encode() for number in range(3)]
        action = home.ledger.open_for("x", "T1", "quivo", "2")
        assert action is not None
        assert (action.payload, SqliteAudit(home.database).verify()) == ({"a": CANARY}, None)
        assert await SqliteIntake(home.database).admit("2", line(9)) is False
        await worked(home, 3)


async def test_a_backup_under_load_is_one_state(tmp_path: Path) -> None:
    """G6: made while others write, it holds deliveries and audit of one moment, and everything acknowledged before."""
    async with opened(tmp_path) as database:
        intake = SqliteIntake(database)
        for number in range(30):
            await intake.admit(f"before-{number}", line(number))
        writes = [asyncio.ensure_future(intake.admit(f"during-{number}", line(number))) for number in range(300)]
        await backup(database, target_of(tmp_path))
        assert all(await asyncio.gather(*writes))
    found = await verify_backup(target_of(tmp_path), sealer_of(KEY))
    assert (found.rows["deliveries"], found.audit_broken_at) == (found.rows["audit"], None)
    assert 30 <= found.rows["deliveries"] <= 330


async def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    """G6: an older backup, or the database itself, is never written over."""
    async with house(tmp_path, sealer_of(KEY)) as home:
        target = target_of(tmp_path)
        await backup(home.database, target)
        before = raw_bytes(target)
        for taken in (target, home.database.path):
            with pytest.raises(StoreError, match="a file of that name already"):
                await backup(home.database, taken)
        assert raw_bytes(target) == before
        assert [file.name for file in target.parent.iterdir()] == [target.name]


async def test_an_open_folder_is_refused(tmp_path: Path) -> None:
    """C9: into a folder that others can look into, or through a link, nothing is written."""
    shared, link = tmp_path / "shared", tmp_path / "link"
    shared.mkdir(mode=0o755)
    link.symlink_to(tmp_path / "data")
    async with house(tmp_path, sealer_of(KEY)) as home:
        for folder in (shared, link):
            with pytest.raises(Unsafe):
                await backup(home.database, folder / "backup.db")
    assert list(shared.iterdir()) == []
    assert not (tmp_path / "data" / "backup.db").exists()


async def test_what_an_interrupted_backup_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """G6: half a file of an earlier try never has the backup's name, and two backups at once do not mix."""
    left = target_of(tmp_path).with_name("backup.db.partial")
    left.parent.mkdir(mode=0o700)
    left.write_bytes(b"half")
    async with house(tmp_path, sealer_of(KEY)) as home:
        await filled(home)
        tries = (backup(home.database, target_of(tmp_path)) for _ in range(4))
        told = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["NoneType", "StoreError", "StoreError", "StoreError"]
    assert (await verify_backup(target_of(tmp_path), sealer_of(KEY))).opened == 18
    assert sorted(file.name for file in left.parent.iterdir()) == ["backup.db", "backup.db.partial"]


async def test_where_nothing_can_be_written_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G4: when the copy fails half-way, the caller hears a StoreError and no file bears the name."""

    def broken(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise sqlite3.OperationalError("disk I/O error")

    async with house(tmp_path, sealer_of(KEY)) as home:
        monkeypatch.setattr("store.backup._copy", broken)
        with pytest.raises(StoreError):
            await backup(home.database, target_of(tmp_path))
        with pytest.raises(StoreError):
            await backup(home.database, tmp_path / "data" / "shipclerk.db" / "x" / "backup.db")
    assert list(target_of(tmp_path).parent.iterdir()) == []


async def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """G6: a missing file, one of another kind, a damaged one and one of a later version are each named."""
    path, _ = await made(tmp_path)
    other, cut, later = tmp_path / "other.db", tmp_path / "cut.db", tmp_path / "later.db"
    other.write_bytes(b"This is no database. " * 200)
    whole = path.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    later.write_bytes(whole)
    elsewhere(later, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('shipclerk', 'm999_later')")
    refusals = [(tmp_path / "none.db", Missing), (other, Corrupt), (cut, Corrupt), (later, TooNew)]
    for refused, why in refusals:
        with pytest.raises(why):
            await verify_backup(refused, sealer_of(KEY))


async def test_a_damage_that_no_row_shows_is_refused(tmp_path: Path) -> None:
    """G6: an index that does not fit its table opens and reads, and is told all the same."""
    path, _ = await made(tmp_path)
    pages = elsewhere(path, "SELECT name, rootpage FROM sqlite_master WHERE name GLOB 'idx_*_at' ORDER BY name")
    (one, page), (other, other_page) = pages[:2]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        for name, root in ((one, other_page), (other, page)):
            connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (root, name))
    with pytest.raises(Corrupt):
        await verify_backup(path, sealer_of(KEY))


async def test_a_tampered_backup_is_told(tmp_path: Path) -> None:
    """G6 G8: a swapped envelope is counted as failed, and an edited audit row is named."""
    path, _ = await made(tmp_path)
    elsewhere(path, "UPDATE cards SET envelope = (SELECT envelope FROM cards ORDER BY id LIMIT 1)")
    elsewhere(path, "DROP TRIGGER audit_no_update")
    elsewhere(path, "UPDATE audit SET user = 'U9' WHERE id = 4")
    assert await verify_backup(path, sealer_of(KEY)) == Rehearsal(COUNTS, opened=16, failed=2, audit_broken_at=4)


async def test_a_backup_of_the_first_release_is_brought_up_to_date(tmp_path: Path) -> None:
    """G5 G6: an old backup is rehearsed with today's tables, and stays as it is."""
    path = database_path(tmp_path)
    path.parent.mkdir(mode=0o700)
    path.touch(0o600)
    with closing(connect(path)) as connection:
        migrate(connection, STEPS[:4])
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    before = raw_bytes(path)
    found = await verify_backup(path, sealer_of(KEY))
    assert found == Rehearsal(dict.fromkeys(COUNTS, 0) | {"audit_head": 1}, opened=0, failed=0, audit_broken_at=None)
    assert raw_bytes(path) == before
