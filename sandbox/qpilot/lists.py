"""One way to search, sort and page for every list that QPilot has (`apis/qpilot.md` §3.1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.qpilot.call import Query, not_valid
from sandbox.qpilot.moments import Document

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class Page:
    """One page of a list and what its envelope says of the whole."""

    rows: list[Document]
    total: int
    pages: int
    page: int
    page_size: int

    def envelope(self, rows: Sequence[Document] | None = None) -> Document:
        """Return the envelope of the unversioned lists; `rows` as they look from outside, if that differs."""
        return {"items": self.rows if rows is None else rows, "totalCount": self.total, "totalPages": self.pages}


def select(rows: Iterable[Document], query: Query, *, order_by: str, descending: bool = False) -> Page:
    """Return one page of rows, sorted by a property that the query may name; a page behind the last one is empty.

    A page size above 200 counts as 200. Refusal (400) for a property that no row has, a page below 1, and the like.
    """
    found = _sorted(list(rows), query, order_by, descending)
    page, size = query.whole("page", 1), min(query.whole("pageSize", DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE)
    for name, value in (("page", page), ("pageSize", size)):
        if value < 1:
            raise not_valid(name, value)
    shown = found[(page - 1) * size : page * size]
    return Page(shown, len(found), -(-len(found) // size), page, size)


def searched(rows: Iterable[Document], query: Query, texts: Callable[[Document], Iterable[object]]) -> list[Document]:
    """Return the rows of which some text holds the query's `search`, in any case."""
    wanted = (query.text("search") or "").strip().lower()
    return [row for row in rows if not wanted or any(wanted in str(text).lower() for text in texts(row))]


def with_metadata(rows: Iterable[Document], query: Query) -> list[Document]:
    """Return the rows whose metadata has every `metadataKey` with the `metadataValue` in the same place."""
    pairs = list(zip(query.all("metadataKey"), query.all("metadataValue"), strict=False))
    return [row for row in rows if all(_has(row["metadata"].get(key), value) for key, value in pairs)]


def _has(found: object, value: str) -> bool:
    return value in [str(one) for one in found] if isinstance(found, list) else str(found) == value


def _sorted(rows: list[Document], query: Query, order_by: str, descending: bool) -> list[Document]:
    wanted = query.text("orderBy") or order_by
    direction = (query.text("order") or ("desc" if descending else "asc")).lower()
    if direction not in ("asc", "desc"):
        raise not_valid("order", direction)
    if not rows:
        return rows
    name = next((name for name in rows[0] if name.lower() == wanted.lower()), None)
    if name is None:
        raise not_valid("orderBy", wanted)

    def key(row: Document) -> Any:
        value = row[name]
        return value if isinstance(value, str | int | Decimal) else str(value)

    given = sorted((row for row in rows if row[name] is not None), key=key, reverse=direction == "desc")
    return given + [row for row in rows if row[name] is None]
