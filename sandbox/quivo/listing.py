"""One way to filter, sort and page for every list that Quivo has (`apis/quivo.md` §4)."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from sandbox.quivo.fields import Comparable, Document, Fields, Kind, comparable, span, values
from sandbox.quivo.matching import test_for
from sandbox.quivo.query import QueryError, parse

DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 1000

_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_SORT = re.compile(r"([A-Za-z][A-Za-z0-9]*):(asc|desc)")
_UNSORTABLE = (Kind.TEXT, Kind.KEYWORDS)
_SortKey = Comparable | None


class ListError(ValueError):
    """The parameters of a list are refused; the text is what Quivo would answer with its 400."""


@dataclass(frozen=True)
class _By:
    field: str
    kind: Kind
    descending: bool

    def key(self, document: Document) -> _SortKey:
        found = values(document, self.field)
        return comparable(self.kind, found[0]) if found else None

    def compare(self, one: _SortKey, other: _SortKey) -> int:
        """Return the order of two keys; nothing comes after everything in both directions."""
        if one is None or other is None:
            return (one is None) - (other is None)
        order = (one > other) - (one < other)
        return -order if self.descending else order

    def shown(self, document: Document) -> Any:
        """Return the value for an item's `sort` array: a moment is in milliseconds, as Elasticsearch gives it."""
        key = self.key(document)
        if key is None:
            return None
        return round(key[0] * 1000) if self.kind is Kind.DATE else values(document, self.field)[0]


def select(
    documents: Iterable[Document], params: Mapping[str, str], fields: Fields, *, id_field: str, page_base: int
) -> list[tuple[Document, list[Any]]]:
    """Return one page of `documents` with each one's sort values; ListError for parameters that Quivo would refuse.

    Without `sort` the list is by `id_field`, ascending. `searchAfter` starts strictly behind its value and overrides
    `page`.
    """
    sort = _sort(params.get("sort"), fields) or [_By(id_field, Kind.NUMBER, descending=False)]
    size = _page_size(params.get("pageSize"))
    found = _sorted(sort, _matching(documents, params.get("query"), fields))
    if (after := params.get("searchAfter")) is not None:
        if "sort" not in params:
            raise ListError("searchAfter: needs a sort")
        keys = _after(after, sort)
        found = [document for document in found if _compare(sort, _keys(sort, document), keys) > 0]
        start = 0
    else:
        start = _page(params.get("page"), page_base) * size
    return [(document, [by.shown(document) for by in sort]) for document in found[start : start + size]]


def _matching(documents: Iterable[Document], query: str | None, fields: Fields) -> list[Document]:
    if query is None:
        return list(documents)
    try:
        test = test_for(parse(query), fields)
    except QueryError as error:
        raise ListError(f"query: {error}") from error
    return [document for document in documents if test(document)]


def _sort(text: str | None, fields: Fields) -> list[_By]:
    """Read `field:direction`, several with commas (assumed: the sheet names multi-field sorts, not their form)."""
    if text is None:
        return []
    found = [_SORT.fullmatch(part) for part in text.split(",")]
    sort = [_By(part[1], fields[part[1]], part[2] == "desc") for part in found if part and part[1] in fields]
    if len(sort) < len(found) or any(by.kind in _UNSORTABLE for by in sort):
        raise ListError("sort: must be field:asc or field:desc of a sortable field")
    return sort


def _page_size(text: str | None) -> int:
    size = DEFAULT_PAGE_SIZE if text is None else _integer("pageSize", text)
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise ListError(f"pageSize: must be between 1 and {MAX_PAGE_SIZE}")
    return size


def _page(text: str | None, base: int) -> int:
    page = 0 if text is None else _integer("page", text) - base
    if page < 0:
        raise ListError(f"page: must be greater than or equal to {base}")
    return page


def _integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ListError(f"{name}: must be an integer")
    return int(text)


def _after(text: str, sort: list[_By]) -> list[_SortKey]:
    raw: list[Any] = [text]
    if text.startswith("["):
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise ListError("searchAfter: must be a value or a JSON array") from error
    if len(raw) != len(sort):
        raise ListError(f"searchAfter: has {len(raw)} value(s) but sort has {len(sort)}")
    try:
        return [_after_one(by.kind, value) for by, value in zip(sort, raw, strict=True)]
    except ValueError as error:
        raise ListError(f"searchAfter: {error}") from error


def _after_one(kind: Kind, value: Any) -> _SortKey:
    if value is None:
        return None
    if isinstance(value, bool | list | dict):
        raise ValueError("must hold plain values")
    text = str(value)
    if kind is Kind.DATE and _INTEGER.fullmatch(text):
        return int(text) / 1000, ""
    return span(kind, text)[0]


def _keys(sort: list[_By], document: Document) -> list[_SortKey]:
    return [by.key(document) for by in sort]


def _sorted(sort: list[_By], documents: list[Document]) -> list[Document]:
    def order(one: Document, other: Document) -> int:
        return _compare(sort, _keys(sort, one), _keys(sort, other))

    return sorted(documents, key=cmp_to_key(order))


def _compare(sort: list[_By], one: list[_SortKey], other: list[_SortKey]) -> int:
    return next((order for by, a, b in zip(sort, one, other, strict=True) if (order := by.compare(a, b))), 0)
