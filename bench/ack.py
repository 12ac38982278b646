"""Time to acknowledge, and requests a second, beside a bare Bolt app in the documented style."""

from __future__ import annotations

import asyncio
import time

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.rig import SECRET, Row, bot, quantile, request
from handlers.context import Context
from handlers.registry import Command, Registry

COMMANDS = (10, 100, 500)
SEQUENTIAL, AT_ONCE, MANY = 300, 32, 3000
BREATH = 0.003  # so that what goes on after one acknowledgement runs into the next, as it does in life


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


async def measure(url: str) -> list[Row]:
    """All rows for 10, 100 and 500 commands."""
    rows, p50s = [], []
    for commands in COMMANDS:
        last = f"/c{commands - 1}"
        plain = bare(url, commands)
        await plain.async_dispatch(request(last))
        theirs, their_rate = await latencies(plain, last), await rate(plain, last, MANY // 10)
        async with bot(url, ours(commands)) as running:
            await running.bolt.async_dispatch(request(last))
            mine = await latencies(running.bolt, last)
            begin = time.perf_counter()
            await rate(running.bolt, last, MANY)
            await running.idle()
            my_rate = MANY / (time.perf_counter() - begin)
        p50s.append(quantile(mine, 0.5))
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            row = (quantile(mine, share) * 1000, quantile(theirs, share) * 1000)
            rows.append(Row(f"ack {name}, {commands} commands", *row, "ms", "≤ 0.1" if name == "p50" else ""))
        rows.append(Row(f"handled, audited, {commands} commands, 32 clients", my_rate, their_rate, "req/s"))
    rows.append(Row("ack p50, 500 beside 10 commands (ours)", p50s[-1] * 1000, p50s[0] * 1000, "ms", "≤ 1.2"))
    return rows
