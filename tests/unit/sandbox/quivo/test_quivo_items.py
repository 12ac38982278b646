"""Stock lists of the Quivo stand-in: `GET /items/{warehouseId}/{sellerId}`."""

from typing import Any

import pytest
from aiohttp import ClientSession
from quivo_writes_kit import accepted, flaws, order, position, send

from sandbox.quivo import Quivo, Switches
from sandbox.quivo.demo import GOODS

SKUS = [sku for sku, _ in GOODS]


async def _items(session: ClientSession, path: str = "/items/4/12", **params: str) -> list[dict[str, Any]]:
    async with session.get(path, params=params) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        body: list[dict[str, Any]] = await answer.json()
        return body


async def test_the_stock_is_a_bare_list_in_the_sheets_shape(ada: ClientSession) -> None:
    """Every SKU of the shop is there once, sellable is what is on hand less what is reserved."""
    items = await _items(ada)
    assert [item["sku"] for item in items] == SKUS
    assert all(item["quantity"] == item["inventory"] - item["reserved"] >= 0 for item in items)
    assert [item["sku"] for item in items if item["quantity"] == 0] == ["BUTTER-DISH"]
    assert items[0] == {
        "itemId": 41200,
        "warehouseId": 4,
        "sellerIdentifier": "NORDLICHT",
        "sku": "MUG-SEA-350",
        "warehouseSku": "W-MUG-SEA-350",
        "sellerSku": "MUG-SEA-350",
        "name": "Stoneware mug, sea green",
        "barcode": "4006381041200",
        "countryOfOrigin": "DE",
        "tariffNumber": "69120081",
        "lotRequired": False,
        "expirationDateRequired": False,
        "serialNumberRequired": False,
        "restrictedShipping": False,
        "canShipWithoutCarton": False,
        "hasItemLedgerEntries": True,
        "weight": 0.2,
        "inventory": 12,
        "reserved": 0,
        "quantity": 12,
        "inbound": 0,
        "itemInventories": [
            {
                "lot": None,
                "expiration": None,
                "quantity": 12,
                "locationBlocked": False,
                "storage": "SHELF",
                "location": "A-01",
                "blockedReason": None,
            }
        ],
        "articleId": 1200,
        "articleIdentifier": "P-MUG-SEA-350",
        "articleType": "PRODUCT",
        "articleName": {"value": "Stoneware mug, sea green", "language": "en"},
        "articleDeletedAt": None,
        "sort": [41200],
    }


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("sku:MUG-SEA-350", ["MUG-SEA-350"]),
        ("sku:*PLA*", ["PLATE-BLU-27", "PLANT-POT-M"]),
        ("name:teapot", ["TEA-POT-900"]),
        ("sku:*POT* OR name:*clay*", ["TEA-POT-900", "CANDLE-FIG", "PLANT-POT-M"]),
        ("quantity:0", ["BUTTER-DISH"]),
        ("sku:mug-sea-350", []),
    ],
)
async def test_the_stock_can_be_searched(ada: ClientSession, query: str, skus: list[str]) -> None:
    """SKUs match whole or with `*`, by case; names match by words."""
    assert [item["sku"] for item in await _items(ada, query=query)] == skus


async def test_the_stock_is_sorted_and_paged_like_any_list(ada: ClientSession, quivo: Quivo) -> None:
    """Sort, page size and searchAfter walk through all of it once, and the sort array can be switched off."""
    seen: list[str] = []
    after: dict[str, str] = {}
    while page := await _items(ada, sort="sku:desc", pageSize="5", **after):
        seen += [item["sku"] for item in page]
        after = {"searchAfter": page[-1]["sort"][0]}
    assert seen == sorted(SKUS, reverse=True)
    quivo.switches = Switches(sort_in_items=False)
    assert "sort" not in (await _items(ada, pageSize="1"))[0]
    assert (await send(ada, "GET", "/items/4/12?pageSize=1001"))[0] == 400


async def test_a_closed_warehouse_holds_nothing(ada: ClientSession) -> None:
    """Warehouse 5 exists and is empty."""
    assert await _items(ada, "/items/5/12") == []


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/items/4/34", (404, "text/plain", "Seller not found")),
        ("/items/4/99", (404, "text/plain", "Seller not found")),
        ("/items/99/12", (404, "text/plain", "Warehouse not found")),
        ("/items/x/12", flaws("warehouseId: must be an integer")),
        ("/items/4/x", flaws("sellerId: must be an integer")),
        ("/items/4", (403, "application/json", {"message": "Missing Authentication Token"})),
    ],
)
async def test_other_peoples_and_unknown_stock_is_not_shown(ada: ClientSession, path: str, answer: Any) -> None:
    """Another account's seller is as unknown as one that does not exist."""
    assert await send(ada, "GET", path) == answer


async def test_each_account_sees_its_own_stock(bob: ClientSession) -> None:
    """The second account lists its own seller's items."""
    assert {item["sellerIdentifier"] for item in await _items(bob, "/items/7/34")} == {"HARBOURHALE"}


async def test_an_order_may_hold_what_the_stock_lists_know(
    ada: ClientSession, bob: ClientSession, quivo: Quivo
) -> None:
    """A SKU that a test adds to one seller's stock can be ordered by that seller only, wherever it lies."""
    quivo.items[8, 12].append(quivo.items[8, 12][0] | {"sku": "NEW-SKU"})
    body = order(positions=[position(sku="NEW-SKU"), position(sku="BUTTER-DISH")])
    assert await send(ada, "POST", "/orders", body) == accepted(2011)
    _, _, refused = await send(bob, "POST", "/orders", body | {"sellerId": 34})
    assert refused["field"] == "positions[0].sku"


def test_two_quivos_share_no_stock() -> None:
    """A change to one stand-in's stock is not seen in another."""
    one, other = Quivo(), Quivo()
    one.items[4, 12].clear()
    assert len(other.items[4, 12]) == len(SKUS)
