"""Facts about SQLite, sqlite-utils and the file system that the store is built on (DESIGN.md §5, CHECKS H1)."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import sqlite_utils

SECRET = b"a-secret-that-was-deleted"


def _counter(path: Path) -> None:
    file = sqlite3.connect(path)
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("CREATE TABLE counter (n INTEGER)")
    file.execute("INSERT INTO counter VALUES (0)")
    file.commit()
    file.close()


def _hammer(path: Path, begin: str, threads: int = 12) -> tuple[int, int]:
    """Read then write from many threads at once; how many failed as locked, and what the counter says."""
    failed: list[str] = []
    gate = threading.Barrier(threads)

    def one() -> None:
        file = sqlite3.connect(path, timeout=5, isolation_level=None)
        gate.wait()
        try:
            file.execute(begin)
            [number] = file.execute("SELECT n FROM counter").fetchone()
            file.execute("UPDATE counter SET n = ?", (number + 1,))
            file.execute("COMMIT")
        except sqlite3.OperationalError as error:
            failed.append(str(error))
        finally:
            file.close()

    _together(threads, one)
    file = sqlite3.connect(path)
    [number] = file.execute("SELECT n FROM counter").fetchone()
    file.close()
    return len(failed), number


def _together(threads: int, work: Callable[[], None]) -> None:
    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_begin_immediate_never_meets_a_lock(tmp_path: Path) -> None:
    """M: with BEGIN IMMEDIATE first, read-then-write from many threads fails nowhere and loses nothing."""
    _counter(tmp_path / "a.db")
    assert _hammer(tmp_path / "a.db", "BEGIN IMMEDIATE") == (0, 12)


def test_a_deferred_transaction_cannot_write_on_an_old_read(tmp_path: Path) -> None:
    """M: a transaction that began by reading is refused its write at once when another has written since."""
    _counter(tmp_path / "a.db")
    first, second = (sqlite3.connect(tmp_path / "a.db", timeout=5, isolation_level=None) for _ in range(2))
    first.execute("BEGIN")
    first.execute("SELECT n FROM counter").fetchone()
    second.execute("UPDATE counter SET n = 5")
    try:
        first.execute("UPDATE counter SET n = 6")
        refused = ""
    except sqlite3.OperationalError as error:
        refused = str(error)
    first.close()
    second.close()
    assert refused == "database is locked"


def test_on_conflict_do_nothing_has_one_winner(tmp_path: Path) -> None:
    """M: of many inserts of one key at once, exactly one changes a row."""
    file = sqlite3.connect(tmp_path / "a.db")
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("CREATE TABLE once (key TEXT PRIMARY KEY)")
    file.close()
    won: list[int] = []

    def one() -> None:
        mine = sqlite3.connect(tmp_path / "a.db", timeout=5, isolation_level=None)
        mine.execute("BEGIN IMMEDIATE")
        won.append(mine.execute("INSERT INTO once VALUES ('k') ON CONFLICT DO NOTHING").rowcount)
        mine.execute("COMMIT")
        mine.close()

    _together(12, one)
    assert sorted(won) == [0] * 11 + [1]


def test_a_deleted_row_stays_in_the_log_until_it_is_emptied(tmp_path: Path) -> None:
    """M: after DELETE the bytes are still in ``-wal``; TRUNCATE empties it, and secure_delete wipes the page."""
    path = tmp_path / "a.db"
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("PRAGMA secure_delete=ON")
    file.execute("CREATE TABLE kept (value BLOB)")
    file.execute("INSERT INTO kept VALUES (?)", (SECRET,))
    file.execute("DELETE FROM kept")
    log = path.with_name("a.db-wal")
    before = SECRET in log.read_bytes()
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    after = SECRET in log.read_bytes() + path.read_bytes()
    file.close()
    assert (before, after) == (True, False)


def test_a_new_file_can_be_read_by_others(tmp_path: Path) -> None:
    """M: sqlite-utils makes a file with the umask's mode, so ours is made before it."""
    before = os.umask(0o022)
    try:
        database = sqlite_utils.Database(tmp_path / "a.db")
        database["t"].insert({"a": 1})  # type: ignore[union-attr]
        database.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o644


def test_a_connection_belongs_to_its_thread(tmp_path: Path) -> None:
    """M: used from another thread, a connection raises ProgrammingError."""
    file = sqlite3.connect(tmp_path / "a.db")
    seen: list[type[Exception]] = []

    def elsewhere() -> None:
        try:
            file.execute("SELECT 1")
        except sqlite3.ProgrammingError as error:
            seen.append(type(error))

    _together(1, elsewhere)
    file.close()
    assert seen == [sqlite3.ProgrammingError]
