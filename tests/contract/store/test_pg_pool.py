"""PostgreSQL as we use it: how connections are set, many writers at once, and a server that goes away (G1 to G4)."""

from __future__ import annotations

import asyncio
import os
import signal

import psycopg
import pytest
from postgres import TEMPLATE, Server
from psycopg.sql import SQL, Identifier
from store_world import elsewhere, house, line, shut

from store.errors import Busy, Closed, Full, Missing, ReadOnly, StoreError
from store.postgres.audit import append
from store.postgres.errors import UNSURE, told
from store.postgres.pool import MOST_CONNECTIONS, PgDatabase, Writing, changed, found
from store.postgres.reader import Reader
from store.postgres.settings import READING, WRITING, parameters

SETTINGS = "SELECT " + ", ".join(f"current_setting('{name}')" for name in WRITING)
ASLEEP = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
COUNTER = "CREATE TABLE counter (n bigint); INSERT INTO counter VALUES (0)"


async def test_every_writing_connection_is_set(url: str) -> None:
    """G1: on each of the pool's ten connections a commit is on the disk when it returns, and no wait is endless."""
    database = await PgDatabase.open(url)
    met = asyncio.Barrier(MOST_CONNECTIONS)

    async def looked(connection: Writing) -> tuple[int, tuple[str, ...]]:
        await met.wait()
        row = await found(connection, SETTINGS)
        return connection.info.backend_pid, tuple(row or ())

    seen = await asyncio.gather(*(database.write(looked) for _ in range(MOST_CONNECTIONS)))
    await database.close()
    assert len({pid for pid, _ in seen}) == MOST_CONNECTIONS
    assert {settings for _, settings in seen} == {tuple(WRITING.values())}
    assert WRITING["synchronous_commit"] == "on"


async def test_the_reader_only_reads(url: str) -> None:
    """G1: the event loop's connection waits two seconds at most and cannot write."""
    database = await PgDatabase.open(url)
    try:
        row = database.one("SELECT " + ", ".join(f"current_setting('{name}')" for name in READING))
        assert row == tuple(READING.values())
        with pytest.raises(ReadOnly):
            database.all("INSERT INTO deliveries VALUES ('a', 1) RETURNING key")
    finally:
        await database.close()
    assert elsewhere(url, "SELECT * FROM deliveries") == []


async def test_a_database_that_is_set_to_lose_commits_is_overruled(url: str) -> None:
    """G1: an administrator's synchronous_commit=off for the database does not reach our connections."""
    (name,) = elsewhere(url, "SELECT current_database()")[0]
    elsewhere(url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = await PgDatabase.open(url)
    row = await database.write(lambda connection: found(connection, "SELECT current_setting('synchronous_commit')"))
    await database.close()
    assert row == ("on",)


async def test_twenty_writers_read_and_write(url: str) -> None:
    """G2: 20 writers with 100 read-then-write transactions each, on two replicas: 0 errors, 0 lost updates."""
    elsewhere(url, COUNTER)
    one, other = await PgDatabase.open(url), await PgDatabase.open(url)

    async def more(connection: Writing) -> None:
        row = await found(connection, "SELECT n FROM counter FOR UPDATE")
        assert row is not None
        await changed(connection, "UPDATE counter SET n = %s", (row[0] + 1,))

    async def writer(number: int) -> None:
        for _ in range(100):
            await (one, other)[number % 2].write(more)

    await asyncio.gather(*(writer(number) for number in range(20)))
    counted = one.one("SELECT n FROM counter")
    await asyncio.gather(one.close(), other.close())
    assert counted == (2000,)


async def test_a_hundred_wait_for_ten_connections(url: str) -> None:
    """G2: more writers than connections wait for one another, and all of them get through."""
    database = await PgDatabase.open(url)
    numbers = await asyncio.gather(*(database.write(_slow) for _ in range(100)))
    await database.close()
    assert (len(numbers), len(set(numbers)) <= MOST_CONNECTIONS) == (100, True)


async def _slow(connection: Writing) -> int:
    await connection.execute("SELECT pg_sleep(0.01)")
    return connection.info.backend_pid


async def test_work_that_raises_is_undone_and_its_connection_goes_on(url: str) -> None:
    """G4: an error after some statements leaves nothing, keeps its class, and spoils nothing for the next work."""
    database = await PgDatabase.open(url)

    async def torn(connection: Writing) -> None:
        await changed(connection, "INSERT INTO deliveries VALUES (%s, 1)", ("torn",))
        await append(connection, line(1))
        raise ZeroDivisionError

    for _ in range(MOST_CONNECTIONS + 1):
        with pytest.raises(ZeroDivisionError):
            await database.write(torn)
    counts = "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM audit), (SELECT last FROM audit_head)"
    assert database.one(counts) == (0, 0, 0)
    await database.close()


async def test_work_that_is_cut_off_is_undone(url: str) -> None:
    """G4: a write that is cancelled half-way leaves nothing, and its lock is free again."""
    database = await PgDatabase.open(url)

    async def endless(connection: Writing) -> None:
        await append(connection, line(1))
        await connection.execute("SELECT pg_sleep(9)")

    task = asyncio.create_task(database.write(endless))
    while not elsewhere(url, ASLEEP):  # noqa: ASYNC110 - the server cannot call us
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(lambda connection: append(connection, line(2)))
    assert database.all("SELECT id, reference FROM audit") == [(1, "r-2")]
    await database.close()


async def test_a_lock_that_somebody_keeps_ends_in_busy(url: str) -> None:
    """G4: where another program keeps the audit's head locked, nothing is admitted and the caller hears Busy."""
    async with house(url) as home:
        database = home.database
        assert isinstance(database, PgDatabase)

        async def hurried(connection: Writing) -> None:
            await connection.execute("SET LOCAL lock_timeout = '50ms'")
            await changed(connection, "INSERT INTO deliveries VALUES (%s, 1)", ("a",))
            await append(connection, line(1))

        with psycopg.connect(url) as rival:
            rival.execute("SELECT * FROM audit_head FOR UPDATE")
            with pytest.raises(Busy):
                await database.write(hurried)
        assert elsewhere(url, "SELECT * FROM deliveries") == []
        await database.write(hurried)


async def test_a_slow_read_is_cut_off_and_the_next_one_answers(url: str) -> None:
    """G4: a read that takes longer than it may is Busy, and the connection is as good as before."""
    async with house(url) as home:
        database = home.database
        assert isinstance(database, PgDatabase)
        database.all("SELECT set_config('statement_timeout', '20ms', false)")
        with pytest.raises(Busy):
            database.all("SELECT pg_sleep(5)")
        assert database.one("SELECT 1") == (1,)


async def test_a_frozen_server_process_does_not_freeze_the_bot(url: str) -> None:
    """G4: when the process behind the reader stops answering, the read goes to a new connection."""
    async with house(url) as home:
        database = home.database
        assert isinstance(database, PgDatabase)
        ((pid,),) = database.all("SELECT pg_backend_pid()")
        os.kill(pid, signal.SIGSTOP)
        try:
            ((other,),) = database.all("SELECT pg_backend_pid()")
        finally:
            os.kill(pid, signal.SIGCONT)
        assert other != pid


async def test_dropped_connections_are_opened_anew(url: str) -> None:
    """G4: after the server has dropped every connection, reads and writes go on as if nothing had been."""
    async with house(url) as home:
        await home.intake.admit("a", line(1))
        elsewhere(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shipclerk'")
        assert home.audit.lines("T1", 9) == [line(1)]
        assert [await home.intake.admit("a", line(2)), await home.intake.admit("b", line(3))] == [False, True]
        assert home.audit.verify() is None


def test_a_server_that_lets_nobody_in_is_left_alone_for_a_moment() -> None:
    """G4: the next read after a refusal fails at once, without holding up the loop for another attempt."""
    reader = Reader(parameters("postgresql://clerk@127.0.0.1:1/none"))
    causes = []
    for _ in range(2):
        with pytest.raises(Missing) as refused:
            reader.all("SELECT 1")
        causes.append(refused.value.__cause__ is None)
    reader.close()
    assert causes[1] is True


async def test_a_connection_lost_in_the_commit_is_said_to_be_unsure(url: str) -> None:
    """G3: nobody is told that nothing was changed when the answer to the commit was lost."""
    database = await PgDatabase.open(url)

    async def last_words(connection: Writing) -> None:
        await changed(connection, "INSERT INTO deliveries VALUES (%s, 1)", ("a",))
        elsewhere(url, f"SELECT pg_terminate_backend({connection.info.backend_pid})")

    with pytest.raises(StoreError, match=UNSURE):
        await database.write(last_words)
    await database.close()


async def test_an_unwritable_database_is_read_only(url: str) -> None:
    """G4: where the server refuses writes, the caller hears ReadOnly, never True or False."""
    (name,) = elsewhere(url, "SELECT current_database()")[0]
    elsewhere(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    async with house(url) as home:
        with pytest.raises(ReadOnly):
            await home.intake.admit("a", line(1))
        assert home.audit.lines("T1", 9) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("53100", Full),
        ("53300", Busy),
        ("55P03", Busy),
        ("57014", Busy),
        ("40P01", Busy),
        ("25006", ReadOnly),
        ("42501", ReadOnly),
        ("57P01", Missing),
        ("08006", Missing),
        ("3D000", Missing),
        ("42P01", StoreError),
        ("23505", StoreError),
        ("23502", StoreError),
    ],
)
def test_each_trouble_has_its_class(state: str, expected: type[StoreError]) -> None:
    """G4: what the server says becomes the class that the caller knows from SQLite, and quotes none of its words."""
    error = psycopg.errors.lookup(state)("canary")
    ours = told(error)
    assert (type(ours), ours.__cause__, "canary" in str(ours)) == (expected, error, False)
    assert told(ZeroDivisionError()).__class__ is ZeroDivisionError


ADDRESSES = [
    "postgresql://clerk:canary@127.0.0.1:1/none",
    "postgresql://clerk:canary/with@slash:x@127.0.0.1/none",
    "postgresql://clerk:canary@[bad/none",
    "postgresql://clerk@127.0.0.1/none?canary=1",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_that_leads_nowhere_is_refused_without_quoting_it(address: str) -> None:
    """C10: a wrong address is a StoreError whose text and repr hold nothing of it."""
    with pytest.raises(StoreError) as refused:
        await PgDatabase.open(address)
    words = f"{refused.value!r} {refused.value} {refused.value.__cause__!r}"
    assert "canary" not in words


async def test_an_open_database_does_not_show_its_address(url: str) -> None:
    """C10: neither the database nor what hangs on it says its address when printed."""
    async with house(f"{url}&password=canary") as home:
        assert "canary" not in repr(home.database) + repr(vars(home.database)) + repr(home.vault)


async def test_after_the_end_nothing_is_written_or_read(url: str) -> None:
    """A closed database refuses, and a second close does nothing more."""
    database = await PgDatabase.open(url)
    database.post(lambda connection: changed(connection, "INSERT INTO deliveries VALUES (%s, 1)", ("hint",)))
    await database.close()
    await database.close()
    assert elsewhere(url, "SELECT key FROM deliveries") == [("hint",)]
    with pytest.raises(Closed):
        await database.write(_slow)
    with pytest.raises(Closed):
        database.one("SELECT 1")


async def test_a_hint_that_fails_is_silent(url: str) -> None:
    """What is posted is lost without a word where it cannot be written, and nothing else is."""
    shut(url, "INSERT", "deliveries")
    database = await PgDatabase.open(url)
    database.post(lambda connection: changed(connection, "INSERT INTO deliveries VALUES (%s, 1)", ("hint",)))
    await database.close()
    assert elsewhere(url, "SELECT key FROM deliveries") == []


async def test_letters_that_the_database_cannot_hold_find_nothing(url: str) -> None:
    """B6: a NUL is in no row, so asking with one finds nothing; writing one is refused and nothing is kept."""
    async with house(url) as home:
        assert (home.vault.connections("T1", "\x00"), home.cards.get("\x00", "T1")) == ([], None)
        with pytest.raises(StoreError):
            await home.deliveries.first("a\x00")
        assert elsewhere(url, "SELECT count(*) FROM deliveries") == [(0,)]


async def test_the_same_statement_is_planned_once(url: str) -> None:
    """Reads on the loop are prepared: a hundred of them are one prepared statement of the connection."""
    async with house(url) as home:
        database = home.database
        assert isinstance(database, PgDatabase)
        for number in range(100):
            home.vault.connections("T1", f"U{number}")
        sql = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT id, team%'"
        assert database.one(sql) == (1,)


async def test_over_tcp_it_is_the_same(postgres: Server) -> None:
    """A replica on another machine comes in by TCP and sees what the one at the socket wrote."""
    with postgres.database(TEMPLATE) as url:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        async with house(url) as here, house(postgres.tcp(str(name)), here.sealer) as there:
            card = await here.cards.put("order", "T1", "U1", {"n": 1})
            assert there.cards.get(card.id, "T1") == card


async def test_a_database_that_cannot_hold_every_name_is_refused(postgres: Server) -> None:
    """A database in another encoding than UTF8 is refused before there is anything in it."""
    make = SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    postgres.run(make.format(Identifier("latin")))
    with pytest.raises(StoreError, match="UTF8"):
        await PgDatabase.open(postgres.url("latin"))
    assert elsewhere(postgres.url("latin"), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    postgres.run(SQL("DROP DATABASE {}").format(Identifier("latin")))
