"""The audit keeps every line, in order, and shows when somebody had a hand in it, on either database (G8)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from store_world import House, elsewhere, house, line

from store.errors import StoreError
from store.stores import on_postgres

COLUMNS = ("at", "reference", "team", "user", "channel", "action", "target", "outcome", "previous", "hash")
LINES = 8


async def written(home: House) -> None:
    for number in range(1, LINES + 1):
        await home.audit.write(line(number))
    assert home.audit.verify() is None


def tampered(home: House, *statements: str, parameters: tuple[Any, ...] = ()) -> int | None:
    """What verify says after these statements by somebody who owns the database and takes the guards off."""
    guards = ("no_change", "no_truncate") if on_postgres(home.place) else ("no_update", "no_delete")
    for guard in guards:
        elsewhere(home.place, f"DROP TRIGGER audit_{guard}" + (" ON audit" if on_postgres(home.place) else ""))
    for statement in statements:
        elsewhere(home.place, statement, parameters if "?" in statement else ())
    return home.audit.verify()


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
    """A chain longer than one page is verified whole: an edit on its second page is found."""
    async with house(place) as home:
        await asyncio.gather(*(home.audit.write(line(number)) for number in range(1100)))
        assert home.audit.verify() is None
        assert tampered(home, "UPDATE audit SET outcome = 'x' WHERE id = 1099") == 1099


@pytest.mark.parametrize("row", [1, 2, 5, LINES])
async def test_a_deleted_row_is_found(place: str, row: int) -> None:
    """G8: whichever row is deleted, also the newest, verify names it."""
    async with house(place) as home:
        await written(home)
        assert tampered(home, f"DELETE FROM audit WHERE id = {row}") == row


@pytest.mark.parametrize("column", COLUMNS)
async def test_an_edited_row_is_found(place: str, column: str) -> None:
    """G8: whichever field of a row is edited, verify names the row."""
    async with house(place) as home:
        await written(home)
        value: object = {"at": 1, "previous": b"x" * 32, "hash": b"x" * 32}.get(column, "other")
        assert tampered(home, f"UPDATE audit SET {column} = ? WHERE id = 5", parameters=(value,)) == 5


@pytest.mark.parametrize(("one", "other"), [(1, 2), (1, LINES), (4, 5), (LINES - 1, LINES), (LINES, 50)])
async def test_reordered_rows_are_found(place: str, one: int, other: int) -> None:
    """G8: two rows that changed places, or one that moved to an empty one, are found at the first place."""
    async with house(place) as home:
        await written(home)
        moves = [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in ((one, 99), (other, one), (99, other))]
        assert tampered(home, *moves) == one


@pytest.mark.parametrize("keep", [0, 3, LINES - 1])
async def test_a_cut_off_end_is_found(place: str, keep: int) -> None:
    """G8: an audit that lost its newest rows, or all of them, is named at the first that is missing."""
    async with house(place) as home:
        await written(home)
        assert tampered(home, f"DELETE FROM audit WHERE id > {keep}") == keep + 1


@pytest.mark.parametrize("number", [-5, 0, LINES + 1])
async def test_an_inserted_row_is_found(place: str, number: int) -> None:
    """G8: a row slipped in before the first or after the last is found."""
    async with house(place) as home:
        await written(home)
        copied = ", ".join(COLUMNS)
        sql = f"INSERT INTO audit (id, {copied}) SELECT {number}, {copied} FROM audit WHERE id = 3"
        assert tampered(home, sql) == (LINES + 1 if number > 0 else 1)


@pytest.mark.parametrize("last", [7, 0])
async def test_an_edited_head_is_found(place: str, last: int) -> None:
    """G8: the head cannot be moved back or lost without being noticed, and without it nothing is written."""
    async with house(place) as home:
        await written(home)
        assert tampered(home, "UPDATE audit_head SET last = ?, hash = ?", parameters=(last, bytes(32))) == LINES + 1
        elsewhere(place, "DELETE FROM audit_head")
        assert home.audit.verify() == LINES + 1
        with pytest.raises((StoreError, TypeError)):
            await home.audit.write(line(9))
        assert len(home.audit.lines("T1", 99)) == LINES


@pytest.mark.parametrize("sql", ["UPDATE audit SET outcome = 'x'", "DELETE FROM audit WHERE id = 8"])
async def test_the_table_itself_refuses_changes(place: str, sql: str) -> None:
    """G8: without taking the guards off, no row can be changed or deleted."""
    async with house(place) as home:
        await written(home)
        with pytest.raises(Exception, match="append-only"):
            elsewhere(place, sql)
        assert (home.audit.verify(), len(home.audit.lines("T1", 99))) == (None, LINES)


async def test_words_cannot_move_between_fields(place: str) -> None:
    """G8: the same letters split otherwise between two fields are another line."""
    async with house(place) as home:
        await home.audit.write(replace(line(1), action="order.show", target="12"))
        assert tampered(home, "UPDATE audit SET action = 'order.show1', target = '2'") == 1


async def test_a_line_without_a_zone_is_refused(place: str) -> None:
    """A time whose zone would have to be guessed is not written."""
    async with house(place) as home:
        with pytest.raises(TypeError):
            await home.audit.write(replace(line(1), at=datetime(2026, 1, 1)))  # noqa: DTZ001
        assert home.audit.lines("T1", 9) == []
