"""Work that goes on after the acknowledgement: counted, bounded, and finished before the process leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Full(Exception):
    """So much is waiting already that more would only be late."""


class Tasks:
    """At most ``running`` pieces of work at once, at most ``waiting`` more in line."""

    def __init__(self, running: int = 100, waiting: int = 1000) -> None:
        self._slots = asyncio.Semaphore(running)
        self._most = running + waiting
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work when there is a slot; Full, and nothing started, if the line is too long."""
        if len(self._tasks) >= self._most:
            work.close()
            raise Full
        task = asyncio.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # cut off while it still waited in line

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._slots:
            await work

    async def idle(self) -> None:
        """Wait until all is done, however long that takes."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def drain(self, seconds: float) -> int:
        """Wait until all is done, at most so long; how many had to be cut off."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return len(late)
