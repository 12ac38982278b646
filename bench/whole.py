"""``/order 1001`` whole: signature, delivery ledger, audit, role, channel class, vault, back end, card."""

from __future__ import annotations

import time

from backends.quivo.auth import Credentials
from bench import script
from bench.rig import Row, bot, request
from operations.accounts import Actor

MANY, AT_ONCE, ROUNDS = 600, 20, 3


async def _ours(url: str) -> float:
    async with bot(url) as running:
        accounts = running.services.accounts
        await accounts.connect(Actor("T1", "U1"), Credentials("demo-key", "ada", "demo-pass"), keep_password=True)
        await running.bolt.async_dispatch(request("/order", "1001"))
        await running.idle()
        begin = time.perf_counter()
        for _ in range(MANY):
            await running.bolt.async_dispatch(request("/order", "1001"))
        await running.idle()
        return MANY / (time.perf_counter() - begin)


async def measure(url: str) -> list[Row]:
    """The best of three rounds of each, turn by turn."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(await script.rate(url, MANY, AT_ONCE))
        mine.append(await _ours(url))
    return [Row("/order 1001 whole, 20 at once", max(mine), max(theirs), "orders/s", "≥ 0.7")]
