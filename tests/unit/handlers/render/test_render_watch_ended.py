"""Why a watch ended: each reason in words for the channel and for its owner."""

from __future__ import annotations

import pytest

from handlers.render.watch_ended import CHANNEL_GONE, OWNER_GONE, told_to_owner, why_ended
from handlers.render.watching import Watched, watch_ended
from operations.outcome import Reason
from sandbox.slack.blocks import check_message

WATCHED = Watched(1001, "#DE38678", "PROCESSING", None, "U0ADA00001", "watch-1")
REASONS = [*Reason, OWNER_GONE, CHANNEL_GONE]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence(reason: str) -> None:
    """Each reason is said in a sentence, valid for Slack, and never by its word in the store."""
    told = told_to_owner(WATCHED, channel="C0ORDERS01", reason=reason)
    ended = watch_ended(WATCHED, why=why_ended(reason))
    for message in (told, ended):
        assert check_message(list(message.blocks)) == []
        assert "no longer watched" in message.text
        assert "_" not in message.text.replace("<#C0ORDERS01>", "")
    assert why_ended(reason).endswith(".")


def test_the_owner_reads_which_order_where_and_what_to_do() -> None:
    """The direct message names the order and the channel, and what to type where that helps."""
    told = told_to_owner(WATCHED, channel="C0ORDERS01", reason=Reason.NOT_CONNECTED).text.replace("\u2060", "")
    assert [word for word in ("1001", "#DE38678", "<#C0ORDERS01>", "/connect quivo") if word not in told] == []


def test_the_channel_learns_nothing_about_an_account() -> None:
    """What everybody reads speaks of whoever started it, and tells nobody to connect."""
    assert [why_ended(reason) for reason in REASONS if "/connect" in why_ended(reason)] == []
    assert why_ended(Reason.NOT_CONNECTED) == "Whoever started it is no longer connected to Quivo."


def test_a_hostile_reference_stays_words() -> None:
    """A reference full of markup mentions nobody."""
    hostile = Watched(1001, "<!channel> *x* <@U0ADA00001>", "PROCESSING", None, "U0ADA00001", "watch-1")
    told = told_to_owner(hostile, channel="C0ORDERS01", reason=CHANNEL_GONE)
    assert "<!channel>" not in told.text
    assert check_message(list(told.blocks)) == []
