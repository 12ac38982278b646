"""Searches: each clause as the sheet writes it, and no typed text that gets out of its quotes."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backends.quivo.query import OrderQuery, quoted, render

EVIL = '" OR sellerId:* OR orderReference:"'


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (OrderQuery(), "_exists_:orderId"),
        (OrderQuery(order_id=1001), "orderId:1001"),
        (OrderQuery(reference="#DE38678"), 'orderReference:"#DE38678"'),
        (OrderQuery(reference=""), 'orderReference:""'),
        (OrderQuery(identifier="shop-1"), 'orderIdentifier:"shop-1"'),
        (OrderQuery(status="PROCESSING"), 'orderStatus:"PROCESSING"'),
        (OrderQuery(text="x"), '(orderReference:"x" OR orderIdentifier:"x")'),
        (
            OrderQuery(text="#de386"),
            '(orderReference:"#de386" OR orderReference:*DE386* OR orderReference:*de386*'
            ' OR orderIdentifier:"#de386" OR orderIdentifier:*DE386* OR orderIdentifier:*de386*)',
        ),
        (OrderQuery(text="a b*"), '(orderReference:"a b*" OR orderIdentifier:"a b*")'),
        (OrderQuery(created_from=date(2025, 1, 1)), "created:>=2025-01-01"),
        (OrderQuery(created_to=date(2025, 1, 31)), "created:<2025-02-01"),
        (OrderQuery(created_to=date(2024, 2, 28)), "created:<2024-02-29"),
        (OrderQuery(created_from=date(99, 1, 1)), "created:>=0099-01-01"),
        (OrderQuery(created_to=date.max), "_exists_:orderId"),
        (OrderQuery(seller_ids=(12,)), "sellerId:12"),
        (OrderQuery(seller_ids=(12, 34)), "(sellerId:12 OR sellerId:34)"),
        (
            OrderQuery("a", "b", 3, "c", date(2025, 1, 1), date(2025, 1, 1), "d", (1, 2)),
            'orderId:3 AND orderReference:"a" AND orderIdentifier:"b" AND orderStatus:"c"'
            ' AND (orderReference:"d" OR orderIdentifier:"d") AND created:>=2025-01-01 AND created:<2025-01-02'
            " AND (sellerId:1 OR sellerId:2)",
        ),
    ],
)
def test_clauses(query: OrderQuery, text: str) -> None:
    """Every way of asking gives this very query string (apis/quivo.md §4)."""
    assert render(query) == text


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("", '""'),
        ('"', '"\\""'),
        ("\\", '"\\\\"'),
        ('\\"', '"\\\\\\""'),
        (EVIL, '"\\" OR sellerId:* OR orderReference:\\""'),
        ("a\nb\x00c\x7fd", '"a b c d"'),
        ("*?~^:()[]{}!&&||<>=/", '"*?~^:()[]{}!&&||<>=/"'),
        ("“ü”", '"“ü”"'),
    ],
)
def test_quoted(typed: str, phrase: str) -> None:
    """Quotes and backslashes are escaped, control characters become spaces, the rest is left alone."""
    assert quoted(typed) == phrase


def tokens(query: str) -> list[str]:
    """A query string cut into phrases (with their quotes, unescaped) and what stands between them."""
    found, between, at = [], "", 0
    while at < len(query):
        if query[at] != '"':
            between, at = between + query[at], at + 1
            continue
        found.append(between)
        phrase, between, at = "", "", at + 1
        while query[at] != '"':
            at += query[at] == "\\"
            phrase, at = phrase + query[at], at + 1
        found.append(f'"{phrase}"')
        at += 1
    return [*found, between]


TYPED = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60) | st.text('"\\ ORsellerId:*()', max_size=40)


@given(TYPED, TYPED, TYPED, TYPED)
@example(EVIL, "\\", '\\"', "")
def test_nothing_gets_out(reference: str, identifier: str, status: str, text: str) -> None:
    """Whatever is typed, the query's skeleton and the sellers' clause stand, and each phrase is what was typed."""
    query = OrderQuery(reference, identifier, None, status, None, None, text, (12,))

    def plain(typed: str) -> str:
        return '"' + "".join(" " if ord(char) < 32 or char == "\x7f" else char for char in typed) + '"'

    parts = re.compile(r" OR order(Reference|Identifier):\*[A-Za-z0-9]{3,40}\*")
    assert [parts.sub("", token) for token in tokens(render(query))] == [
        "orderReference:",
        plain(reference),
        " AND orderIdentifier:",
        plain(identifier),
        " AND orderStatus:",
        plain(status),
        " AND (orderReference:",
        plain(text),
        " OR orderIdentifier:",
        plain(text),
        ") AND sellerId:12",
    ]


def test_numbers_stay_numbers() -> None:
    """Ids are written as numbers or not at all: a text in their place is an error, not a clause."""
    with pytest.raises(ValueError, match="Unknown format code"):
        render(OrderQuery(order_id="1 OR sellerId:*"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Unknown format code"):
        render(OrderQuery(seller_ids=("*",)))  # type: ignore[arg-type]
