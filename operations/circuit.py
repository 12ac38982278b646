"""A back end that keeps failing is left alone, and asked once in a while whether it is back (CHECKS E9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from backends.errors import BackendError, Busy, Refused, Unreachable

T = TypeVar("T")
FAILURES = 5
PROBE_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Circuit:
    """How a back end has been: failures in a row, and when it was last asked since there were too many."""

    failures: int = 0
    probed_at: datetime | None = None


def decide(circuit: Circuit, now: datetime, most: int = FAILURES) -> tuple[bool, Circuit]:
    """Whether to ask, and the circuit from then on: once too many failed, one probe in thirty seconds."""
    if circuit.failures < most:
        return True, circuit
    if circuit.probed_at is not None and timedelta(0) <= now - circuit.probed_at < PROBE_EVERY:
        return False, circuit
    return True, replace(circuit, probed_at=now)


def failed(circuit: Circuit, now: datetime, most: int = FAILURES) -> Circuit:
    """The circuit after one more failure; the one that opens it counts as a probe."""
    failures = circuit.failures + 1
    return Circuit(failures, now if failures >= most else None)


def is_failure(error: BackendError) -> bool:
    """Whether an error says that the back end is ill: a refusal or *too much to do* is an answer of a healthy one."""
    return not isinstance(error, Refused | Busy)


class Resting(Unreachable):
    """The back end failed too often in a row, so it was not asked."""

    text = "{name} keeps failing, so I only look every 30 seconds whether it is back. Nothing was sent."


class Breaker:
    """The circuit of one back end; every call goes through ``guard``."""

    def __init__(self, back_end: str, now: Callable[[], datetime], *, most: int = FAILURES) -> None:
        self._back_end = back_end
        self._now = now
        self._most = most
        self._circuit = Circuit()
        self._told: set[str] = set()

    @property
    def open(self) -> bool:
        """Whether the back end is being left alone."""
        return self._circuit.failures >= self._most

    async def guard(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and learn from what comes back; raises Resting, with nothing sent, while the circuit is open."""
        may, self._circuit = decide(self._circuit, self._now(), self._most)
        if not may:
            raise Resting(self._back_end)
        try:
            answer = await ask()
        except BackendError as error:
            self._learn(failure=is_failure(error))
            raise
        self._learn(failure=False)
        return answer

    def tell(self, channel: str) -> bool:
        """True once for each channel while the circuit stays open: people are told once (CHECKS E9)."""
        if not self.open or channel in self._told:
            return False
        self._told.add(channel)
        return True

    def _learn(self, *, failure: bool) -> None:
        if failure:
            self._circuit = failed(self._circuit, self._now(), self._most)
        else:
            self._circuit = Circuit()
            self._told.clear()
