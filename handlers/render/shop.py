"""Products as a list, as a card with what can be put into the cart, and as a choice (apis/vendo.md §9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from backends.vendo.catalogue import Image, Product, ProductPage, Variant
from handlers.render import limits
from handlers.render.build import (
    Element,
    actions,
    bold,
    button,
    code,
    context,
    marked,
    message,
    own,
    paragraph,
    safe_url,
    say,
    section,
    words,
)
from handlers.render.escape import plain
from handlers.render.inputs import option
from handlers.render.message import Block, Message
from handlers.render.money import money
from handlers.render.shop_orders import paging
from handlers.render.shop_states import shown, stock
from handlers.render.times import when

SHOW, NEXT, BACK, PICK = "shop.show", "shop.page_next", "shop.page_back", "cart.add_pick"
CHOICES = 10  # ours: products to choose from in one message
_NAME = 100


def nth(card_id: str, number: int) -> str:
    """What a button of one of several things carries: the opaque id of the card, and which of them is meant."""
    return f"{card_id}:{number}"


def product_list(page: ProductPage, *, title: str, card_id: str, now: datetime) -> Message:
    """One page of products, one line each with its `shop.show`, whose value is ``nth`` of ``card_id``.

    `shop.page_next` and `shop.page_back` carry ``card_id``.
    """
    pages = [say(f", page {page.page} of {page.total_pages}")] if page.total_pages > 1 else []
    head = paragraph([bold(title), say(f" ({page.total_count})"), *pages])
    rows = [_row(product, nth(card_id, number)) for number, product in enumerate(page.products)]
    nothing = section("No products found for this. Try a shorter part of the name, or another price.")
    tail = [context(own(f"As of {when(now)}")), *paging(page.page, page.total_pages, card_id, BACK, NEXT)]
    return message([head, *(rows or [nothing])], tail=tail)


def product_card(product: Product, *, card_id: str, now: datetime, picture: bool = True) -> Message:
    """One product: its price for this person, whether it can be had, its variants, and a menu that adds one.

    `cart.add_pick` carries ``nth`` of ``card_id``, counted as ``variant_ids`` does.
    """
    was = product.compare_at_price
    before = [say(f", before {money(was, product.currency)}")] if was is not None else []
    head = paragraph(
        [bold(_name(product)), *([say(" "), code(product.sku)] if product.sku else [])],
        [say(price(product.price, product.currency)), *before, say(f", {shown(stock(product))}.")],
    )
    adding = _adding(product, card_id)
    small = context(own(f"As of {when(now)}"), words("The price is yours: a store may have one for each customer."))
    blocks = [head, *(_picture(product.images) if picture else []), *adding]
    return message(blocks, tail=[*_too_many(product), small])


def choice(products: Sequence[Product], *, card_id: str, quantity: int) -> Message:
    """Several products or variants fit: a menu or a button (`cart.add_pick`) for each, which adds ``quantity``.

    The values are ``nth`` of ``card_id``, counted through all products as ``variant_ids`` does.
    """
    rows, first = [], 0
    for product in products[:CHOICES]:
        many = len(variant_ids([product]))
        said = f"{_name(product)}, {price(product.price, product.currency)}, {shown(stock(product))}"
        element = _element(product, card_id, first)
        rows.append(section(said, accessory=element) if element else section(said))
        first += many
    left = len(products) - CHOICES
    tail = [limits.more_block(left)] if left > 0 else []
    return message([section(f"Several fit. Choose what to add {quantity} of:"), *rows], tail=tail)


def variant_ids(products: Sequence[Product]) -> list[str]:
    """What the menus of these products add, in the order in which they count."""
    return [one for product in products[:CHOICES] for one, _ in _goods(product)]


def price(amount: Decimal | None, currency: str | None) -> str:
    """A price, or that there is none."""
    return "no price" if amount is None else money(amount, currency)


def _goods(product: Product) -> list[tuple[str, Variant | None]]:
    """What can be put into a cart: the variants, or else the product itself; what is not for sale is left out."""
    if product.variants:
        kept = [(one.id, one) for one in product.variants if one.purchasable is not False]
        return list(kept[: limits.OPTIONS])
    own_id = product.default_variant_id
    return [(own_id, None)] if own_id and product.purchasable is not False else []


def _adding(product: Product, card_id: str) -> list[Block]:
    element = _element(product, card_id, 0)
    return [actions(element)] if element else [section("It can't be put into a cart now.")]


def _element(product: Product, card_id: str, first: int) -> Block | None:
    goods = _goods(product)
    if not goods:
        return None
    if len(goods) == 1:
        return button("Add to my cart", PICK, nth(card_id, first))
    options = [
        option(nth(card_id, first + number), _variant(variant, product)) for number, (_, variant) in enumerate(goods)
    ]
    placeholder = words("Add to my cart", limits.PLACEHOLDER)
    return {"type": "static_select", "action_id": PICK, "placeholder": placeholder, "options": options}


def _variant(variant: Variant | None, product: Product) -> str:
    """A variant in the 75 characters of an option: the price and the stock are never what is cut off."""
    if variant is None:
        return _name(product)
    amount = product.price if variant.price is None else variant.price
    end = f", {price(amount, variant.currency or product.currency)}, {stock(variant).word}"
    return plain(variant.options or variant.sku or "one kind", max(limits.OPTION_TEXT - len(end), 10)) + end


def _too_many(product: Product) -> list[Block]:
    left = len([one for one in product.variants if one.purchasable is not False]) - limits.OPTIONS
    typed: list[Element] = marked("Add one of the others with `/cart add <SKU>`.")
    return [paragraph([say(f"{limits.more(left, 'variants')}. "), *typed])] if left > 0 else []


def _row(product: Product, value: str) -> Block:
    parts = (plain(product.name or "", _NAME), plain(product.sku or ""), price(product.price, product.currency))
    state = stock(product)
    said = " · ".join([*filter(None, parts), state.word])
    line = words(f"{state.symbol} {said}", limits.FIELD_TEXT)
    return {"type": "section", "text": line, "accessory": button("Show", SHOW, value)}


def _picture(images: Sequence[Image]) -> list[Block]:
    """The first picture whose address is plain https."""
    for image in images:
        url = safe_url(image.url)
        if url:
            alt = plain(image.alt or "", limits.FIELD_TEXT) or "Picture of the product"
            return [{"type": "image", "image_url": url, "alt_text": alt}]
    return []


def _name(product: Product) -> str:
    return plain(product.name or product.slug or "", _NAME) or "A product without a name"
