"""Time to acknowledge, and requests a second, beside a bare Bolt app in the documented style."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.rig import SECRET, Row, bot, quantile, request
from handlers.context import Context
from handlers.registry import Command, Registry

COMMANDS = (10, 100, 500)
SEQUENTIAL, AT_ONCE, MANY, ROUNDS = 200, 32, 3000, 3
BREATH = 0.003  # so that what goes on after one acknowledgement runs into the next, as it does in life


@dataclass(frozen=True)
class Sample:
    """One round: seconds to each acknowledgement, and requests a second."""

    taken: list[float]
    rate: float


def bare(url: str, commands: int) -> AsyncApp:
    """A Bolt app as its documentation writes it: one listener for each command."""
    app = AsyncApp(
        token="xoxb-bench", signing_secret=SECRET, client=AsyncWebClient("xoxb-bench", base_url=f"{url}/api/")
    )
    for number in range(commands):

        @app.command(f"/c{number}")
        async def listener(ack, body):  # type: ignore[no-untyped-def]
            await ack()

    return app


async def _nothing(_ctx: Context) -> str:
    return "done"


def ours(commands: int) -> Registry:
    """As many commands of ours."""
    return Registry(
        [Command(f"/c{number}", "go", "", "bench", _nothing, default=True) for number in range(commands)], []
    )


async def latencies(app: AsyncApp, command: str) -> list[float]:
    """Seconds from a signed request to its acknowledgement, one after the other."""
    gc.collect()  # what was measured before must not be cleaned up on this one's time
    taken = []
    for _ in range(SEQUENTIAL):
        asked = request(command)
        begin = time.perf_counter()
        answer = await app.async_dispatch(asked)
        taken.append(time.perf_counter() - begin)
        assert answer.status == 200, answer.status
        await asyncio.sleep(BREATH)
    return taken


async def rate(app: AsyncApp, command: str, many: int) -> float:
    """Requests acknowledged a second, from 32 clients at once."""
    left = iter(range(many))

    async def client() -> None:
        for _ in left:
            await app.async_dispatch(request(command))

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return many / (time.perf_counter() - begin)


async def _theirs(url: str, commands: int) -> Sample:
    plain, last = bare(url, commands), f"/c{commands - 1}"
    await plain.async_dispatch(request(last))
    return Sample(await latencies(plain, last), await rate(plain, last, MANY // 10))


async def _ours(url: str, commands: int) -> Sample:
    last = f"/c{commands - 1}"
    async with bot(url, ours(commands)) as running:
        await running.bolt.async_dispatch(request(last))
        taken = await latencies(running.bolt, last)
        begin = time.perf_counter()
        await rate(running.bolt, last, MANY)
        await running.idle()
        return Sample(taken, MANY / (time.perf_counter() - begin))


def _best(samples: list[Sample], share: float) -> float:
    """Milliseconds: of the rounds, the one that other work on the machine disturbed least."""
    return min(quantile(sample.taken, share) for sample in samples) * 1000


async def measure(url: str) -> list[Row]:
    """All rows for 10, 100 and 500 commands; ours and theirs turn by turn, three rounds."""
    mine: dict[int, list[Sample]] = {commands: [] for commands in COMMANDS}
    theirs: dict[int, list[Sample]] = {commands: [] for commands in COMMANDS}
    for _ in range(ROUNDS):
        for commands in COMMANDS:
            theirs[commands].append(await _theirs(url, commands))
            mine[commands].append(await _ours(url, commands))
    rows = []
    for commands in COMMANDS:
        for name, share, bar in (("p50", 0.5, "≤ 0.1"), ("p99", 0.99, "")):
            pair = (_best(mine[commands], share), _best(theirs[commands], share))
            rows.append(Row(f"ack {name}, {commands} commands", *pair, "ms", bar))
        rates = (max(s.rate for s in mine[commands]), max(s.rate for s in theirs[commands]))
        rows.append(Row(f"handled, audited, {commands} commands, 32 clients", *rates, "req/s"))
    flat = (_best(mine[COMMANDS[-1]], 0.5), _best(mine[COMMANDS[0]], 0.5))
    return [*rows, Row("ack p50, 500 beside 10 commands (ours)", *flat, "ms", "≤ 1.2")]
