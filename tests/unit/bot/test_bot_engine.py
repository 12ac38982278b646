"""The durable engine on a real store with a clock that is moved: once, later, again, and never twice (DESIGN.md §6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import engine as engine_module
from bot.engine import ASK_OTHERS, AT_ONCE, LEASE, MOST_ATTEMPTS, OTHERS_MAY_COME, Alarm, Engine, after_failure
from operations.durable import Finished, Later
from store.database import Database
from store.envelope import Sealer
from store.errors import Busy
from store.keyring import KeyRing, new_key
from store.occurrences import Due, Occurrence, SqliteOccurrences

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KIND = "test.run"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Spied(SqliteOccurrences):
    """The store's occurrences, which say what was called, fail when they are told to, and can be held up."""

    def __init__(self, database: Database, sealer: Sealer, now: Callable[[], datetime]) -> None:
        super().__init__(database, sealer, now)
        self.calls: list[str] = []
        self.failing: dict[str, list[Exception]] = {}
        self.called = asyncio.Condition()
        self.claiming: asyncio.Event | None = None

    async def _note(self, name: str) -> None:
        async with self.called:
            self.calls.append(name)
            self.called.notify_all()
        if self.failing.get(name):
            raise self.failing[name].pop(0)

    async def until(self, name: str, times: int) -> None:
        """Wait until it was called so often."""
        async with asyncio.timeout(10), self.called:
            await self.called.wait_for(lambda: self.calls.count(name) >= times)

    async def claim_due(self, *, owner: str, lease: timedelta, most: int) -> list[Occurrence]:
        await self._note("claim")
        claimed = await super().claim_due(owner=owner, lease=lease, most=most)
        if self.claiming:
            await self.claiming.wait()
        return claimed

    async def extend(self, key: str, owner: str, lease: timedelta) -> bool:
        extended = await super().extend(key, owner, lease)
        await self._note("extend")
        return extended

    async def done(self, key: str, owner: str, result: str) -> bool:
        await self._note("done")
        return await super().done(key, owner, result)


@dataclass
class Runs:
    """A runner that remembers what it ran, waits at its gate, and ends as it is told."""

    ends: list[Finished | Later | Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    seen: list[Occurrence] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, occurrence: Occurrence) -> Finished | Later:
        self.seen.append(occurrence)
        self._now += 1
        self.most = max(self.most, self._now)
        self.started.set()
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
        finally:
            self._now -= 1
        end = self.ends.pop(0) if self.ends else Finished("done")
        if isinstance(end, Exception):
            raise end
        return end

    @property
    def attempts(self) -> list[int]:
        """The attempts of all runs, in their order."""
        return [occurrence.attempt for occurrence in self.seen]


@dataclass
class House:
    """A store, its clock, and engines on it."""

    database: Database
    sealer: Sealer
    clock: Clock
    occurrences: Spied

    def engine(self, runs: Runs, kinds: Mapping[str, Any] | None = None, **more: Any) -> Engine:
        """An engine as another process would have it: with an owner's name of its own."""
        return Engine(self.occurrences, kinds or {KIND: runs}, now=self.clock, **more)

    async def due(self, key: str = "one", seconds: float = 0, kind: str = KIND, **payload: Any) -> None:
        """Schedule something so many seconds from now."""
        assert await self.occurrences.add(Due(key, kind, self.clock() + timedelta(seconds=seconds), payload, "T1"))

    def results(self) -> dict[str, str | None]:
        """What is written down about each occurrence."""
        return dict(self.database.read().execute("SELECT key, result FROM occurrences ORDER BY key").fetchall())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A store of its own for each test."""
    database, sealer, clock = Database.open(tmp_path / "data" / "s.db"), Sealer(KeyRing.parse(new_key())), Clock()
    try:
        yield House(database, sealer, clock, Spied(database, sealer, clock))
    finally:
        await database.close()


@asynccontextmanager
async def going(engine: Engine) -> AsyncIterator[Engine]:
    """The engine at work."""
    engine.start()
    try:
        yield engine
    finally:
        await engine.stop(5)


async def test_what_is_due_runs_once_with_its_payload(house: House) -> None:
    """Not before its time, once at its time, and never again; its result is written down."""
    runs = Runs()
    engine = house.engine(runs)
    await house.due(seconds=10, order=1001)
    house.clock.advance(9)
    await engine.idle()
    assert runs.seen == []
    house.clock.advance(1)
    await engine.idle()
    house.clock.advance(86400)
    await engine.idle()
    assert [(one.key, one.attempt, one.payload) for one in runs.seen] == [("one", 1, {"order": 1001})]
    assert house.results() == {"one": "done"}


async def test_later_comes_again_at_its_time_with_the_new_payload(house: House) -> None:
    """A run that is not over comes again under its key, as a first attempt, with what it handed back."""
    runs = Runs([Later(NOON + timedelta(seconds=60), {"looked": 1}), Later(NOON + timedelta(seconds=90))])
    engine = house.engine(runs)
    await house.due(looked=0)
    for seconds in (0, 59, 1, 29, 1):
        house.clock.advance(seconds)
        await engine.idle()
    assert [(one.attempt, one.payload["looked"]) for one in runs.seen] == [(1, 0), (1, 1), (1, 1)]
    assert house.results() == {"one": "done"}


async def test_a_failing_run_comes_again_after_growing_pauses(house: House) -> None:
    """Each failure waits twice as long as the one before, and the attempt tells the runner so."""
    runs = Runs([RuntimeError(), RuntimeError(), RuntimeError()])
    engine = house.engine(runs)
    await house.due()
    counts = []
    for seconds in (0, 1.9, 0.1, 3.9, 0.1, 7.9, 0.1, 3600):
        house.clock.advance(seconds)
        await engine.idle()
        counts.append(len(runs.seen))
    assert (counts, runs.attempts) == ([1, 1, 2, 2, 3, 3, 4, 4], [1, 2, 3, 4])
    assert house.results() == {"one": "done"}


async def test_a_failure_is_logged_without_its_words(house: House) -> None:
    """An exception's text may be secret: the log has its kind and its place (DESIGN.md §4.8)."""
    runs = Runs([RuntimeError("canary-secret")])
    await house.due()
    with capture_logs() as lines:
        await house.engine(runs).idle()
    (line,) = (line for line in lines if line["event"] == "run failed")
    assert (line["error"], line["attempt"], "canary" in str(lines)) == ("RuntimeError", 1, False)
    assert any(place.startswith("test_bot_engine.py:") for place in line["where"])


def test_the_pause_after_a_failure_has_a_limit() -> None:
    """2 s, doubled to a quarter of an hour, and an end; together more than the day that things are looked after."""
    pauses = [after_failure(attempt) for attempt in range(1, MOST_ATTEMPTS)]
    assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert set(pauses[9:]) == {timedelta(minutes=15)}
    assert sum((pause for pause in pauses if isinstance(pause, timedelta)), timedelta()) > timedelta(days=1)
    assert after_failure(MOST_ATTEMPTS) == Finished("failed")


async def test_a_run_that_always_fails_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last attempt it is over, written down as failed, and never run again."""
    monkeypatch.setattr(engine_module, "MOST_ATTEMPTS", 3)
    runs = Runs([RuntimeError() for _ in range(10)])
    engine = house.engine(runs)
    await house.due()
    for _ in range(8):
        await engine.idle()
        house.clock.advance(1000)
    assert (runs.attempts, house.results()) == ([1, 2, 3], {"one": "failed"})


async def test_a_kind_that_nobody_runs_is_put_aside_after_a_day(house: House) -> None:
    """What no runner is for is in nobody's way, is looked at each minute, and closed with that word in the end."""
    runs = Runs()
    engine = house.engine(runs)
    await house.due("old", kind="no.such")
    await house.due("one")
    await engine.idle()
    assert ([one.key for one in runs.seen], house.results()) == (["one"], {"old": None, "one": "done"})
    assert house.occurrences.next_due() == NOON + ASK_OTHERS
    house.clock.advance((OTHERS_MAY_COME - ASK_OTHERS).total_seconds())
    await engine.idle()
    assert (house.results()["old"], house.occurrences.next_due()) == (None, NOON + OTHERS_MAY_COME)
    house.clock.advance(ASK_OTHERS.total_seconds())
    await engine.idle()
    assert (house.results()["old"], house.occurrences.next_due()) == ("no_runner", None)


async def test_what_an_old_version_gave_back_a_newer_one_runs(house: House) -> None:
    """In an upgrade: as a first attempt at its own time and with its payload, however often others gave it back."""
    runs, old = Runs(), house.engine(Runs(), {"other.kind": Runs()})
    await house.due(order=1001)
    for _ in range(200):
        await old.idle()
        house.clock.advance(ASK_OTHERS.total_seconds())
    await house.engine(runs).idle()
    assert [(one.attempt, one.due_at, one.payload) for one in runs.seen] == [(1, NOON, {"order": 1001})]
    assert house.results() == {"one": "done"}


async def cut_off(house: House) -> None:
    """A run that had begun and did not end, as in a process that died."""
    runs = Runs(gate=asyncio.Event())
    engine = house.engine(runs)
    await house.due()
    engine.start()
    await runs.started.wait()
    await engine.stop(0.01)


async def test_a_run_that_died_is_a_second_attempt_also_after_it_was_given_back(house: House) -> None:
    """E2: a newer process died in its run: an old one that gives it back does not make it look like new."""
    after = Runs()
    await cut_off(house)
    house.clock.advance(LEASE.total_seconds())
    await house.engine(Runs(), {"other.kind": Runs()}).idle()
    house.clock.advance(ASK_OTHERS.total_seconds())
    await house.engine(after).idle()
    assert (after.attempts, house.results()) == ([2], {"one": "done"})


async def test_no_more_than_so_many_at_once(house: House) -> None:
    """25 due at once run ten at a time, each once."""
    runs = Runs(gate=asyncio.Event())
    for number in range(25):
        await house.due(f"d-{number:02}")
    async with going(house.engine(runs)):
        await house.occurrences.until("claim", 1)
        await runs.started.wait()
        await asyncio.sleep(0.05)
        assert (runs.most, len(runs.seen)) == (AT_ONCE, AT_ONCE)
        assert runs.gate
        runs.gate.set()
        await house.occurrences.until("done", 25)
    assert (runs.most, len(runs.seen), len({one.key for one in runs.seen})) == (AT_ONCE, 25, 25)


async def test_with_no_room_left_it_rests_until_a_run_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full, it asks the store nothing; the first run that ends makes room for the next at once."""
    monkeypatch.setattr(engine_module, "LONGEST_REST_SECONDS", 3600.0)
    runs = Runs(gate=asyncio.Event())
    for number in range(AT_ONCE + 1):
        await house.due(f"d-{number:02}")
    async with going(house.engine(runs)):
        await house.occurrences.until("claim", 1)
        await asyncio.sleep(0.08)
        assert house.occurrences.calls.count("claim") == 1
        assert runs.gate
        runs.gate.set()
        await house.occurrences.until("done", AT_ONCE + 1)


async def test_the_alarm_wakes_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is scheduled while the engine rests runs as soon as it is told."""
    monkeypatch.setattr(engine_module, "LONGEST_REST_SECONDS", 3600.0)
    runs, alarm = Runs(), Alarm()
    async with going(house.engine(runs, alarm=alarm)):
        await house.occurrences.until("claim", 1)
        await house.due()
        alarm.ring()
        await house.occurrences.until("done", 1)
    assert runs.attempts == [1]


async def test_it_wakes_by_itself_when_something_becomes_due(house: House) -> None:
    """Nobody rings, and it runs when its time comes."""
    runs = Runs()
    await house.due(seconds=0.05)
    async with going(house.engine(runs)):
        await house.occurrences.until("claim", 1)
        house.clock.advance(0.05)
        await house.occurrences.until("done", 1)
    assert runs.attempts == [1]


async def test_an_alarm_that_rang_before_is_not_forgotten() -> None:
    """Rung while nobody waits, the next wait ends at once, and the one after it does not."""
    alarm = Alarm()
    alarm.ring()
    async with asyncio.timeout(5):
        await alarm.wait(3600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await alarm.wait(3600)


async def test_stopping_lets_a_run_finish(house: House) -> None:
    """A run under way is waited for and written down; what is due after the stop is not begun."""
    runs = Runs(gate=asyncio.Event())
    engine = house.engine(runs)
    await house.due()
    engine.start()
    await runs.started.wait()
    stopping = asyncio.create_task(engine.stop(10))
    await asyncio.sleep(0)
    await house.due("two")
    assert runs.gate
    runs.gate.set()
    await stopping
    assert house.results() == {"one": "done", "two": None}


async def test_stopping_while_it_claims_loses_nothing(house: House) -> None:
    """What was claimed in the very moment of the stop still runs, instead of resting until its lease is over."""
    runs = Runs()
    engine = house.engine(runs)
    house.occurrences.claiming = asyncio.Event()
    await house.due()
    engine.start()
    await house.occurrences.until("claim", 1)
    stopping = asyncio.create_task(engine.stop(10))
    await asyncio.sleep(0)
    house.occurrences.claiming.set()
    await stopping
    assert (runs.attempts, house.results()) == ([1], {"one": "done"})


async def test_stopping_cuts_off_what_takes_too_long(house: House) -> None:
    """Cut off, it is not written down as done; the next process runs it after the lease, as a second attempt."""
    after = Runs()
    await cut_off(house)
    second = house.engine(after)
    house.clock.advance(LEASE.total_seconds() - 1)
    await second.idle()
    assert (after.attempts, house.results()) == ([], {"one": None})
    house.clock.advance(1)
    await second.idle()
    assert (after.attempts, house.results()) == ([2], {"one": "done"})


async def test_a_lease_that_ran_out_is_taken_by_one_other(house: House) -> None:
    """Two others want it: one has it, as a second attempt; the first one's late end changes nothing (E2)."""
    slow = Runs([Later(NOON + timedelta(days=9))], gate=asyncio.Event())
    first = house.engine(slow)
    await house.due()
    first.start()
    await slow.started.wait()
    house.clock.advance(LEASE.total_seconds() + 1)
    others = [Runs(gate=asyncio.Event()), Runs(gate=asyncio.Event())]
    engines = [house.engine(runs) for runs in others]
    idling = [asyncio.create_task(engine.idle()) for engine in engines]
    await house.occurrences.until("claim", 3)
    assert slow.gate
    slow.gate.set()
    for runs in others:
        assert runs.gate
        runs.gate.set()
    await asyncio.gather(*idling)
    await first.stop(5)
    assert sorted([runs.attempts for runs in others]) == [[], [2]]
    assert house.results() == {"one": "done"}


async def test_engines_on_one_store_share_the_work(house: House) -> None:
    """Three engines and 30 that are due: each runs once, somewhere."""
    for number in range(30):
        await house.due(f"d-{number:02}")
    runs = Runs()
    await asyncio.gather(*(house.engine(runs).idle() for _ in range(3)))
    assert sorted(one.key for one in runs.seen) == [f"d-{number:02}" for number in range(30)]
    assert set(runs.attempts) == {1}


async def test_a_lease_is_kept_while_a_run_goes_on(house: House) -> None:
    """However long it takes, nobody else gets it while the process lives."""
    runs, other = Runs(gate=asyncio.Event()), Runs()
    lease = timedelta(seconds=0.06)
    engine = house.engine(runs, lease=lease)
    await house.due()
    async with going(engine):
        for times in (1, 2, 3, 4):
            await house.occurrences.until("extend", times)
            house.clock.advance(0.04)
            await house.occurrences.until("extend", times + 1)
        await house.engine(other, lease=lease).idle()
        assert other.seen == []
        assert runs.gate
        runs.gate.set()
    assert (runs.attempts, house.results()) == ([1], {"one": "done"})


async def test_a_run_that_outlives_its_lease_is_not_begun_twice_here(house: House) -> None:
    """A process that slept past its own lease claims its own run again, and does not start it beside itself (E2)."""
    runs, alarm = Runs(gate=asyncio.Event()), Alarm()
    await house.due()
    async with going(house.engine(runs, alarm=alarm)):
        await runs.started.wait()
        claims = house.occurrences.calls.count("claim")
        house.clock.advance(LEASE.total_seconds() + 1)
        alarm.ring()
        await house.occurrences.until("claim", claims + 1)
        await asyncio.sleep(0.02)
        assert len(runs.seen) == 1
        assert runs.gate
        runs.gate.set()
        await house.occurrences.until("done", 1)
    assert (len(runs.seen), house.results()) == (1, {"one": "done"})


@pytest.mark.parametrize("error", [Busy(), RuntimeError("unforeseen")])
async def test_a_store_that_fails_does_not_end_the_loop(
    house: House, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that fails is logged, and the next one comes all the same."""
    monkeypatch.setattr(engine_module, "LONGEST_REST_SECONDS", 0.02)
    runs = Runs()
    house.occurrences.failing["claim"] = [error, error]
    await house.due()
    async with going(house.engine(runs)):
        await house.occurrences.until("done", 1)
    assert runs.attempts == [1]


@pytest.mark.parametrize("error", [Busy(), RuntimeError("unforeseen")])
async def test_an_end_that_cannot_be_written_down_comes_again(house: House, error: Exception) -> None:
    """The store fails when a run ends: it comes again after its lease, as a second attempt, and not before."""
    runs = Runs()
    house.occurrences.failing["done"] = [error]
    engine = house.engine(runs)
    await house.due()
    await engine.idle()
    house.clock.advance(LEASE.total_seconds() - 1)
    await engine.idle()
    assert (runs.attempts, house.results()) == ([1], {"one": None})
    house.clock.advance(1)
    await engine.idle()
    assert (runs.attempts, house.results()) == ([1, 2], {"one": "done"})


async def test_a_lease_that_cannot_be_kept_does_not_stop_the_run(house: House) -> None:
    """The store fails while a lease is extended: logged, tried again, and the run goes on."""
    runs = Runs(gate=asyncio.Event())
    house.occurrences.failing["extend"] = [Busy()]
    await house.due()
    async with going(house.engine(runs, lease=timedelta(seconds=0.03))):
        await house.occurrences.until("extend", 3)
        assert runs.gate
        runs.gate.set()
    assert house.results() == {"one": "done"}


async def test_an_engine_that_never_began_can_be_stopped(house: House) -> None:
    """A bot that fails while it starts can still be stopped."""
    await house.due()
    await house.engine(Runs()).stop(1)
    assert house.results() == {"one": None}
