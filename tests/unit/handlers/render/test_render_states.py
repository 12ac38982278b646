"""Words and symbols for states, and times (DESIGN.md §10, seed 002)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from backends.quivo.order import CANCELLED, COMPLETED, PENDING, PROCESSING, Order
from handlers.render.states import CANCEL_REQUESTED, State, can_still, label, sentence, state
from handlers.render.times import day, days, in_utc, span, when, when_day

ASKED = datetime(2026, 11, 22, tzinfo=UTC)


def test_each_status_has_one_word_and_symbol() -> None:
    """The four statuses of seed 002 have one word and one symbol each, and no two share them."""
    assert {status: state(status) for status in (PENDING, PROCESSING, COMPLETED, CANCELLED)} == {
        PENDING: State("⏳", "waiting"),
        PROCESSING: State("📦", "in the warehouse"),
        COMPLETED: State("🚚", "shipped"),
        CANCELLED: State("🚫", "cancelled"),
    }


def test_the_style_guide_shows_the_same_states() -> None:
    """The table in docs/messages.md is what the code shows, row by row."""
    guide = (Path(__file__).parents[4] / "docs" / "messages.md").read_text(encoding="utf-8")
    for status in (PENDING, PROCESSING, COMPLETED, CANCELLED):
        assert f"| `{status}` | {state(status).symbol} | {state(status).word} |" in guide
    assert f"| {CANCEL_REQUESTED.symbol} | {CANCEL_REQUESTED.word} |" in guide
    assert f"| anything else | {state('?').symbol} |" in guide


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("ON_HOLD", "ON_HOLD"),
        ("processing", "processing"),
        ("", "(none)"),
        ("<!here>", "<!here>"),
        ("x" * 99, "x" * 59 + "…"),
    ],
)
def test_an_unknown_status_is_never_guessed(status: str, word: str) -> None:
    """A status that we do not know is shown as it came, with a question mark."""
    assert state(status) == State("❔", word, is_known=False)


@pytest.mark.parametrize(
    ("status", "plain", "asked"),
    [
        (PENDING, " is waiting.", " is waiting. ✋ Cancel requested, not cancelled yet."),
        (PROCESSING, " is in the warehouse.", " is in the warehouse. ✋ Cancel requested, not cancelled yet."),
        (COMPLETED, " is shipped.", " is shipped. A cancellation was requested; it was shipped anyway."),
        (CANCELLED, " is cancelled.", " is cancelled."),
        ("NEW", " has the status NEW.", " has the status NEW. ✋ Cancel requested, not cancelled yet."),
    ],
)
def test_sentences(status: str, plain: str, asked: str) -> None:
    """E3: a cancel request is said beside the status and is never called cancelled before the status says so."""
    assert sentence(Order(1, status)) == plain
    assert sentence(Order(1, status, cancel_requested=ASKED)) == asked


def test_labels_of_rows() -> None:
    """A row has the same words as a card, with the cancel request beside them while it is open."""
    assert label(Order(1, PROCESSING)) == "in the warehouse"
    assert label(Order(1, PROCESSING, cancel_requested=ASKED)) == "in the warehouse ✋ cancel requested"
    assert label(Order(1, CANCELLED, cancel_requested=ASKED)) == "cancelled"
    assert label(Order(1, COMPLETED, cancel_requested=ASKED)) == "shipped, cancel was requested"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (PENDING, "Can be cancelled, not changed: Quivo is missing information."),
        (PROCESSING, "Can be changed and cancelled."),
        (COMPLETED, "Can no longer be changed or cancelled."),
        (CANCELLED, "Can no longer be changed or cancelled."),
        ("ON_HOLD", "We do not know what “ON_HOLD” allows."),
    ],
)
def test_what_can_still_be_done(status: str, said: str) -> None:
    """The table of seed 002 in words, and an honest sentence where it has no row."""
    assert can_still(status) == said


def test_moments_are_slack_dates() -> None:
    """A moment is sent as Slack's entity, so that each reader sees their own zone, with UTC to fall back on."""
    moment = datetime(2026, 11, 22, 15, 5, tzinfo=timezone(timedelta(hours=1)))
    assert when(moment) == "<!date^1795356300^{date_short_pretty} at {time}|2026-11-22 14:05 UTC>"
    assert when_day(moment) == "<!date^1795356300^{date_short_pretty}|2026-11-22 UTC>"
    assert in_utc(moment) == "2026-11-22 14:05 UTC"


def test_a_moment_without_a_zone_is_utc() -> None:
    """Quivo's times are UTC, also where a zone was lost; the machine's own zone never comes in."""
    bare = datetime(2026, 11, 22, 14, 5)  # noqa: DTZ001
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        shown = when(bare)
    time.tzset()
    assert shown == when(bare.replace(tzinfo=UTC))


def test_a_moment_that_slack_cannot_show_is_words() -> None:
    """A time before 1970 is written out, because Slack's entity has no form for it."""
    assert when(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01 00:00 UTC"
    assert when(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == "0001-01-01 00:00 +0100"
    assert when_day(datetime(1969, 12, 31, tzinfo=UTC)) == "1969-12-31 UTC"


def test_days_are_the_same_for_everyone() -> None:
    """A calendar day is written out; a window says both ends, or the one that is known."""
    first, last = date(2026, 11, 24), date(2026, 12, 1)
    assert day(first) == "24 Nov 2026"
    assert days(first, last) == "24 Nov 2026 to 1 Dec 2026"
    assert days(first, first) == "24 Nov 2026"
    assert days(first, None) == "from 24 Nov 2026"
    assert days(None, last) == "by 1 Dec 2026"
    assert days(None, None) is None


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=125), "2 h 5 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_spans(length: timedelta, said: str) -> None:
    """A span is said in its two largest units."""
    assert span(length) == said
