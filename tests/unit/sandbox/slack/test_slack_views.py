"""Stacks of modals and Home tabs."""

from __future__ import annotations

import pytest
from slack_samples import Json, actions, button, home, modal, plain, text_input

from sandbox.clock import Clock
from sandbox.slack.refusals import ApiError
from sandbox.slack.views import Views, with_ids


def _code(error: pytest.ExceptionInfo[ApiError]) -> str:
    return error.value.code


def test_missing_ids_are_filled_in_and_given_ones_kept() -> None:
    """Slack names every block and element that the app did not name; the app's own dictionaries stay as they were."""
    bare: list[Json] = [
        {"type": "divider"},
        {"type": "actions", "elements": [{"type": "button", "text": plain("x")}]},
        {"type": "context", "elements": [{"type": "plain_text", "text": "x"}]},
        {"type": "section", "text": plain("x"), "accessory": button("mine")},
        {"type": "carousel", "elements": [{"type": "card", "actions": [{"type": "button", "text": plain("x")}]}]},
    ]
    named = with_ids(bare)
    assert "block_id" not in bare[0]
    assert len({block["block_id"] for block in named}) == 5
    assert named[1]["elements"][0]["action_id"]
    assert "action_id" not in named[2]["elements"][0]
    assert named[3]["accessory"]["action_id"] == "mine"
    assert named[4]["elements"][0]["block_id"]
    assert named[4]["elements"][0]["actions"][0]["action_id"]
    assert with_ids(named) == named


def test_a_modal_opens_as_a_stack_of_one() -> None:
    """Root is itself, nothing is below, its inputs have a state."""
    views = Views(Clock())
    view = views.open("U1", modal(text_input("name"), callback_id="c"))
    assert (view.root_id, view.previous_id, view.type) == (view.id, None, "modal")
    assert view.state == {"name": {"a": {"type": "plain_text_input", "value": None}}}
    assert views.stack("U1") == [view]


def test_stacks_belong_to_one_member_each() -> None:
    """What one member has open nobody else has (apis/slack.md §9.7)."""
    views = Views(Clock())
    one, two = views.open("U1", modal()), views.open("U2", modal())
    assert (views.stack("U1"), views.stack("U2"), views.stack("U3")) == ([one], [two], [])


def test_a_stack_is_three_deep_at_most() -> None:
    """The fourth modal is refused and the three stay, each knowing what is below."""
    views = Views(Clock())
    first = views.open("U1", modal())
    second, third = views.push("U1", modal()), views.push("U1", modal())
    with pytest.raises(ApiError) as error:
        views.push("U1", modal())
    assert _code(error) == "push_limit_reached"
    assert views.stack("U1") == [first, second, third]
    assert (third.previous_id, third.root_id) == (second.id, first.id)


def test_nothing_is_pushed_on_nothing() -> None:
    """Without an open modal a push is not_found."""
    with pytest.raises(ApiError) as error:
        Views(Clock()).push("U1", modal())
    assert _code(error) == "not_found"


def test_opening_again_replaces_the_stack() -> None:
    """views.open starts over."""
    views = Views(Clock())
    views.open("U1", modal())
    views.push("U1", modal())
    again = views.open("U1", modal())
    assert views.stack("U1") == [again]


def test_an_update_keeps_id_and_place_and_changes_the_hash() -> None:
    """New content, same view; what was typed stays, errors and trouble go."""
    views = Views(Clock())
    view = views.open("U1", modal(text_input("name")))
    view.state["name"]["a"]["value"] = "typed"
    view.errors, view.trouble = {"name": "no"}, "trouble"
    before = view.hash
    views.update(view, modal(text_input("name", initial_value="new"), text_input("more")))
    assert view.hash != before
    assert view.state["name"]["a"]["value"] == "typed"
    assert view.state["more"]["a"]["value"] is None
    assert (dict(view.errors), views.stack("U1")) == ({}, [view])
    assert not view.trouble


def test_a_stale_hash_is_a_conflict_and_changes_nothing() -> None:
    """Two updates from one hash: the second loses."""
    views = Views(Clock())
    view = views.open("U1", modal())
    stale = view.hash
    views.update(view, modal(callback_id="one"), stale)
    with pytest.raises(ApiError) as error:
        views.update(view, modal(callback_id="two"), stale)
    assert (_code(error), view.content["callback_id"]) == ("hash_conflict", "one")


def test_an_external_id_is_used_once_at_a_time() -> None:
    """A second view with it is refused, the view itself may keep it, and it finds the view."""
    views = Views(Clock())
    view = views.open("U1", modal(external_id="e"))
    with pytest.raises(ApiError) as error:
        views.open("U2", modal(external_id="e"))
    assert _code(error) == "duplicate_external_id"
    views.update(view, modal(external_id="e", callback_id="c"))
    assert views.find(external_id="e") is view
    views.drop(view)
    views.open("U2", modal(external_id="e"))


def test_views_nobody_sees_are_not_found() -> None:
    """A closed view cannot be addressed any more; an empty id finds nothing."""
    views = Views(Clock())
    view = views.open("U1", modal())
    views.drop(view)
    views.drop(view)
    for wanted in (view.id, "V404", ""):
        with pytest.raises(ApiError) as error:
            views.find(wanted)
        assert _code(error) == "not_found"


def test_home_is_one_for_each_member() -> None:
    """Publishing again updates the same view; a stale hash is refused; it can be found by id."""
    views = Views(Clock())
    first = views.publish("U1", home())
    stale = first.hash
    assert views.publish("U1", home(actions(button()))) is first
    with pytest.raises(ApiError) as error:
        views.publish("U1", home(), stale)
    assert _code(error) == "hash_conflict"
    assert views.publish("U2", home()) is not first
    assert views.find(first.id) is first


@pytest.mark.parametrize(
    "content", [home(), {"type": "modal"}, modal(*[{"type": "divider"}] * 101), modal(title=plain("x" * 25))]
)
def test_a_bad_modal_is_refused_before_anything_changes(content: Json) -> None:
    """Wrong kind, missing parts and too many blocks are invalid_arguments with the place."""
    views = Views(Clock())
    with pytest.raises(ApiError) as error:
        views.open("U1", content)
    assert _code(error) == "invalid_arguments"
    assert "[json-pointer:/view" in error.value.extra["response_metadata"]["messages"][0]
    assert views.stack("U1") == []


def test_a_view_of_250_kilobytes_is_too_large() -> None:
    """The size of the whole view counts."""
    block = {"type": "section", "text": plain("x" * 3000)}
    with pytest.raises(ApiError) as error:
        Views(Clock()).open("U1", modal(*[block] * 90))
    assert _code(error) == "view_too_large"
