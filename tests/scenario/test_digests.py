"""Digests as members meet them: made, listed, previewed, posted once a day, handed over (issue 6; CHECKS F2, F3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from digest_moves import (
    DAY,
    QPILOTS,
    QUIVOS,
    WISH,
    choose_zone,
    kept,
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
from stage import ADA, BEN, DM_ADA, ORDERS, PRIVATE, SHARED, Stage, staged, text_of

from handlers.render.digest_words import short
from handlers.request import Kind, Request
from sandbox.qpilot import Fault as QpilotFault
from sandbox.quivo import Fault
from sandbox.slack.workspace import DM_BEN, TEAM
from store.audit import AuditLine


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected to Quivo."""
    async with staged(tmp_path) as made:
        unpaced(made)
        await made.connect(ADA)
        yield made


async def test_the_form_is_filled_with_what_is_usual(stage: Stage) -> None:
    """It opens with this channel, weekdays, nine o'clock and the person's own time zone, and says what it does."""
    await stage.command(ADA, ORDERS, "/digest new")
    view = stage.slack.views(ADA)[-1]
    said = text_of(view)
    assert "runs with your connections and posts what this channel's class may see" in said
    assert ("Europe/Berlin" in said, '"initial_conversation": "C0ORDERS01"' in said) == (True, True)
    assert '"initial_time": "09:00"' in said


async def test_a_digest_is_made_and_posted_every_day_once(stage: Stage) -> None:
    """Made: the person alone reads so. Due: one message a day with today's numbers; nothing in between."""
    digest = await make(stage)
    assert "Your digest is made" in last_for(stage, ADA).text
    assert (digest.owner, digest.channel, digest.what, digest.zone) == (ADA, ORDERS, tuple(QUIVOS), "Europe/Berlin")
    assert posted(stage) == []
    await until_due(stage)
    [message] = posted(stage)
    assert "Orders by status" in message.text
    assert "First time, so nothing to compare with" in message.text
    await stage.later(3600)
    assert len(posted(stage)) == 1
    await until_due(stage)
    assert (len(posted(stage)), results(stage)) == (2, ["posted", "posted"])


async def test_what_has_changed_since_the_last_one(stage: Stage) -> None:
    """An order that was shipped meanwhile is a change of two numbers; without one it says that nothing changed."""
    await make(stage)
    await until_due(stage)
    await until_due(stage)
    assert "Nothing has changed since" in posted(stage)[-1].text
    stage.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
    await until_due(stage)
    said = plain(posted(stage)[-1].text)
    assert ("-1 since last time" in said, "+1 since last time" in said, "Compared with" in said) == (True, True, True)


async def test_missed_runs_are_one_that_says_so(stage: Stage) -> None:
    """F2: three days down: one message for all of them, which says how many it stands for; then as usual."""
    await make(stage)
    await until_due(stage, runs=3)
    [message] = posted(stage)
    assert "Late: this one stands for 3 runs, the first of them due" in message.text
    await until_due(stage)
    assert (len(posted(stage)), "Late" in posted(stage)[-1].text) == (2, False)


async def test_the_clock_set_back_posts_nothing_twice(stage: Stage) -> None:
    """F2: two hours back and forth again: the local date has its one message."""
    await make(stage)
    await until_due(stage)
    await stage.later(-7200)
    await stage.later(7300)
    assert len(posted(stage)) == 1


async def test_a_source_that_fails_is_named(stage: Stage) -> None:
    """F3: Quivo is down: the message says so and has no number of it; the next one has the numbers again."""
    await make(stage)
    stage.quivo.faults.append(Fault("GET /orders", "500", times=50))
    await until_due(stage)
    [message] = posted(stage)
    assert "Orders by status: no numbers." in plain(message.text)
    assert "none" not in plain(message.text)
    stage.quivo.faults.clear()
    await stage.later(60)
    await until_due(stage)
    assert "no numbers" not in posted(stage)[-1].text


@pytest.mark.parametrize("block", ["what", "days", "channel", "zone", "at"])
async def test_what_is_missing_is_said_under_its_input(stage: Stage, block: str) -> None:
    """Nothing is made, the form stays open with everything that was filled in."""
    await stage.command(ADA, ORDERS, "/digest new")
    await stage.submit(ADA, {**WISH, block: [] if block in ("what", "days") else None})
    assert (list(stage.slack.views(ADA)[-1].errors), kept(stage)) == ([block], [])
    await stage.submit(ADA, WISH)
    assert len(kept(stage)) == 1


@pytest.mark.parametrize(
    ("change", "said"), [({"bot": False}, "/invite"), ({"archived": True}, "This channel is archived")]
)
async def test_a_channel_without_the_bot(stage: Stage, change: dict[str, bool], said: str) -> None:
    """What to do is said under the input; once it is done, the same form works."""
    await stage.command(ADA, ORDERS, "/digest new")
    stage.slack.set_channel(PRIVATE, **change)
    await stage.submit(ADA, {**WISH, "channel": PRIVATE})
    assert (said in text_of(stage.slack.views(ADA)[-1]) or "Invite me" in text_of(stage.slack.views(ADA)[-1])) is True
    assert kept(stage) == []
    stage.slack.set_channel(PRIVATE, bot=True, archived=False)
    await stage.submit(ADA, {**WISH, "channel": PRIVATE})
    assert one(stage).channel == PRIVATE


async def test_another_persons_direct_message_is_refused(stage: Stage) -> None:
    """A forged channel, Ben's messages with the bot, gets no digest of Ada's."""
    await stage.command(ADA, ORDERS, "/digest new")
    await stage.submit(ADA, {**WISH, "channel": DM_BEN})
    assert kept(stage) == []


async def test_without_a_connection_the_form_stays(stage: Stage) -> None:
    """Who lacks the connection is helped to one, and what was filled in stays."""
    await stage.command(BEN, ORDERS, "/digest new")
    await choose_zone(stage, BEN)
    await stage.submit(BEN, WISH)
    assert kept(stage) == []
    assert "Connect first" in text_of(stage.slack.views(BEN)[-1])
    assert "Connect Quivo" in text_of(last_for(stage, BEN))


async def test_time_zones_are_suggested(stage: Stage) -> None:
    """Typed words are looked for in tzdata's names; without any, the person's own comes first."""
    await stage.command(ADA, ORDERS, "/digest new")
    view = stage.slack.views(ADA)[-1]
    found = await stage.slack.suggest(ADA, view.id, "zone", "digest.zone", "new york")
    assert [option["value"] for option in found] == ["America/New_York"]
    found = await stage.slack.suggest(ADA, view.id, "zone", "digest.zone", "")
    assert (found[0]["value"], len(found)) == ("Europe/Berlin", 50)


async def test_the_list(stage: Stage) -> None:
    """`/digest` alone is the list: owner, next run, health; the buttons are the owner's."""
    digest = await make(stage)
    for typed in ("/digest", "/digest list"):
        [listed] = await stage.command(ADA, ORDERS, typed)
        said = text_of(listed)
        assert listed.ephemeral_to == ADA
        assert ("✅" in said, short(digest.id) in said, "<!date^" in said, f"<@{ADA}>" in said) == (True,) * 4
    [listed] = await stage.command(BEN, ORDERS, "/digest")
    assert ("digest.preview" in text_of(listed), "digest.delete" in text_of(listed)) == (False, False)
    [listed] = await stage.command(ADA, DM_ADA, "/digest")
    assert short(digest.id) in text_of(listed)


async def test_a_preview_is_for_one_person_alone(stage: Stage) -> None:
    """Nobody else sees it, nothing is noted, and the digest that follows is the first."""
    digest = await make(stage)
    [shown] = await stage.command(ADA, ORDERS, f"/digest preview {short(digest.id)}")
    assert (shown.ephemeral_to, "Preview, only for you" in shown.text) == (ADA, True)
    assert (posted(stage), one(stage).last_posted_at) == ([], None)
    await until_due(stage)
    assert "First time" in posted(stage)[-1].text


async def test_run_now_is_beside_the_schedule(stage: Stage) -> None:
    """Posted at once, naming who asked; the scheduled one comes all the same."""
    await make(stage)
    await stage.command(ADA, ORDERS, "/digest run")
    await stage.later(1)
    [message] = posted(stage)
    assert f"Asked by <@{ADA}>" in message.text
    await until_due(stage)
    assert len(posted(stage)) == 2


async def test_pause_and_resume(stage: Stage) -> None:
    """Paused: nothing is posted. Resumed: what was due meanwhile is not told, the next one comes."""
    await make(stage)
    await stage.command(ADA, ORDERS, "/digest pause")
    assert one(stage).state == "paused"
    await stage.later(2 * DAY)
    assert posted(stage) == []
    await stage.command(ADA, ORDERS, "/digest resume")
    await until_due(stage)
    assert (len(posted(stage)), "Late" in posted(stage)[0].text) == (1, False)


async def test_delete_asks_and_is_the_owners(stage: Stage) -> None:
    """The command shows what would go; its button removes it; another member's click does nothing."""
    digest = await make(stage)
    [asked] = await stage.command(ADA, ORDERS, f"/digest delete {short(digest.id)}")
    assert ("can't be brought back" in asked.text, len(kept(stage))) == (True, 1)
    [answer] = await stage.command(BEN, ORDERS, f"/digest pause {short(digest.id)}")
    assert ("not yours" in answer.text, one(stage).state) == (True, "active")
    forged = Request(Kind.ACTION, "digest.delete", "forged-1", TEAM, TEAM, BEN, ORDERS, value=digest.id)
    await stage.bot.door.handle(forged)
    assert len(kept(stage)) == 1
    await stage.click(ADA, ORDERS, asked, "digest.delete")
    assert kept(stage) == []
    await stage.later(2 * DAY)
    assert posted(stage) == []


@pytest.mark.parametrize("typed", ["/digest preview", "/digest run zzzz", "/digest resume zzzz"])
async def test_a_digest_that_is_not_there(stage: Stage, typed: str) -> None:
    """What is not there is said, with the list to look in."""
    [answer] = await stage.command(ADA, ORDERS, typed)
    assert (answer.ephemeral_to, "/digest list" in answer.text) == (ADA, True)


async def test_a_change_keeps_the_digest(stage: Stage) -> None:
    """The same form with what it is now; saved, it is the same digest with what was changed."""
    digest = await make(stage)
    [listed] = await stage.command(ADA, ORDERS, "/digest")
    await stage.click(ADA, ORDERS, listed, "digest.edit")
    assert "Change a digest" in str(stage.slack.views(ADA)[-1].content["title"])
    await stage.submit(ADA, {"size": "one_line", "channel": SHARED})
    assert (one(stage).id, one(stage).size, one(stage).channel) == (digest.id, "one_line", SHARED)
    assert (one(stage).what, one(stage).at) == (digest.what, digest.at)


async def test_the_list_behind_a_number_is_the_clickers_own(stage: Stage) -> None:
    """B7: Ben without a connection is asked to connect; with one he reads his own account's orders, alone."""
    await make(stage)
    await until_due(stage)
    [message] = posted(stage)
    for name in ("by_status", "cancel_requested"):
        await stage.click(BEN, ORDERS, message, f"digest.open_orders_{name}")
        assert "Connect Quivo" in text_of(last_for(stage, BEN))
    await stage.connect(BEN)
    await stage.click(BEN, ORDERS, message, "digest.open_orders_by_status")
    assert (last_for(stage, BEN).ephemeral_to, "Orders since" in last_for(stage, BEN).text) == (BEN, True)
    before = len(stage.quivo.requests)
    await stage.click(BEN, ORDERS, message, "digest.open_orders_cancel_requested")
    shown = last_for(stage, BEN)
    assert (shown.ephemeral_to, "in your account" in shown.text) == (BEN, True)
    assert len(stage.quivo.requests) > before
    await stage.click(ADA, ORDERS, message, "digest.open_orders_cancel_requested")
    mine = last_for(stage, ADA)
    row = next(block for block in mine.blocks if "accessory" in block)
    await stage.click(ADA, ORDERS, mine, "order.show", block_id=row["block_id"])
    assert "Order 1" in posted(stage, word="Order 1")[-1].text


async def hand_over(stage: Stage, to: str = BEN) -> None:
    """Ada asks somebody to take her digest over."""
    await stage.command(ADA, ORDERS, "/digest handover")
    await stage.submit(ADA, {"to": to})


async def test_a_handover_needs_their_own_connection(stage: Stage) -> None:
    """Ben is asked in a direct message; without a connection he is helped to one and nothing has changed."""
    await make(stage)
    await hand_over(stage)
    question = last_for(stage, BEN, DM_BEN)
    assert ("asks you to take over" in question.text, one(stage).owner, one(stage).offered_to) == (True, ADA, BEN)
    await stage.click(BEN, DM_BEN, question, "digest.accept")
    assert (one(stage).owner, "Connect Quivo" in text_of(last_for(stage, BEN, DM_BEN))) == (ADA, True)
    await stage.connect(BEN)
    await stage.click(BEN, DM_BEN, question, "digest.accept")
    assert (one(stage).owner, one(stage).offered_to) == (BEN, None)
    assert "took over the digest" in told(stage)[-1]
    await until_due(stage)
    assert f"With the connections of <@{BEN}>" in posted(stage)[-1].text


async def test_a_declined_handover_changes_nothing(stage: Stage) -> None:
    """It stays Ada's, and she is told."""
    await make(stage)
    await hand_over(stage)
    await stage.click(BEN, DM_BEN, last_for(stage, BEN, DM_BEN), "digest.decline")
    assert (one(stage).owner, one(stage).offered_to) == (ADA, None)
    assert "did not take over the digest" in told(stage)[-1]


@pytest.mark.parametrize("flags", [{"deleted": True}, {"is_restricted": True}])
async def test_only_a_full_member_can_be_asked(stage: Stage, flags: dict[str, bool]) -> None:
    """B2: a guest or somebody who left is refused under the input, and nothing was offered."""
    await make(stage)
    stage.slack.set_member(BEN, **flags)
    await hand_over(stage)
    assert ("Only a full member" in text_of(stage.slack.views(ADA)[-1]), one(stage).offered_to) == (True, None)


async def test_only_the_one_who_is_asked_can_accept(stage: Stage) -> None:
    """B2: a click by somebody else, with the same value, is refused."""
    await stage.connect(BEN)
    digest = await make(stage)
    [listed] = await stage.command(ADA, ORDERS, "/digest")
    assert "digest.accept" not in text_of(listed)
    outcome = await stage.bot.services.ports.digests.change(digest, _line(stage), offered_to=ADA)
    assert outcome is not None
    forged = Request(Kind.ACTION, "digest.accept", "forged-1", TEAM, TEAM, BEN, ORDERS, value=digest.id)
    await stage.bot.door.handle(forged)
    assert one(stage).owner == ADA


def _line(stage: Stage) -> Any:
    return AuditLine(stage.bot.services.now(), "REF", TEAM, ADA, ORDERS, "digest.offer", "", "active")


@pytest.mark.parametrize("channel", [ORDERS, SHARED, PRIVATE, DM_ADA])
async def test_every_class_of_channel(stage: Stage, channel: str) -> None:
    """It is posted in public, shared, private and direct alike; no name and no address is in it (§4.6)."""
    await make(stage, channel=channel, size="full", what=["orders_by_status", "orders_stuck", "orders_shipped"])
    await until_due(stage)
    [message] = posted(stage, channel)
    assert [word for word in ("Hopper", "Sample Street", "@example") if word in text_of(message)] == []


async def test_the_list_is_drawn_anew(stage: Stage) -> None:
    """A button of the list changes the list in its place: paused, then running, then gone."""
    await make(stage)
    [listed] = await stage.command(ADA, ORDERS, "/digest")
    seen = len(stage.slack.visible(ADA, ORDERS))
    for action, word in (("digest.pause", "⏸️"), ("digest.resume", "✅"), ("digest.delete", "No digest here yet")):
        listed = next(m for m in stage.slack.visible(ADA, ORDERS) if action in text_of(m) and m.ephemeral_to == ADA)
        await stage.click(ADA, ORDERS, listed, action)
        assert any(word in text_of(message) for message in stage.slack.visible(ADA, ORDERS))
    assert (len(stage.slack.visible(ADA, ORDERS)), kept(stage)) == (seen, [])


async def test_both_systems_on_one_page(stage: Stage) -> None:
    """Scheduled and fulfilment orders in one message: sums, charts, a table, and a list behind each number."""
    await stage.command(ADA, ORDERS, "/connect qpilot")
    await stage.submit(ADA, QPILOTS)
    assert "is connected" in text_of(stage.slack.views(ADA)[-1])
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    what = ["scheduled_due_7d", "scheduled_failed", "orders_by_status", "orders_stuck"]
    await make(stage, what=what, size="full")
    await until_due(stage)
    [message] = posted(stage)
    said = plain(text_of(message))
    told_of = ("due in seven days: ", "Failed scheduled orders: ", "Orders by status: ", "Stuck orders: ")
    assert [word for word in told_of if word not in said] == []
    assert "no numbers" not in said
    types = [block["type"] for block in message.blocks]
    assert (types.count("data_visualization"), types.count("data_table")) == (2, 1)
    await stage.click(ADA, ORDERS, message, "digest.open_scheduled_failed")
    listed = last_for(stage, ADA)
    assert (listed.ephemeral_to, "Scheduled orders that are failed" in listed.text) == (ADA, True)
    row = next(block for block in listed.blocks if "accessory" in block)
    await stage.click(ADA, ORDERS, listed, "scheduled.show", block_id=row["block_id"])
    assert "Scheduled order " in last_for(stage, ADA).text


async def test_one_system_down_leaves_the_other(stage: Stage) -> None:
    """F3, E6: QPilot fails: its numbers are absent with the reason, Quivo's are there."""
    await stage.command(ADA, ORDERS, "/connect qpilot")
    await stage.submit(ADA, QPILOTS)
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    await make(stage, what=["scheduled_failed", "orders_by_status"])
    stage.world.qpilot.faults.append(QpilotFault("GET /v3/Sites", "500", times=99))
    await until_due(stage)
    said = plain(posted(stage)[-1].text)
    assert "Failed scheduled orders: no numbers." in said
    assert "Orders by status: no numbers." not in said
    assert results(stage) == ["posted"]


async def test_the_class_of_the_channel_is_that_of_the_delivery(stage: Stage) -> None:
    """B3, D3: shared with another company since it was made: no sum is told there any more."""
    await stage.command(ADA, ORDERS, "/connect qpilot")
    await stage.submit(ADA, QPILOTS)
    await stage.slack.close(ADA, stage.slack.views(ADA)[-1].id, all=True)
    await make(stage, what=["scheduled_failed"])
    await until_due(stage)
    assert ("€" in posted(stage)[-1].text, "By cause" in posted(stage)[-1].text) == (True, True)
    stage.slack.set_channel(ORDERS, shared=True)
    await until_due(stage)
    assert ("€" in posted(stage)[-1].text, "By cause" in posted(stage)[-1].text) == (False, False)
    assert len(posted(stage)) == 2
