"""Roles and channel classes as Slack says them: remembered a minute, asked once, closed when in doubt."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, FakeSlack
from slack_sdk.errors import SlackApiError

from handlers.access import Role
from handlers.directory import (
    FEW,
    FEW_PEOPLE,
    OWNER_SECONDS,
    REMEMBERED_SECONDS,
    Directory,
    Flags,
    Remembered,
    flags_of,
    is_walk_due,
    may_ask,
    profile_of,
)
from handlers.render.profile import Profile


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def directory(slack: FakeSlack, watch: Watch | None = None) -> Directory:
    return Directory(slack, TEAM, watch or Watch())


async def test_a_role_is_asked_once_a_minute() -> None:
    """A role is asked for once, remembered for a minute, and then asked for again: a removed admin stops being one."""
    slack, watch = FakeSlack(people={ADA: {"team_id": TEAM, "is_admin": True}}), Watch()
    known = directory(slack, watch)
    assert [await known.role(TEAM, TEAM, ADA) for _ in range(3)] == [Role.ADMIN] * 3
    slack.people[ADA] = {"team_id": TEAM, "deleted": True}
    watch.time += 59.9
    assert await known.role(TEAM, TEAM, ADA) is Role.ADMIN
    watch.time += 0.2
    assert await known.role(TEAM, TEAM, ADA) is Role.DEACTIVATED
    assert slack.asked == [ADA, ADA]


async def test_many_who_ask_at_once_share_one_question() -> None:
    """Fifty deliveries of one person at once cost one question to Slack."""
    slack = FakeSlack(people={ADA: {"team_id": TEAM}}, channels={CHANNEL: {"is_channel": True}})
    known = directory(slack)
    roles = await asyncio.gather(*(known.role(TEAM, TEAM, ADA) for _ in range(50)))
    profiles = await asyncio.gather(*(known.profile(CHANNEL) for _ in range(50)))
    assert (set(roles), set(profiles)) == ({Role.MEMBER}, {Profile.PUBLIC})
    assert slack.asked == [ADA, CHANNEL]


async def test_silence_is_unknown_and_not_remembered() -> None:
    """B2: where Slack does not say who somebody is, they are UNKNOWN, and the next delivery asks again."""
    slack = FakeSlack()
    known = directory(slack)
    assert await known.role(TEAM, TEAM, ADA) is Role.UNKNOWN
    slack.people[ADA] = {"team_id": TEAM}
    assert await known.role(TEAM, TEAM, ADA) is Role.MEMBER


async def test_silence_forgets_what_was_known() -> None:
    """B3: once a minute is over, an old answer is not used where Slack has become silent."""
    slack, watch = FakeSlack(people={ADA: {"team_id": TEAM}}), Watch()
    known = directory(slack, watch)
    await known.role(TEAM, TEAM, ADA)
    watch.time += 61
    slack.people.clear()
    assert await known.role(TEAM, TEAM, ADA) is Role.UNKNOWN


@pytest.mark.parametrize(("team", "home"), [("T0OTHER001", TEAM), (TEAM, "T0OTHER001"), ("T0OTHER001", "T0OTHER001")])
async def test_people_of_other_teams_are_outsiders_without_asking(team: str, home: str) -> None:
    """B2: somebody of another organisation is an outsider, whatever Slack would say about them."""
    slack = FakeSlack(people={ADA: {"team_id": TEAM, "is_admin": True}})
    assert await directory(slack).role(team, home, ADA) is Role.OUTSIDER
    assert slack.asked == []


async def test_a_user_of_another_team_is_an_outsider_by_slacks_answer() -> None:
    """B2: where the payload does not tell the person's own team, Slack's answer does."""
    slack = FakeSlack(people={BEN: {"team_id": "T0OTHER001", "is_admin": True}})
    assert await directory(slack).role(TEAM, TEAM, BEN) is Role.OUTSIDER


async def test_no_channel_is_the_persons_own_modal() -> None:
    """D3: what happens in a modal or in Home is shown to one person, and no channel is asked for."""
    slack = FakeSlack()
    assert await directory(slack).profile(None) is Profile.MODAL
    assert slack.asked == []


async def test_a_channel_that_slack_will_not_tell_is_external() -> None:
    """D3: a channel of which nothing is known shows as little as a shared one, and is asked for again."""
    slack = FakeSlack()
    known = directory(slack)
    assert await known.profile(CHANNEL) is Profile.EXTERNAL
    slack.channels[CHANNEL] = {"is_channel": True, "is_private": True}
    assert await known.profile(CHANNEL) is Profile.PRIVATE


@pytest.mark.parametrize(
    ("channel", "profile"),
    [
        ({"is_channel": True}, Profile.PUBLIC),
        ({"is_channel": True, "is_private": False}, Profile.PUBLIC),
        ({"is_channel": True, "is_private": True}, Profile.PRIVATE),
        ({"is_group": True}, Profile.PRIVATE),
        ({"is_mpim": True, "is_private": True}, Profile.PRIVATE),
        ({"is_im": True}, Profile.DIRECT),
        ({"is_channel": True, "is_ext_shared": True}, Profile.EXTERNAL),
        ({"is_channel": True, "is_shared": True}, Profile.EXTERNAL),
        ({"is_channel": True, "is_org_shared": True}, Profile.EXTERNAL),
        ({"is_channel": True, "is_pending_ext_shared": True}, Profile.EXTERNAL),
        ({"is_private": True, "is_ext_shared": True}, Profile.EXTERNAL),
        ({"is_im": True, "is_ext_shared": True}, Profile.EXTERNAL),
        ({}, Profile.EXTERNAL),
        ({"name": "novelty"}, Profile.EXTERNAL),
    ],
)
def test_the_class_of_a_channel(channel: dict[str, Any], profile: Profile) -> None:
    """D3: any sign of sharing makes a channel external, and so does the lack of any sign at all."""
    assert profile_of(channel) is profile


async def test_a_question_that_fails_is_asked_again() -> None:
    """A question that ends in an exception reaches those who asked, and does not block the next one."""
    answers = [RuntimeError("first"), None]

    async def ask(key: str) -> str:
        problem = answers.pop(0)
        if problem:
            raise problem
        return key

    remembered = Remembered(ask, Watch())
    with pytest.raises(RuntimeError, match="first"):
        await remembered.get("a")
    assert await remembered.get("a") == "a"


async def test_one_who_gives_up_does_not_take_the_answer_from_others() -> None:
    """A delivery that is cut off while it waits leaves the shared question to those who still wait."""
    gate = asyncio.Event()

    async def ask(key: str) -> str:
        await gate.wait()
        return key

    remembered = Remembered(ask, Watch())
    first, second = (asyncio.create_task(remembered.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == "a"
    assert first.cancelled()


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people ask, no more than a fixed number is remembered, and it is the oldest that are forgotten."""
    monkeypatch.setattr("handlers.directory._MOST", 3)

    async def ask(key: str) -> str:
        return key

    remembered = Remembered(ask, Watch())
    for number in (*range(5), 3, *range(5, 7)):
        await remembered.get(str(number), within=0.0)
    assert list(remembered._known) == ["3", "5", "6"]


MINE: Flags = {"is_channel": True, "is_member": True}
SHARED: Flags = {"is_ext_shared": True, "is_channel": True, "is_member": True}


def many(number: int) -> dict[str, dict[str, Any]]:
    """So many channels that the bot is in, as ``conversations.info`` shows them."""
    return {f"C{one}": {"name": f"c{one}", "is_channel": True, "is_member": True} for one in range(number)}


async def crowded(slack: FakeSlack, watch: Watch) -> Directory:
    """A directory that was asked for so many channels by runs that one more makes a walk; nothing of it was noted."""
    known = directory(slack, watch)
    for number in range(FEW):
        await known.channel(f"C{number}")
    slack.asked.clear()
    return known


async def test_a_few_runs_are_told_what_is_so_now() -> None:
    """B3: while few runs ask, each is told what Slack says now, also if it said something else a moment ago."""
    slack = FakeSlack(channels=many(1))
    known = directory(slack)
    assert (await known.channel("C0"), await known.profile("C0")) == (MINE, Profile.PUBLIC)
    slack.channels["C0"]["is_ext_shared"] = True
    assert (await known.channel("C0"), await known.channel("C404")) == (SHARED, None)
    assert (slack.asked, await known.profile("C0")) == (["C0", "C0", "C404"], Profile.EXTERNAL)


async def test_many_channels_at_once_cost_one_walk() -> None:
    """F5: thirty runs at once in thirty channels: a few questions and one walk, and each is told of its own channel."""
    slack = FakeSlack(channels=many(30))
    slack.channels["C29"]["is_ext_shared"] = True
    known = directory(slack)
    told = await asyncio.gather(*(known.channel(f"C{number}") for number in range(30)))
    assert told == [MINE] * 29 + [SHARED]
    assert sorted(slack.asked) == sorted([*(f"C{number}" for number in range(FEW)), "joined"])


async def test_people_are_told_what_a_walk_told() -> None:
    """The class of a channel that a walk told of costs people no question, and people begin no walk."""
    slack, watch = FakeSlack(channels=many(30)), Watch()
    known = await crowded(slack, watch)
    assert await known.profile("C20") is Profile.PUBLIC
    await known.channel("C21")
    assert await known.profile("C22") is Profile.PUBLIC
    assert slack.asked == ["C20", "joined"]


async def test_what_no_walk_tells_is_asked_for() -> None:
    """A channel that the bot was removed from is asked for after the walk, a direct message without one."""
    slack, watch = FakeSlack(channels=many(30), left={"C20", "D1", "C404"}), Watch()
    slack.channels |= {"C20": {"is_channel": True, "is_member": False}, "D1": {"is_im": True, "user": ADA}}
    known = await crowded(slack, watch)
    assert await known.channel("D1") == {"is_im": True}
    assert slack.asked == ["D1"]
    assert (await known.channel("C20"), await known.channel("C404")) == ({"is_channel": True}, None)
    assert slack.asked == ["D1", "joined", "C20", "C404"]


async def test_a_walk_is_forgotten_after_a_minute() -> None:
    """What a walk told is used for a minute and no longer, however many ask and whether or not the next one fails."""
    slack, watch = FakeSlack(channels=many(30)), Watch()
    known = await crowded(slack, watch)
    assert await known.channel("C20") == MINE
    slack.channels["C20"]["is_ext_shared"] = True
    slack.limited.add("joined")
    watch.time += 59.9
    assert await known.channel("C20") == MINE
    watch.time += 0.2
    for number in range(FEW):
        await known.channel(f"C{number}")
    slack.asked.clear()
    assert (await known.channel("C20"), slack.asked) == (SHARED, ["C20"])


async def test_what_grows_old_is_renewed_before_anybody_waits() -> None:
    """While a crowd goes on, the next walk begins when what is known is half a minute old, and holds nobody up."""
    slack, watch = FakeSlack(channels=many(30)), Watch()
    known = await crowded(slack, watch)
    await known.channel("C20")
    slack.channels["C20"]["is_ext_shared"] = True
    watch.time += 29.9
    assert (await known.channel("C20"), slack.asked) == (MINE, ["joined"])
    watch.time += 0.2
    assert await known.channel("C20") == MINE
    for _ in range(5):
        await asyncio.sleep(0)
    assert (await known.channel("C20"), slack.asked) == (SHARED, ["joined", "joined"])


async def test_a_walk_that_fails_leaves_each_to_ask(caplog: pytest.LogCaptureFixture) -> None:
    """Where Slack does not tell of all channels, each is asked for by itself, and no other walk begins at once."""
    slack, watch = FakeSlack(channels=many(30), limited={"joined"}), Watch()
    known = await crowded(slack, watch)
    rest = [f"C{number}" for number in range(FEW, 30)]
    assert await asyncio.gather(*map(known.channel, rest)) == [MINE] * len(rest)
    assert slack.asked == ["joined", *rest]
    assert caplog.messages == ["channels not told error=SlackApiError"]


@dataclass
class CountingSlack(FakeSlack):
    """A Slack that notes how many of its answers were under way at each question."""

    waiting: int = 0
    noted: list[int] = field(default_factory=list)

    async def channel(self, channel: str, *, strict: bool = False) -> dict[str, Any] | None:
        self.waiting += 1
        self.noted.append(self.waiting)
        try:
            return await super().channel(channel, strict=strict)
        finally:
            self.waiting -= 1


async def test_runs_ask_one_after_the_other() -> None:
    """Runs that must ask do so in turn and go on after an error; people, and what is remembered, wait for none."""
    slack, watch = CountingSlack(channels=many(30), limited={"joined", "C1"}), Watch()
    known = directory(slack, watch)
    told = await asyncio.gather(*(known.channel(f"C{number}") for number in range(30)), return_exceptions=True)
    assert [type(one) for one in told] == [dict, SlackApiError, *[dict] * 28]
    assert slack.noted == [1] * 30
    run = asyncio.create_task(known.channel("C1"))
    await asyncio.sleep(0)
    assert (await known.channel("C20"), run.done()) == (MINE, False)
    assert await known.profile("C404") is Profile.EXTERNAL
    assert slack.noted[30:] == [1, 2]
    with pytest.raises(SlackApiError):
        await run


@dataclass
class SlowSlack(FakeSlack):
    """A Slack whose second page comes only when it is let through."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def joined(self) -> AsyncIterator[list[dict[str, Any]]]:
        async for page in super().joined():
            yield page[:20]
            await self.gate.wait()
            yield page[20:]


async def test_nobody_waits_for_a_later_page() -> None:
    """Who asks is told as soon as a page tells of the channel; one who gives up does not end the walk for others."""
    slack, watch = SlowSlack(channels=many(30)), Watch()
    known = await crowded(slack, watch)
    leaves = asyncio.create_task(known.channel("C28"))
    waits = asyncio.create_task(known.channel("C29"))
    assert await known.channel("C19") == MINE
    leaves.cancel()
    await asyncio.sleep(0)
    assert (leaves.cancelled(), waits.done()) == (True, False)
    slack.gate.set()
    assert (await waits, slack.asked) == (MINE, ["joined"])


async def test_too_many_questions_are_no_answer_for_a_run() -> None:
    """A 429 says nothing about a channel: a run is told so, whether few or many ask, and it is not remembered."""
    slack, watch = FakeSlack(channels=many(30), limited={"C0", "C20"}, left={"C20"}), Watch()
    with pytest.raises(SlackApiError):
        await directory(slack).channel("C0")
    slack.limited.remove("C0")
    known = await crowded(slack, watch)
    with pytest.raises(SlackApiError):
        await known.channel("C20")
    slack.limited.clear()
    assert await known.channel("C20") == MINE


async def test_too_many_questions_are_external_for_people() -> None:
    """D3: after a 429 a person's answer shows as little as in a shared channel, and the next one is asked for again."""
    slack = FakeSlack(channels=many(1), limited={"C0"})
    known = directory(slack)
    assert await known.profile("C0") is Profile.EXTERNAL
    slack.limited.clear()
    assert (await known.profile("C0"), slack.asked) == (Profile.PUBLIC, ["C0", "C0"])


async def test_why_a_channel_is_closed_is_always_asked() -> None:
    """In a crowd too, ``fresh`` asks Slack now, and what it says is remembered."""
    slack, watch = FakeSlack(channels=many(30)), Watch()
    known = await crowded(slack, watch)
    await known.channel("C20")
    slack.channels["C20"]["is_member"] = False
    assert await known.channel("C20") == MINE
    assert await known.channel("C20", fresh=True) == {"is_channel": True}
    assert (await known.channel("C20"), slack.asked) == ({"is_channel": True}, ["joined", "C20"])


@pytest.mark.parametrize(
    ("asked", "may"),
    [([], True), ([100.0] * (FEW - 1), True), ([100.0] * FEW, False), ([40.1] * FEW, False), ([40.0] * FEW, True)],
)
def test_how_many_runs_may_ask(asked: list[float], may: bool) -> None:
    """A few a minute, and a question that is a minute old counts no more."""
    assert may_ask(deque(asked, maxlen=FEW), 100.0) is may


async def test_an_owner_is_asked_for_anew_until_many_are() -> None:
    """B3, F5: a run's owner is as Slack says now, and for ten minutes as it said once too many runs ask."""
    slack, watch = FakeSlack(people={ADA: {"team_id": TEAM}, BEN: {"team_id": TEAM}}), Watch()
    known = directory(slack, watch)
    for _ in range(FEW_PEOPLE):
        assert await known.owner_role(TEAM, ADA) is Role.MEMBER
    assert slack.asked == [ADA] * FEW_PEOPLE
    slack.people[ADA] = {"team_id": TEAM, "deleted": True}
    assert (await known.owner_role(TEAM, ADA), len(slack.asked)) == (Role.MEMBER, FEW_PEOPLE)
    assert (await known.owner_role(TEAM, BEN), slack.asked[-1]) == (Role.MEMBER, BEN)
    watch.time += REMEMBERED_SECONDS
    assert await known.owner_role(TEAM, ADA) is Role.DEACTIVATED


async def test_an_owner_is_not_remembered_for_ever() -> None:
    """B3: however many runs ask, after ten minutes Slack is asked again; another team's people are nobody at once."""
    slack, watch = FakeSlack(people={ADA: {"team_id": TEAM}, BEN: {"team_id": TEAM}}), Watch()
    known = directory(slack, watch)
    await known.owner_role(TEAM, BEN)
    slack.people[BEN] = {"team_id": TEAM, "deleted": True}
    told = []
    for seconds in (OWNER_SECONDS - 1, 1):
        watch.time += seconds
        for _ in range(FEW_PEOPLE):
            await known.owner_role(TEAM, ADA)
        told.append(await known.owner_role(TEAM, BEN))
    assert told == [Role.MEMBER, Role.DEACTIVATED]
    slack.asked.clear()
    assert (await known.owner_role("T0OTHER001", ADA), slack.asked) == (Role.OUTSIDER, [])


@pytest.mark.parametrize(
    ("age", "rested", "due"),
    [(inf, inf, True), (30.0, 30.0, True), (29.9, inf, False), (inf, 29.9, False), (0.0, 0.0, False)],
)
def test_when_a_walk_is_due(age: float, rested: float, due: bool) -> None:
    """Not while what is known is young, and not while the last walk, however it ended, is recent."""
    assert is_walk_due(age, rested) is due


def test_only_flags_are_kept() -> None:
    """Of a channel only those flags are remembered that are set: no name, no topic, nothing about people."""
    shown = {"id": "C1", "name": "x", "user": ADA, "is_general": True, "is_member": True, "is_im": False}
    assert flags_of(shown | {"is_archived": True, "is_channel": 1}) == {
        "is_channel": True,
        "is_archived": True,
        "is_member": True,
    }
