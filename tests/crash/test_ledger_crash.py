"""Processes die with kill -9 in the middle of changes: nothing is half written, lost or done twice (E1, E2, E8)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ledger_load import LEASE, outcome

from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.imports import ImportRow, SqliteImports
from store.keyring import KeyRing, new_key
from store.ledger import SqliteLedger
from store.occurrences import Due, SqliteOccurrences

CHILD, ROOT = Path(__file__).with_name("ledger_load.py"), Path(__file__).parents[2]
KEY = new_key()
SEALER = Sealer(KeyRing.parse(KEY))
pytestmark = pytest.mark.crash


class Worker:
    """One process with one job; what it said is read as it says it."""

    def __init__(self, path: Path, job: str, word: str) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), str(path), KEY, job, word],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def hear(self, lines: int) -> bool:
        """Waits for so many more lines; False if it ended before."""
        assert self._process.stdout is not None
        for _ in range(lines):
            text = self._process.stdout.readline()
            if not text:
                return False
            self.said.append(text.strip())
        return True

    def kill(self) -> list[str]:
        """kill -9, unless it has ended; everything that it said."""
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
        return self.rest()

    def rest(self) -> list[str]:
        """Everything that it said, once it is gone."""
        while self.hear(1):
            pass
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait(10)
        return self.said


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        yield connection


def seen(path: Path, sql: str) -> list[Any]:
    with looking(path) as connection:
        return connection.execute(sql).fetchall()


def fresh(folder: Path) -> Path:
    return folder / "data" / "shipclerk.db"


async def scheduled(path: Path, keys: list[str]) -> None:
    database = Database.open(path)
    occurrences = SqliteOccurrences(database, SEALER)
    await asyncio.gather(*(occurrences.add(Due(key, "run", datetime.now(UTC), {"key": key}, "T1")) for key in keys))
    await database.close()


def worked_off(path: Path, kills: int) -> tuple[list[str], int]:
    """Two processes share the work; one is killed and replaced, again and again: all they said, how many died at it."""
    chance, said, died = random.Random(5), list[str](), 0
    workers = [Worker(path, "run_due", "first"), Worker(path, "run_due", "second")]
    for number in range(kills):
        victim = workers.pop(0)
        died += victim.hear(chance.randrange(1, 12))
        said += victim.kill()
        workers.append(Worker(path, "run_due", f"later-{number}"))
    for worker in workers:
        said += worker.rest()
    return said, died


def overlaps(said: list[str]) -> list[tuple[str, int]]:
    """Claims that came before the lease of an earlier attempt of the same occurrence had run out."""
    leases: dict[str, dict[int, float]] = defaultdict(dict)
    for _, key, attempt, until in (text.split() for text in said if text.startswith("claimed")):
        leases[key][int(attempt)] = float(until)
    wrong = []
    for key, attempts in leases.items():
        order = sorted(attempts)
        for earlier, later in pairwise(order):
            if attempts[later] - LEASE.total_seconds() < attempts[earlier] - 0.000_002:
                wrong.append((key, later))
    return wrong


@pytest.mark.timeout(120)
async def test_two_processes_run_each_occurrence_once(tmp_path: Path) -> None:
    """E2: two processes, 20 x kill -9, 600 due runs: each has one result, no lease is broken, none is lost."""
    path, keys = fresh(tmp_path), [f"run/{number:03}" for number in range(600)]
    await scheduled(path, keys)
    said, died = await asyncio.to_thread(worked_off, path, 20)
    results = dict(seen(path, "SELECT key, result FROM occurrences WHERE finished_at IS NOT NULL"))
    assert sorted(results) == keys
    told: list[tuple[str, str]] = [(text.split()[1], text.split()[2]) for text in said if text.startswith("done")]
    assert max(Counter(key for key, _ in told).values()) == 1
    assert dict(told) == {key: results[key] for key, _ in told}
    claims = Counter(tuple(text.split()[1:3]) for text in said if text.startswith("claimed"))
    assert ([claim for claim, times in claims.items() if times > 1], overlaps(said)) == ([], [])
    again = {key for key, attempt in claims if attempt != "1"}
    assert (died >= 10, len(again) > 0) == (True, True)


def killed_in_the_middle(path: Path, kills: int) -> set[str]:
    chance, acknowledged = random.Random(7), set()
    for number in range(kills):
        worker = Worker(path, "change", str(number))
        worker.hear(chance.randrange(1, 40))
        acknowledged |= {text.split()[1] for text in worker.kill()}
    return acknowledged


def halves(path: Path) -> dict[str, int]:
    """Actions whose line, occurrence or predecessor's line is not there, and lines or runs without their action."""
    step = "a.target || '/' || a.state"
    checks = {
        "no line": f"SELECT count(*) FROM actions a WHERE {step} NOT IN (SELECT reference FROM audit)",
        "no run": f"SELECT count(*) FROM actions a WHERE {step} NOT IN (SELECT key FROM occurrences)",
        "no claim": "SELECT count(*) FROM audit WHERE substr(target, 1, instr(target, '/') - 1) "
        "NOT IN (SELECT target FROM actions)",
        "other runs": "SELECT count(*) FROM (SELECT reference FROM audit EXCEPT SELECT key FROM occurrences)",
        "other lines": "SELECT count(*) FROM (SELECT key FROM occurrences EXCEPT SELECT reference FROM audit)",
    }
    return {what: seen(path, sql)[0][0] for what, sql in checks.items()}


async def broken_payloads(path: Path) -> list[str]:
    """Targets of actions whose payload is not that of their state."""
    database = Database.open(path)
    ledger = SqliteLedger(database, SEALER)
    actions = [ledger.get(id, "T1") for (id,) in database.all("SELECT id FROM actions")]
    broken = [one.target for one in actions if one and one.payload != {"step": one.state}]
    assert (SqliteAudit(database).verify(), len(actions) > 100, None in actions) == (None, True, False)
    await database.close()
    return broken


@pytest.mark.timeout(120)
async def test_a_change_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """E2 G7: 30 x kill -9 in claims and moves: 0 without audit line or occurrence, 0 acknowledged steps lost."""
    path = fresh(tmp_path)
    acknowledged = await asyncio.to_thread(killed_in_the_middle, path, 30)
    assert halves(path) == {"no line": 0, "no run": 0, "no claim": 0, "other runs": 0, "other lines": 0}
    assert acknowledged - {reference for (reference,) in seen(path, "SELECT reference FROM audit")} == set()
    assert await broken_payloads(path) == []
    assert len(acknowledged) > 200


async def imported(path: Path, rows: int) -> str:
    database = Database.open(path)
    imports = SqliteImports(database, SEALER)
    import_id = await imports.create(
        "T1", "U1", "C1", [ImportRow(number, "ready", f"A-{number}", None, "", {}) for number in range(1, rows + 1)]
    )
    await imports.resume(import_id)
    await database.close()
    return import_id


def sent_with_kills(path: Path, import_id: str, kills: int) -> None:
    chance = random.Random(9)
    for _ in range(kills):
        worker = Worker(path, "send_rows", import_id)
        worker.hear(chance.randrange(1, 60))
        worker.kill()
    Worker(path, "send_rows", import_id).rest()


@pytest.mark.timeout(120)
async def test_an_import_killed_midway_sends_each_row_once(tmp_path: Path) -> None:
    """E8: 200 rows with 7 refused and 6 x kill -9: the resume handles the rest, no row is sent twice, sums to 200."""
    path = fresh(tmp_path)
    import_id = await imported(path, 200)
    await asyncio.to_thread(sent_with_kills, path, import_id, 6)
    accepted = Counter(path.with_name("accepted").read_text().split())
    database = Database.open(path)
    imports = SqliteImports(database, SEALER)
    rows, counts, found = imports.rows(import_id), imports.counts(import_id), imports.get(import_id, "T1")
    await database.close()
    assert (max(accepted.values()), sum(counts.values()), found and found.state) == (1, 200, "finished")
    assert {int(number) for number in accepted} == {row.number for row in rows if row.state != "unknown"}
    interrupted = [row for row in rows if row.message in ("found", "no answer")]
    assert len(interrupted) <= 6
    settled = [(row.state, row.order_id, row.message) for row in rows if row not in interrupted]
    assert settled == [outcome(row.number) for row in rows if row not in interrupted]
