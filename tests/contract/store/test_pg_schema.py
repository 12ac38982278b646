"""PostgreSQL's tables are made once, by whoever starts first, and are those of SQLite (G5)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from postgres import Server
from store_world import elsewhere, file_in, house

from store.database import Database
from store.errors import StoreError, TooNew
from store.migrations import STEPS as FILE_STEPS
from store.postgres.pool import PgDatabase
from store.postgres.schema import STEPS, Step, migrate

TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
NAMES = "SELECT name FROM shipclerk_migrations ORDER BY name"
COLUMNS = (
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns "
    "WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%' "
    "AND table_name <> 'shipclerk_migrations' AND is_identity = 'NO'"
)
FILE_COLUMNS = (
    'SELECT m.name, c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0 FROM sqlite_master m '
    "JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT GLOB '*sqlite*'"
)
KINDS = {"text": "text", "integer": "bigint", "int": "bigint", "blob": "bytea"}
LATER: Step = ("m999_later", "CREATE TABLE later (key text PRIMARY KEY)")
BROKEN: Step = ("m999_broken", "CREATE TABLE later (key text PRIMARY KEY); SELECT 1 / 0")


async def migrated(url: str, steps: Sequence[Step] = STEPS) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await migrate(connection, steps)


async def test_the_tables_are_those_of_sqlite(url: str, tmp_path: Path) -> None:
    """The same tables, columns, types and NOT NULLs under the same names of steps, so that every row can move."""
    await Database.open(Path(file_in(tmp_path))).close()
    with closing(sqlite3.connect(file_in(tmp_path))) as file:
        wanted = {(table, column, KINDS[kind], bool(null)) for table, column, kind, null in file.execute(FILE_COLUMNS)}
    assert set(elsewhere(url, COLUMNS)) == wanted
    assert [name for name, _ in STEPS if name[0] == "m"] == [step.__name__ for step in FILE_STEPS]


async def test_text_is_compared_byte_by_byte(url: str) -> None:
    """Every text column has the collation C, as SQLite's have: no two different keys are ever the same."""
    sql = (
        "SELECT table_name::text, column_name::text FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%' AND data_type = 'text' "
        "AND collation_name IS DISTINCT FROM 'C'"
    )
    assert elsewhere(url, sql) == []


async def test_a_second_start_changes_nothing(bare: str) -> None:
    """G5: opened again it has the same steps and tables, and what was written is there."""
    async with house(bare) as home:
        await home.deliveries.first("a")
    before = elsewhere(bare, TABLES), elsewhere(bare, NAMES)
    async with house(bare) as home:
        assert await home.deliveries.first("a") is False
    assert (elsewhere(bare, TABLES), elsewhere(bare, NAMES)) == before
    assert before[1] == [(name,) for name, _ in STEPS]


async def test_ten_start_at_once(bare: str) -> None:
    """G5: ten replicas that start on an empty database at the same time all come up, each step applied once."""
    databases = await asyncio.gather(*(PgDatabase.open(bare) for _ in range(10)))
    await asyncio.gather(*(database.close() for database in databases))
    assert elsewhere(bare, NAMES) == [(name,) for name, _ in STEPS]


async def test_an_interrupted_start_leaves_nothing_and_can_be_repeated(bare: str) -> None:
    """G5: if one step fails none is applied; afterwards the right ones are."""
    with pytest.raises(StoreError):
        await PgDatabase.open(bare, (*STEPS, BROKEN))
    assert elsewhere(bare, TABLES) == []
    await migrated(bare)
    assert elsewhere(bare, NAMES) == [(name,) for name, _ in STEPS]


@pytest.mark.parametrize("known", range(len(STEPS) + 1))
async def test_every_earlier_version_is_brought_up_to_date(postgres: Server, known: int) -> None:
    """G5: a database of each earlier version gets the steps that it lacks, keeps its rows, and no step is repeated."""
    with postgres.database() as url:
        await migrated(url, STEPS[:known])
        if known >= 2:
            elsewhere(url, "INSERT INTO deliveries VALUES ('kept', 1)")
        async with house(url) as home:
            assert await home.deliveries.first("kept") is (known < 2)
        assert elsewhere(url, NAMES) == [(name,) for name, _ in STEPS]


async def test_a_step_can_be_added(url: str) -> None:
    """G5: a later version adds its table to a database that is in use, and keeps what is there."""
    async with house(url) as home:
        await home.deliveries.first("a")
        await migrated(url, (*STEPS, LATER))
        assert await home.deliveries.first("a") is False
    assert elsewhere(url, "SELECT * FROM later") == []


async def test_a_later_database_is_refused(url: str) -> None:
    """G5: a database with a step that this version does not know is not touched."""
    await migrated(url, (*STEPS, LATER))
    with pytest.raises(TooNew):
        await PgDatabase.open(url)
    assert elsewhere(url, NAMES) == sorted((name,) for name, _ in (*STEPS, LATER))


async def test_the_audit_cannot_be_emptied(url: str) -> None:
    """G8: TRUNCATE, which SQLite does not have, is refused like DELETE."""
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        elsewhere(url, "TRUNCATE audit")
