"""A digest is moved on by one replica, each run once, and changes only as its owner saw it (F2, F4, G7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from store_world import AUDIT_BROKEN, NOON, House, due, elsewhere, house, line, sealer_of, shut, unshut

from store.audit import AuditLine
from store.digests import ACTIVE, CHANNEL, OWNER, PAUSED, STOPPED, Advance, Digest, Fields
from store.errors import StoreError
from store.keyring import new_key
from store.rotation import Rotation, Verification

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASE = Digest(
    "g-1", "T1", "U1", "C1", ("orders", "carts"), (0, 4), "09:00", "Europe/Vienna", "summary", NOON, next_at=NOON
)


async def added(home: House, id: str = "g-1", **different: Any) -> Digest:
    digest = replace(BASE, id=id, **different)
    await home.digests.add(digest, line(1, digest.team))
    return digest


def step(digest: Digest = BASE, key: str | None = "run/1") -> Advance:
    """From a digest's next run to the next day's."""
    assert digest.next_at is not None
    run = None if key is None else due(key, digest=digest.id)
    return Advance(digest.id, digest.next_at, digest.next_at + DAY, run)


def keys(home: House) -> list[str]:
    return [key for (key,) in elsewhere(home.place, "SELECT key FROM occurrences ORDER BY key")]


def audited(home: House) -> list[AuditLine]:
    assert home.audit.verify() is None
    return home.audit.lines("T1", 99)[::-1]


def lines(*numbers: int) -> list[AuditLine]:
    return [line(number) for number in numbers]


async def test_a_digest_comes_back_whole(place: str) -> None:
    """A digest is found by each of its ways with everything in it, also after a restart; lists are oldest first."""
    async with house(place) as home:
        one = await added(home, "g-1", offered_to="U2", state=STOPPED, next_at=None, reason="owner_left", run_key="k")
        later = await added(home, "g-0", created_at=NOON + DAY, what=("a",), state=PAUSED, next_at=None)
        told = await added(home, "g-2", created_at=NOON + 2 * DAY, channel="C2", told_owner=True, told_channel=True)
    async with house(place) as home:
        digests = home.digests
        assert [digests.get(id, "T1") for id in ("g-1", "g-0", "g-2")] == [one, later, told]
        assert digests.of_owner("T1", "U1") == digests.in_team("T1") == [one, later, told]
        assert (digests.in_channel("T1", "C1"), digests.offered_to("T1", "U2")) == ([one, later], [one])
        assert audited(home) == lines(1, 1, 1)


async def test_another_team_person_or_channel_finds_nothing(place: str) -> None:
    """B6: with the right id in another team there is no digest, and lists are of one team only."""
    async with house(place) as home:
        await added(home, offered_to="U2")
        digests = home.digests
        found = [digests.in_channel("T2", "C1"), digests.of_owner("T2", "U1"), digests.in_team("T2")]
        found += [digests.offered_to("T2", "U2"), digests.offered_to("T1", "U1")]
        found += [digests.in_channel("T1", "C2"), digests.of_owner("T1", "U2")]
        assert (digests.get("g-1", "T2"), found) == (None, [[]] * 7)


async def test_those_made_at_the_same_moment_keep_their_order(place: str) -> None:
    """Digests of one moment are listed in the order in which they were added."""
    async with house(place) as home:
        made = [await added(home, id) for id in ("g-3", "g-1", "g-2")]
        assert home.digests.in_team("T1") == made


async def test_a_change_is_written_with_its_line(place: str) -> None:
    """G7: what is named is changed and the rest stays, and the audit has one line more for each change."""
    async with house(place) as home:
        digest, other = await added(home), await added(home, "g-2")
        fields = Fields(channel="C2", what=("x", "y"), days=(1,), at="10:30", zone="UTC", size="full", next_at=NOON)
        after = await home.digests.change(digest, line(2), **fields)
        assert after is not None
        assert after == home.digests.get("g-1", "T1") == replace(digest, **fields)
        moved = await home.digests.change(after, line(3), owner="U2", state=PAUSED, next_at=None)
        assert moved == home.digests.get("g-1", "T1") == replace(after, owner="U2", state=PAUSED, next_at=None)
        assert home.digests.get("g-2", "T1") == other
        assert audited(home) == lines(1, 1, 2, 3)


async def test_a_change_is_made_only_to_what_was_seen(place: str) -> None:
    """B3: a digest whose owner, state or offer is another than was seen is neither changed nor deleted."""
    others: list[dict[str, Any]] = [{"owner": "U9"}, {"state": PAUSED}, {"offered_to": "U9"}, {"team": "T2"}]
    async with house(place) as home:
        digest = await added(home)
        for seen in (*others, {"id": "x"}):
            before = replace(digest, **seen)
            assert await home.digests.change(before, line(2), channel="C2") is None
            assert await home.digests.delete(before, line(3)) is False
        moved = await home.digests.change(digest, line(4), owner="U2", days=(1,), offered_to=None)
        assert moved == replace(digest, owner="U2", days=(1,)) == home.digests.get("g-1", "T1")
        assert await home.digests.change(digest, line(5), size="full") is None
        assert await home.digests.delete(digest, line(6)) is False
        assert (home.digests.in_team("T1"), audited(home)) == ([moved], lines(1, 4))


async def test_one_of_two_takes_it_over(place: str) -> None:
    """E1: 20 changes from two replicas at once to one offer: one is made, with one line; the others are told None."""
    async with house(place) as one, house(place, one.sealer) as other:
        digest, homes = await added(one, offered_to="U2"), (one, other)
        made = await asyncio.gather(
            *(homes[n % 2].digests.change(digest, line(n + 2), owner=f"U{n}", offered_to=None) for n in range(20))
        )
        (number,) = (n for n, after in enumerate(made) if after)
        assert one.digests.in_team("T1") == [made[number]] == [replace(digest, owner=f"U{number}", offered_to=None)]
        assert audited(one) == lines(1, number + 2)


async def test_what_is_due_comes_longest_waiting_first(place: str) -> None:
    """F2: active digests of all teams are due at their time, at most as many as asked for; others never."""
    async with house(place) as home:
        digests = home.digests
        assert (digests.next_due(), digests.due(NOON, 9)) == (None, [])
        late, early = await added(home, "g-1", team="T2", next_at=NOON + HOUR), await added(home, "g-2")
        await added(home, "g-3", state=PAUSED)
        await added(home, "g-4", next_at=None)
        assert digests.next_due() == NOON
        assert digests.due(NOON - timedelta(microseconds=1), 9) == []
        assert digests.due(NOON, 9) == digests.due(NOON + HOUR, 1) == [early]
        assert digests.due(NOON + HOUR, 9) == [early, late]
        assert digests.due(NOON + HOUR, 0) == digests.due(NOON + HOUR, -1) == []


async def test_a_run_is_scheduled_once(place: str) -> None:
    """F2: 20 ticks of two replicas at once move it on once and schedule one run; the next day another one."""
    async with house(place) as one, house(place, one.sealer) as other:
        digest, homes = await added(one), (one, other)
        assert sum(await asyncio.gather(*(homes[n % 2].digests.advance([step(digest)]) for n in range(20)))) == 1
        moved = replace(digest, next_at=NOON + DAY, run_key="run/1")
        assert (one.digests.get("g-1", "T1"), keys(one)) == (moved, ["run/1"])
        assert await other.digests.advance([step(moved, "run/2")]) == 1
        assert keys(one) == ["run/1", "run/2"]
        assert one.digests.get("g-1", "T1") == replace(digest, next_at=NOON + 2 * DAY, run_key="run/2")


async def test_two_replicas_share_many_digests(place: str) -> None:
    """F2: two replicas that tick at once, 20 digests each: each digest has one occurrence."""
    async with house(place) as one, house(place, one.sealer) as other:
        digests = [await added(one, f"g-{n:02}") for n in range(20)]
        steps = [step(digest, f"run/{digest.id}") for digest in digests]
        moved = await asyncio.gather(*(side.digests.advance([each]) for each in steps for side in (one, other)))
        assert (sum(moved), keys(one)) == (20, [f"run/{digest.id}" for digest in digests])


async def test_a_run_that_was_is_passed_over(place: str) -> None:
    """F2: with the clock set back the same date comes again: it is moved on, its newest run stays, nothing runs twice.

    The other digests of the same step are not held up, and one that is gone is left out.
    """
    async with house(place) as home:
        digest, other = await added(home), await added(home, "g-2")
        await home.digests.advance([step(digest)])
        ran = replace(digest, next_at=NOON + DAY, run_key="run/1")
        again = await home.digests.change(ran, line(2), next_at=NOON)
        assert again == replace(ran, next_at=NOON)
        steps = [step(again), step(other, "run/2"), step(replace(BASE, id="g-3"), "run/3")]
        assert await home.digests.advance(steps) == 2
        assert keys(home) == ["run/1", "run/2"]
        found = [home.digests.get(id, "T1") for id in ("g-1", "g-2")]
        assert found == [ran, replace(other, next_at=NOON + DAY, run_key="run/2")]


async def test_a_key_that_somebody_else_used_is_passed_over(place: str) -> None:
    """F2: where the run's key is known already the digest is moved on, and says of no run that it is its own."""
    async with house(place) as home:
        digest = await added(home)
        await home.occurrences.add(due("run/1"))
        assert await home.digests.advance([step(digest)]) == 1
        assert (home.digests.in_team("T1"), keys(home)) == ([replace(digest, next_at=NOON + DAY)], ["run/1"])


async def test_steps_without_a_run_and_of_what_does_not_run(place: str) -> None:
    """A step may have no run; a paused, a stopped, a moved and an unknown digest are left alone."""
    async with house(place) as home:
        plain, paused = await added(home, "g-1"), await added(home, "g-2", state=PAUSED)
        stopped, moved = await added(home, "g-3"), await added(home, "g-4", next_at=NOON + HOUR)
        resting = await added(home, "g-5", state=PAUSED, next_at=None)
        await home.digests.stop("g-3", "owner_left", line(2))
        stale = [paused, stopped, replace(moved, next_at=NOON), replace(BASE, id="x")]
        stale += [replace(resting, next_at=at) for at in (NOON, NOON + DAY)]
        assert await home.digests.advance([step(plain, None), *(step(one, f"run/{one.id}") for one in stale)]) == 1
        assert (keys(home), home.digests.next_due()) == ([], NOON + HOUR)
        halted = replace(stopped, state=STOPPED, next_at=None, reason="owner_left")
        assert home.digests.in_team("T1") == [replace(plain, next_at=NOON + DAY), paused, halted, moved, resting]


async def test_a_run_is_scheduled_with_its_step_or_not_at_all(place: str) -> None:
    """F2: where occurrences can't be written, the digest is due as before."""
    async with house(place) as home:
        digest = await added(home)
        shut(place, "INSERT", "occurrences")
        with pytest.raises(StoreError):
            await home.digests.advance([step(digest)])
        assert (home.digests.in_team("T1"), keys(home)) == ([digest], [])


async def test_what_was_posted_last_is_sealed(place: str) -> None:
    """C2: the numbers come back, stay where none are given, and open neither in another row nor in another team."""
    async with house(place) as home:
        digest, other = await added(home), await added(home, "g-2")
        assert home.digests.last("g-1", "T1") == {}
        assert await home.digests.posted("g-1", NOON, {"open": 7}) is True
        assert await home.digests.posted("g-1", NOON + DAY) is True
        assert await home.digests.posted("g-9", NOON, {}) is False
        assert home.digests.get("g-1", "T1") == replace(digest, last_posted_at=NOON + DAY)
        assert home.digests.last("g-1", "T1") == {"open": 7}
        assert (home.digests.last("g-1", "T2"), home.digests.last("g-9", "T1")) == ({}, {})
        elsewhere(place, "UPDATE digests SET envelope = (SELECT envelope FROM digests WHERE id = 'g-1')")
        assert (home.digests.last("g-2", "T1"), home.digests.get("g-2", "T1")) == ({}, other)


async def test_numbers_are_rotated(place: str) -> None:
    """C6: after a rotation the old key opens nothing, and the numbers are as they were."""
    old, new = new_key(), new_key()
    async with house(place, sealer_of(old)) as home:
        await added(home)
        await added(home, "g-2")
        await home.digests.posted("g-1", NOON, {"orders_stuck": 7})
    async with house(place, sealer_of(new, old)) as home:
        assert home.vault.plan() == {old[:8]: 1}
        assert await home.vault.rotate() == Rotation(done=1, left=0)
    async with house(place, sealer_of(new)) as home:
        assert home.vault.verify() == Verification(opened=1, failed=0)
        assert home.digests.last("g-1", "T1") == {"orders_stuck": 7}


async def test_a_stop_is_once_and_keeps_its_reason(place: str) -> None:
    """F4: 20 runs on two replicas stop a digest at once: one of them did, with its line; it is due no more."""
    async with house(place) as one, house(place, one.sealer) as other:
        digest, paused = await added(one), await added(one, "g-2", state=PAUSED, next_at=None)
        homes = (one, other)
        stops = await asyncio.gather(*(homes[n % 2].digests.stop("g-1", f"reason-{n}", line(n)) for n in range(2, 22)))
        assert sorted(stops) == [False] * 19 + [True]
        number = stops.index(True) + 2
        halted = replace(digest, state=STOPPED, next_at=None, reason=f"reason-{number}")
        assert await one.digests.stop("g-2", "owner_left", line(30)) is True
        assert await one.digests.stop("x" * 22, "owner_left", line(31)) is False
        assert one.digests.in_team("T1") == [halted, replace(paused, state=STOPPED, reason="owner_left")]
        assert audited(one) == lines(1, 1, number, 30)
        assert (one.digests.next_due(), one.digests.due(NOON + DAY, 9)) == (None, [])


async def test_owner_and_channel_are_told_once(place: str) -> None:
    """F4: who was told of a stop is noted once each, and anew after the digest was resumed and stopped again."""
    async with house(place) as home:
        digest, digests = await added(home), home.digests
        stops = [await digests.stop("g-1", reason, line(2)) for reason in ("owner_left", "late")]
        told = [await digests.told("g-1", whom) for whom in (OWNER, OWNER, CHANNEL, CHANNEL)]
        assert (stops, told) == ([True, False], [True, False, True, False])
        stopped = replace(digest, state=STOPPED, next_at=None, reason="owner_left", told_owner=True, told_channel=True)
        assert digests.in_team("T1") == [stopped]
        resumed = await digests.change(stopped, line(3), state=ACTIVE, next_at=NOON, reason=None)
        assert resumed == digest == digests.get("g-1", "T1")
        assert audited(home) == lines(1, 2, 3)
        await digests.stop("g-1", "login_again", line(4))
        assert await digests.told("g-1", OWNER) is True


async def test_a_change_of_what_is_stopped_keeps_the_reason(place: str) -> None:
    """F4: editing or offering a stopped digest does not make it forget why, or who was told; starting it does."""
    async with house(place) as home:
        digest = await added(home)
        await home.digests.stop("g-1", "owner_left", line(2))
        await home.digests.told("g-1", OWNER)
        stopped = replace(digest, state=STOPPED, next_at=None, reason="owner_left", told_owner=True)
        edited = await home.digests.change(stopped, line(3), size="full")
        assert edited == replace(stopped, size="full") == home.digests.get("g-1", "T1")
        anew = await home.digests.change(stopped, line(4), state=ACTIVE, next_at=NOON)
        assert anew == replace(digest, size="full") == home.digests.get("g-1", "T1")


async def test_a_deleted_digest_is_gone(place: str) -> None:
    """A digest is deleted once, with its line and its numbers, and no other with it."""
    async with house(place) as home:
        digest, other = await added(home), await added(home, "g-2")
        await home.digests.posted("g-1", NOON, {"orders_stuck": 7})
        assert [await home.digests.delete(digest, line(n)) for n in (2, 3)] == [True, False]
        assert (home.digests.in_team("T1"), home.digests.last("g-1", "T1")) == ([other], {})
        assert audited(home) == lines(1, 1, 2)


async def test_a_naive_time_is_refused(place: str) -> None:
    """A time without a zone would be a guess: nothing is written."""
    async with house(place) as home:
        with pytest.raises(TypeError):
            await added(home, next_at=datetime(2026, 3, 1, 9, 0))  # noqa: DTZ001
        assert (home.digests.in_team("T1"), audited(home)) == ([], [])


async def test_without_an_audit_nothing_changes(place: str) -> None:
    """G7: where the line cannot be written nothing is added, changed, stopped or deleted."""
    async with house(place) as home:
        digest = await added(home)
        for what, table in AUDIT_BROKEN:
            shut(place, what, table)
            for work in (
                home.digests.add(replace(BASE, id="g-2"), line(2)),
                home.digests.change(digest, line(2), owner="U2"),
                home.digests.stop("g-1", "late", line(2)),
                home.digests.delete(digest, line(2)),
            ):
                with pytest.raises(StoreError):
                    await work
            assert (home.digests.in_team("T1"), audited(home)) == ([digest], lines(1))
            unshut(place, table)


async def test_old_stopped_digests_are_forgotten(place: str) -> None:
    """Only what was stopped before the edge goes; active and paused ones stay however old."""
    async with house(place) as home:
        for id, state in (("g-1", ACTIVE), ("g-2", ACTIVE), ("g-3", ACTIVE), ("g-4", PAUSED)):
            await added(home, id, state=state)
        await home.digests.stop("g-1", "late", line(2))
        home.watch.advance(2 * 86_400)
        await home.digests.stop("g-2", "late", line(3))
        home.watch.advance(86_399)
        assert [await home.digests.forget_older_than(1), await home.digests.forget_older_than(1)] == [1, 0]
        assert [digest.id for digest in home.digests.in_team("T1")] == ["g-2", "g-3", "g-4"]
