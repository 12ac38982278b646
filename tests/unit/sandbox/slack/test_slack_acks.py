"""What the body of an ack means."""

from __future__ import annotations

from typing import Any

import pytest
from slack_samples import modal, option, plain

from sandbox.slack import acks
from sandbox.slack.acks import ViewStep


@pytest.mark.parametrize("body", [None, "", {}, {"response_type": "in_channel"}, {"text": ""}, [], 7])
def test_an_empty_command_ack_posts_nothing(body: Any) -> None:
    """An ack without text, blocks or attachments shows nothing to the member."""
    assert acks.for_command(body) is None


def test_a_command_ack_is_ephemeral_unless_it_says_otherwise() -> None:
    """Text, plain or in an object, is for the member alone by default (apis/slack.md §9.2, §9.3)."""
    assert acks.for_command("hi") == {"text": "hi", "response_type": "ephemeral"}
    assert acks.for_command({"blocks": [1]}) == {"blocks": [1], "response_type": "ephemeral"}
    assert acks.for_command({"text": "hi", "response_type": "in_channel"})["response_type"] == "in_channel"  # type: ignore[index]


@pytest.mark.parametrize("body", [None, "", {}])
def test_an_empty_submission_ack_pops_one_view(body: Any) -> None:
    """Nothing in the ack closes this view only."""
    assert acks.for_submission(body, set()) == ViewStep("pop")


@pytest.mark.parametrize(
    "body",
    [
        {"ok": True},
        "hi",
        [],
        7,
        {"response_action": "close"},
        {"response_action": "update"},
        {"response_action": "push", "view": "modal"},
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"other": "no"}},
        {"response_action": "errors", "errors": {"name": ""}},
        {"response_action": "errors", "errors": {"name": 1}},
        {"response_action": "errors", "errors": {"name": "no", "other": "no"}},
    ],
)
def test_a_half_or_foreign_submission_ack_is_trouble(body: Any) -> None:
    """Any body that is not a whole response_action leaves the modal with trouble, even `{"ok": true}`."""
    assert acks.for_submission(body, {"name"}) == ViewStep("trouble")


def test_each_response_action_is_its_step() -> None:
    """clear, update, push and errors are understood with what they carry."""
    view = modal()
    assert acks.for_submission({"response_action": "clear"}, set()) == ViewStep("clear")
    assert acks.for_submission({"response_action": "update", "view": view}, set()) == ViewStep("update", view=view)
    assert acks.for_submission({"response_action": "push", "view": view}, set()) == ViewStep("push", view=view)
    answer = {"response_action": "errors", "errors": {"name": "no"}}
    assert acks.for_submission(answer, {"name"}) == ViewStep("errors", errors={"name": "no"})


def test_suggestions_are_laid_flat_and_capped() -> None:
    """Options and groups both count, more than 100 or no object at all are nothing."""
    one, two = option("one"), option("two")
    groups = {"option_groups": [{"label": plain("x"), "options": [one]}, {"label": plain("y"), "options": [two]}]}
    assert acks.for_suggestion({"options": [one, two]}) == [one, two]
    assert acks.for_suggestion(groups) == [one, two]
    assert len(acks.for_suggestion({"options": [one] * 100})) == 100
    assert acks.for_suggestion({"options": [one] * 101}) == []
    assert acks.for_suggestion("nothing") == []
