"""Sorting and paging of the Quivo stand-in's lists."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.quivo import Quivo, Switches
from sandbox.quivo.demo import moment

HOME = list(range(1001, 1061))


async def _page(session: ClientSession, **params: str) -> list[dict[str, Any]]:
    async with session.get("/orders", params=params) as answer:
        assert answer.status == 200, await answer.text()
        body: list[dict[str, Any]] = await answer.json()
        return body


def _ids(page: list[dict[str, Any]]) -> list[int]:
    return [order["orderId"] for order in page]


async def _refused(session: ClientSession, **params: str) -> str:
    async with session.get("/orders", params=params) as answer:
        assert (answer.status, answer.content_type) == (400, "text/plain")
        return await answer.text()


async def test_the_default_page_is_25_by_id(ada: ClientSession) -> None:
    """Without parameters the first 25 orders come by ascending id."""
    assert _ids(await _page(ada)) == HOME[:25]


@pytest.mark.parametrize(("size", "expected"), [("1", HOME[:1]), ("60", HOME), ("1000", HOME)])
async def test_a_page_has_at_most_the_asked_size(ada: ClientSession, size: str, expected: list[int]) -> None:
    """Page sizes from 1 to 1000 are honoured."""
    assert _ids(await _page(ada, pageSize=size)) == expected


@pytest.mark.parametrize("size", ["0", "-1", "1001", "x", "2.5", "", "١", "9" * 40])
async def test_other_page_sizes_are_refused(ada: ClientSession, size: str) -> None:
    """Everything else is a 400 that names the parameter."""
    assert (await _refused(ada, pageSize=size)).startswith("pageSize: must be")


@pytest.mark.parametrize("base", [0, 1])
async def test_pages_count_from_the_switched_base(ada: ClientSession, quivo: Quivo, base: Any) -> None:
    """Pages are offsets from 0 or, by switch, from 1; a page behind the end is empty."""
    quivo.switches = Switches(page_base=base)
    pages = [_ids(await _page(ada, pageSize="20", page=str(base + number))) for number in range(4)]
    assert pages == [HOME[:20], HOME[20:40], HOME[40:], []]
    assert _ids(await _page(ada, pageSize="20")) == HOME[:20]
    assert await _refused(ada, page=str(base - 1)) == f"page: must be greater than or equal to {base}"


async def test_a_page_number_must_be_an_integer(ada: ClientSession) -> None:
    """Text where a page number is due is refused."""
    assert await _refused(ada, page="first") == "page: must be an integer"


@pytest.mark.parametrize(("sort", "expected"), [("orderId:asc", HOME), ("orderId:desc", HOME[::-1])])
@pytest.mark.parametrize("size", [1, 7, 20, 60])
@pytest.mark.parametrize("form", ["scalar", "array"])
async def test_search_after_visits_every_order_once(
    ada: ClientSession, sort: str, expected: list[int], size: int, form: str
) -> None:
    """Following `sort` of the last item, as a value or an array, reads all orders once and in order, both ways."""
    seen: list[int] = []
    params = {"sort": sort, "pageSize": str(size)}
    while len(seen) <= len(expected) and (page := await _page(ada, **params)):
        seen += _ids(page)
        last = page[-1]["sort"]
        params["searchAfter"] = str(last[0]) if form == "scalar" else json.dumps(last)
    assert seen == expected


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_dates_page_by_their_sort_value(ada: ClientSession, direction: str) -> None:
    """The sort value of a date is milliseconds, and the date itself is taken as well."""
    (first,) = await _page(ada, sort=f"created:{direction}", pageSize="1")
    assert first["sort"] == [pytest.approx(first["sort"][0] // 1000 * 1000)]
    assert moment(first["sort"][0] / 1000) == first["created"]
    expected = HOME[1:] if direction == "asc" else HOME[::-1][1:]
    for after in (str(first["sort"][0]), first["created"], json.dumps([first["created"]])):
        page = await _page(ada, sort=f"created:{direction}", pageSize="1000", searchAfter=after)
        assert _ids(page) == expected


async def test_words_sort_and_page_too(ada: ClientSession, quivo: Quivo) -> None:
    """A keyword field sorts by its text and pages by it, missing values last in both directions."""
    quivo.orders.clear()
    for order_id, reference in ((1, "b"), (2, None), (3, "a"), (4, "c")):
        quivo.add_order(orderId=order_id, orderReference=reference)
    up = await _page(ada, sort="orderReference:asc")
    assert [(order["orderId"], order["sort"]) for order in up] == [(3, ["a"]), (1, ["b"]), (4, ["c"]), (2, [None])]
    assert _ids(await _page(ada, sort="orderReference:desc")) == [4, 1, 3, 2]
    assert _ids(await _page(ada, sort="orderReference:asc", searchAfter="b")) == [4, 2]
    assert _ids(await _page(ada, sort="orderReference:desc", searchAfter='["b"]')) == [3, 2]
    assert _ids(await _page(ada, sort="orderReference:asc", searchAfter="[null]")) == []


async def test_equal_keys_behind_the_last_one_are_skipped(ada: ClientSession, quivo: Quivo) -> None:
    """Paging by a key that is not unique loses its twins, as Elasticsearch does; a second field saves them."""
    quivo.orders.clear()
    for order_id in (1, 2, 3):
        quivo.add_order(orderId=order_id, created="2025-01-01T00:00:00Z")
    (first,) = await _page(ada, sort="created:asc", pageSize="1")
    after = json.dumps(first["sort"])
    assert _ids(await _page(ada, sort="created:asc", searchAfter=after)) == []
    (both,) = await _page(ada, sort="created:asc,orderId:desc", pageSize="1")
    assert (both["orderId"], both["sort"][1]) == (3, 3)
    rest = await _page(ada, sort="created:asc,orderId:desc", searchAfter=json.dumps(both["sort"]))
    assert _ids(rest) == [2, 1]


async def test_an_order_that_appears_meanwhile_disturbs_no_page(ada: ClientSession, quivo: Quivo) -> None:
    """A new order between two pages moves an offset page but no `searchAfter` page."""
    page = await _page(ada, sort="orderId:desc", pageSize="10")
    quivo.add_order()
    by_offset = await _page(ada, sort="orderId:desc", pageSize="10", page="1")
    by_key = await _page(ada, sort="orderId:desc", pageSize="10", searchAfter=str(page[-1]["orderId"]))
    assert (_ids(by_offset)[0], _ids(by_key)[0]) == (1051, 1050)


async def test_search_after_overrides_page(ada: ClientSession) -> None:
    """With `searchAfter` the page number is ignored, whatever it is."""
    page = await _page(ada, sort="orderId:asc", pageSize="2", searchAfter="1010", page="nonsense")
    assert _ids(page) == [1011, 1012]


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        (None, "1010"),
        ("orderId:asc", ""),
        ("orderId:asc", "x"),
        ("orderId:asc", "[1010"),
        ("orderId:asc", "[]"),
        ("orderId:asc", "[1010,1011]"),
        ("orderId:asc", "[[1010]]"),
        ("orderId:asc", "[true]"),
        ("orderId:asc", '[{"a":1}]'),
        ("created:asc", "yesterday"),
        ("created:asc,orderId:asc", "1010"),
    ],
)
async def test_a_bad_search_after_is_refused(ada: ClientSession, sort: str | None, after: str) -> None:
    """A value that does not fit the sort, or has no sort to fit, is a 400 that names the parameter."""
    params = {"searchAfter": after} | ({"sort": sort} if sort else {})
    assert (await _refused(ada, **params)).startswith("searchAfter: ")


@pytest.mark.parametrize(
    "sort",
    [
        "",
        "orderId",
        "orderId:up",
        "orderId:ASC",
        "noSuchField:asc",
        "shipToName1:asc",
        "tags:asc",
        "positions.sku:asc",
        "orderId:asc,",
        "orderId:asc,tags:desc",
        "orderId:asc orderStatus:asc",
    ],
)
async def test_a_bad_sort_is_refused(ada: ClientSession, sort: str) -> None:
    """Only `field:asc` and `field:desc` of a sortable field are taken."""
    assert await _refused(ada, sort=sort) == "sort: must be field:asc or field:desc of a sortable field"


async def test_query_sort_and_paging_work_together(ada: ClientSession) -> None:
    """A filtered list pages within its matches."""
    everything = await _page(ada, query="orderStatus:COMPLETED", sort="created:desc", pageSize="1000")
    first = await _page(ada, query="orderStatus:COMPLETED", sort="created:desc", pageSize="4")
    after = json.dumps(first[-1]["sort"])
    second = await _page(ada, query="orderStatus:COMPLETED", sort="created:desc", pageSize="4", searchAfter=after)
    assert first + second == everything[:8]
    assert {order["orderStatus"] for order in everything} == {"COMPLETED"}


async def test_items_can_come_without_sort(ada: ClientSession, quivo: Quivo) -> None:
    """With the switch off no item carries `sort`, and paging by the field's own value still works."""
    quivo.switches = Switches(sort_in_items=False)
    page = await _page(ada, sort="orderId:asc", pageSize="2")
    assert all("sort" not in order for order in page)
    after = str(page[-1]["orderId"])
    assert _ids(await _page(ada, sort="orderId:asc", pageSize="2", searchAfter=after)) == [1003, 1004]


async def test_unknown_parameters_are_ignored(ada: ClientSession) -> None:
    """A parameter that Quivo does not have changes nothing."""
    assert await _page(ada, colour="blue") == await _page(ada)
