"""``python -m bench.lookups``: what a look into vault and ledger takes among 1,000, 100,000 and 1,000,000 connections.

Everybody is in one team, with one connection, its session and one action. The rows come by plain SQL; those that are
looked up are sealed as in production, so that they are opened as well, and all others have as many random bytes.
Sizes are asked turn by turn, a batch of some milliseconds each, and the median of the batches counts, so that a
machine that is slower for a while is so for all sizes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import psycopg

from bench.figures import tell
from bench.rig import Row
from operations.changes import CANCEL, WAITING
from store.envelope import Place, Sealer
from store.keyring import KeyRing, new_key
from store.stores import Stores, open_stores
from store.times import to_micros

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from postgres import server

RESULTS, COMMAND = Path(__file__).with_name("lookups.json"), "python -m bench.lookups"
ON_FILE = (1_000, 100_000, 1_000_000)
ON_POSTGRES = (1_000, 100_000)
TEAM, LOOKED_UP, BATCHES, LONGEST_BATCH_SECONDS = "T1", 500, 201, 0.1
NOW = datetime.now(UTC)
_CONNECTION = 'INSERT INTO connections (id, team, "user", back_end, account, connected_at, keeps_password) VALUES '
_SECRET = "INSERT INTO secrets (connection, purpose, envelope) VALUES "
_ACTION = (
    'INSERT INTO actions (id, kind, team, "user", back_end, target, state, reference, created_at, changed_at, is_open, '
    "envelope) VALUES "
)
Tables = tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...]]


@dataclass(frozen=True)
class Full:
    """An open store with so many connections, and the people who are looked up in it, with their actions' ids."""

    size: int
    stores: Stores
    people: list[tuple[str, str]]


def rows(size: int, sealer: Sealer, people: list[tuple[str, str]]) -> Iterator[Tables]:
    """For each person the rows of three tables; of those in ``people``, which is filled, they can be opened."""
    chosen = set(random.Random(size).sample(range(size), min(LOOKED_UP, size)))
    for number in range(size):
        user, id, action = f"U{number:08}", secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        session, payload = os.urandom(133), os.urandom(73)
        if number in chosen:
            people.append((user, action))
            session = sealer.seal(Place("session", TEAM, user, "quivo", id), b"s" * 100)
            payload = sealer.seal(Place("action", TEAM, user, "quivo", action), json.dumps({"n": number}).encode())
        at = to_micros(NOW - timedelta(seconds=number % 1_000_000))
        yield (
            (id, TEAM, user, "quivo", "account", at, 1),
            (id, "session", session),
            (action, CANCEL, TEAM, user, "quivo", str(number), "requested", "r", at, at, 1, payload),
        )


def fill_file(path: Path, size: int, sealer: Sealer) -> list[tuple[str, str]]:
    """Into a file that has its tables."""
    people: list[tuple[str, str]] = []
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA synchronous = OFF")
        made = list(rows(size, sealer, people))
        for number, insert in enumerate((_CONNECTION, _SECRET, _ACTION)):
            marks = ", ".join("?" * len(made[0][number]))
            file.executemany(f"{insert} ({marks})", (row[number] for row in made))
        file.commit()
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return people


def fill_database(url: str, size: int, sealer: Sealer) -> list[tuple[str, str]]:
    """Into a database that has its tables."""
    people: list[tuple[str, str]] = []
    with psycopg.connect(url, autocommit=True) as database:
        made = list(rows(size, sealer, people))
        for number, insert in enumerate((_CONNECTION, _SECRET, _ACTION)):
            with database.cursor().copy(insert.replace("INSERT INTO", "COPY").replace("VALUES", "FROM STDIN")) as copy:
                for row in made:
                    copy.write_row(row[number])
        database.execute("VACUUM ANALYZE")
    return people


def vault(full: Full, person: tuple[str, str]) -> None:
    """As each request does: whose connection, and its session."""
    connection = full.stores.vault.connection(TEAM, person[0], "quivo")
    assert connection is not None
    assert full.stores.vault.secret(connection, "session") is not None


def mine(full: Full, person: tuple[str, str]) -> None:
    """As ``/connect`` and Home do: all connections of a person."""
    assert len(full.stores.vault.connections(TEAM, person[0])) == 1


def claimed(full: Full, person: tuple[str, str]) -> None:
    """As each change does: is there an open one for this order, and how many has this person made lately?"""
    target = str(int(person[0][1:]))
    assert full.stores.ledger.open_for(CANCEL, TEAM, "quivo", target) is not None
    full.stores.ledger.count_recent(CANCEL, TEAM, person[0], NOW - timedelta(hours=1))


def action(full: Full, person: tuple[str, str]) -> None:
    """As each click does: the action of that id."""
    assert full.stores.ledger.get(person[1], TEAM) is not None


def recent(full: Full, person: tuple[str, str]) -> None:
    """As Home does: a person's newest actions."""
    assert len(full.stores.ledger.mine(TEAM, person[0], most=5)) == 1


def waiting(full: Full, person: tuple[str, str]) -> None:
    """As Home does: what waits for an approval in the whole team, which is nothing."""
    assert full.stores.ledger.in_state(CANCEL, TEAM, WAITING) == []


LOOKS: dict[str, Callable[[Full, tuple[str, str]], None]] = {
    "vault: connection and session": vault,
    "vault: a person's connections": mine,
    "ledger: open for an order, and lately by this person": claimed,
    "ledger: by id": action,
    "ledger: a person's newest": recent,
    "ledger: what waits for approval": waiting,
}


def measured(where: str, fulls: list[Full]) -> list[Row]:
    """Each kind of look among each size, beside the smallest."""
    spent: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(BATCHES):
        for name, look in LOOKS.items():
            for full in fulls:
                spent[name, full.size].append(_batch(full, look))
    first, *more = fulls
    return [
        Row(
            f"{where}, {name}, {full.size:,} beside {first.size:,}",
            median(spent[name, full.size]),
            median(spent[name, first.size]),
            "µs",
            "≤ 1.3",
        )
        for name in LOOKS
        for full in more
    ]


def _batch(full: Full, look: Callable[[Full, tuple[str, str]], None]) -> float:
    """Microseconds for one look, over people in no order."""
    begin, looks = time.perf_counter(), 0
    for person in random.sample(full.people, 200):
        look(full, person)
        looks += 1
        if time.perf_counter() - begin > LONGEST_BATCH_SECONDS:
            break
    return (time.perf_counter() - begin) / looks * 1_000_000


async def on_file(folder: Path) -> list[Row]:
    """SQLite."""
    fulls, sealer = [], Sealer(KeyRing.parse(new_key()))
    for size in ON_FILE:
        path = folder / str(size) / "shipclerk.db"
        stores = await open_stores(str(path), sealer)
        fulls.append(Full(size, stores, fill_file(path, size, sealer)))
    found = measured("SQLite", fulls)
    for full in fulls:
        await full.stores.database.close()
    return found


async def on_postgres(urls: list[str]) -> list[Row]:
    """PostgreSQL, by its socket."""
    fulls, sealer = [], Sealer(KeyRing.parse(new_key()))
    for size, url in zip(ON_POSTGRES, urls, strict=True):
        stores = await open_stores(url, sealer)
        fulls.append(Full(size, stores, fill_database(url, size, sealer)))
    found = measured("PostgreSQL", fulls)
    for full in fulls:
        await full.stores.database.close()
    return found


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(on_file(Path(folder)))
    with server() as postgres, postgres.database() as small, postgres.database() as large:
        found += asyncio.run(on_postgres([small, large]))
    tell(found, RESULTS, COMMAND)


if __name__ == "__main__":
    main()
