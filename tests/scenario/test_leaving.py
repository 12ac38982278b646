"""People who leave, and an app that is taken out, with the whole bot at work (CHECKS C11)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from stage import ADA, ADAS, BEN, ORDERS, Stage, staged, text_of

from sandbox.slack.workspace import TEAM
from store.audit import AuditLine
from store.digests import Digest, new_digest_id

LOOK = 121.0


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada and Ben connected, each watching an order in #orders."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        await one.connect(BEN, ADAS)
        await one.command(ADA, ORDERS, "/order watch 1001")
        await one.command(BEN, ORDERS, "/order watch 1004")
        yield one


def connected(stage: Stage) -> list[str]:
    """Who has a connection."""
    return stage.bot.services.accounts.vault.people(TEAM)


def watching(stage: Stage) -> list[str]:
    """Who still watches."""
    return [watch.user for watch in stage.bot.services.ports.watches.all_open()]


def said(stage: Stage) -> list[str]:
    """What the bot has said to the channel."""
    return [text_of(message) for message in stage.slack.visible(ADA, ORDERS) if message.by_bot]


async def test_a_deactivated_person_is_gone_at_once_and_the_channel_told_once(stage: Stage) -> None:
    """All links go, the watch stops with its reason and the channel reads so once, redelivered or not; Ben's stay."""
    before = len(said(stage))
    await stage.slack.deactivate(ADA)
    await stage.settle()
    await stage.bot.engine.idle()
    assert (connected(stage), watching(stage)) == ([BEN], [BEN])
    await stage.slack.redeliver_last("events_api", times=3)
    for _ in range(3):
        await stage.later(LOOK)
    new = said(stage)[before:]
    assert len(new) == 1
    assert "may no longer use Shipclerk" in new[0]
    rows = stage.database.all("SELECT stopped FROM watches WHERE user = ?", (ADA,))
    assert rows == [("owner_gone",)]
    [line] = [line for line in stage.audit(9) if line.action == "user_change"]
    assert (line.user, line.outcome) == (ADA, "done")


async def test_a_changed_profile_changes_nothing(stage: Stage) -> None:
    """A colleague's new name or status is acknowledged, and not even written down."""
    from sandbox.slack import events
    from sandbox.slack.methods.users import member_object

    before, lines = stage.database.all("SELECT count(*) FROM deliveries"), len(stage.audit(99))
    shown = member_object(stage.slack, stage.slack.member(ADA))
    task = events.emit(stage.slack, {"type": "user_change", "user": shown | {"real_name": "Ada L."}})
    assert task is not None
    assert (await task).acked
    await stage.settle()
    assert (connected(stage), watching(stage)) == ([ADA, BEN], [ADA, BEN])
    assert (stage.database.all("SELECT count(*) FROM deliveries"), len(stage.audit(99))) == (before, lines)


async def test_an_app_that_is_taken_out_keeps_nothing_and_says_nothing(stage: Stage) -> None:
    """All links of everybody go, all watches stop, and no call to Slack is tried for them afterwards."""
    await stage.slack.uninstall()
    await stage.settle()
    await stage.bot.engine.idle()
    assert (connected(stage), watching(stage)) == ([], [])
    calls, asked = len(stage.slack.calls), len(stage.quivo.requests)
    for _ in range(3):
        await stage.later(LOOK)
    assert [call.method for call in stage.slack.calls[calls:]] == []
    assert len(stage.quivo.requests) == asked
    rows = stage.database.all("SELECT DISTINCT stopped FROM watches")
    assert rows == [("uninstalled",)]


async def test_it_is_done_although_the_process_dies(stage: Stage) -> None:
    """What was noted is done by the next process: nothing of it hangs on the one that heard it."""
    await stage.bot.engine.stop(5)
    await stage.slack.deactivate(ADA)
    await stage.settle()
    assert connected(stage) == [ADA, BEN]
    await stage.restart()
    await stage.bot.engine.idle()
    assert connected(stage) == [BEN]


async def digest_of(stage: Stage, user: str) -> Digest:
    """A daily digest of this person's in #orders."""
    now = stage.bot.services.now()
    made = Digest(
        new_digest_id(), TEAM, user, ORDERS, ("stuck",), (0, 1, 2, 3, 4, 5, 6), "09:00", "UTC", "summary", now,
        next_at=now + timedelta(days=1),
    )  # fmt: skip
    line = AuditLine(now, "REF23456", TEAM, user, ORDERS, "digest.new", made.id, "active")
    await stage.bot.stores.digests.add(made, line)
    return made


async def test_a_digest_of_somebody_who_left_stops_and_its_channel_reads_so_once(stage: Stage) -> None:
    """Within the minute it is stopped with its reason, nothing of it is posted, and the channel is told once."""
    made, bens = await digest_of(stage, ADA), await digest_of(stage, BEN)
    before = len(said(stage))
    await stage.slack.deactivate(ADA)
    await stage.settle()
    await stage.bot.engine.idle()
    found = [stage.bot.stores.digests.get(one.id, TEAM) for one in (made, bens)]
    assert [(one.state, one.reason) for one in found if one] == [("stopped", "owner_left"), ("active", None)]
    for _ in range(2):
        await stage.later(60)
    [told] = [text for text in said(stage)[before:] if "has stopped" in text]
    assert ADA in told
