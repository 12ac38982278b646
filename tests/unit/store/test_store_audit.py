"""The audit keeps every line, in order, and shows when somebody had a hand in it (G8)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from store_kit import elsewhere, line, opened

from store.audit import SqliteAudit
from store.database import Database
from store.errors import StoreError

COLUMNS = ("at", "reference", "team", "user", "channel", "action", "target", "outcome", "previous", "hash")
LINES = 8


async def written(database: Database) -> SqliteAudit:
    audit = SqliteAudit(database)
    for number in range(1, LINES + 1):
        await audit.write(line(number))
    assert audit.verify() is None
    return audit


def tampered(database: Database, *statements: str, parameters: tuple[Any, ...] = ()) -> int | None:
    """What verify says after these statements by somebody who has the file and takes the guards off."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as rival:
        rival.execute("BEGIN")
        rival.execute("DROP TRIGGER audit_no_update")
        rival.execute("DROP TRIGGER audit_no_delete")
        for statement in statements:
            rival.execute(statement, parameters if "?" in statement else ())
        rival.execute("COMMIT")
    return SqliteAudit(database).verify()


async def test_lines_come_back_newest_first_and_only_the_teams_own(tmp_path: Path) -> None:
    """A team reads its own newest lines, whole, and as many as it asks for."""
    async with opened(tmp_path) as database:
        audit = await written(database)
        await audit.write(line(99, team="T2"))
        assert audit.lines("T1", 3) == [line(8), line(7), line(6)]
        assert audit.lines("T2", 10) == [line(99, team="T2")]
        assert (audit.lines("T3", 10), audit.lines("T1", 0)) == ([], [])


async def test_an_empty_audit_is_sound(tmp_path: Path) -> None:
    """An audit without lines has nothing broken in it."""
    async with opened(tmp_path) as database:
        assert (SqliteAudit(database).verify(), SqliteAudit(database).lines("T1", 5)) == (None, [])


async def test_a_chain_written_by_many_is_sound(tmp_path: Path) -> None:
    """300 lines from two open databases at once make one unbroken chain, also while more are being added."""
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        audits = [SqliteAudit(one), SqliteAudit(other)]
        tasks = [asyncio.ensure_future(audits[number % 2].write(line(number))) for number in range(300)]
        during = []
        while not all(task.done() for task in tasks):
            during.append(audits[0].verify())
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        assert (set(during), audits[0].verify()) == ({None}, None)
        assert sorted(audits[1].lines("T1", 999), key=lambda it: it.at) == [line(number) for number in range(300)]


async def test_a_long_chain_is_read_in_pages(tmp_path: Path) -> None:
    """A chain longer than one page is verified whole: an edit on its last page is found."""
    async with opened(tmp_path) as database:
        audit = SqliteAudit(database)
        await asyncio.gather(*(audit.write(line(number)) for number in range(2100)))
        assert audit.verify() is None
        assert tampered(database, "UPDATE audit SET outcome = 'x' WHERE id = 2099") == 2099


@pytest.mark.parametrize("row", range(1, LINES + 1))
async def test_a_deleted_row_is_found(tmp_path: Path, row: int) -> None:
    """G8: whichever row is deleted, also the newest, verify names it."""
    async with opened(tmp_path) as database:
        await written(database)
        assert tampered(database, f"DELETE FROM audit WHERE id = {row}") == row


@pytest.mark.parametrize("row", [1, 5, LINES])
@pytest.mark.parametrize("column", COLUMNS)
async def test_an_edited_row_is_found(tmp_path: Path, row: int, column: str) -> None:
    """G8: whichever field of whichever row is edited, verify names the row."""
    async with opened(tmp_path) as database:
        await written(database)
        value: object = {"at": 1, "previous": b"x" * 32, "hash": b"x" * 32}.get(column, "other")
        change = f"UPDATE audit SET {column} = ? WHERE id = {row}"
        assert tampered(database, change, parameters=(value,)) == row


@pytest.mark.parametrize(("one", "other"), [(1, 2), (1, LINES), (4, 5), (LINES - 1, LINES), (LINES, 50)])
async def test_reordered_rows_are_found(tmp_path: Path, one: int, other: int) -> None:
    """G8: two rows that changed places, or one that moved to an empty one, are found at the first place."""
    async with opened(tmp_path) as database:
        await written(database)
        moves = [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in ((one, 99), (other, one), (99, other))]
        assert tampered(database, *moves) == one


@pytest.mark.parametrize("keep", range(LINES))
async def test_a_cut_off_end_is_found(tmp_path: Path, keep: int) -> None:
    """G8: an audit that lost its newest rows, or all of them, is named at the first that is missing."""
    async with opened(tmp_path) as database:
        await written(database)
        assert tampered(database, f"DELETE FROM audit WHERE id > {keep}") == keep + 1


@pytest.mark.parametrize("number", [-5, 0, LINES + 1])
async def test_an_inserted_row_is_found(tmp_path: Path, number: int) -> None:
    """G8: a row slipped in before the first or after the last is found."""
    async with opened(tmp_path) as database:
        await written(database)
        copied = ", ".join(COLUMNS)
        sql = f"INSERT INTO audit (id, {copied}) SELECT {number}, {copied} FROM audit WHERE id = 3"
        assert tampered(database, sql) == (LINES + 1 if number > 0 else 1)


@pytest.mark.parametrize("change", ["SET last = 7", "SET hash = zeroblob(32)", "SET last = 0, hash = zeroblob(32)"])
async def test_an_edited_head_is_found(tmp_path: Path, change: str) -> None:
    """G8: the head cannot be moved back or lost without being noticed."""
    async with opened(tmp_path) as database:
        await written(database)
        assert tampered(database, f"UPDATE audit_head {change}") == LINES + 1
        elsewhere(database.path, "DELETE FROM audit_head")
        assert SqliteAudit(database).verify() == LINES + 1
        with pytest.raises((StoreError, TypeError)):
            await SqliteAudit(database).write(line(9))


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET outcome = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 8"]
)
async def test_the_table_itself_refuses_changes(tmp_path: Path, sql: str) -> None:
    """G8: without taking the guards off, no row can be changed or deleted."""
    async with opened(tmp_path) as database:
        audit = await written(database)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            elsewhere(database.path, sql)
        assert (audit.verify(), len(audit.lines("T1", 99))) == (None, LINES)


async def test_words_cannot_move_between_fields(tmp_path: Path) -> None:
    """G8: the same letters split otherwise between two fields are another line."""
    async with opened(tmp_path) as database:
        await SqliteAudit(database).write(replace(line(1), action="order.show", target="12"))
        assert tampered(database, "UPDATE audit SET action = 'order.show1', target = '2'") == 1


async def test_a_line_without_a_zone_is_refused(tmp_path: Path) -> None:
    """A time whose zone would have to be guessed is not written."""
    async with opened(tmp_path) as database:
        with pytest.raises(TypeError):
            await SqliteAudit(database).write(replace(line(1), at=datetime(2026, 1, 1)))  # noqa: DTZ001
        assert SqliteAudit(database).lines("T1", 9) == []
