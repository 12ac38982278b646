"""Rotating and verifying the vault's keys from the command line."""

from __future__ import annotations

from pathlib import Path

from bot.bootstrap import key_ring
from bot.settings import Settings
from store.database import Database
from store.envelope import Sealer
from store.rotation import Rotation, Verification, plan
from store.rotation import rotate as rotate_all
from store.rotation import verify as verify_all


async def rotate(settings: Settings) -> Rotation:
    """Seal everything anew under the ring's first key; may run while the bot does."""
    database = Database.open(Path(settings.database))
    try:
        return await rotate_all(database, Sealer(key_ring(settings)))
    finally:
        await database.close()


async def plan_rotation(settings: Settings) -> dict[str, int]:
    """How many sealed values there are under each key; changes nothing."""
    database = Database.open(Path(settings.database))
    try:
        return plan(database)
    finally:
        await database.close()


async def verify(settings: Settings) -> Verification:
    """Open every sealed value; how many opened, and how many did not."""
    database = Database.open(Path(settings.database))
    try:
        return verify_all(database, Sealer(key_ring(settings)))
    finally:
        await database.close()
