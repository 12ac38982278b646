"""The audit keeps every line, in order, and shows when somebody had a hand in it, on either database (G8)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import psycopg
import pytest
from store_world import House, elsewhere, house, line, rival

from store.errors import StoreError
from store.stores import on_postgres

COLUMNS = ("at", "reference", "team", "user", "channel", "action", "target", "outcome", "previous", "hash")
LINES = 8


async def written(home: House) -> None:
    for number in range(1, LINES + 1):
        await home.audit.write(line(number))
    assert home.audit.verify() is None


def unguard(place: str) -> None:
    """What somebody does first who owns the database and has something to hide."""
    guards = ("no_change ON audit", "no_truncate ON audit") if on_postgres(place) else ("no_update", "no_delete")
    for guard in guards:
        elsewhere(place, f"DROP TRIGGER audit_{guard}")


@asynccontextmanager
async def tampering(place: str) -> AsyncIterator[Callable[..., int | None]]:
    """Eight lines without guards; runs statements on them, says what verify says, and puts all back as it was."""
    async with house(place) as home:
        await written(home)
        unguard(place)
        with rival(place) as run:
            for table in ("audit", "audit_head"):
                run(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")

            def tampered(*statements: str, values: tuple[object, ...] = ()) -> int | None:
                for statement in statements:
                    run(statement, values)
                found = home.audit.verify()
                for table in ("audit", "audit_head"):
                    run(f"DELETE FROM {table}")
                    run(f"INSERT INTO {table} SELECT * FROM kept_{table}")
                assert home.audit.verify() is None
                return found

            yield tampered


async def test_lines_come_back_newest_first_and_only_the_teams_own(place: str) -> None:
    """A team reads its own newest lines, whole, and as many as it asks for; an audit without lines is sound."""
    async with house(place) as home:
        assert (home.audit.verify(), home.audit.lines("T1", 5)) == (None, [])
        await written(home)
        await home.audit.write(line(99, team="T2"))
        assert home.audit.lines("T1", 3) == [line(8), line(7), line(6)]
        assert home.audit.lines("T2", 10) == [line(99, team="T2")]
        assert (home.audit.lines("T3", 10), home.audit.lines("T1", 0)) == ([], [])


async def test_a_chain_written_by_two_replicas_is_sound(place: str) -> None:
    """300 lines from two open databases at once make one unbroken chain, also while more are being added."""
    async with house(place) as one, house(place) as other:
        audits = [one.audit, other.audit]
        tasks = [asyncio.ensure_future(audits[number % 2].write(line(number))) for number in range(300)]
        during = []
        while not all(task.done() for task in tasks):
            during.append(audits[0].verify())
            await asyncio.sleep(0.01)
        await asyncio.gather(*tasks)
        assert (set(during), audits[0].verify()) == ({None}, None)
        assert sorted(audits[1].lines("T1", 999), key=lambda it: it.at) == [line(number) for number in range(300)]


async def test_a_long_chain_is_read_in_pages(place: str) -> None:
    """A chain longer than a page of 1,000 is verified whole: an edit on its last page is found."""
    newest = 1100 if on_postgres(place) else 2100
    async with house(place) as home:
        await asyncio.gather(*(home.audit.write(line(number)) for number in range(newest)))
        assert home.audit.verify() is None
        unguard(place)
        elsewhere(place, f"UPDATE audit SET outcome = 'x' WHERE id = {newest - 1}")
        assert home.audit.verify() == newest - 1


async def test_a_deleted_row_and_a_cut_off_end_are_found(place: str) -> None:
    """G8: whichever row is deleted, and whatever is left after the newest are gone, the first missing one is named."""
    rows = range(1, LINES + 1)
    async with tampering(place) as tampered:
        assert [tampered(f"DELETE FROM audit WHERE id = {row}") for row in rows] == list(rows)
        assert [tampered(f"DELETE FROM audit WHERE id >= {row}") for row in rows] == list(rows)


async def test_an_edited_row_is_found(place: str) -> None:
    """G8: whichever field of whichever row is edited, verify names the row."""
    values: dict[str, object] = {"at": 1, "previous": b"x" * 32, "hash": b"x" * 32}
    edits = [(row, column) for row in (1, 5, LINES) for column in COLUMNS]
    async with tampering(place) as tampered:
        found = [
            tampered(f"UPDATE audit SET {column} = ? WHERE id = {row}", values=(values.get(column, "other"),))
            for row, column in edits
        ]
    assert found == [row for row, _ in edits]


async def test_reordered_rows_are_found(place: str) -> None:
    """G8: two rows that changed places, or one that moved to an empty one, are found at the first place."""
    pairs = [(1, 2), (1, LINES), (4, 5), (LINES - 1, LINES), (LINES, 50)]
    async with tampering(place) as tampered:
        for one, other in pairs:
            steps = ((one, 99), (other, one), (99, other))
            assert tampered(*(f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in steps)) == one


async def test_an_inserted_row_is_found(place: str) -> None:
    """G8: a row slipped in before the first or after the last is found."""
    copied = ", ".join(COLUMNS)
    sql = f"INSERT INTO audit (id, {copied}) SELECT {{}}, {copied} FROM audit WHERE id = 3"
    async with tampering(place) as tampered:
        assert [tampered(sql.format(number)) for number in (-5, 0, LINES + 1)] == [1, 1, LINES + 1]


async def test_an_edited_head_is_found(place: str) -> None:
    """G8: the head cannot be moved back, exchanged or lost without being noticed."""
    async with tampering(place) as tampered:
        found = [
            tampered("UPDATE audit_head SET last = 7"),
            tampered("UPDATE audit_head SET hash = ?", values=(bytes(32),)),
            tampered("UPDATE audit_head SET last = 7, hash = ?", values=(bytes(32),)),
            tampered("UPDATE audit_head SET last = 0, hash = ?", values=(bytes(32),)),
            tampered("DELETE FROM audit_head"),
        ]
    assert found == [LINES + 1] * 5


async def test_without_a_head_nothing_is_written(place: str) -> None:
    """G8: where nobody knows which line was the last, no line is added."""
    async with house(place) as home:
        await written(home)
        elsewhere(place, "DELETE FROM audit_head")
        with pytest.raises((StoreError, TypeError)):
            await home.audit.write(line(9))
        assert (home.audit.verify(), len(home.audit.lines("T1", 99))) == (LINES + 1, LINES)


async def test_the_table_itself_refuses_changes(place: str) -> None:
    """G8: without taking the guards off, no row can be changed or deleted."""
    async with house(place) as home:
        await written(home)
        for sql in ("UPDATE audit SET outcome = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 8"):
            with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
                elsewhere(place, sql)
        assert (home.audit.verify(), len(home.audit.lines("T1", 99))) == (None, LINES)


async def test_words_cannot_move_between_fields(place: str) -> None:
    """G8: the same letters split otherwise between two fields are another line."""
    async with house(place) as home:
        await home.audit.write(replace(line(1), action="order.show", target="12"))
        unguard(place)
        elsewhere(place, "UPDATE audit SET action = 'order.show1', target = '2'")
        assert home.audit.verify() == 1


async def test_a_line_without_a_zone_is_refused(place: str) -> None:
    """A time whose zone would have to be guessed is not written."""
    async with house(place) as home:
        with pytest.raises(TypeError):
            await home.audit.write(replace(line(1), at=datetime(2026, 1, 1)))  # noqa: DTZ001
        assert home.audit.lines("T1", 9) == []
