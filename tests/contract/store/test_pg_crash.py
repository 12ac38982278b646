"""A bot or a server that dies at any moment loses nothing that was acknowledged (G3)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pg_load import PEOPLE
from postgres import Server, server
from store_world import House, elsewhere, house, sealer_of

from store.keyring import new_key

CHILD, ROOT = Path(__file__).with_name("pg_load.py"), Path(__file__).parents[3]
KEY = new_key()
pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server of its own whose fsync is on."""
    with server(durable=True) as made:
        yield made


class Victim:
    """The forking parent: starts a child for a round, and kills exactly that child or the server under it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, number: int, lines: int, under: Server | None = None) -> list[str]:
        """What the child said before it was killed, or before its server was."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        pid = int(self._next().split()[1])
        said = [self._next() for _ in range(lines)]
        if under:
            under.stop(signal.SIGQUIT)
        else:
            os.kill(pid, signal.SIGKILL)
        while said[-1] != "dead":
            said.append(self._next())
        return said[:-1]

    def _next(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() or "dead"


@contextmanager
def victim(url: str) -> Iterator[Victim]:
    command, environment = [sys.executable, str(CHILD), url, KEY], {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield Victim(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def possible(said: list[str], name: str) -> set[str]:
    """What a person may hold: what was acknowledged last, or what was being written when the end came."""
    held = [line.split()[2] for line in said if line.startswith(f"holds {name} ")]
    turn = sum(1 for one in held if one.endswith("+"))
    if not held or held[-1] == "none":
        return {"none", f"{name}/{turn}"}
    if not held[-1].endswith("+"):
        return {held[-1], f"{held[-1]}+"}
    return {held[-1], "none" if turn % 3 == 0 else f"{name}/{turn}"}


def holds(home: House, name: str) -> str:
    connection = home.vault.connection("T1", name, "quivo")
    secret = home.vault.secret(connection, "session") if connection else b"none"
    return (secret or b"lost").decode()


async def looked(url: str, said: list[str], number: int) -> None:
    """Nothing acknowledged is missing, nothing is half there, and the audit is whole."""
    names = [f"U{number}.{who}" for who in range(PEOPLE)]
    async with house(url, sealer_of(KEY)) as home:
        assert {name for name in names if holds(home, name) not in possible(said, name)} == set()
        assert (home.vault.verify().failed, home.audit.verify()) == (0, None)
    admitted = {line.split()[1] for line in said if line.startswith("admitted")}
    keys = {key for (key,) in elsewhere(url, "SELECT key FROM deliveries")}
    assert (admitted - keys, keys) == (set(), {target for (target,) in elsewhere(url, "SELECT target FROM audit")})


async def test_a_killed_bot_loses_nothing(durable: Server) -> None:
    """G3: 20 times killed with -9 under load, 0 acknowledged writes are lost and delivery and line agree."""
    random.seed(3)
    assert durable_settings(durable) == ("on", "on")
    with durable.database() as url, victim(url) as killed:
        for number in range(20):
            said = killed.run(number, random.randrange(1, 60))
            await looked(url, said, number)


async def test_a_crashed_server_loses_nothing(durable: Server) -> None:
    """G3: 5 times crashed under load and started again, the server has every write that was acknowledged."""
    random.seed(4)
    with durable.database() as url, victim(url) as killed:
        for number in range(5):
            said = killed.run(number, random.randrange(10, 60), durable)
            assert said[-1].startswith("refused")
            durable.start()
            await looked(url, said, number)


def durable_settings(made: Server) -> tuple[str, str]:
    ((fsync, pages),) = elsewhere(
        made.url("postgres"), "SELECT current_setting('fsync'), current_setting('full_page_writes')"
    )
    return fsync, pages
