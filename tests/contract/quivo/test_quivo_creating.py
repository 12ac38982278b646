"""E3, E5: making orders at the strict stand-in, under each setting of the switches that concern it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from writing_contract_kit import BERLIN, MUG, ON_THE_MAP, QUICK, SMALL, VIENNA, WHOLE, fields, refused, working

from backends.errors import (
    FieldError,
    Invalid,
    NotFound,
)
from backends.quivo.auth import Credentials
from backends.quivo.client import OrderQuery
from backends.quivo.create import (
    MAX_LENGTH,
    Attachment,
    check,
    from_order,
)
from backends.quivo.order import Order
from sandbox import quivo as standin
from sandbox.quivo import Quivo, Switches


async def test_small_order_is_made() -> None:
    """The smallest order is made once and reads back as it was written."""
    quivo = Quivo()
    async with working(quivo) as (client, ada):
        made = await client.create(ada, SMALL)
        order = await client.order(ada, made)
        found = await client.orders(ada, OrderQuery(identifier="new-1", seller_ids=(12,)))
    assert (order.identifier, order.reference, order.seller_id, order.status) == ("new-1", "#NEW1", 12, "PENDING")
    assert (order.delivery_address, order.invoice_address) == (BERLIN, BERLIN)
    assert [(line.sku, line.quantity) for line in order.positions] == [("MUG-SEA-350", 2)]
    assert [one.order_id for one in found.orders] == [made]
    assert quivo.count("POST", "/orders") == 1


async def test_whole_order_is_made() -> None:
    """An order with every field of seed 001 is taken by a stand-in that refuses fields which no sheet names."""
    quivo = Quivo(switches=Switches(unknown_fields="refused"))
    async with working(quivo) as (client, ada):
        assert check(WHOLE) == ()
        order = await client.order(ada, await client.create(ada, WHOLE))
    assert (order.delivery_address, order.invoice_address) == (WHOLE.delivery_address, VIENNA)
    assert (order.status, order.warehouse_id, order.ordered, order.currency) == (
        "PROCESSING",
        4,
        WHOLE.order_date,
        "EUR",
    )
    assert (order.comment, order.tags, order.tracking_enabled, order.priority) == (
        "Handle with care",
        ("gift",),
        True,
        2,
    )
    assert (order.shipping_method, order.shipping_method_identifier) == ("UPS Saver", "UPSS")
    assert (order.purchase_order_number, order.sscc_label) == ("PO-89225", True)
    assert order.custom_attributes == (("priority", "high"),)
    assert [(line.sku, line.quantity, line.lot, line.product_identifier) for line in order.positions] == [
        ("MUG-SEA-350", 2, "L1", "p-1"),
        ("BOWL-OAT-18", 1, None, None),
    ]
    assert order.positions[0].custom_attributes == (("engraving", "J"),)


async def test_copies_are_made() -> None:
    """Every demo order that says enough can be copied: the check passes and so does Quivo."""
    quivo = Quivo()
    async with working(quivo) as (client, ada):
        copied = 0
        for number in [number for number in quivo.orders if number < 2000]:
            copy = from_order(await client.order(ada, number), identifier=f"copy-{number}")
            if check(copy) == ():
                made = await client.order(ada, await client.create(ada, copy))
                assert (made.delivery_address, made.reference) == (copy.delivery_address, copy.order_reference)
                copied += 1
    assert copied > 50
    assert quivo.count("POST", "/orders") == copied


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"comment": "x" * 251}, ["comment"]),
    ({"order_identifier": ""}, ["orderIdentifier"]),
    ({"order_identifier": "x" * 41}, ["orderIdentifier"]),
    ({"order_reference": "x" * 41}, ["orderReference"]),
    ({"order_reference2": "x" * 41}, ["orderReference2"]),
    ({"shipping_method_identifier": "x" * 51}, ["shippingMethodIdentifier"]),
    ({"shipping_method_name": "x" * 101}, ["shippingMethodName"]),
    ({"customer_purchase_order_number": "x" * 256}, ["customerPurchaseOrderNumber"]),
    ({"channel_id": "x" * 11}, ["channelId"]),
    ({"channel_name": "x" * 101}, ["channelName"]),
    ({"channel_name": "x" * 99 + "🍺"}, ["channelName"]),
    ({"positions": (replace(MUG, quantity=0),)}, ["positions[0].quantity"]),
    ({"positions": (MUG, replace(MUG, sku=""))}, ["positions[1].sku"]),
    ({"positions": (replace(MUG, price=Decimal(-1)),)}, ["positions[0].price"]),
    ({"order_priority": 0}, ["orderPriority"]),
    ({"order_priority": 4}, ["orderPriority"]),
    ({"transport_insurance_amount": Decimal(0)}, ["transportInsuranceAmount"]),
    ({"delivery_address": replace(BERLIN, zip=None)}, ["deliveryAddress.zip"]),
    ({"delivery_address": replace(BERLIN, name=None)}, ["deliveryAddress.name"]),
    ({"delivery_address": replace(BERLIN, country_iso2="US")}, ["deliveryAddress.state"]),
    ({"delivery_address": replace(BERLIN, latitude=1.0)}, ["deliveryAddress.longitude"]),
    ({"delivery_address": replace(ON_THE_MAP, latitude=90.5)}, ["deliveryAddress.latitude"]),
    ({"invoice_address": ON_THE_MAP}, [f"invoiceAddress.{name}" for name in ("street", "city", "zip", "countryIso2")]),
    ({"attachments": (Attachment("PRINTER", "INSIDE_PACKAGE"),)}, ["attachments[0].printerType"]),
    ({"attachments": (Attachment("LABEL_PRINTER", "INSIDE_PACKAGE", 0),)}, ["attachments[0].copyCount"]),
]


@pytest.mark.parametrize(("changes", "paths"), BAD)
@pytest.mark.parametrize("bodies", ["text", "json"])
async def test_check_and_quivo_agree(changes: dict[str, Any], paths: list[str], bodies: Any) -> None:
    """What the check refuses, Quivo refuses under the same path, and nothing is made."""
    quivo = Quivo(switches=Switches(error_bodies=bodies))
    before = len(quivo.orders)
    order = replace(SMALL, **changes)
    async with working(quivo) as (client, ada):
        error = await refused(client.create(ada, order))
    assert (type(error), error.outcome_known) == (Invalid, True)
    assert sorted(fields(error)) == sorted(paths) == sorted(one.field for one in check(order))
    assert len(quivo.orders) == before


async def test_the_longest_that_fits() -> None:
    """An order whose every text is as long as seed 001 allows is taken."""
    order = replace(
        SMALL,
        order_identifier="i" * MAX_LENGTH["orderIdentifier"],
        order_reference="r" * MAX_LENGTH["orderReference"],
        order_reference2="r" * MAX_LENGTH["orderReference2"],
        comment="🍺" * (MAX_LENGTH["comment"] // 2),
        shipping_method_identifier="m" * MAX_LENGTH["shippingMethodIdentifier"],
        shipping_method_name="m" * MAX_LENGTH["shippingMethodName"],
        customer_purchase_order_number="p" * MAX_LENGTH["customerPurchaseOrderNumber"],
        channel_id="c" * MAX_LENGTH["channelId"],
        channel_name="c" * MAX_LENGTH["channelName"],
    )
    assert check(order) == ()
    async with working(Quivo()) as (client, ada):
        assert (await client.order(ada, await client.create(ada, order))).identifier == "i" * 40


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"seller_id": 34}, "sellerId"),
        ({"warehouse_id": 5}, "warehouseId"),
        ({"warehouse_id": 99}, "warehouseId"),
        ({"positions": (MUG, replace(MUG, sku="NO-SUCH"))}, "positions[1].sku"),
        ({"delivery_address": replace(BERLIN, country_iso2="XX")}, "deliveryAddress.countryIso2"),
        ({"invoice_address": replace(VIENNA, country_iso2="XX")}, "invoiceAddress.countryIso2"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_business_failures(changes: dict[str, Any], path: str, status: Any) -> None:
    """E3: what only Quivo can know comes back under its field, whichever status the envelope has, and is not done."""
    quivo = Quivo(switches=Switches(business_failure=status))
    before = len(quivo.orders)
    async with working(quivo) as (client, ada):
        error = await refused(client.create(ada, replace(SMALL, **changes)))
    assert (type(error), fields(error), error.outcome_known) == (Invalid, [path], True)
    assert len(quivo.orders) == before


@pytest.mark.parametrize("status", [200, 400])
async def test_used_identifier(status: Any) -> None:
    """A used identifier is a complaint about that field, and there is still one order (seed 001)."""
    quivo = Quivo(switches=Switches(duplicate="error", business_failure=status))
    async with working(quivo) as (client, ada):
        await client.create(ada, SMALL)
        before = len(quivo.orders)
        error = await refused(client.create(ada, SMALL))
    assert isinstance(error, Invalid)
    assert error.fields == (FieldError("orderIdentifier", "Order with this identifier already exists"),)
    assert (error.outcome_known, len(quivo.orders)) == (True, before)


async def test_used_identifier_is_echoed() -> None:
    """Should Quivo answer a used identifier with its order, that order's id is what comes back."""
    quivo = Quivo(switches=Switches(duplicate="echo"))
    async with working(quivo) as (client, ada):
        made = await client.create(ada, SMALL)
        before = len(quivo.orders)
        assert await client.create(ada, SMALL) == made
    assert len(quivo.orders) == before


async def test_a_lost_answer_is_found_again() -> None:
    """After an unknown outcome the identifier finds the order, so that nobody has to send it twice (seed 001)."""
    quivo = Quivo()
    async with working(quivo, QUICK) as (client, ada):
        quivo.faults.append(standin.Fault("POST /orders", "accept_then_500", times=1))
        error = await refused(client.create(ada, SMALL))
        assert not error.outcome_known
        found = await client.orders(ada, OrderQuery(identifier="new-1", seller_ids=(12,)))
    assert [order.identifier for order in found.orders] == ["new-1"]
    assert quivo.count("POST", "/orders") == 1


@pytest.mark.parametrize(
    ("typed", "skus"),
    [
        ("MUG-SEA-350", ["MUG-SEA-350"]),
        ("mug", ["MUG-SEA-350"]),
        ("stone", ["MUG-SEA-350"]),
        ("mug sea", ["MUG-SEA-350"]),
        ("POT", ["PLANT-POT-M", "TEA-POT-900"]),
        ("pot-9", ["TEA-POT-900"]),
        ("no such", []),
        ('" OR sku:*', []),
        ("*", []),
    ],
)
async def test_items(typed: str, skus: list[str]) -> None:
    """Goods are found by the beginning of a word or a part of the SKU, and typed text never widens the search."""
    async with working(Quivo()) as (client, ada):
        assert [item.sku for item in await client.items(ada, 4, 12, typed)] == skus


async def test_all_items() -> None:
    """Nothing typed shows the first of all goods that were not deleted, each as the stand-in holds it."""
    quivo = Quivo()
    quivo.items[4, 12][0]["articleDeletedAt"] = "2023-11-07T05:31:56Z"
    held = {item["sku"]: (item["name"], item["quantity"]) for item in quivo.items[4, 12][1:]}
    async with working(quivo) as (client, ada):
        everything = await client.items(ada, 4, 12, "")
        few = await client.items(ada, 4, 12, "", most=3)
        assert type(await refused(client.items(ada, 4, 34, ""))) is NotFound
        assert type(await refused(client.items(ada, 99, 12, ""))) is NotFound
    assert {item.sku: (item.name, item.quantity) for item in everything} == held
    assert few == everything[:3]
    assert [item.sku for item in everything] == sorted(held)


async def test_one_session_for_one_account() -> None:
    """B7: an order is made for the seller of the account whose session asks, and for no other."""
    quivo = Quivo()
    async with working(quivo) as (client, ada):
        bob = await client.login(Credentials("demo-key-2", "bob", "demo-pass-2"))
        assert fields(await refused(client.create(bob, SMALL))) == ["sellerId"]
        made = await client.create(bob, replace(SMALL, seller_id=34))
        assert type(await refused(client.order(ada, made))) is NotFound
        assert isinstance(await client.order(bob, made), Order)
