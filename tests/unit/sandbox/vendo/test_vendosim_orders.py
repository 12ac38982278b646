"""Past orders of the local Vendo, and what the control panel does to them (`apis/vendo.md` §7, §8)."""

import pytest
from vendosim_kit import CARD, NOT_FOUND, Client, addressed_cart, filled_cart, newest

from sandbox.vendo import Vendo
from sandbox.vendo.orders import BOGUS, CHECK

TRACK = "https://track.example/1"
FIELDS = {"fields__order": "number,state,payment_state,shipment_state,completed_at"}


async def _paid_order(guest: Client, vendo: Vendo, *skus: str) -> Client:
    shopper = await addressed_cart(guest, vendo, *skus)
    await shopper("PATCH", "/checkout/advance")
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": BOGUS.id, "source_attributes": CARD})
    assert (await shopper("PATCH", "/checkout/complete")).status == 200
    return shopper


async def test_ada_has_orders_in_every_state(ada: Client) -> None:
    """Thirty, canceled and returned ones among them; sorted they come newest first."""
    answer = await ada("GET", "/account/orders", sort="-completed_at", per_page="30", **FIELDS)
    shown = [one["attributes"] for one in answer.body["data"]]
    assert [tuple(one[name] for name in ("state", "payment_state", "shipment_state")) for one in shown[:8]] == [
        ("complete", "paid", "ready"),
        ("complete", "paid", "ready"),
        ("complete", "balance_due", "pending"),
        ("canceled", "void", "canceled"),
        ("returned", "paid", "shipped"),
        ("complete", "paid", "backorder"),
        ("complete", "paid", "shipped"),
        ("complete", "paid", "partial"),
    ]
    assert {one["state"] for one in shown} == {"complete", "canceled", "returned"}
    dates = [one["completed_at"] for one in shown]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == 30


async def test_without_a_sort_the_newest_is_not_first(ada: Client) -> None:
    """No order is promised, so this Vendo gives the least useful one; an unknown field changes nothing."""
    plain = (await ada("GET", "/account/orders", per_page="30")).all("number")
    newest_first = (await ada("GET", "/account/orders", per_page="30", sort="-completed_at")).all("number")
    assert plain == newest_first[::-1]
    assert (await ada("GET", "/account/orders", per_page="30", sort="-nothing,total")).all("number") == plain
    assert (await ada("GET", "/account/orders", per_page="30", sort="-number")).all("number") == newest_first


async def test_an_order_with_its_parcels(ada: Client, vendo: Vendo) -> None:
    """Two shipments, one on its way with a tracking link, one not; everything about them is included."""
    (order,) = (one for one in vendo.order_summaries() if one[3] == "partial")
    parts = "line_items,shipments.stock_location,shipments.selected_shipping_rate,payments.source,user,shipping_address"
    answer = await ada("GET", f"/account/orders/{order[0]}", include=parts)
    shipments = [one["attributes"] for one in answer.included("shipment")]
    assert [(one["state"], one["tracking_url"]) for one in shipments] == [
        ("shipped", f"https://track.example/{order[0]}"),
        ("ready", None),
    ]
    assert [one["shipped_at"] is None for one in shipments] == [False, True]
    assert shipments[0].keys() == {
        "number", "state", "shipped_at", "tracking_url", "free", "public_metadata", "final_price",
        "display_final_price",
    }  # fmt: skip
    assert len(answer.included("line_item")) == 3
    assert [len(answer.included(kind)) for kind in ("user", "address", "payment", "credit_card")] == [1, 1, 1, 1]
    assert answer.attributes["item_count"] == 3


async def test_somebody_elses_order_is_unknown(ada: Client, bob: Client, vendo: Vendo) -> None:
    """404 for another customer, for a number that does not exist and for a cart of one's own."""
    number = vendo.orders_of("ada@example.com")[0].number
    assert (await ada("GET", f"/account/orders/{number}")).status == 200
    await filled_cart(bob, vendo)
    for wanted in (number, "R000000000", newest(vendo).number):
        assert (await bob("GET", f"/account/orders/{wanted}")).said == (404, NOT_FOUND)
    assert (await bob("GET", "/account/orders")).body["data"] == []


async def test_every_order_carries_its_token(ada: Client, vendo: Vendo, guest: Client) -> None:
    """D1: the secret that a client must redact; it opens the order's status without any account."""
    (token, *_) = (await ada("GET", "/account/orders")).all("token")
    order = vendo.orders_of("ada@example.com")[0]
    assert token == order.token
    caller = guest.having(X_Vendo_Order_Token=token)
    answer = await caller("GET", f"/order_status/{order.number}", include="line_items,shipments,payments")
    assert (answer.status, answer.body["data"]["type"], answer.attributes["number"]) == (200, "cart", order.number)


async def test_order_status_is_404_for_everything_else(guest: Client, ada: Client, vendo: Vendo) -> None:
    """No, blank or another order's token, an unknown number, a cart: never 403, and a bearer is no help."""
    first, second = vendo.orders_of("ada@example.com")[:2]
    shopper = await filled_cart(guest, vendo)
    cases = [
        (guest, first.number),
        (ada, first.number),
        (guest.having(X_Vendo_Order_Token=" "), first.number),
        (guest.having(X_Vendo_Order_Token=second.token), first.number),
        (guest.having(X_Vendo_Order_Token=first.token), "R000000000"),
        (shopper, newest(vendo).number),
    ]
    for caller, number in cases:
        assert (await caller("GET", f"/order_status/{number}")).said == (404, NOT_FOUND)


async def test_a_timeout_at_complete_can_be_looked_up(guest: Client, vendo: Vendo) -> None:
    """E3: before completion the status is 404, afterwards 200: the way to know that it went through."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    path = f"/order_status/{newest(vendo).number}"
    assert (await shopper("GET", path)).status == 404
    await shopper("PATCH", "/checkout/complete")
    assert (await shopper("PATCH", "/checkout/complete")).status == 404
    assert (await shopper("GET", path)).attributes["state"] == "complete"


async def test_orders_are_shipped_in_parts(guest: Client, vendo: Vendo) -> None:
    """The panel ships one parcel, then the rest; there is nothing to ship after that."""
    shopper = await _paid_order(guest, vendo, "NOTE", "BOTTLE")
    number = newest(vendo).number
    for shipments, state in ((1, "partial"), (None, "shipped")):
        vendo.ship(number, TRACK, shipments)
        answer = await shopper("GET", f"/order_status/{number}", include="shipments")
        assert answer.attributes["shipment_state"] == state
    assert [one["attributes"]["tracking_url"] for one in answer.included("shipment")] == [TRACK, TRACK]
    with pytest.raises(ValueError, match="nothing to ship"):
        vendo.ship(number)
    with pytest.raises(ValueError, match="was shipped"):
        vendo.cancel(number)


async def test_an_order_is_canceled(guest: Client, vendo: Vendo) -> None:
    """Shipments canceled, payments void and no longer shown; it cannot be shipped."""
    shopper = await _paid_order(guest, vendo)
    number = newest(vendo).number
    vendo.cancel(number)
    answer = await shopper("GET", f"/order_status/{number}")
    shown = answer.attributes
    assert (shown["state"], shown["payment_state"], shown["shipment_state"]) == ("canceled", "void", "canceled")
    assert answer.relations["payments"]["data"] == []
    with pytest.raises(ValueError, match="nothing to ship"):
        vendo.ship(number)


async def test_a_check_arrives(guest: Client, vendo: Vendo) -> None:
    """After payment the order is paid and its parcel ready."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("PATCH", "/checkout/advance")
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    await shopper("PATCH", "/checkout/complete")
    number = newest(vendo).number
    vendo.pay(number)
    shown = (await shopper("GET", f"/order_status/{number}")).attributes
    assert (shown["payment_state"], shown["shipment_state"]) == ("paid", "ready")


async def test_a_cart_cannot_be_shipped(guest: Client, vendo: Vendo) -> None:
    """Neither paid, shipped nor canceled; an unknown number is a KeyError."""
    await filled_cart(guest, vendo)
    number = newest(vendo).number
    for act in (vendo.ship, vendo.pay, vendo.cancel):
        with pytest.raises(ValueError, match="not completed"):
            act(number)
        with pytest.raises(KeyError, match="R000000000"):
            act("R000000000")
    with pytest.raises(KeyError, match="nothing"):
        vendo.set_stock("nothing", 1)


def test_the_panel_sees_orders_and_carts(vendo: Vendo) -> None:
    """Summaries newest first, orders by e-mail oldest first, carts apart."""
    summaries = vendo.order_summaries()
    assert len(summaries) == 32
    assert summaries[0][1:] == ("cara@example.com", "complete", "shipped")
    assert [order.number for order in vendo.orders_of("ADA@example.com")][-1] == summaries[1][0]
    assert (vendo.orders_of("bob@example.com"), vendo.orders_of("nobody@example.com"), vendo.carts) == ([], [], [])
    cart = vendo.new_cart(None, "EUR")
    assert vendo.carts == [cart]


def test_the_demo_leaves_the_shelves_as_they_were(vendo: Vendo) -> None:
    """Past orders took nothing from today's stock, and two Vendos have the same ids."""
    stock = {form.sku: form.stock for product in vendo.products for form in product.sold}
    assert (stock["MUG-WHITE"], stock["BOTTLE"], stock["TEE-BLACK-M"], stock["BEANIE-RED"]) == (3, 18, 40, 0)
    other = Vendo(vendo.clock)
    assert [order.id for order in other.orders] == [order.id for order in vendo.orders]
    assert [product.id for product in other.products] == [product.id for product in vendo.products]
