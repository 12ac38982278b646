"""A process that dies at any moment loses nothing that it acknowledged (G3, C6, G4)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.vault import SqliteVault, Verification

CHILD, ROOT = Path(__file__).with_name("vault_load.py"), Path(__file__).parents[2]
pytestmark = pytest.mark.crash


class Victim:
    """The forking parent: starts a child for an order and kills exactly that child."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, order: str, *, lines: int | None = None) -> list[str]:
        """What the child said; it is killed after so many lines, or left to end by itself."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        pid = int(self._next().split()[1])
        said: list[str] = []
        while lines is None or len(said) < lines:
            said.append(self._next())
            if said[-1] == "dead":
                return said[:-1]
        os.kill(pid, signal.SIGKILL)
        while said[-1:] != ["dead"]:
            said.append(self._next())
        return said[:-1]

    def _next(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() or "dead"


@contextmanager
def victim(path: Path, keys: str) -> Iterator[Victim]:
    arguments = [sys.executable, str(CHILD), str(path), keys]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Victim(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def admitted(said: list[str]) -> set[str]:
    return {line.split()[1] for line in said if line.startswith("admitted")}


def recorded(path: Path) -> set[str]:
    """What both ledger and audit hold; they must hold the same."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        keys = {key for (key,) in connection.execute("SELECT key FROM deliveries")}
        assert keys == {reference for (reference,) in connection.execute("SELECT reference FROM audit")}
        return keys


def people(said: list[str]) -> dict[str, tuple[str, str]]:
    """The last thing that was acknowledged to each person: (what, secret)."""
    words = [line.split() for line in said if not line.startswith("admitted")]
    return {name: (what, secret) for what, name, secret in words}


async def stored(path: Path, sealer: Sealer, names: list[str]) -> dict[str, str | None]:
    database = Database.open(path)
    vault, found = SqliteVault(database, sealer), dict[str, str | None]()
    for name in names:
        connection = vault.connection("T1", name, "quivo")
        secret = connection and vault.secret(connection, "session")
        found[name] = secret.decode() if secret else None
    await database.close()
    return found


def acceptable(last: tuple[str, str]) -> set[str | None]:
    """What may be stored after the last acknowledgement: that, or the one step that was under way at the kill."""
    what, secret = last
    name, _, turn = secret.rstrip("+").partition("/")
    following = f"{name}/{int(turn) + 1}"
    if what == "left":
        return {None, following}
    if not secret.endswith("+"):
        return {secret, f"{secret}+"}
    return {secret, None if int(turn) % 3 == 2 else following}


def wrong(found: dict[str, str | None], last: dict[str, tuple[str, str]]) -> dict[str, str | None]:
    return {name: secret for name, secret in found.items() if secret not in acceptable(last[name])}


@pytest.mark.timeout(300)
async def test_two_hundred_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    """G3: 200 x kill -9 under load: 0 acknowledged connections, renewals, removals or admissions lost, file sound."""
    chance, key, path = random.Random(3), new_key(), tmp_path / "data" / "shipclerk.db"
    sealer, whole, acknowledged = Sealer(KeyRing.parse(key)), 0, set[str]()
    last: dict[str, tuple[str, str]] = {}
    with victim(path, key) as running:
        for number in range(200):
            said = running.run(f"load {number}", lines=chance.randrange(80))
            acknowledged |= admitted(said)
            last |= people(said)
            whole += sound(path)
            assert wrong(await stored(path, sealer, list(people(said))), last) == {}
    assert wrong(await stored(path, sealer, list(last)), last) == {}
    assert (whole, acknowledged - recorded(path)) == (200, set())
    assert (len(last) > 500, len(acknowledged) > 1000) == (True, True)
    database = Database.open(path)
    assert (SqliteAudit(database).verify(), SqliteVault(database, sealer).verify().failed) == (None, 0)
    await database.close()


async def seed(path: Path, sealer: Sealer, rows: int) -> None:
    database = Database.open(path)
    vault = SqliteVault(database, sealer)
    secrets = {"session": b"canary"}
    connects = (
        vault.connect("T1", f"U{n}", "quivo", account="a", keeps_password=True, secrets=secrets) for n in range(rows)
    )
    await asyncio.gather(*connects)
    await database.close()


async def checked(path: Path, sealer: Sealer) -> Verification:
    database = Database.open(path)
    verification = SqliteVault(database, sealer).verify()
    await database.close()
    return verification


async def test_a_rotation_killed_at_twenty_points_is_resumed(tmp_path: Path) -> None:
    """C6: killed at 20 points, 0 rows unreadable each time; resumed it finishes, and the old key opens 0 rows."""
    chance, old, new, path = random.Random(6), new_key(), new_key(), tmp_path / "data" / "shipclerk.db"
    before, both, after = (Sealer(KeyRing.parse(keys)) for keys in (old, f"{new},{old}", new))
    await seed(path, before, 5000)
    with victim(path, f"{new},{old}") as running:
        for _ in range(20):
            said = running.run("rotate 0", lines=chance.randrange(4))
            assert [line for line in said if line.startswith("rotated")] == []
            assert (await checked(path, both), sound(path)) == (Verification(opened=5000, failed=0), True)
        done, left = running.run("rotate 0")[-1].split()[1:]
    assert (0 < int(done) < 5000, left) == (True, "0")
    assert await checked(path, after) == Verification(opened=5000, failed=0)
    assert await checked(path, before) == Verification(opened=0, failed=5000)


async def test_a_disk_that_fills_up_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    """G4: when files can grow no more the write is refused and nothing acknowledged is lost or half done."""
    path = tmp_path / "data" / "shipclerk.db"
    with victim(path, new_key()) as running:
        said = running.run("fill 1")
        assert said[-1] in ("refused Full", "refused DiskFault")
        assert (len(admitted(said)) > 30, recorded(path), sound(path)) == (True, admitted(said), True)
    database = Database.open(path)
    assert SqliteAudit(database).verify() is None
    await database.close()
