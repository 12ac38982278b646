"""Paying at the local Vendo: by check, by card, from store credit (`apis/vendo.md` §6)."""

from typing import Any

import pytest
from vendosim_kit import CARD, HOME, Client, addressed_cart, filled_cart, newest, refused

from sandbox.vendo import Vendo
from sandbox.vendo.orders import BOGUS, CHECK, CREDIT

PATH = "/checkout/create_payment"
PARTS = "payments,payments.source,payments.payment_method"


async def _pay(shopper: Client, **payment: Any) -> Any:
    return await shopper("POST", PATH, payment, include=PARTS)


async def test_the_payment_methods_are_shown(guest: Client, vendo: Vendo) -> None:
    """A list without `meta`; store credit is no method to choose."""
    answer = await (await filled_cart(guest, vendo))("GET", "/checkout/payment_methods")
    assert set(answer.body) == {"data"}
    assert [(one["id"], one["attributes"]["type"], one["attributes"]["name"]) for one in answer.body["data"]] == [
        (BOGUS.id, "Spree::Gateway::Bogus", "Credit Card"),
        (CHECK.id, "Spree::PaymentMethod::Check", "Check"),
    ]


async def test_a_card_payment_is_shown_whole(guest: Client, vendo: Vendo) -> None:
    """201, with the source by its last digits and nothing of its profile."""
    shopper = await addressed_cart(guest, vendo)
    answer = await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=CARD)
    assert answer.status == 201
    (payment,), (card,) = answer.included("payment"), answer.included("credit_card")
    assert payment["attributes"] == {
        "amount": "43.98",
        "response_code": None,
        "number": payment["attributes"]["number"],
        "cvv_response_code": None,
        "cvv_response_message": None,
        "payment_method_id": BOGUS.id,
        "payment_method_name": "Credit Card",
        "state": "checkout",
        "public_metadata": {},
    }
    assert payment["relationships"] == {
        "source": {"data": {"id": card["id"], "type": "credit_card"}},
        "payment_method": {"data": {"id": BOGUS.id, "type": "payment_method"}},
    }
    assert card["attributes"] == {
        "cc_type": "visa",
        "last_digits": "4242",
        "month": 12,
        "year": 2030,
        "name": "Grace Hopper",
        "default": False,
        "public_metadata": {},
    }
    assert CARD["gateway_payment_profile_id"] not in str(answer.body)


async def test_a_check_needs_no_source(guest: Client, vendo: Vendo) -> None:
    """One that is sent is not looked at."""
    for more in ({}, {"source_attributes": {"name": ""}}):
        shopper = await addressed_cart(guest, vendo)
        answer = await _pay(shopper, payment_method_id=CHECK.id, **more)
        (payment,) = answer.included("payment")
        assert (answer.status, payment["relationships"]["source"]) == (201, {"data": None})


@pytest.mark.parametrize("method", ["nothing", None, 5, CREDIT.id])
async def test_an_unknown_method(guest: Client, vendo: Vendo, method: Any) -> None:
    """422 with a code for a text, and no payment; store credit is not paid this way."""
    shopper = await addressed_cart(guest, vendo)
    assert (await _pay(shopper, payment_method_id=method)).said == refused(422, "payment_method_not_found")
    assert newest(vendo).payments == []


async def test_a_card_must_be_given(guest: Client, vendo: Vendo) -> None:
    """Without a source there is none; with half a source the fields are named."""
    shopper = await addressed_cart(guest, vendo)
    assert (await _pay(shopper, payment_method_id=BOGUS.id)).said == refused(422, "source_not_found")
    answer = await _pay(shopper, payment_method_id=BOGUS.id, source_attributes={"last_digits": "4242"})
    blank = ["can't be blank"]
    words = "Gateway payment profile can't be blank, Name can't be blank"
    assert answer.said == refused(422, words, {"gateway_payment_profile_id": blank, "name": blank})
    assert newest(vendo).payments == []


async def test_a_saved_card_is_for_its_owner(ada: Client, bob: Client, guest: Client, vendo: Vendo) -> None:
    """Ada pays with hers; bob, a guest and an unknown id do not."""
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    card = customer.cards[1].id
    answer = await _pay(await addressed_cart(ada, vendo), payment_method_id=BOGUS.id, source_id=card)
    assert [one["attributes"]["last_digits"] for one in answer.included("credit_card")] == ["6695"]
    for caller, source in ((bob, card), (guest, card), (ada, "nothing")):
        shopper = await addressed_cart(caller, vendo)
        answer = await _pay(shopper, payment_method_id=BOGUS.id, source_id=source)
        assert answer.said == refused(422, "source_not_found")


@pytest.mark.parametrize("amount", [10, 10.5, "10.5"])
async def test_an_amount_may_be_given(guest: Client, vendo: Vendo, amount: Any) -> None:
    """As a number or a decimal string; what is left is still owed after completion."""
    shopper = await addressed_cart(guest, vendo)
    answer = await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=CARD, amount=amount)
    assert [one["attributes"]["amount"] for one in answer.included("payment")] == [f"{float(amount)}"]
    assert (await shopper("PATCH", "/checkout/complete")).attributes["payment_state"] == "balance_due"


@pytest.mark.parametrize("amount", ["x", -1, 0, "NaN", "Infinity", True])
async def test_an_amount_that_is_none(guest: Client, vendo: Vendo, amount: Any) -> None:
    """422, and no payment."""
    shopper = await addressed_cart(guest, vendo)
    answer = await _pay(shopper, payment_method_id=CHECK.id, amount=amount)
    assert answer.said == refused(422, "Amount is not a number", {"amount": ["is not a number"]})
    assert newest(vendo).payments == []


async def test_a_second_payment_takes_the_place_of_the_first(guest: Client, vendo: Vendo) -> None:
    """The earlier one becomes invalid and is no longer shown."""
    shopper = await addressed_cart(guest, vendo)
    await _pay(shopper, payment_method_id=CHECK.id)
    answer = await _pay(shopper, payment_method_id=CHECK.id)
    assert len(answer.relations["payments"]["data"]) == 1
    assert [payment.state for payment in newest(vendo).payments] == ["invalid", "checkout"]


@pytest.mark.parametrize("inside", [True, False])
async def test_an_update_may_carry_the_payment(guest: Client, vendo: Vendo, inside: bool) -> None:
    """The card within `payments_attributes`, or in the older form beside the order."""
    shopper = await addressed_cart(guest, vendo)
    payment = {"payment_method_id": BOGUS.id} | ({"source_attributes": CARD} if inside else {})
    body = {"order": {"payments_attributes": [payment]}} | ({} if inside else {"payment_source": {BOGUS.id: CARD}})
    answer = await shopper("PATCH", "/checkout", body, include=PARTS)
    assert [one["attributes"]["last_digits"] for one in answer.included("credit_card")] == ["4242"]
    wrong = {"order": {"payments_attributes": [{"payment_method_id": "nothing"}], "email": "x@example.com"}}
    assert (await shopper("PATCH", "/checkout", wrong)).said == refused(422, "payment_method_not_found")
    assert newest(vendo).email == "grace@example.com"


async def test_a_declined_card(guest: Client, vendo: Vendo) -> None:
    """The gateway's words at completion; the payment is gone, the order is not complete, and another card does."""
    shopper = await addressed_cart(guest, vendo)
    declined = CARD | {"gateway_payment_profile_id": "decline-1"}
    await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=declined)
    answer = await shopper("PATCH", "/checkout/complete")
    assert answer.said == refused(422, "Bogus Gateway: Forced failure")
    order = newest(vendo)
    assert (order.completed_at, [payment.state for payment in order.payments]) == (None, ["failed"])
    assert (await shopper("GET", "/cart")).relations["payments"]["data"] == []
    assert (await shopper("PATCH", "/checkout/complete")).said == refused(422, "No payment found")
    await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=CARD)
    assert (await shopper("PATCH", "/checkout/complete")).attributes["payment_state"] == "paid"


async def test_store_credit_pays_a_part(ada: Client, vendo: Vendo) -> None:
    """25.00 of ada's, the rest by card; it is used when the order completes, and can be taken off before."""
    shopper = await addressed_cart(ada, vendo)
    await shopper("PATCH", "/checkout/advance")
    answer = await shopper("POST", "/checkout/add_store_credit", include="payments")
    assert (answer.status, [one["attributes"]["amount"] for one in answer.included("payment")]) == (200, ["25.0"])
    answer = await shopper("POST", "/checkout/remove_store_credit")
    assert (answer.status, answer.relations["payments"]["data"]) == (200, [])
    await shopper("POST", "/checkout/add_store_credit", {"amount": "20.5"})
    answer = await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=CARD)
    assert sorted(one["attributes"]["amount"] for one in answer.included("payment")) == ["20.5", "28.48"]
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    assert f"{customer.credit}" == "25.0"
    assert (await shopper("PATCH", "/checkout/complete")).attributes["payment_state"] == "paid"
    assert f"{customer.credit}" == "4.5"


async def test_store_credit_that_is_not_there(guest: Client, bob: Client, vendo: Vendo) -> None:
    """A guest and a customer without any are refused."""
    for caller in (guest, bob):
        shopper = await filled_cart(caller, vendo)
        answer = await shopper("POST", "/checkout/add_store_credit", amount="5.0")
        assert answer.said == refused(422, "Store credit is not available for this order")
        assert newest(vendo).payments == []


async def test_a_payment_is_for_what_was_due_when_it_was_made(guest: Client, vendo: Vendo) -> None:
    """One that was made before shipping was known leaves the shipping to be paid."""
    shopper = await addressed_cart(guest, vendo)
    await _pay(shopper, payment_method_id=BOGUS.id, source_attributes=CARD)
    shown = (await shopper("PATCH", "/checkout/complete")).attributes
    assert (shown["total"], shown["payment_state"], shown["shipment_state"]) == ("48.98", "balance_due", "pending")


async def test_taxes_come_with_the_address(guest: Client, vendo: Vendo) -> None:
    """In the US on top of the price, in Britain within it; an order's sums fit together."""
    shopper = await filled_cart(guest, vendo)
    await shopper("PATCH", "/cart/apply_coupon_code", {"coupon_code": "test"})
    british = HOME | {"country_iso": "GB", "state_name": None}
    names = ("additional_tax_total", "included_tax_total", "adjustment_total", "pre_tax_item_amount", "total")
    for address, sums in (
        (HOME, ("3.6", "0.0", "-0.4", "35.98", "39.58")),
        (british, ("0.0", "6.0", "-4.0", "29.9833", "35.98")),
    ):
        shown = (await shopper("PATCH", "/checkout", {"order": {"ship_address_attributes": address}})).attributes
        assert tuple(shown[name] for name in names) == sums
