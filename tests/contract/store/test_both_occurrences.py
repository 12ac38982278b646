"""Due runs are handed to one owner at a time, are recorded once, and their keys are never used again (DESIGN §6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from store_world import NOON, House, due, elsewhere, house, sealer_of

from store.keyring import new_key
from store.occurrences import Occurrence
from store.stores import on_postgres

LEASE = timedelta(seconds=60)
ROWS = "SELECT key, attempt, owner, result FROM occurrences ORDER BY key"


def held(key: str = "d-1", attempt: int = 1, since: float = 0, due_at: float = 0, **payload: object) -> Occurrence:
    """What an owner gets who claims so many seconds after noon."""
    until, at = NOON + timedelta(seconds=since) + LEASE, NOON + timedelta(seconds=due_at)
    return Occurrence(key, "cancel.send", "T1", at, attempt, payload, until)


async def claimed(home: House, owner: str = "A", most: int = 10) -> list[Occurrence]:
    return await home.occurrences.claim_due(owner=owner, lease=LEASE, most=most)


async def test_what_is_due_is_claimed_whole(place: str) -> None:
    """An occurrence comes with everything that was put in, at its time and not before, also after a restart."""
    async with house(place) as home:
        assert await home.occurrences.add(due(seconds=5, action="a-1", name="Canary Müller")) is True
        sealer = home.sealer
        assert await claimed(home) == []
    async with house(place, sealer) as home:
        home.watch.advance(5)
        assert await claimed(home) == [held(since=5, due_at=5, action="a-1", name="Canary Müller")]


async def test_what_people_wait_for_goes_before_digests(place: str) -> None:
    """Runs of digests come after everything else that is due, however long they have waited."""
    async with house(place) as home:
        for number in range(12):
            await home.occurrences.add(replace(due(f"digest:{number:02}"), kind="digest.run"))
        await home.occurrences.add(due("d-undo", seconds=5))
        home.watch.advance(9)
        assert {one.key for one in await claimed(home, most=3)} == {"d-undo", "digest:00", "digest:01"}


async def test_a_key_is_used_once_for_ever(place: str) -> None:
    """A key is refused while it waits, runs, comes again, is done, is dropped, and after it was forgotten."""
    async with house(place) as home:
        runs = home.occurrences
        answers = [await runs.add(due(n=1)), await runs.add(due(n=2))]
        await claimed(home)
        answers.append(await runs.add(due()))
        await runs.again("d-1", "A", NOON)
        answers.append(await runs.add(due()))
        assert await claimed(home) == [held(n=1)]
        await runs.done("d-1", "A", "requested")
        answers.append(await runs.add(due()))
        home.watch.advance(90_000)
        assert await runs.forget_older_than(1) == 1
        answers.append(await runs.add(due()))
        await runs.add(due("d-2"))
        await runs.drop("d-2")
        answers.append(await runs.add(due("d-2")))
        assert answers == [True] + [False] * 6
        assert await claimed(home) == []


async def test_a_lease_is_respected_until_it_runs_out(place: str) -> None:
    """While the lease lasts nobody else gets it; at its end the next owner does, as attempt 2."""
    async with house(place) as home:
        await home.occurrences.add(due())
        first = await claimed(home, "A")
        home.watch.advance(59.999)
        early = await claimed(home, "B")
        home.watch.advance(0.001)
        second = await claimed(home, "B")
        home.watch.advance(61)
        third = await claimed(home, "C")
        assert [first, early, second, third] == [
            [held()],
            [],
            [held(attempt=2, since=60)],
            [held(attempt=3, since=121)],
        ]


async def taken_over(home: House) -> None:
    """One that A claimed, and B once A's lease was over."""
    await home.occurrences.add(due(n=1))
    await claimed(home, "A")
    home.watch.advance(60)
    await claimed(home, "B")


async def test_who_lost_the_lease_records_nothing(place: str) -> None:
    """The first owner, back after another took over, is told False by everything, and the second's result stands."""
    async with house(place) as home:
        await taken_over(home)
        late = [
            await home.occurrences.done("d-1", "A", "late"),
            await home.occurrences.again("d-1", "A", NOON, {"n": 2}),
            await home.occurrences.extend("d-1", "A", LEASE),
            await home.occurrences.give_back("d-1", "A", LEASE),
        ]
        assert late == [False, False, False, False]
        results = [await home.occurrences.done("d-1", owner, owner) for owner in ("B", "B", "A")]
        assert results == [True, False, False]
        assert elsewhere(place, ROWS) == [("d-1", 2, None, "B")]


async def test_an_owner_whom_nobody_replaced_may_still_record(place: str) -> None:
    """A lease that ran out is lost only when somebody else takes it."""
    async with house(place) as home:
        await home.occurrences.add(due())
        await claimed(home, "A")
        home.watch.advance(600)
        assert await home.occurrences.done("d-1", "A", "requested") is True
        assert await claimed(home, "B") == []


async def test_what_is_given_back_was_never_claimed(place: str) -> None:
    """After the wait, and not before, the next owner has it with the same attempt, due time and payload."""
    async with house(place) as home:
        await taken_over(home)
        assert await home.occurrences.give_back("d-1", "B", LEASE) is True
        assert await home.occurrences.done("d-1", "B", "late") is False
        home.watch.advance(59)
        assert await claimed(home, "C") == []
        home.watch.advance(1)
        assert await claimed(home, "C") == [held(attempt=2, since=120, n=1)]


async def test_extending_keeps_it(place: str) -> None:
    """An extended lease lasts from the moment of the extension on."""
    async with house(place) as home:
        await home.occurrences.add(due())
        await claimed(home, "A")
        home.watch.advance(50)
        assert await home.occurrences.extend("d-1", "A", LEASE) is True
        home.watch.advance(59)
        assert await claimed(home, "B") == []
        home.watch.advance(1)
        assert await claimed(home, "B") == [held(attempt=2, since=110)]


async def test_again_starts_over(place: str) -> None:
    """Put back for later it is free at that time, as attempt 1, with the old payload or a new one."""
    async with house(place) as home:
        await home.occurrences.add(due(look=1))
        await claimed(home, "A")
        home.watch.advance(60)
        await claimed(home, "B")
        assert await home.occurrences.again("d-1", "B", NOON + timedelta(seconds=100)) is True
        assert await claimed(home, "C") == []
        home.watch.advance(40)
        assert await claimed(home, "C") == [held(since=100, due_at=100, look=1)]
        assert await home.occurrences.again("d-1", "C", NOON + timedelta(seconds=100), {"look": 2}) is True
        assert await claimed(home, "D") == [held(since=100, due_at=100, look=2)]


async def test_what_is_not_claimed_cannot_be_recorded(place: str) -> None:
    """Before a claim, after the end and under an unknown key every owner is told False."""
    async with house(place) as home:
        runs = home.occurrences
        await runs.add(due())
        await runs.add(due("d-2"))
        await claimed(home, most=1)
        await runs.done("d-1", "A", "requested")
        for key in ("d-1", "d-2", "d-3", ""):
            answers = [
                await runs.done(key, "A", "x"),
                await runs.again(key, "A", NOON),
                await runs.extend(key, "A", LEASE),
            ]
            assert answers == [False, False, False]
        assert elsewhere(place, ROWS) == [("d-1", 1, None, "requested"), ("d-2", 0, None, None)]


async def test_a_dropped_one_never_runs(place: str) -> None:
    """Dropped before or during its run it is over; a second drop, and one of what is done, change nothing."""
    async with house(place) as home:
        runs = home.occurrences
        for key in ("d-1", "d-2", "d-3"):
            await runs.add(due(key))
        await claimed(home, most=2)
        await runs.done("d-2", "A", "requested")
        drops = [await runs.drop(key) for key in ("d-1", "d-1", "d-2", "d-3", "d-4")]
        assert drops == [True, False, False, True, False]
        assert await runs.done("d-1", "A", "late") is False
        home.watch.advance(600)
        assert await claimed(home) == []
        found = [result for _, _, _, result in elsewhere(place, ROWS)]
        assert found == ["dropped", "requested", "dropped"]


async def test_the_longest_waiting_come_first_and_at_most_so_many(place: str) -> None:
    """A claim takes no more than it may, the longest waiting first; the rest is left for others."""
    async with house(place) as home:
        for number in (4, 1, 3, 2):
            await home.occurrences.add(due(f"d-{number}", seconds=number))
        home.watch.advance(9)
        taken = [await claimed(home, "A", most) for most in (-1, 0, 3, 3, 3)]
        assert [[one.key for one in some] for some in taken] == [[], [], ["d-1", "d-2", "d-3"], ["d-4"], []]


async def test_the_next_due_time(place: str) -> None:
    """It is the earliest due time or end of a lease; None when nothing is scheduled."""
    async with house(place) as home:
        runs, seen = home.occurrences, [home.occurrences.next_due()]
        await runs.add(due("d-2", seconds=90))
        await runs.add(due("d-1"))
        seen.append(runs.next_due())
        await claimed(home)
        seen.append(runs.next_due())
        await runs.done("d-1", "A", "requested")
        seen.append(runs.next_due())
        await runs.drop("d-2")
        seen.append(runs.next_due())
    assert seen == [None, NOON, NOON + LEASE, NOON + timedelta(seconds=90), None]


async def test_replicas_share_what_is_due(place: str) -> None:
    """Two open databases that claim at the same time get each occurrence once, and together all of them."""
    async with house(place) as home, house(place, home.sealer, home.watch) as other:
        await asyncio.gather(*(home.occurrences.add(due(f"d-{number:03}")) for number in range(120)))
        taken: list[str] = []
        while some := await asyncio.gather(*(claimed((home, other)[n % 2], f"owner-{n}", 5) for n in range(6))):
            taken += [one.key for each in some for one in each]
            if not any(some):
                break
        assert sorted(taken) == [f"d-{number:03}" for number in range(120)]


async def test_fifty_claimers_get_each_once(place: str) -> None:
    """50 concurrent claims share 100 occurrences without one being handed out twice."""
    async with house(place) as home:
        await asyncio.gather(*(home.occurrences.add(due(f"d-{number:03}")) for number in range(100)))
        taken = await asyncio.gather(*(claimed(home, f"owner-{number}", 3) for number in range(50)))
        left = await claimed(home, "late", 100)  # what somebody was looking at while others had passed it by
        assert on_postgres(place) or left == []
        taken.append(left)
    keys = [one.key for some in taken for one in some]
    assert sorted(keys) == [f"d-{number:03}" for number in range(100)]
    assert {one.attempt for some in taken for one in some} == {1}


async def test_concurrent_adds_of_one_key(place: str) -> None:
    """50 concurrent adds of one key: one is told True, and one row is there."""
    async with house(place) as home:
        answers = await asyncio.gather(*(home.occurrences.add(due(n=number)) for number in range(50)))
        assert sorted(answers) == [False] * 49 + [True]
        assert await claimed(home) == [held(n=answers.index(True))]


async def test_forgetting_erases_payloads_and_keeps_keys(place: str) -> None:
    """Only what finished before the edge loses its payload; what is open is untouched, however old."""
    async with house(place) as home:
        runs = home.occurrences
        for key in ("d-1", "d-2", "d-3"):
            await runs.add(due(key))
        await claimed(home, most=2)
        await runs.done("d-1", "A", "requested")
        home.watch.advance(86_400)
        await runs.done("d-2", "A", "requested")
        home.watch.advance(3600)
        assert [await runs.forget_older_than(1), await runs.forget_older_than(1)] == [1, 0]
        sql = "SELECT key, result, envelope IS NULL FROM occurrences ORDER BY key"
        assert elsewhere(place, sql) == [
            ("d-1", "requested", 1),
            ("d-2", "requested", 0),
            ("d-3", None, 0),
        ]
        assert [one.key for one in await claimed(home)] == ["d-3"]


async def test_an_unreadable_one_holds_up_nobody(place: str) -> None:
    """C2: an envelope from another row is never handed out; the others run, and it comes again after its lease."""
    async with house(place) as home:
        for key in ("d-1", "d-2"):
            await home.occurrences.add(due(key, own=key))
        ((right,),) = elsewhere(place, "SELECT envelope FROM occurrences WHERE key = 'd-1'")
        swap = (
            "UPDATE occurrences SET envelope = (SELECT envelope FROM occurrences WHERE key = 'd-2') WHERE key = 'd-1'"
        )
        elsewhere(place, swap)
        assert await claimed(home) == [held("d-2", own="d-2")]
        elsewhere(place, "UPDATE occurrences SET envelope = ? WHERE key = 'd-1'", (right,))
        assert await claimed(home) == []
        home.watch.advance(60)
        assert (await claimed(home, "B"))[0] == held("d-1", attempt=2, since=60, own="d-1")


async def test_another_team_or_key_opens_nothing(place: str) -> None:
    """C2: a row that was given to another team is not run, nor is one sealed with a key that is not on the ring."""
    async with house(place) as home:
        for key in ("d-1", "d-2"):
            await home.occurrences.add(due(key))
        elsewhere(place, "UPDATE occurrences SET team = 'T2' WHERE key = 'd-1'")
        async with house(place, sealer_of(new_key()), home.watch) as other:
            assert await claimed(other, "B") == []
        home.watch.advance(60)
        assert await claimed(home) == [held("d-2", attempt=2, since=60)]


async def test_naive_times_are_refused(place: str) -> None:
    """A time without a zone would be a guess, so it is refused before anything is written."""
    async with house(place) as home:
        naive = NOON.replace(tzinfo=None)
        with pytest.raises(TypeError):
            await home.occurrences.add(replace(due(), at=naive))
        with pytest.raises(TypeError):
            await home.occurrences.again("d-1", "A", naive)
        assert elsewhere(place, ROWS) == []


async def test_payloads_are_not_shown(place: str) -> None:
    """C10: neither what is due nor what was claimed shows its payload when printed."""
    async with house(place) as home:
        wanted = due(name="canary-name")
        await home.occurrences.add(wanted)
        assert "canary" not in repr(wanted) + repr(await claimed(home))
