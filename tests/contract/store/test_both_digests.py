"""A digest is moved on by one replica, each run once, and changes only as its owner saw it (F2, F4, G7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from store_world import AUDIT_BROKEN, NOON, House, due, elsewhere, house, line, shut

from store.digests import ACTIVE, CHANNEL, OWNER, PAUSED, STOPPED, Advance, Digest
from store.errors import StoreError

DAY = timedelta(days=1)
BASE = Digest(
    "g-1", "T1", "U1", "C1", ("orders", "carts"), (0, 4), "09:00", "Europe/Vienna", "summary", NOON, next_at=NOON
)


def step(key: str | None = "run/1", since: int = 0) -> Advance:
    """From one day's run to the next day's."""
    run = None if key is None else due(key, digest=BASE.id)
    return Advance(BASE.id, NOON + since * DAY, NOON + (since + 1) * DAY, run)


def keys(home: House) -> list[str]:
    return [key for (key,) in elsewhere(home.place, "SELECT key FROM occurrences ORDER BY key")]


async def test_a_digest_comes_back_whole(place: str) -> None:
    """A digest is found by each of its ways with everything in it, also after a restart; lists are oldest first."""
    later = replace(BASE, id="g-0", created_at=NOON + DAY, channel="C2", offered_to="U2", next_at=None, state=PAUSED)
    async with house(place) as home:
        for digest in (BASE, later):
            await home.digests.add(digest, line(1))
    async with house(place) as home:
        digests = home.digests
        assert (digests.get("g-1", "T1"), digests.get("g-1", "T2")) == (BASE, None)
        assert digests.of_owner("T1", "U1") == digests.in_team("T1") == [BASE, later]
        assert (digests.in_channel("T1", "C1"), digests.offered_to("T1", "U2")) == ([BASE], [later])
        assert (digests.due(NOON, 9), digests.due(NOON - DAY, 9), digests.due(NOON, 0)) == ([BASE], [], [])
        assert digests.next_due() == NOON
        assert home.audit.lines("T1", 9) == [line(1), line(1)]


async def test_those_made_at_the_same_moment_keep_their_order(place: str) -> None:
    """Digests of one moment are listed in the order in which they were added."""
    async with house(place) as home:
        for id in ("g-3", "g-1", "g-2"):
            await home.digests.add(replace(BASE, id=id), line(1))
        assert [digest.id for digest in home.digests.in_team("T1")] == ["g-3", "g-1", "g-2"]


async def test_a_change_is_made_only_to_what_was_seen(place: str) -> None:
    """Of two changes to the same digest the second finds another owner and writes nothing."""
    async with house(place) as home:
        await home.digests.add(BASE, line(1))
        moved = await home.digests.change(BASE, line(2), owner="U2", days=(1,), offered_to=None)
        assert moved == replace(BASE, owner="U2", days=(1,)) == home.digests.get("g-1", "T1")
        assert await home.digests.change(BASE, line(3), size="full") is None
        assert (await home.digests.delete(BASE, line(4)), await home.digests.delete(moved, line(5))) == (False, True)
        assert (home.digests.in_team("T1"), home.audit.lines("T1", 9)) == ([], [line(5), line(2), line(1)])


async def test_one_of_two_takes_it_over(place: str) -> None:
    """20 changes from two replicas at once to one state: one is made, with one line."""
    async with house(place) as one, house(place, one.sealer) as other:
        await one.digests.add(BASE, line(0))
        homes = (one, other)
        made = await asyncio.gather(
            *(homes[n % 2].digests.change(BASE, line(n + 1), owner=f"new-{n}") for n in range(20))
        )
        (number,) = (n for n, digest in enumerate(made) if digest)
        assert one.digests.in_team("T1") == [replace(BASE, owner=f"new-{number}")]
        assert one.audit.lines("T1", 9) == [line(number + 1), line(0)]


async def test_a_run_is_scheduled_once(place: str) -> None:
    """F2: 20 ticks of two replicas at once move it on once and schedule one run; the next day another one."""
    async with house(place) as one, house(place, one.sealer) as other:
        await one.digests.add(BASE, line(1))
        homes = (one, other)
        assert sum(await asyncio.gather(*(homes[n % 2].digests.advance([step()]) for n in range(20)))) == 1
        assert await other.digests.advance([step("run/2", 1)]) == 1
        assert keys(one) == ["run/1", "run/2"]
        assert one.digests.get("g-1", "T1") == replace(BASE, next_at=NOON + 2 * DAY, run_key="run/2")


async def test_a_run_that_was_is_passed_over(place: str) -> None:
    """F2: with the clock set back the same local date comes again: it is moved on, and nothing runs a second time."""
    async with house(place) as home:
        await home.digests.add(BASE, line(1))
        other = replace(BASE, id="g-2")
        await home.digests.add(other, line(2))
        await home.occurrences.add(due("run/1"))
        steps = [step(), replace(step("run/2"), digest_id="g-2"), replace(step("run/3"), digest_id="g-3")]
        assert await home.digests.advance(steps) == 2
        assert keys(home) == ["run/1", "run/2"]
        found = [home.digests.get(id, "T1") for id in ("g-1", "g-2")]
        assert found == [replace(BASE, next_at=NOON + DAY), replace(other, next_at=NOON + DAY, run_key="run/2")]


async def test_what_is_not_active_is_not_moved(place: str) -> None:
    """A paused digest, one without a next time and one that was moved by others stay as they are."""
    async with house(place) as home:
        await home.digests.add(paused := replace(BASE, state=PAUSED, next_at=None), line(1))
        assert await home.digests.advance([step(), step(since=1)]) == 0
        assert (home.digests.in_team("T1"), keys(home), home.digests.next_due()) == ([paused], [], None)


async def test_a_stop_is_noted_and_told_once(place: str) -> None:
    """F4: stopped once, with its reason and one line; owner and channel are each told once; a new start forgets it."""
    async with house(place) as home:
        await home.digests.add(BASE, line(1))
        stops = [await home.digests.stop("g-1", reason, line(2)) for reason in ("owner_left", "late")]
        told = [await home.digests.told("g-1", whom) for whom in (OWNER, OWNER, CHANNEL)]
        assert (stops, told) == ([True, False], [True, False, True])
        stopped = replace(BASE, state=STOPPED, next_at=None, reason="owner_left", told_owner=True, told_channel=True)
        assert home.digests.in_team("T1") == [stopped]
        anew = await home.digests.change(stopped, line(3), state=ACTIVE, next_at=NOON)
        assert anew == BASE == home.digests.get("g-1", "T1")
        assert home.audit.lines("T1", 9) == [line(3), line(2), line(1)]


async def test_what_was_posted_last_is_sealed(place: str) -> None:
    """C2: the numbers come back, stay where none are given, and open neither in another row nor in another team."""
    async with house(place) as home:
        for id in ("g-1", "g-2"):
            await home.digests.add(replace(BASE, id=id), line(1))
        assert [home.digests.last("g-1", "T1"), home.digests.last("g-9", "T1")] == [{}, {}]
        assert await home.digests.posted("g-1", NOON, {"open": 7}) is True
        assert await home.digests.posted("g-1", NOON + DAY) is True
        assert await home.digests.posted("g-9", NOON) is False
        kept = home.digests.get("g-1", "T1")
        assert (kept and kept.last_posted_at, home.digests.last("g-1", "T1")) == (NOON + DAY, {"open": 7})
        assert home.digests.last("g-1", "T2") == {}
        elsewhere(place, "UPDATE digests SET envelope = (SELECT envelope FROM digests WHERE id = 'g-1')")
        assert home.digests.last("g-2", "T1") == {}


@pytest.mark.parametrize(("what", "table"), AUDIT_BROKEN)
async def test_without_an_audit_nothing_changes(place: str, what: str, table: str) -> None:
    """G7: where the line cannot be written nothing is added, changed, stopped or deleted."""
    async with house(place) as home:
        await home.digests.add(BASE, line(1))
        shut(place, what, table)
        for work in (
            home.digests.add(replace(BASE, id="g-2"), line(2)),
            home.digests.change(BASE, line(2), owner="U2"),
            home.digests.stop("g-1", "late", line(2)),
            home.digests.delete(BASE, line(2)),
        ):
            with pytest.raises(StoreError):
                await work
        assert (home.digests.in_team("T1"), home.audit.lines("T1", 9)) == ([BASE], [line(1)])


async def test_old_stopped_digests_are_forgotten(place: str) -> None:
    """Only what was stopped before the edge goes; active and paused ones stay however old."""
    async with house(place) as home:
        for id in ("g-1", "g-2", "g-3"):
            await home.digests.add(replace(BASE, id=id), line(1))
        await home.digests.stop("g-1", "late", line(2))
        home.watch.advance(2 * 86_400)
        await home.digests.stop("g-2", "late", line(3))
        assert [await home.digests.forget_older_than(1), await home.digests.forget_older_than(1)] == [1, 0]
        assert [digest.id for digest in home.digests.in_team("T1")] == ["g-2", "g-3"]
