"""Pages and their links (`apis/vendo.md` §4.3): out of range is silently the default, and `next` never is null."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from sandbox.vendo.call import DEFAULT_PER_PAGE, MOST_PER_PAGE, Call
from sandbox.vendo.jsonapi import Resource

_Thing = TypeVar("_Thing")


def answer(
    call: Call,
    kind: str,
    things: Sequence[_Thing],
    shown: Callable[[_Thing], Resource],
    meta: Mapping[str, Any] | None = None,
) -> web.Response:
    """Answer with one page of `things`, with `meta` and `links`."""
    size = _between(call.query.get("per_page"), DEFAULT_PER_PAGE, MOST_PER_PAGE)
    page = _between(call.query.get("page"), 1)
    pages = -(-len(things) // size)
    here = things[(page - 1) * size : page * size]
    counts = {"count": len(here), "total_count": len(things), "total_pages": pages}
    data = [shown(thing) for thing in here]
    return call.answer(kind, data, meta=counts | dict(meta or {}), links=_links(call, page, pages))


def everything(call: Call, kind: str, data: Sequence[Resource]) -> web.Response:
    """Answer with a list that is never cut into pages, with `meta` and `links` all the same."""
    meta = {"count": len(data), "total_count": len(data), "total_pages": 1}
    return call.answer(kind, data, meta=meta, links=_links(call, 1, 1))


def _links(call: Call, page: int, pages: int) -> dict[str, str]:
    def at(number: int) -> str:
        return f"{call.url}?{urlencode(sorted((dict(call.query) | {'page': str(number)}).items()))}"

    before = page - 1 if 1 < page <= pages else 1
    asked = f"?{urlencode(call.query)}" if call.query else ""
    return {
        "self": f"{call.url}{asked}",
        "next": at(page + 1 if page < pages else pages),
        "prev": at(before),
        "last": at(pages),
        "first": at(1),
    }


def _between(text: str | None, otherwise: int, most: int | None = None) -> int:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
    return number if number >= 1 and (most is None or number <= most) else otherwise
