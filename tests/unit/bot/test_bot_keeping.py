"""Backing up, restoring and moving, as whoever runs Shipclerk does it: by processes (CHECKS G6)."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from fakes import ADA, BEN, TEAM
from typer.testing import CliRunner

from bot.cli import app
from bot.keeping import is_good, told
from bot.settings import Settings
from store.backup import Rehearsal
from store.cards import SqliteCards
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.vault import SqliteVault

ROOT = Path(__file__).resolve().parents[3]
Command = Callable[..., tuple[int, str, str]]
KEY, SECRET, PASSWORD = new_key(), b"canary-kept-token-3b1f", "canary-pg-password"


def run(folder: Path, *words: str, key: str = KEY, said: str | None = None, **more: str) -> tuple[int, str, str]:
    """``python -m bot …`` in a folder; nothing that it says may hold a secret."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SHIPCLERK_VAULT_KEYS": key, **more}
    command = [sys.executable, "-W", "error::ResourceWarning", "-m", "bot", *words]
    ended = subprocess.run(
        command, cwd=folder, env=environment, input=said, capture_output=True, text=True, timeout=100, check=False
    )
    shown = ended.stdout + ended.stderr
    assert not [one for one in (SECRET.decode(), PASSWORD, KEY.split(":")[1], "Traceback") if one in shown], shown
    return ended.returncode, ended.stdout, ended.stderr


async def filled(path: Path) -> None:
    """A store with two people's tokens and a card."""
    database = Database.open(path)
    sealer = Sealer(KeyRing.parse(KEY))
    vault = SqliteVault(database, sealer)
    for user in (ADA, BEN):
        await vault.connect(TEAM, user, "quivo", account="a…", keeps_password=False, secrets={"session": SECRET})
    await SqliteCards(database, sealer).put("order", TEAM, ADA, {"order_id": 1001})
    await database.close()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """The same in this process, which is quicker, for what is refused."""

    def here(folder: Path, *words: str, key: str = KEY, said: str | None = None, **more: str) -> tuple[int, str, str]:
        for field in Settings.model_fields.values():
            monkeypatch.delenv(str(field.alias), raising=False)
        for name, value in {"SHIPCLERK_VAULT_KEYS": key, **more}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder)
        ended = CliRunner().invoke(app, list(words), input=said)
        assert isinstance(ended.exception, SystemExit | None)
        assert not [one for one in (PASSWORD, KEY.split(":")[1]) if one in ended.output]
        return ended.exit_code, ended.stdout, ended.stderr

    return here


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a store where the bot looks for it."""
    asyncio.run(filled(tmp_path / "home" / "data" / "shipclerk.db"))
    return tmp_path / "home"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A clean machine: a folder where the bot has never been."""
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def tokens(path: Path, key: str) -> list[bytes | None]:
    """What of Ada's and Ben's tokens can be read there with a key."""

    async def read() -> list[bytes | None]:
        database = Database.open(path)
        vault = SqliteVault(database, Sealer(KeyRing.parse(key)))
        found = [vault.connection(TEAM, user, "quivo") for user in (ADA, BEN)]
        try:
            return [vault.secret(one, "session") if one else None for one in found]
        finally:
            await database.close()

    return asyncio.run(read())


def test_the_drill(home: Path, elsewhere: Path, tmp_path: Path) -> None:
    """G6: back up, restore on a clean machine with the key, and everything opens there; the file is nobody else's."""
    copy = tmp_path / "backups" / "monday.db"
    code, says, wrong = run(home, "backup", str(copy))
    assert (code, wrong) == (0, "")
    assert "3 sealed values opened, 0 failed; the audit is whole." in says
    assert (stat.S_IMODE(copy.stat().st_mode), stat.S_IMODE(copy.parent.stat().st_mode)) == (0o600, 0o700)
    assert SECRET not in copy.read_bytes()
    code, says, wrong = run(elsewhere, "restore", str(copy))
    assert (code, wrong) == (0, "")
    assert "3 sealed values opened, 0 failed; the audit is whole." in says
    assert tokens(elsewhere / "data" / "shipclerk.db", KEY) == [SECRET, SECRET]
    assert run(elsewhere, "keys", "verify") == (0, "opened 3, failed 0\n", "")


def test_without_a_key_nothing_is_restored(home: Path, elsewhere: Path, tmp_path: Path, command: Command) -> None:
    """G6: a backup alone is of no use: without keys nothing is put in place, and a sentence says what is missing."""
    copy = tmp_path / "backups" / "monday.db"
    assert command(home, "backup", str(copy))[0] == 0
    code, says, wrong = command(elsewhere, "restore", str(copy), key="")
    assert (code, says, wrong.count("\n")) == (1, "", 1)
    assert "key" in wrong.lower()
    assert not (elsewhere / "data").exists()


def test_with_another_key_no_token_is_readable(home: Path, elsewhere: Path, tmp_path: Path, command: Command) -> None:
    """G6: with a key that is not the backup's 0 tokens open; it is in place, for the right key may still be found."""
    copy, other = tmp_path / "backups" / "monday.db", new_key()
    assert command(home, "backup", str(copy))[0] == 0
    code, says, wrong = command(elsewhere, "restore", str(copy), key=other)
    assert code == 1
    assert "0 sealed values opened, 3 failed" in says
    assert "need the keys that the backup was made with" in wrong
    assert command(elsewhere, "keys", "verify", key=other)[1] == "opened 0, failed 3\n"
    assert tokens(elsewhere / "data" / "shipclerk.db", KEY) == [SECRET, SECRET]


def _pair(number: int, connection: sqlite3.Connection) -> None:
    rows = [(f"a{number}", number), (f"b{number}", number)]
    connection.executemany("INSERT INTO deliveries (key, at) VALUES (?, ?)", rows)


def test_a_backup_is_one_state_while_somebody_writes(home: Path, elsewhere: Path, tmp_path: Path) -> None:
    """Pairs of rows that are always written together are found together in every copy, whatever goes on meanwhile."""
    copies = [tmp_path / "backups" / f"{number}.db" for number in range(2)]

    async def writing() -> None:
        database = Database.open(home / "data" / "shipclerk.db")
        ended = asyncio.create_task(asyncio.to_thread(lambda: [run(home, "backup", str(copy))[0] for copy in copies]))
        pairs = 0
        while not ended.done():
            pairs += 1
            await database.write(partial(_pair, pairs))
        assert await ended == [0, 0]
        await database.close()

    asyncio.run(writing())
    for copy in copies:
        with closing(sqlite3.connect(copy)) as file:
            halves = "SELECT count(*) FROM (SELECT at FROM deliveries GROUP BY at HAVING count(*) <> 2)"
            asked = (halves, "PRAGMA integrity_check", "SELECT count(*) > 0 FROM deliveries")
            assert [file.execute(sql).fetchone()[0] for sql in asked] == [0, "ok", 1]


def test_nothing_is_ever_written_over(home: Path, tmp_path: Path, command: Command) -> None:
    """A backup does not replace a file, a restore no database; both stay as they are, byte by byte."""
    copy, database = tmp_path / "backups" / "monday.db", home / "data" / "shipclerk.db"
    assert command(home, "backup", str(copy))[0] == 0
    before = copy.read_bytes(), database.read_bytes()
    code, says, wrong = command(home, "backup", str(copy))
    assert (code, says, "file of that name already" in wrong) == (1, "", True)
    code, says, wrong = command(home, "restore", str(copy))
    assert (code, says, "move it away first" in wrong) == (1, "", True)
    assert (copy.read_bytes(), database.read_bytes()) == before


def test_what_is_no_backup_is_not_restored(elsewhere: Path, tmp_path: Path, command: Command) -> None:
    """A file that is missing, or is no database, leaves nothing in place."""
    junk = tmp_path / "junk.db"
    junk.write_text("not a database" * 100)
    for one in (tmp_path / "gone.db", junk):
        code, says, wrong = command(elsewhere, "restore", str(one))
        assert (code, says, wrong.count("\n")) == (1, "", 1)
        assert not (elsewhere / "data" / "shipclerk.db").exists()


def test_where_there_is_no_database_there_is_no_backup(elsewhere: Path, tmp_path: Path, command: Command) -> None:
    """Nothing is made on either side: an empty backup would only look like one."""
    code, says, wrong = command(elsewhere, "backup", str(tmp_path / "backups" / "x.db"))
    assert (code, says) == (1, "")
    assert "nothing to back up" in wrong
    assert not (elsewhere / "data").exists()
    assert not (tmp_path / "backups").exists()


def test_without_keys_nothing_is_backed_up(home: Path, tmp_path: Path, command: Command) -> None:
    """Nobody could say whether it can be used."""
    code, says, wrong = command(home, "backup", str(tmp_path / "backups" / "x.db"), key="")
    assert (code, says, wrong.count("\n")) == (1, "", 1)
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("words", [("backup", "x.db"), ("restore", "x.db"), ("move", "--to", "postgresql:///new")])
def test_on_postgresql_the_servers_own_tools_are_named(
    words: tuple[str, ...], elsewhere: Path, command: Command
) -> None:
    """Nothing is done, and the address is not shown, for it may hold a password."""
    address = f"postgresql://name:{PASSWORD}@127.0.0.1:9/shipclerk"
    code, says, wrong = command(elsewhere, *words, SHIPCLERK_DATABASE=address)
    assert (code, says, wrong.count("\n"), "PostgreSQL" in wrong) == (1, "", 1, True)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("data/other.db", "Give an address"),
        (f"mysql://name:{PASSWORD}@host/db", "Give an address"),
        (f"postgresql://name:{PASSWORD}@127.0.0.1:notaport/db", ""),
        (f"postgresql://name:{PASSWORD}@127.0.0.1:9/db", ""),
        (f"postgresql://name:{PASSWORD}@[::/db?{PASSWORD}", "address cannot be read"),
    ],
)
def test_a_move_to_nowhere_moves_nothing(address: str, word: str, home: Path, command: Command) -> None:
    """An address that is none, or where nobody answers: one sentence without the password, and the file as it was."""
    before = (home / "data" / "shipclerk.db").read_bytes()
    code, says, wrong = command(home, "move", "--to", "-", said=f"{address}\n")
    assert (code, says, word in wrong, wrong.count("\n")) == (1, "", True, 1)
    assert (home / "data" / "shipclerk.db").read_bytes() == before


def test_what_a_rehearsal_says() -> None:
    """Rows, what opened and failed, and where the audit is broken; good is only what is whole."""
    good, broken = Rehearsal({"cards": 2, "audit": 5}, 4, 0, None), Rehearsal({"audit": 5}, 0, 1, 3)
    assert told(good) == "7 rows; 4 sealed values opened, 0 failed; the audit is whole."
    assert told(broken) == "5 rows; 0 sealed values opened, 1 failed; the audit is broken at row 3."
    assert [is_good(one) for one in (good, broken, Rehearsal({}, 0, 0, 1))] == [True, False, False]
