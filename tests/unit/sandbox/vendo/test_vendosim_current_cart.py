"""Which cart a request acts on in the local Vendo (`apis/vendo.md` §1.1, §3)."""

import re

import pytest
from vendosim_kit import NOT_FOUND, Client, filled_cart, new_cart, newest, variant_id

from sandbox.vendo import Switches, Vendo


async def test_a_new_cart_is_empty_and_has_a_token(guest: Client, vendo: Vendo) -> None:
    """201 with every attribute of seed 003, number and token in their known forms."""
    answer = await guest("POST", "/cart")
    shown = answer.attributes
    assert answer.status == 201
    assert re.fullmatch(r"R\d{9}", shown["number"])
    assert re.fullmatch(r"[\w-]{22}\d{13}", shown["token"])
    sums = ("item", "ship", "adjustment", "included_tax", "additional_tax", "tax", "promo", "pre_tax")
    money = {f"{name}_total": "0.0" for name in sums} | {"total": "0.0", "pre_tax_item_amount": "0.0"}
    assert shown == {
        **money,
        **{f"display_{name}": "$0.00" for name in money},
        "number": shown["number"],
        "token": shown["token"],
        "created_at": shown["created_at"],
        "updated_at": shown["created_at"],
        "completed_at": None,
        "currency": "USD",
        "state": "cart",
        "email": None,
        "item_count": 0,
        "special_instructions": None,
        "shipment_state": None,
        "payment_state": None,
        "public_metadata": {},
    }
    assert answer.relations == {
        **{name: {"data": []} for name in ("line_items", "variants", "promotions", "payments", "shipments")},
        **{name: {"data": None} for name in ("user", "billing_address", "shipping_address")},
    }
    assert answer.body["data"]["type"] == "cart"
    assert set(answer.body) == {"data"}
    assert newest(vendo).number == shown["number"]


@pytest.mark.parametrize("header", ["X_Vendo_Order_Token", "X_Spree_Order_Token"])
async def test_either_header_carries_the_order_token(guest: Client, header: str) -> None:
    """Vendo's and Spree's header both lead to the cart."""
    shown = (await guest("POST", "/cart")).attributes
    answer = await guest.having(**{header: shown["token"]})("GET", "/cart")
    assert answer.attributes["number"] == shown["number"]


async def test_vendos_header_comes_first(guest: Client) -> None:
    """With two tokens Vendo's name wins, then Spree's, then the query."""
    one, two, three = [(await guest("POST", "/cart")).attributes for _ in range(3)]
    both = guest.having(X_Vendo_Order_Token=one["token"], X_Spree_Order_Token=two["token"])
    assert (await both("GET", "/cart", order_token=three["token"])).attributes["number"] == one["number"]
    spree = guest.having(X_Spree_Order_Token=two["token"])
    assert (await spree("GET", "/cart", order_token=three["token"])).attributes["number"] == two["number"]
    assert (await guest("GET", "/cart", order_token=three["token"])).attributes["number"] == three["number"]
    assert (await guest("PATCH", "/cart/empty", {"order_token": one["token"]})).attributes["number"] == one["number"]


@pytest.mark.parametrize(("switch", "statuses"), [("vendo", [200, 404]), ("spree", [404, 200]), ("both", [200, 200])])
async def test_the_server_may_know_one_header_only(
    guest: Client, vendo: Vendo, switch: str, statuses: list[int]
) -> None:
    """The switch makes this Vendo one that ignores the other name."""
    vendo.switches = Switches().changed({"order_header": switch})
    token = (await guest("POST", "/cart")).attributes["token"]
    callers = [guest.having(X_Vendo_Order_Token=token), guest.having(X_Spree_Order_Token=token)]
    assert [(await caller("GET", "/cart")).status for caller in callers] == statuses


@pytest.mark.parametrize("token", ["", "   ", "nothing"])
async def test_without_a_good_token_a_guest_has_no_cart(guest: Client, token: str) -> None:
    """404 and the server's words."""
    await guest("POST", "/cart")
    assert (await guest.having(X_Vendo_Order_Token=token)("GET", "/cart")).said == (404, NOT_FOUND)


async def test_a_customers_cart_is_found_by_bearer_alone(ada: Client, vendo: Vendo) -> None:
    """The cart is assigned to the customer, with the e-mail, and the newest one counts."""
    first = await ada("POST", "/cart")
    assert first.attributes["email"] == "ada@example.com"
    assert first.relations["user"]["data"]["type"] == "user"
    assert (await ada("GET", "/cart")).attributes["number"] == first.attributes["number"]
    customer = vendo.customer("ada@example.com")
    second = vendo.new_cart(customer, "USD")
    assert (await ada("GET", "/cart")).attributes["number"] == second.number


async def test_a_stale_token_with_a_bearer_acts_on_another_cart(ada: Client, guest: Client, vendo: Vendo) -> None:
    """The trap of §3: an item meant for a lost guest cart lands, 200, in the customer's newest cart."""
    mine = (await ada("POST", "/cart")).attributes
    both = ada.having(X_Vendo_Order_Token="stale")
    answer = await both("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE")})
    assert (answer.status, answer.attributes["number"], answer.attributes["item_count"]) == (200, mine["number"], 1)
    alone = guest.having(X_Vendo_Order_Token="stale")
    assert (await alone("POST", "/cart/add_item", {"variant_id": variant_id(vendo, "NOTE")})).status == 404
    assert vendo.order(mine["number"]).lines[0].quantity == 1


async def test_the_token_comes_before_the_customer(ada: Client, guest: Client) -> None:
    """A good order token wins over the customer's own newest cart."""
    own = (await ada("POST", "/cart")).attributes
    other = (await guest("POST", "/cart")).attributes
    both = ada.having(X_Vendo_Order_Token=other["token"])
    assert (await both("GET", "/cart")).attributes["number"] == other["number"]
    assert (await ada("GET", "/cart")).attributes["number"] == own["number"]


async def test_the_token_alone_reaches_a_customers_cart(ada: Client, guest: Client) -> None:
    """It is a secret: whoever has it needs no bearer."""
    own = (await ada("POST", "/cart")).attributes
    answer = await guest.having(X_Vendo_Order_Token=own["token"])("GET", "/cart")
    assert answer.attributes["number"] == own["number"]


async def test_a_second_post_returns_the_cart_that_is_there(guest: Client, ada: Client, vendo: Vendo) -> None:
    """201 again, and no new order, by token and by bearer; without either each one is new."""
    shopper = await new_cart(guest)
    await ada("POST", "/cart")
    before = len(vendo.orders)
    for caller in (shopper, ada):
        first = (await caller("GET", "/cart")).attributes["number"]
        answer = await caller("POST", "/cart")
        assert (answer.status, answer.attributes["number"]) == (201, first)
    assert len(vendo.orders) == before
    await guest("POST", "/cart")
    assert len(vendo.orders) == before + 1


async def test_a_cart_in_another_currency_needs_the_currency(guest: Client, vendo: Vendo) -> None:
    """A euro cart is 404 without `currency`, and an unknown currency is the store's own."""
    answer = await guest("POST", "/cart", {"currency": "EUR"})
    shopper = guest.having(X_Vendo_Order_Token=answer.attributes["token"])
    assert (answer.attributes["currency"], answer.attributes["display_total"]) == ("EUR", "€0.00")
    assert (await shopper("GET", "/cart")).said == (404, NOT_FOUND)
    assert (await shopper("GET", "/cart", currency="GBP")).said == (404, NOT_FOUND)
    assert (await shopper("GET", "/cart", currency="eur")).attributes["number"] == newest(vendo).number


async def test_a_completed_or_canceled_order_is_no_cart(guest: Client, vendo: Vendo) -> None:
    """No cart or checkout endpoint reaches it any more."""
    shopper = await filled_cart(guest, vendo)
    order = newest(vendo)
    order.state = "canceled"
    assert (await shopper("GET", "/cart")).said == (404, NOT_FOUND)
    order.state, order.completed_at = "complete", vendo.clock.now()
    for method, path in (
        ("GET", "/cart"),
        ("PATCH", "/checkout"),
        ("PATCH", "/checkout/complete"),
        ("DELETE", "/cart"),
    ):
        assert (await shopper(method, path)).said == (404, NOT_FOUND)
    assert order not in vendo.carts


async def test_a_cart_is_deleted(guest: Client, vendo: Vendo) -> None:
    """204 without a body, then 404; the order is gone."""
    shopper = await filled_cart(guest, vendo)
    number = newest(vendo).number
    assert (await shopper("DELETE", "/cart")).said == (204, None)
    assert (await shopper("DELETE", "/cart")).said == (404, NOT_FOUND)
    assert number not in [order.number for order in vendo.orders]


async def test_a_guests_cart_becomes_the_customers(guest: Client, ada: Client, vendo: Vendo) -> None:
    """`associate`: 403 for a guest and for a bad token, 422 the second time, and the e-mail is taken along."""
    shopper = await filled_cart(guest, vendo)
    token = shopper.headers["X-Vendo-Order-Token"]
    assert (await shopper("PATCH", "/cart/associate", guest_order_token=token)).status == 403
    assert (await ada("PATCH", "/cart/associate", guest_order_token="nothing")).status == 403
    assert (await ada("PATCH", "/cart/associate")).status == 403
    assert newest(vendo).customer is None
    answer = await ada("PATCH", "/cart/associate", guest_order_token=token)
    assert (answer.status, answer.attributes["email"], answer.attributes["item_count"]) == (200, "ada@example.com", 2)
    again = await ada("PATCH", "/cart/associate", guest_order_token=token)
    assert again.said == (422, {"error": "Already assigned to a user"})


@pytest.mark.parametrize("name", ["public_metadata", "private_metadata"])
async def test_metadata_must_be_an_object(guest: Client, vendo: Vendo, name: str) -> None:
    """422 and no cart; a good public one is shown, a private one never."""
    before = len(vendo.orders)
    answer = await guest("POST", "/cart", {name: "text"})
    assert answer.said == (422, {"error": "Public and private metadata parameters should be objects"})
    assert len(vendo.orders) == before
    answer = await guest("POST", "/cart", {name: {"a": 1}})
    assert answer.attributes["public_metadata"] == ({"a": 1} if name == "public_metadata" else {})
