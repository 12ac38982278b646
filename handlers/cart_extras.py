"""Coupons and the note of a cart: their commands, and the small forms that its buttons open (apis/vendo.md §5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from handlers.answers import expired, patient, too_late
from handlers.cart_message import CART_CARD, answer, drawn, is_old, no_coupon, notes, reason, say_old
from handlers.carts import channel_of
from handlers.context import Context
from handlers.forms.checkout import missing, read_text
from handlers.registry import Ack, Command, Press
from handlers.render import carts as render
from handlers.render.failures import failure
from handlers.render.forms import busy, notice, with_errors
from handlers.render.message import View
from handlers.request import Request
from handlers.shop_answers import ASKING, in_modal, nth_card, own_card, placed, tell
from operations import carts
from operations.carts import CartNow, Changed, SeveralLines
from operations.creating import InvalidInput

_LONGEST_CODE = 100
_REMOVE = "remove"


async def coupon(ctx: Context) -> str:
    """Answer ``/cart coupon TEST`` with the cart and the coupon on it; ``remove`` takes one away; alone it asks."""
    first, _, rest = ctx.request.text.partition(" ")
    if not first:
        return await _open(ctx, await _card(ctx), render.coupon_form)
    if first.lower() == _REMOVE:
        return await _remove(ctx, rest.strip())
    work = carts.apply_coupon(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.request.text, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING), said="✅ The coupon works on this cart.")


async def _remove(ctx: Context, code: str) -> str:
    """Take away the coupon that was named, or the only one."""
    if not code:
        shown = await carts.show(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.reference)
        if not isinstance(shown, CartNow):
            return await answer(ctx, shown)
        codes = [one.code for one in shown.cart.promotions if one.code]
        if not codes:
            await ctx.answer(no_coupon())
            return "refused:no_coupon"
        if len(codes) > 1:
            return await tell(ctx, "Which coupon?", "Type `/cart coupon remove <code>`.", "refused:several")
        code = codes[0]
    work = carts.remove_coupon(ctx.services.ports, ctx.actor, channel_of(ctx), code, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING), said="The coupon is taken away.")


async def press_remove(ctx: Context) -> str:
    """Take away the coupon whose button was pressed."""
    picked = nth_card(ctx, CART_CARD)
    codes = picked[0].payload["coupons"] if picked else []
    if picked is None or picked[1] >= len(codes) or not codes[picked[1]]:
        return await expired(ctx)
    here = await ctx.there(picked[0].payload["channel"])
    if is_old(ctx, picked[0]):
        return await say_old(here)
    work = carts.remove_coupon(ctx.services.ports, ctx.actor, channel_of(here), codes[picked[1]], ctx.reference)
    return await answer(here, await patient(here, work, ASKING), said="The coupon is taken away.", redraw=True)


async def open_coupon(ctx: Context) -> str:
    """Open the form for a coupon's code."""
    card = own_card(ctx, CART_CARD)
    return await expired(ctx) if card is None else await _open(ctx, card.id, render.coupon_form)


async def _open(ctx: Context, card_id: str, form: Callable[..., View]) -> str:
    if ctx.request.trigger_id is None:
        return await tell(ctx, "Which code?", "Type `/cart coupon <code>`.", "refused:empty")
    return "done" if await ctx.show(form(card_id=card_id)) else await too_late(ctx)


async def note(ctx: Context) -> str:
    """Answer ``/cart note Please ring`` with the cart that has this note; alone it opens a form with the note."""
    if not ctx.request.text:
        return await _open_note(ctx, await _card(ctx))
    work = carts.note(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.request.text, ctx.reference)
    return await answer(ctx, await patient(ctx, work, ASKING), said="✅ The note is kept.")


async def open_note(ctx: Context) -> str:
    """Open the form for the note, with what it says now."""
    card = own_card(ctx, CART_CARD)
    if card is None:
        return await expired(ctx)
    return await _open_note(await ctx.there(card.payload["channel"]), card.id)


async def _open_note(ctx: Context, card_id: str) -> str:
    async def then(view_id: str) -> str:
        shown = await carts.show(ctx.services.ports, ctx.actor, channel_of(ctx), ctx.reference)
        if not isinstance(shown, CartNow):
            text, _, word = reason(shown)
            await ctx.slack.update_view(view_id, notice(render.NOTE_TITLE, text, reference=ctx.reference))
            return word
        held = shown.cart.special_instructions or ""
        await ctx.slack.update_view(view_id, render.note_form(card_id=card_id, held=held))
        return "done"

    return await in_modal(ctx, render.NOTE_TITLE, then)


async def _card(ctx: Context) -> str:
    """A card for a form that a command opens."""
    payload: dict[str, Any] = {"channel": ctx.request.channel, "number": "", "lines": [], "coupons": []}
    return (await ctx.card(CART_CARD, payload)).id


def check_form(request: Request) -> Ack:
    """Answer a submitted form at once: what is missing or too long under its input, else the form again, busy."""
    view = request.view or {"blocks": []}
    errors = missing(view, request.values)
    if len(read_text(request.values, "coupon_code")) > _LONGEST_CODE:
        errors["coupon_code"] = "That is too long for a code."
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(view, "Asking the store …")}


async def submit_coupon(ctx: Context) -> str:
    """Apply the coupon that was typed into the form."""
    code = read_text(ctx.request.values, "coupon_code")
    return await _submit(
        ctx,
        render.COUPON_TITLE,
        "✅ The coupon works on this cart.",
        lambda here: carts.apply_coupon(here.services.ports, here.actor, channel_of(here), code, here.reference),
    )


async def submit_note(ctx: Context) -> str:
    """Keep the note that was typed into the form."""
    text = read_text(ctx.request.values, "special_instructions")
    return await _submit(
        ctx,
        render.NOTE_TITLE,
        "✅ The note is kept.",
        lambda here: carts.note(here.services.ports, here.actor, channel_of(here), text, here.reference),
    )


async def _submit(ctx: Context, title: str, said: str, change: Callable[[Context], Awaitable[Changed]]) -> str:
    """Change the cart; say so in the modal and show the cart where it belongs, or say in the form why not."""
    card = own_card(ctx, CART_CARD)
    if card is None:
        return await expired(ctx)
    here = await ctx.there(card.payload["channel"])
    if is_old(ctx, card):
        await ctx.slack.update_view(ctx.request.view_id, notice(title, "Nothing was changed.", reference=ctx.reference))
        return await say_old(here)
    outcome = await change(here)
    if isinstance(outcome, CartNow):
        await ctx.slack.update_view(ctx.request.view_id, notice(title, said))
        await here.answer(await drawn(here, outcome.cart, *notes(outcome), said))
        return "done"
    return await _back(here, outcome)


async def _back(ctx: Context, outcome: Changed) -> str:
    """Back to the form, with what was typed and why it was not taken."""
    view = ctx.request.view or {"blocks": []}
    if isinstance(outcome, InvalidInput):
        found = placed(outcome.fields, view)
        errors, text, word = dict(found.errors), f"Nothing was changed. {found.banner}".strip(), "refused:invalid"
    elif isinstance(outcome, CartNow | SeveralLines):
        return "done"
    else:
        errors, (text, _, word) = {}, reason(outcome)
    shown = await ctx.slack.update_view(
        ctx.request.view_id, with_errors(view, errors, banner=f"{text} Reference {ctx.reference}.")
    )
    if not shown:
        await ctx.answer(failure(" ".join([text, *errors.values()]), ctx.reference))
    return word


COMMANDS = (
    Command(
        "/cart", "coupon", "<code> or remove [code]", "Put a coupon on my cart, or take it away", coupon, changes=True
    ),
    Command("/cart", "note", "<text>", "Keep a note for the store with my cart", note, changes=True),
)
PRESSES = (
    Press(render.COUPON_OPEN, open_coupon),
    Press(render.COUPON, submit_coupon, first_answer=check_form, changes=True),
    Press(render.COUPON_REMOVE, press_remove, changes=True),
    Press(render.NOTE_OPEN, open_note, changes=True),
    Press(render.NOTE, submit_note, first_answer=check_form, changes=True),
)
