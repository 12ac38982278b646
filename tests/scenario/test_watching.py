"""Following an order from a channel, as members see it (issue: Follow; CHECKS F4; DESIGN.md §6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from stage import ADA, BEN, DM_ADA, ORDERS, PRIVATE, SHARED, Message, Stage, staged, text_of

from backends.quivo.auth import Credentials
from handlers import watch_looking
from handlers.request import Kind, Request
from operations.accounts import Actor
from sandbox.quivo import Fault
from sandbox.slack.workspace import DM_BEN, TEAM
from store.errors import Busy
from store.occurrences import Due

LOOK = 121.0
ACTOR = Actor(TEAM, ADA)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with Ada connected."""
    async with staged(tmp_path) as one:
        await one.connect(ADA)
        yield one


def lines(stage: Stage, thread: str | None, channel: str = ORDERS) -> list[str]:
    """What the bot said in a thread, or outside of any, to everybody; the first line of each."""
    shown = [m for m in stage.slack.visible(ADA, channel) if m.by_bot and m.ephemeral_to is None]
    return [m.text.splitlines()[0].replace("\u2060", "") for m in shown if m.thread_ts == thread]


def told(stage: Stage, user: str = ADA) -> list[str]:
    """The bot's direct messages to a person."""
    channel = DM_ADA if user == ADA else DM_BEN
    return [message.text for message in stage.slack.visible(user, channel) if message.by_bot]


def open_watches(stage: Stage) -> list[tuple[str, int]]:
    """What is watched, and where."""
    return [(watch.channel, watch.order_id) for watch in stage.bot.services.ports.watches.all_open()]


def reasons(stage: Stage) -> list[str]:
    """Why watches were stopped."""
    rows = stage.database.all("SELECT stopped FROM watches WHERE stopped IS NOT NULL ORDER BY created_at")
    return [row[0] for row in rows]


async def watch(stage: Stage, order: str = "1001", channel: str = ORDERS) -> Message:
    """Ada watches an order; the message that says so."""
    [begun] = await stage.command(ADA, channel, f"/order watch {order}")
    return begun


async def test_each_change_is_one_line_in_the_thread_until_the_last(stage: Stage) -> None:
    """Nothing without a change; one line for each change, under the message that began it; then it stops by itself."""
    begun = await watch(stage)
    assert "is now watched here" in begun.text
    await stage.later(LOOK)
    assert lines(stage, begun.ts) == []
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    stage.quivo.set_status(1001, "PROCESSING")
    await stage.later(LOOK)
    stage.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
    await stage.later(LOOK)
    said = lines(stage, begun.ts)
    assert said == [
        "📦 → ❔ Order 1001 (#DE38678) has the status ON_HOLD.",
        "❔ → 📦 Order 1001 (#DE38678) is in the warehouse.",
        "📦 → 🚚 Order 1001 (#DE38678) is shipped.",
    ]
    assert (open_watches(stage), reasons(stage)) == ([], ["final_status"])
    asked = len(stage.quivo.requests)
    await stage.later(3600)
    assert (len(stage.quivo.requests), lines(stage, begun.ts)) == (asked, said)


async def test_the_same_change_twice_is_said_twice(stage: Stage) -> None:
    """An order that goes on hold, back and on hold again is three lines: the second is not taken for the first."""
    begun = await watch(stage)
    for status in ("ON_HOLD", "PROCESSING", "ON_HOLD"):
        stage.quivo.set_status(1001, status)
        await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 3


async def test_a_card_that_is_watched_gets_the_thread(stage: Stage) -> None:
    """Pressed on a card, the changes stand in the card's own thread, with the word that it began."""
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    await stage.click(ADA, ORDERS, card, "order.watch")
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    [begun, change] = lines(stage, card.ts)
    assert ("is now watched here" in begun, "ON_HOLD" in change) == (True, True)


async def test_a_click_looks_with_the_clickers_connection(stage: Stage) -> None:
    """Ben, who has not connected, is asked to connect; nothing is watched in Ada's name (B7)."""
    [card] = await stage.command(ADA, ORDERS, "/order 1001")
    await stage.click(BEN, ORDERS, card, "order.watch")
    assert "onnect" in text_of(stage.slack.visible(BEN, ORDERS)[-1])
    assert open_watches(stage) == []


async def test_twice_is_once(stage: Stage) -> None:
    """A second watch of the same order in the same channel is told so, privately, and adds no line to a change."""
    begun = await watch(stage)
    [answer] = await stage.command(ADA, ORDERS, "/order watch #DE38678")
    assert (answer.ephemeral_to, "is watched here already" in answer.text) == (ADA, True)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts)), open_watches(stage)) == (1, [(ORDERS, 1001)])


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Which order?"), ("99999", "found no such order"), ("#NOPE1", "found no such order")],
)
async def test_what_is_not_there_is_not_watched(stage: Stage, typed: str, said: str) -> None:
    """No words and an order that is not there: said to the person alone, and nothing is watched."""
    [answer] = await stage.command(ADA, ORDERS, f"/order watch {typed}".strip())
    assert (answer.ephemeral_to, said in answer.text, open_watches(stage)) == (ADA, True, [])


async def test_a_final_order_is_not_watched(stage: Stage) -> None:
    """An order whose status cannot change any more is refused with that reason."""
    stage.quivo.set_status(1001, "CANCELLED")
    [answer] = await stage.command(ADA, ORDERS, "/order watch 1001")
    assert ("will not change any more" in answer.text, open_watches(stage)) == (True, [])


async def test_where_the_bot_cannot_write_nothing_is_watched(stage: Stage) -> None:
    """In a channel without the bot the watch is taken back at once, and the person is told what to do."""
    stage.slack.set_channel(ORDERS, bot=False)
    await stage.command(ADA, ORDERS, "/order watch 1001")
    assert "/invite" in text_of(stage.slack.visible(ADA, ORDERS)[-1])
    assert open_watches(stage) == []


async def test_the_list_and_its_buttons(stage: Stage) -> None:
    """The list shows this channel's watches to the person alone; its button stops one and tells the channel."""
    await watch(stage)
    await watch(stage, "1004")
    await watch(stage, "1008", SHARED)
    [listed] = await stage.command(BEN, ORDERS, "/order watches")
    shown = text_of(listed)
    assert (listed.ephemeral_to, "1001" in shown, "1004" in shown, "1008" in shown) == (BEN, True, True, False)
    first = next(block for block in listed.blocks if "accessory" in block and "1001" in block["text"]["text"])
    await stage.click(BEN, ORDERS, listed, "watch.stop", block_id=first["block_id"])
    assert open_watches(stage) == [(ORDERS, 1004), (SHARED, 1008)]
    assert "no longer watched here" in lines(stage, None)[-1]
    left = text_of(next(message for message in stage.slack.visible(BEN, ORDERS) if "Watched here" in message.text))
    assert ("1001" in left, "1004" in left) == (False, True)
    asked = len(stage.quivo.requests)
    await stage.later(LOOK)
    assert len(stage.quivo.requests) == asked + 2


async def test_an_empty_list(stage: Stage) -> None:
    """Where nothing is watched the list says so."""
    [listed] = await stage.command(ADA, ORDERS, "/order watches")
    assert "No order is watched here." in listed.text


async def test_stop_in_the_message_that_began_it(stage: Stage) -> None:
    """The button redraws that message; pressed again, it says that there is nothing to stop."""
    begun = await watch(stage)
    buttons = list(begun.blocks)
    await stage.click(BEN, ORDERS, begun, "watch.stop")
    assert ("no longer watched here" in begun.text, open_watches(stage)) == (True, [])
    begun.blocks[:] = buttons
    await watch(stage)
    await stage.click(BEN, ORDERS, begun, "watch.stop")
    assert "nothing to stop" in stage.slack.visible(BEN, ORDERS)[-1].text
    assert open_watches(stage) == [(ORDERS, 1001)]


@pytest.mark.parametrize("typed", ["1001", "#DE38678", "de38678"])
async def test_unwatch(stage: Stage, typed: str) -> None:
    """By number or reference, without asking Quivo; the channel is told, and nothing is posted afterwards."""
    begun = await watch(stage)
    asked = len(stage.quivo.requests)
    [answer] = await stage.command(BEN, ORDERS, f"/order unwatch {typed}")
    assert ("no longer watched here" in answer.text, answer.ephemeral_to) == (True, None)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    assert (lines(stage, begun.ts), len(stage.quivo.requests), reasons(stage)) == ([], asked, ["unwatched"])


async def test_a_button_from_elsewhere_stops_nothing(stage: Stage) -> None:
    """A button's value that is sent from another channel is refused, and the watch goes on."""
    await watch(stage)
    [one] = stage.bot.services.ports.watches.all_open()
    forged = Request(Kind.ACTION, "watch.stop", "forged-1", TEAM, TEAM, BEN, PRIVATE, value=one.id)
    await stage.bot.door.handle(forged)
    assert (open_watches(stage), "expired" in stage.slack.visible(BEN, PRIVATE)[-1].text) == ([(ORDERS, 1001)], True)


async def test_unwatch_of_what_is_not_watched(stage: Stage) -> None:
    """What another channel watches, or nobody, is not stopped from here."""
    await watch(stage, "1001", SHARED)
    for typed in ("1001", "", "#X1"):
        [answer] = await stage.command(ADA, ORDERS, f"/order unwatch {typed}".strip())
        assert (answer.ephemeral_to, "/order watches" in answer.text) == (ADA, True)
    assert open_watches(stage) == [(SHARED, 1001)]


async def dies_after_posting(stage: Stage, patch: pytest.MonkeyPatch) -> None:
    """The next line is posted, and then the process dies before it is noted."""

    async def dies(*_: Any) -> bool:
        patch.undo()
        raise Busy()

    patch.setattr(watch_looking, "told", dies)


async def test_a_line_is_posted_once_over_a_crash(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posted but not noted: the second attempt finds it in the thread, posts nothing and goes on (DESIGN.md §6)."""
    begun = await watch(stage)
    stage.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
    await dies_after_posting(stage, monkeypatch)
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts)), reasons(stage)) == (1, [])
    await stage.restart()
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts)), reasons(stage)) == (1, ["final_status"])


async def test_a_hints_line_that_died_is_not_repeated(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look after a hint posts and dies; the regular look finds the line, and posts only what comes later."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "ON_HOLD")
    await dies_after_posting(stage, monkeypatch)
    due = Due("hint-1", watch_looking.HINT, stage.bot.services.now(), {"order_id": 1001}, TEAM)
    await stage.bot.services.ports.occurrences.add(due)
    await stage.bot.engine.idle()
    assert len(lines(stage, begun.ts)) == 1
    await stage.later(LOOK)
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 1
    stage.quivo.set_status(1001, "PROCESSING")
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 2


async def test_a_regular_look_and_a_hint_at_once_are_one_line(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both run at the same time and see the same change: it is posted once, and both end well."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "ON_HOLD")
    slack, now = stage.bot.services.slack, stage.bot.services.now()
    posted = slack.posted

    async def slowly(*words: Any, **more: Any) -> str | None:
        found = await posted(*words, **more)
        await asyncio.sleep(0.05)  # whoever else is not kept out has asked by then, too
        return found

    monkeypatch.setattr(slack, "posted", slowly)
    for number in range(5):
        due = Due(f"hint-{number}", watch_looking.HINT, now + timedelta(seconds=60), {"order_id": 1001}, TEAM)
        await stage.bot.services.ports.occurrences.add(due)
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 1
    rows = stage.database.all("SELECT result FROM occurrences WHERE kind = 'order.hint'")
    assert [row[0] for row in rows] == ["looked"] * 5


async def test_the_last_status_noted_by_one_who_died(stage: Stage) -> None:
    """The last status is noted but the watch was not stopped: the next look stops it and posts nothing."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "CANCELLED")
    [one] = stage.bot.services.ports.watches.all_open()
    await stage.bot.services.ports.watches.seen(one.id, "CANCELLED")
    await stage.later(LOOK)
    assert (lines(stage, begun.ts), reasons(stage)) == ([], ["final_status"])


async def test_a_restart_keeps_watches_and_their_threads(stage: Stage) -> None:
    """Stopped and started again: the change that came meanwhile is posted, in the same thread."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.restart()
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 1


async def test_a_moment_without_an_answer_changes_nothing(stage: Stage) -> None:
    """Quivo is down for one look: nothing is said, and the next look posts the change."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "ON_HOLD")
    stage.quivo.faults.append(Fault("GET /orders/1001", "500", times=3))
    await stage.later(LOOK)
    assert (lines(stage, begun.ts), open_watches(stage)) == ([], [(ORDERS, 1001)])
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts)) == 1


async def ended_once(stage: Stage, begun: Message, reason: str) -> None:
    """It stays ended: one line in the thread, one message to the owner, whatever time passes."""
    before = (lines(stage, begun.ts), told(stage))
    await stage.later(3600)
    assert (lines(stage, begun.ts), told(stage), reasons(stage)) == (*before, [reason])


async def test_the_connection_is_gone(stage: Stage) -> None:
    """F4: disconnected: stopped at the next look, the channel and the owner are each told once, the reason is kept."""
    begun = await watch(stage)
    await stage.bot.services.accounts.disconnect(ACTOR)
    await stage.later(LOOK)
    [line] = lines(stage, begun.ts)
    assert "no longer watched here" in line
    assert ["no longer watched" in text and "/connect quivo" in text for text in told(stage)] == [True]
    await ended_once(stage, begun, "not_connected")


async def test_the_login_has_run_out(stage: Stage) -> None:
    """F4: a session of one hour without a kept password: stopped at the first 401, and the owner is told what to do."""
    mine = Credentials("demo-key", "ada", "demo-pass")
    await stage.bot.services.accounts.connect(ACTOR, mine, keep_password=False)
    begun = await watch(stage)
    stage.quivo.expire_tokens()
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts)), ["/connect quivo" in text for text in told(stage)]) == (1, [True])
    await ended_once(stage, begun, "login_again")


async def test_the_end_is_told_once_over_a_crash(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, told to channel and owner, and then dead: the second attempt tells nobody again, and the first half."""
    begun = await watch(stage)
    await stage.bot.services.accounts.disconnect(ACTOR)
    slack = stage.bot.services.slack
    post = slack.post
    died: list[str] = []

    async def dies(channel: str, *words: Any, **more: Any) -> Any:
        if channel == ADA and len(died) < 2:
            died.append(channel)
            if len(died) == 2:
                await post(channel, *words, **more)
            raise Busy()
        return await post(channel, *words, **more)

    monkeypatch.setattr(slack, "post", dies)
    for _ in range(4):
        await stage.later(LOOK)
    assert (len(died), len(lines(stage, begun.ts)), len(told(stage))) == (2, 1, 1)
    await ended_once(stage, begun, "not_connected")


async def test_the_order_is_gone(stage: Stage) -> None:
    """F4: an order that Quivo no longer shows ends its watch in the same way."""
    begun = await watch(stage)
    del stage.quivo.orders[1001]
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts)), len(told(stage))) == (1, 1)
    await ended_once(stage, begun, "not_found")


async def test_the_owner_is_gone(stage: Stage) -> None:
    """F4: a deactivated owner: stopped without asking Quivo; the channel is told, and nobody's messages are used."""
    begun = await watch(stage)
    stage.slack.set_member(ADA, deleted=True)
    stage.bot.services.directory._roles._known.clear()
    asked = len(stage.quivo.requests)
    await stage.later(LOOK)
    [line] = lines(stage, begun.ts)
    assert ("no longer watched here" in line, told(stage), len(stage.quivo.requests)) == (True, [], asked)
    await ended_once(stage, begun, "owner_gone")


@pytest.mark.parametrize("change", [{"archived": True}, {"bot": False}])
async def test_the_channel_is_closed(stage: Stage, change: dict[str, bool]) -> None:
    """F4: archived, or the bot was removed: stopped at the first line that has no place; the owner is told once."""
    begun = await watch(stage)
    stage.slack.set_channel(ORDERS, **change)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    assert lines(stage, begun.ts) == []
    assert ["no longer watched" in text and "can no longer write" in text for text in told(stage)] == [True]
    await ended_once(stage, begun, "channel_gone")


async def test_a_deleted_thread_is_left_for_the_channel(stage: Stage) -> None:
    """Where the message that began it was deleted, the change is posted in the channel itself, once."""
    begun = await watch(stage)
    await stage.later(LOOK)
    stage.slack.channels[ORDERS].log.remove(begun)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    await stage.later(LOOK)
    assert [line for line in lines(stage, None) if "ON_HOLD" in line] == [lines(stage, None)[-1]]


async def test_a_watch_in_direct_messages(stage: Stage) -> None:
    """In the direct message with the bot it works alike, and its end is said once, there."""
    begun = await watch(stage, channel=DM_ADA)
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    assert len(lines(stage, begun.ts, DM_ADA)) == 1
    await stage.bot.services.accounts.disconnect(ACTOR)
    await stage.later(LOOK)
    assert (len(lines(stage, begun.ts, DM_ADA)), lines(stage, None, DM_ADA)) == (2, lines(stage, None, DM_ADA)[:1])


async def test_a_card_for_one_person_has_no_thread(stage: Stage) -> None:
    """Pressed on an ephemeral card, the watch begins with a message of its own that everybody sees."""
    ts = await stage.slack.post(BEN, ORDERS, "please look at #DE38678")
    await stage.slack.message_shortcut(ADA, ORDERS, ts, "order.lookup")
    await stage.settle()
    card = stage.slack.visible(ADA, ORDERS)[-1]
    assert card.ephemeral_to == ADA
    await stage.click(ADA, ORDERS, card, "order.watch")
    assert "is now watched here" in lines(stage, None)[-1]
    stage.quivo.set_status(1001, "ON_HOLD")
    await stage.later(LOOK)
    begun = next(message for message in stage.slack.visible(BEN, ORDERS) if "now watched" in message.text)
    assert len(lines(stage, begun.ts)) == 1
