"""Leaving: everything that was kept of a person, or of a whole team, goes at once (CHECKS C11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from operations.leaving import AT_ONCE, LEAVE, OWNER_GONE, UNINSTALLED, Left, leave, note
from operations.linking import QPILOT, QUIVO, VENDO, Actor, Link, Removed
from operations.watching import LOOK
from store.audit import AuditLine
from store.database import Database
from store.digests import ACTIVE, PAUSED, STOPPED, Digest, new_digest_id
from store.envelope import Sealer
from store.errors import Busy, Lingering, StoreError
from store.keyring import KeyRing, new_key
from store.occurrences import Due
from store.stores import Stores, sqlite_stores
from store.vault import Vault

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
TEAM, OTHER = "T1", "T2"


class Quick(Link[Any]):
    """A back end's accounts that ask nobody; what is listed in ``failing`` is not removed."""

    def __init__(self, back_end: str, vault: Vault) -> None:
        super().__init__(vault)
        self.back_end = back_end  # type: ignore[misc]
        self.asked: list[str] = []
        self.failing: dict[str, StoreError] = {}
        self.at_once = self.most = 0

    async def session(self, connection: Any, stale: Any) -> Any:
        raise AssertionError("nothing was to be asked")

    async def disconnect(self, actor: Actor) -> Removed:
        self.asked.append(actor.user)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if actor.user in self.failing:
            raise self.failing[actor.user]
        return await super().disconnect(actor)


@dataclass
class House:
    """A real store with three back ends."""

    stores: Stores
    links: dict[str, Quick]
    ports: Any

    async def connect(self, team: str, user: str, *back_ends: str) -> None:
        for back_end in back_ends or (QUIVO, VENDO, QPILOT):
            await self.stores.vault.connect(
                team, user, back_end, account="a…", keeps_password=False, secrets={"session": b"s"}
            )

    async def watch(self, team: str, user: str, order_id: int) -> str:
        """A watch of this person's, with its next look; its id."""
        id = f"w{order_id}"
        place: dict[str, Any] = {"channel": "C1", "thread_ts": None, "back_end": QUIVO, "reference": None}
        due = Due(f"{LOOK}:{id}", LOOK, NOW, {"watch": id}, team)
        watched = await self.stores.watches.add(
            team=team, user=user, order_id=order_id, last_status="PENDING", due=due, watch_id=id, **place
        )
        assert watched is not None
        return id

    def kept(self) -> list[tuple[str, str, str]]:
        """Which connections there are."""
        people = [(team, user) for team in (TEAM, OTHER) for user in self.stores.vault.people(team)]
        return [(one.team, one.user, one.back_end) for who in people for one in self.stores.vault.connections(*who)]

    def stopped(self, *ids: str, team: str = TEAM) -> list[str | None]:
        """Why these watches no longer look."""
        found = [self.stores.watches.get(one, team) for one in ids]
        return [one.stopped if one else "gone" for one in found]


@asynccontextmanager
async def housed(folder: Path) -> AsyncIterator[House]:
    """A store in a folder."""
    database = Database.open(folder / "data" / "s.db")
    stores = sqlite_stores(database, Sealer(KeyRing.parse(new_key())), lambda: NOW)
    links = {name: Quick(name, stores.vault) for name in (QUIVO, VENDO, QPILOT)}
    accounts = SimpleNamespace(vault=stores.vault)
    ports = SimpleNamespace(
        accounts=accounts,
        watches=stores.watches,
        occurrences=stores.occurrences,
        digests=stores.digests,
        now=lambda: NOW,
        links=lambda: links,
    )
    try:
        yield House(stores, links, ports)
    finally:
        await database.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house of its own for each test, with Ada and Ben in it and a stranger of the same name elsewhere."""
    async with housed(tmp_path) as made:
        for team, user in ((TEAM, "UADA"), (TEAM, "UBEN"), (OTHER, "UADA")):
            await made.connect(team, user)
        yield made


async def due_keys(house: House) -> list[str]:
    """What still waits to run."""
    claimed = await house.stores.occurrences.claim_due(owner="x", lease=timedelta(seconds=1), most=99)
    return sorted(one.key for one in claimed)


async def test_a_person_leaves_and_nobody_else(house: House) -> None:
    """C11: all of that person's connections in that team go through each back end's own disconnect; no other's."""
    mine, bens = await house.watch(TEAM, "UADA", 1), await house.watch(TEAM, "UBEN", 2)
    assert await leave(house.ports, TEAM, "UADA", "REF23456") == Left(connections=3, watches=1, digests=0)
    assert house.kept() == [
        (team, user, back_end)
        for team, user in ((TEAM, "UBEN"), (OTHER, "UADA"))
        for back_end in (QPILOT, QUIVO, VENDO)
    ]
    assert [link.asked for link in house.links.values()] == [["UADA"]] * 3
    assert house.stopped(mine, bens) == [OWNER_GONE, None]
    assert await due_keys(house) == [f"{LOOK}:{mine}", f"{LOOK}:{bens}"]  # the look tells the channel once


async def test_a_whole_team_leaves(house: House) -> None:
    """C11: everybody's connections go, watches stop with their reason, and no look comes that could try to post."""
    await house.stores.carts.keep(TEAM, "UGUEST", "C1", number="R1", store="s", currency=None, token="t")
    mine, bens = await house.watch(TEAM, "UADA", 1), await house.watch(TEAM, "UBEN", 2)
    theirs = await house.watch(OTHER, "UADA", 3)
    assert await leave(house.ports, TEAM, None, "REF23456") == Left(connections=6, watches=2, digests=0)
    assert house.kept() == [(OTHER, "UADA", back_end) for back_end in (QPILOT, QUIVO, VENDO)]
    assert sorted(house.links[VENDO].asked) == ["UADA", "UBEN", "UGUEST"]  # whose cart goes with it
    assert house.stopped(mine, bens) == [UNINSTALLED] * 2
    assert house.stopped(theirs, team=OTHER) == [None]
    assert await due_keys(house) == [f"{LOOK}:{theirs}"]


async def test_again_is_nothing_more(house: House) -> None:
    """It may be done again after a crash: what is gone is gone, and the reason of a watch stays its first."""
    mine = await house.watch(TEAM, "UADA", 1)
    await leave(house.ports, TEAM, "UADA", "REF23456")
    assert await leave(house.ports, TEAM, "UADA", "REF23456") == Left(0, 0, 0)
    assert await leave(house.ports, TEAM, None, "REF23456") == Left(connections=3, watches=0, digests=0)
    assert house.stopped(mine) == [OWNER_GONE]
    assert await leave(house.ports, TEAM, "UNOBODY", "REF23456") == Left(0, 0, 0)


@pytest.mark.parametrize("failure", [Busy(), Lingering()], ids=["busy", "lingering"])
async def test_one_that_cannot_be_removed_keeps_no_other(failure: StoreError, house: House) -> None:
    """The others go all the same, at the same back end and at the next ones; then it is raised, to be tried again."""
    house.links[QUIVO].failing = {"UADA": failure}
    with pytest.raises(type(failure)):
        await leave(house.ports, TEAM, None, "REF23456")
    assert house.kept()[0] == (TEAM, "UADA", QUIVO)
    assert len(house.kept()) == 4
    house.links[QUIVO].failing = {}
    assert await leave(house.ports, TEAM, None, "REF23456") == Left(1, 0, 0)


async def test_a_thousand_people_go_side_by_side(tmp_path: Path) -> None:
    """Fifty at a time and no more, so that a silent back end's three seconds for each end within a minute."""
    async with housed(tmp_path) as house:
        people = [f"U{number:03}" for number in range(3 * AT_ONCE)]
        for user in people:
            await house.connect(TEAM, user, QUIVO)
        assert await leave(house.ports, TEAM, None, "REF23456") == Left(len(people), 0, 0)
        assert max(link.most for link in house.links.values()) <= AT_ONCE
        assert house.kept() == []
        assert (1000 / AT_ONCE) * 3 <= 60


async def test_it_is_noted_once(house: House) -> None:
    """A delivery is noted as work that outlives the process, with nothing but ids, and a second time it is not."""
    assert await note(cast("Any", house.ports), "event:Ev1", TEAM, "UADA") is True
    assert await note(cast("Any", house.ports), "event:Ev1", TEAM, "UADA") is False
    [one] = await house.stores.occurrences.claim_due(owner="x", lease=timedelta(seconds=1), most=9)
    assert (one.key, one.kind, one.team, one.payload) == ("leaving:event:Ev1", LEAVE, TEAM, {"user": "UADA"})


async def digest(house: House, team: str, user: str, state: str = ACTIVE) -> str:
    """A daily digest of this person's; its id."""
    when = {"days": (0, 1, 2, 3, 4), "at": "09:00", "zone": "Europe/Vienna", "size": "summary"}
    made = Digest(
        new_digest_id(),
        team,
        user,
        "C1",
        ("stuck",),
        created_at=NOW,
        state=state,
        **when,  # type: ignore[arg-type]
    )
    line = AuditLine(NOW, "REF", team, user, "C1", "digest.new", made.id, "active")
    await house.stores.digests.add(replace(made, next_at=NOW + timedelta(days=1) if state == ACTIVE else None), line)
    return made.id


def digests(house: House, *ids: str, team: str = TEAM) -> list[tuple[str, str | None]]:
    """State and reason of each."""
    found = [house.stores.digests.get(one, team) for one in ids]
    return [(one.state, one.reason) if one else ("gone", None) for one in found]


async def test_a_persons_digests_stop(house: House) -> None:
    """C11: an active one gets a last run, which finds its owner gone and tells the channel once; a paused one stops."""
    active, paused = await digest(house, TEAM, "UADA"), await digest(house, TEAM, "UADA", PAUSED)
    bens = await digest(house, TEAM, "UBEN")
    for _ in range(2):
        assert (await leave(house.ports, TEAM, "UADA", "REF23456")).digests in (1, 2)
    assert digests(house, active, paused, bens) == [(ACTIVE, None), (STOPPED, "owner_left"), (ACTIVE, None)]
    assert await due_keys(house) == [f"digest:{active}:asked:REF23456"]


async def test_a_teams_digests_stop_without_a_word(house: House) -> None:
    """C11: after an uninstall nothing can be told, so they stop where they are, and nothing runs any more."""
    mine, bens, theirs = [await digest(house, *who) for who in ((TEAM, "UADA"), (TEAM, "UBEN"), (OTHER, "UADA"))]
    assert (await leave(house.ports, TEAM, None, "REF23456")).digests == 2
    assert digests(house, mine, bens) == [(STOPPED, "bot_removed")] * 2
    assert digests(house, theirs, team=OTHER) == [(ACTIVE, None)]
    assert await due_keys(house) == []
    assert (await leave(house.ports, TEAM, None, "REF23456")).digests == 0
