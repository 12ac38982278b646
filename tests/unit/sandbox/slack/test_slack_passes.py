"""Triggers and response_urls: how long, how often."""

from __future__ import annotations

import re

import pytest

from sandbox.clock import Clock
from sandbox.slack.passes import Passes
from sandbox.slack.refusals import ApiError


def _refused(passes: Passes, trigger: str) -> str:
    with pytest.raises(ApiError) as refusal:
        passes.look(trigger)
    return refusal.value.code


def test_a_trigger_has_slacks_shape_and_remembers_its_member() -> None:
    """`132456.7890123.abcdef`, for one member, from one channel."""
    passes = Passes(Clock())
    trigger = passes.trigger("U1", "C1")
    assert re.fullmatch(r"\d+\.\d+\.[0-9a-f]+", trigger)
    found = passes.look(trigger)
    assert (found.user, found.channel, found.used) == ("U1", "C1", False)
    assert passes.trigger("U1") != trigger


@pytest.mark.parametrize("trigger", ["", "nonsense", "1.2.3", "1.2.abc"])
def test_a_foreign_trigger_is_invalid(trigger: str) -> None:
    """Only triggers that this workspace made are known."""
    assert _refused(Passes(Clock()), trigger) == "invalid_trigger_id"


def test_a_trigger_lives_three_seconds_by_the_clock() -> None:
    """At 2.9 s it works, after 3 s it is expired (apis/slack.md §9.4)."""
    clock = Clock()
    passes = Passes(clock)
    trigger = passes.trigger("U1")
    clock.advance(2.9)
    passes.look(trigger)
    clock.advance(0.2)
    assert _refused(passes, trigger) == "expired_trigger_id"


def test_a_used_trigger_is_exchanged_even_after_it_expired() -> None:
    """Use counts before age."""
    clock = Clock()
    passes = Passes(clock)
    trigger = passes.trigger("U1")
    passes.look(trigger).used = True
    assert _refused(passes, trigger) == "exchanged_trigger_id"
    clock.advance(10)
    assert _refused(passes, trigger) == "exchanged_trigger_id"


def test_a_response_url_is_good_for_five_uses() -> None:
    """The sixth use is refused (apis/slack.md §9.5)."""
    passes = Passes(Clock())
    url = passes.url("actions", "C1", "U1", "1.0")
    for _ in range(5):
        passes.answer(url.id).uses += 1
    with pytest.raises(ApiError, match="used_url"):
        passes.answer(url.id)


def test_a_response_url_is_good_for_thirty_minutes() -> None:
    """Just before 30 minutes it works, just after it does not."""
    clock = Clock()
    passes = Passes(clock)
    url = passes.url("commands", "C1", "U1")
    clock.advance(30 * 60 - 1)
    assert passes.answer(url.id) is url
    clock.advance(2)
    with pytest.raises(ApiError, match="expired_url"):
        passes.answer(url.id)


def test_an_unknown_response_url_is_no_service() -> None:
    """A guessed address answers nothing."""
    with pytest.raises(ApiError, match="no_service"):
        Passes(Clock()).answer("guess")
