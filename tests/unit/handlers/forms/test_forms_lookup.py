"""Orders in the text of a message: numbers and references, and not what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.forms.lookup import order_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where is order 1001?", ("1001",)),
        ("#DE38678 please", ("#DE38678",)),
        ("DE38678 and 1001.", ("DE38678", "1001")),
        ("order:1001, order#1002, (1003) “1004” *1005* `1006`", ("1001", "#1002", "1003", "1004", "1005")),
        ("1001,1002/1003", ("1001", "1002", "1003")),
        ("ORD-2026-0001 PO-89225 SC261122-041205-7K3F9Q", ("ORD-2026-0001", "PO-89225", "SC261122-041205-7K3F9Q")),
        ("100 and 99", ("100",)),
        (f"{'9' * 18} {'9' * 19}", ("9" * 18,)),
        ("1001 1001 #DE1234 DE1234 de1234", ("1001", "#DE1234")),
        ("#1001 1001", ("#1001", "1001")),
        ("111 222 333 444 555 666", ("111", "222", "333", "444", "555")),
        ("<https://shop.example/1007|order 1008>", ("1008",)),
        ("&lt;1001&gt; &amp;1002", ("1001",)),
        ("line\n1001\n• 1002", ("1001", "1002")),
    ],
)
def test_what_is_found(text: str, words: tuple[str, ...]) -> None:
    """Numbers that stand alone and references are found, each once, at most five, in their order."""
    assert order_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing here",
        "at 10:30 or 10:300",
        "2026-11-22 and 22.11.2026 and 22/11/2026",
        "1,234 EUR, €500, 500€, 12.50",
        "call +49 30 1234567",
        "mail ada1001@x.example or 1001@x.example",
        "https://shop.example/orders/1001",
        "<https://shop.example/orders/1001>",
        "<@U1001> <#C1234567|orders-1001> <!date^1795356300^{date}|1234> <mailto:a@b.example|1234> <tel:123456|123456>",
        "12 7 3x 1001x x1001 de38678 #tag ##",
        "v1.234.5 10.0.0.123",
        "١٠٠١ ①②③",
    ],
)
def test_what_is_not_found(text: str) -> None:
    """Times, dates, amounts, telephone numbers, mail addresses, links and mentions are no orders."""
    assert order_words(text) == ()


@given(st.text(max_size=300))
def test_whatever_is_found_was_written_there(text: str) -> None:
    """For any text: at most five different words, of digits, letters, #, - _ and / only."""
    found = order_words(text)
    assert len(found) == len(set(found)) <= 5
    assert all(set(word) <= set("#-_/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") for word in found)


@pytest.mark.parametrize("part", ["A1-", "#", "1,", "+1 ", "<", "AB12", "1/", "<|", "a:"])
def test_long_messages_are_read_to_their_end(part: str) -> None:
    """The longest message that Slack allows is read, whatever is repeated in it, up to the order at its end."""
    filling = part * (39_000 // len(part))
    assert order_words(f"{filling} 1001")[-1:] == ("1001",)
