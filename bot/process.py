"""Running the bot until it is told to stop: graceful at the first signal, at once at the second."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable

import structlog

from bot.bootstrap import Bot, bootstrap
from bot.settings import Settings
from store.times import Now, utc_now

log = structlog.get_logger("shipclerk.process")


async def run(settings: Settings, ready: Callable[[Bot], Awaitable[None]] | None = None, *, now: Now = utc_now) -> None:
    """Start, wait for SIGINT or SIGTERM, finish what is running, and leave."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _on_signal, stopping)
    bot = await bootstrap(settings, now=now)
    try:
        await bot.start()
        gc.freeze()  # what is here now stays: a look through all of it for garbage would hold up everybody
        log.info("ready", mode=str(settings.mode))
        if ready:
            await ready(bot)
        await stopping.wait()
    finally:
        cut = await bot.stop()
        log.info("stopped", cut_off=cut)


def _on_signal(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        raise SystemExit(1)
    stopping.set()
