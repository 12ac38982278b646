"""Reading what people type: phones' punctuation, near misses, secrets in the wrong place, periods."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.words import Listing, listing, looks_secret, near_miss, normalise

TODAY = date(2026, 11, 22)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("“DE38678”", '"DE38678"'),
        ("„DE38678“", '"DE38678"'),
        ("it’s ‘here’", "it's 'here'"),
        ("2026–11—01", "2026-11-01"),
        ("  find\u00a0 DE \n 38\t", "find DE 38"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_phones_punctuation_becomes_what_was_meant(typed: str, meant: str) -> None:
    """Curly quotes, long dashes and odd spaces of phones become the keys that were meant."""
    assert normalise(typed) == meant


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """Whatever is typed, the result is one line without outer spaces, and does not change any more."""
    once = normalise(text)
    assert normalise(once) == once == once.strip()
    assert "\n" not in once
    assert not set("“”„‘’–—\u00a0") & set(once)


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-123456789012-abcdefghijkl",
        "find xoxp-1234567890",
        "xapp-1-A0B1C2D3E4-12345",
        "XOXB-123456789012",
        JWT,
        "connect sk_live_abcdefgh1234",
        "sk_test_4eC39HqLyjWDarj",
        "password=hunter2",
        "Passwort: geheim",
        "api key: 123",
        "apikey=abc",
        "api-key = x",
        "token: abc",
        "secret = s",
        "quivo ada Zx9KqLw3Er8Ty2Ui5Op7As1Df4Gh6Jk0",
        "a3f5c8e1d2b4968770fe1c2d3b4a59687",
        "QmFzZTY0LWVuY29kZWQtc2VjcmV0LWtleS0x",
    ],
)
def test_token_shaped_text_is_recognised(text: str) -> None:
    """D7: what has the shape of a token, key or password is recognised wherever it stands in the words."""
    assert looks_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1001",
        "#DE38678",
        "find DE386",
        "list processing 7d",
        "2026-11-01..2026-11-07",
        "shop-order-2026-11-22-000123",
        "the password I forgot",
        "token",
        "a" * 64,
        "1" * 64,
        "order for the Rindfleischetikettierung",
    ],
)
def test_what_people_look_for_is_no_secret(text: str) -> None:
    """D7: order numbers, references, dates and plain words are never taken for a secret."""
    assert not looks_secret(text)


@given(st.text(max_size=200), st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=40))
def test_a_slack_token_is_recognised_in_any_company(around: str, rest: str) -> None:
    """D7: a Slack token is recognised whatever stands around it."""
    assert looks_secret(normalise(f"{around} xoxb-{rest} {around}"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [("fnd", "find"), ("LSIT", "list"), ("shwo", "show"), ("find", "find"), ("DE38678", None), ("x", None), ("", None)],
)
def test_near_misses(word: str, expected: str | None) -> None:
    """A slip of the finger finds its word, and what is no slip finds nothing."""
    assert near_miss(word, ("show", "find", "list")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Listing()),
        ("processing", Listing("PROCESSING")),
        ("today", Listing(since=TODAY)),
        ("yesterday", Listing(since=date(2026, 11, 21), until=date(2026, 11, 21))),
        ("7d", Listing(since=date(2026, 11, 15))),
        ("0d", Listing(since=TODAY)),
        ("2026-11-01", Listing(since=date(2026, 11, 1))),
        ("2026-11-01..2026-11-07", Listing(since=date(2026, 11, 1), until=date(2026, 11, 7))),
        ("Pending 3D", Listing("PENDING", date(2026, 11, 19))),
        ("3d pending", Listing("PENDING", date(2026, 11, 19))),
        ("Yesterday CANCELLED", Listing("CANCELLED", date(2026, 11, 21), date(2026, 11, 21))),
    ],
)
def test_a_listing_is_read_in_any_order(text: str, expected: Listing) -> None:
    """Status and period may come in any order and any case, and either may be missing."""
    assert listing(text, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("canceled", "Did you mean cancelled?"),
        ("proccessing", "Did you mean processing?"),
        ("tomorrow", "Give a status"),
        ("2026-13-01", "Give a status"),
        ("2026-11-01..", "Give a status"),
        ("..2026-11-01", "Give a status"),
        ("1000d", "Give a status"),
        ("-7d", "Give a status"),
        ("processing whatever", "Give a status"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_guessed(text: str, hint: str) -> None:
    """A word that is no status and no period is quoted back with what to type, and nothing else is read."""
    read = listing(text, TODAY)
    assert read == Listing(problem=read.problem)
    assert hint in (read.problem or "")


def test_a_long_unreadable_word_is_cut() -> None:
    """An unreadable word of any length is quoted with forty characters at most."""
    assert len(listing("x" * 4000, TODAY).problem or "") < 250


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed after list, the answer is a question or a problem, never an exception or both."""
    read = listing(text, TODAY)
    assert read.problem is None or read == Listing(problem=read.problem)


@pytest.mark.parametrize(
    "text", ["550e8400-e29b-41d4-a716-446655440000", "A" * 36, "shop-12-2026-11-22-berlin-501001-x"]
)
def test_an_identifier_is_not_taken_for_a_secret(text: str) -> None:
    """D7's other side: a UUID, a long word and an identifier in short pieces can be looked up."""
    assert not looks_secret(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pending completed", "I could not read 'completed'"),
        ("7d today", "I could not read 'today'"),
        ("2026-11-07..2026-11-01", "Did you mean 2026-11-01..2026-11-07?"),
    ],
)
def test_two_of_a_kind_and_a_backward_period_are_said(text: str, problem: str) -> None:
    """Two statuses, two periods, or a period that ends before it begins is a question back, not a guess."""
    assert problem in (listing(text, date(2026, 11, 22)).problem or "")
