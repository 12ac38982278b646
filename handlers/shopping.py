"""Looking around at a store from Slack: products, and one's account (seed 003, apis/vendo.md §7, §9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from slack_sdk.errors import SlackApiError

from backends.vendo.catalogue import Product, ProductPage, ProductQuery
from handlers.answers import expired, patient, refuse
from handlers.context import Context
from handlers.registry import Command, Press
from handlers.render import shop
from handlers.render.shop_account import TITLE, account_view
from handlers.shop_answers import ASKING, in_modal, nth_card, own_card, refuse_in, tell, vendo
from handlers.shop_words import Searched, searched
from operations import shopping
from operations.outcome import Done, Outcome, Refused, Unknown
from operations.shopping import Several

GOODS_CARD, LIST_CARD = "goods", "products"


async def search(ctx: Context) -> str:
    """Answer ``/shop search mug 5..20 in stock`` with the products that fit, for the person alone."""
    asked = searched(ctx.request.text)
    if asked.problem:
        return await tell(ctx, asked.problem, "Type `/shop search mug 5..20 in stock`.", "refused:unreadable")
    if asked == Searched():
        return await tell(ctx, "What shall I look for?", "Type `/shop search mug 5..20 in stock`.", "refused:empty")
    return await _list(ctx, asked, 1)


async def _list(ctx: Context, asked: Searched, page: int, *, turned: bool = False) -> str:
    outcome = await patient(ctx, _found(ctx, asked, page), ASKING)
    if isinstance(outcome, Done):
        return await _answer_list(ctx, asked, outcome.value, turned=turned)
    return await refuse(ctx, outcome)


async def _found(ctx: Context, asked: Searched, page: int) -> Outcome[ProductPage]:
    """What has the words in its name; where nothing has, what has them as its SKU."""
    ports, in_stock = ctx.services.ports, True if asked.in_stock else None
    named = ProductQuery(asked.words or None, (), asked.low, asked.high, in_stock)
    outcome = await shopping.search(ports, ctx.actor, named, ctx.reference, page=page)
    if not isinstance(outcome, Done) or outcome.value.products or not asked.words or " " in asked.words:
        return outcome
    by_sku = replace(named, name=None, skus=(asked.words,))
    return await shopping.search(ports, ctx.actor, by_sku, ctx.reference, page=page)


async def _answer_list(ctx: Context, asked: Searched, page: ProductPage, *, turned: bool = False) -> str:
    """Answer with one page; its card remembers the question, and which product is in which row."""
    payload = {"asked": _packed(asked), "page": page.page, "products": [one.slug or one.id for one in page.products]}
    card = await ctx.card(LIST_CARD, payload)
    listed = shop.product_list(page, title=asked.title, card_id=card.id, now=ctx.services.now())
    await ctx.answer(listed, replace_original=turned)
    return "done"


def _packed(asked: Searched) -> dict[str, Any]:
    low, high = (None if price is None else str(price) for price in (asked.low, asked.high))
    return {"words": asked.words, "low": low, "high": high, "in_stock": asked.in_stock}


def _unpacked(payload: dict[str, Any]) -> Searched:
    low, high = (None if payload[name] is None else Decimal(payload[name]) for name in ("low", "high"))
    return Searched(payload["words"], low, high, payload["in_stock"])


async def page_next(ctx: Context) -> str:
    """Turn to the next page."""
    return await _turn(ctx, 1)


async def page_back(ctx: Context) -> str:
    """Turn to the page before."""
    return await _turn(ctx, -1)


async def _turn(ctx: Context, step: int) -> str:
    card = own_card(ctx, LIST_CARD)
    if card is None:
        return await expired(ctx)
    return await _list(ctx, _unpacked(card.payload["asked"]), max(1, card.payload["page"] + step), turned=True)


async def product(ctx: Context) -> str:
    """Answer ``/shop product MUG-1`` with the product's card, for the person alone: the price is their own."""
    if not ctx.request.text:
        return await tell(ctx, "Which product?", "Type its SKU or name: `/shop product MUG-1`.", "refused:empty")
    return await _show(ctx, ctx.request.text)


async def show_row(ctx: Context) -> str:
    """Show the product that was picked from a list."""
    picked = nth_card(ctx, LIST_CARD)
    if picked is None or picked[1] >= len(picked[0].payload["products"]):
        return await expired(ctx)
    return await _show(ctx, picked[0].payload["products"][picked[1]])


async def _show(ctx: Context, text: str) -> str:
    work = shopping.product(ctx.services.ports, ctx.actor, text.strip('"'), ctx.reference)
    outcome = await patient(ctx, work, ASKING)
    match outcome:
        case Done(Several(products)):
            return await _answer_list(ctx, Searched(text), ProductPage(products, 1, 1, len(products)))
        case Done(Product() as found):
            return await _answer_product(ctx, found)
        case Refused() | Unknown():
            return await refuse(ctx, outcome)
        case _:
            raise TypeError(type(outcome).__name__)


async def _answer_product(ctx: Context, found: Product) -> str:
    card = await goods_card(ctx, (found,), 1)
    now = ctx.services.now()
    try:
        await ctx.answer(shop.product_card(found, card_id=card, now=now))
    except SlackApiError:  # Slack fetches the picture itself, and refuses the whole message where it can't
        await ctx.answer(shop.product_card(found, card_id=card, now=now, picture=False))
    return "done"


async def goods_card(ctx: Context, products: tuple[Product, ...], quantity: int) -> str:
    """The id of a card that remembers what the menus of these products add, and how many of it."""
    payload = {"variants": shop.variant_ids(products), "quantity": quantity, "channel": ctx.request.channel}
    return (await ctx.card(GOODS_CARD, payload)).id


async def account(ctx: Context) -> str:
    """Open one's account in a modal: names, addresses and e-mail are never in a channel (DESIGN.md §4.6)."""

    async def then(view_id: str) -> str:
        outcome = await shopping.account(ctx.services.ports, ctx.actor, ctx.reference)
        if not isinstance(outcome, Done):
            return await refuse_in(ctx, view_id, TITLE, outcome)
        await ctx.slack.update_view(view_id, account_view(outcome.value, vendo(ctx).store(ctx.actor)))
        return "done"

    return await in_modal(ctx, TITLE, then)


COMMANDS = (
    Command("/shop", "search", "<words> [min..max] [in stock]", "Search the store's products", search, default=True),
    Command("/shop", "product", "<SKU or name>", "Show a product and its variants", product),
    Command("/shop", "account", "", "Show my account at the store", account),
)
PRESSES = (
    Press(shop.SHOW, show_row),
    Press(shop.NEXT, page_next),
    Press(shop.BACK, page_back),
)
