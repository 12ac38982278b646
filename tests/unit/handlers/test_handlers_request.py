"""Reading Slack's payloads: every kind whole, everything else Unreadable and never another exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.request import Kind, Request, Unreadable, read

COMMAND = {
    "command": "/order",
    "text": "1001",
    "trigger_id": "1.2.abc",
    "team_id": "T0HOME0001",
    "user_id": "U0ADA00001",
    "channel_id": "C0ORDERS01",
    "response_url": "https://hooks.slack.com/commands/1",
}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "trigger_id": "1.3.abc",
    "team": {"id": "T0HOME0001", "domain": "home"},
    "user": {"id": "U0OLGA0001", "team_id": "T0OTHER001"},
    "channel": {"id": "C0SHARED01"},
    "container": {"type": "message", "message_ts": "17.1", "channel_id": "C0SHARED01", "is_ephemeral": True},
    "response_url": "https://hooks.slack.com/actions/1",
    "actions": [{"action_id": "order.details", "block_id": "b", "type": "button", "value": "card-1"}],
}
VIEW: dict[str, Any] = {
    "id": "V1",
    "callback_id": "connection.quivo",
    "private_metadata": "card-2",
    "state": {
        "values": {
            "apiKey": {"value": {"type": "plain_text_input", "value": "k"}},
            "username": {"value": {"type": "plain_text_input", "value": None}},
            "keepPassword": {"value": {"type": "checkboxes", "selected_options": [{"value": "forget"}]}},
            "warehouse": {"value": {"type": "static_select", "selected_option": {"value": "3"}}},
            "nothing": {"value": {"type": "static_select", "selected_option": None}},
            "day": {"value": {"type": "datepicker", "selected_date": "2026-11-22"}},
            "time": {"value": {"type": "timepicker", "selected_time": "09:30"}},
            "person": {"value": {"type": "users_select", "selected_user": "U1"}},
            "none": {"value": {"type": "checkboxes", "selected_options": []}},
            "odd": {"value": {"type": "novelty"}},
            "empty": {},
        }
    },
}
SUBMIT: dict[str, Any] = {
    "type": "view_submission",
    "trigger_id": "1.4.abc",
    "team": {"id": "T0HOME0001"},
    "user": {"id": "U0ADA00001", "team_id": "T0HOME0001"},
    "view": VIEW,
}
EVENT: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T0HOME0001",
    "event_id": "Ev1",
    "event": {"type": "app_home_opened", "user": "U0ADA00001", "channel": "D1", "tab": "home"},
}


def test_a_command_is_read_whole() -> None:
    """A slash command becomes a request with all that its handler and its answer need."""
    assert read(COMMAND) == Request(
        kind=Kind.COMMAND,
        name="/order",
        delivery="command:1.2.abc",
        team="T0HOME0001",
        home_team="T0HOME0001",
        user="U0ADA00001",
        channel="C0ORDERS01",
        text="1001",
        typed="1001",
        trigger_id="1.2.abc",
        response_url="https://hooks.slack.com/commands/1",
    )


def test_a_command_without_words_has_empty_text() -> None:
    """Slack may leave the text out; then it is empty and not None."""
    assert read({**COMMAND, "text": None}).text == ""
    assert read({key: value for key, value in COMMAND.items() if key != "text"}).text == ""


def test_a_click_is_read_whole() -> None:
    """A click becomes a request of the clicker, with both teams told apart and the card id of the button."""
    asked = read(CLICK)
    assert asked == Request(
        kind=Kind.ACTION,
        name="order.details",
        delivery="action:1.3.abc",
        team="T0HOME0001",
        home_team="T0OTHER001",
        user="U0OLGA0001",
        channel="C0SHARED01",
        value="card-1",
        trigger_id="1.3.abc",
        response_url="https://hooks.slack.com/actions/1",
        message_ts="17.1",
        ephemeral=True,
    )
    assert (asked.card_id, asked.view_id) == ("card-1", None)


def test_a_chosen_option_is_the_value_of_a_click() -> None:
    """A select's or an overflow menu's value is that of its chosen option; nothing chosen is no value."""
    chosen = {"action_id": "order.more", "type": "overflow", "selected_option": {"value": "card-9"}}
    assert read({**CLICK, "actions": [chosen]}).value == "card-9"
    assert read({**CLICK, "actions": [{**chosen, "selected_option": None}]}).value == ""


def test_a_click_in_a_modal_carries_its_view() -> None:
    """A click in a modal has no channel, and its card is the one of the modal."""
    body = {key: value for key, value in CLICK.items() if key not in ("channel", "response_url", "container")}
    asked = read({**body, "view": VIEW, "actions": [{"action_id": "order.x", "type": "button"}]})
    assert (asked.channel, asked.view_id, asked.card_id, asked.values["apiKey"]) == (None, "V1", "card-2", "k")


def test_a_button_in_home_wins_over_homes_metadata() -> None:
    """Where both the button and its view carry an id, the button's is the one that was pressed."""
    assert read({**CLICK, "view": VIEW}).card_id == "card-1"


def test_a_person_without_team_belongs_to_the_installing_team() -> None:
    """Where Slack leaves the person's own team out, it is the team of the payload."""
    assert read({**CLICK, "user": {"id": "U1"}}).home_team == "T0HOME0001"


def test_a_submission_is_read_whole() -> None:
    """A submitted modal becomes one plain value for each input, whatever kind of input it is."""
    asked = read(SUBMIT)
    assert (asked.kind, asked.name, asked.delivery) == (Kind.SUBMISSION, "connection.quivo", "submission:1.4.abc")
    assert (asked.card_id, asked.view_id, asked.channel) == ("card-2", "V1", None)
    assert asked.values == {
        "apiKey": "k",
        "username": None,
        "keepPassword": ["forget"],
        "warehouse": "3",
        "nothing": None,
        "day": "2026-11-22",
        "time": "09:30",
        "person": "U1",
        "none": [],
        "odd": None,
        "empty": None,
    }


def test_an_event_is_read_whole() -> None:
    """An event becomes a request under its event id, so that its redelivery is recognised."""
    assert read(EVENT) == Request(
        kind=Kind.EVENT,
        name="app_home_opened",
        delivery="event:Ev1",
        team="T0HOME0001",
        home_team="T0HOME0001",
        user="U0ADA00001",
        channel="D1",
        text="home",
    )


def test_an_event_about_a_user_object_is_read() -> None:
    """Events that carry the whole user (user_change) and a channel object are read by the ids in them."""
    event = {"type": "user_change", "user": {"id": "U1"}, "channel": {"id": "C1"}}
    asked = read({**EVENT, "event": event})
    assert (asked.user, asked.channel, asked.text) == ("U1", None, "")


NEEDED = {
    "command": (COMMAND, ["trigger_id", "team_id", "user_id", "channel_id"]),
    "action": (CLICK, ["trigger_id", "team", "user", "actions"]),
    "submission": (SUBMIT, ["trigger_id", "team", "user", "view"]),
    "event": (EVENT, ["team_id", "event_id", "event"]),
}


@pytest.mark.parametrize(("body", "missing"), [(body, name) for body, names in NEEDED.values() for name in names])
def test_what_misses_a_part_is_unreadable(body: Mapping[str, Any], missing: str) -> None:
    """A10: a payload that lacks what its kind must have is Unreadable and nothing else."""
    with pytest.raises(Unreadable):
        read({name: value for name, value in body.items() if name != missing})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "shortcut"},
        {"type": "view_closed"},
        {"type": None},
        {"type": ["block_actions"]},
        {**CLICK, "actions": []},
        {**CLICK, "actions": [{}]},
        {**CLICK, "team": None},
        {**CLICK, "user": {}},
        {**SUBMIT, "view": None},
        {**SUBMIT, "view": "V1"},
        {**SUBMIT, "view": {**VIEW, "state": {"values": {"a": 1}}}},
        {**EVENT, "event": {}},
        {**COMMAND, "command": ["/order"]},
        {**COMMAND, "command": None},
        {**COMMAND, "text": 1001},
        {**COMMAND, "team_id": 7},
        {**COMMAND, "response_url": {"url": "x"}},
        {**COMMAND, "channel_id": []},
        {**CLICK, "view": "V1"},
    ],
)
def test_what_is_of_another_shape_is_unreadable(body: Mapping[str, Any]) -> None:
    """A10: parts of a wrong type make a payload Unreadable, before anything looks them up."""
    with pytest.raises(Unreadable):
        read(body)


def test_unreadable_says_the_kind_and_no_word_of_the_payload() -> None:
    """D1: the complaint about a payload names its type only."""
    with pytest.raises(Unreadable) as caught:
        read({"type": "block_actions", "actions": [{"value": "canary-4711"}]})
    assert str(caught.value) == "block_actions"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["command", "type", "team", "user", "view", "event", "actions"]), JSON))
def test_any_json_is_read_or_unreadable(body: dict[str, Any]) -> None:
    """A10: no JSON object makes reading end in any exception but Unreadable."""
    with suppress(Unreadable):
        read(body)


def paths(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [found for key, value in items for found in [(*at, key), *paths(value, (*at, key))]]


@pytest.mark.parametrize("body", [COMMAND, CLICK, SUBMIT, EVENT], ids=["command", "action", "submission", "event"])
@given(data=st.data())
def test_any_damage_is_read_or_unreadable(body: Mapping[str, Any], data: st.DataObject) -> None:
    """A10: replacing any part of a good payload by any JSON gives a request with usable names, or Unreadable."""
    damaged = deepcopy(dict(body))
    *way, last = data.draw(st.sampled_from(paths(damaged)))
    place: Any = damaged
    for step in way:
        place = place[step]
    place[last] = data.draw(JSON)
    try:
        asked = read(damaged)
    except Unreadable:
        return
    usable: list[Callable[[], object]] = [lambda: hash(asked.name), lambda: asked.card_id, lambda: asked.view_id]
    assert [isinstance(part, str) for part in (asked.name, asked.team, asked.user, asked.text)] == [True] * 4
    for use in usable:
        use()
