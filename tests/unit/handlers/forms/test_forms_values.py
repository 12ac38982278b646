"""Reading single values: one meaning or a question, and nothing guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.values import (
    Typed,
    Unreadable,
    amount,
    amount_text,
    coordinate,
    coordinate_text,
    country,
    currency,
    day,
    moment,
    pairs,
    pairs_text,
    several,
    several_text,
    whole,
)

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n⏎"), min_size=1).filter(lambda t: t == t.strip())


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (whole, "2", 2),
        (whole, "-1", -1),
        (whole, "007", 7),
        (amount, "1234.50", Decimal("1234.50")),
        (amount, "12,5", Decimal("12.5")),
        (amount, "0.125", Decimal("0.125")),
        (amount, "1234.567", Decimal("1234.567")),
        (amount, "-3", Decimal(-3)),
        (coordinate, "52.52", 52.52),
        (coordinate, "-13,405", -13.405),
        (country, "de", "DE"),
        (currency, "eur", "EUR"),
        (day, "2026-11-24", date(2026, 11, 24)),
        (moment, "1795356300", datetime(2026, 11, 22, 14, 5, tzinfo=UTC)),
        (several, "a, b,,c ", ("a", "b", "c")),
        (several, '"a, b", c', ("a, b", "c")),
        (several, "a\nb", ("a", "b")),
        (pairs, "a=1\n\n b = x=y ", (("a", "1"), ("b", "x=y"))),
        (pairs, "a=", (("a", ""),)),
        (pairs, "note=two⏎lines", (("note", "two\nlines"),)),
    ],
)
def test_what_can_be_read(reader: Callable[[str], Any], text: str, value: Any) -> None:
    """Each kind of value is read as the one thing that it can mean."""
    assert reader(text) == value


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        *((whole, text) for text in ("", "2.0", "1,000", "two", "٣", "1e3", "9" * 20, "1 2")),
        *((amount, text) for text in ("1,234", "1.234", "12.345.67", "1,234.50", "EUR 5", "1e5", "NaN", "inf", "५")),
        *((coordinate, text) for text in ("52°", "52 N", "nan", "1e1")),
        *((country, text) for text in ("Germany", "D", "D1", "ÄÖ", "DEU")),
        *((currency, text) for text in ("€", "EU", "EURO", "ÉUR")),
        *((day, text) for text in ("24.11.2026", "2026-02-30", "tomorrow")),
        *((moment, text) for text in ("now", "9" * 30)),
        *((pairs, text) for text in ("a", "=b", "a=1\nb", " = ")),
    ],
)
def test_what_cannot_be_read_is_asked_for_again(reader: Callable[[str], Any], text: str) -> None:
    """What could mean two things, or nothing, is refused with a sentence that says what to type."""
    with pytest.raises(Unreadable, match=r"^[A-Z].*\.$"):
        reader(text)


def test_a_typed_value_and_its_complaint() -> None:
    """A form's values are read by block_id; what cannot be read is kept under its block_id, and the rest is read."""
    typed = Typed({"a": " x\r\ny ", "b": "two", "c": "", "d": ["yes"], "e": [], "f": None, "g": 7})
    assert typed.text("a") == "x\ny"
    assert [typed.text(name) for name in ("c", "f", "nowhere")] == [None] * 3
    assert typed.read("b", whole) is None
    assert typed.read("g", whole) == 7
    assert typed.read("c", whole) is None
    assert [typed.tick(name) for name in ("d", "e", "nowhere")] == [True, False, False]
    assert typed.needed("g", "Say it.") == "7"
    assert typed.needed("c", "Say it.") == ""
    assert typed.errors == {"b": "Write a whole number, e.g. 2.", "c": "Say it."}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_amounts_survive_the_form(value: Decimal) -> None:
    """An amount that is put into a form is read as the same amount."""
    assert amount(amount_text(value)) == value


@given(st.floats(-180, 180))
def test_coordinates_survive_the_form(value: float) -> None:
    """A coordinate that is put into a form is read as the same number, however small."""
    if len(coordinate_text(value)) < 30:
        assert coordinate(coordinate_text(value)) == value


@given(st.lists(LETTERS.filter(lambda text: '"' not in text), max_size=5))
def test_lists_survive_the_form(parts: list[str]) -> None:
    """Tags that are put into a form are read as the same tags, also with commas in them."""
    assert several(several_text(parts)) == tuple(parts)


@given(st.lists(st.tuples(LETTERS.filter(lambda text: "=" not in text), LETTERS), max_size=5))
def test_pairs_survive_the_form(given_pairs: list[tuple[str, str]]) -> None:
    """Attributes that are put into a form are read as the same attributes."""
    assert pairs(pairs_text(given_pairs)) == tuple(given_pairs)
