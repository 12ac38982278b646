"""A delivery is the first of its key exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from store_kit import Watch, elsewhere, opened

from store.deliveries import SqliteDeliveries
from store.errors import Closed


async def test_the_first_is_first_and_no_other(tmp_path: Path) -> None:
    """A5: a key is new once, and stays known after a restart; another key is new."""
    async with opened(tmp_path) as database:
        deliveries = SqliteDeliveries(database)
        assert [await deliveries.first(key) for key in ("a", "a", "b", "", "")] == [True, False, True, True, False]
    async with opened(tmp_path) as database:
        deliveries = SqliteDeliveries(database)
        assert [await deliveries.first(key) for key in ("a", "A", "a ", "c")] == [False, True, True, True]


async def test_fifty_at_once_have_one_winner(tmp_path: Path) -> None:
    """A4: of 50 concurrent redeliveries, over two open databases, exactly one is the first, for each of 20 keys."""
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        doors = [SqliteDeliveries(database) for database in (one, other)]
        keys = [f"key-{number % 20}" for number in range(1000)]
        won = await asyncio.gather(*(doors[at // 20 % 2].first(key) for at, key in enumerate(keys)))
        winners = Counter(key for key, first in zip(keys, won, strict=True) if first)
        assert winners == Counter({f"key-{number}": 1 for number in range(20)})


async def test_old_ones_are_forgotten(tmp_path: Path) -> None:
    """Only what is older than the edge goes, and how many is told."""
    watch = Watch()
    async with opened(tmp_path) as database:
        deliveries = SqliteDeliveries(database, now=watch)
        for key in ("old", "edge", "new"):
            assert await deliveries.first(key)
            watch.advance(86_400)
        assert await deliveries.forget_older_than(2) == 1
        assert elsewhere(database.path, "SELECT key FROM deliveries ORDER BY at") == [("edge",), ("new",)]
        assert await deliveries.forget_older_than(2) == 0
        assert await deliveries.first("old") is True


async def test_without_storage_nothing_is_first(tmp_path: Path) -> None:
    """Where a delivery cannot be recorded, nobody is told to handle it."""
    async with opened(tmp_path) as database:
        deliveries = SqliteDeliveries(database)
    with pytest.raises(Closed):
        await deliveries.first("a")
