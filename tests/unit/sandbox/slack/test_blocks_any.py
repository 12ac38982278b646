"""Whatever JSON an app sends, the validator answers with flaws and never raises."""

from __future__ import annotations

from typing import Any

from blocks_samples import BLOCKS, HOME, MODAL
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.slack.blocks import Flaw, check_message, check_metadata, check_suggestions, check_view

NAMES = st.sampled_from(
    [
        *("type", "text", "fields", "accessory", "elements", "element", "options", "option_groups", "initial_option"),
        *("initial_options", "value", "rows", "chart", "series", "data", "label", "axis_config", "categories"),
        *("segments", "block_id", "action_id", "blocks", "title", "submit", "child_blocks"),
    ]
)
TYPES = st.sampled_from(
    [
        *("section", "actions", "input", "table", "data_table", "data_visualization", "rich_text", "container", "card"),
        *("carousel", "static_select", "multi_static_select", "checkboxes", "number_input", "plain_text", "mrkdwn"),
        *("raw_text", "raw_number", "pie", "bar", "modal", "home"),
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), TYPES)
ANY: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, st.text(max_size=3)), inner)),
    max_leaves=25,
)


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, the root first."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def replaced(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy with `value` at that place."""
    if not place:
        return value
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    copy[place[0]] = replaced(document[place[0]], place[1:], value)
    return copy


SAMPLES = [[block] for block in BLOCKS.values()]
SPOTS = [(sample, place) for sample in [*SAMPLES, MODAL, HOME] for place in places(sample)]


def is_answer(flaws: list[Flaw]) -> bool:
    """Whether every flaw says something and points somewhere."""
    return all(flaw.message and (flaw.pointer == "" or flaw.pointer.startswith("/")) for flaw in flaws)


@given(ANY)
def test_any_json_gets_an_answer(document: Any) -> None:
    """Nothing that can be decoded from JSON makes a check raise."""
    for check in (check_message, check_view, check_metadata, check_suggestions):
        assert is_answer(check(document))


@settings(max_examples=600)
@given(st.sampled_from(SPOTS), ANY)
def test_any_json_at_any_place_gets_an_answer(spot: tuple[Any, tuple[Any, ...]], value: Any) -> None:
    """Nothing put anywhere into a valid message or view makes a check raise."""
    sample, place = spot
    document = replaced(sample, place, value)
    assert is_answer(check_message(document))
    assert is_answer(check_view(document))
