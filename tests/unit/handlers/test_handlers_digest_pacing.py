"""At most one message a second in a channel, and nobody waits for another channel (CHECKS F5)."""

from __future__ import annotations

import asyncio

import pytest

from handlers.pacing import Pacer


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


async def test_one_channel_is_posted_to_once_a_second() -> None:
    """F5: five in a row in one channel come a second apart, the first at once."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    posted = []
    for _ in range(5):
        await pacer.turn("C1")
        posted.append(clock.at)
    assert posted == [100.0, 101.0, 102.0, 103.0, 104.0]


async def test_two_hundred_at_once_have_a_second_each() -> None:
    """F5: two hundred who ask in the same moment get two hundred turns within 200 seconds, in their order."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    assert [pacer.reserve("C1") for _ in range(200)] == [float(number) for number in range(200)]


async def test_channels_do_not_wait_for_each_other() -> None:
    """Ten thousand channels at once: nobody waits."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    await asyncio.gather(*(pacer.turn(f"C{number}") for number in range(10_000)))
    assert clock.slept == []


def test_a_turn_long_ago_costs_nothing() -> None:
    """After a rest a channel is free at once, and turns that nobody took are not saved up."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    pacer.reserve("C1")
    clock.at += 60.0
    assert [pacer.reserve("C1") for _ in range(3)] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("rounds", [3, 20])
def test_what_is_over_is_forgotten(rounds: int) -> None:
    """Memory is bounded by the turns that are to come, however many channels there ever were."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    for each in range(rounds):
        for number in range(10_000):
            pacer.reserve(f"C{each}.{number}")
        clock.at += 2.0
    assert len(pacer) <= 20_000


def test_no_turn_is_forgotten_that_is_to_come() -> None:
    """Tidying up keeps every channel that was posted to within the last second."""
    clock = Clock()
    pacer = Pacer(clock.now, clock.sleep)
    for number in range(10_001):
        pacer.reserve(f"C{number}")
    assert [pacer.reserve(f"C{number}") for number in (0, 5_000, 10_000)] == [1.0, 1.0, 1.0]
