"""What the tests of PostgreSQL are given is as good as new, whatever the test before did to it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from pg_again import Again, rows_of, schema_of
from postgres import TEMPLATE, Server
from store_world import due, elsewhere, house, line

from store.postgres.schema import STEPS


@pytest.fixture
def own(postgres: Server) -> Iterator[Again]:
    made = Again(postgres)
    yield made
    made.drop()


def tables(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        return rows_of(connection)


async def test_the_same_one_comes_back_empty(postgres: Server, own: Again) -> None:
    """Rows, the audit, jobs, numbers and whoever still holds a lock are gone: it is as a fresh copy of the template."""
    url = own.take()
    async with house(url) as home:
        await home.intake.admit("a", line(1))
        await home.occurrences.add(due())
        await home.carts.keep("T1", "U1", "C1", number="R1", store="s", currency=None, token="t")
    rival = psycopg.connect(url)
    rival.execute("LOCK TABLE carts IN SHARE MODE")
    own.give_back()
    with pytest.raises(psycopg.OperationalError):
        rival.execute("SELECT 1")
    rival.close()
    with postgres.database(TEMPLATE) as fresh:
        assert (own.take(), tables(url)) == (url, tables(fresh))
    assert [name for (name,) in sorted(tables(url)["shipclerk_migrations"])] == [name for name, _ in STEPS]
    async with house(url) as home:
        await home.carts.keep("T1", "U1", "C1", number="R1", store="s", currency=None, token="t")
        assert await home.intake.admit("a", line(1)) is True
        assert home.audit.verify() is None
    assert elsewhere(url, "SELECT added FROM carts") == [(1,)]


CHANGES = [
    "CREATE TABLE more (key text)",
    "ALTER TABLE cards ADD COLUMN more text",
    "ALTER TABLE cards ALTER COLUMN team DROP NOT NULL",
    "DROP INDEX cards_created_at",
    "ALTER TABLE audit DISABLE TRIGGER audit_no_change",
    "DROP TRIGGER audit_no_change ON audit",
    "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 2'",
    "ALTER DATABASE {name} SET synchronous_commit = off",
]


def test_every_change_that_is_not_of_rows_is_seen(url: str) -> None:
    """Tables, columns, indexes, triggers, functions and settings: a database that was changed is another one."""
    ((name,),) = elsewhere(url, "SELECT current_database()")
    with psycopg.connect(url, autocommit=True) as connection:
        seen = [schema_of(connection)]
        for change in CHANGES:
            elsewhere(url, change.format(name=name))
            seen.append(schema_of(connection))
        elsewhere(url, "INSERT INTO deliveries VALUES ('a', 1)")
        assert (len(set(seen)), schema_of(connection)) == (len(CHANGES) + 1, seen[-1])


def test_one_that_was_changed_is_thrown_away(own: Again) -> None:
    """Where a test changed more than rows, the next one is given another database."""
    changed = own.take()
    elsewhere(changed, "DROP TRIGGER audit_no_change ON audit")
    own.give_back()
    assert own.take() != changed
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(changed)
    own.give_back()
