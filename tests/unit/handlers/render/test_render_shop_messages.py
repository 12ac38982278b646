"""Whole messages and modals of the store, as they are sent (DESIGN.md §10)."""

from __future__ import annotations

from dataclasses import replace

from render_kit import NOW, NOW_SHOWN, ORDERED_SHOWN, mk, para, press, pt, rich, row, small, t
from render_shop import ADDRESS, CART, LINES, ORDER, PLAIN

from backends.vendo.cart import Cart, Promotion
from handlers.render import carts, checkout, shop
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.shop_orders import shop_order_card
from handlers.render.shop_parts import address_line, totals
from handlers.render.shop_states import paid


def test_a_whole_cart() -> None:
    """One line with its buttons, a coupon with its own, what it costs, and what can be done next."""
    cart = replace(CART, lines=LINES[:1], item_count=2, special_instructions=None)
    made = carts.cart_card(cart, card_id="card-1", said=["✅ Added 2."], now=NOW)
    assert made.blocks == (
        para("✅ Added 2."),
        rich(t("🛒 "), t("Cart R123456789", bold=True), t(" has 2 items for $30.75.")),
        rich(
            t("1. "),
            t("2 × "),
            t("Blue mug"),
            t(" (Color: blue, Size: M)"),
            t(" "),
            t("MUG-B", code=True),
            t(", $10.00 each"),
            t(", $20.00"),
        ),
        row(
            press("+", "cart.more", "card-1:0"),
            press("−", "cart.less", "card-1:0"),
            press("Remove", "cart.remove", "card-1:0"),
        ),
        para("Coupon: Ten off (TEST), -$2.75", accessory=press("Remove", "cart.coupon_remove", "card-1:0")),
        rich(
            t("Subtotal: ", bold=True),
            t("$27.50"),
            t("\n"),
            t("Shipping: ", bold=True),
            t("$5.00"),
            t("\n"),
            t("Coupons: ", bold=True),
            t("-$2.75"),
            t("\n"),
            t("Tax: ", bold=True),
            t("$1.00"),
            t("\n"),
            t("Total: ", bold=True),
            t("$30.75"),
        ),
        small(mk(f"As of {NOW_SHOWN}"), pt("Only you see and change this cart.")),
        row(
            press("Check out", "cart.checkout", "card-1", style="primary"),
            press("Coupon", "cart.coupon_open", "card-1"),
            press("Note", "cart.note_open", "card-1"),
            press("Refresh", "cart.refresh", "card-1"),
        ),
    )


def test_a_promotion_of_the_store_itself_has_no_button() -> None:
    """What has no code can't be taken away."""
    cart = replace(CART, promotions=(Promotion("p", "Free gift"),))
    blocks = carts.cart_card(cart, card_id="card-1", now=NOW).blocks
    assert para("Coupon: Free gift") in blocks


def test_a_whole_product() -> None:
    """A product without variants: its name, price and stock, and one button that adds it."""
    assert shop.product_card(PLAIN, card_id="card-1", now=NOW) == Message(
        f"Plate\nno price, ✅ in stock.\nAs of {NOW_SHOWN} · "
        "The price is yours: a store may have one for each customer.",
        (
            rich(t("Plate", bold=True), t("\n"), t("no price"), t(", ✅ in stock.")),
            row(press("Add to my cart", "cart.add_pick", "card-1:0")),
            small(mk(f"As of {NOW_SHOWN}"), pt("The price is yours: a store may have one for each customer.")),
        ),
    )


def test_a_whole_order_where_another_company_reads() -> None:
    """Its number, what became of it, and two buttons; no total and no items."""
    made = shop_order_card(ORDER, Profile.EXTERNAL, card_id="card-1", asked_by="U0ADA00001", seen_at=NOW)
    assert made.blocks == (
        rich(t("🚚 "), t("Shop order R123456789", bold=True), t(" is shipped.")),
        {"type": "section", "fields": [mk(f"*Ordered*\n{ORDERED_SHOWN}")]},
        rich(t("Payment: ", bold=True), t("✅ paid"), t("\n"), t("Shipping: ", bold=True), t("🚚 shipped")),
        small(mk(f"As of {NOW_SHOWN}"), mk("Asked by <@U0ADA00001>")),
        row(press("Details", "shop_order.details", "card-1"), press("Refresh", "shop_order.refresh", "card-1")),
    )


def test_an_unknown_order_has_a_button_to_look_again() -> None:
    """The message says that nobody knows, why, and the reference."""
    made = checkout.order_unknown("R1", why="No answer.", card_id="card-1", reference="7F3K")
    assert made.blocks == (
        rich(t("❔ "), t("Shop order R1", bold=True), t(": we do not know whether it was ordered.")),
        para("No answer."),
        small(pt("Reference 7F3K")),
        row(press("Look again", "checkout.look", "card-1")),
    )


def test_totals_leave_out_what_is_nothing() -> None:
    """A coupon or a tax of zero takes no line; the total always does."""
    cart = Cart("c", "R1", "cart", currency="USD", item_total=CART.item_total, promo_total=None, total=CART.total)
    [block] = totals(replace(cart, tax_total=CART.total and CART.total * 0))
    assert block == rich(t("Subtotal: ", bold=True), t("$27.50"), t("\n"), t("Total: ", bold=True), t("$30.75"))
    assert totals(Cart("c", "R1", "cart")) == []


def test_an_address_on_one_line() -> None:
    """From the person to the country; what is missing leaves no gap."""
    assert address_line(ADDRESS) == ("Grace Hopper, Compilers Ltd, Sample Street 1, Back door, 10115 Berlin, BE, DE")
    assert address_line(replace(ADDRESS, firstname=None, company=None, zipcode=None, state_name=None)) == (
        "Hopper, Sample Street 1, Back door, Berlin, DE"
    )
    assert address_line(None) == ""


def test_the_words_for_one_payment() -> None:
    """Our word where we know the state, the store's own otherwise."""
    assert [paid(word) for word in ("completed", "checkout", "odd", None)] == ["paid", "not charged yet", "odd", None]
