"""Coupons of the local Vendo: good, expired and used up (`apis/vendo.md` §5)."""

from typing import Any

import pytest
from vendosim_kit import HOME, Client, filled_cart, new_cart, newest, refused

from sandbox.vendo import Vendo
from sandbox.vendo.orders import CHECK

UNKNOWN = "The coupon code you entered doesn't exist. Please try again."


async def _apply(shopper: Client, code: Any) -> Any:
    return await shopper("PATCH", "/cart/apply_coupon_code", {"coupon_code": code}, include="promotions")


@pytest.mark.parametrize("code", ["test", "TEST", " Test "])
async def test_a_good_coupon(guest: Client, vendo: Vendo, code: str) -> None:
    """Ten per cent off, in any letters; the promotion is shown with its amount below zero."""
    shopper = await filled_cart(guest, vendo)
    answer = await _apply(shopper, code)
    shown = answer.attributes
    assert answer.status == 200
    assert (shown["promo_total"], shown["adjustment_total"], shown["total"]) == ("-4.0", "-4.0", "35.98")
    (promotion,) = answer.included("promotion")
    assert promotion["attributes"] == {
        "name": "10 % off",
        "description": "10 % off",
        "code": "test",
        "public_metadata": {},
        "amount": "-4.0",
        "display_amount": "-$4.00",
    }
    assert answer.relations["promotions"]["data"] == [{"id": promotion["id"], "type": "promotion"}]


@pytest.mark.parametrize(("code", "words"), [
    ("nothing", UNKNOWN), ("", UNKNOWN), (None, UNKNOWN), (5, UNKNOWN),
    ("summer2020", "The coupon code is expired"),
    ("first100", "Coupon code usage limit exceeded"),
    ("over100", "This coupon code is not eligible for this order"),
])  # fmt: skip
async def test_a_coupon_that_does_not_do(guest: Client, vendo: Vendo, code: Any, words: str) -> None:
    """422 with `error` alone, and the cart costs what it cost."""
    shopper = await filled_cart(guest, vendo)
    answer = await _apply(shopper, code)
    assert answer.said == refused(422, words)
    assert (newest(vendo).coupon, (await shopper("GET", "/cart")).attributes["total"]) == (None, "39.98")


async def test_a_coupon_on_an_empty_cart(guest: Client, vendo: Vendo) -> None:
    """There is nothing to take anything off."""
    answer = await _apply(await new_cart(guest), "test")
    assert answer.said == refused(422, "This coupon code could not be applied to the cart at this time.")


async def test_a_coupon_twice_is_done_already(guest: Client, vendo: Vendo) -> None:
    """E3: the words by which a repeated call is known as done."""
    shopper = await filled_cart(guest, vendo)
    await _apply(shopper, "test")
    answer = await _apply(shopper, "test")
    assert answer.said == refused(422, "The coupon code has already been applied to this order")
    assert (await shopper("GET", "/cart")).attributes["promo_total"] == "-4.0"


async def test_the_better_deal_stays(guest: Client, vendo: Vendo) -> None:
    """A worse one is refused, a better one takes its place."""
    shopper = await filled_cart(guest, vendo)
    await _apply(shopper, "minus5")
    answer = await _apply(shopper, "test")
    assert answer.said == refused(422, "The previously applied coupon code results in a better deal")
    answer = await _apply(shopper, "welcome20")
    assert (answer.status, answer.attributes["promo_total"]) == (200, "-8.0")
    assert [one["attributes"]["code"] for one in answer.included("promotion")] == ["welcome20"]


@pytest.mark.parametrize("path", ["/cart/remove_coupon_code", "/cart/remove_coupon_code/TEST"])
async def test_a_coupon_is_removed(guest: Client, vendo: Vendo, path: str) -> None:
    """By its code in any letters, or all of them; once."""
    shopper = await filled_cart(guest, vendo)
    await _apply(shopper, "test")
    answer = await shopper("DELETE", path)
    assert (answer.status, answer.attributes["total"]) == (200, "39.98")
    assert (await shopper("DELETE", path)).status == 422


async def test_removing_what_was_not_applied(guest: Client, vendo: Vendo) -> None:
    """The two texts, and the coupon that is there stays."""
    shopper = await filled_cart(guest, vendo)
    nothing = "No coupon code provided and the Order doesn't have any coupon code promotions applied"
    assert (await shopper("DELETE", "/cart/remove_coupon_code")).said == refused(422, nothing)
    assert (await shopper("DELETE", "/cart/remove_coupon_code/test")).said == refused(422, UNKNOWN)
    await _apply(shopper, "test")
    assert (await shopper("DELETE", "/cart/remove_coupon_code/minus5")).said == refused(422, UNKNOWN)
    assert (await shopper("GET", "/cart")).attributes["promo_total"] == "-4.0"


async def test_a_coupon_that_is_no_longer_earned_takes_nothing_off(guest: Client, vendo: Vendo) -> None:
    """Below its least sum the promotion disappears, and comes back above it."""
    shopper = await filled_cart(guest, vendo, "NOTE")
    line = newest(vendo).lines[0].id
    await shopper("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": 9})
    assert (await _apply(shopper, "over100")).attributes["promo_total"] == "-15.0"
    answer = await shopper("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": 8})
    assert (answer.attributes["promo_total"], answer.relations["promotions"]["data"]) == ("0.0", [])
    answer = await shopper("PATCH", "/cart/set_quantity", {"line_item_id": line, "quantity": 10})
    assert answer.attributes["promo_total"] == "-15.0"


async def test_uses_are_counted_at_completion(guest: Client, vendo: Vendo) -> None:
    """A coupon with one use is good for one completed order."""
    coupon = next(one for one in vendo.coupons if one.code == "first100")
    coupon.uses_left = 1
    shopper = await filled_cart(guest, vendo, "GIFT")
    assert (await _apply(shopper, "first100")).attributes["promo_total"] == "-12.5"
    assert coupon.uses_left == 1
    order = {"email": "a@example.com", "bill_address_attributes": HOME}
    await shopper("PATCH", "/checkout", {"order": order})
    await shopper("POST", "/checkout/create_payment", {"payment_method_id": CHECK.id})
    assert (await shopper("PATCH", "/checkout/complete")).status == 200
    answer = await _apply(await filled_cart(guest, vendo), "first100")
    assert answer.said == refused(422, "Coupon code usage limit exceeded")
