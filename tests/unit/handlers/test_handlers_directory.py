"""Roles and channel classes as Slack says them: remembered a minute, asked once, closed when in doubt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, FakeSlack

from handlers.access import Role
from handlers.directory import Directory, Remembered, profile_of
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
    """However many people ask, no more than a fixed number is remembered."""
    monkeypatch.setattr("handlers.directory._MOST", 3)

    async def ask(key: str) -> str:
        return key

    remembered = Remembered(ask, Watch())
    for number in range(10):
        await remembered.get(str(number))
    assert len(remembered._known) <= 3
