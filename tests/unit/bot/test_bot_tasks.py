"""Work after the acknowledgement: bounded, counted, finished or cut off at stop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.tasks import Full, Tasks


class Work:
    """Pieces of work that wait at a gate and remember that they ran."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.running = 0
        self.most = 0

    async def piece(self, number: int) -> None:
        self.begun.append(number)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
            self.ended.append(number)
        finally:
            self.running -= 1


async def test_no_more_than_so_many_run_at_once() -> None:
    """Of many pieces at most so many run at once, and all of them run in the end, in order."""
    tasks, work = Tasks(running=3, waiting=100), Work()
    for number in range(20):
        tasks.spawn(work.piece(number))
    await asyncio.sleep(0)
    assert (len(tasks), len(work.begun)) == (20, 3)
    work.gate.set()
    await tasks.idle()
    assert (work.most, work.ended, len(tasks)) == (3, list(range(20)), 0)


async def test_a_full_line_takes_no_more_and_closes_the_work() -> None:
    """Where the line is full nothing is started, and the coroutine is closed so that nothing is left hanging."""
    tasks, work = Tasks(running=1, waiting=1), Work()
    tasks.spawn(work.piece(1))
    tasks.spawn(work.piece(2))
    late: Coroutine[Any, Any, None] = work.piece(3)
    with pytest.raises(Full):
        tasks.spawn(late)
    assert inspect.getcoroutinestate(late) == inspect.CORO_CLOSED
    work.gate.set()
    await tasks.idle()
    assert work.ended == [1, 2]
    tasks.spawn(work.piece(4))
    await tasks.idle()
    assert work.ended == [1, 2, 4]


async def test_draining_finishes_what_is_running() -> None:
    """A drain with time enough cuts nothing off, and everything that was taken in is finished."""
    tasks, work = Tasks(running=1, waiting=5), Work()
    for number in range(3):
        tasks.spawn(work.piece(number))
    asyncio.get_running_loop().call_soon(work.gate.set)
    assert await tasks.drain(5) == 0
    assert work.ended == [0, 1, 2]


@pytest.mark.parametrize("begun", [True, False])
async def test_draining_cuts_off_what_is_late(begun: bool) -> None:
    """A drain without time left cuts off what runs and what still waits in line, and leaves no coroutine behind."""
    tasks, work = Tasks(running=1, waiting=5), Work()
    pieces: list[Coroutine[Any, Any, None]] = [work.piece(number) for number in range(3)]
    for piece in pieces:
        tasks.spawn(piece)
    if begun:
        await asyncio.sleep(0)
    assert await tasks.drain(0) == 3
    await asyncio.sleep(0)
    assert ([inspect.getcoroutinestate(piece) for piece in pieces], work.ended) == (["CORO_CLOSED"] * 3, [])
    assert (len(tasks), work.running) == (0, 0)


async def test_draining_nothing_is_done_at_once() -> None:
    """A drain with nothing to do cuts nothing off."""
    assert await Tasks().drain(0) == 0
