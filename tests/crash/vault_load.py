"""The process that the crash tests kill: imports once, then forks a fresh child for each line on its standard input.

A line is ``<what> <round>``; the child answers ``pid <n>``, then a line for each write that was acknowledged to it.
When it has died, and only then, the parent answers ``dead``.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TypeVar

from store.audit import AuditLine
from store.database import Database
from store.envelope import Sealer
from store.errors import StoreError
from store.intake import SqliteIntake
from store.keyring import KeyRing
from store.vault import SqliteVault

T = TypeVar("T")


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def line(reference: str) -> AuditLine:
    return AuditLine(datetime.now(UTC), reference, "T1", "U1", "C1", "order.show", reference, "done")


async def person(name: str, database: Database, sealer: Sealer) -> None:
    """One person at work for ever: connect, be admitted, renew, be admitted, disconnect every third time."""
    vault, intake = SqliteVault(database, sealer), SqliteIntake(database)
    for turn in count():
        secret = f"{name}/{turn}"
        made = await vault.connect(
            "T1", name, "quivo", account=secret, keeps_password=True, secrets={"session": secret.encode()}
        )
        say(f"connected {name} {secret}")
        await intake.admit(secret, line(secret))
        say(f"admitted {secret}")
        await vault.keep(made, "session", f"{secret}+".encode())
        say(f"connected {name} {secret}+")
        if turn % 3 == 2:
            await vault.disconnect("T1", name, "quivo")
            say(f"left {name} {secret}")


async def load(path: Path, sealer: Sealer, number: str) -> None:
    database = Database.open(path)
    await asyncio.gather(*(person(f"U{number}.{who}", database, sealer) for who in range(6)))


class Spoken(Database):
    """Says when it begins a write, so that it can be killed at or after any of them."""

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        say("writing")
        return await super().write(work)


async def rotate(path: Path, sealer: Sealer, _: str) -> None:
    database = Spoken.open(path)
    rotation = await SqliteVault(database, sealer).rotate()
    say(f"rotated {rotation.done} {rotation.left}")
    await database.close()


async def fill(path: Path, sealer: Sealer, number: str) -> None:
    """Writes until the disk (a limit on the file's size) is full; says what was acknowledged and what was refused."""
    database = Database.open(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    intake = SqliteIntake(database)
    try:
        for turn in range(5000):
            await intake.admit(f"{number}/{turn}", line(f"{number}/{turn}"))
            say(f"admitted {number}/{turn}")
    except StoreError as error:
        say(f"refused {type(error).__name__}")
    os._exit(0)


JOBS = {"load": load, "rotate": rotate, "fill": fill}


def main() -> None:
    path, keys = Path(sys.argv[1]), sys.argv[2]
    for order in sys.stdin:
        what, number = order.split()
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            asyncio.run(JOBS[what](path, Sealer(KeyRing.parse(keys)), number))
            os._exit(0)
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
