"""A Quivo on loopback and three callers: nobody, ada and bob."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.quivo import Quivo
from sandbox.serving import serve


@pytest.fixture
def clock() -> Clock:
    """The clock of the Quivo under test."""
    return Clock()


@pytest.fixture
def quivo(clock: Clock) -> Quivo:
    """A new Quivo with its demo data."""
    return Quivo(clock)


@pytest.fixture
async def url(quivo: Quivo) -> AsyncIterator[str]:
    """Where that Quivo listens."""
    served = await serve(quivo.app())
    yield served.url
    await served.close()


@pytest.fixture
async def nobody(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller who sends neither key nor token."""
    async with aiohttp.ClientSession(url) as session:
        yield session


@pytest.fixture
async def ada(url: str, quivo: Quivo) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller with ada's key and a fresh token."""
    headers = {"X-Api-Key": "demo-key", "Authorization": quivo.tokens.issue(quivo.accounts[0])}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        yield session


@pytest.fixture
async def bob(url: str, quivo: Quivo) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller with bob's key and a fresh token."""
    headers = {"X-Api-Key": "demo-key-2", "Authorization": quivo.tokens.issue(quivo.accounts[1])}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        yield session
