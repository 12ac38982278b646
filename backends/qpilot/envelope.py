"""Lists and records as QPilot wraps them: by several names, or not at all (apis/qpilot.md §3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from backends.qpilot.documents import loaded
from backends.qpilot.order import Page

T = TypeVar("T")
Read = Callable[[Any], T]  # from one record's JSON; raises ValueError if it is none
_ROWS = ("items", "results", "scheduledOrderHistoryItems", "data")
_TOTAL = ("totalCount", "total", "totalItems", "count")


def rows_of(said: Any, read: Read[T]) -> tuple[T, ...]:
    """All records of a list, wrapped or not; raises ValueError for another thing, or if one of them is none."""
    if isinstance(said, dict):
        lists = [said[name] for name in _ROWS if isinstance(said.get(name), list)]
        said = next((rows for rows in lists if rows), lists[0] if lists else None)
    if not isinstance(said, list):
        raise ValueError("not a list")
    return tuple(read(row) for row in said)


def page_of(body: bytes, read: Read[T], page: int, page_size: int) -> Page[T]:
    """One page of a list; where QPilot does not say how many there are, a full page has a next one."""
    said = loaded(body)
    items = rows_of(said, read)
    if isinstance(said, list):  # not paginated
        return Page(items, page, total=len(items), total_pages=1)
    total, pages = _count(said, *_TOTAL), _count(said, "totalPages")
    if pages is None and total is not None:
        pages = -(-total // page_size)
    more = len(items) >= page_size if pages is None else page < pages
    return Page(items, page, more and bool(items), total, pages)


def _count(said: dict[str, Any], *names: str) -> int | None:
    return next((said[name] for name in names if type(said.get(name)) is int and said[name] >= 0), None)
