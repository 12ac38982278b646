"""Digests when something dies, is gone or says no: once, stopped once, told once (CHECKS F2, F4; DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from digest_moves import (
    DAY,
    channel_told,
    last_for,
    make,
    one,
    plain,
    posted,
    results,
    told,
    unpaced,
    until_due,
)
from stage import ADA, BEN, DM_ADA, ORDERS, SHARED, Stage, staged, text_of

from handlers.directory import FEW
from handlers.render.digest_words import short
from operations.linking import Actor
from sandbox.slack import blocks
from sandbox.slack.methods import chat
from sandbox.slack.workspace import TEAM
from store.errors import Busy

ACTOR = Actor(TEAM, ADA)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected to Quivo and one digest of hers in #orders."""
    async with staged(tmp_path) as made:
        unpaced(made)
        await made.connect(ADA)
        await make(made)
        yield made


def dies_once(stage: Stage, patch: pytest.MonkeyPatch, name: str) -> None:
    """The store fails once where a run would note this: as if the process died right before it."""
    digests = stage.bot.services.ports.digests

    async def dies(*_: Any, **__: Any) -> bool:
        patch.undo()
        raise Busy()

    patch.setattr(digests, name, dies)


async def test_posted_and_not_recorded_is_posted_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2: killed between the post and its record: the second attempt finds it in Slack and only records it."""
    dies_once(stage, monkeypatch, "posted")
    await until_due(stage)
    await stage.restart()
    unpaced(stage)
    await stage.later(300)
    assert (len(posted(stage)), results(stage)) == (1, ["posted"])
    assert one(stage).last_posted_at is not None


async def test_died_before_the_post_is_posted_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2: killed before the post: the second attempt finds nothing, collects anew and posts."""
    slack = stage.bot.services.slack

    async def dies(*_: Any, **__: Any) -> Any:
        monkeypatch.undo()
        raise TimeoutError

    monkeypatch.setattr(slack, "post", dies)
    await until_due(stage)
    await stage.later(300)
    assert (len(posted(stage)), results(stage)) == (1, ["posted"])


async def ended_once(stage: Stage, reason: str) -> None:
    """It stays stopped, with its reason; whatever time passes, nobody is told again and nothing is posted."""
    before = (told(stage), channel_told(stage), len(posted(stage)))
    assert (one(stage).state, one(stage).reason, results(stage)) == ("stopped", reason, ["stopped"])
    await stage.later(3 * DAY)
    assert (told(stage), channel_told(stage), len(posted(stage))) == before


def stops(stage: Stage) -> list[str]:
    """What the owner was told of a digest that stopped."""
    return [text for text in told(stage) if "has stopped" in text]


async def test_the_connection_is_gone(stage: Stage) -> None:
    """F4: disconnected: stopped at the next run; owner and channel read it once, the owner with the way to mend."""
    await stage.bot.services.accounts.disconnect(ACTOR)
    await until_due(stage)
    [mine], [all_read] = stops(stage), channel_told(stage)
    assert ("/connect" in mine, f"/digest resume {short(one(stage).id)}" in mine) == (True, True)
    assert ("Its owner has to connect again" in all_read, "/connect" in all_read) == (True, False)
    assert posted(stage) == []
    await ended_once(stage, "not_connected")


async def test_a_stopped_digest_is_mended_by_its_button(stage: Stage) -> None:
    """Connected again, *Resume* in the owner's message goes on, and the next run is posted."""
    await stage.bot.services.accounts.disconnect(ACTOR)
    await until_due(stage)
    await stage.connect(ADA)
    [message] = [m for m in stage.slack.visible(ADA, DM_ADA) if "has stopped" in m.text]
    await stage.click(ADA, DM_ADA, message, "digest.resume")
    assert (one(stage).state, one(stage).reason) == ("active", None)
    await until_due(stage)
    assert len(posted(stage)) == 1


async def test_the_login_has_run_out(tmp_path: Path) -> None:
    """F4: a login without a kept password that is over: stopped at the first 401, told once each."""
    async with staged(tmp_path) as stage:
        unpaced(stage)
        await stage.connect(ADA)
        await make(stage)
        await stage.bot.services.accounts.disconnect(ACTOR)
        await stage.connect(
            ADA, {"apiKey": "demo-key", "username": "ada", "password": "demo-pass", "keepPassword": ["forget"]}
        )
        stage.quivo.expire_tokens()
        await until_due(stage)
        assert (len(stops(stage)), len(channel_told(stage))) == (1, 1)
        await ended_once(stage, "login_again")


async def test_the_owner_is_gone(stage: Stage) -> None:
    """F4: a deactivated owner: stopped without asking Quivo; the channel is told, nobody's messages are used."""
    stage.slack.set_member(ADA, deleted=True)
    asked = len(stage.quivo.requests)
    before = told(stage)
    await until_due(stage)
    [all_read] = [plain(m.text) for m in stage.slack.visible(BEN, ORDERS) if "has stopped" in m.text]
    assert "may no longer use Shipclerk" in all_read
    assert (told(stage), len(stage.quivo.requests)) == (before, asked)
    assert (one(stage).state, one(stage).reason) == ("stopped", "owner_left")


@pytest.mark.parametrize(
    ("change", "reason", "mend"),
    [
        ({"archived": True}, "channel_gone", "Choose another one with Change"),
        ({"bot": False}, "bot_removed", "/invite @Shipclerk"),
    ],
)
async def test_the_channel_is_closed(stage: Stage, change: dict[str, bool], reason: str, mend: str) -> None:
    """F4: archived, or the bot was removed: the owner is told once, with what to do; the channel cannot be told."""
    stage.slack.set_channel(ORDERS, **change)
    await until_due(stage)
    [mine] = stops(stage)
    assert (mend in mine, channel_told(stage)) == (True, [])
    await ended_once(stage, reason)


async def test_the_bot_is_removed_in_a_crowd(stage: Stage) -> None:
    """F4, F5: told of a moment ago, the bot is a member no more: the owner is told why, as Slack says now."""
    for _ in range(FEW):
        await stage.bot.services.directory.channel(SHARED)
    await until_due(stage)
    assert results(stage) == ["posted"]
    stage.slack.set_channel(ORDERS, bot=False)
    await until_due(stage)
    [mine] = stops(stage)
    assert ("/invite @Shipclerk" in mine, one(stage).reason) == (True, "bot_removed")
    asked = [call.method for call in stage.slack.calls if call.method in {"chat.postMessage", "conversations.info"}]
    post, info = "chat.postMessage", "conversations.info"
    assert asked[-5:] == [post, post, info, post, post]  # posted; refused, why, told to the owner, not to the channel


async def test_a_channel_that_was_asked_for_too_often(stage: Stage) -> None:
    """D3: Slack says 429 to each try: nothing is posted, as to strangers or else; it comes again and is."""
    due = one(stage).next_at
    assert due is not None
    stage.slack.limit("conversations.info", ORDERS, times=9, retry_after=0)
    await stage.later((due - stage.bot.services.now()).total_seconds() + 5)
    assert (posted(stage), results(stage)) == ([], [])
    await stage.later(2)
    assert (len(posted(stage)), results(stage)) == (1, ["posted"])


@pytest.mark.parametrize("name", ["told", "stop"])
async def test_the_end_is_told_once_over_a_crash(stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Stopped, told to the owner, and then dead: the second attempt tells nobody again, and the channel once."""
    await stage.bot.services.accounts.disconnect(ACTOR)
    dies_once(stage, monkeypatch, name)
    await until_due(stage)
    await stage.later(300)
    assert (len(stops(stage)), len(channel_told(stage))) == (1, 1)
    await ended_once(stage, "not_connected")


async def test_a_chart_that_is_refused_is_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that knows no charts says `invalid_blocks`: the same is posted in words, once."""
    known = blocks.check_message

    def no_charts(shown: list[dict[str, Any]]) -> list[Any]:
        bad = [block for block in shown if block["type"].startswith("data_")]
        return [*known(shown), *(blocks.Flaw("unsupported type", "/blocks/0") for _ in bad)]

    monkeypatch.setattr(chat, "check_message", no_charts)
    await until_due(stage)
    [message] = posted(stage)
    assert [block["type"] for block in message.blocks if block["type"].startswith("data_")] == []
    assert "in the warehouse: " in plain(text_of(message))
    assert results(stage) == ["posted"]


async def test_a_paused_one_is_not_posted_though_its_run_is_due(stage: Stage) -> None:
    """B3: paused after its run was scheduled: the run ends and posts nothing."""
    await stage.command(ADA, ORDERS, "/digest run")
    assert "is posted in a moment" in last_for(stage, ADA).text or posted(stage)
    await stage.command(ADA, ORDERS, "/digest pause")
    before = len(posted(stage))
    await stage.later(DAY)
    assert len(posted(stage)) == before
