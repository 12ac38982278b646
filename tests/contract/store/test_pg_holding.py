"""A lock over all replicas: what renews a session holds it, so that they renew it once together (C8)."""

from __future__ import annotations

import asyncio

from store.postgres.pool import MOST_CONNECTIONS, PgDatabase


async def test_one_holder_at_a_time_over_all_replicas(url: str) -> None:
    """Ten tasks of two replicas hold one lock in turn, and another lock is not held up by it."""
    replicas = [await PgDatabase.open(url) for _ in range(2)]
    inside, most = 0, 0

    async def hold(database: PgDatabase) -> None:
        nonlocal inside, most
        async with database.holding("renewing c-1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    try:
        async with replicas[0].holding("renewing c-2"):
            await asyncio.gather(*(hold(replicas[number % 2]) for number in range(10)))
    finally:
        for database in replicas:
            await database.close()
    assert (most, inside) == (1, 0)


async def test_a_holder_still_finds_a_connection_to_write_with(url: str) -> None:
    """As many holders as a pool has connections, all waiting for one lock, do not keep its holder from writing."""
    database = await PgDatabase.open(url)

    async def hold_and_write() -> int:
        async with database.holding("renewing c-1"):
            row = await database.write(lambda writing: writing.execute("SELECT 1"))
            return int(row.rowcount)

    try:
        made = await asyncio.gather(*(hold_and_write() for _ in range(2 * MOST_CONNECTIONS)))
    finally:
        await database.close()
    assert made == [1] * 2 * MOST_CONNECTIONS


async def test_a_lock_is_free_again_after_its_holder_failed(url: str) -> None:
    """What goes wrong inside leaves nothing locked."""
    database = await PgDatabase.open(url)
    try:
        for _ in range(2):
            try:
                async with database.holding("renewing c-1"):
                    raise KeyError
            except KeyError:
                continue
        async with database.holding("renewing c-1"):
            pass
    finally:
        await database.close()
