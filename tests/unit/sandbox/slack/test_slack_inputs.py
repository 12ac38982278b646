"""What members put into elements, and what Slack's client refuses to send."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import Json, actions, button, modal, option, plain, text_input

from sandbox.slack import inputs
from sandbox.slack.state import Impossible

_CHOICES = [option("one"), option("two")]


def _input(kind: str, **more: Any) -> Json:
    element = {"type": kind, "action_id": "a"} | more
    return {"type": "input", "block_id": "b", "label": plain("L"), "element": element}


@pytest.mark.parametrize(
    ("kind", "key", "untouched"),
    [
        ("plain_text_input", "value", None),
        ("email_text_input", "value", None),
        ("url_text_input", "value", None),
        ("number_input", "value", None),
        ("static_select", "selected_option", None),
        ("external_select", "selected_option", None),
        ("radio_buttons", "selected_option", None),
        ("multi_static_select", "selected_options", []),
        ("multi_external_select", "selected_options", []),
        ("checkboxes", "selected_options", []),
        ("users_select", "selected_user", None),
        ("conversations_select", "selected_conversation", None),
        ("channels_select", "selected_channel", None),
        ("multi_users_select", "selected_users", []),
        ("multi_conversations_select", "selected_conversations", []),
        ("multi_channels_select", "selected_channels", []),
        ("datepicker", "selected_date", None),
        ("timepicker", "selected_time", None),
        ("datetimepicker", "selected_date_time", None),
        ("rich_text_input", "rich_text_value", None),
        ("file_input", "files", []),
    ],
)
def test_untouched_inputs_are_present_and_empty(kind: str, key: str, untouched: object) -> None:
    """Every kind of element stands in state.values under its own key, null or [] until touched (apis/slack.md §4)."""
    assert inputs.fresh([_input(kind)]) == {"b": {"a": {"type": kind, key: untouched}}}


def test_initial_values_are_the_first_state() -> None:
    """An element that brings a value starts with it."""
    fresh = inputs.fresh([_input("plain_text_input", initial_value="x"), {"type": "divider", "block_id": "d"}])
    assert fresh == {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
    select = _input("static_select", options=_CHOICES, initial_option=_CHOICES[1])
    assert inputs.fresh([select])["b"]["a"]["selected_option"] == _CHOICES[1]


def test_elements_are_found_wherever_they_sit() -> None:
    """Inputs, accessories, action rows, cards in carousels and containers all give their elements, in order."""
    blocks: list[Json] = [
        {"type": "section", "block_id": "s", "accessory": button("in.section")},
        {"type": "section", "block_id": "empty"},
        actions(button("in.actions"), button("in.actions.2")),
        {"type": "card", "block_id": "c", "actions": [button("in.card")]},
        {
            "type": "carousel",
            "block_id": "r",
            "elements": [{"type": "card", "block_id": "rc", "actions": [button("in.carousel")]}],
        },
        {"type": "container", "block_id": "k", "child_blocks": [actions(button("in.container"), block_id="kc")]},
        text_input("i"),
    ]
    found = [(placed.block_id, placed.action_id) for placed in inputs.elements(blocks)]
    assert found == [
        ("s", "in.section"),
        ("acts", "in.actions"),
        ("acts", "in.actions.2"),
        ("c", "in.card"),
        ("rc", "in.carousel"),
        ("kc", "in.container"),
        ("i", "a"),
    ]
    assert inputs.find(blocks, "in.card").block_id == "c"


def test_an_absent_element_cannot_be_used() -> None:
    """Neither an unknown action_id nor a right one in another block is found."""
    blocks = [actions(button("x"))]
    for action_id, block_id in (("y", None), ("x", "other")):
        with pytest.raises(Impossible):
            inputs.find(blocks, action_id, block_id)


def test_options_are_chosen_by_value_from_what_is_on_offer() -> None:
    """Own options, grouped options and suggested ones can be chosen; nothing else can."""
    single = {"type": "static_select", "action_id": "a", "options": _CHOICES}
    grouped = {"type": "static_select", "action_id": "a", "option_groups": [{"label": plain("g"), "options": _CHOICES}]}
    external = {"type": "multi_external_select", "action_id": "a"}
    assert inputs.chosen(single, "two", []) == {"type": "static_select", "selected_option": _CHOICES[1]}
    assert inputs.chosen(grouped, _CHOICES[0], [])["selected_option"] == _CHOICES[0]
    assert inputs.chosen(external, ["one"], _CHOICES)["selected_options"] == [_CHOICES[0]]
    assert inputs.chosen(single, None, []) == {"type": "static_select", "selected_option": None}
    assert inputs.chosen(external, None, [])["selected_options"] == []
    with pytest.raises(Impossible):
        inputs.chosen(single, "three", [])
    with pytest.raises(Impossible):
        inputs.chosen(external, ["one"], [])


def test_plural_kinds_hold_lists() -> None:
    """One value for a plural kind becomes a list of one."""
    element = {"type": "multi_users_select", "action_id": "a"}
    assert inputs.chosen(element, "U1", []) == {"type": "multi_users_select", "selected_users": ["U1"]}
    assert inputs.chosen(element, ["U1", "U2"], [])["selected_users"] == ["U1", "U2"]


def test_state_stays_where_ids_and_kind_stay() -> None:
    """After an update typed text beats a new initial value; another action_id, block_id or kind starts anew."""
    typed = {"b": {"a": {"type": "plain_text_input", "value": "typed"}}}
    fresh = {"type": "plain_text_input", "value": "new"}
    assert inputs.kept(typed, [_input("plain_text_input", initial_value="new")]) == typed
    moved = _input("plain_text_input", initial_value="new") | {"block_id": "c"}
    assert inputs.kept(typed, [moved]) == {"c": {"a": fresh}}
    renamed = _input("plain_text_input", initial_value="new", action_id="z")
    assert inputs.kept(typed, [renamed]) == {"b": {"z": fresh}}
    assert inputs.kept(typed, [_input("number_input")]) == {"b": {"a": {"type": "number_input", "value": None}}}


@pytest.mark.parametrize(
    ("kind", "more", "value", "flaw"),
    [
        ("plain_text_input", {}, "", "Please complete this required field."),
        ("plain_text_input", {}, "x", None),
        ("plain_text_input", {"min_length": 3}, "ab", "Enter at least 3 characters."),
        ("plain_text_input", {"min_length": 3}, "abc", None),
        ("plain_text_input", {"max_length": 3}, "abcd", "Enter at most 3 characters."),
        ("plain_text_input", {"max_length": 3}, "abc", None),
        ("plain_text_input", {}, "x" * 3001, "Enter at most 3000 characters."),
        ("email_text_input", {}, "ada", "Enter a valid email address."),
        ("email_text_input", {}, "ada@home.example", None),
        ("url_text_input", {}, "ftp://x", "Enter a valid URL."),
        ("url_text_input", {}, "https://x", None),
        ("number_input", {}, "12a", "Enter a number."),
        ("number_input", {"max_value": "10"}, "11", "Enter a number in the allowed range."),
        ("number_input", {"min_value": "10"}, "10", None),
        ("checkboxes", {"options": _CHOICES}, [], "Please complete this required field."),
        ("datepicker", {}, "2026-11-22", None),
    ],
)
def test_the_client_refuses_before_it_sends(kind: str, more: Json, value: Any, flaw: str | None) -> None:
    """Required fields, lengths, formats and ranges are checked as Slack's client does."""
    block = _input(kind, **more)
    state = {"b": {"a": inputs.chosen(block["element"], value, [])}}
    assert inputs.flaws([block], state) == ({"b": flaw} if flaw else {})


def test_an_optional_input_may_stay_empty() -> None:
    """Only what stands there is checked in an optional input."""
    block = text_input("b", min_length=3) | {"optional": True}
    assert inputs.flaws([block], inputs.fresh([block])) == {}
    assert inputs.flaws(modal(block)["blocks"], {"b": {"a": {"type": "plain_text_input", "value": "x"}}}) == {
        "b": "Enter at least 3 characters."
    }
