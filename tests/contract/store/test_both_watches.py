"""A channel follows an order once at a time, and each change of status is news for one caller (F4)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from store_world import NOON, House, due, elsewhere, house

from store.errors import EnvelopeError, Repeated
from store.stores import on_postgres
from store.watches import Watch, new_watch_id


async def add(home: House, **different: Any) -> Watch | None:
    usual = {"team": "T1", "user": "U1", "channel": "C1", "thread_ts": "1.2", "back_end": "quivo", "order_id": 1001}
    return await home.watches.add(**{**usual, "reference": "#DE38678", "last_status": "PROCESSING", **different})


async def added(home: House, **different: Any) -> Watch:
    watch = await add(home, **different)
    assert watch is not None
    return watch


async def test_a_watch_comes_back_whole(place: str) -> None:
    """A watch is found by each of its ways with everything that was put in, also after a restart."""
    async with house(place) as home:
        watch, sealer = await added(home), home.sealer
        where = ("T1", "U1", "C1", "1.2", "quivo", 1001)
        assert watch == Watch(watch.id, *where, "#DE38678", "PROCESSING", NOON, None)
        bare = await added(home, channel="C2", thread_ts=None, reference=None)
    async with house(place, sealer) as home:
        assert home.watches.get(watch.id, "T1") == watch
        assert home.watches.get(bare.id, "T1") == bare
        assert home.watches.in_channel("T1", "C1") == [watch]
        assert set(home.watches.of("T1", "quivo", 1001)) == set(home.watches.all_open()) == {watch, bare}


async def test_a_channel_watches_an_order_once(place: str) -> None:
    """50 concurrent watches of one order in one channel: one is made, with its occurrence; 49 are told None."""
    async with house(place) as home:
        made = await asyncio.gather(*(add(home, user=f"U{n}", due=due(f"watch/{n}")) for n in range(50)))
        (number,) = (n for n, watch in enumerate(made) if watch)
        assert home.watches.all_open() == [made[number]]
        assert elsewhere(place, "SELECT key FROM occurrences") == [(f"watch/{number}",)]


@pytest.mark.parametrize("different", [{"channel": "C2"}, {"team": "T2"}, {"back_end": "vendo"}, {"order_id": 1002}])
async def test_another_channel_team_back_end_or_order_is_free(place: str, different: dict[str, Any]) -> None:
    """A watch stands in the way of its own channel and order only, and lists keep them apart."""
    async with house(place) as home:
        first, other = await added(home), await added(home, **different)
        assert home.watches.in_channel(other.team, other.channel).count(other) == 1
        both = [*home.watches.in_channel("T1", "C1"), *home.watches.of("T1", "quivo", 1001)]
        assert both.count(first) == 2
        assert both.count(other) == (0 if other.team == "T2" else 1)


async def test_a_stopped_watch_lets_a_new_one_in(place: str) -> None:
    """A stopped watch keeps its first reason, is in no list, and the channel may watch the order anew."""
    async with house(place) as home:
        first = await added(home)
        stops = [await home.watches.stop(first.id, reason) for reason in ("token_expired", "by_hand")]
        assert [*stops, await home.watches.stop("x" * 22, "by_hand")] == [True, False, False]
        assert home.watches.all_open() == home.watches.in_channel("T1", "C1") == []
        assert home.watches.of("T1", "quivo", 1001) == []
        assert home.watches.get(first.id, "T1") == replace(first, stopped="token_expired")
        second = await added(home)
        assert home.watches.all_open() == [second]


async def test_a_change_is_news_once(place: str) -> None:
    """50 concurrent sightings of a new status: one is told True; the same status again and a stopped watch: False."""
    async with house(place) as home:
        watch, other = await added(home), await added(home, channel="C2")
        news = await asyncio.gather(*(home.watches.seen(watch.id, "COMPLETED") for _ in range(50)))
        assert sorted(news) == [False] * 49 + [True]
        assert await home.watches.seen(watch.id, "PROCESSING") is True
        await home.watches.stop(watch.id, "final")
        late = [await home.watches.seen(watch.id, "COMPLETED"), await home.watches.seen("x" * 22, "COMPLETED")]
        assert late == [False, False]
        assert home.watches.get(watch.id, "T1") == replace(watch, stopped="final")
        assert home.watches.get(other.id, "T1") == other


async def test_the_first_look_comes_with_the_watch(place: str) -> None:
    """The occurrence may name the watch; where its key was used, there is no watch either."""
    async with house(place) as home:
        id = new_watch_id()
        assert (await added(home, watch_id=id, due=due(f"watch/{id}", watch=id))).id == id
        (found,) = await home.occurrences.claim_due(owner="A", lease=timedelta(seconds=60), most=9)
        assert (found.key, found.payload) == (f"watch/{id}", {"watch": id})
        with pytest.raises(Repeated):
            await add(home, channel="C2", due=due(f"watch/{id}"))
        assert [watch.id for watch in home.watches.all_open()] == [id]


async def test_lists_are_oldest_first(place: str) -> None:
    """Watches are listed in the order in which they were made."""
    async with house(place) as home:
        made = []
        for number in (3, 1, 2):
            made.append(await added(home, order_id=number))
            home.watch.advance(1)
        assert home.watches.all_open() == home.watches.in_channel("T1", "C1") == made


async def test_another_team_finds_nothing(place: str) -> None:
    """B6: with the right id, channel or order in another team there is no watch."""
    async with house(place) as home:
        watch = await added(home)
        found = home.watches.in_channel("T2", "C1"), home.watches.of("T2", "quivo", 1001)
        assert (home.watches.get(watch.id, "T2"), *found) == (None, [], [])


async def test_a_persons_own_watches(place: str) -> None:
    """One's own open ones in every channel, oldest first: not another person's, another team's, or a stopped one."""
    async with house(place) as home:
        second = await added(home, channel="C2", thread_ts=None)
        home.watch.advance(-1)
        first, stopped = await added(home), await added(home, order_id=1002)
        bens, theirs = await added(home, user="U2", channel="C3"), await added(home, team="T2")
        await home.watches.stop(stopped.id, "final")
        assert home.watches.of_person("T1", "U1") == [first, second]
        assert home.watches.of_person("T1", "U2") == [bens]
        assert home.watches.of_person("T2", "U1") == [theirs]
        assert home.watches.of_person("T2", "U2") == []
        names = "pg_indexes WHERE indexname" if on_postgres(place) else "sqlite_master WHERE name"
        assert elsewhere(place, f"SELECT count(*) FROM {names} = 'watches_mine'") == [(1,)]


async def test_old_stopped_watches_are_forgotten(place: str) -> None:
    """Only what was stopped before the edge goes; open watches stay however old."""
    async with house(place) as home:
        old, open_one, fresh = [await added(home, order_id=number) for number in range(3)]
        await home.watches.stop(old.id, "final")
        home.watch.advance(86_400)
        await home.watches.stop(fresh.id, "final")
        home.watch.advance(3600)
        assert [await home.watches.forget_older_than(1), await home.watches.forget_older_than(1)] == [1, 0]
        found = [home.watches.get(watch.id, "T1") for watch in (old, open_one, fresh)]
        assert found == [None, open_one, replace(fresh, stopped="final")]


async def test_watches_do_not_open_in_another_row_or_team(place: str) -> None:
    """C2: an envelope that was moved to another watch, or a watch that was given to another team, is refused."""
    async with house(place) as home:
        one, other = await added(home), await added(home, channel="C2")
        sql = "UPDATE watches SET envelope = (SELECT envelope FROM watches WHERE id = ?) WHERE id = ?"
        elsewhere(place, sql, (one.id, other.id))
        elsewhere(place, "UPDATE watches SET team = 'T3' WHERE id = ?", (one.id,))
        for watch_id, team in ((other.id, "T1"), (one.id, "T3")):
            with pytest.raises(EnvelopeError):
                home.watches.get(watch_id, team)
