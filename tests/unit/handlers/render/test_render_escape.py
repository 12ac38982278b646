"""Escaping, cutting and fitting: the rules under every renderer (CHECKS A9, D2)."""

from __future__ import annotations

import html
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from render_kit import HOSTILE, alive, alive_mrkdwn, pt, read_mrkdwn, reading, small, t

from handlers.render import limits
from handlers.render.build import fallback, host, marked, message, modal, paragraph, safe_url, say, section, words
from handlers.render.escape import JOINER, clean, mrkdwn, plain
from handlers.render.limits import Room, cut, fit

ANY = 10_000
TEXTS = st.text(max_size=60) | st.text(alphabet="*_~`<>&@#:/.;alt!| \n\u202e\u200b\u2060x1", max_size=60)


@pytest.mark.parametrize("name", HOSTILE)
def test_known_hostile_texts(name: str) -> None:
    """D2: each text of the fixture is dead in mrkdwn, reads as written there, and reads as written as plain text."""
    hostile, literal = HOSTILE[name]
    assert alive_mrkdwn(mrkdwn(hostile)) == []
    assert read_mrkdwn(mrkdwn(hostile)) == literal
    assert html.unescape(plain(hostile)).replace(JOINER, "") == literal
    assert plain(hostile).replace(JOINER, "") == literal


@given(TEXTS)
@example("&#60;!here&#62; &lt;")
@example("<<a>>`*_*`")
@example(":a::b:")
@example("&#0")
def test_any_text_is_dead_and_literal(text: str) -> None:
    """D2: whatever the text, mrkdwn brings nothing to life, and a person reads the cleaned text in both forms."""
    literal = clean(text)
    assert alive_mrkdwn(mrkdwn(text, ANY)) == []
    assert read_mrkdwn(mrkdwn(text, ANY)) == literal
    assert plain(text, ANY).replace(JOINER, "") == literal
    assert html.unescape(plain(text, ANY)).replace(JOINER, "") == literal


@given(TEXTS)
def test_cleaning_keeps_all_that_can_be_seen(text: str) -> None:
    """Cleaning loses no visible character, leaves none that hides or reorders others, and does nothing twice."""
    literal = clean(text)
    ink = [sign for sign in text if "!" <= sign <= "~"]
    assert [sign for sign in literal if "!" <= sign <= "~"] == ink
    assert {unicodedata.category(sign) for sign in literal} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} <= {"So"}
    assert clean(literal) == literal
    assert plain(plain(text, ANY), ANY) == plain(text, ANY)
    literal.encode()


@given(TEXTS, st.integers(min_value=1, max_value=80))
def test_cut_is_announced_and_never_longer(text: str, n: int) -> None:
    """A cut text has at most n characters, ends with "…", and begins as the text did; a short one is left alone."""
    shown = cut(text, n)
    assert len(shown) <= n
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert (shown == text) is (len(text) <= n) or text == shown


def test_the_limit_counts_what_is_seen() -> None:
    """A limit on mrkdwn never cuts an escape in two, because it counts before escaping."""
    assert mrkdwn("&" * 20, 5) == "&amp;" * 4 + "…"
    assert mrkdwn("a<b", 3) == "a&lt;b"
    assert plain("&lt;" * 10, 6) == f"&{JOINER}lt;…"


def test_quiet_text_is_left_alone() -> None:
    """Ordinary names come out byte for byte, accents, other scripts and emoji included."""
    for text in ("Blue mug", "Żółć 東京", "אבג", "mug ☕️ 1", "O'Neil & Söhne"):
        assert plain(text) == text
    assert mrkdwn("Blue mug, 2 of 3") == "Blue mug, 2 of 3"
    assert mrkdwn("A & B") == "A &amp; B"


def small_print(text: str) -> dict[str, Any]:
    """One block with this text."""
    return small(pt(text))


ROOM = Room(blocks=5, characters=200, size=10_000)


@pytest.mark.parametrize("count", [0, 3, 4])
def test_fit_leaves_alone_what_fits(count: int) -> None:
    """What fits is passed on unchanged, with its tail."""
    blocks, tail = [small_print(str(number)) for number in range(count)], [small_print("tail")]
    assert fit(blocks, tail=tail, room=ROOM) == [*blocks, *tail]


@pytest.mark.parametrize(("count", "kept"), [(5, 3), (6, 3), (500, 3)])
def test_fit_counts_what_it_leaves_out(count: int, kept: int) -> None:
    """A9: too many blocks are cut to the limit, the rest counted exactly, and the tail always stays."""
    blocks, tail = [small_print(str(number)) for number in range(count)], [small_print("tail")]
    expected = [*blocks[:kept], small_print(f"and {count - kept} more"), *tail]
    assert fit(blocks, tail=tail, room=ROOM) == expected


def test_fit_counts_characters_and_bytes() -> None:
    """A9: few blocks with too much text are cut as well, by characters read and by characters sent."""
    wordy = [small_print("x" * 90) for _ in range(3)]
    assert fit(wordy, room=ROOM, what="parts") == [wordy[0], wordy[1], small_print("and 1 more parts")]
    wide = [small_print("ü" * 30) for _ in range(3)]
    assert fit(wide, room=Room(5, 200, 600)) == [wide[0], small_print("and 2 more")]
    assert len(json.dumps(wide[:2])) < 600 < len(json.dumps([*wide[:2], small_print("and 3 more")]))


def test_a_fallback_ends_with_a_whole_line() -> None:
    """A fallback text that is too long stops after a whole line and says so: no date or escape is cut in two."""
    blocks = [section("&" * 300) for _ in range(10)]
    said = fallback(blocks)
    assert said == "\n".join([*["&amp;" * 300] * 2, "…"])
    assert len(said) <= limits.FALLBACK_TEXT


def test_a_modal_that_is_too_large_is_cut() -> None:
    """A9: a modal of 150 blocks is cut to 100, says how many parts are missing, and has its title cut to 24."""
    view = modal("A title that is longer than Slack allows", [section(str(n)) for n in range(150)], callback_id="x")
    assert len(view["blocks"]) == 100
    assert view["blocks"][-1] == small_print("and 51 more parts of this")
    assert view["title"] == pt("A title that is longer…")


def test_a_message_of_too_many_blocks_is_cut() -> None:
    """A9: a message of 80 blocks is cut to 50 with its tail, and its fallback text says the same."""
    made = message([section(str(n)) for n in range(80)], tail=[section("tail")])
    assert len(made.blocks) == 50
    assert made.text.endswith("\n47\nand 32 more\ntail")


def test_empty_text_still_has_something_to_show() -> None:
    """Text of which nothing can be seen becomes a dash, because Slack refuses empty text."""
    for nothing in ("", " ", "\u200b", "\n\u202e"):
        assert words(nothing) == pt("–")
        assert say(nothing)["text"].strip() in ("–", "")
        assert say(nothing)["text"] != ""


def test_marked_words_become_code() -> None:
    """Back-ticks in our own sentences mark what one may type; a sentence with an odd one is left as it is."""
    assert marked("Try `/order 1` or `/help`.") == [
        t("Try "),
        t("/order 1", code=True),
        t(" or "),
        t("/help", code=True),
        t("."),
    ]
    assert marked("a ` b") == [t("a ` b")]
    assert reading(paragraph(marked("`/connect`"))) == "/connect"
    assert alive(paragraph(marked("`<!here>`"))) == []


def test_urls_that_may_be_clicked() -> None:
    """Ordinary https links are allowed, with port 443, query and escapes, and their host is known."""
    for url in ("https://t.example/1?a=b&c=%20d#e", "https://www.t-x.example:443/", "https://t.example"):
        assert safe_url(url) == url
    assert host("https://WWW.T.example:443/x") == "www.t.example"
