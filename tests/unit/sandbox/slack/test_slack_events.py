"""Events, the log of a channel, and what the workspace tells its listeners."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from slack_samples import actions, button, call, home, manifest, modal, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.refusals import ApiError
from sandbox.slack.workspace import (
    ADA,
    BEN,
    BOT_USER,
    DM_ADA,
    OLGA,
    ORDERS,
    OTHER_TEAM,
    PRIVATE,
    SHARED,
    TEAM,
    Impossible,
    Outcome,
    Workspace,
)


async def test_the_wrapper_of_an_event() -> None:
    """Token, team, app, authorizations and ids stand around each event (apis/slack.md §4)."""
    ws, app = workspace()
    assert await ws.open_home(ADA) == Outcome(True)
    sent = dict(app.last)
    assert sent.pop("event_id").startswith("Ev")
    assert abs(sent.pop("event_time") - ws.clock.now()) < 5
    event = sent.pop("event")
    assert event.pop("event_ts") < ws.stamp()
    assert event == {"type": "app_home_opened", "user": ADA, "channel": DM_ADA, "tab": "home"}
    bot = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
    assert sent == {
        "token": "sandbox-verification-token",
        "team_id": TEAM,
        "api_app_id": "A0SHIPCLK1",
        "type": "event_callback",
        "event_context": "4-app_home_opened-T0HOME0001-A0SHIPCLK1",
        "is_ext_shared_channel": False,
        "authorizations": [bot],
    }


async def test_home_opened_carries_a_published_view() -> None:
    """Only once there is one, and not on the messages tab."""
    ws, app = workspace()
    ws.screens.publish(ADA, home())
    await ws.open_home(ADA)
    assert app.last["event"]["view"]["type"] == "home"
    await ws.open_home(ADA, tab="messages")
    assert (app.last["event"]["tab"], "view" in app.last["event"]) == ("messages", False)


async def test_home_needs_the_manifest() -> None:
    """Without a Home tab there is nothing to open; without a subscription nobody is told."""
    ws, _ = workspace(home_tab=False)
    with pytest.raises(Impossible):
        await ws.open_home(ADA)
    ws, app = workspace(bot_events=frozenset())
    assert (await ws.open_home(ADA), app.got) == (Outcome(True), [])


@pytest.mark.parametrize(
    ("channel", "subscription", "kind"),
    [(ORDERS, "message.channels", "channel"), (PRIVATE, "message.groups", "group"), (DM_ADA, "message.im", "im")],
)
async def test_messages_by_kind_of_channel(channel: str, subscription: str, kind: str) -> None:
    """Each kind of channel has its own subscription and its own channel_type."""
    ws, app = workspace(bot_events=frozenset({subscription}))
    ts = await ws.post(ADA, channel, "hello")
    await ws.until(lambda: app.got)
    event = app.last["event"]
    named = {"type": "message", "user": ADA, "text": "hello", "ts": ts, "event_ts": ts, "team": TEAM}
    assert event == named | {"channel": channel, "channel_type": kind}
    others = {ORDERS, PRIVATE, DM_ADA} - {channel}
    for other in others:
        await ws.post(ADA, other, "elsewhere")
    await ws.settled()
    assert len(app.got) == 1


async def test_a_mention_comes_besides_the_message() -> None:
    """In a channel both are sent; in a direct message, and for the bot's own words, only the message."""
    ws, app = workspace()
    await ws.post(ADA, ORDERS, "@shipclerk where is it?")
    await ws.until(lambda: len(app.got) == 2)
    assert [e.payload["event"]["type"] for e in app.got] == ["message", "app_mention"]
    assert app.last["event"]["text"] == f"<@{BOT_USER}> where is it?"
    await ws.post(ADA, DM_ADA, "@shipclerk hello")
    call(ws, "chat.postMessage", channel=ORDERS, text=f"<@{BOT_USER}>")
    await ws.settled()
    assert [e.payload["event"]["type"] for e in app.got[2:]] == ["message", "message"]


async def test_the_outsiders_words_carry_her_team() -> None:
    """In a shared channel the event says so, and whose team wrote."""
    ws, app = workspace()
    await ws.post(OLGA, SHARED, "hello")
    await ws.until(lambda: app.got)
    event = app.last["event"]
    assert (event["team"], event["user_team"], app.last["is_ext_shared_channel"]) == (OTHER_TEAM, OTHER_TEAM, True)


async def test_a_bot_that_left_hears_nothing() -> None:
    """Subscriptions end at the channel's door."""
    ws, app = workspace()
    ws.set_channel(ORDERS, bot=False)
    await ws.post(ADA, ORDERS, "hello")
    await ws.settled()
    assert app.got == []


async def test_ephemeral_messages_are_no_events() -> None:
    """Posting, changing and removing one stays between bot and member."""
    ws, app = workspace()
    call(ws, "chat.postEphemeral", channel=ORDERS, user=ADA, text="psst")
    await ws.settled()
    assert app.got == []


async def test_reactions_are_told() -> None:
    """Adding and taking back, with the item."""
    ws, app = workspace()
    ts = call(ws, "chat.postMessage", channel=DM_ADA, text="x")["ts"]
    call(ws, "reactions.add", channel=DM_ADA, timestamp=ts, name="eyes")
    call(ws, "reactions.remove", channel=DM_ADA, timestamp=ts, name="eyes")
    await ws.until(lambda: len(app.got) == 3)
    assert [e.payload["event"]["type"] for e in app.got] == ["message", "reaction_added", "reaction_removed"]
    assert app.last["event"]["item"] == {"type": "message", "channel": DM_ADA, "ts": ts}


async def test_failed_events_come_again_until_one_is_acked() -> None:
    """Second attempt at once, third after a minute; the ack ends it."""
    ws, app = workspace(Answer(error="x", reason="timeout"), Answer(error="x", reason="http_error"))
    assert (await ws.open_home(ADA)).acked is False
    await ws.until(lambda: len(app.got) == 2)
    ws.clock.advance(60)
    await ws.until(lambda: len(app.got) == 3)
    ws.clock.advance(1000)
    await ws.settled()
    assert [(e.retry_attempt, e.retry_reason) for e in app.got] == [(0, ""), (1, "timeout"), (2, "http_error")]


async def test_redeliver_last_picks_the_newest_of_a_kind() -> None:
    """The same payload each time, in envelopes of their own, also after the state has moved on."""
    ws, app = workspace()
    view = ws.screens.open(ADA, modal())
    await ws.submit(ADA, view.id, {"name": "first"})
    await ws.open_home(ADA)
    view.state["name"]["a"]["value"] = "later"
    await ws.redeliver_last("interactive", times=2)
    again = app.got[2:]
    assert [e.payload for e in again] == [app.got[0].payload] * 2
    assert again[0].payload["view"]["state"]["values"]["name"]["a"]["value"] == "first"
    assert len({e.id for e in app.got}) == 4
    await ws.redeliver_last()
    assert app.got[-1].kind == "interactive"


async def test_listeners_hear_every_change() -> None:
    """subscribe gives a queue, changes an iterator; both end."""
    ws, _ = workspace(bot_events=frozenset())
    queue = ws.subscribe()
    stream = ws.changes()
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    call(ws, "chat.postMessage", channel=ORDERS, text="x")
    assert (await first, queue.get_nowait()) == (f"message:{ORDERS}", f"message:{ORDERS}")
    await stream.aclose()  # type: ignore[attr-defined]
    ws.unsubscribe(queue)
    assert ws.listeners == set()


async def test_until_waits_and_gives_up() -> None:
    """It sees what holds already, what comes, and raises for what does not."""
    ws, _ = workspace(bot_events=frozenset())
    await ws.until(lambda: True)
    waiting = asyncio.ensure_future(ws.until(lambda: ws.visible(ADA, ORDERS)))
    await asyncio.sleep(0)
    await ws.post(ADA, ORDERS, "x")
    await waiting
    with pytest.raises(TimeoutError):
        await ws.until(lambda: False, timeout=0.05)
    assert ws.listeners == set()


async def test_settled_gives_up_on_a_restless_workspace() -> None:
    """It returns when nothing stirs, and raises when something always does."""
    ws, _ = workspace()
    await ws.settled()

    async def restless() -> None:
        while True:
            ws.changed("x")
            await asyncio.sleep(0.01)

    task = ws.spawn(restless())
    with pytest.raises(TimeoutError):
        await ws.settled(timeout=0.2)
    await ws.shutdown()
    assert task.cancelled()


def _lines(folder: Path) -> list[object]:
    (file,) = folder.iterdir()
    return [json.loads(line) for line in file.read_text().splitlines()]


async def test_a_corpus_keeps_what_was_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SHIPCLERK_CORPUS set, each valid thing is one JSON line; refused things are only in `sent`."""
    monkeypatch.setenv("SHIPCLERK_CORPUS", str(tmp_path))
    ws, _ = workspace(Answer({"text": "hi"}))
    await ws.command(ADA, ORDERS, "/order")
    ws.sends("message", {"text": "bad"}, "invalid_blocks")
    ws.sends("view", {"type": "modal"})
    assert _lines(tmp_path) == [
        {"kind": "ack", "payload": {"text": "hi"}},
        {"kind": "view", "payload": {"type": "modal"}},
    ]
    assert [sent["error"] for sent in ws.sent] == [None, "invalid_blocks", None]


def test_stamps_only_grow() -> None:
    """Whatever the clock does, each ts is later than all before, in Slack's shape."""
    ws = Workspace(manifest())
    stamps = [ws.stamp() for _ in range(50)]
    ws.clock.advance(-3600)
    stamps.append(ws.stamp())
    assert stamps == sorted(set(stamps), key=float)
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


def test_members_and_channels_can_be_changed() -> None:
    """Flags that exist change, others are refused; a bot is taken in once."""
    ws = Workspace(manifest())
    assert ws.set_member(BEN, is_admin=True, deleted=True).is_admin
    with pytest.raises(Impossible):
        ws.set_member(BEN, is_boss=True)
    with pytest.raises(Impossible):
        ws.set_member("U404", deleted=True)
    for _ in range(2):
        assert ws.set_channel(ORDERS, bot=True).members.count(BOT_USER) == 1
    room = ws.set_channel(ORDERS, archived=True, shared=True)
    assert (room.is_archived, room.is_ext_shared) == (True, True)
    assert ws.set_channel(ORDERS).is_archived


async def test_shortcuts_outside_the_manifest_are_not_there() -> None:
    """Neither global nor message shortcuts are offered that the app did not register."""
    ws, app = workspace()
    ts = await ws.post(ADA, PRIVATE, "x")
    with pytest.raises(Impossible):
        await ws.shortcut(ADA, "nope")
    with pytest.raises(Impossible):
        await ws.message_shortcut(ADA, PRIVATE, ts, "order.create")
    await ws.message_shortcut(ADA, PRIVATE, ts, "order.lookup")
    sent = app.last
    assert (sent["type"], sent["message_ts"], sent["channel"]["name"]) == ("message_action", ts, "privategroup")
    await ws.shortcut(ADA, "order.create")
    assert not {"channel", "response_url", "message"} & set(app.last)


def test_a_limit_counts_down_where_it_applies() -> None:
    """Only the method, only the channel, only so many times."""
    ws = Workspace(manifest())
    ws.limit("chat.update", ORDERS, times=2)
    ws.obey_limits("chat.update", PRIVATE)
    ws.obey_limits("chat.postMessage", ORDERS)
    for _ in range(2):
        with pytest.raises(ApiError, match="ratelimited"):
            ws.obey_limits("chat.update", ORDERS)
    ws.obey_limits("chat.update", ORDERS)


def test_an_edit_keeps_choices_only_with_the_same_blocks() -> None:
    """New blocks start with no picks and no warning marks."""
    ws, _ = workspace(bot_events=frozenset())
    sent = call(ws, "chat.postMessage", channel=ORDERS, text="x", blocks=[actions(button())])
    message = ws.visible(ADA, ORDERS)[0]
    message.picked, message.warnings = {ADA: {"acts": {}}}, {"order.show"}
    call(ws, "chat.update", channel=ORDERS, ts=sent["ts"], text="y", blocks=[actions(button())])
    assert (message.picked, message.warnings) == ({ADA: {"acts": {}}}, set())
    call(ws, "chat.update", channel=ORDERS, ts=sent["ts"], text="y", blocks=[actions(button("other"))])
    assert message.picked == {}
