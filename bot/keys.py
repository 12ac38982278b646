"""Rotating and verifying the vault's keys from the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.bootstrap import key_ring
from bot.settings import Settings
from store.envelope import Sealer
from store.rotation import Rotation, Verification
from store.stores import KeyedVault, open_stores


@asynccontextmanager
async def _vault(settings: Settings) -> AsyncIterator[KeyedVault]:
    stores = await open_stores(settings.database, Sealer(key_ring(settings)))
    try:
        yield stores.vault
    finally:
        await stores.database.close()


async def rotate(settings: Settings) -> Rotation:
    """Seal everything anew under the ring's first key; may run while the bot does."""
    async with _vault(settings) as vault:
        return await vault.rotate()


async def plan_rotation(settings: Settings) -> dict[str, int]:
    """How many sealed values there are under each key; changes nothing."""
    async with _vault(settings) as vault:
        return vault.plan()


async def verify(settings: Settings) -> Verification:
    """Open every sealed value; how many opened, and how many did not."""
    async with _vault(settings) as vault:
        return vault.verify()
