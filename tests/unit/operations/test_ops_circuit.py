"""A back end that keeps failing is left alone, and asked every thirty seconds (E9)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from ops_fakes import ADA, NOON, Clock, FakeQuivo, world

from backends.errors import BackendError, Busy, Fault, Forbidden, Garbled, NoAnswer, NotFound, Unreachable
from operations.circuit import FAILURES, PROBE_EVERY, Breaker, Circuit, Resting, decide, failed, is_failure
from operations.orders import read
from operations.outcome import Done, Reason, Refused

DOWN = Unreachable("quivo")


class Asked:
    """Something to ask that counts how often it was."""

    def __init__(self, error: BackendError | None = DOWN) -> None:
        self.error, self.times = error, 0

    async def __call__(self) -> str:
        self.times += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return "yes"


async def opened(clock: Clock) -> tuple[Breaker, Asked]:
    breaker, asked = Breaker("quivo", clock), Asked()
    for _ in range(FAILURES):
        with pytest.raises(Unreachable):
            await breaker.guard(asked)
    return breaker, asked


async def test_it_opens_after_five_and_probes_every_thirty_seconds() -> None:
    """100 % failing for an hour: five calls, and then at most one in thirty seconds (E9)."""
    clock = Clock()
    breaker, asked = await opened(clock)
    assert (breaker.open, asked.times) == (True, 5)
    for _ in range(3600):
        clock.advance(1)
        with pytest.raises(Unreachable):
            await breaker.guard(asked)
    assert asked.times == 5 + 120


async def test_a_hundred_at_once_make_one_probe() -> None:
    """When the thirty seconds are over, one of a hundred callers asks, and the others hear that nothing was sent."""
    clock = Clock()
    breaker, asked = await opened(clock)
    clock.advance(30)
    answers = await asyncio.gather(*(breaker.guard(asked) for _ in range(100)), return_exceptions=True)
    assert asked.times == 6
    assert sum(isinstance(one, Resting) for one in answers) == 99


async def test_it_closes_with_the_first_answer() -> None:
    """A probe that is answered lets everybody in again."""
    clock = Clock()
    breaker, asked = await opened(clock)
    clock.advance(30)
    asked.error = None
    assert await breaker.guard(asked) == "yes"
    assert [await breaker.guard(asked) for _ in range(9)] == ["yes"] * 9
    assert not breaker.open


async def test_one_answer_in_between_starts_the_count_anew() -> None:
    """Only failures in a row count."""
    breaker, asked = Breaker("quivo", Clock()), Asked()
    for error in (*[DOWN] * 4, None, *[DOWN] * 4):
        asked.error = error
        await asyncio.gather(breaker.guard(asked), return_exceptions=True)
    assert not breaker.open


@pytest.mark.parametrize(
    ("error", "ill"),
    [
        (Unreachable("quivo"), True),
        (NoAnswer("quivo"), True),
        (Fault("quivo"), True),
        (Garbled("quivo"), True),
        (Busy("quivo"), False),
        (NotFound("quivo"), False),
        (Forbidden("quivo"), False),
    ],
)
async def test_what_counts_as_a_failure(error: BackendError, ill: bool) -> None:
    """A refusal is the answer of a healthy back end, and so is *too much to do*."""
    assert is_failure(error) == ill
    breaker = Breaker("quivo", Clock())
    await asyncio.gather(*(breaker.guard(Asked(error)) for _ in range(9)), return_exceptions=True)
    assert breaker.open == ill


async def test_channels_are_told_once_while_it_lasts() -> None:
    """Each channel hears of it once, and again only when it happens again (E9)."""
    clock = Clock()
    breaker, asked = await opened(clock)
    assert [breaker.tell("C1"), breaker.tell("C1"), breaker.tell("C2")] == [True, False, True]
    clock.advance(30)
    asked.error = None
    await breaker.guard(asked)
    assert not breaker.tell("C1")
    asked.error = DOWN
    for _ in range(FAILURES):
        await asyncio.gather(breaker.guard(asked), return_exceptions=True)
    assert breaker.tell("C1")


def test_the_decision_as_a_table() -> None:
    """Closed: ask. Open: once, and then not before thirty seconds; a clock that was set back asks."""
    fresh, open_ = Circuit(), Circuit(FAILURES, NOON)
    assert decide(fresh, NOON) == (True, fresh)
    assert decide(open_, NOON + PROBE_EVERY - timedelta(microseconds=1)) == (False, open_)
    later = NOON + PROBE_EVERY
    assert decide(open_, later) == (True, Circuit(FAILURES, later))
    early = NOON - timedelta(hours=1)
    assert decide(open_, early) == (True, Circuit(FAILURES, early))
    assert failed(Circuit(FAILURES - 1), NOON) == open_


async def test_accounts_ask_through_it(tmp_path: Path) -> None:
    """Reads, writes and logins all stop at an open circuit: known not done, and nothing reaches the back end."""
    quivo, clock = FakeQuivo(), Clock()
    async with world(tmp_path, quivo, clock, Breaker("quivo", clock)) as it:
        quivo.read_fails = DOWN
        for _ in range(FAILURES + 3):
            refused = await read(it.ports.accounts, ADA, 1001)
        assert isinstance(refused, Refused)
        assert (refused.reason, refused.text) == (Reason.NO_ANSWER, Resting("quivo").safe_text)
        written = await it.ports.accounts.change(ADA, lambda session: quivo.cancel_request(session, 1001))
        assert isinstance(written, Refused)
        assert (len(quivo.reads), quivo.writes) == (FAILURES, [])
        logins = len(quivo.logins)
        await it.connect(ADA, "ada")
        assert len(quivo.logins) == logins
        clock.advance(30)
        quivo.read_fails = None
        assert isinstance(await read(it.ports.accounts, ADA, 1001), Done)
