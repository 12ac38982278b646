"""What a store sends stays within Slack's limits, with 1, 50 and 500 of everything, and says what was left out (A9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from render_kit import NOW, alive, flaws, pt, reading
from render_shop import ACCOUNT, ADDRESS, CART, LINES, METHODS, ORDER, PLAIN, PRODUCT, RATES, SHIPMENT, VARIANTS

from backends.vendo.cart import Cart, Line, OrderPage, Promotion
from backends.vendo.catalogue import Image, Product, ProductPage, Variant
from handlers.render import carts, checkout, connect_vendo, shop
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.shop_account import account_view
from handlers.render.shop_orders import shop_order_card, shop_order_details, shop_order_list
from handlers.render.shop_states import order_state, payment_state, shipment_state, stock

COUNTS = [1, 15, 16, 50, 500]
LONG = "näme " * 40


def big(count: int) -> Cart:
    """An order with so many of everything, each with long words."""
    return replace(
        ORDER,
        lines=tuple(Line(f"l-{n}", f"v-{n}", LONG, LONG, LONG, n + 1, Decimal(n), Decimal(n)) for n in range(count)),
        promotions=tuple(Promotion(f"p-{n}", LONG, LONG, Decimal(-n)) for n in range(count)),
        shipments=tuple(replace(SHIPMENT, id=f"s-{n}", number=LONG, rates=RATES) for n in range(count)),
        special_instructions=LONG * 20,
    )


@pytest.mark.parametrize("count", COUNTS)
def test_a_cart_of_any_size(count: int) -> None:
    """A9: a row of buttons for each of the first lines, the others counted, the last row of buttons always there."""
    lines = tuple(replace(LINES[0], id=f"l-{number}") for number in range(count))
    made = carts.cart_card(replace(CART, lines=lines), card_id="card-1", now=NOW)
    assert flaws(made) == []
    rows = [block for block in made.blocks if block["type"] == "actions"]
    assert len(rows) == min(count, carts.LINES) + 1
    assert [one["action_id"] for one in rows[-1]["elements"]] == [
        "cart.checkout", "cart.coupon_open", "cart.note_open", "cart.refresh",
    ]  # fmt: skip
    left = count - carts.LINES
    assert (f"and {left} more lines" in reading(made.blocks)) is (left > 0)


@pytest.mark.parametrize("count", COUNTS)
def test_a_cart_of_long_words(count: int) -> None:
    """A9: words as long as they may be fit too, and something is said about what is left out."""
    made = carts.cart_card(big(count), card_id="card-1", said=[LONG] * 3, now=NOW)
    assert flaws(made) == []
    assert made.blocks[-1]["elements"][-1]["action_id"] == "cart.refresh"
    assert ("more" in reading(made.blocks)) is (count > carts.COUPONS)


@pytest.mark.parametrize("count", COUNTS)
def test_orders_and_reviews_of_any_size(count: int) -> None:
    """A9: an order's card, its details and the review before it, with so many lines, coupons and parcels."""
    order = big(count)
    drawn: list[Message | dict[str, Any]] = [
        *(shop_order_card(order, profile, card_id="card-1", seen_at=NOW) for profile in Profile),
        shop_order_details(order, "card-1"),
        checkout.review_step(order, card_id="card-1"),
    ]
    assert [flaws(made) for made in drawn] == [[]] * len(drawn)
    public = reading(shop_order_card(order, Profile.PUBLIC, card_id="card-1", seen_at=NOW).blocks)
    assert (f"and {count - 5} more" in public) is (count > 5)
    assert ("and" in reading(shop_order_details(order, "card-1")["blocks"][-1])) is (count > 20)


@pytest.mark.parametrize("count", [0, *COUNTS])
def test_lists_of_any_size(count: int) -> None:
    """A9: products and orders in any number make a valid list, with its pages."""
    products = tuple(replace(PRODUCT, id=f"p-{number}", name=LONG) for number in range(count))
    page = ProductPage(products, 2, 3, count)
    listed = shop.product_list(page, title=LONG, card_id="card-1", now=NOW)
    orders = OrderPage(tuple(replace(ORDER, number=f"R{number}") for number in range(count)), 2, 3, count)
    rows = [f"row-{number}" for number in range(count)]
    for made in (listed, shop_order_list(orders, card_id="card-1", row_cards=rows, now=NOW)):
        assert flaws(made) == []
        assert [one["text"] for one in made.blocks[-1]["elements"]] == [pt("Back"), pt("Next")]
        shown = sum("accessory" in block for block in made.blocks)
        assert (f"and {count - shown} more" in reading(made.blocks)) is (shown < count)


@pytest.mark.parametrize(("page", "buttons"), [(1, ["Next"]), (2, ["Back", "Next"]), (3, ["Back"])])
def test_pages_are_counted(page: int, buttons: list[str]) -> None:
    """Next is there while the page is before the last, whatever a link would say (apis/vendo.md §4.3)."""
    made = shop.product_list(ProductPage((PLAIN,), page, 3, 60), title="x", card_id="card-1", now=NOW)
    assert [one["text"]["text"] for one in made.blocks[-1]["elements"]] == buttons


def test_each_row_of_orders_needs_its_card() -> None:
    """A row without a card of its own is refused, instead of opening another row's order."""
    with pytest.raises(ValueError, match="zip"):
        shop_order_list(OrderPage((ORDER,), 1, 1, 1), card_id="card-1", row_cards=[], now=NOW)


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 500])
def test_a_product_with_any_number_of_variants(count: int) -> None:
    """A9: up to a hundred options, each with its price and stock whole; the others are counted."""
    variants = tuple(replace(VARIANTS[0], id=f"v-{number}", options=LONG) for number in range(count))
    product = replace(PRODUCT, variants=variants, default_variant_id="v-0")
    made = shop.product_card(product, card_id="card-1", now=NOW)
    assert flaws(made) == []
    [element] = [one for block in made.blocks if block["type"] == "actions" for one in block["elements"]]
    values = [one["value"] for one in element.get("options", [element])]
    assert values == [f"card-1:{number}" for number in range(min(count or 1, 100))]
    assert all(one["text"]["text"].endswith(", $10.00, in stock") for one in element.get("options", []))
    assert (f"and {count - 100} more variants" in reading(made.blocks)) is (count > 100)
    assert shop.variant_ids([product]) == [f"v-{number}" for number in range(min(count or 1, 100))]


@pytest.mark.parametrize("count", [1, 10, 11, 500])
def test_a_choice_of_any_size(count: int) -> None:
    """A9: ten products with a menu each, whose values count through all of them; the others are announced."""
    products = tuple(replace(PRODUCT, id=f"p-{number}") for number in range(count))
    made = shop.choice(products, card_id="card-1", quantity=2)
    assert flaws(made) == []
    menus = [block["accessory"]["options"] for block in made.blocks if "accessory" in block]
    values = [one["value"] for options in menus for one in options]
    assert values == [f"card-1:{number}" for number in range(2 * min(count, 10))]
    assert len(shop.variant_ids(products)) == len(values)
    assert (f"and {count - 10} more" in reading(made.blocks)) is (count > 10)


def test_what_is_not_for_sale_cannot_be_added() -> None:
    """No menu for it, and no option for a variant that is not for sale."""
    gone = replace(PRODUCT, variants=(VARIANTS[2],))
    assert "can't be put into a cart" in reading(shop.product_card(gone, card_id="card-1", now=NOW).blocks)
    assert shop.variant_ids([gone]) == []
    assert shop.variant_ids([PRODUCT]) == ["variant-1", "variant-2"]
    assert "accessory" not in shop.choice((gone,), card_id="card-1", quantity=1).blocks[1]


@pytest.mark.parametrize("url", ["http://p.example/x.png", "https://ada:pw@p.example/x", "javascript:1", ""])
def test_only_an_https_picture_is_shown(url: str) -> None:
    """A picture that is not plain https is left out, and nothing else of the product is."""
    made = shop.product_card(replace(PRODUCT, images=(Image(url),)), card_id="card-1", now=NOW)
    assert "image" not in [block["type"] for block in made.blocks]
    assert shop.product_card(PRODUCT, card_id="card-1", now=NOW).blocks[1] == {
        "type": "image",
        "image_url": "https://pictures.example/mug.png",
        "alt_text": "A blue mug",
    }
    assert flaws(made) == []


@pytest.mark.parametrize("url", ["http://t.example/1", "https://t.example@evil.example/", "javascript:alert(1)", None])
def test_only_https_tracking_is_a_link(url: str | None) -> None:
    """A tracking link that is not plain https is no link; the parcel is shown all the same."""
    order = replace(ORDER, shipments=(replace(SHIPMENT, tracking_url=url),))
    made = shop_order_card(order, Profile.PUBLIC, card_id="card-1", seen_at=NOW)
    assert [found for found in alive(made.blocks) if found.startswith("link")] == []
    assert "H12345678901, 🚚 shipped" in reading(made.blocks)
    good = shop_order_card(ORDER, Profile.PUBLIC, card_id="card-1", seen_at=NOW)
    assert "link https://www.ups.com/track?n=1Z9" in alive(good.blocks)
    assert "Track at www.ups.com" in reading(good.blocks)


@pytest.mark.parametrize("count", [0, 1, 40, 41, 500])
def test_a_delivery_form_of_any_size(count: int) -> None:
    """A9: forty parcels are asked about; the others keep what the store chose, and are counted."""
    shipments = tuple(replace(SHIPMENT, id=f"s-{number}", rates=RATES * 60) for number in range(count))
    made = checkout.delivery_step(CART, shipments, card_id="card-1")
    asked = [block["block_id"] for block in made["blocks"] if block["type"] == "input"]
    assert asked == [f"shipments[{number}].selected_shipping_rate_id" for number in range(min(count, 40))]
    assert len(made["blocks"]) < 100
    assert (f"and {count - 40} more" in reading(made)) is (count > 40)


def test_a_delivery_form_says_what_each_rate_costs() -> None:
    """The rate that is chosen already is chosen in the form; a free one says so; a parcel without rates says so."""
    made = checkout.delivery_step(CART, (SHIPMENT, replace(SHIPMENT, rates=())), card_id="card-1")
    assert flaws(made) == []
    [menu] = [block["element"] for block in made["blocks"] if block["type"] == "input"]
    assert [one["text"]["text"] for one in menu["options"]] == ["UPS Ground, $5.00", "Pick up, free"]
    assert menu["initial_option"]["value"] == "rate-1"
    assert "no way to send this" in reading(made)


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_saved_addresses_and_ways_to_pay_of_any_number(count: int) -> None:
    """A9: a menu has a hundred options at most; without one the form asks, or says that there is none."""
    addresses = [replace(ADDRESS, id=f"a-{number}", address1=LONG) for number in range(count)]
    methods = [replace(METHODS[0], id=f"m-{number}", name=LONG) for number in range(count)]
    saved = checkout.saved_step(CART, addresses, card_id="card-1")
    paid = checkout.payment_step(CART, methods, card_id="card-1")
    assert (flaws(saved), flaws(paid)) == ([], [])
    assert saved["callback_id"] == ("checkout.saved" if count else "checkout.address")
    assert ("no way to pay" in reading(paid)) is (count == 0)


def test_the_address_form_holds_what_the_cart_knows() -> None:
    """Every input is named by the store's own path and filled; the billing form adds its own and keeps the others."""
    made = checkout.address_step(CART, card_id="card-1")
    held = {block["block_id"]: block["element"] for block in made["blocks"] if block["type"] == "input"}
    assert list(held)[:3] == ["email", "ship_address.firstname", "ship_address.lastname"]
    assert held["ship_address.city"]["initial_value"] == "Berlin"
    assert held["ship_address.country_iso"]["initial_option"]["value"] == "DE"
    both = checkout.with_billing(made)
    names = [block["block_id"] for block in both["blocks"] if block["type"] == "input"]
    assert names == [*held, *(name.replace("ship_", "bill_") for name in held if name != "email")]
    assert (flaws(made), flaws(both)) == ([], [])


def test_an_empty_cart_says_what_to_type() -> None:
    """Nothing to check out, and how to begin."""
    made = carts.cart_card(Cart("c", "R1", "cart"), card_id="card-1", now=NOW)
    assert "Cart R1 is empty." in reading(made.blocks)
    assert "/cart add <SKU or name>" in reading(made.blocks)
    assert "cart.checkout" not in str(made.blocks)


def test_a_single_item_cannot_be_made_less() -> None:
    """One is the least; to have none, it is removed."""
    made = carts.cart_card(replace(CART, lines=LINES[1:]), card_id="card-1", now=NOW)
    assert ("cart.less" in str(made.blocks), "cart.remove" in str(made.blocks)) == (False, True)


def test_the_note_and_addresses_are_not_on_the_cart() -> None:
    """D3: the cart's message stands in a channel, so it says that there is a note, and not what it says."""
    shown = reading(carts.cart_card(CART, card_id="card-1", now=NOW).blocks)
    assert "There is a note" in shown
    assert [word for word in ("ring", "Grace", "Berlin", "grace@") if word in shown] == []


def test_an_account_without_anything() -> None:
    """What a store does not say is left out."""
    bare = account_view(replace(ACCOUNT, first_name=None, last_name=None, store_credits=None), "https://shop.example")
    assert ("Name" in reading(bare), "Store credits" in reading(bare)) == (False, False)


def test_the_code_form_says_where_the_code_went() -> None:
    """And after *Send again* that the one before is void."""
    first = reading(connect_vendo.code_form(card_id="card-1", email="ada@example.com"))
    again = reading(connect_vendo.code_form(card_id="card-1", email="ada@example.com", again=True))
    assert ("Code sent to ada@example.com" in first, "works no more" in first, "works no more" in again) == (
        True, False, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (replace(ORDER, shipment_state=None), "✅ ordered"),
        (ORDER, "🚚 shipped"),
        (replace(ORDER, shipment_state="partial"), "🚚 shipped in part"),
        (replace(ORDER, state="canceled"), "🚫 cancelled"),
        (replace(ORDER, state="payment"), "🛒 not ordered yet"),
        (replace(ORDER, state="on_fire"), "❔ on_fire"),
    ],
)
def test_the_words_for_an_order(order: Cart, said: str) -> None:
    """One word and one symbol for each state; one that we do not know is shown as it came."""
    state = order_state(order)
    assert f"{state.symbol} {state.word}" == said


def test_the_words_for_payment_and_shipping() -> None:
    """Nothing where nothing is said, the store's own word where we know none."""
    states = [payment_state(None), payment_state("paid"), payment_state("odd"), shipment_state("backorder")]
    assert [state and f"{state.symbol} {state.word}" for state in states] == [
        None, "✅ paid", "❔ odd", "⏳ on back order",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("goods", "said"),
    [
        (Variant("v", in_stock=True, purchasable=True), "in stock"),
        (Variant("v", in_stock=False, backorderable=True, purchasable=True), "on back order"),
        (Variant("v", in_stock=False, backorderable=False), "sold out"),
        (Variant("v", in_stock=True, purchasable=False), "not for sale now"),
        (Product("p"), "stock not known"),
    ],
)
def test_the_words_for_stock(goods: Variant | Product, said: str) -> None:
    """From the three flags that there are; never a count (apis/vendo.md §9)."""
    assert stock(goods).word == said
