"""What Slack takes, the validator takes; and each thing only on the surfaces where Slack takes it (A9)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from blocks_samples import (
    BLOCKS,
    ELEMENT_ONLY_IN,
    ELEMENTS,
    HOME,
    IN_ACTIONS,
    IN_INPUT,
    MODAL,
    ONLY_IN,
    acted,
    asked,
    home,
    modal,
    option,
)

from sandbox.slack.blocks import Flaw, check_message, check_metadata, check_suggestions, check_view, says_something

SURFACES = ("message", "modal", "home")


def flaws_on(surface: str, block: dict[str, Any]) -> list[Flaw]:
    """The flaws of one block on a surface, pointers from the block."""
    if surface == "message":
        flaws, root = check_message([block]), "/blocks/0"
    else:
        flaws, root = check_view(modal(block) if surface == "modal" else home(block)), "/view/blocks/0"
    return [Flaw(flaw.message, flaw.pointer.removeprefix(root)) for flaw in flaws]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_stands_only_where_slack_takes_it(name: str, surface: str) -> None:
    """A9: each valid block has no flaw on its surfaces and the one flaw `unsupported type` on the others."""
    block = BLOCKS[name]
    allowed = surface in ONLY_IN.get(name, frozenset(SURFACES))
    unsupported = {"carousel": ["", "/elements/0"], "plan": ["", "/tasks/0"]}.get(name, [""])
    kinds = {"/elements/0": "card", "/tasks/0": "task_card"}
    expected = [Flaw(f"unsupported type: {kinds.get(at, block['type'])}", f"{at}/type") for at in unsupported]
    assert flaws_on(surface, block) == ([] if allowed else expected)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("name", "place"),
    [(name, "input") for name in IN_INPUT] + [(name, "actions") for name in IN_ACTIONS],
)
def test_an_element_stands_only_where_slack_takes_it(name: str, place: str, surface: str) -> None:
    """A9: each valid element has no flaw in its blocks and surfaces and one flaw on the other surfaces."""
    block = asked(name) if place == "input" else acted(name)
    at = "/element" if place == "input" else "/elements/0"
    allowed = surface in ELEMENT_ONLY_IN.get(name, frozenset(SURFACES))
    refused = [Flaw(f"unsupported type: {name}", f"{at}/type")]
    assert flaws_on(surface, block) == ([] if allowed else refused)


@pytest.mark.parametrize("name", sorted(set(ELEMENTS) - set(IN_INPUT)))
def test_what_is_pressed_is_no_input(name: str) -> None:
    """Buttons and overflow menus have no value to submit, so an input block refuses them."""
    assert flaws_on("modal", asked(name)) == [Flaw(f"unsupported type: {name}", "/element/type")]


@pytest.mark.parametrize("name", sorted(set(ELEMENTS) - set(IN_ACTIONS)))
def test_what_is_typed_is_no_action(name: str) -> None:
    """Text inputs stand in input blocks only."""
    assert flaws_on("modal", acted(name)) == [Flaw(f"unsupported type: {name}", "/elements/0/type")]


def test_nothing_is_changed_by_looking() -> None:
    """The validator leaves what it reads as it was."""
    before = json.dumps([BLOCKS, MODAL, HOME])
    check_message(list(BLOCKS.values()))
    check_view(MODAL)
    check_view(HOME)
    assert json.dumps([BLOCKS, MODAL, HOME]) == before


def test_the_same_button_in_many_rows_is_fine() -> None:
    """An action_id need be unique only in its block, so a list can have the same button in every row."""
    assert check_message([BLOCKS["section"] | {"block_id": f"row {n}"} for n in range(50)]) == []


def test_an_update_may_take_all_blocks_away() -> None:
    """An empty list of blocks has no flaw; whether the message says anything is another question."""
    assert check_message([]) == []


@pytest.mark.parametrize(
    ("text", "blocks", "attachments", "says"),
    [
        ("hi", None, None, True),
        ("", [{"type": "divider"}], None, True),
        (None, None, [{"text": "old"}], True),
        ("", [], [], False),
        (" \n", None, None, False),
        (None, None, None, False),
    ],
)
def test_a_message_must_say_something(text: object, blocks: object, attachments: object, says: bool) -> None:
    """Text, blocks or attachments make a message; blank text does not (`no_text`)."""
    assert says_something(text, blocks, attachments) is says


@pytest.mark.parametrize(
    ("answer", "flaws"),
    [
        ({"options": []}, []),
        ({"options": [option("a")]}, []),
        ({"option_groups": [{"label": {"type": "plain_text", "text": "G"}, "options": [option("a")]}]}, []),
        ({"options": [option("a")] * 101}, [Flaw("no more than 100 items allowed", "/options")]),
        ({"options": [{"text": "a", "value": "a"}]}, [Flaw("must provide an object", "/options/0/text")]),
        ({}, [Flaw("must define either `options` or `option_groups`, and not both", "")]),
        (None, [Flaw("must provide an object", "")]),
    ],
)
def test_suggestions(answer: object, flaws: list[Flaw]) -> None:
    """An answer to a block suggestion is options or groups, at most 100; no match is an empty list."""
    assert check_suggestions(answer) == flaws


@pytest.mark.parametrize(
    ("metadata", "flaws"),
    [
        ({"event_type": "order.card", "event_payload": {"card": {"id": ["x"]}}}, []),
        ({"entities": [{"entity_type": "slack#/entities/task"}]}, []),
        ({"event_type": "order.card"}, [Flaw("missing required field: event_payload", "/metadata")]),
        (
            {"entities": [{}], "event_payload": {}},
            [Flaw("missing required field: event_type", "/metadata")],
        ),
        ({}, [Flaw("must define either `event_type` or `entities`", "/metadata")]),
        (
            {"event_type": "", "event_payload": [], "more": 1},
            [
                Flaw("must be more than 0 characters", "/metadata/event_type"),
                Flaw("must provide an object", "/metadata/event_payload"),
                Flaw("invalid additional property: more", "/metadata"),
            ],
        ),
        ("{}", [Flaw("must provide an object", "/metadata")]),
    ],
)
def test_metadata(metadata: object, flaws: list[Flaw]) -> None:
    """Metadata is a type with a payload, or entities; a payload may hold anything."""
    assert check_metadata(metadata) == flaws
