"""A digest moves on once for each of its runs, and every change of it comes with its audit line (F2, F4, G7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_kit import AUDIT_BROKEN, NOON, House, disguises, due, elsewhere, house, line, raw_bytes, sealer_of

from store.audit import SqliteAudit
from store.digests import CHANNEL, OWNER, Advance, Digest, Fields, SqliteDigests, new_digest_id
from store.envelope import Sealer
from store.errors import StoreError
from store.keyring import new_key
from store.times import to_micros
from store.vault import Verification

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Desk:
    """One open store with digests on it."""

    home: House
    digests: SqliteDigests

    async def add(self, **different: Any) -> Digest:
        digest = make(**different)
        await self.digests.add(digest, line(1, digest.team))
        return digest

    def audited(self, team: str = "T1") -> list[str]:
        return [one.reference for one in reversed(SqliteAudit(self.home.database).lines(team, 1000))]

    def now(self, digest: Digest) -> Digest | None:
        return self.digests.get(digest.id, digest.team)

    def keys(self) -> list[str]:
        return [key for (key,) in elsewhere(self.home.database.path, "SELECT key FROM occurrences ORDER BY key")]


@asynccontextmanager
async def desk(folder: Path, sealer: Sealer | None = None) -> AsyncIterator[Desk]:
    async with house(folder, sealer) as home:
        yield Desk(home, SqliteDigests(home.database, home.sealer, now=home.watch))


def make(**different: Any) -> Digest:
    usual: dict[str, Any] = {
        **{"id": new_digest_id(), "team": "T1", "owner": "U1", "channel": "C1", "what": ("orders_stuck",)},
        **{"days": (0, 4), "at": "09:00", "zone": "Europe/Vienna", "size": "summary", "created_at": NOON},
        "next_at": NOON + HOUR,
    }
    return Digest(**{**usual, **different})


def step(digest: Digest, number: int = 1, *, run: bool = True) -> Advance:
    """To the next day, with a run."""
    assert digest.next_at is not None
    key = f"digest:{digest.id}:{number}"
    return Advance(digest.id, digest.next_at, digest.next_at + DAY, due(key, digest=digest.id) if run else None)


async def test_a_digest_comes_back_whole(tmp_path: Path) -> None:
    """A digest is found by each of its ways with everything that was put in, also after a restart."""
    async with desk(tmp_path) as one:
        full = await one.add(state="stopped", next_at=None, reason="owner_left", offered_to="U2", run_key="k")
        bare, sealer = await one.add(what=("a", "b"), created_at=NOON + HOUR), one.home.sealer
    async with desk(tmp_path, sealer) as one:
        assert [one.now(full), one.now(bare)] == [full, bare]
        assert one.digests.of_owner("T1", "U1") == one.digests.in_channel("T1", "C1") == [full, bare]
        assert one.digests.in_team("T1") == [full, bare]
        assert one.digests.offered_to("T1", "U2") == [full]


async def test_another_team_person_or_channel_finds_nothing(tmp_path: Path) -> None:
    """B6: with the right id in another team there is no digest, and lists are of one team only."""
    async with desk(tmp_path) as one:
        digest = await one.add(offered_to="U2")
        found = one.digests.in_channel("T2", "C1"), one.digests.of_owner("T2", "U1"), one.digests.in_team("T2")
        assert (one.digests.get(digest.id, "T2"), *found, one.digests.offered_to("T2", "U2")) == (None, [], [], [], [])
        assert (one.digests.in_channel("T1", "C2"), one.digests.of_owner("T1", "U2")) == ([], [])
        assert one.digests.offered_to("T1", "U1") == []


async def test_a_change_is_written_with_its_line(tmp_path: Path) -> None:
    """G7: what is named is changed and the rest stays, and the audit has one line more for each change."""
    async with desk(tmp_path) as one:
        digest, other = await one.add(), await one.add()
        fields = Fields(channel="C2", what=("x", "y"), days=(1,), at="10:30", zone="UTC", size="full", next_at=NOON)
        after = await one.digests.change(digest, line(2), **fields)
        assert after is not None
        assert after == one.now(digest) == replace(digest, **fields)
        moved = await one.digests.change(after, line(3), owner="U2", state="paused", next_at=None)
        assert moved == one.now(digest) == replace(after, owner="U2", state="paused", next_at=None)
        assert one.now(other) == other
        assert one.audited() == ["r-1", "r-1", "r-2", "r-3"]


@pytest.mark.parametrize(
    "seen", [{"owner": "U9"}, {"state": "paused"}, {"offered_to": "U9"}, {"team": "T2"}, {"id": "x"}]
)
async def test_a_change_of_what_is_no_longer_so_is_refused(tmp_path: Path, seen: dict[str, Any]) -> None:
    """B3: a digest whose owner, state or offer is another than was seen is neither changed nor deleted."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        before = replace(digest, **seen)
        assert await one.digests.change(before, line(2), channel="C2") is None
        assert await one.digests.delete(before, line(3)) is False
        assert (one.now(digest), one.audited()) == (digest, ["r-1"])


@pytest.mark.parametrize("broken", AUDIT_BROKEN)
async def test_without_the_audit_nothing_changes(tmp_path: Path, broken: str) -> None:
    """G7: where the line cannot be written, the digest is not made, changed, stopped or deleted."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        elsewhere(one.home.database.path, broken)
        for change in (
            one.digests.add(make(), line(2)),
            one.digests.change(digest, line(3), channel="C2"),
            one.digests.stop(digest.id, "owner_left", line(4)),
            one.digests.delete(digest, line(5)),
        ):
            with pytest.raises(StoreError):
                await change
        assert (one.digests.in_team("T1"), one.audited()) == ([digest], ["r-1"])


async def test_one_of_two_changes_wins(tmp_path: Path) -> None:
    """E1: 20 colleagues accept an offer at once: one owns it, the others are told None."""
    async with desk(tmp_path) as one:
        digest = await one.add(offered_to="U2")
        made = await asyncio.gather(
            *(one.digests.change(digest, line(2), owner=f"U{n}", offered_to=None) for n in range(20))
        )
        assert [after is None for after in made] == [False] + [True] * 19
        assert (one.now(digest), one.audited()) == (made[0], ["r-1", "r-2"])


async def test_what_is_due_comes_longest_waiting_first(tmp_path: Path) -> None:
    """F2: active digests of all teams are due at their time, at most as many as asked for; others never."""
    async with desk(tmp_path) as one:
        late, early = await one.add(team="T2"), await one.add(next_at=NOON)
        await one.add(state="paused", next_at=NOON)
        await one.add(next_at=None)
        assert one.digests.next_due() == NOON
        assert one.digests.due(NOON - timedelta(microseconds=1), 9) == []
        assert one.digests.due(NOON, 9) == one.digests.due(NOON + HOUR, 1) == [early]
        assert one.digests.due(NOON + HOUR, 9) == [early, late]
        assert one.digests.due(NOON + HOUR, -1) == []


async def test_nothing_is_due_without_digests(tmp_path: Path) -> None:
    """An empty store has no next run."""
    async with desk(tmp_path) as one:
        assert (one.digests.next_due(), one.digests.due(NOON, 9)) == (None, [])


async def test_a_step_makes_one_run(tmp_path: Path) -> None:
    """F2: 20 ticks at once move a digest on by one run, whose occurrence says when it was due."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        moved = await asyncio.gather(*(one.digests.advance([step(digest)]) for _ in range(20)))
        assert sorted(moved) == [0] * 19 + [1]
        assert one.keys() == [f"digest:{digest.id}:1"]
        assert one.now(digest) == replace(digest, next_at=NOON + HOUR + DAY, run_key=f"digest:{digest.id}:1")


async def test_two_stores_on_one_file_make_one_run(tmp_path: Path) -> None:
    """F2: two processes that tick at once on the same file, 20 digests each: each digest has one occurrence."""
    async with desk(tmp_path) as one, desk(tmp_path, one.home.sealer) as two:
        digests = [await one.add() for _ in range(20)]
        steps = [step(digest) for digest in digests]
        moved = await asyncio.gather(*(side.digests.advance([one_step]) for one_step in steps for side in (one, two)))
        assert sum(moved) == 20
        assert one.keys() == sorted(f"digest:{digest.id}:1" for digest in digests)


async def test_a_key_that_was_used_makes_no_second_run(tmp_path: Path) -> None:
    """F2: after the clock was set back the digest moves on, its newest run stays, and the others are not held up."""
    async with desk(tmp_path) as one:
        digest, other = await one.add(), await one.add()
        await one.digests.advance([step(digest)])
        again = await one.digests.change(one.now(digest) or digest, line(2), next_at=NOON)
        assert again is not None
        assert await one.digests.advance([step(again), step(other)]) == 2
        assert one.keys() == sorted([f"digest:{digest.id}:1", f"digest:{other.id}:1"])
        assert one.now(digest) == replace(again, next_at=NOON + DAY)


async def test_steps_without_a_run_and_of_what_does_not_run(tmp_path: Path) -> None:
    """A step may have no run; a paused, a stopped, a moved and an unknown digest are left alone."""
    async with desk(tmp_path) as one:
        plain, paused = await one.add(), await one.add(state="paused")
        stopped = await one.add()
        await one.digests.stop(stopped.id, "owner_left", line(2))
        moved = replace(await one.add(), next_at=NOON)
        steps = [step(one_digest) for one_digest in (paused, stopped, moved, make())]
        assert await one.digests.advance([step(plain, run=False), *steps]) == 1
        assert (one.keys(), one.digests.next_due()) == ([], NOON + HOUR)
        assert one.now(plain) == replace(plain, next_at=NOON + HOUR + DAY)
        assert one.now(paused) == paused


async def test_a_run_is_scheduled_with_its_step_or_not_at_all(tmp_path: Path) -> None:
    """F2: where occurrences can't be written, the digest is due as before."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        shut = "CREATE TRIGGER shut BEFORE INSERT ON occurrences BEGIN SELECT RAISE(ABORT, 'shut'); END"
        elsewhere(one.home.database.path, shut)
        with pytest.raises(StoreError):
            await one.digests.advance([step(digest)])
        assert (one.now(digest), one.keys()) == (digest, [])


async def test_a_post_is_noted_with_its_numbers(tmp_path: Path) -> None:
    """What was posted last comes back; a post whose numbers nobody knows keeps the old ones."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        assert one.digests.last(digest.id, "T1") == {}
        assert await one.digests.posted(digest.id, NOON, {"orders_stuck": 7}) is True
        assert await one.digests.posted(digest.id, NOON + HOUR) is True
        assert await one.digests.posted("x" * 22, NOON, {}) is False
        assert one.now(digest) == replace(digest, last_posted_at=NOON + HOUR)
        assert one.digests.last(digest.id, "T1") == {"orders_stuck": 7}
        assert (one.digests.last(digest.id, "T2"), one.digests.last("x" * 22, "T1")) == ({}, {})


async def test_the_numbers_are_sealed(tmp_path: Path) -> None:
    """C1: what was posted last is nowhere on the disk; C2: another digest's numbers in its row are as good as none."""
    async with desk(tmp_path) as one:
        digest, other = await one.add(), await one.add()
        await one.digests.posted(digest.id, NOON, {"canary-4711": "canary-4712"})
        on_disk = raw_bytes(one.home.database.path)
        assert [
            word for canary in ("canary-4711", "canary-4712") for word in disguises(canary) if word in on_disk
        ] == []
        swap = "UPDATE digests SET envelope = (SELECT envelope FROM digests WHERE id = ?) WHERE id = ?"
        elsewhere(one.home.database.path, swap, (digest.id, other.id))
        assert one.digests.last(other.id, "T1") == {}
        assert one.now(other) == other


async def test_numbers_are_rotated(tmp_path: Path) -> None:
    """C6: after a rotation the old key opens nothing, and the numbers are as they were."""
    old, new = new_key(), new_key()
    async with desk(tmp_path, sealer_of(old)) as one:
        digest = await one.add()
        await one.add()
        await one.digests.posted(digest.id, NOON, {"orders_stuck": 7})
    async with desk(tmp_path, sealer_of(new, old)) as one:
        assert one.home.vault.plan() == {old[:8]: 1}
        rotation = await one.home.vault.rotate()
        assert (rotation.done, rotation.left) == (1, 0)
    async with desk(tmp_path, sealer_of(new)) as one:
        assert one.home.vault.verify() == Verification(opened=1, failed=0)
        assert one.digests.last(digest.id, "T1") == {"orders_stuck": 7}


async def test_a_stop_is_once_and_keeps_its_reason(tmp_path: Path) -> None:
    """F4: 20 runs stop a digest at once: one of them did, with its line; it is due no more."""
    async with desk(tmp_path) as one:
        digest, paused = await one.add(), await one.add(state="paused", next_at=None)
        stops = [one.digests.stop(digest.id, f"reason-{n}", line(n)) for n in range(2, 22)]
        assert await asyncio.gather(*stops) == [True] + [False] * 19
        assert one.now(digest) == replace(digest, state="stopped", next_at=None, reason="reason-2")
        assert await one.digests.stop(paused.id, "owner_left", line(30)) is True
        assert await one.digests.stop("x" * 22, "owner_left", line(31)) is False
        assert one.audited() == ["r-1", "r-1", "r-2", "r-30"]
        assert (one.digests.next_due(), one.digests.due(NOON + DAY, 9)) == (None, [])


async def test_owner_and_channel_are_told_once(tmp_path: Path) -> None:
    """F4: who was told of a stop is noted once each, and anew after the digest was resumed and stopped again."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        await one.digests.stop(digest.id, "owner_left", line(2))
        told = [await one.digests.told(digest.id, whom) for whom in (OWNER, OWNER, CHANNEL, CHANNEL)]
        assert told == [True, False, True, False]
        stopped = one.now(digest)
        assert stopped is not None
        assert (stopped.told_owner, stopped.told_channel) == (True, True)
        resumed = await one.digests.change(stopped, line(3), state="active", next_at=NOON, reason=None)
        assert resumed == replace(digest, next_at=NOON)
        await one.digests.stop(digest.id, "login_again", line(4))
        assert await one.digests.told(digest.id, OWNER) is True


async def test_a_change_of_what_is_stopped_keeps_the_reason(tmp_path: Path) -> None:
    """F4: editing or offering a stopped digest does not make it forget why, or who was told."""
    async with desk(tmp_path) as one:
        digest = await one.add()
        await one.digests.stop(digest.id, "owner_left", line(2))
        await one.digests.told(digest.id, OWNER)
        stopped = one.now(digest)
        assert stopped is not None
        assert await one.digests.change(stopped, line(3), size="full") == replace(stopped, size="full")


async def test_a_deleted_digest_is_gone(tmp_path: Path) -> None:
    """A digest is deleted once, with its line and its numbers, and no other with it."""
    async with desk(tmp_path) as one:
        digest, other = await one.add(), await one.add()
        await one.digests.posted(digest.id, NOON, {"orders_stuck": 7})
        assert [await one.digests.delete(digest, line(n)) for n in (2, 3)] == [True, False]
        assert (one.digests.in_team("T1"), one.digests.last(digest.id, "T1")) == ([other], {})
        assert one.audited() == ["r-1", "r-1", "r-2"]


async def test_old_stopped_digests_are_forgotten(tmp_path: Path) -> None:
    """Only what was stopped that long ago goes; an active and a paused digest stay for ever."""
    async with desk(tmp_path) as one:
        old, active, paused = await one.add(), await one.add(), await one.add(state="paused", next_at=None)
        await one.digests.stop(old.id, "owner_left", line(2))
        one.home.watch.advance(9 * DAY.total_seconds())
        young = await one.add()
        await one.digests.stop(young.id, "owner_left", line(3))
        one.home.watch.advance(DAY.total_seconds() + 1)
        assert await one.digests.forget_older_than(10) == 1
        assert {digest.id for digest in one.digests.in_team("T1")} == {active.id, paused.id, young.id}


async def test_a_naive_time_is_refused(tmp_path: Path) -> None:
    """A time without a zone would be a guess: nothing is written."""
    async with desk(tmp_path) as one:
        with pytest.raises(TypeError):
            await one.digests.add(make(next_at=datetime(2026, 3, 1, 9, 0)), line(1))  # noqa: DTZ001
        assert one.digests.in_team("T1") == []


async def test_due_is_found_by_its_index(tmp_path: Path) -> None:
    """What is due is found through the index, in its order, not by reading all rows."""
    async with desk(tmp_path) as one:
        sql = "EXPLAIN QUERY PLAN SELECT id FROM digests WHERE state = 'active' AND next_at <= ? ORDER BY next_at, id"
        plan = [row[-1] for row in elsewhere(one.home.database.path, sql, (to_micros(NOON),))]
        assert plan == ["SEARCH digests USING INDEX digests_due (next_at<?)"]
