"""Asks a query about documents: the meaning of each kind of field (`apis/quivo.md` §4).

What Quivo's index does with each field is not documented. Assumed: ids, references, statuses and codes match as a whole
and by case; names of people, companies and goods match by words, whatever their case; a field that does not exist
matches nothing.
"""

import re
from collections.abc import Callable

from sandbox.quivo.fields import Comparable, Document, Fields, Kind, comparable, span, values
from sandbox.quivo.query import All, Exists, Node, Not, Phrase, QueryError, Range, Some, Term

Test = Callable[[Document], bool]
_WORDS = re.compile(r"\w+")
_WHOLE = (Kind.KEYWORD, Kind.KEYWORDS)


def test_for(node: Node, fields: Fields) -> Test:
    """Return a function that says whether a document matches; QueryError if a value does not fit its field."""
    match node:
        case All(parts):
            tests = [test_for(part, fields) for part in parts]
            return lambda document: all(test(document) for test in tests)
        case Some(parts):
            tests = [test_for(part, fields) for part in parts]
            return lambda document: any(test(document) for test in tests)
        case Not(part):
            inner = test_for(part, fields)
            return lambda document: not inner(document)
        case Exists(field):
            return lambda document: bool(values(document, field))
    kind = fields.get(node.field)
    if kind is None:
        return lambda _: False
    try:
        return _leaf(node, kind)
    except ValueError as error:
        raise QueryError(f"Failed to parse query: {error}") from error


def _leaf(node: Term | Phrase | Range, kind: Kind) -> Test:
    match node:
        case Range():
            return _within(node, kind)
        case Phrase(field, text):
            return _equal(field, text, kind)
        case Term(field, (text,)):
            return _equal(field, text, kind)
        case Term(field, ("", "")):
            return lambda document: bool(values(document, field))
        case Term(field, pieces):
            return _like(field, pieces, kind)


def _equal(field: str, text: str, kind: Kind) -> Test:
    if kind is Kind.TEXT:
        return _words(field, text)
    first, last = span(kind, text)
    return _any(field, kind, lambda value: first <= value <= last)


def _words(field: str, text: str) -> Test:
    wanted = _split(text)

    def inside(value: str) -> bool:
        words = _split(value)
        starts = range(len(words) - len(wanted) + 1)
        return bool(wanted) and any(words[start : start + len(wanted)] == wanted for start in starts)

    return lambda document: any(inside(str(value)) for value in values(document, field))


def _like(field: str, pieces: tuple[str, ...], kind: Kind) -> Test:
    pattern = ".*".join(re.escape(piece) for piece in pieces)
    if kind in _WHOLE:
        whole = re.compile(pattern, re.DOTALL)
        return lambda document: any(whole.fullmatch(str(value)) for value in values(document, field))
    if kind is Kind.TEXT:
        word = re.compile(pattern.lower(), re.DOTALL)
        return lambda document: any(
            word.fullmatch(part) for value in values(document, field) for part in _split(str(value))
        )
    raise ValueError(f"Can only use wildcard queries on keyword and text fields, not on [{field}]")


def _within(node: Range, kind: Kind) -> Test:
    if kind not in (*_WHOLE, Kind.NUMBER, Kind.DATE):
        raise ValueError(f"[{node.field}] cannot be compared")
    low = None if node.low is None else span(kind, node.low)[0 if node.with_low else 1]
    high = None if node.high is None else span(kind, node.high)[1 if node.with_high else 0]

    def inside(value: Comparable) -> bool:
        above = low is None or value > low or (node.with_low and value == low)
        return above and (high is None or value < high or (node.with_high and value == high))

    return _any(node.field, kind, inside)


def _any(field: str, kind: Kind, test: Callable[[Comparable], bool]) -> Test:
    def asked(document: Document) -> bool:
        found = (comparable(kind, value) for value in values(document, field))
        return any(test(value) for value in found if value is not None)

    return asked


def _split(text: str) -> list[str]:
    return _WORDS.findall(text.lower())
