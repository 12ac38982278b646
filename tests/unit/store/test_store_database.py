"""One reader, one writer, grouped commits, and a clear refusal when the disk does not play along."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_kit import database_path, elsewhere, house, line, opened

from store.audit import SqliteAudit
from store.database import Database
from store.errors import (
    Busy,
    Closed,
    Corrupt,
    DiskFault,
    Full,
    Lingering,
    Missing,
    ReadOnly,
    StoreError,
    told,
)
from store.pragmas import connect

PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
TABLE = "CREATE TABLE notes (word TEXT UNIQUE NOT NULL) STRICT"


def pragmas(connection: sqlite3.Connection) -> list[Any]:
    return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]


def adding(word: str) -> Callable[[sqlite3.Connection], str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO notes VALUES (?)", (word,))
        return word

    return work


def words(database: Database) -> list[str]:
    return [word for (word,) in elsewhere(database.path, "SELECT word FROM notes ORDER BY rowid")]


async def test_every_connection_has_the_pragmas(tmp_path: Path) -> None:
    """G1: reader, writer and any further connection have WAL, FULL, foreign keys, 5 s of patience and secure delete."""
    async with opened(tmp_path) as database:
        extra = connect(database.path)
        found = [pragmas(database.read()), await database.write(pragmas), pragmas(extra)]
        extra.close()
    assert found == [["wal", 2, 1, 5000, 1]] * 3


async def test_there_is_no_second_way_to_open_a_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G1: every connection that a whole working life opens comes with the five pragmas."""
    made: list[list[Any]] = []
    real = sqlite3.connect

    class Kept(sqlite3.Connection):
        def close(self) -> None:
            made.append(pragmas(self))
            super().close()

    def counted(*args: Any, **options: Any) -> sqlite3.Connection:
        return real(*args, **options, factory=Kept)

    monkeypatch.setattr("sqlite3.connect", counted)
    async with house(tmp_path) as home:
        await home.vault.connect("T1", "U1", "quivo", account="a", keeps_password=True, secrets={"session": b"s"})
        await home.vault.rotate()
        home.vault.verify()
        await home.vault.disconnect("T1", "U1", "quivo")
    assert made == [["wal", 2, 1, 5000, 1]] * 2


async def test_a_refused_pragma_is_no_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """G1: where a pragma does not take, the database does not open."""
    monkeypatch.setattr("store.pragmas._WANTED", (("journal_mode", "MEMORY", "wal"),))
    with pytest.raises(StoreError, match="setting that Shipclerk needs"):
        Database.open(database_path(tmp_path))


async def test_the_reader_cannot_write(tmp_path: Path) -> None:
    """What reads on the event loop cannot write by mistake."""
    async with opened(tmp_path) as database:
        with pytest.raises(ReadOnly):
            database.one("DELETE FROM cards")


async def test_a_write_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    """A second connection sees what was acknowledged, and our own reader does too."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        assert await database.write(adding("one")) == "one"
        assert words(database) == ["one"]
        assert database.one("SELECT word FROM notes") == ("one",)


async def test_waiting_writes_share_a_commit(tmp_path: Path) -> None:
    """Two hundred writes that wait at the same time take a handful of commits, in the order they were asked for."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        commits: list[str] = []
        await database.write(lambda connection: connection.set_trace_callback(commits.append))
        await asyncio.gather(*(database.write(adding(f"{n:03}")) for n in range(200)))
        assert words(database) == [f"{n:03}" for n in range(200)]
    assert 1 <= commits.count("COMMIT") <= 20


async def test_one_failing_work_does_not_undo_its_neighbours(tmp_path: Path) -> None:
    """Of works in one transaction, those that raise are undone alone, and each caller hears its own outcome."""

    def half(connection: sqlite3.Connection) -> None:
        adding("half")(connection)
        raise ValueError("mine")

    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        works = [adding("a"), half, adding("b"), adding("a"), adding("c")]
        found = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
        assert words(database) == ["a", "b", "c"]
    assert [str(item) for item in found] == ["a", "mine", "b", StoreError.safe_text, "c"]
    assert [type(item) for item in found] == [str, ValueError, str, StoreError, str]


async def test_a_work_that_breaks_the_transaction_fails_the_group_and_not_the_next(tmp_path: Path) -> None:
    """If SQLite drops the whole transaction, nobody is told that theirs was kept, and the writer goes on."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        gate, inside, loop = threading.Event(), asyncio.Event(), asyncio.get_running_loop()
        blocked = asyncio.ensure_future(
            database.write(lambda _: loop.call_soon_threadsafe(inside.set) and gate.wait(10))
        )
        await inside.wait()

        def doom(connection: sqlite3.Connection) -> str:
            connection.execute("ROLLBACK")
            raise Full()

        works = [adding("a"), doom, adding("b")]
        tasks = [asyncio.ensure_future(database.write(work)) for work in works]
        await asyncio.sleep(0)
        gate.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert await blocked
        assert [type(item) for item in found] == [Full, Full, Full]
        assert await database.write(adding("c")) == "c"
        assert words(database) == ["c"]


async def test_twenty_writers_of_read_then_write_never_meet_a_lock(tmp_path: Path) -> None:
    """G2: 20 writers x 100 read-then-write transactions over two open databases: 0 locked, 0 lost."""

    def bump(connection: sqlite3.Connection) -> None:
        (count,) = connection.execute("SELECT count FROM tally").fetchone()
        connection.execute("UPDATE tally SET count = ?", (count + 1,))

    async def writer(database: Database) -> None:
        for _ in range(100):
            await database.write(bump)

    async with opened(tmp_path) as one, opened(tmp_path) as other:
        await one.write(lambda connection: connection.execute("CREATE TABLE tally (count INTEGER)").fetchall())
        await one.write(lambda connection: connection.execute("INSERT INTO tally VALUES (0)").rowcount)
        await asyncio.gather(*(writer(database) for database in [one, other] * 10))
        assert elsewhere(one.path, "SELECT count FROM tally") == [(2000,)]


async def test_a_cancelled_caller_harms_nobody(tmp_path: Path) -> None:
    """A caller that stops waiting does not disturb the writer or its neighbours."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        gone = asyncio.ensure_future(database.write(adding("gone")))
        await asyncio.sleep(0)
        gone.cancel()
        assert await database.write(adding("kept")) == "kept"
        assert gone.cancelled()
        assert words(database)[-1] == "kept"


async def test_closing_finishes_what_was_queued(tmp_path: Path) -> None:
    """Writes that were asked for before the close are done; the log and its index are gone; later use is refused."""
    database = Database.open(database_path(tmp_path))
    await database.write(lambda connection: connection.execute(TABLE).fetchall())
    tasks = [asyncio.ensure_future(database.write(adding(str(n)))) for n in range(300)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == [str(n) for n in range(300)]
    assert [file.name for file in database.path.parent.iterdir()] == ["shipclerk.db"]
    assert len(words(database)) == 300
    with pytest.raises(Closed):
        await database.write(adding("late"))
    with pytest.raises(Closed):
        database.one("SELECT 1")
    database.post(adding("late"))
    await database.close()
    assert len(words(database)) == 300


async def test_no_thread_is_left_behind(tmp_path: Path) -> None:
    """After a close, and after an open that was refused half-way, no writer thread is left."""
    before = {thread.ident for thread in threading.enumerate() if thread.name == "shipclerk-writer"}
    async with opened(tmp_path):
        pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.database._reader", lambda path: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Database.open(database_path(tmp_path))
    assert {thread.ident for thread in threading.enumerate() if thread.name == "shipclerk-writer"} <= before


async def test_a_hint_that_fails_is_forgotten(tmp_path: Path) -> None:
    """What is posted is written in its turn; if it fails, nobody hears of it and nothing else is undone."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        database.post(adding("a"))
        database.post(adding("a"))
        await database.write(adding("b"))
        assert words(database) == ["a", "b"]
    gc.collect()
    assert complaints == []


async def test_a_snapshot_sees_one_state(tmp_path: Path) -> None:
    """Reads inside a snapshot do not see what another program commits meanwhile; reads after it do."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        with database.snapshot():
            before = database.all("SELECT word FROM notes")
            elsewhere(database.path, "INSERT INTO notes VALUES ('new')")
            assert database.all("SELECT word FROM notes") == before == []
        assert database.all("SELECT word FROM notes") == [("new",)]


async def fails(database: Database, expected: type[StoreError]) -> None:
    with pytest.raises(expected) as caught:
        await SqliteAudit(database).write(line(2))
    assert caught.value.safe_text == expected.safe_text == str(caught.value)


async def test_a_full_disk_is_said_and_leaves_no_half_state(tmp_path: Path) -> None:
    """G4: with no room left the write is refused as Full, what was there stays whole, and room makes it work again."""
    async with opened(tmp_path) as database:
        await SqliteAudit(database).write(line(1))
        await database.write(lambda connection: connection.execute(TABLE).fetchall())
        pages = await database.write(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
        await database.write(lambda connection: connection.execute(f"PRAGMA max_page_count={pages}").fetchall())
        with pytest.raises(Full, match="full"):
            await database.write(adding("x" * 50_000))
        assert (words(database), SqliteAudit(database).verify()) == ([], None)
        await database.write(lambda connection: connection.execute("PRAGMA max_page_count=100000").fetchall())
        await database.write(adding("x" * 50_000))
        assert elsewhere(database.path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_read_only_file_is_said(tmp_path: Path) -> None:
    """G4: where nothing may be written, the write is refused as ReadOnly and reading goes on."""
    async with opened(tmp_path) as database:
        await SqliteAudit(database).write(line(1))
        await database.write(lambda connection: connection.execute("PRAGMA query_only=ON").fetchall())
        await fails(database, ReadOnly)
        assert SqliteAudit(database).lines("T1", 9) == [line(1)]


async def test_another_program_that_holds_the_file_is_said(tmp_path: Path) -> None:
    """G4: if the lock is not free in time the write is refused as Busy, and is possible again afterwards."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute("PRAGMA busy_timeout=1").fetchall())
        rival = sqlite3.connect(database.path, isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")
        await fails(database, Busy)
        rival.close()
        await SqliteAudit(database).write(line(2))
        assert SqliteAudit(database).lines("T1", 9) == [line(2)]


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_deleted_or_exchanged_file_is_noticed(tmp_path: Path, replaced: bool) -> None:
    """G4: SQLite would go on writing into a file without a name; we refuse as Missing instead."""
    async with opened(tmp_path) as database:
        database.path.rename(database.path.with_name("moved.db"))
        if replaced:
            database.path.touch(mode=0o600)
        await fails(database, Missing)


async def test_a_file_deleted_in_the_midst_of_a_group_is_noticed(tmp_path: Path) -> None:
    """G4: also a file that goes away between the begin and the commit acknowledges nothing."""
    async with opened(tmp_path) as database:
        with pytest.raises(Missing):
            await database.write(lambda _: database.path.unlink())


async def test_a_corrupt_page_is_said(tmp_path: Path) -> None:
    """G4: reading or writing a damaged page is refused as Corrupt."""
    async with opened(tmp_path) as database:
        await SqliteAudit(database).write(line(1))
        (root,) = elsewhere(database.path, "SELECT rootpage FROM sqlite_master WHERE name = 'audit'")[0]
        (size,) = elsewhere(database.path, "PRAGMA page_size")[0]
    with database_path(tmp_path).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xa5" * size)
    async with opened(tmp_path) as database:
        await fails(database, Corrupt)
        with pytest.raises(Corrupt):
            SqliteAudit(database).lines("T1", 9)


@pytest.mark.parametrize("size", [100, 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, size: int) -> None:
    """G4: a file with something else in it stops the start as Corrupt and is not overwritten."""
    path = database_path(tmp_path)
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"not a database " * size)
    path.chmod(0o600)
    with pytest.raises(Corrupt):
        Database.open(path)
    assert path.read_bytes() == b"not a database " * size


async def test_a_log_in_use_is_said(tmp_path: Path) -> None:
    """C7: if another program reads the log, emptying it is refused as Lingering, and works when the reader is gone."""
    async with opened(tmp_path) as database:
        await database.write(lambda connection: connection.execute("PRAGMA busy_timeout=1").fetchall())
        rival = sqlite3.connect(database.path, isolation_level=None)
        rival.execute("BEGIN")
        rival.execute("SELECT * FROM audit").fetchall()
        await SqliteAudit(database).write(line(1))
        with pytest.raises(Lingering, match="again in a minute"):
            await database.empty_log()
        rival.close()
        await database.empty_log()
        assert database.path.with_name("shipclerk.db-wal").stat().st_size == 0


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        (sqlite3.SQLITE_IOERR | (3 << 8), DiskFault),
        (sqlite3.SQLITE_CANTOPEN | (2 << 8), Missing),
        (sqlite3.SQLITE_READONLY | (4 << 8), ReadOnly),
        (sqlite3.SQLITE_BUSY | (2 << 8), Busy),
        (sqlite3.SQLITE_LOCKED, Busy),
        (sqlite3.SQLITE_PERM, ReadOnly),
        (sqlite3.SQLITE_CONSTRAINT, StoreError),
    ],
)
def test_each_trouble_has_its_error(code: int, ours: type[StoreError]) -> None:
    """D6: SQLite's codes, with their varieties, become our errors; its own words are only the cause."""
    error = sqlite3.OperationalError("raw words")
    error.sqlite_errorcode = code
    found = told(error)
    assert (type(found), str(found), found.__cause__) == (ours, ours.safe_text, error)


def test_every_error_has_a_text_of_its_own() -> None:
    """D6: each class of the tree declares what people may read, in whole sentences."""
    tree: list[type[StoreError]] = [StoreError, *StoreError.__subclasses__()]
    texts = [error.safe_text for error in tree]
    assert len(set(texts)) == len(tree) == 14
    assert [text for text in texts if not text.endswith(".")] == []


def test_the_store_is_cheap_to_import() -> None:
    """The schema package, which takes a tenth of a second, is imported only when a table has to be made."""
    import subprocess

    code = "import sys, store.vault, store.intake, store.cards; print('sqlite_utils' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
