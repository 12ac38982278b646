"""Two engines behind one port, the own loop on a file and the queue on PostgreSQL: what is due runs alike (§6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from engine_world import LEASE, RESULTS, Present, Runs, ended, engine_on, running, soon
from store_world import elsewhere, house

from operations.durable import Later


async def test_what_is_due_runs_once(place: str) -> None:
    """Thirty that are due, some only in a moment, each run once as attempt 1, with their payloads."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home:
        for n in range(30):
            await home.occurrences.add(soon(now, f"d-{n:02}", 0.3 * (n % 2), n=n))
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(place, 30) == [(f"d-{n:02}", "done") for n in range(30)]
    assert sorted(runs.told) == [(f"d-{n:02}", 1, {"n": n}) for n in range(30)]


async def test_what_comes_while_it_runs_is_run(place: str) -> None:
    """What is scheduled later, with the change that it belongs to, is run too; a used key, and a dropped one, never."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home, running(engine_on(home, {"run": runs}, now)):
        assert await home.occurrences.add(soon(now, "d-1"))
        await ended(place)
        assert not await home.occurrences.add(soon(now, "d-1"))
        await home.occurrences.add(soon(now, "d-2", 0.5))
        await home.occurrences.drop("d-2")
        await home.occurrences.add(soon(now, "d-3", 0.6))
        assert await ended(place, 3) == [("d-1", "done"), ("d-2", "dropped"), ("d-3", "done")]
    assert [key for key, _, _ in runs.told] == ["d-1", "d-3"]


async def test_a_run_that_comes_again(place: str) -> None:
    """A run that ends with Later comes again at its time, as attempt 1, with the payload that it left."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home:
        runs.ends = [Later(now() + timedelta(seconds=0.3), {"look": 2}), Later(now() + timedelta(seconds=0.5), None)]
        await home.occurrences.add(soon(now, look=1))
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(place) == [("d-1", "done")]
    assert runs.told == [("d-1", 1, {"look": 1}), ("d-1", 1, {"look": 2}), ("d-1", 1, {"look": 2})]


async def test_a_run_that_raises_comes_again_as_attempt_two(place: str) -> None:
    """A run that raised comes again after its pause, and knows that it may not be the first."""
    now, runs = Present(), Runs(ends=[ZeroDivisionError()])
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now))
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(place) == [("d-1", "done")]
    assert runs.told == [("d-1", 1, {}), ("d-1", 2, {})]


async def test_a_clock_that_is_moved_makes_it_due(place: str) -> None:
    """What is due tomorrow runs when our clock says so, whatever the server's clock says."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now, seconds=86_400))
        async with running(engine_on(home, {"run": runs}, now)):
            await asyncio.sleep(0.3)
            assert runs.seen == []
            now.advance(86_401)
            assert await ended(place) == [("d-1", "done")]


async def test_stopping_waits_for_what_runs(place: str) -> None:
    """A stop takes nothing more and lets what runs finish; the rest runs after the next start."""
    now, runs = Present(), Runs(gate=asyncio.Event())
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now))
        engine = engine_on(home, {"run": runs}, now)
        engine.start()
        await runs.times(1)
        stopping = asyncio.create_task(engine.stop(10))
        await asyncio.sleep(0.1)
        await home.occurrences.add(soon(now, "d-2"))
        assert not stopping.done()
        assert runs.gate is not None
        runs.gate.set()
        await stopping
        assert elsewhere(place, RESULTS) == [("d-1", "done"), ("d-2", None)]
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(place, 2) == [("d-1", "done"), ("d-2", "done")]
    assert [attempt for _, attempt, _ in runs.told] == [1, 1]


async def test_what_is_cut_off_runs_after_its_lease(place: str) -> None:
    """A run that takes longer than a stop waits is cut off, and comes again as attempt 2 once its lease is over."""
    now, runs = Present(), Runs(gate=asyncio.Event())
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now))
        engine = engine_on(home, {"run": runs}, now)
        engine.start()
        await runs.times(1)
        await engine.stop(0.1)
        assert elsewhere(place, RESULTS) == [("d-1", None)]
        runs.gate = None
        now.advance(LEASE.total_seconds())
        async with running(engine_on(home, {"run": runs}, now)):
            assert await ended(place) == [("d-1", "done")]
    assert [attempt for _, attempt, _ in runs.told] == [1, 2]


async def test_idle_runs_what_is_due_without_a_start(place: str) -> None:
    """``idle`` runs everything that is due now and waits for it, on either engine."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now, "d-1"))
        await home.occurrences.add(soon(now, "d-2", 3600))
        await engine_on(home, {"run": runs}, now).idle()
        assert elsewhere(place, RESULTS) == [("d-1", "done"), ("d-2", None)]


async def test_a_kind_without_a_runner_is_over_after_a_day(place: str) -> None:
    """What nobody knows how to run is left for others, and after a day recorded as such."""
    now = Present()
    async with house(place, watch=now) as home:
        await home.occurrences.add(soon(now))
        async with running(engine_on(home, {}, now)):
            await given_back(place)
            now.advance(86_401)
            assert await ended(place) == [("d-1", "no_runner")]


async def test_an_upgrade_loses_no_run(place: str) -> None:
    """An old replica takes what only a newer one can run, and gives it back: the newer one runs it as attempt 1."""
    now, runs = Present(), Runs()
    async with house(place, watch=now) as home, house(place, home.sealer, now) as second:
        await home.occurrences.add(soon(now, n=1))
        async with running(engine_on(home, {}, now)):
            await given_back(place)
        now.advance(61)
        async with running(engine_on(second, {"run": runs}, now)):
            assert await ended(place) == [("d-1", "done")]
    assert runs.told == [("d-1", 1, {"n": 1})]


async def given_back(place: str) -> None:
    """Wait until it was taken and given back: it is due later than it was, and nobody's."""
    sql = "SELECT 1 FROM occurrences WHERE ready_at > due_at AND owner IS NULL AND attempt = 0"
    async with asyncio.timeout(30):
        while not elsewhere(place, sql):  # noqa: ASYNC110 - neither database calls us
            await asyncio.sleep(0.02)


async def test_two_engines_share_what_is_due(place: str) -> None:
    """Two replicas on one database run each of sixty once, and both have their part."""
    now, one, other = Present(), Runs(), Runs()
    async with house(place, watch=now) as home, house(place, home.sealer, now) as second:
        for n in range(60):
            await home.occurrences.add(soon(now, f"d-{n:02}", 0.02 * n))
        async with running(engine_on(home, {"run": one}, now)), running(engine_on(second, {"run": other}, now)):
            assert await ended(place, 60) == [(f"d-{n:02}", "done") for n in range(60)]
    assert sorted(one.told + other.told) == [(f"d-{n:02}", 1, {}) for n in range(60)]
