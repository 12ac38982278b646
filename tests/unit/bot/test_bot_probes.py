"""What health and metrics look at: the engine that tells and turns, the ways in, the store, the circuits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from fakes import FakeQuivo, FakeVault
from test_bot_engine import KIND, House, Runs, going
from test_bot_engine import house as house
from test_bot_metrics import Ear, samples

from backends.errors import BackendError, NoAnswer
from backends.http import PROBE, READ, BackendHttp, Call
from bot.engine import Engine
from bot.http import HttpApp, HttpFront
from bot.metrics import Metrics
from bot.probes import STILL_SECONDS, checks, watch
from bot.sockets import SocketFront
from bot.tasks import Tasks
from operations.accounts import QUIVO, Accounts
from operations.circuit import FAILURES, Breaker
from operations.durable import Finished, Later
from sandbox.serving import serve
from store.errors import Busy, ReadOnly, StoreError

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def test_the_engine_tells_how_each_run_ended(house: House) -> None:
    """Result, and how late it began: not for a second attempt, whose wait is the first one's fault."""
    ear, runs = Ear(), Runs([Finished("looked"), Later(NOON + timedelta(days=1)), ValueError("canary")])
    engine = house.engine(runs, observer=ear)
    for key in ("1", "2", "3"):
        await house.due(key)
        house.clock.advance(5)
        await engine.idle()
    assert ear.told == [("ran", KIND, "looked", 5.0), ("ran", KIND, "later", 5.0), ("ran", KIND, "raised", 5.0)]
    house.clock.advance(60)
    await engine.idle()
    assert ear.told[3:] == [("ran", KIND, "done", 0.0)]


async def test_a_kind_that_nobody_runs_is_a_question_mark(house: House) -> None:
    """What stands in the store may be of another version, and is no word of this one."""
    ear = Ear()
    await house.due("1", kind="of.another.version")
    await house.engine(Runs(), observer=ear).idle()
    assert ear.told == [("ran", "?", "no_runner", 0.0)]


async def test_an_engine_that_cannot_look_grows_still(house: House) -> None:
    """Each look that is answered starts its time anew; one that fails does not."""
    house.occurrences.failing["claim"] = [Busy() for _ in range(1000)]
    engine = house.engine(Runs())
    engine._looked -= 100
    async with going(engine):
        await house.occurrences.until("claim", 2)
        assert engine.still_for() >= 100
        house.occurrences.failing.clear()
        await house.occurrences.until("claim", 4)
        assert engine.still_for() < 50


@pytest.fixture
async def answering() -> AsyncIterator[Callable[..., Any]]:
    """A back end that answers with these statuses, one after the other, and a pool for it that tells."""
    closing: list[Any] = []

    async def made(*statuses: int) -> tuple[BackendHttp, list[tuple[str, str]]]:
        left, told = list(statuses), list[tuple[str, str]]()

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=left.pop(0))

        app = web.Application()
        app.router.add_get("/orders/{id}", answer)
        served = await serve(app)
        http = BackendHttp("quivo", served.url, observe=lambda name, result, _: told.append((name, result)))
        closing.extend([http, served])
        return http, told

    yield made
    for one in closing:
        await one.close()


async def test_each_request_to_a_back_end_is_told(answering: Callable[..., Any]) -> None:
    """Each attempt with its status or the failure's name, and no path, id or address."""
    http, told = await answering(503, 429, 200, 404)
    assert (await http.ask(Call("GET", "/orders/{id}", READ, {"id": "canary"}))).status == 200
    assert (await http.ask(Call("GET", "/orders/{id}", PROBE, {"id": "canary"}))).status == 404
    assert told == [("quivo", "Fault"), ("quivo", "Busy"), ("quivo", "200"), ("quivo", "404")]
    gone = BackendHttp("vendo", "http://127.0.0.1:9", observe=lambda name, result, _: told.append((name, result)))
    with pytest.raises(BackendError):
        await gone.ask(Call("GET", "/", PROBE))
    assert told[4:] == [("vendo", "Unreachable")]
    await gone.close()


class Client:
    """A Socket Mode client that is connected, or not."""

    def __init__(self, connected: bool, last: float | None) -> None:
        self.last_ping_pong_time = last
        self._connected = connected

    async def is_connected(self) -> bool:
        return self._connected


@pytest.mark.parametrize(
    ("connected", "heard_before", "says"),
    [(True, 1.0, ""), (True, 31.0, "nothing heard"), (False, 1.0, "not connected"), (None, 1.0, "not connected")],
)
async def test_what_is_wrong_with_a_socket(connected: bool | None, heard_before: float, says: str) -> None:
    """It is well when it is connected and a frame came within the limit; before its start it is not."""
    front = SocketFront(cast("Any", None), "xapp-1", deaf_after=30.0)
    front._since = time.time() - 1000
    if connected is not None:
        front._handler = cast("Any", SimpleNamespace(client=Client(connected, time.time() - heard_before)))
    assert await front.trouble() == says


async def test_what_is_wrong_with_a_listener() -> None:
    """HTTP's way in is well between its start and its end."""
    front = HttpFront(HttpApp(cast("Any", None), "x" * 32), "127.0.0.1", 0)
    said = [await front.trouble()]
    await front.start()
    said.append(await front.trouble())
    await front.stop()
    said.append(await front.trouble())
    assert said == ["not listening", "", "not listening"]


class Store:
    """Deliveries that are written down, or not."""

    def __init__(self, failing: StoreError | None = None) -> None:
        self.keys: list[str] = []
        self.failing = failing

    async def first(self, key: str) -> bool:
        if self.failing:
            raise self.failing
        self.keys.append(key)
        return len(self.keys) == 1

    async def forget_older_than(self, days: float) -> int:
        return 0


class Way:
    """A way in that says what is wrong with it."""

    def __init__(self, says: str = "") -> None:
        self.says = says

    async def trouble(self) -> str:
        return self.says


async def test_each_part_is_looked_at(house: House) -> None:
    """Slack's way in says its own word, the store writes (always the same key), the engine must have looked lately."""
    engine, store = house.engine(Runs()), Store()
    looks = checks(Way("not connected"), store, engine)
    for _ in range(3):
        assert [await look() for look in looks.values()] == ["not connected", "", ""]
    assert (list(looks), store.keys) == (["slack", "store", "engine"], ["health:ready"] * 3)
    engine._looked -= STILL_SECONDS
    assert await looks["engine"]() == "has not looked for work"
    with pytest.raises(ReadOnly):
        await checks(Way(), Store(ReadOnly()), engine)["store"]()


async def test_the_gauges_show_what_is_now(house: House) -> None:
    """Tasks, runs under way, what is overdue, and which circuit is open: each as it is when it is asked."""
    metrics, tasks, engine, gate = Metrics(), Tasks(), house.engine(Runs()), asyncio.Event()
    breaker = Breaker(QUIVO, house.clock)
    links = {QUIVO: Accounts(FakeVault(), FakeQuivo(), breaker)}
    watch(metrics, tasks=tasks, engine=engine, occurrences=house.occurrences, links=links, now=house.clock)
    counted = samples(metrics)
    names = ("tasks", "engine_running", "engine_overdue_seconds", "circuit_open,back_end=quivo")
    assert [counted[f"shipclerk_{name}"] for name in names] == [0, 0, 0, 0]

    async def waits() -> None:
        await gate.wait()

    async def hangs() -> None:
        raise NoAnswer(QUIVO)

    tasks.spawn(waits())
    await house.due()
    house.clock.advance(7)
    for _ in range(FAILURES):
        with pytest.raises(NoAnswer):
            await breaker.guard(hangs)
    counted = samples(metrics)
    assert [counted[f"shipclerk_{name}"] for name in names] == [1, 0, 7, 1]
    gate.set()
    await tasks.idle()


def test_engines_have_the_same_signs() -> None:
    """Health and metrics read the same of the engine on a file and of a replica's."""
    from bot.replicas import Replica

    assert issubclass(Replica, Engine)
    assert Replica._until_due is Engine._until_due
