"""What a person is told about their cart: the cart as it is now, or why nothing was changed."""

from __future__ import annotations

from backends.vendo.cart import Cart
from handlers.answers import refuse
from handlers.context import Context
from handlers.render import shop
from handlers.render.build import marked, message, paragraph, section
from handlers.render.carts import cart_card, cart_name, several_lines
from handlers.render.message import Message
from handlers.shop_answers import complaints, tell
from handlers.shopping import goods_card
from operations.carts import Added, CartGone, CartNow, Changed, NoCart, SeveralLines, Shown
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.outcome import Refused, Unknown
from operations.shopping import Several
from store.cards import Card

CART_CARD = "cart"
BEGIN = "Type `/cart add <SKU or name>` to begin one."
BEING = "This cart is being changed already, so I did nothing. Please look at it again in a moment."
_OLD = "This belongs to a cart from before: you have another one here now, so I did nothing."
_SEE = "Type `/cart show` to see what is in it."


async def answer(
    ctx: Context, outcome: Shown | Changed | Added, *, said: str = "", quantity: int = 1, redraw: bool = False
) -> str:
    """Answer with the cart, or say why nothing was changed; the audit's word for it."""
    match outcome:
        case CartNow(cart):
            await ctx.answer(await drawn(ctx, cart, *notes(outcome), said), replace_original=redraw)
            return "done"
        case Several(products):
            card = await goods_card(ctx, products, quantity)
            await ctx.answer(shop.choice(products, card_id=card, quantity=quantity))
            return "asked"
        case SeveralLines(lines):
            await ctx.answer(several_lines(lines, None))
            return "refused:several"
        case _:
            return await why_not(ctx, outcome)


async def why_not(ctx: Context, outcome: NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown) -> str:
    """Say to the person alone why nothing was done to their cart."""
    text, hint, word = reason(outcome)
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    return await tell(ctx, text, hint, word)


def reason(outcome: NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown) -> tuple[str, str | None, str]:
    """Why nothing was done: the sentence, what to do now, and the audit's word."""
    match outcome:
        case NoCart():
            return "You have no cart in this channel yet.", BEGIN, "refused:no_cart"
        case CartGone(number, ordered=True):
            return f"{cart_name(number)} has been ordered, so it can't be changed.", BEGIN, "refused:ordered"
        case CartGone(number):
            return f"The store no longer has {cart_name(number)}, so I let go of it.", BEGIN, "refused:gone"
        case AlreadyBeing():
            return BEING, None, "refused:already"
        case InvalidInput(fields):
            return f"The store did not take that, so nothing was changed. {complaints(fields)}", None, "refused:invalid"
        case Refused(why, text):
            return text, None, f"refused:{why}"
        case Unknown(text):
            return text, _SEE, "unknown"


def is_old(ctx: Context, card: Card) -> bool:
    """Whether the message behind this card shows a cart that has been ordered or left since (CHECKS E4)."""
    channel = card.payload["channel"] or ctx.request.user
    kept = ctx.services.ports.carts.current(ctx.request.team, ctx.request.user, channel)
    return kept is not None and card.payload["number"] not in ("", kept.number)


async def say_old(ctx: Context) -> str:
    """Say that a button or form belongs to a cart from before; nothing was done."""
    return await tell(ctx, _OLD, _SEE, "refused:stale")


def notes(now: CartNow) -> tuple[str, ...]:
    """That this is a new cart, where it is one, and what became of the one before (seed 003)."""
    if not now.fresh:
        return ()
    if now.after is None:
        return ("This is a new cart.",)
    return (f"This is a new cart. The one before it here was {cart_name(now.after)}.",)


async def drawn(ctx: Context, cart: Cart, *said: str) -> Message:
    """The cart with buttons; its card remembers what it showed, so that an old one changes nothing (CHECKS E4)."""
    lines = [[line.id, line.quantity] for line in cart.lines]
    coupons = [one.code for one in cart.promotions]
    payload = {"channel": ctx.request.channel, "number": cart.number, "lines": lines, "coupons": coupons}
    card = await ctx.card(CART_CARD, payload)
    return cart_card(cart, card_id=card.id, said=[one for one in said if one], now=ctx.services.now())


def no_coupon() -> Message:
    """There is nothing to take away."""
    return message([section("There is no coupon on your cart."), paragraph(marked("Type `/cart coupon <code>`."))])
