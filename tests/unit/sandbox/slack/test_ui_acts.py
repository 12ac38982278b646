"""Each act of the page is one act of the workspace, with the page's words in the right places."""

from __future__ import annotations

import re

import pytest
from slack_samples import Json, actions, button, modal, option, plain, text_input, workspace

from sandbox.slack import messages
from sandbox.slack.delivery import Answer
from sandbox.slack.ui import PAGE
from sandbox.slack.ui_acts import ACTS, BadAct, act
from sandbox.slack.workspace import ADA, BOT_USER, ORDERS, Workspace

ACKED = {"acked": True, "error": None}


def posted(space: Workspace, *elements: Json) -> str:
    """A message of the app with these elements in an actions block `way`; its ts."""
    blocks = [actions(*elements) | {"block_id": "way"}]
    return messages.post(space, space.channels[ORDERS], BOT_USER, {"text": "card", "blocks": blocks}).ts


def suggested() -> Json:
    """An external select."""
    return {"type": "external_select", "action_id": "city", "min_query_length": 1}


def test_every_act_of_the_page_has_a_method() -> None:
    """The list of acts is the one that the page's scripts use."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js"))
    said = [name for name in ACTS if f'"{name}"' in scripts]
    assert said == list(ACTS)
    assert set(re.findall(r'\bact\([\w.()]+, "(\w+)"', scripts)) <= set(ACTS)


async def test_a_click_names_block_action_and_value() -> None:
    """A button's own value reaches the app, with the channel and the message it stands in."""
    space, app = workspace()
    ts = posted(space, button("go"))
    body = {"what": "click", "channel": ORDERS, "ts": ts, "block_id": "way", "action_id": "go"}
    assert await act(space, ADA, body) == ACKED
    assert (app.last["container"]["message_ts"], app.last["actions"][0]["action_id"]) == (ts, "go")


async def test_a_chosen_option_may_come_whole_or_by_its_value() -> None:
    """The page sends the option object; what the app hears is the offered option."""
    space, app = workspace()
    menu = {"type": "static_select", "action_id": "pick", "placeholder": plain("Pick"), "options": [option("a")]}
    ts = posted(space, menu)
    body = {"what": "click", "channel": ORDERS, "ts": ts, "block_id": "way", "action_id": "pick", "value": option("a")}
    assert await act(space, ADA, body) == ACKED
    assert app.last["actions"][0]["selected_option"]["value"] == "a"


async def test_an_option_that_is_not_offered_is_refused() -> None:
    """B6: a value that the message does not offer reaches nobody."""
    space, app = workspace()
    menu = {"type": "static_select", "action_id": "pick", "placeholder": plain("Pick"), "options": [option("a")]}
    ts = posted(space, menu)
    body = {"what": "click", "channel": ORDERS, "ts": ts, "block_id": "way", "action_id": "pick", "value": "b"}
    answer = await act(space, ADA, body)
    assert (answer["acked"], app.got) == (False, [])


async def test_typing_submitting_and_closing_a_modal() -> None:
    """What is typed is kept, a submission carries the values, and closing takes the view away."""
    space, app = workspace(Answer({"response_action": "errors", "errors": {"name": "no"}}))
    view = space.screens.open(ADA, modal(text_input("name")))
    typed = {"what": "type", "view_id": view.id, "block_id": "name", "action_id": "a", "value": "Jana"}
    assert await act(space, ADA, typed) == {"acked": True}
    assert view.state["name"]["a"]["value"] == "Jana"
    assert await act(space, ADA, {"what": "submit", "view_id": view.id, "values": {"name": "Bo"}}) == ACKED
    assert app.last["view"]["state"]["values"]["name"]["a"]["value"] == "Bo"
    assert view.errors == {"name": "no"}
    assert await act(space, ADA, {"what": "close", "view_id": view.id, "all": True}) == ACKED
    assert space.views(ADA) == []


@pytest.mark.parametrize(("enter", "heard"), [(True, 1), (False, 0)])
async def test_enter_is_told_apart_from_typing(enter: bool, heard: int) -> None:
    """A dispatching input tells the app when Enter was pressed, not while somebody types."""
    space, app = workspace()
    view = space.screens.open(ADA, modal(text_input("name") | {"dispatch_action": True}))
    typed = {"what": "type", "view_id": view.id, "block_id": "name", "action_id": "a", "value": "J", "enter": enter}
    await act(space, ADA, typed)
    assert len(app.got) == heard


async def test_a_button_in_a_modal_acts_in_its_view() -> None:
    """The app hears of the view, not of a channel."""
    space, app = workspace()
    view = space.screens.open(ADA, modal(actions(button("go")) | {"block_id": "way"}))
    assert await act(space, ADA, {"what": "act", "view_id": view.id, "block_id": "way", "action_id": "go"}) == ACKED
    assert app.last["container"] == {"type": "view", "view_id": view.id}


async def test_suggestions_come_for_a_message_and_for_a_view() -> None:
    """What was typed goes to the app, and its options come back, wherever the select stands."""
    space, _ = workspace(Answer({"options": [option("riga")]}), Answer({"options": [option("bern")]}))
    ts = posted(space, suggested())
    select = {"type": "input", "block_id": "city", "label": plain("City"), "element": suggested()}
    view = space.screens.open(ADA, modal(select))
    ask = {"what": "suggest", "action_id": "city", "value": "r"}
    here = await act(space, ADA, ask | {"channel": ORDERS, "ts": ts, "block_id": "way"})
    there = await act(space, ADA, ask | {"view_id": view.id, "block_id": "city"})
    assert [one["value"] for one in here["options"] + there["options"]] == ["riga", "bern"]


async def test_shortcuts_and_home() -> None:
    """Global and message shortcuts and the opening of Home reach the app under their names."""
    space, app = workspace()
    ts = posted(space, button("go"))
    assert await act(space, ADA, {"what": "shortcut", "callback_id": "order.create"}) == ACKED
    assert app.last["callback_id"] == "order.create"
    on_message = {"what": "message_shortcut", "channel": ORDERS, "ts": ts, "callback_id": "order.lookup"}
    assert await act(space, ADA, on_message) == ACKED
    assert app.last["message_ts"] == ts
    assert await act(space, ADA, {"what": "open_home"}) == ACKED
    assert app.last["event"]["tab"] == "home"


@pytest.mark.parametrize("what", [name for name in ACTS if name != "open_home"])
async def test_an_act_without_its_words_is_bad(what: str) -> None:
    """Every act names the first word it misses, and nothing is sent."""
    space, app = workspace()
    with pytest.raises(BadAct, match=r"must be|values"):
        await act(space, ADA, {"what": what})
    assert app.got == []
