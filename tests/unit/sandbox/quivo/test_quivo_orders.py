"""Orders, sellers and warehouses as the Quivo stand-in shows them."""

from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.quivo import Quivo, Switches

NOT_FOUND = (404, "text/plain", "Order not found")


async def _order(session: ClientSession, order_id: int | str) -> dict[str, Any]:
    async with session.get(f"/orders/{order_id}") as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        body: dict[str, Any] = await answer.json()
        return body


async def _refused(session: ClientSession, path: str) -> tuple[int, str, str]:
    async with session.get(path) as answer:
        return answer.status, answer.content_type, await answer.text()


async def _list(session: ClientSession, path: str = "/orders", **params: str) -> list[dict[str, Any]]:
    async with session.get(path, params=params) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        body: list[dict[str, Any]] = await answer.json()
        return body


async def test_one_order_has_the_read_shape(ada: ClientSession) -> None:
    """The whole order carries the read form of addresses and positions, not the written one."""
    order = await _order(ada, 1001)
    assert (order["orderId"], order["orderReference"], order["orderStatus"]) == (1001, "#DE38678", "PROCESSING")
    assert order["tags"] == ["gift", "fragile"]
    assert order["customAttributes"] == {"giftMessage": "Alles Gute, Papa!", "packaging": "plastic-free"}
    address = order["deliveryAddress"]
    assert {"name1", "name2", "address1", "address2", "address3", "country"} <= set(address)
    assert not {"name", "street", "countryIso2"} & set(address)
    assert set(order["invoiceAddress"]) == set(address) - {
        "addressIdentifier",
        "additionalIdentifiers",
        "latitude",
        "longitude",
    }
    assert order["positions"] == [
        {
            "positionId": 10011,
            "positionIdentifier": "1001-1",
            "sku": "MUG-SEA-350",
            "name": "Stoneware mug, sea green",
            "quantity": 2,
            "productIdentifier": "P-MUG-SEA-350",
            "variantIdentifier": None,
            "lot": None,
            "customAttributes": {},
        }
    ]
    assert not {"sort", "shipToName1", "totalShipmentWeight"} & set(order)


async def test_a_list_item_is_a_flat_summary(ada: ClientSession) -> None:
    """The list has flat address fields, short positions and a `sort`, and none of the whole order's fields."""
    (item,) = await _list(ada, query="orderId:1004")
    whole = await _order(ada, 1004)
    address = whole["deliveryAddress"]
    assert (item["shipToName1"], item["shipToCompany"], item["shipToZip"], item["shipToCountry"]) == (
        address["name1"],
        address["company"],
        address["zip"],
        address["country"],
    )
    assert (item["shipToEmail"], item["billToEmail"]) == (address["email"], whole["invoiceAddress"]["email"])
    assert [set(position) for position in item["positions"]] == [
        {"positionId", "positionIdentifier", "name", "sku", "customAttributes"}
    ] * len(whole["positions"])
    assert item["cancelRequestedAt"] == whole["cancelRequestedAt"]
    assert item["sort"] == [1004]
    assert not {"deliveryAddress", "invoiceAddress", "comment", "currency", "warehouseId"} & set(item)


async def test_a_sparse_order_leaves_fields_out(ada: ClientSession) -> None:
    """Fields that an order does not have are absent from both shapes."""
    order = await _order(ada, 1006)
    assert set(order) == {"orderId", "sellerId", "created", "orderStatus"}
    (item,) = await _list(ada, query="orderId:1006")
    assert item == order | {"sort": [1006]}


@pytest.mark.parametrize("order_id", ["9999", "0", "-1", "2001", "999999999999999999"])
async def test_unknown_and_foreign_orders_are_not_found(ada: ClientSession, order_id: str) -> None:
    """An id of nobody and an id of another seller get the same 404."""
    assert await _refused(ada, f"/orders/{order_id}") == NOT_FOUND


@pytest.mark.parametrize("order_id", ["abc", "1.5", "1001x", "%D9%A1", "9" * 30, "%231001"])
async def test_an_id_that_is_no_integer_is_refused(ada: ClientSession, order_id: str) -> None:
    """Only ASCII integers of int64's size are ids."""
    assert await _refused(ada, f"/orders/{order_id}") == (400, "text/plain", "orderId: must be an integer")


async def test_accounts_are_isolated_both_ways(ada: ClientSession, bob: ClientSession) -> None:
    """Neither account reads the other's orders by id, by list or by a query that names them."""
    assert await _refused(bob, "/orders/1001") == NOT_FOUND
    assert (await _order(bob, 2001))["sellerId"] == 34
    for session, own, foreign in ((ada, 12, 34), (bob, 34, 12)):
        everything = await _list(session, pageSize="1000")
        assert {order["sellerId"] for order in everything} == {own}
        assert await _list(session, query=f"sellerId:{foreign}") == []
        assert await _list(session, query=f"sellerId:{own} OR sellerId:{foreign}", pageSize="1000") == everything
    assert [order["orderId"] for order in await _list(bob, pageSize="1000")] == list(range(2001, 2011))


async def test_sellers_are_the_accounts_own_and_hold_no_secret(ada: ClientSession, bob: ClientSession) -> None:
    """Each account lists one seller, without the connector key that the detail page would have."""
    (mine,) = await _list(ada, "/sellers")
    (other,) = await _list(bob, "/sellers", query="status:ACTIVE")
    assert (mine["id"], mine["name"], mine["sort"]) == (12, "Nordlicht Keramik", [12])
    assert (other["id"], other["name"], other["warehouseId"]) == (34, "Harbour & Hale", 7)
    assert "connectorApiKey" not in mine


async def test_warehouses_are_the_same_for_all_and_one_is_closed(ada: ClientSession, bob: ClientSession) -> None:
    """Both accounts see four warehouses by id, and only the closed one has `deactivatedAt`."""
    warehouses = await _list(ada, "/warehouses")
    assert warehouses == await _list(bob, "/warehouses")
    assert [warehouse["id"] for warehouse in warehouses] == [4, 5, 7, 8]
    assert [w["id"] for w in await _list(ada, "/warehouses", query="_exists_:deactivatedAt")] == [5]
    german = await _list(ada, "/warehouses", query="warehouseAddress.countryIso2:DE", sort="name:desc")
    assert [(w["name"], w["sort"]) for w in german] == [("Quivo Nürnberg", ["Quivo Nürnberg"])]


async def test_one_order_can_be_missing_as_an_endpoint(ada: ClientSession, quivo: Quivo) -> None:
    """The switch makes every single read a 404, or a route that the gateway does not know; lists still work."""
    quivo.switches = Switches(order_by_id="not_found")
    assert await _refused(ada, "/orders/1001") == NOT_FOUND
    quivo.switches = Switches(order_by_id="no_route")
    status, kind, text = await _refused(ada, "/orders/1001")
    assert (status, kind, text) == (403, "application/json", '{"message":"Missing Authentication Token"}')
    assert [order["orderId"] for order in await _list(ada, query="orderId:1001", pageSize="1")] == [1001]


async def test_refusals_can_be_json(ada: ClientSession, quivo: Quivo) -> None:
    """With the switch on, 400 and 404 carry the same words as JSON."""
    quivo.switches = Switches(error_bodies="json")
    assert await _refused(ada, "/orders/9999") == (404, "application/json", '{"message":"Order not found"}')
    assert (await _refused(ada, "/orders/x"))[2] == '{"message":"orderId: must be an integer"}'
    assert (await _refused(ada, "/orders?pageSize=0"))[:2] == (400, "application/json")


async def test_an_added_order_is_read_as_it_was_given(ada: ClientSession, quivo: Quivo) -> None:
    """A test's own fields reach both shapes, with fields that no sheet names among them."""
    address = {"name1": "<!channel>", "zip": "1", "country": "DE", "email": "x@mail.example"}
    order_id = quivo.add_order(
        orderReference="*bold*", orderStatus="ON_HOLD", deliveryAddress=address, extra={"colour": "blue"}
    )
    order = await _order(ada, order_id)
    assert (order["orderReference"], order["orderStatus"], order["colour"]) == ("*bold*", "ON_HOLD", "blue")
    assert order["deliveryAddress"] == address
    (item,) = await _list(ada, query=f"orderId:{order_id}")
    assert (item["shipToName1"], item["shipToEmail"], item["colour"]) == ("<!channel>", "x@mail.example", "blue")
    assert "shipToCompany" not in item


async def test_null_addresses_and_positions_are_survived(ada: ClientSession, quivo: Quivo) -> None:
    """An order with null where objects are usual is listed with its other fields."""
    order_id = quivo.add_order(deliveryAddress=None, invoiceAddress=None, positions=None)
    (item,) = await _list(ada, query=f"orderId:{order_id}")
    assert not {"shipToName1", "billToEmail", "positions"} & set(item)
    assert (await _order(ada, order_id))["positions"] is None
