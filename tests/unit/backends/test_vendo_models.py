"""How Vendo's documents become carts and accounts: whole ones, and those of which much is missing or odd."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from vendo_client_kit import ATTRIBUTES, CART_ID, NUMBER, ORDER, cart_body, resource

from backends.secret import Secret
from backends.vendo import models
from backends.vendo.account import Account
from backends.vendo.cart import Address, Cart, Line, OrderPage, Payment, PaymentMethod, Promotion, Rate, Shipment
from backends.vendo.jsonapi import Document

MADE = datetime(2022, 9, 28, 22, 15, 7, 471000, tzinfo=UTC)
ZERO = Decimal("0.0")
SEEDS = Cart(
    id=CART_ID, number=NUMBER, state="cart", token=Secret(ORDER), currency="USD", item_count=0, item_total=ZERO,
    ship_total=ZERO, adjustment_total=ZERO, promo_total=ZERO, tax_total=ZERO, total=ZERO, created_at=MADE,
    updated_at=MADE,
)  # fmt: skip


def document(body: Any) -> Document:
    return Document.model_validate_json(json.dumps(body))


WHOLE = {
    "data": resource(
        "order",
        "18",
        {**ATTRIBUTES, "state": "complete", "email": "a@b.example", "total": "527.45", "promo_total": "-28.8",
         "completed_at": "2022-04-14T11:56:48.235-05:00", "payment_state": "paid", "shipment_state": "partial",
         "special_instructions": "Ring twice"},
        line_items=[("line_item", "l-1"), ("line_item", "l-2"), ("line_item", "l-gone")],
        promotions=[("promotion", "p-1")],
        shipments=[("shipment", "s-1"), ("shipment", "s-2")],
        payments=[("payment", "pay-1")],
        user=("user", "u-1"),
        shipping_address=("address", "a-1"),
        billing_address=("address", "a-2"),
    ),
    "included": [
        resource("line_item", "l-1", {"name": "Sleeve", "quantity": 5, "price": "94.99", "total": "522.45",
                 "slug": "sleeve", "options_text": "Color: white"}, variant=("variant", "v-1")),
        resource("line_item", "l-2", {}),
        resource("variant", "v-1", {"sku": "SL-1", "price": "94.99"}),
        resource("promotion", "p-1", {"name": "Ten", "code": "test", "amount": "-28.8", "description": "10 %"}),
        resource("shipment", "s-1", {"number": "H1", "state": "shipped", "tracking_url": "https://t.example/1",
                 "shipped_at": "2022-04-15T00:00:00Z", "final_price": "5.0", "free": False},
                 shipping_rates=[("shipping_rate", "r-1"), ("shipping_rate", "r-2")],
                 selected_shipping_rate=("shipping_rate", "r-2")),
        resource("shipment", "s-2", {"number": "H2", "state": "pending", "tracking_url": "http://t.example/2"},
                 selected_shipping_rate=("shipping_rate", "r-1")),
        resource("shipping_rate", "r-1", {"name": "Slow", "cost": "5.0", "final_price": 5, "free": True,
                 "shipping_method_id": 7}),
        resource("shipping_rate", "r-2", {"name": "Fast", "selected": True, "shipping_method_id": "m-2"}),
        resource("payment", "pay-1", {"number": "P1", "state": "completed", "amount": "527.45"},
                 payment_method=("payment_method", "pm-1")),
        resource("address", "a-1", {"firstname": "Jana", "lastname": "B", "address1": "Weg 1", "city": "Berlin",
                 "zipcode": "10969", "state_code": "BE", "country_iso3": "DEU", "phone": "1", "company": "",
                 "label": "home"}),
        resource("address", "a-2", {"address1": "Graben 1", "address2": "Top 3", "state_name": "Wien",
                 "country_iso": "AT"}),
        resource(None, None, {}),
    ],
}  # fmt: skip


def test_the_cart_of_seed_003() -> None:
    """The seed's own cart becomes exactly this one."""
    assert models.to_cart(document(cart_body())) == SEEDS


def test_a_whole_order() -> None:
    """§11.4, §11.9: an order, of type ``order`` and with any kind of ids, has all its parts in their order."""
    slow = Rate("r-1", "Slow", "7", False, True, Decimal("5.0"), Decimal(5))
    order = models.to_cart(document(WHOLE))
    assert order.lines == (
        Line("l-1", "v-1", "Sleeve", "Color: white", "SL-1", 5, Decimal("94.99"), Decimal("522.45"), "sleeve"),
        Line("l-2"),
    )
    assert order.promotions == (Promotion("p-1", "Ten", "test", Decimal("-28.8"), "10 %"),)
    fast = Rate("r-2", "Fast", "m-2", True)
    shipped = datetime(2022, 4, 15, tzinfo=UTC)
    assert order.shipments == (
        Shipment("s-1", "H1", "shipped", "https://t.example/1", shipped, Decimal("5.0"), False, (slow, fast)),
        Shipment("s-2", "H2", "pending", rates=(Rate("r-1", "Slow", "7", True, True, Decimal("5.0"), Decimal(5)),)),
    )
    assert (order.shipments[0].selected, order.shipments[1].selected) == (fast, order.shipments[1].rates[0])
    assert order.payments == (Payment("pay-1", "P1", "completed", Decimal("527.45"), "pm-1"),)
    assert order.ship_address == Address(
        "Jana", "B", "Weg 1", None, "Berlin", "10969", "1", "BE", None, "DEU", "home", "a-1"
    )
    assert order.bill_address == Address(
        address1="Graben 1", address2="Top 3", state_name="Wien", country_iso="AT", id="a-2"
    )
    assert (order.user_id, order.email, order.special_instructions) == ("u-1", "a@b.example", "Ring twice")
    assert (order.total, order.promo_total) == (Decimal("527.45"), Decimal("-28.8"))


def test_states_and_times() -> None:
    """§11.6: states are Vendo's own words, known or not, and a moment with any offset is in UTC."""
    order = models.to_cart(document(WHOLE))
    assert (order.state, order.payment_state, order.shipment_state) == ("complete", "paid", "partial")
    assert order.completed_at == datetime(2022, 4, 14, 16, 56, 48, 235000, tzinfo=UTC)
    for state in ("canceled", "resumed", "returned", "awaiting_return", "on_hold"):
        assert models.to_cart(document(cart_body(state=state))).state == state


ODD = [
    {"total": None}, {"total": "many"}, {"total": True}, {"total": {}}, {"total": "NaN"}, {"created_at": "soon"},
    {"item_count": "x"}, {"email": 5.5}, {"currency": ["USD"]}, {"public_metadata": {"any": [1]}},
    {"completed_at": "0001-01-01T00:00:00+14:00"},
]  # fmt: skip


@pytest.mark.parametrize("changed", ODD)
def test_odd_attributes(changed: dict[str, Any]) -> None:
    """§11.8: an odd or unknown attribute costs nothing but itself."""
    cart = models.to_cart(document(cart_body(**changed)))
    (name,) = changed
    assert (cart.number, cart.token, cart.item_total) == (NUMBER, Secret(ORDER), ZERO)
    assert getattr(cart, name, None) in (None, "5.5")


@pytest.mark.parametrize(("value", "money"), [(9, "9"), (9.5, "9.5"), ("261.7909", "261.7909"), ("-0.0", "-0.0")])
def test_money(value: object, money: str) -> None:
    """Money is exact, from a text or from a number."""
    assert models.to_cart(document(cart_body(total=value))).total == Decimal(money)


RELATIONSHIPS: list[object] = [
    None,
    [],
    "x",
    {"line_items": None},
    {"line_items": {"data": [1, None]}},
    {"line_items": {"data": {"type": "line_item"}}},
    {"user": {"data": {}}},
]


@pytest.mark.parametrize("relationships", RELATIONSHIPS)
def test_odd_relationships(relationships: object) -> None:
    """Relationships that are missing, shrunk or odd are empty (apis/vendo.md §4.2)."""
    body = cart_body()
    body["data"]["relationships"] = relationships
    assert models.to_cart(document(body)) == SEEDS


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": None},
        {},
        {"data": {"id": "1"}},
        {"data": {**cart_body()["data"], "id": None}},
        cart_body(number=None),
        cart_body(state=None),
    ],
)
def test_no_cart(body: Any) -> None:
    """What has no id, number or state is no cart."""
    with pytest.raises(ValueError):  # noqa: PT011
        models.to_cart(document(body))


def page(meta: object, *numbers: str) -> OrderPage:
    found = [resource("order", number, {**ATTRIBUTES, "number": number}) for number in numbers]
    links = {"next": "https://shop.example.com/?page=2", "last": "https://shop.example.com/?page=2"}
    return models.to_order_page(document({"data": found, "meta": meta, "links": links}), 2)


def test_pages() -> None:
    """§11.7: the end of a list is what ``meta`` says, for ``links.next`` is never null; without one it ends here."""
    orders = page({"count": 2, "total_count": 27, "total_pages": 2}, "R1", "R2")
    assert ([one.number for one in orders.orders], orders.page, orders.total_pages, orders.total_count) == (
        ["R1", "R2"],
        2,
        2,
        27,
    )
    odd: list[object] = [None, {}, {"total_pages": "x"}, []]
    for meta in odd:
        seen, none = page(meta, "R1"), page(meta)
        assert [(one.total_pages, one.total_count) for one in (seen, none)] == [(1, 1), (0, 0)]
    assert page({"total_pages": -1, "total_count": -5}).total_pages == 0


def test_account() -> None:
    """Who is signed in, with the default addresses; store credits are a number or a text."""
    attributes = {"email": "spree@example.com", "first_name": "John", "last_name": "Snow", "store_credits": 0,
                  "completed_orders": 1, "public_metadata": {}}  # fmt: skip
    body: dict[str, Any] = {
        "data": resource("user", "u", attributes, default_billing_address=("address", "2")),
        "included": [resource("address", "2", {"city": "Wien"})],
    }  # fmt: skip
    assert models.to_account(document(body)) == Account(
        "u", "spree@example.com", "John", "Snow", Decimal(0), 1, Address(city="Wien", id="2")
    )
    body["data"]["attributes"] = {"store_credits": "12.5"}
    assert models.to_account(document(body)).store_credits == Decimal("12.5")


def test_lists() -> None:
    """Addresses, shipments with their rates, and ways to pay; what has no id to be chosen by is left out."""
    addresses = {"data": [resource("address", "1", {"city": "Wien"}), resource("address", "2", {"city": "Graz"})]}
    assert [one.id for one in models.to_addresses(document(addresses))] == ["1", "2"]
    shipments = {
        "data": [resource("shipment", "s-1", {}, shipping_rates=[("shipping_rate", "r-1")])],
        "included": [resource("shipping_rate", "r-1", {"name": "Fast", "selected": False})],
    }
    assert models.to_shipments(document(shipments)) == (Shipment("s-1", rates=(Rate("r-1", "Fast"),)),)
    assert models.to_shipments(document(shipments))[0].selected is None
    ways = {"data": [resource("payment_method", "1", {"name": "Check", "type": "Check"}), resource("x", None, {})]}
    assert models.to_payment_methods(document(ways)) == (PaymentMethod("1", "Check", "Check"),)


def test_a_short_document_that_would_be_read_for_hours() -> None:
    """Resources that name each other again and again are followed so far and no further, and then it is Garbled."""
    rates = [("shipping_rate", f"r-{number}") for number in range(300)]
    many = [("shipment", f"s-{number}") for number in range(300)]
    parcels = [resource("shipment", id, {}, shipping_rates=rates) for _, id in many]
    prices = [resource("shipping_rate", id, {}) for _, id in rates]
    body = {"data": resource("cart", "1", ATTRIBUTES, shipments=many), "included": [*parcels, *prices]}
    with pytest.raises(ValueError, match="too many"):
        models.to_cart(document(body))
    again = {"data": resource("cart", "1", ATTRIBUTES, shipments=[many[0]] * 500), "included": parcels[:1]}
    assert len(models.to_cart(document(again)).shipments) == 1
