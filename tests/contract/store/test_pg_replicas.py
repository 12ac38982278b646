"""The queue and its rows belong together, and a replica that dies leaves its work to the others (DESIGN §6, F2)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from engine_world import Present, Runs, ended, engine_on, running, soon
from pg_replica import HEARTBEAT, LEASE
from postgres import TEMPLATE, Server
from store_world import AUDIT_BROKEN, Watch, due, elsewhere, house, line, sealer_of, shut

from store.errors import Missing, Repeated, StoreError
from store.keyring import new_key
from store.occurrences import Due
from store.postgres.jobs import Jobs
from store.postgres.occurrences import PgOccurrences
from store.postgres.pool import PgDatabase
from store.stores import Stores

JOBS = "SELECT lock, status::text, scheduled_at, priority FROM procrastinate_jobs WHERE lock IS NOT NULL ORDER BY id"
WATCHED: dict[str, Any] = {"channel": "C1", "thread_ts": None, "order_id": 1, "reference": None, "last_status": "NEW"}
ACTION: dict[str, Any] = {"kind": "order.cancel", "target": "1", "state": "held", "payload": {}}
WHOSE: dict[str, Any] = {"team": "T1", "user": "U1", "back_end": "quivo"}


def jobs_on(home: Stores, silent: float = 30) -> Jobs:
    async def nothing(key: str) -> None:
        raise AssertionError(key)

    return Jobs(cast(PgDatabase, home.database), nothing, at_once=1, silent=silent)


async def test_every_way_of_scheduling_brings_a_job(url: str) -> None:
    """By itself, with an action, a watch or an import, and again: the row's job is there when the row is."""
    async with house(url) as home:
        await home.occurrences.add(due("alone", 60))
        await home.ledger.claim(line=line(), due=due("action", 61), **ACTION, **WHOSE)
        await home.watches.add(due=due("watch", 62), **WATCHED, **WHOSE)
        import_id = await home.imports.create("T1", "U1", "C1", [])
        await home.imports.resume(import_id, due("import", 63))
        keys = ("alone", "action", "watch", "import")
        expected = [(key, "todo", due(key, n).at, 0) for n, key in enumerate(keys, 60)]
        assert elsewhere(url, JOBS) == expected
        home.watch.advance(60)
        await home.occurrences.claim_due(owner="A", lease=LEASE, most=1)
        await home.occurrences.again("alone", "A", due("alone", 99).at)
        assert elsewhere(url, JOBS) == [*expected, ("alone", "todo", due("alone", 99).at, 0)]


@pytest.mark.parametrize(("what", "table"), AUDIT_BROKEN)
async def test_without_the_row_there_is_no_job(url: str, what: str, table: str) -> None:
    """G7: a claim that is undone, a used key and a lost lease leave no job behind."""
    async with house(url) as home:
        await home.occurrences.add(due("used"))
        shut(url, what, table)
        with pytest.raises(StoreError):
            await home.ledger.claim(line=line(), due=due("undone"), **ACTION, **WHOSE)
        with pytest.raises(Repeated):
            await home.watches.add(due=due("used"), **WATCHED, **WHOSE)
        assert await home.occurrences.add(due("used")) is False
        assert await home.occurrences.again("used", "nobody", due().at) is False
        assert [lock for lock, *_ in elsewhere(url, JOBS)] == ["used"]


async def test_without_the_job_there_is_no_row(url: str) -> None:
    """If the queue does not take the job, nothing of the change is written either."""
    async with house(url) as home:
        shut(url, "INSERT", "procrastinate_jobs")
        with pytest.raises(StoreError):
            await home.ledger.claim(line=line(), due=due(), **ACTION, **WHOSE)
        with pytest.raises(StoreError):
            await home.occurrences.add(due())
        counts = [elsewhere(url, f"SELECT count(*) FROM {table}") for table in ("actions", "audit", "occurrences")]
        assert counts == [[(0,)]] * 3


async def test_one_is_claimed_by_its_key(url: str) -> None:
    """A claim by key is one by ``claim_due``: not before its time, not twice in a lease, as attempt 2 after it."""
    watch = Watch()
    async with house(url, watch=watch) as home:
        occurrences = cast(PgOccurrences, home.occurrences)
        await occurrences.add(due("d-1", 5, n=1))
        seen: list[int | None] = []
        for seconds in (0, 5, 0, LEASE.total_seconds()):
            watch.advance(seconds)
            found = await occurrences.claim("d-1", owner=f"at {watch.time}", lease=LEASE)
            seen.append(found.attempt if found else None)
        assert found is not None
        assert (seen, found.payload, found.lease_until) == ([None, 1, None, 2], {"n": 1}, watch.time + LEASE)
        assert await occurrences.claim("d-2", owner="A", lease=LEASE) is None
        await occurrences.drop("d-1")
        watch.advance(60)
        assert await occurrences.claim("d-1", owner="A", lease=LEASE) is None


async def test_a_sweep_makes_the_jobs_that_are_missing(url: str) -> None:
    """Rows that came without jobs, as from a file, get one each when they are due, and not a second one."""
    async with house(url) as home:
        for n in range(3):
            await home.occurrences.add(due(f"d-{n}", n))
        elsewhere(url, "DELETE FROM procrastinate_jobs")
        home.watch.advance(1)
        swept = [await jobs_on(home).sweep(home.watch()) for _ in range(2)]
        assert (swept, elsewhere(url, JOBS)) == ([2, 0], [("d-0", "todo", None, 1), ("d-1", "todo", None, 1)])


async def test_rows_without_jobs_are_run(url: str) -> None:
    """What was moved here from a file runs without anybody scheduling it anew."""
    now, runs = Present(), Runs()
    async with house(url, watch=now) as home:
        await home.occurrences.add(soon(now))
        elsewhere(url, "DELETE FROM procrastinate_jobs")
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(url) == [("d-1", "done")]


async def test_what_was_run_leaves_no_job(url: str) -> None:
    """When all is over the queue is empty: what came of it is in the rows."""
    now = Present()
    async with house(url, watch=now) as home:
        for n in range(9):
            await home.occurrences.add(soon(now, f"d-{n}"))
        async with running(engine_on(home, {"run": Runs()}, now)):
            await ended(url, 9)
        assert elsewhere(url, JOBS) == []


async def test_jobs_of_a_silent_worker_are_given_to_others(url: str) -> None:
    """Only what a worker holds whose heartbeat stopped is given to others, and it keeps its row's lease."""
    async with house(url) as home:
        for key in ("d-1", "d-2"):
            await home.occurrences.add(due(key))
        beats = "(now() - interval '1 minute'), (now())"
        elsewhere(url, f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES {beats}")
        elsewhere(url, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = id")
        assert [await jobs_on(home).rescue() for _ in range(2)] == [1, 0]
        assert [row[:2] for row in elsewhere(url, JOBS)] == [("d-1", "todo"), ("d-2", "doing")]


async def test_a_server_that_is_gone_is_missing_and_comes_back(postgres: Server) -> None:
    """G4: while the server is down reads and writes are refused in our words; then a replica goes on by itself."""
    now, runs = Present(), Runs()
    with postgres.database(TEMPLATE) as url:
        async with house(url, watch=now) as home, running(engine_on(home, {"run": runs}, now)):
            await home.occurrences.add(soon(now, "d-1"))
            await home.intake.admit("a", line(1))
            await ended(url)
            postgres.stop()
            for _ in range(2):
                with pytest.raises(Missing):
                    home.audit.lines("T1", 9)
            with pytest.raises(Missing):
                await jobs_on(home).sweep(now())
            writes = (home.intake.admit("b", line(2)), jobs_on(home).rescue())  # each waits long for a connection
            refused = await asyncio.gather(*writes, return_exceptions=True)
            assert [isinstance(error, StoreError) for error in refused] == [True, True]
            postgres.start()
            async with asyncio.timeout(20):
                while not await added(home, soon(now, "d-2")):  # noqa: ASYNC110 - the server cannot call us
                    await asyncio.sleep(0.1)
            assert await ended(url, 2) == [("d-1", "done"), ("d-2", "done")]
            await asyncio.sleep(1)  # as long as the reader leaves a server alone that did not answer
            assert home.audit.lines("T1", 9) == [line(1)]
            assert await home.intake.admit("b", line(2)) is True


async def added(home: Stores, wanted: Due) -> bool:
    try:
        return await home.occurrences.add(wanted)
    except StoreError:
        return False


class Replicas:
    """Two processes on one database, one of which is killed and started anew now and then."""

    def __init__(self, url: str, key: str) -> None:
        self._command = [sys.executable, str(Path(__file__).with_name("pg_replica.py")), url, key]
        root = Path(__file__).parents[3]
        self._environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"}
        self.processes = [self._start(), self._start()]

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def kill(self, number: int) -> None:
        """Kills one with -9."""
        with self.processes[number] as process:
            process.send_signal(signal.SIGKILL)

    def replace(self, number: int) -> None:
        """Kills one and starts another in its place."""
        self.kill(number)
        self.processes[number] = self._start()


@pytest.mark.crash
@pytest.mark.timeout(180)
async def test_killed_replicas_lose_nothing_and_do_nothing_twice(url: str) -> None:
    """F2: two replicas, 7 kills with -9, one of them for good: of 150 occurrences 0 are lost, 0 posted twice."""
    key, count = new_key(), 150
    elsewhere(url, "CREATE TABLE posts (key text)")
    async with house(url, sealer_of(key), Present()) as home:
        replicas = await asyncio.to_thread(Replicas, url, key)
        for n in range(count):
            at = datetime.now(UTC)
            await home.occurrences.add(Due(f"d-{n:03}", "run", at, {}, "T1"))
            if n % 20 == 19:
                await asyncio.to_thread(replicas.replace, n // 20 % 2) if n < 130 else replicas.kill(0)
        jobs = jobs_on(home, silent=3 * HEARTBEAT)
        async with asyncio.timeout(90):
            while len(await ended(url, 1)) < count:
                await jobs.rescue()  # what the queue does itself every minute
                await asyncio.sleep(0.2)
        replicas.kill(1)
        posted = Counter(key for (key,) in elsewhere(url, "SELECT key FROM posts"))
        assert posted == Counter({f"d-{n:03}": 1 for n in range(count)})
