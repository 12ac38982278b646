"""What one has bought at a store: ``/shop orders``, ``/shop order R…`` and their buttons (apis/vendo.md §7, §8)."""

from __future__ import annotations

import asyncio
from typing import Any

from backends.vendo.cart import ShopOrder
from handlers.answers import expired, patient, refuse
from handlers.context import Context
from handlers.registry import Command, Press
from handlers.render import shop_orders as render
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.shop_answers import ASKING, in_modal, own_card, refuse_in, tell
from operations import shopping
from operations.outcome import Done, Outcome
from operations.shopping import Bought
from store.cards import Card

ORDER_CARD, LIST_CARD = "shop_order", "shop_orders"
_TITLE = "Shop order"


def kept(number: str, store: str | None) -> dict[str, Any]:
    """What an order's card keeps: a number is a store's own, so whoever buys elsewhere means another order by it."""
    return {"number": number, "store": store}


async def list_orders(ctx: Context) -> str:
    """Answer ``/shop orders`` with the newest ones, for the person alone."""
    return await _list(ctx, 1)


async def _list(ctx: Context, page: int, *, turned: bool = False) -> str:
    store = ctx.services.ports.vendo.store(ctx.actor)
    work = shopping.orders(ctx.services.ports, ctx.actor, ctx.reference, page=page)
    outcome = await patient(ctx, work, ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    found = outcome.value
    card, *rows = await asyncio.gather(
        ctx.card(LIST_CARD, {"page": found.page}),
        *(ctx.card(ORDER_CARD, kept(order.number, store)) for order in found.orders),
    )
    row_cards = [row.id for row in rows]
    listed = render.shop_order_list(found, card_id=card.id, row_cards=row_cards, now=ctx.services.now())
    await ctx.answer(listed, replace_original=turned)
    return "done"


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
    return await _list(ctx, max(1, card.payload["page"] + step), turned=True)


async def show(ctx: Context) -> str:
    """Answer ``/shop order R123456789`` with the order's card in the channel, as far as the channel may read it."""
    number = ctx.request.text.lstrip("#").upper()
    if not number:
        return await tell(ctx, "Which order?", "Type its number: `/shop order R123456789`.", "refused:empty")
    return await _publish(ctx, number)


async def show_row(ctx: Context) -> str:
    """Post the card of an order that was picked from a list."""
    card = own_card(ctx, ORDER_CARD)
    return await expired(ctx) if card is None else await _publish(ctx, card.payload["number"], _store(card))


async def _publish(ctx: Context, number: str, store: str | None = None) -> str:
    work = shopping.order(ctx.services.ports, ctx.actor, number, ctx.reference, store=store)
    outcome = await patient(ctx, work, ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    order = outcome.value.order
    card = await ctx.card(ORDER_CARD, kept(order.number, outcome.value.store))
    await ctx.publish(_drawn(ctx, order, card.id))
    return "done"


async def refresh(ctx: Context) -> str:
    """Draw a card anew with the order as it is now, read with the clicker's own account."""
    card = _usable(ctx)
    if card is None:
        return await expired(ctx)
    outcome = await patient(ctx, _read(ctx, card), ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    await ctx.redraw(_drawn(ctx, outcome.value.order, card.id))
    return "done"


async def details(ctx: Context) -> str:
    """Open everything about a card's order in a modal, read with the clicker's own account (DESIGN.md §4.6)."""
    card = _usable(ctx)
    if card is None:
        return await expired(ctx)

    async def then(view_id: str) -> str:
        outcome = await _read(ctx, card)
        if not isinstance(outcome, Done):
            return await refuse_in(ctx, view_id, _TITLE, outcome)
        await ctx.slack.update_view(view_id, render.shop_order_details(outcome.value.order, card.id))
        return "done"

    return await in_modal(ctx, _TITLE, then)


def _usable(ctx: Context) -> Card | None:
    """The card that was pressed; one from before a card kept its store is of use to whom it was made for alone."""
    card = ctx.found_card(ORDER_CARD)
    if card is None or (_store(card) is None and card.created_by != ctx.request.user):
        return None
    return card


def _store(card: Card) -> str | None:
    return card.payload.get("store")


async def _read(ctx: Context, card: Card) -> Outcome[Bought]:
    number = card.payload["number"]
    return await shopping.order(ctx.services.ports, ctx.actor, number, ctx.reference, store=_store(card))


def _drawn(ctx: Context, order: ShopOrder, card_id: str) -> Message:
    profile = Profile.EXTERNAL if ctx.profile is Profile.MODAL else ctx.profile
    now, asked_by = ctx.services.now(), ctx.request.user
    return render.shop_order_card(order, profile, card_id=card_id, asked_by=asked_by, seen_at=now)


COMMANDS = (
    Command("/shop", "orders", "", "List what I have ordered", list_orders),
    Command("/shop", "order", "<R…>", "Show one of my shop orders", show),
)
PRESSES = (
    Press(render.SHOW, show_row),
    Press(render.REFRESH, refresh),
    Press(render.DETAILS, details),
    Press(render.NEXT, page_next),
    Press(render.BACK, page_back),
)
