"""The whole bot in a process of its own, killed without warning or asked to leave."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from stage import ADA, ADAS, BEN, ORDERS, text_of

from bot.manifest import manifest_path
from sandbox.world import World, start
from store.keyring import new_key

pytestmark = pytest.mark.crash
ROOT = Path(__file__).resolve().parents[2]
KILLS = 8


@asynccontextmanager
async def process(world: World, folder: Path, key: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python -m bot run`` in this world, connected; killed at the end if it still runs."""
    environment = {**os.environ, **world.settings(), "SHIPCLERK_VAULT_KEYS": key, "PYTHONPATH": str(ROOT)}
    environment["SHIPCLERK_DATABASE"] = str(folder / "private" / "shipclerk.db")
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"), cwd=folder, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await world.workspace.until(lambda: world.workspace.sockets.connections, timeout=20)
        yield bot
    finally:
        if bot.returncode is None:
            bot.send_signal(signal.SIGKILL)
        await bot.wait()
        await world.workspace.until(lambda: not world.workspace.sockets.connections, timeout=20)


async def connect_and_kill(world: World, bot: asyncio.subprocess.Process, seconds: float) -> bool:
    """Submit the form and kill the bot a moment later; whether the person had read that they are connected."""
    workspace = world.workspace
    await workspace.command(ADA, ORDERS, "/connect quivo")
    await workspace.until(lambda: workspace.views(ADA))
    await workspace.submit(ADA, workspace.views(ADA)[-1].id, ADAS)
    await asyncio.sleep(seconds)
    bot.send_signal(signal.SIGKILL)
    await bot.wait()
    told = "is connected" in text_of(workspace.views(ADA)[-1])
    await workspace.close(ADA, workspace.views(ADA)[-1].id, all=True)
    return told


async def test_a_connection_that_was_told_survives_kill_9(tmp_path: Path) -> None:
    """Killed at random moments of connecting, the bot never loses a connection that a person was told of (G3)."""
    key, told = new_key(), False
    chance = random.Random(7)
    world = await start(manifest_path())
    try:
        for seconds in [*(chance.uniform(0.0, 0.06) for _ in range(KILLS)), 1.0]:
            async with process(world, tmp_path, key) as bot:
                told = await connect_and_kill(world, bot, seconds) or told
        async with process(world, tmp_path, key):
            workspace = world.workspace
            seen = len(workspace.visible(ADA, ORDERS))
            await workspace.command(ADA, ORDERS, "/order 1001")
            await workspace.until(lambda: len(workspace.visible(ADA, ORDERS)) > seen)
            answer = workspace.visible(ADA, ORDERS)[-1].text
        assert (told, "in the warehouse" in answer) == (True, True), answer
    finally:
        await world.close()
    file = sqlite3.connect(tmp_path / "private" / "shipclerk.db")
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert file.execute("SELECT count(*) FROM connections").fetchone()[0] <= 1
    file.close()


async def test_a_signal_lets_it_finish_and_leave(tmp_path: Path) -> None:
    """SIGTERM ends the process with code 0 after what it was doing is done."""
    world = await start(manifest_path())
    try:
        async with process(world, tmp_path, new_key()) as bot:
            await world.workspace.command(BEN, ORDERS, "/order 1001")
            bot.terminate()
            assert await asyncio.wait_for(bot.wait(), 30) == 0
            assert "Connect Quivo first" in world.workspace.visible(BEN, ORDERS)[-1].text
    finally:
        await world.close()
