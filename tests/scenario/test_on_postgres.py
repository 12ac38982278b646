"""The whole bot on PostgreSQL, and two replicas of it side by side (issue: several replicas; CHECKS A5, C8, E2, F2)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from digest_moves import DAY, kept, make, posted, unpaced
from forms import bots, plain, story
from postgres import TEMPLATE, Server
from postgres import postgres as postgres
from stage import ADA, BEN, BENS, ORDERS, Stage, staged

from bot.bootstrap import Bot, bootstrap
from bot.local import clock_of


@pytest.fixture
async def stage(tmp_path: Path, postgres: Server) -> AsyncIterator[Stage]:
    """A stage whose store is a PostgreSQL database, with Ada connected."""
    with postgres.database(TEMPLATE) as url:
        async with staged(tmp_path, database=url, undo_seconds=30, lease_seconds=5) as one:
            await one.connect(ADA)
            yield one


@asynccontextmanager
async def replica(stage: Stage) -> AsyncIterator[Bot]:
    """A second replica on the same database and in the same workspace."""
    bot = await bootstrap(stage.settings, now=clock_of(stage.world))
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


async def ask_to_cancel(stage: Stage, order_id: int) -> None:
    """Ask for a cancellation, which is then held."""
    await stage.command(ADA, ORDERS, f"/order cancel {order_id}")
    await stage.slack.act_in_view(ADA, stage.slack.views(ADA)[-1].id, "cancel.confirm")
    await stage.settle()
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)


async def test_a_day_on_postgres(stage: Stage) -> None:
    """Look up, cancel and wait for its end, make a digest and read it, restart, disconnect: as on a file."""
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    assert plain(card.text).splitlines()[0] == "📦 Order 1001 (#DE38678) is in the warehouse."
    await ask_to_cancel(stage, 1001)
    await stage.restart()
    await stage.later(31)
    await stage.later(120)
    assert story(stage)[-1].startswith("🚫 Order 1001 (#DE38678) is cancelled")
    assert stage.quivo.count("POST", "/orders/1001/cancelRequest") == 1
    unpaced(stage)
    await make(stage)
    await stage.later(DAY)
    await stage.later(2)
    assert len(posted(stage, word="With the connections of")) == 1
    assert [one.last_posted_at is not None for one in kept(stage)] == [True]
    await stage.command(ADA, ORDERS, "/disconnect quivo")
    assert stage.bot.stores.vault.connections("T0HOME0001", ADA) == []
    assert stage.bot.stores.audit.verify() is None


async def test_two_replicas_share_the_work(stage: Stage) -> None:
    """Twenty commands of two people through two sockets are answered once each; one expired session, one login."""
    await stage.connect(BEN, BENS)
    async with replica(stage) as second:
        stage.quivo.expire_tokens()
        before = stage.quivo.count("POST", "/login")
        asked = [stage.slack.command(ADA if turn % 2 else BEN, ORDERS, "/order 1001") for turn in range(20)]
        await asyncio.gather(*asked)
        for bot in (stage.bot, second) * 2:
            await bot.idle()
        outcomes = Counter(line.outcome for line in stage.bot.stores.audit.lines("T0HOME0001", 40))
        assert outcomes == {"asked": 20, "done": 10, "refused:not_found": 10}  # the order is Ada's seller's
        assert sum("is in the warehouse" in one.text for one in bots(stage)) == 10
        assert stage.quivo.count("POST", "/login") - before == 2  # one for each person


async def test_what_one_replica_held_another_sends(stage: Stage) -> None:
    """The replica that held a cancellation is gone for good: the other one sends it, once, and says how it ended."""
    await ask_to_cancel(stage, 1001)
    async with replica(stage) as second:
        await stage.bot.front.stop()
        await stage.bot.engine.stop(1)
        for seconds in (31, 60, 120):
            stage.world.clock.advance(seconds)
            await second.engine.idle()
            await second.idle()
        assert stage.quivo.count("POST", "/orders/1001/cancelRequest") == 1
        assert sum("is cancelled" in line for line in story(stage)) == 1
