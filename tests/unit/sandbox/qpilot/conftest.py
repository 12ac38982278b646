"""A QPilot on loopback and its callers: the merchant, customer 101, nobody."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from qpsim_kit import SITE, Caller

from sandbox.clock import Clock
from sandbox.qpilot import Qpilot, Switches
from sandbox.qpilot.accounts import SITE_ID, Grant
from sandbox.serving import serve

NOON = 1_768_410_000.0
"""2026-01-14 17:00 UTC, noon in New York: the stand-ins' time when a test begins."""


class StillClock(Clock):
    """A clock that only moves when it is told to, so that a test can compare whole moments."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON

    def now(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> Clock:
    """The clock of the QPilot under test."""
    return StillClock()


@pytest.fixture
def qpilot(clock: Clock) -> Qpilot:
    """A new QPilot with its demo data, without quota and lock, and with no time between the steps of processing."""
    return Qpilot(clock, Switches(rate_limit=False, lock_days=0, processing_seconds=0.0))


@pytest.fixture
async def url(qpilot: Qpilot) -> AsyncIterator[str]:
    """Where that QPilot listens."""
    served = await serve(qpilot.app())
    yield served.url
    await served.close()


@pytest.fixture
async def session(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A connection to it without any token."""
    async with aiohttp.ClientSession(url) as session:
        yield session


@pytest.fixture
def merchant(qpilot: Qpilot, session: aiohttp.ClientSession) -> Caller:
    """A caller with a fresh merchant token for each request."""
    return Caller(qpilot, session, Grant(frozenset({SITE_ID}), "Merchant", 41, None, None))


@pytest.fixture
def customer(qpilot: Qpilot, session: aiohttp.ClientSession) -> Caller:
    """A caller with a fresh token of customer 101 for each request."""
    return Caller(qpilot, session, Grant(frozenset({SITE_ID}), "Customer", 41, SITE, "101"))
