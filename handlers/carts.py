"""A person's cart in a channel, from Slack: ``/cart`` and the buttons of its message (seed 003, apis/vendo.md §5)."""

from __future__ import annotations

from handlers.answers import expired, patient
from handlers.cart_message import CART_CARD, answer
from handlers.context import Context
from handlers.forms.values import Unreadable, currency
from handlers.registry import Command, Press
from handlers.render import carts as render
from handlers.render import shop
from handlers.shop_answers import ASKING, nth_card, own_card, tell
from handlers.shop_words import counted
from handlers.shopping import GOODS_CARD
from operations import carts
from operations.carts import CartNow
from store.cards import Card

_STALE = "The cart has changed since this was drawn, so I did nothing. This is how it is now."


async def show(ctx: Context) -> str:
    """Answer ``/cart`` with the cart that this person has in this channel."""
    outcome = await patient(ctx, carts.show(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.reference), ASKING)
    return await answer(ctx, outcome)


async def new(ctx: Context) -> str:
    """Answer ``/cart new EUR`` with a new cart, in place of the one that was there."""
    try:
        wanted = currency(ctx.request.text) if ctx.request.text else None
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/cart new EUR`.", "refused:unreadable")
    work = carts.new(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.reference, currency=wanted)
    return await answer(ctx, await patient(ctx, work, ASKING))


async def add(ctx: Context) -> str:
    """Answer ``/cart add MUG-1 2`` with the cart, to which that many were added once."""
    what, quantity = counted(ctx.request.text)
    if not what:
        return await tell(ctx, "What shall I add?", "Type `/cart add MUG-1 2`.", "refused:empty")
    many = 1 if quantity is None else quantity
    work = carts.add(ctx.services.ports, ctx.actor, channel_of(ctx), what, many, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING), said=f"✅ Added {many}.", quantity=many)


async def pick(ctx: Context) -> str:
    """Add the variant that was chosen from a product's menu to the person's own cart."""
    picked = nth_card(ctx, GOODS_CARD)
    if picked is None or picked[1] >= len(picked[0].payload["variants"]):
        return await expired(ctx)
    (card, number), many = picked, picked[0].payload["quantity"]
    here = await _there(ctx, card)
    variant = card.payload["variants"][number]
    work = carts.add_variant(ctx.services.ports, ctx.actor, channel_of(here), variant, many, ctx.reference)
    return await answer(here, await patient(here, work, ASKING), said=f"✅ Added {many}.")


async def set_quantity(ctx: Context) -> str:
    """Answer ``/cart set MUG-1 3`` with the cart, in which that line has that quantity."""
    what, quantity = counted(ctx.request.text)
    if not what or quantity is None:
        return await tell(ctx, "Which line, and how many?", "Type `/cart set MUG-1 3`.", "refused:empty")
    line = await _line(ctx, what)
    work = carts.set_quantity(ctx.services.ports, ctx.actor, channel_of(ctx), line, quantity, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING))


async def remove(ctx: Context) -> str:
    """Answer ``/cart remove MUG-1`` with the cart without that line."""
    what = ctx.request.text.strip('"').strip()
    if not what:
        return await tell(ctx, "Which line?", "Type `/cart remove MUG-1`.", "refused:empty")
    line = await _line(ctx, what)
    work = carts.remove(ctx.services.ports, ctx.actor, channel_of(ctx), line, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING))


async def _line(ctx: Context, what: str) -> str:
    """The id of the line that is meant by its number in ``/cart show``; anything else as it was typed."""
    if not (what.isascii() and what.isdigit() and len(what) < 4):
        return what
    shown = await carts.show(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.reference)
    lines = shown.cart.lines if isinstance(shown, CartNow) else ()
    if any(line.sku == what for line in lines) or not 1 <= int(what) <= len(lines):
        return what
    return lines[int(what) - 1].id


async def more(ctx: Context) -> str:
    """One more of the line whose button was pressed."""
    return await _step(ctx, 1)


async def less(ctx: Context) -> str:
    """One less of the line whose button was pressed."""
    return await _step(ctx, -1)


async def take_out(ctx: Context) -> str:
    """Take out the line whose button was pressed."""
    return await _step(ctx, 0)


async def _step(ctx: Context, by: int) -> str:
    """Change one line by its button, if the cart still is what the button's message shows (CHECKS E4)."""
    picked = nth_card(ctx, CART_CARD)
    if picked is None or picked[1] >= len(picked[0].payload["lines"]):
        return await expired(ctx)
    card, number = picked
    here, (line_id, quantity) = await _there(ctx, card), card.payload["lines"][number]
    ports, channel = ctx.services.ports, channel_of(here)
    now = await patient(here, carts.show(ports, ctx.actor, channel, ctx.reference), ASKING)
    if not isinstance(now, CartNow):
        return await answer(here, now, redraw=True)
    held = [line for line in now.cart.lines if line.id == line_id and line.quantity == quantity]
    if now.cart.number != card.payload["number"] or not held:
        await answer(here, now, said=_STALE, redraw=True)
        return "refused:stale"
    wanted = (quantity or 0) + by
    if by and wanted > 0:
        work = carts.set_quantity(ports, ctx.actor, channel, line_id, wanted, ctx.reference)
    else:
        work = carts.remove(ports, ctx.actor, channel, line_id, ctx.reference)
    return await answer(here, await patient(here, work, ASKING), redraw=True)


async def refresh(ctx: Context) -> str:
    """Draw the cart's message anew with the cart as it is now."""
    card = own_card(ctx, CART_CARD)
    if card is None:
        return await expired(ctx)
    here = await _there(ctx, card)
    outcome = await carts.show(ctx.services.ports, ctx.actor, channel_of(here), ctx.reference)
    return await answer(here, outcome, redraw=True)


async def _there(ctx: Context, card: Card) -> Context:
    """The same person in the channel that the cart belongs to."""
    channel: str | None = card.payload["channel"]
    return ctx if channel is None or channel == ctx.request.channel else await ctx.there(channel)


def channel_of(ctx: Context) -> str:
    """The channel that a cart belongs to; a person's own messages where there is none."""
    return ctx.request.channel or ctx.request.user


COMMANDS = (
    Command("/cart", "show", "", "Show my cart in this channel", show, default=True, changes=True),
    Command("/cart", "new", "[currency]", "Begin a new cart here", new, changes=True),
    Command("/cart", "add", "<SKU or name> [quantity]", "Add to my cart here", add, changes=True),
    Command("/cart", "set", "<line or SKU> <quantity>", "Set how many of a line", set_quantity, changes=True),
    Command("/cart", "remove", "<line or SKU>", "Take a line out", remove, changes=True),
)
PRESSES = (
    Press(shop.PICK, pick, changes=True),
    Press(render.MORE, more, changes=True),
    Press(render.LESS, less, changes=True),
    Press(render.REMOVE, take_out, changes=True),
    Press(render.REFRESH, refresh, changes=True),
)
