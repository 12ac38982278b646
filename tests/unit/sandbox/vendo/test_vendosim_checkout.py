"""From cart to complete in the local Vendo: addresses, steps and shipping (`apis/vendo.md` §6)."""

from typing import Any

import pytest
from vendosim_kit import CARD, HOME, NOT_FOUND, Client, addressed_cart, filled_cart, new_cart, newest, refused

from sandbox.vendo import Vendo
from sandbox.vendo.orders import BOGUS, CHECK, SHIPPING_METHODS

NO_ITEMS = "There are no items for this order. Please add an item to the order to continue."
NO_RATES = "We are unable to calculate shipping rates for the selected items."
STANDARD, EXPRESS = (method.id for method in SHIPPING_METHODS)


async def _update(shopper: Client, **order: Any) -> Any:
    return await shopper("PATCH", "/checkout", {"order": order})


async def _state(shopper: Client, step: str) -> Any:
    return (await shopper("PATCH", f"/checkout/{step}")).attributes["state"]


async def test_the_working_sequence(guest: Client, vendo: Vendo) -> None:
    """The sheet's seven calls, without any `next`: the order is complete, paid and ready, and no cart any more."""
    shopper = await filled_cart(guest, vendo)
    both = {"ship_address_attributes": HOME, "bill_address_attributes": HOME}
    answer = await _update(shopper, email="grace@example.com", **both)
    assert (answer.status, answer.attributes["state"], answer.attributes["email"]) == (
        200,
        "address",
        "grace@example.com",
    )
    rates = await shopper("GET", "/checkout/shipping_rates")
    (shipment,) = rates.body["data"]
    express = next(one["id"] for one in rates.included("shipping_rate") if one["attributes"]["name"] == "Express")
    answer = await _update(shopper, shipments_attributes=[{"id": shipment["id"], "selected_shipping_rate_id": express}])
    assert (answer.attributes["state"], answer.attributes["ship_total"]) == ("delivery", "15.0")
    methods = await shopper("GET", "/checkout/payment_methods")
    assert methods.all("name") == ["Credit Card", "Check"]
    paid = {"payment_method_id": BOGUS.id, "source_attributes": CARD}
    assert (await shopper("POST", "/checkout/create_payment", paid)).status == 201
    answer = await shopper("PATCH", "/checkout/complete")
    shown = answer.attributes
    assert (answer.status, shown["state"], shown["total"]) == (200, "complete", "58.98")
    assert (shown["payment_state"], shown["shipment_state"]) == ("paid", "ready")
    assert shown["completed_at"] is not None
    assert (await shopper("GET", "/cart")).said == (404, NOT_FOUND)
    status = await shopper("GET", f"/order_status/{shown['number']}")
    assert status.attributes == shown


async def test_each_step_by_itself(guest: Client, vendo: Vendo) -> None:
    """`next` goes one step; with a card there is a confirm step, and after complete there is no cart."""
    shopper = await addressed_cart(guest, vendo)
    newest(vendo).state = "cart"
    assert [await _state(shopper, "next") for _ in range(3)] == ["address", "delivery", "payment"]
    answer = await shopper("PATCH", "/checkout/next")
    assert answer.said == refused(422, "No payment found")
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": BOGUS.id, "source_attributes": CARD})
    assert [await _state(shopper, "next") for _ in range(2)] == ["confirm", "complete"]
    assert (await shopper("PATCH", "/checkout/next")).said == (404, NOT_FOUND)


async def test_a_check_needs_no_confirmation(guest: Client, vendo: Vendo) -> None:
    """From payment straight to complete; the money is still owed and the parcel waits."""
    shopper = await addressed_cart(guest, vendo)
    assert await _state(shopper, "advance") == "payment"
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    answer = await shopper("PATCH", "/checkout/next")
    shown = answer.attributes
    assert (shown["state"], shown["payment_state"], shown["shipment_state"]) == ("complete", "balance_due", "pending")


async def test_advance_stops_early_without_an_error(guest: Client, vendo: Vendo) -> None:
    """200 wherever it stops: nowhere, at address, at payment, at confirm; never at complete."""
    shopper = await new_cart(guest)
    assert await _state(shopper, "advance") == "cart"
    shopper = await filled_cart(guest, vendo)
    assert await _state(shopper, "advance") == "address"
    shopper = await addressed_cart(guest, vendo)
    assert await _state(shopper, "advance") == "payment"
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": BOGUS.id, "source_attributes": CARD})
    assert await _state(shopper, "advance") == "confirm"
    assert await _state(shopper, "advance") == "confirm"


async def test_a_gift_card_is_not_shipped(guest: Client, vendo: Vendo) -> None:
    """Without physical goods there is no delivery step, no shipping address needed and no shipment."""
    shopper = await filled_cart(guest, vendo, "GIFT")
    await _update(shopper, email="grace@example.com", bill_address_attributes=HOME)
    assert await _state(shopper, "next") == "payment"
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    answer = await shopper("PATCH", "/checkout/complete")
    assert (answer.attributes["state"], answer.attributes["shipment_state"]) == ("complete", None)


async def test_a_free_order_is_not_paid(guest: Client, vendo: Vendo) -> None:
    """With a total of 0 there is no payment step."""
    vendo.coupons[0].percent *= 10
    shopper = await filled_cart(guest, vendo, "GIFT")
    await _update(shopper, email="grace@example.com", bill_address_attributes=HOME, coupon_code="test")
    answer = await shopper("PATCH", "/checkout/complete")
    assert (answer.status, answer.attributes["total"], answer.attributes["payment_state"]) == (200, "0.0", "paid")


@pytest.mark.parametrize("step", ["next", "complete"])
async def test_an_empty_cart_goes_nowhere(guest: Client, vendo: Vendo, step: str) -> None:
    """422 and the server's words."""
    shopper = await new_cart(guest)
    assert (await shopper("PATCH", f"/checkout/{step}")).said == refused(422, NO_ITEMS)
    assert newest(vendo).state == "cart"


async def test_complete_says_what_is_missing(guest: Client, vendo: Vendo) -> None:
    """Addresses first, then the e-mail, then the payment; the order stays as far as it came."""
    shopper = await filled_cart(guest, vendo)
    blank = ["can't be blank"]
    answer = await shopper("PATCH", "/checkout/complete")
    words = "Bill address can't be blank, Ship address can't be blank"
    assert answer.said == refused(422, words, {"bill_address": blank, "ship_address": blank})
    await _update(shopper, ship_address_attributes=HOME, bill_address_attributes=HOME)
    answer = await shopper("PATCH", "/checkout/complete")
    assert answer.said == refused(422, "Email is invalid", {"email": ["is invalid"]})
    await _update(shopper, email="grace@example.com")
    assert (await shopper("PATCH", "/checkout/complete")).said == refused(422, "No payment found")
    assert (newest(vendo).state, newest(vendo).completed_at) == ("payment", None)


async def test_stock_is_looked_at_again_at_the_end(guest: Client, vendo: Vendo) -> None:
    """What was sold meanwhile is not sold twice; what is sold is taken off the shelf."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    vendo.set_stock("TEE-BLACK-M", 1)
    answer = await shopper("PATCH", "/checkout/complete")
    assert answer.said == refused(422, "Some line items in this order have insufficient quantity.")
    vendo.set_stock("TEE-BLACK-M", 2)
    assert (await shopper("PATCH", "/checkout/complete")).status == 200
    (variant,) = (form for form in vendo.products[0].variants if form.sku == "TEE-BLACK-M")
    assert (variant.stock, variant.can_supply(1)) == (0, False)


async def test_a_backorder_waits(guest: Client, vendo: Vendo) -> None:
    """A paid order of what is not there has the shipment state `backorder`."""
    shopper = await addressed_cart(guest, vendo, "TRAIL-GREEN-M")
    await shopper("PATCH", "/checkout/advance")
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": BOGUS.id, "source_attributes": CARD})
    answer = await shopper("PATCH", "/checkout/complete")
    assert (answer.attributes["payment_state"], answer.attributes["shipment_state"]) == ("paid", "backorder")


async def test_a_saved_address_is_taken_for_a_customer(ada: Client, vendo: Vendo) -> None:
    """`next` from the cart puts the defaults on the order; by id any saved address does."""
    shopper = await filled_cart(ada, vendo)
    answer = await shopper("PATCH", "/checkout/next", include="shipping_address")
    assert [one["attributes"]["label"] for one in answer.included("address")] == ["Home"]
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    office = customer.addresses[1].id
    answer = await shopper("PATCH", "/checkout", {"order": {"ship_address_id": office}}, include="shipping_address")
    assert [one["attributes"]["label"] for one in answer.included("address")] == ["Office"]


async def test_somebody_elses_address_is_refused(bob: Client, guest: Client, vendo: Vendo) -> None:
    """422 with the field, for another customer and for a guest; nothing is changed."""
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    home = customer.addresses[0].id
    for caller in (bob, guest):
        shopper = await filled_cart(caller, vendo)
        answer = await _update(shopper, ship_address_id=home, special_instructions="ring twice")
        words = "belongs to other user"
        assert answer.said == refused(422, f"Ship address {words}", {"ship_address_id": [words]})
        assert (newest(vendo).shipping, newest(vendo).special_instructions) == (None, None)


@pytest.mark.parametrize(("change", "errors"), [
    ({"city": ""}, {"ship_address.city": ["can't be blank"]}),
    ({"city": None, "zipcode": " "}, {f"ship_address.{name}": ["can't be blank"] for name in ("city", "zipcode")}),
    ({"country_iso": "XX"}, {"ship_address.country": ["can't be blank"]}),
    ({"state_name": None}, {"ship_address.state": ["can't be blank"]}),
    ({"state_name": "Bavaria"}, {"ship_address.state": ["is invalid"]}),
])  # fmt: skip
async def test_a_bad_address_is_refused_by_its_fields(
    guest: Client, vendo: Vendo, change: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    """Dotted fields, and nothing of the update is taken, not even the e-mail."""
    shopper = await filled_cart(guest, vendo)
    answer = await _update(shopper, email="grace@example.com", ship_address_attributes=HOME | change)
    assert (answer.status, answer.body["errors"]) == (422, errors)
    assert answer.body["error"].startswith("Ship address ")
    assert (newest(vendo).email, newest(vendo).shipping, newest(vendo).state) == (None, None, "cart")


async def test_billing_may_be_shipping_too(guest: Client, vendo: Vendo) -> None:
    """`use_billing` copies the billing address."""
    shopper = await filled_cart(guest, vendo)
    await _update(shopper, bill_address_attributes=HOME, use_billing=True)
    order = newest(vendo)
    assert order.billing is not None
    assert order.shipping is order.billing


async def test_an_address_with_a_country_sends_the_order_back(guest: Client, vendo: Vendo) -> None:
    """From payment to address, with new shipments for the new place; what has no country leaves the state alone."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("PATCH", "/checkout/advance")
    answer = await _update(shopper, special_instructions="ring twice")
    assert (answer.attributes["state"], answer.attributes["special_instructions"]) == ("payment", "ring twice")
    british = HOME | {"country_iso": "GB", "state_name": None, "city": "Leeds", "zipcode": "LS1 1UR"}
    answer = await _update(shopper, ship_address_attributes=british)
    assert (answer.attributes["state"], answer.relations["shipments"]["data"]) == ("address", [])


@pytest.mark.parametrize(("state", "email", "status"), [
    ("cart", "no e-mail", 200), ("address", "no e-mail", 200), ("payment", "no e-mail", 422),
    ("payment", "a@b.cd", 200), ("cart", 5, 422),
])  # fmt: skip
async def test_the_email_is_looked_at_from_delivery_on(
    guest: Client, vendo: Vendo, state: str, email: Any, status: int
) -> None:
    """Earlier any text is taken."""
    shopper = await addressed_cart(guest, vendo)
    newest(vendo).state = state
    answer = await _update(shopper, email=email)
    assert answer.status == status
    assert newest(vendo).email == (email if status == 200 else "grace@example.com")


async def test_unknown_keys_are_dropped_silently(guest: Client, vendo: Vendo) -> None:
    """Neither the total nor the state can be written; a missing order is no error."""
    shopper = await filled_cart(guest, vendo)
    for body in ({"order": {"total": "0.0", "state": "complete", "number": "R1"}}, {"order": 5}, {}):
        answer = await shopper("PATCH", "/checkout", body)
        assert (answer.status, answer.attributes["state"], answer.attributes["total"]) == (200, "cart", "39.98")


async def test_shipping_rates_make_the_shipments(guest: Client, vendo: Vendo) -> None:
    """One for each location, with what is in it, always included; asked again they are the same."""
    shopper = await addressed_cart(guest, vendo, "NOTE", "BOTTLE", "TOTE")
    answer = await shopper("GET", "/checkout/shipping_rates")
    assert set(answer.body) == {"data", "included"}
    assert [one["type"] for one in answer.body["data"]] == ["shipment", "shipment"]
    places = [one["attributes"]["name"] for one in answer.included("stock_location")]
    lines = [len(one["relationships"]["line_items"]["data"]) for one in answer.body["data"]]
    assert (places, lines) == (["North", "South"], [2, 1])
    rates = [one["attributes"] for one in answer.included("shipping_rate")]
    assert [(rate["name"], rate["selected"], rate["cost"]) for rate in rates] == [
        ("Standard", True, "5.0"),
        ("Express", False, "15.0"),
    ] * 2
    assert (await shopper("GET", "/checkout/shipping_rates")).body == answer.body
    assert (await shopper("GET", "/cart")).attributes["ship_total"] == "10.0"


async def test_shipping_rates_need_an_address_and_items(guest: Client, vendo: Vendo) -> None:
    """The two texts."""
    words = "To generate Shipping Rates Order needs to have a Shipping Address"
    shopper = await new_cart(guest)
    assert (await shopper("GET", "/checkout/shipping_rates")).said == refused(422, words)
    await _update(shopper, ship_address_attributes=HOME)
    words = "To generate Shipping Rates you need to add some Line Items to Order"
    assert (await shopper("GET", "/checkout/shipping_rates")).said == refused(422, words)


async def test_where_nothing_is_shipped_to(guest: Client, vendo: Vendo) -> None:
    """Without any rate the order does not get to delivery."""
    shopper = await filled_cart(guest, vendo)
    tokyo = HOME | {"country_iso": "JPN", "state_name": "Tokyo", "city": "Tokyo", "zipcode": "100-0001"}
    both = {"ship_address_attributes": tokyo, "bill_address_attributes": HOME}
    await _update(shopper, email="grace@example.com", **both)
    answer = await shopper("GET", "/checkout/shipping_rates")
    assert [one["relationships"]["shipping_rates"]["data"] for one in answer.body["data"]] == [[]]
    assert (await shopper("PATCH", "/checkout/next")).said == refused(422, NO_RATES)
    assert newest(vendo).state == "address"


async def test_a_method_is_selected_for_one_shipment_or_all(guest: Client, vendo: Vendo) -> None:
    """With `shipment_id` the other shipment keeps its rate."""
    shopper = await addressed_cart(guest, vendo, "NOTE", "BOTTLE")
    first, _ = (one["id"] for one in (await shopper("GET", "/checkout/shipping_rates")).body["data"])
    path = "/checkout/select_shipping_method"
    answer = await shopper("PATCH", path, {"shipping_method_id": EXPRESS, "shipment_id": first})
    assert (answer.status, answer.attributes["ship_total"]) == (200, "20.0")
    answer = await shopper("PATCH", path, {"shipping_method_id": EXPRESS})
    assert answer.attributes["ship_total"] == "30.0"


async def test_a_method_that_cannot_be_selected(guest: Client, vendo: Vendo) -> None:
    """An unknown method, an unknown shipment, and a shipment without rates; nothing is changed."""
    path = "/checkout/select_shipping_method"
    shopper = await addressed_cart(guest, vendo)
    assert (await shopper("PATCH", path, {})).said == refused(422, "shipping_method_not_found")
    assert (await shopper("PATCH", path, {"shipping_method_id": EXPRESS})).said == refused(422, "shipment_not_found")
    await shopper("GET", "/checkout/shipping_rates")
    wrong = {"shipping_method_id": EXPRESS, "shipment_id": "nothing"}
    assert (await shopper("PATCH", path, wrong)).said == refused(422, "shipment_not_found")
    (shipment,) = newest(vendo).shipments
    shipment.rates = []
    words = f"Couldn't find shipping rates for Shipping Method with ID = {EXPRESS} and Shipment with ID = {shipment.id}"
    assert (await shopper("PATCH", path, {"shipping_method_id": EXPRESS})).said == refused(422, words)


@pytest.mark.parametrize("part", ["id", "selected_shipping_rate_id"])
async def test_an_unknown_shipment_or_rate_in_an_update(guest: Client, vendo: Vendo, part: str) -> None:
    """404, and the rate that was chosen stays."""
    shopper = await addressed_cart(guest, vendo)
    await shopper("GET", "/checkout/shipping_rates")
    (shipment,) = newest(vendo).shipments
    wanted = {"id": shipment.id, "selected_shipping_rate_id": shipment.rates[1].id} | {part: "nothing"}
    assert (await _update(shopper, shipments_attributes=[wanted])).said == (404, NOT_FOUND)
    assert shipment.selected is shipment.rates[0]


async def test_vendo_may_advance_by_itself(guest: Client, vendo: Vendo) -> None:
    """With the switch an update reports the furthest state, short of complete; without it, Spree's."""
    vendo.switches = vendo.switches.changed({"auto_advance": True})
    shopper = await filled_cart(guest, vendo)
    both = {"ship_address_attributes": HOME, "bill_address_attributes": HOME}
    assert (await _update(shopper, **both)).attributes["state"] == "address"
    assert (await _update(shopper, email="grace@example.com")).attributes["state"] == "payment"
    paid = [{"payment_method_id": BOGUS.id, "source_attributes": CARD}]
    assert (await _update(shopper, payments_attributes=paid)).attributes["state"] == "confirm"


@pytest.mark.parametrize(("method", "path"), [
    ("PATCH", ""), ("PATCH", "/next"), ("PATCH", "/advance"), ("PATCH", "/complete"), ("GET", "/shipping_rates"),
    ("PATCH", "/select_shipping_method"), ("GET", "/payment_methods"), ("POST", "/create_payment"),
    ("POST", "/add_store_credit"), ("POST", "/remove_store_credit"),
])  # fmt: skip
async def test_everything_about_a_checkout_needs_a_cart(guest: Client, method: str, path: str) -> None:
    """404 without one."""
    assert (await guest(method, f"/checkout{path}")).said == (404, NOT_FOUND)
