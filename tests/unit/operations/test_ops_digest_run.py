"""What to do next with a run of a digest: every case, as pure decisions (CHECKS F2, F4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from digest_fakes import CHANNEL, EVERY_DAY, NINE, VIENNA
from ops_fakes import ADA, TEAM

from operations.digest_facts import Absent, Collected, RunAsked, Section, What
from operations.digest_run import (
    BOT_REMOVED,
    CHANNEL_GONE,
    GONE,
    MERGED,
    OWNER_LEFT,
    Collect,
    End,
    Halt,
    Look,
    Owner,
    Record,
    Say,
    Wait,
    after_collecting,
    after_looking,
    after_posting,
    first_step,
)
from operations.outcome import Reason
from operations.summary_facts import Tally
from store.digests import Digest

DAY = timedelta(days=1)
KEY = "digest:d1:2026-11-23T09:00"
RUN = RunAsked(KEY, "d1", TEAM, date(2026, 11, 23), NINE, 1, NINE)
ACTIVE = Digest(
    *("d1", TEAM, ADA.user, CHANNEL, ("orders_stuck",), EVERY_DAY, "09:00", VIENNA, "summary", NINE - DAY),
    next_at=NINE + DAY,
    run_key=KEY,
)
STOPPED = replace(ACTIVE, state="stopped", next_at=None, reason="login_again")
SECTION = Section(What.STUCK, NINE, Tally(3))
BY_HAND = replace(RUN, key="digest:d1:asked:REF", by=ADA.user)


def absent(reason: Reason, what: What = What.FAILED) -> Absent:
    return Absent(what, reason, f"why: {reason}")


@pytest.mark.parametrize(
    ("digest", "owner", "attempt", "step"),
    [
        (ACTIVE, Owner.HERE, 1, Collect()),
        (ACTIVE, Owner.HERE, 2, Look()),
        (ACTIVE, Owner.LEFT, 1, Halt(OWNER_LEFT)),
        (ACTIVE, Owner.LEFT, 2, Halt(OWNER_LEFT)),
        (ACTIVE, Owner.SILENT, 1, Wait("Slack does not say who the owner is")),
        (None, Owner.HERE, 1, End(GONE)),
        (None, Owner.LEFT, 2, End(GONE)),
        (replace(ACTIVE, state="paused", next_at=None), Owner.HERE, 1, End("paused")),
        (replace(ACTIVE, state="paused", next_at=None), Owner.LEFT, 2, End("paused")),
        (STOPPED, Owner.HERE, 1, End("stopped")),
        (STOPPED, Owner.HERE, 2, Halt("login_again")),
        (replace(STOPPED, told_owner=True), Owner.HERE, 2, Halt("login_again")),
        (replace(STOPPED, told_owner=True, told_channel=True), Owner.HERE, 2, End("stopped")),
        (replace(ACTIVE, run_key="digest:d1:2026-11-24T09:00"), Owner.HERE, 1, End(MERGED)),
        (replace(ACTIVE, run_key="digest:d1:2026-11-24T09:00"), Owner.LEFT, 2, End(MERGED)),
        (replace(ACTIVE, next_at=NINE), Owner.HERE, 1, End(MERGED)),
        (replace(ACTIVE, next_at=None), Owner.HERE, 1, Collect()),
    ],
)
def test_the_first_step(digest: Digest | None, owner: Owner, attempt: int, step: Any) -> None:
    """F4: what is gone, paused, stopped or merged posts nothing; a run that may have died looks before it posts."""
    assert first_step(digest, RUN, owner, attempt, NINE) == step


@pytest.mark.parametrize("digest", [ACTIVE, replace(ACTIVE, run_key="other"), replace(ACTIVE, next_at=NINE)])
def test_a_run_that_was_asked_for_is_merged_with_none(digest: Digest) -> None:
    """A run by hand posts, whatever the schedule does meanwhile; not of a paused digest."""
    assert first_step(digest, BY_HAND, Owner.HERE, 1, NINE) == Collect()
    assert first_step(replace(digest, state="paused"), BY_HAND, Owner.HERE, 1, NINE) == End("paused")


def test_what_was_posted_is_not_posted_again() -> None:
    """F2: a message with the run's key is recorded as it stands, and its numbers are not known."""
    assert after_looking(NINE) == Record(NINE, None)
    assert after_looking(None) == Collect()


@pytest.mark.parametrize("reason", [Reason.NO_ANSWER, Reason.NO, Reason.NOT_FOUND])
def test_a_source_that_fails_for_the_moment_is_posted_as_absent(reason: Reason) -> None:
    """F3: a back end that is down or says no is named; the digest goes on, also if nothing else is left."""
    for sections in ((SECTION, absent(reason)), (absent(reason),), (SECTION,)):
        collected = Collected(NINE, sections)
        assert after_collecting(collected) == Say(collected)


@pytest.mark.parametrize("reason", [Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN])
def test_an_owner_without_a_connection_stops_it(reason: Reason) -> None:
    """F4: one permanent error stops the digest with its reason, whatever the other sources say."""
    others = absent(Reason.NO_ANSWER, What.DUE_TODAY)
    for sections in ((SECTION, absent(reason)), (others, absent(reason)), (absent(reason), SECTION)):
        assert after_collecting(Collected(NINE, sections)) == Halt(reason.value, f"why: {reason}")


def test_a_channel_that_is_gone_stops_it() -> None:
    """F4: what was posted is recorded with its numbers; where the bot may not write, it stops with the reason."""
    collected = Collected(NINE, (SECTION,))
    assert after_posting(collected, posted=True) == Record(NINE, collected)
    assert after_posting(collected, posted=False) == Halt(CHANNEL_GONE)
    assert after_posting(collected, posted=False, reason=BOT_REMOVED) == Halt(BOT_REMOVED)
