"""What goes to a store for each method of the client: path, query, body, and exactly one credential."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from vendo_client_kit import (
    ACCESS,
    AGAIN,
    BERLIN,
    CARD,
    EMAIL,
    EMPTY,
    NUMBER,
    ONCE,
    ORDER,
    READS,
    Asked,
    Do,
    asked,
    cart_body,
    order_token,
    resource,
    said,
    shop,
    tokens,
)  # fmt: skip

from backends.errors import BackendError, Garbled, NotFound, SessionExpired
from backends.secret import Secret
from backends.vendo.auth import Access, Guest, OrderToken, Tokens
from backends.vendo.catalogue import ProductQuery
from backends.vendo.checkout import Card, CheckoutUpdate
from backends.vendo.client import VendoClient
from backends.vendo.looking import WHOLE_CART

API = "/api/v2/storefront"
LISTS = {"addresses", "account_orders", "products", "countries", "shipping_rates", "payment_methods"}
WHOLE = {"include": WHOLE_CART}
ROUTES: dict[str, tuple[str, str, dict[str, str], Any]] = {
    "account": ("GET", "/account", {"include": "default_billing_address,default_shipping_address"}, None),
    "addresses": ("GET", "/account/addresses", {"per_page": "100"}, None),
    "account_orders": (
        "GET",
        "/account/orders",
        {"include": "line_items,shipments", "sort": "-completed_at", "page": "1", "per_page": "25"},
        None,
    ),
    "account_order": ("GET", f"/account/orders/{NUMBER}", WHOLE, None),
    "order_status": ("GET", f"/order_status/{NUMBER}", WHOLE, None),
    "products": ("GET", "/products", {"include": "variants,images", "page": "1", "per_page": "25"}, None),
    "product": ("GET", "/products/mug", {"include": "variants,images"}, None),
    "countries": ("GET", "/countries", {}, None),
    "country": ("GET", "/countries/US", {"include": "states"}, None),
    "store": ("GET", "/store", {}, None),
    "cart": ("GET", "/cart", WHOLE, None),
    "shipping_rates": ("GET", "/checkout/shipping_rates", {}, None),
    "payment_methods": ("GET", "/checkout/payment_methods", {}, None),
    "create_cart": ("POST", "/cart", WHOLE, {}),
    "add_item": ("POST", "/cart/add_item", WHOLE, {"variant_id": "v-1", "quantity": 2}),
    "empty": ("PATCH", "/cart/empty", WHOLE, None),
    "change_currency": ("PATCH", "/cart/change_currency", {**WHOLE, "new_currency": "EUR"}, None),
    "associate": ("PATCH", "/cart/associate", {**WHOLE, "guest_order_token": ORDER}, None),
    "update_checkout": (
        "PATCH",
        "/checkout",
        WHOLE,
        {
            "order": {
                "email": EMAIL,
                "ship_address_attributes": {
                    "firstname": "Jana",
                    "lastname": "Bergmann",
                    "address1": "Lindenstraße 14",
                    "city": "Berlin",
                    "zipcode": "10969",
                    "country_iso": "DE",
                },
                "shipments_attributes": [{"id": "s-1", "selected_shipping_rate_id": "r-1"}],
            }
        },
    ),
    "next": ("PATCH", "/checkout/next", WHOLE, None),
    "advance": ("PATCH", "/checkout/advance", WHOLE, None),
    "select_shipping": ("PATCH", "/checkout/select_shipping_method", WHOLE, {"shipping_method_id": "m-1"}),
    "create_payment": (
        "POST",
        "/checkout/create_payment",
        WHOLE,
        {"payment_method_id": "p-1", "source_attributes": {"gateway_payment_profile_id": CARD}},
    ),
    "complete": ("PATCH", "/checkout/complete", WHOLE, None),
    "set_quantity": ("PATCH", "/cart/set_quantity", WHOLE, {"line_item_id": "l-1", "quantity": 3}),
    "remove_item": ("DELETE", "/cart/remove_line_item/l-1", WHOLE, None),
    "apply_coupon": ("PATCH", "/cart/apply_coupon_code", WHOLE, {"coupon_code": "test"}),
    "remove_coupon": ("DELETE", "/cart/remove_coupon_code/test", WHOLE, None),
    "remove_coupons": ("DELETE", "/cart/remove_coupon_code", WHOLE, None),
}
METHODS = {**READS, **ONCE, **AGAIN}
ONE: dict[str, Any] = {
    "country": {"data": resource("country", "1", {"iso": "US"})},
}


async def sent(do: Do, answer: Any, header: str = "X-Vendo-Order-Token") -> Asked:
    async with shop(lambda _: said(answer), header=header) as (vendo, server):
        await do(vendo, server.url)
    (one,) = server.seen
    return asked(one)


@pytest.mark.parametrize("name", ROUTES)
async def test_route(name: str) -> None:
    """Each method sends this one request, in the media type of JSON:API with a plain JSON body (apis/vendo.md §1)."""
    method, path, query, body = ROUTES[name]
    one = await sent(METHODS[name], EMPTY if name in LISTS else ONE.get(name, cart_body()))
    assert (one.method, one.path, one.query, one.body) == (method, API + path, query, body)
    assert one.headers["accept"] == "application/vnd.api+json"
    assert one.headers.get("content-type") == (None if body is None else "application/vnd.api+json")


def test_every_method_has_a_route() -> None:
    """No method that asks a store for something is missing in the table above, but for the login's own tests."""
    asking = {name for name in dir(VendoClient) if not name.startswith("_")} | {"remove_coupons"}
    assert asking - {"request_code", "exchange", "refresh", "revoke", "ping"} == set(ROUTES)


CREDENTIALS: list[tuple[type[Access], dict[str, str]]] = [
    (Tokens, {"authorization": f"Bearer {ACCESS}"}),
    (OrderToken, {"x-vendo-order-token": ORDER}),
    (Guest, {}),
]
NAMES = {"authorization", "x-vendo-order-token", "x-spree-order-token"}


def somebody(kind: type[Access], store: str) -> Access:
    everybody: tuple[Access, ...] = (tokens(store), order_token(store), Guest(store))
    return next(one for one in everybody if isinstance(one, kind))


@pytest.mark.parametrize(("kind", "expected"), CREDENTIALS)
async def test_one_credential(kind: type[Access], expected: dict[str, str]) -> None:
    """B7: the type of access alone decides which one credential goes with a request (apis/vendo.md §3)."""
    for do in (
        lambda vendo, store: vendo.cart(somebody(kind, store)),
        lambda vendo, store: vendo.add_item(somebody(kind, store), "v-1"),
        lambda vendo, store: vendo.complete(somebody(kind, store)),
    ):
        one = await sent(do, cart_body())
        assert {name: value for name, value in one.headers.items() if name in NAMES} == expected


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("X-Vendo-Order-Token", {"x-vendo-order-token"}),
        ("X-Spree-Order-Token", {"x-spree-order-token"}),
        ("both", {"x-vendo-order-token", "x-spree-order-token"}),
    ],
)
async def test_name_of_the_header(setting: str, names: set[str]) -> None:
    """§11.1: the header for an order token goes by Vendo's name, the open-source one, or both (apis/vendo.md §1.1)."""
    one = await sent(READS["cart"], cart_body(), setting)
    assert {name: value for name, value in one.headers.items() if name in NAMES} == dict.fromkeys(names, ORDER)


IN_EUROS: list[Do] = [
    lambda vendo, store: vendo.cart(order_token(store, "EUR")),
    lambda vendo, store: vendo.add_item(order_token(store, "EUR"), "v-1"),
    lambda vendo, store: vendo.remove_item(order_token(store, "EUR"), "l-1"),
    lambda vendo, store: vendo.change_currency(order_token(store, "EUR"), "USD"),
    lambda vendo, store: vendo.associate(tokens(store), order_token(store, "EUR")),
    lambda vendo, store: vendo.complete(order_token(store, "EUR")),
    lambda vendo, store: vendo.shipping_rates(order_token(store, "EUR")),
    lambda vendo, store: vendo.payment_methods(order_token(store, "EUR")),
]


@pytest.mark.parametrize("do", IN_EUROS)
async def test_currency_goes_with_the_order_token(do: Do) -> None:
    """A cart in another currency is asked for with it, also to change it (apis/vendo.md §3)."""
    one = await sent(do, EMPTY if do in IN_EUROS[-2:] else cart_body())
    assert one.query["currency"] == "EUR"


async def test_currency_of_a_new_cart_and_of_ones_own() -> None:
    """A new cart says its currency in the body; a person's own cart is found by it in the query."""
    made = await sent(lambda vendo, store: vendo.create_cart(tokens(store), currency="EUR"), cart_body())
    own = await sent(lambda vendo, store: vendo.cart(tokens(store), currency="EUR"), cart_body())
    assert (made.body, own.query["currency"]) == ({"currency": "EUR"}, "EUR")


SEARCHES = [
    (ProductQuery(), {}),
    (ProductQuery(name="mug & bowl"), {"filter[name]": "mug & bowl"}),
    (ProductQuery(skus=("A-1", "B-2")), {"filter[skus]": "A-1,B-2"}),
    (ProductQuery(price_min=Decimal("1E+1")), {"filter[price]": "10,99999999.99"}),
    (ProductQuery(price_max=Decimal("9.50")), {"filter[price]": "0,9.50"}),
    (ProductQuery(price_min=Decimal(1), price_max=Decimal(0)), {"filter[price]": "1,0"}),
    (ProductQuery(in_stock=True, currency="EUR"), {"filter[in_stock]": "true", "currency": "EUR"}),
    (ProductQuery(in_stock=False), {"filter[in_stock]": "false"}),
]


@pytest.mark.parametrize(("query", "expected"), SEARCHES)
async def test_search(query: ProductQuery, expected: dict[str, str]) -> None:
    """A search is these parameters; an open range of prices gets its other end, for one number is an exact price."""
    one = await sent(lambda vendo, store: vendo.products(Guest(store), query, page=3, per_page=10), EMPTY)
    assert one.query == {**expected, "include": "variants,images", "page": "3", "per_page": "10"}


async def test_other_arguments() -> None:
    """What is optional is sent where it is given, and only then."""
    product = await sent(lambda vendo, store: vendo.product(Guest(store), "a/b", currency="EUR"), cart_body())
    assert (product.path, product.query["currency"]) == (f"{API}/products/a%2Fb", "EUR")
    shippable = await sent(lambda vendo, store: vendo.countries(store, shippable=True), EMPTY)
    assert shippable.query == {"filter[shippable]": "true"}
    shipped = await sent(
        lambda vendo, store: vendo.select_shipping(order_token(store), "m-1", shipment_id="s-1"), cart_body()
    )
    assert shipped.body == {"shipping_method_id": "m-1", "shipment_id": "s-1"}


async def test_payments() -> None:
    """A payment is a method, an amount as a number, and a known or a new card, each only where given."""
    check = await sent(lambda vendo, store: vendo.create_payment(order_token(store), "p-1"), cart_body())
    known = await sent(
        lambda vendo, store: vendo.create_payment(tokens(store), "p-1", amount=Decimal("110.10"), source_id="c-1"),
        cart_body(),
    )
    card = Card(Secret(CARD), "Ada", "visa", "1111", 12, 2030)
    new = await sent(lambda vendo, store: vendo.create_payment(order_token(store), "p-1", card=card), cart_body())
    assert check.body == {"payment_method_id": "p-1"}
    assert known.body == {"payment_method_id": "p-1", "amount": 110.1, "source_id": "c-1"}
    assert new.body["source_attributes"] == {
        "gateway_payment_profile_id": CARD,
        "cc_type": "visa",
        "last_digits": "1111",
        "month": 12,
        "year": 2030,
        "name": "Ada",
    }


async def test_checkout_by_ids() -> None:
    """Saved addresses go by their ids, instructions may be emptied, and billing may serve for shipping."""
    update = CheckoutUpdate(
        ship_address_id="a-1", bill_address_id="a-2", use_billing=False, special_instructions="", bill_address=BERLIN
    )
    one = await sent(lambda vendo, store: vendo.update_checkout(order_token(store), update), cart_body())
    assert one.body["order"].pop("bill_address_attributes")["city"] == "Berlin"
    assert one.body == {
        "order": {"ship_address_id": "a-1", "bill_address_id": "a-2", "use_billing": False, "special_instructions": ""}
    }


UNSENT: list[tuple[Do, type[BackendError]]] = [
    (lambda vendo, store: vendo.remove_coupon(order_token(store), ""), NotFound),
    (lambda vendo, store: vendo.remove_coupon(order_token(store), ".."), NotFound),
    (lambda vendo, store: vendo.remove_coupon(order_token(store), "a\ud800"), NotFound),
    (lambda vendo, store: vendo.remove_item(order_token(store), "."), NotFound),
    (lambda vendo, store: vendo.product(Guest(store), " "), NotFound),
    (lambda vendo, store: vendo.account_order(tokens(store), ".."), NotFound),
    (lambda vendo, store: vendo.cart(OrderToken(store, "two\nlines")), SessionExpired),
]


@pytest.mark.parametrize(("do", "kind"), UNSENT)
async def test_never_sent(do: Do, kind: type[BackendError]) -> None:
    """What would end up at another route, as all coupons or the whole cart, and what no header carries is not sent."""
    async with shop(lambda _: said(cart_body())) as (vendo, server):
        with pytest.raises(kind) as caught:
            await do(vendo, server.url)
    assert (type(caught.value), caught.value.outcome_known, server.seen) == (kind, True, [])


@pytest.mark.parametrize("token", [None, "", "two\nlines"])
async def test_a_new_cart_has_a_token(token: str | None) -> None:
    """A cart whose token is missing could never be found again: nobody can say that it was made."""
    async with shop(lambda _: said(cart_body(token=token))) as (vendo, server):
        with pytest.raises(Garbled) as caught:
            await vendo.create_cart(Guest(server.url))
    assert (caught.value.outcome_known, len(server.seen)) == (False, 1)


async def test_a_new_cart() -> None:
    """§11.3: a new cart comes with 201, and its token opens it."""
    async with shop(lambda _: said(cart_body(), "201 Created")) as (vendo, server):
        cart = await vendo.create_cart(Guest(server.url))
    assert (cart.number, cart.state, cart.token) == (NUMBER, "cart", Secret(ORDER))


async def test_ping() -> None:
    """A store that answers anything at all is there; one that does not is not."""
    async with shop(lambda _: said({"error": "no"}, "500 No")) as (vendo, server):
        assert await vendo.ping()
        assert await vendo.ping(server.url)
    async with shop(lambda _: b"") as (vendo, _):
        assert not await vendo.ping()
    assert not await vendo.ping()
