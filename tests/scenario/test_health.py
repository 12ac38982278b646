"""Health and metrics of the whole bot, asked over HTTP while it works, in both modes (issue: Running it)."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families
from stage import ADA, ORDERS, Stage, staged

from bot.settings import Mode
from operations.circuit import FAILURES
from sandbox.quivo import Fault

CANARIES = ("demo-key", "demo-pass", "xoxb", "xapp", "DE38678", ADA, ORDERS, "T0HOME0001")


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile, and that one who asks for it by number can listen on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def get(stage: Stage, path: str) -> tuple[int, str]:
    """Ask the health address."""
    url = f"http://127.0.0.1:{stage.settings.health_port}{path}"
    async with ClientSession() as session, session.get(url) as answer:
        said = await answer.text()
        assert [canary for canary in CANARIES if canary in said] == []
        return answer.status, said


async def counted(stage: Stage) -> dict[str, float]:
    """Every sample by name and labels."""
    _, said = await get(stage, "/metrics")
    return {
        ",".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


@asynccontextmanager
async def watched(folder: Path, mode: Mode = Mode.SOCKET) -> AsyncIterator[Stage]:
    """A stage whose bot can be asked how it is."""
    with reserved_port() as port:
        async with staged(folder, health_port=port, mode=mode) as stage:
            yield stage


async def test_a_bot_that_works_is_ready_and_counts(tmp_path: Path) -> None:
    """Ready with all its parts, and every kind of work is counted: deliveries, requests, runs, and nobody's data."""
    async with watched(tmp_path) as stage:
        assert await get(stage, "/health/live") == (200, "live\n")
        status, said = await get(stage, "/health/ready")
        assert (status, json.loads(said)["parts"]) == (200, {"slack": "ok", "store": "ok", "engine": "ok"})
        await stage.connect(ADA)
        await stage.command(ADA, ORDERS, "/order 1001")
        await stage.command(ADA, ORDERS, "/order watch 1001")
        await stage.later(121)
        stage.slack.limit("chat.postMessage", times=1, retry_after=0)
        await stage.command(ADA, ORDERS, "/order watch 1004")
        found = await counted(stage)
        assert found["shipclerk_deliveries_total,action=order.show,kind=command,outcome=done"] == 1
        assert found["shipclerk_deliveries_total,action=connection.quivo,kind=submission,outcome=done"] == 1
        assert found["shipclerk_back_end_calls_total,back_end=quivo,result=200"] >= 4
        assert found["shipclerk_runs_total,kind=watch.look,result=later"] >= 1
        assert found["shipclerk_ack_seconds_count,kind=command"] == 4
        assert found["shipclerk_slack_rate_limited_total"] == 1
        assert found["shipclerk_circuit_open,back_end=quivo"] == 0
        stage.quivo.faults.append(Fault("GET /orders", "500"))
        for _ in range(FAILURES):
            await stage.command(ADA, ORDERS, "/order 1001")
        assert (await counted(stage))["shipclerk_circuit_open,back_end=quivo"] == 1


@pytest.mark.parametrize(("way", "says"), [(Mode.SOCKET, "not connected"), (Mode.HTTP, "not listening")])
async def test_a_bot_that_lost_slack_is_not_ready_but_lives(way: Mode, says: str, tmp_path: Path) -> None:
    """Whoever restarts what is not live leaves it alone: a new process would reach Slack no better."""
    async with watched(tmp_path, way) as stage:
        await stage.bot.front.stop()
        status, said = await get(stage, "/health/ready")
        assert (status, json.loads(said)["parts"]["slack"]) == (503, says)
        assert (await get(stage, "/health/live"))[0] == 200


async def test_a_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    """A bot that nobody can ask does not start, and leaves nothing open behind."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="address already in use"):
            async with staged(tmp_path, health_port=taken.getsockname()[1]):
                raise AssertionError("it started")
