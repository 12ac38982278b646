"""*Look up orders in this message*: the message shortcut, answered to the person alone (DESIGN.md §3)."""

from __future__ import annotations

import asyncio

from backends.quivo.order import Order
from handlers.answers import ORDER_CARD, patient, refuse
from handlers.context import Context
from handlers.forms.lookup import order_words
from handlers.orders import drawn
from handlers.registry import Press
from handlers.render.found import found_orders, nothing_to_look_up
from handlers.render.profile import Profile
from operations.orders import look_up
from operations.outcome import Done, Outcome, Refused, Unknown

Found = Outcome[tuple[Order, ...]]


async def in_message(ctx: Context) -> str:
    """Look up what may be an order in a message's text, five at most, with the clicker's own connection."""
    words = order_words(ctx.request.text)
    if not words:
        await ctx.answer(nothing_to_look_up())
        return "refused:nothing"
    asking = asyncio.gather(*(look_up(ctx.services.accounts, ctx.actor, word) for word in words))
    outcomes: list[Found] = await patient(ctx, asking, "Still asking Quivo …")
    failed = [outcome for outcome in outcomes if isinstance(outcome, Refused | Unknown)]
    if len(failed) == len(outcomes):
        return await refuse(ctx, failed[0])
    missing = [word for word, outcome in zip(words, outcomes, strict=True) if outcome == Done(())]
    await _answer(ctx, _orders(outcomes), missing)
    return await refuse(ctx, failed[0]) if failed else "done"


def _orders(outcomes: list[Found]) -> list[Order]:
    """What was found, each order once: a message may name one by its number and by its reference."""
    found = [order for outcome in outcomes if isinstance(outcome, Done) for order in outcome.value]
    return list({order.order_id: order for order in found}.values())


async def _answer(ctx: Context, orders: list[Order], missing: list[str]) -> None:
    """The card of the one order that the message is about, else a line for each with its *Show*."""
    if len(orders) == 1 and not missing:
        await ctx.answer(await drawn(ctx, orders[0]))
        return
    cards = await asyncio.gather(*(ctx.card(ORDER_CARD, {"order_id": order.order_id}) for order in orders))
    profile = Profile.EXTERNAL if ctx.profile is Profile.MODAL else ctx.profile
    row_cards = [card.id for card in cards]
    now = ctx.services.now()
    await ctx.answer(found_orders(orders, missing=missing, profile=profile, row_cards=row_cards, now=now))


PRESSES = (Press("order.lookup", in_message),)
