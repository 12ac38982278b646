"""Digests in the file: their numbers are nowhere in clear (C1), and what is due is found by an index (F2)."""

from __future__ import annotations

from pathlib import Path

from store_kit import NOON, disguises, elsewhere, house, line, raw_bytes

from store.digests import Digest
from store.times import to_micros

DIGEST = Digest("g-1", "T1", "U1", "C1", ("orders",), (0, 4), "09:00", "Europe/Vienna", "summary", NOON, next_at=NOON)


async def test_the_numbers_are_sealed(tmp_path: Path) -> None:
    """C1: what was posted last is nowhere on the disk."""
    async with house(tmp_path) as home:
        await home.digests.add(DIGEST, line(1))
        await home.digests.posted("g-1", NOON, {"canary-4711": "canary-4712"})
        on_disk = raw_bytes(home.database.path)
        canaries = [form for canary in ("canary-4711", "canary-4712") for form in disguises(canary)]
        assert [form for form in canaries if form in on_disk] == []


async def test_due_is_found_by_its_index(tmp_path: Path) -> None:
    """What is due is found through the index, in its order, not by reading all rows."""
    async with house(tmp_path) as home:
        sql = "EXPLAIN QUERY PLAN SELECT id FROM digests WHERE state = 'active' AND next_at <= ? ORDER BY next_at, id"
        plan = [row[-1] for row in elsewhere(home.database.path, sql, (to_micros(NOON),))]
        assert plan == ["SEARCH digests USING INDEX digests_due (next_at<?)"]
