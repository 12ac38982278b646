"""Buttons, menus and selects in messages, modals and Home."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import Json, Scripted, actions, button, call, home, modal, option, plain, text_input, workspace

from sandbox.slack.delivery import Answer
from sandbox.slack.workspace import ADA, BEN, OLGA, ORDERS, OTHER_TEAM, SHARED, TEAM, Impossible, Outcome, Workspace

_OPTIONS = [option("one"), option("two")]


def _posted(ws: Workspace, *elements: Json, channel: str = ORDERS) -> str:
    return str(call(ws, "chat.postMessage", channel=channel, text="t", blocks=[actions(*elements)])["ts"])


def _whispered(ws: Workspace, *elements: Json) -> str:
    sent = call(ws, "chat.postEphemeral", channel=ORDERS, user=ADA, text="t", blocks=[actions(*elements)])
    return str(sent["message_ts"])


async def test_a_button_in_a_message() -> None:
    """Container, message, channel, response_url, trigger and the one action (apis/slack.md §4)."""
    ws, app = workspace()
    ts = _posted(ws, button())
    assert await ws.click(ADA, ORDERS, ts, "order.show") == Outcome(True)
    sent = app.last
    container = {"type": "message", "message_ts": ts, "channel_id": ORDERS, "is_ephemeral": False}
    assert sent["type"] == "block_actions"
    assert sent["container"] == container
    assert sent["channel"] == {"id": ORDERS, "name": "orders"}
    assert sent["user"] == {"id": ADA, "username": "ada", "name": "ada", "team_id": TEAM}
    assert (sent["message"]["ts"], sent["message"]["blocks"][0]["elements"][0]["value"]) == (ts, "card-1")
    assert "/hooks/actions/" in sent["response_url"]
    assert ws.passes.look(sent["trigger_id"]).user == ADA
    assert (sent["state"], sent["enterprise"], sent["is_enterprise_install"]) == ({"values": {}}, None, False)
    (acted,) = sent["actions"]
    assert acted.pop("action_ts") > ts
    named = {"type": "button", "action_id": "order.show", "block_id": "acts"}
    assert acted == named | {"text": plain("Show"), "value": "card-1"}


async def test_an_ephemeral_container_has_no_message() -> None:
    """The app learns of an ephemeral message by its ts only."""
    ws, app = workspace()
    ts = _whispered(ws, button())
    await ws.click(ADA, ORDERS, ts, "order.show")
    assert app.last["container"]["is_ephemeral"] is True
    assert "message" not in app.last
    with pytest.raises(Impossible):
        await ws.click(BEN, ORDERS, ts, "order.show")


async def test_the_outsider_clicks_with_her_own_team() -> None:
    """`user.team_id` is the outsider's, `team.id` the installing workspace's."""
    ws, app = workspace()
    ts = _posted(ws, button(), channel=SHARED)
    await ws.click(OLGA, SHARED, ts, "order.show")
    assert (app.last["user"]["team_id"], app.last["team"]["id"]) == (OTHER_TEAM, TEAM)


async def test_a_click_in_a_thread_names_the_thread() -> None:
    """The container of a reply carries thread_ts."""
    ws, app = workspace()
    parent = _posted(ws, button())
    reply = call(ws, "chat.postMessage", channel=ORDERS, text="t", blocks=[actions(button())], thread_ts=parent)
    await ws.click(ADA, ORDERS, reply["ts"], "order.show")
    assert app.last["container"]["thread_ts"] == parent


@pytest.mark.parametrize("error", ["operation_timeout", "dispatch_failed"])
async def test_an_unanswered_button_gets_a_warning_mark(error: str) -> None:
    """The message stays as it is, the mark goes at the next good click."""
    ws, _ = workspace(Answer(error=error))
    ts = _posted(ws, button())
    assert await ws.click(ADA, ORDERS, ts, "order.show") == Outcome(False, error)
    (message,) = ws.visible(ADA, ORDERS)
    assert (message.warnings, message.text) == ({"order.show"}, "t")
    await ws.click(ADA, ORDERS, ts, "order.show")
    assert message.warnings == set()


@pytest.mark.parametrize(
    ("element", "value", "key", "chosen"),
    [
        ({"type": "overflow", "options": _OPTIONS}, "two", "selected_option", _OPTIONS[1]),
        ({"type": "static_select", "options": _OPTIONS}, "one", "selected_option", _OPTIONS[0]),
        ({"type": "radio_buttons", "options": _OPTIONS}, "one", "selected_option", _OPTIONS[0]),
        ({"type": "checkboxes", "options": _OPTIONS}, ["one", "two"], "selected_options", _OPTIONS),
        ({"type": "users_select"}, BEN, "selected_user", BEN),
        ({"type": "conversations_select"}, ORDERS, "selected_conversation", ORDERS),
        ({"type": "channels_select"}, ORDERS, "selected_channel", ORDERS),
        ({"type": "datepicker"}, "2026-11-22", "selected_date", "2026-11-22"),
        ({"type": "timepicker"}, "09:00", "selected_time", "09:00"),
        ({"type": "datetimepicker"}, 1795317843, "selected_date_time", 1795317843),
    ],
)
async def test_each_kind_of_element_says_what_was_chosen(element: Json, value: Any, key: str, chosen: Any) -> None:
    """The action carries the choice under its kind's key, and state keeps it where the kind has a state."""
    ws, app = workspace()
    ts = _posted(ws, element | {"action_id": "pick"})
    await ws.click(ADA, ORDERS, ts, "pick", value=value)
    (acted,) = app.last["actions"]
    assert (acted[key], acted["type"]) == (chosen, element["type"])
    kept = {"acts": {"pick": {"type": element["type"], key: chosen}}}
    assert app.last["state"]["values"] == ({} if element["type"] == "overflow" else kept)


async def test_an_option_that_is_not_there_cannot_be_chosen() -> None:
    """Nothing is sent for a choice that the client does not offer."""
    ws, app = workspace()
    ts = _posted(ws, {"type": "overflow", "action_id": "more", "options": _OPTIONS})
    with pytest.raises(Impossible):
        await ws.click(ADA, ORDERS, ts, "more", value="three")
    with pytest.raises(Impossible):
        await ws.click(ADA, ORDERS, ts, "absent")
    with pytest.raises(Impossible):
        await ws.click(ADA, ORDERS, "1.0", "more")
    assert app.got == []


async def test_message_choices_are_each_members_own() -> None:
    """What one member picked is not in another's state."""
    ws, app = workspace()
    ts = _posted(ws, {"type": "static_select", "action_id": "pick", "options": _OPTIONS}, button())
    await ws.click(ADA, ORDERS, ts, "pick", value="one")
    await ws.click(BEN, ORDERS, ts, "order.show")
    assert app.last["state"]["values"]["acts"]["pick"]["selected_option"] is None


async def test_a_button_in_home_and_modal_has_a_view_container() -> None:
    """View and container are the view's; no channel, message or response_url (apis/slack.md §9.9)."""
    ws, app = workspace()
    shown = ws.screens.publish(ADA, home(actions(button())))
    top = ws.screens.open(ADA, modal(actions(button()), text_input("name")))
    for view in (shown, top):
        assert await ws.act_in_view(ADA, view.id, "order.show") == Outcome(True)
        assert app.last["container"] == {"type": "view", "view_id": view.id}
        assert (app.last["view"]["id"], app.last["view"]["hash"]) == (view.id, view.hash)
        assert not {"channel", "message", "response_url"} & set(app.last)
        assert ws.passes.look(app.last["trigger_id"]).user == ADA


async def test_only_the_view_in_front_can_be_used() -> None:
    """Neither a covered modal nor another member's view answers."""
    ws, app = workspace()
    below = ws.screens.open(ADA, modal(actions(button())))
    ws.screens.push(ADA, modal(actions(button())))
    foreign = ws.screens.publish(BEN, home(actions(button())))
    for view_id in (below.id, foreign.id, "V404"):
        with pytest.raises(Impossible):
            await ws.act_in_view(ADA, view_id, "order.show")
    assert app.got == []


async def test_an_unanswered_view_element_gets_a_mark() -> None:
    """Modal and Home elements show the same warning as a message's."""
    ws, _ = workspace(Answer(error="dispatch_failed"))
    view = ws.screens.publish(ADA, home(actions(button())))
    assert (await ws.act_in_view(ADA, view.id, "order.show")).error == "dispatch_failed"
    assert view.warnings == {"order.show"}


async def test_inputs_only_dispatch_where_they_ask_for_it() -> None:
    """Typing keeps the value; the app hears of it only with dispatch_action, on Enter or on each character."""
    ws, app = workspace()
    enter = text_input("enter") | {"dispatch_action": True}
    each = text_input("each", dispatch_action_config={"trigger_actions_on": ["on_character_entered"]})
    view = ws.screens.open(ADA, modal(text_input("quiet"), enter, each | {"dispatch_action": True}))
    await ws.type_into(ADA, view.id, "quiet", "a", "1")
    await ws.type_into(ADA, view.id, "enter", "a", "2", enter=False)
    assert await ws.act_in_view(ADA, view.id, "a", block_id="quiet", value="3") == Outcome(True)
    assert app.got == []
    await ws.type_into(ADA, view.id, "enter", "a", "4")
    await ws.type_into(ADA, view.id, "each", "a", "5", enter=False)
    await ws.act_in_view(ADA, view.id, "a", block_id="each", value="6")
    assert [e.payload["actions"][0]["value"] for e in app.got] == ["4", "5", "6"]
    values = {block: view.state[block]["a"]["value"] for block in ("quiet", "enter", "each")}
    assert values == {"quiet": "3", "enter": "4", "each": "6"}


def _asking(kind: str = "external_select", **more: Any) -> Json:
    element = {"type": kind, "action_id": "ask"} | more
    return {"type": "input", "block_id": "asks", "label": plain("L"), "element": element}


async def test_suggestions_come_from_the_app_and_can_then_be_chosen() -> None:
    """A question carries what was typed and the view; its options can be submitted by value (apis/slack.md §9.10)."""
    ws, app = workspace(Answer({"options": _OPTIONS}))
    view = ws.screens.open(ADA, modal(_asking()))
    assert await ws.suggest(ADA, view.id, "asks", "ask", "wor") == _OPTIONS
    sent = app.last
    assert (sent["type"], sent["value"], sent["action_id"], sent["block_id"]) == (
        "block_suggestion",
        "wor",
        "ask",
        "asks",
    )
    assert sent["container"] == {"type": "view", "view_id": view.id}
    assert app.got[0].accepts_response
    await ws.submit(ADA, view.id, {"asks": "two"})
    assert app.last["view"]["state"]["values"]["asks"]["ask"]["selected_option"] == _OPTIONS[1]


async def test_suggestions_in_a_message() -> None:
    """A select in a message asks with channel and message, and offers to whoever clicks."""
    ws, app = workspace(Answer({"options": _OPTIONS}))
    ts = _posted(ws, {"type": "external_select", "action_id": "ask"})
    assert await ws.suggest(ADA, (ORDERS, ts), "acts", "ask", "word") == _OPTIONS
    assert (app.last["channel"]["id"], app.last["message"]["ts"]) == (ORDERS, ts)
    await ws.click(ADA, ORDERS, ts, "ask", value="one")
    assert app.last["actions"][0]["selected_option"] == _OPTIONS[0]


@pytest.mark.parametrize(
    ("element", "typed", "asked"),
    [({}, "ab", 0), ({}, "abc", 1), ({"min_query_length": 1}, "a", 1), ({"min_query_length": 0}, "", 1)],
)
async def test_the_app_is_asked_from_min_query_length_on(element: Json, typed: str, asked: int) -> None:
    """Three characters unless the element says otherwise."""
    ws, app = workspace()
    view = ws.screens.open(ADA, modal(_asking(**element)))
    await ws.suggest(ADA, view.id, "asks", "ask", typed)
    assert len(app.got) == asked


@pytest.mark.parametrize(
    "answer",
    [Answer(), Answer({"options": "x"}), Answer({"options": [option("x" * 80)]}), Answer(error="operation_timeout")],
)
async def test_no_good_answer_offers_nothing(answer: Answer) -> None:
    """Late, empty and malformed answers all show no options."""
    ws, _ = workspace(answer)
    view = ws.screens.open(ADA, modal(_asking("multi_external_select")))
    assert await ws.suggest(ADA, view.id, "asks", "ask", "word") == []
    assert view.offered == []


async def test_other_selects_ask_nobody() -> None:
    """Only external selects have somebody to ask."""
    ws, app = workspace()
    view = ws.screens.open(ADA, modal(_asking("static_select", options=_OPTIONS)))
    with pytest.raises(Impossible):
        await ws.suggest(ADA, view.id, "asks", "ask", "word")
    assert isinstance(app, Scripted)
    assert app.got == []
