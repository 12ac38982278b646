"""The query language of Quivo's lists: what the sheet names of Elasticsearch's query strings (`apis/quivo.md` §4).

Text becomes a small tree here and nothing else; `matching.py` asks the tree about documents. Stricter than the real
thing on purpose: what the sheet does not name is refused, and AND beside OR needs parentheses, because Elasticsearch
gives those two no usual precedence and a client that relies on one would be wrong without noticing.
"""

import re
from dataclasses import dataclass

MAX_DEPTH = 40


class QueryError(ValueError):
    """The query is not in the language; the text says what was refused and where."""


@dataclass(frozen=True)
class Term:
    """`field:value` with `*` for anything: `pieces` is the value split at its wildcards, one piece is exact."""

    field: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Phrase:
    """`field:"words as they stand"`."""

    field: str
    text: str


@dataclass(frozen=True)
class Range:
    """`field:[low TO high]` or a comparison; None is an open end."""

    field: str
    low: str | None
    high: str | None
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True)
class Exists:
    """`_exists_:field`."""

    field: str


@dataclass(frozen=True)
class Not:
    """`NOT part`."""

    part: "Node"


@dataclass(frozen=True)
class All:
    """`part AND part …`."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Some:
    """`part OR part …`."""

    parts: tuple["Node", ...]


Node = Term | Phrase | Range | Exists | Not | All | Some

_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*):")
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_WORD = re.compile(r"(AND|OR|NOT)(?=[\s(])")
_SPACE = re.compile(r"\s*")
_START = r'\\.|\*|[^\s\\+\-!(){}\[\]^"~?:/&|<>=*]'
_TERM = re.compile(rf"(?:{_START})(?:{_START}|[+\-])*", re.DOTALL)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_BOUND = r'("(?:\\.|[^"\\])*"|[^\s"\[\]{}()]+)'
_RANGE = re.compile(rf"\[\s*{_BOUND}\s+TO\s+{_BOUND}\s*\]", re.DOTALL)
_COMPARISON = re.compile(r">=|<=|>|<")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"\\.|\*|[^\\*]", re.DOTALL)


def parse(text: str) -> Node:
    """Return the tree of a query; QueryError for anything outside the language, the empty query included."""
    reader = _Reader(text)
    node = reader.expression(0)
    if not reader.at_end():
        raise reader.refused()
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip_space()

    def at_end(self) -> bool:
        return self._at == len(self._text)

    def refused(self) -> QueryError:
        return QueryError(f"Failed to parse query: unexpected input at position {self._at}")

    def expression(self, depth: int) -> Node:
        parts = [self._unary(depth)]
        joiner = word = self._peek_word()
        while word in ("AND", "OR"):
            if word != joiner:
                raise QueryError(f"Failed to parse query: AND and OR need parentheses at position {self._at}")
            self._take(_WORD)
            parts.append(self._unary(depth))
            word = self._peek_word()
        if len(parts) == 1:
            return parts[0]
        return All(tuple(parts)) if joiner == "AND" else Some(tuple(parts))

    def _unary(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise QueryError("Failed to parse query: nested too deeply")
        if self._peek_word() == "NOT":
            self._take(_WORD)
            return Not(self._unary(depth + 1))
        if self._text.startswith("(", self._at):
            return self._group(depth + 1)
        return self._clause()

    def _group(self, depth: int) -> Node:
        self._at += 1
        self._skip_space()
        node = self.expression(depth)
        if not self._text.startswith(")", self._at):
            raise self.refused()
        self._at += 1
        self._skip_space()
        return node

    def _clause(self) -> Node:
        field = self._take(_FIELD, spaces=False)[1]
        node = Exists(self._take(_FIELD_NAME, spaces=False)[0]) if field == "_exists_" else self._value(field)
        if not self.at_end() and not re.match(r"[\s)]", self._text[self._at]):
            raise self.refused()
        self._skip_space()
        return node

    def _value(self, field: str) -> Node:
        if found := _RANGE.match(self._text, self._at):
            self._at = found.end()
            return Range(field, _bound(found[1]), _bound(found[2]))
        if found := _COMPARISON.match(self._text, self._at):
            self._at = found.end()
            return _comparison(field, found[0], self._scalar())
        if self._text.startswith('"', self._at):
            return Phrase(field, self._scalar())
        return Term(field, _pieces(self._bare()))

    def _scalar(self) -> str:
        if self._text.startswith('"', self._at):
            return _plain(self._take(_QUOTED, spaces=False)[1])
        pieces = _pieces(self._bare())
        if len(pieces) > 1:
            raise self.refused()
        return pieces[0]

    def _bare(self) -> str:
        found = self._take(_TERM, spaces=False)[0]
        if found in ("AND", "OR", "NOT"):
            raise self.refused()
        return found

    def _peek_word(self) -> str | None:
        found = _WORD.match(self._text, self._at)
        return found[1] if found else None

    def _take(self, pattern: re.Pattern[str], *, spaces: bool = True) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self.refused()
        self._at = found.end()
        if spaces:
            self._skip_space()
        return found

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at


def _comparison(field: str, sign: str, value: str) -> Range:
    if sign.startswith(">"):
        return Range(field, value, None, with_low=sign == ">=")
    return Range(field, None, value, with_high=sign == "<=")


def _bound(text: str) -> str | None:
    if text == "*":
        return None
    if text.startswith('"'):
        return _plain(text[1:-1])
    if "*" in text:
        raise QueryError("Failed to parse query: a wildcard cannot be part of a range's end")
    return _plain(text)


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _pieces(text: str) -> tuple[str, ...]:
    pieces = [""]
    for part in _PIECE.findall(text):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += part[-1]
    return tuple(pieces)
