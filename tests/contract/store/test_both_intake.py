"""A delivery comes in with its audit line, or not at all, and is the first of its key exactly once (A4, A5, G7)."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from store_world import AUDIT_BROKEN, elsewhere, house, line, shut, unshut

from store.errors import Closed, StoreError


async def test_a_delivery_is_admitted_once_with_one_line(place: str) -> None:
    """A5: the second time the same delivery is turned away and leaves no second line, also after a restart."""
    async with house(place) as home:
        assert [await home.intake.admit("a", line(1)), await home.intake.admit("a", line(2))] == [True, False]
        assert await home.intake.admit("b", line(3)) is True
    async with house(place) as home:
        assert await home.intake.admit("a", line(4)) is False
        assert home.audit.lines("T1", 9) == [line(3), line(1)]
        assert home.audit.verify() is None


async def test_fifty_at_once_admit_one(place: str) -> None:
    """A4: 50 concurrent deliveries of one key to two replicas: one is admitted, its line alone is written."""
    async with house(place) as one, house(place) as other:
        homes = (one, other)
        admitted = await asyncio.gather(*(homes[n % 2].intake.admit("a", line(n)) for n in range(50)))
        assert sorted(admitted) == [False] * 49 + [True]
        assert one.audit.lines("T1", 99) == other.audit.lines("T1", 99) == [line(admitted.index(True))]


async def test_intake_and_deliveries_know_each_other(place: str) -> None:
    """A key that came in by one way is known to the other."""
    async with house(place) as home:
        assert [await home.intake.admit("a", line(1)), await home.deliveries.first("a")] == [True, False]
        assert [await home.deliveries.first("b"), await home.intake.admit("b", line(2))] == [True, False]
        assert home.audit.lines("T1", 9) == [line(1)]


async def test_without_an_audit_nothing_is_admitted(place: str) -> None:
    """G7: if the audit cannot be written the delivery is not recorded either, and can come again once it can."""
    async with house(place) as home:
        for number, (what, table) in enumerate(AUDIT_BROKEN):
            shut(place, what, table)
            with pytest.raises(StoreError):
                await home.intake.admit(f"key-{number}", line(number))
            assert elsewhere(place, "SELECT count(*) FROM deliveries") == [(number,)]
            assert home.audit.lines("T1", 9) == [line(0)][:number]
            unshut(place, table)
            assert await home.intake.admit(f"key-{number}", line(number)) is True
            assert home.audit.verify() is None


async def test_the_first_is_first_and_no_other(place: str) -> None:
    """A5: a key is new once, letter by letter, and stays known after a restart; another key is new."""
    async with house(place) as home:
        assert [await home.deliveries.first(key) for key in ("a", "a", "b", "", "")] == [True, False, True, True, False]
    async with house(place) as home:
        assert [await home.deliveries.first(key) for key in ("a", "A", "a ", "c")] == [False, True, True, True]


async def test_many_at_once_have_one_winner(place: str) -> None:
    """A4: of 50 concurrent redeliveries, over two open databases, exactly one is the first, for each of 8 keys."""
    async with house(place) as one, house(place) as other:
        doors = [one.deliveries, other.deliveries]
        keys = [f"key-{number % 8}" for number in range(400)]
        won = await asyncio.gather(*(doors[at // 8 % 2].first(key) for at, key in enumerate(keys)))
        winners = Counter(key for key, first in zip(keys, won, strict=True) if first)
        assert winners == Counter({f"key-{number}": 1 for number in range(8)})


async def test_old_deliveries_are_forgotten(place: str) -> None:
    """Only what is older than the edge goes, and how many is told."""
    async with house(place) as home:
        for key in ("old", "edge", "new"):
            assert await home.deliveries.first(key)
            home.watch.advance(86_400)
        assert await home.deliveries.forget_older_than(2) == 1
        assert elsewhere(place, "SELECT key FROM deliveries ORDER BY at") == [("edge",), ("new",)]
        assert await home.deliveries.forget_older_than(2) == 0
        assert await home.deliveries.first("old") is True


async def test_after_the_end_nothing_is_first_or_read(place: str) -> None:
    """Where a delivery cannot be recorded nobody is told to handle it; reads are refused too, a hint is not."""
    async with house(place) as home:
        made = await home.vault.connect("T1", "U1", "quivo", account="a", keeps_password=True, secrets={})
    for late in (home.deliveries.first("a"), home.intake.admit("a", line(1))):
        with pytest.raises(Closed):
            await late
    with pytest.raises(Closed):
        home.vault.connection("T1", "U1", "quivo")
    await home.vault.touch(made)
    await home.database.close()
