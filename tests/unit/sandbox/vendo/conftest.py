"""A Vendo on loopback and its callers: a guest, and ada, who is signed in."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from vendosim_kit import Client, signed_in

from sandbox.clock import Clock
from sandbox.serving import serve
from sandbox.vendo import Vendo


@pytest.fixture
def clock() -> Clock:
    """The clock of the Vendo under test."""
    return Clock()


@pytest.fixture
def vendo(clock: Clock) -> Vendo:
    """A new Vendo with its demo data."""
    return Vendo(clock)


@pytest.fixture
async def guest(vendo: Vendo) -> AsyncIterator[Client]:
    """A caller without any token."""
    served = await serve(vendo.app())
    async with aiohttp.ClientSession(served.url) as session:
        yield Client(session)
    await served.close()


@pytest.fixture
async def ada(guest: Client, vendo: Vendo) -> Client:
    """The customer with thirty orders, signed in."""
    return await signed_in(guest, vendo, "ada@example.com")


@pytest.fixture
async def bob(guest: Client, vendo: Vendo) -> Client:
    """The customer without orders, signed in."""
    return await signed_in(guest, vendo, "bob@example.com")
