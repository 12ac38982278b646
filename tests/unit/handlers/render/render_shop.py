"""Sample data and cases for the renderers of everything that a store shows and sells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from render_kit import NOW, Case

from backends.vendo.account import Account
from backends.vendo.cart import (
    Address,
    Cart,
    Line,
    OrderPage,
    Payment,
    PaymentMethod,
    Promotion,
    Rate,
    Shipment,
)
from backends.vendo.catalogue import Image, Product, ProductPage, Variant
from handlers.render import carts, checkout, connect_vendo, shop, shop_account, shop_orders
from handlers.render.profile import Profile

ADA = "U0ADA00001"
TOKEN = "canary-order-token"
BOUGHT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ADDRESS = Address(
    firstname="Grace",
    lastname="Hopper",
    address1="Sample Street 1",
    address2="Back door",
    city="Berlin",
    zipcode="10115",
    phone="+49 30 123",
    state_name="BE",
    company="Compilers Ltd",
    country_iso="DE",
    label="Home",
    id="address-1",
)
SHORT = Address(lastname="Li", address1="A 1", city="Ulm", label="Home", id="address-1")  # fits into an option
RATES = (
    Rate("rate-1", "UPS Ground", "ups", selected=True, final_price=Decimal("5.0")),
    Rate("rate-2", "Pick up", "pick", free=True, cost=Decimal("0.0")),
)
SHIPMENT = Shipment(
    "shipment-1", "H12345678901", "shipped", "https://www.ups.com/track?n=1Z9", BOUGHT, Decimal("5.0"), rates=RATES
)
LINES = (
    Line("line-1", "variant-1", "Blue mug", "Color: blue, Size: M", "MUG-B", 2, Decimal("10.0"), Decimal("20.0")),
    Line("line-2", "variant-2", "Plate", None, "PLATE", 1, Decimal("7.5"), Decimal("7.5")),
)
CART = Cart(
    id="cart-1",
    number="R123456789",
    state="cart",
    email="grace@example.com",
    currency="USD",
    item_count=3,
    item_total=Decimal("27.5"),
    ship_total=Decimal("5.0"),
    promo_total=Decimal("-2.75"),
    tax_total=Decimal("1.0"),
    total=Decimal("30.75"),
    lines=LINES,
    promotions=(Promotion("promotion-1", "Ten off", "TEST", Decimal("-2.75"), "Ten per cent"),),
    shipments=(SHIPMENT,),
    payments=(Payment("payment-1", "P1", "checkout", Decimal("30.75"), "check", "Check"),),
    ship_address=ADDRESS,
    bill_address=replace(ADDRESS, firstname="Accounts"),
    special_instructions="Please ring twice",
)
ORDER = replace(
    CART, state="complete", payment_state="paid", shipment_state="shipped", completed_at=BOUGHT, created_at=BOUGHT
)
VARIANTS = (
    Variant("variant-1", "MUG-B", "Color: blue", Decimal("10.0"), "USD", True, True),
    Variant("variant-2", "MUG-R", "Color: red", Decimal("11.0"), "USD", True, False, True),
    Variant("variant-3", "MUG-X", "Color: none", Decimal("12.0"), "USD", False, False),
)
PRODUCT = Product(
    id="product-1",
    name="Mug",
    slug="mug",
    sku="MUG",
    description="<p>A mug</p>",
    price=Decimal("10.0"),
    compare_at_price=Decimal("12.0"),
    currency="USD",
    purchasable=True,
    in_stock=True,
    variants=VARIANTS,
    images=(Image("https://pictures.example/mug.png", "A blue mug"),),
)
PLAIN = Product(id="product-2", name="Plate", slug="plate", price=None, default_variant_id="variant-9", in_stock=True)
ACCOUNT = Account("user-1", "grace@example.com", "Grace", "Hopper", Decimal("12.5"), 3, ADDRESS, ADDRESS)
METHODS = (PaymentMethod("check", "Check", "Spree::PaymentMethod::Check"), PaymentMethod("bogus", None, "Bogus"))


def _order(profile: Profile) -> Case:
    given = {"order": ORDER, "card_id": "card-1", "asked_by": ADA}
    return Case(
        f"shop_order_card {profile}",
        given,
        lambda **g: shop_orders.shop_order_card(profile=profile, seen_at=NOW, **g),
    )


_PAGE = {"page": OrderPage((ORDER, replace(ORDER, state="canceled")), 2, 3, 52), "row_cards": ["row-1", "row-2"]}
SHOP_CASES: Sequence[Case] = (
    *(_order(profile) for profile in Profile),
    Case("shop_order_details", {"order": ORDER, "card_id": "card-1"}, shop_orders.shop_order_details),
    Case(
        "shop_order_list",
        _PAGE,
        lambda **g: shop_orders.shop_order_list(card_id="card-1", now=NOW, **g),
    ),
    Case("account_view", {"account": ACCOUNT, "store": "https://shop.example"}, shop_account.account_view),
    Case(
        "product_list",
        {"page": ProductPage((PRODUCT, PLAIN), 1, 2, 27), "title": "Products matching mug", "card_id": "card-1"},
        lambda **g: shop.product_list(now=NOW, **g),
    ),
    Case("product_card", {"product": PRODUCT, "card_id": "card-1"}, lambda **g: shop.product_card(now=NOW, **g)),
    Case("product_card plain", {"product": PLAIN, "card_id": "card-1"}, lambda **g: shop.product_card(now=NOW, **g)),
    Case("choice", {"products": (PRODUCT, PLAIN), "card_id": "card-1"}, lambda **g: shop.choice(quantity=2, **g)),
    Case(
        "cart_card", {"cart": CART, "card_id": "card-1", "said": ("Added.",)}, lambda **g: carts.cart_card(now=NOW, **g)
    ),
    Case("several_lines", {"lines": LINES, "currency": "USD"}, carts.several_lines),
    Case("coupon_form", {"card_id": "card-1"}, carts.coupon_form),
    Case("note_form", {"card_id": "card-1", "held": ""}, carts.note_form),
    Case("email_form", {"card_id": "card-1", "store": "https://shop.example"}, connect_vendo.email_form),
    Case("code_form", {"card_id": "card-1", "email": "grace@example.com"}, connect_vendo.code_form),
    Case(
        "saved_step",
        {"addresses": (SHORT, replace(SHORT, id="address-2", label=None)), "card_id": "card-1"},
        lambda **g: checkout.saved_step(replace(CART, email=None), **g),
    ),
    Case(
        "delivery_step",
        {"cart": CART, "shipments": (SHIPMENT,), "card_id": "card-1"},
        checkout.delivery_step,
    ),
    Case("payment_step", {"methods": METHODS, "card_id": "card-1"}, lambda **g: checkout.payment_step(CART, **g)),
    Case("review_step", {"cart": CART, "card_id": "card-1"}, checkout.review_step),
    Case("ordered_line", {"number": "R1"}, checkout.ordered_line),
    Case(
        "order_unknown",
        {"number": "R1", "why": "No answer.", "card_id": "card-1", "reference": "7f3k"},
        checkout.order_unknown,
    ),
)
