"""The search for goods: its words, in which typed text can only be text, and what is made of each answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx
from backends_kit import KEY, TOKEN, URL, to

from backends.errors import BackendError, Garbled, NotFound
from backends.quivo.auth import Session
from backends.quivo.client import Item, QuivoClient
from backends.quivo.items import render

SESSION = Session(KEY, TOKEN)
LIVING = " AND NOT _exists_:articleDeletedAt"


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", "_exists_:sku"),
        ("  \t", "_exists_:sku"),
        ("mug", '(sku:"mug" OR name:"mug" OR ((name:mug* OR sku:*MUG* OR sku:*mug*)))'),
        (" MUG ", '(sku:"MUG" OR name:"MUG" OR ((name:MUG* OR sku:*MUG*)))'),
        (
            "MUG-35",
            '(sku:"MUG-35" OR name:"MUG-35" OR ((name:MUG* OR sku:*MUG*) AND (name:35* OR sku:*35*)))',
        ),
        ("ü", '(sku:"ü" OR name:"ü" OR ((name:ü* OR sku:*Ü* OR sku:*ü*)))'),
        ("*", '(sku:"*" OR name:"*")'),
        ('"', '(sku:"\\"" OR name:"\\"")'),
        (
            '") OR (A:*',
            '(sku:"\\") OR (A:*" OR name:"\\") OR (A:*" OR ((name:OR* OR sku:*OR*) AND (name:A* OR sku:*A*)))',
        ),
    ],
)
def test_queries(typed: str, query: str) -> None:
    """Whatever is typed stands in quotes, or is letters and digits behind a field that we chose (§4, Security)."""
    assert render(typed) == query + LIVING


def test_long_queries() -> None:
    """Somebody who pastes a page asks for its first five words, each cut, so that no query grows without end."""
    query = render("x" * 3000)
    assert query.count("name:x") == 5
    assert f"name:{'x' * 40}* " in query
    assert f"name:{'x' * 41}*" not in query


@respx.mock
async def test_items() -> None:
    """Goods are asked by warehouse and seller; rows without a SKU and deleted articles are no choice (§8)."""
    rows: list[dict[str, Any]] = [
        {"sku": "MUG-1", "name": "Mug", "quantity": 7, "inventory": 9, "reserved": 2, "sort": ["MUG-1"]},
        {"sku": "MUG-2"},
        {"sku": "MUG-3", "name": "", "quantity": "many", "zukunft": {}},
        {"sku": "MUG-4", "articleDeletedAt": "2023-11-07T05:31:56Z"},
        {"sku": None, "name": "Mug"},
        {},
    ]
    route = respx.get(f"{URL}/items/4/12").respond(json=rows)
    async with to(URL) as http:
        found = await QuivoClient(http).items(SESSION, 4, 12, "mug", most=6)
    assert found == (Item("MUG-1", "Mug", 7), Item("MUG-2"), Item("MUG-3"))
    request = route.calls.last.request
    assert (request.headers["authorization"], request.headers["x-api-key"]) == (TOKEN, KEY)
    assert parse_qs(request.url.query.decode(), strict_parsing=True) == {
        "query": [render("mug")],
        "sort": ["sku:asc"],
        "pageSize": ["6"],
    }


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(404, text="Seller not found"), NotFound),
        (httpx.Response(200), Garbled),
        (httpx.Response(200, html="<html>"), Garbled),
        (httpx.Response(200, json={"items": []}), Garbled),
        (httpx.Response(200, json=["MUG-1"]), Garbled),
    ],
)
@respx.mock
async def test_refused(answer: httpx.Response, kind: type[BackendError]) -> None:
    """E3: a list that is none is an error and never an empty choice, with the caller's reference."""
    route = respx.route().mock(return_value=answer)
    async with to(URL) as http:
        with pytest.raises(kind) as caught:
            await QuivoClient(http).items(SESSION, 4, 12, "", request_id="ref-9")
    assert (caught.value.request_id, caught.value.outcome_known, route.call_count) == ("ref-9", True, 1)
