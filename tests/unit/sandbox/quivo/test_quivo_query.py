"""The query language of the Quivo stand-in's lists."""

from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from sandbox.quivo import Quivo
from sandbox.quivo.query import MAX_DEPTH, All, Exists, Node, Not, Phrase, QueryError, Range, Some, Term, parse

_SPECIAL = frozenset('\\+-!(){}[]^"~*?:/&|<>= \t\n\r')


async def _found(session: ClientSession, query: str) -> list[int]:
    async with session.get("/orders", params={"query": query, "pageSize": "1000", "sort": "orderId:asc"}) as answer:
        assert answer.status == 200, await answer.text()
        return [order["orderId"] for order in await answer.json()]


async def _refused(session: ClientSession, query: str) -> str:
    async with session.get("/orders", params={"query": query}) as answer:
        assert (answer.status, answer.content_type) == (400, "text/plain")
        return await answer.text()


def _three(quivo: Quivo) -> None:
    """Replace the demo orders by three whose every field is known."""
    quivo.orders.clear()
    quivo.add_order(
        orderId=1,
        orderReference="#DE1",
        orderIdentifier='he said "no" \\ yes',
        orderStatus="PROCESSING",
        created="2025-01-01T00:00:00Z",
        tags=["gift", "fragile"],
        totalShipmentWeight=0.5,
        deliveryAddress={"name1": "Anna Müller-Lang", "zip": "10115", "country": "DE"},
        piiDataRemoved=False,
    )
    quivo.add_order(
        orderId=2,
        orderReference="#DE12",
        orderIdentifier="b",
        orderStatus="COMPLETED",
        created="2025-01-31T23:59:59Z",
        completedAt="2025-02-02T10:00:00Z",
        tags=[],
        totalShipmentWeight=2,
        deliveryAddress={"name1": "Annabel Lang", "zip": "10117", "country": "DE"},
        piiDataRemoved=True,
    )
    quivo.add_order(
        orderId=3,
        sparse=True,
        orderReference="#US1",
        orderStatus="PENDING",
        created="2025-02-01T00:00:00Z",
        tags=["a b"],
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("orderId:2", [2]),
        ('orderId:"2"', [2]),
        ("orderStatus:PROCESSING", [1]),
        ("orderStatus:processing", []),
        ('orderReference:"#DE1"', [1]),
        ("orderReference:#DE1", [1]),
        ("orderReference:#DE*", [1, 2]),
        ("orderReference:*1", [1, 3]),
        ("orderReference:.DE*", []),
        ("orderReference:*E*2", [2]),
        ("orderReference:*", [1, 2, 3]),
        ('orderReference:"#DE*"', []),
        (r"orderReference:\#DE1", [1]),
        (r'orderIdentifier:"he said \"no\" \\ yes"', [1]),
        (r"tags:a\ b", [3]),
        ("tags:gift", [1]),
        ("positions.sku:MUG-SEA-350", [1, 2]),
        ("positions.name:stoneware", [1, 2]),
        ('positions.name:"mug, SEA green"', [1, 2]),
        ('positions.name:"sea mug"', []),
        ("shipToName1:müller", [1]),
        ("shipToName1:anna*", [1, 2]),
        ("shipToName1:Anna", [1]),
        ('shipToName1:"..."', []),
        ("shipToZip:1011*", [1, 2]),
        ("piiDataRemoved:true", [2]),
        ("piiDataRemoved:false", [1]),
        ("noSuchField:1", []),
        ("_exists_:completedAt", [2]),
        ("_exists_:tags", [1, 3]),
        ("_exists_:positions", [1, 2]),
        ("_exists_:noSuchField", []),
        ("completedAt:*", [2]),
        ("orderId:[2 TO 3]", [2, 3]),
        ("orderId:[* TO 2]", [1, 2]),
        ("orderId:[2 TO *]", [2, 3]),
        ("orderId:[* TO *]", [1, 2, 3]),
        ("orderId:>2", [3]),
        ("orderId:>=2", [2, 3]),
        ("orderId:<2", [1]),
        ("orderId:<=2", [1, 2]),
        ("totalShipmentWeight:<1.5", [1]),
        ("totalShipmentWeight:0.5", [1]),
        ("orderReference:[#DE1 TO #DE12]", [1, 2]),
        ("created:[2025-01-01 TO 2025-01-31]", [1, 2]),
        ("created:[2025-01-31T23:59:59Z TO *]", [2, 3]),
        ('created:["2025-02-01" TO "2025-02-01"]', [3]),
        ("created:2025-01-31", [2]),
        ('created:"2025-01-31T23:59:59Z"', [2]),
        ("created:>2025-01-31", [3]),
        ("created:>=2025-01-31", [2, 3]),
        ("created:<2025-01-31", [1]),
        ("created:<=2025-01-31", [1, 2]),
        ('created:>"2025-01-31T23:59:58Z"', [2, 3]),
        ("NOT orderId:2", [1, 3]),
        ("NOT NOT orderId:2", [2]),
        ("orderId:1 OR orderId:3", [1, 3]),
        ("orderReference:*1 AND orderStatus:PENDING", [3]),
        ("orderReference:*1 AND NOT orderStatus:PENDING", [1]),
        ("(orderId:1 OR orderId:2) AND orderStatus:COMPLETED", [2]),
        ("orderId:1 OR (orderId:2 AND orderStatus:PENDING)", [1]),
        ("NOT (orderId:1 OR orderId:2)", [3]),
        ("  ( ( orderId:1 ) )  ", [1]),
        ("orderId:1 OR orderId:2 OR orderId:3", [1, 2, 3]),
        ("tags:AND*", []),
        ('tags:"AND"', []),
    ],
)
async def test_a_query_finds_exactly_what_it_says(
    ada: ClientSession, quivo: Quivo, query: str, expected: list[int]
) -> None:
    """Each form of the sheet's subset selects the orders that it names and no other."""
    _three(quivo)
    assert await _found(ada, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "PROCESSING",
        '"PROCESSING"',
        "*",
        "*:*",
        "orderId:",
        "orderId: 1",
        ":1",
        "orderId:1 orderId:2",
        "orderId:1 and orderId:2",
        "orderId:1 AND",
        "AND orderId:1",
        "orderId:1 OR OR orderId:2",
        "NOT",
        "orderId:AND",
        "orderId:1 && orderId:2",
        "orderId:1 || orderId:2",
        "!orderId:1",
        "+orderId:1",
        "-orderId:1",
        "(orderId:1",
        "orderId:1)",
        "()",
        "orderStatus:(PENDING OR COMPLETED)",
        "orderId:1(orderId:2)",
        'orderReference:"#DE1',
        'orderReference:"a"b',
        'orderReference:"a"~2',
        "orderReference:DE1~",
        "orderReference:DE?",
        "orderReference:/DE.*/",
        "orderReference:DE^2",
        "orderReference:a:b",
        "orderReference:\\",
        "shipTo*:x",
        "orderId:{1 TO 2}",
        "orderId:[1 TO 2}",
        "orderId:[1 TO]",
        "orderId:[1 2]",
        "orderId:[1 to 2]",
        "orderReference:[#DE* TO *]",
        "orderId:>",
        "orderId:>>1",
        "orderReference:>a*",
        "created:>2025-01-01T00:00:00Z",
        "_exists_:",
        "_exists_:*",
        '_exists_:"tags"',
    ],
)
async def test_what_the_sheet_does_not_name_is_refused(ada: ClientSession, query: str) -> None:
    """Anything outside the subset is a 400 in text that names the parameter."""
    assert (await _refused(ada, query)).startswith("query: Failed to parse query: unexpected input") or query in (
        "orderReference:[#DE* TO *]",
    )


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("orderId:1 AND orderId:2 OR orderId:3", "AND and OR need parentheses"),
        ("orderId:1 OR orderId:2 AND orderId:3", "AND and OR need parentheses"),
        ("orderReference:[#DE* TO *]", "a wildcard cannot be part of a range's end"),
        ("(" * 60 + "orderId:1" + ")" * 60, "nested too deeply"),
        ("NOT " * 60 + "orderId:1", "nested too deeply"),
        ("orderId:abc", 'For input string: "abc"'),
        ('orderId:"١"', 'For input string: "١"'),
        ("orderId:[a TO 2]", 'For input string: "a"'),
        ("orderId:10*", "Can only use wildcard queries"),
        ("created:20*", "Can only use wildcard queries"),
        ("created:yesterday", "failed to parse date field [yesterday]"),
        ("created:2025-02-30", "failed to parse date field [2025-02-30]"),
        ('created:"2025-01-01T25:00:00Z"', "failed to parse date field"),
        ('created:"2025-01-01T00:00:00+01:00"', "failed to parse date field"),
        ("piiDataRemoved:yes", "Can't parse boolean value [yes]"),
        ("piiDataRemoved:>false", "[piiDataRemoved] cannot be compared"),
        ("shipToName1:[a TO b]", "[shipToName1] cannot be compared"),
    ],
)
async def test_a_refusal_says_what_was_wrong(ada: ClientSession, query: str, reason: str) -> None:
    """A value that does not fit its field, mixed operators and deep nesting are refused by name, data or no data."""
    assert reason in await _refused(ada, query)


async def test_a_query_is_only_asked_of_values_of_its_kind(ada: ClientSession, quivo: Quivo) -> None:
    """An order whose field holds something odd is passed over, not a server error."""
    order_id = quivo.add_order(created="soon", totalShipmentWeight="heavy", piiDataRemoved="maybe")
    for query in ("created:>2000-01-01", "totalShipmentWeight:>0", "piiDataRemoved:true OR piiDataRemoved:false"):
        found = await _found(ada, query)
        assert found
        assert order_id not in found


_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,8}", fullmatch=True).filter(lambda name: name != "_exists_")
_texts = st.text(min_size=1, max_size=12)
_bounds = st.none() | _texts
_leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Phrase, _names, _texts),
    st.builds(
        Term, _names, st.lists(st.text(max_size=6), min_size=1, max_size=3).map(tuple).filter(lambda p: p != ("",))
    ),
    st.builds(Range, _names, _bounds, _bounds),
    st.builds(Range, _names, _texts, st.none(), st.booleans()),
    st.builds(Range, _names, st.none(), _texts, st.just(True), st.booleans()),
    st.builds(Exists, _names),
)


def _more(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(All, several) | st.builds(Some, several)


_trees = st.recursive(_leaves, _more, max_leaves=12)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bare(text: str) -> str:
    return "".join(f"\\{letter}" if letter in _SPECIAL or letter.isspace() else letter for letter in text)


def _end(text: str | None) -> str:
    return "*" if text is None else _quoted(text)


def _words(node: Node) -> str:
    """Write a tree as a query, with parentheses around every joined part."""
    match node:
        case Phrase(field, text):
            return f"{field}:{_quoted(text)}"
        case Term(field, pieces):
            value = "*".join(_bare(piece) for piece in pieces)
            return f"{field}:" + (f"\\{value}" if value in ("AND", "OR", "NOT") else value)
        case Range(field, low, high, True, True):
            return f"{field}:[{_end(low)} TO {_end(high)}]"
        case Range(field, str(low), None):
            return f"{field}:>{_quoted(low)}"
        case Range(field, _, high):
            return f"{field}:<{_end(high)}"
        case Exists(field):
            return f"_exists_:{field}"
        case Not(part):
            return f"NOT ({_words(part)})"
        case All(parts):
            return " AND ".join(f"({_words(part)})" for part in parts)
        case Some(parts):
            return " OR ".join(f"({_words(part)})" for part in parts)


@given(_trees)
def test_what_is_written_is_read_back(tree: Node) -> None:
    """Any tree, with any text in it, survives being written as a query and parsed."""
    assert parse(_words(tree)) == tree


@given(st.text(max_size=60) | st.text('abc:"()[]<>=*\\ ANDORT', max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """Whatever is sent, the parser answers with a tree or with its own refusal."""
    try:
        parsed: Any = parse(text)
    except QueryError as error:
        parsed = str(error)
        assert parsed.startswith("Failed to parse query")
    assert parsed


@given(st.text(min_size=1, max_size=40))
def test_a_quoted_text_is_never_more_than_a_value(text: str) -> None:
    """Text with quotes and back-slashes escaped stays one value behind the field that we chose."""
    assert parse(f"orderReference:{_quoted(text)} AND sellerId:12") == All(
        (Phrase("orderReference", text), Term("sellerId", ("12",)))
    )


def test_nesting_is_allowed_up_to_the_limit() -> None:
    """The deepest allowed query is parsed and one level more is refused."""
    assert parse("(" * MAX_DEPTH + "a:1" + ")" * MAX_DEPTH) == Term("a", ("1",))
    with pytest.raises(QueryError, match="nested too deeply"):
        parse("(" * (MAX_DEPTH + 1) + "a:1" + ")" * (MAX_DEPTH + 1))
