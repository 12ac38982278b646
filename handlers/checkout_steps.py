"""Which step of a checkout is shown next: read from what Vendo says, never predicted (apis/vendo.md §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.answers import connect_first
from handlers.cart_message import reason
from handlers.context import Context
from handlers.render import checkout as render
from handlers.render.failures import failure
from handlers.render.forms import notice, with_errors
from handlers.render.message import View
from handlers.shop_answers import own_card, placed
from operations import checkout
from operations.carts import CartGone, NoCart
from operations.changes import AlreadyBeing
from operations.checkout import Checkout, Step, Stepped
from operations.creating import InvalidInput
from operations.outcome import Reason, Refused, Unknown
from store.cards import Card

CHECKOUT_CARD = "checkout"
_EMPTY = "Your cart is empty, so there is nothing to order yet."
_DONE = "This cart has been ordered already."
NO_RATES = "The store has no way to send this there. You can change the address."
_NO_METHODS = "The store offers no way to pay for this, so it can't be ordered from here."
Failed = NoCart | CartGone | AlreadyBeing | InvalidInput | Refused | Unknown


def mine(ctx: Context) -> Card | None:
    """The card behind the person's own checkout."""
    card = own_card(ctx, CHECKOUT_CARD)
    return card if card is not None and "channel" in card.payload else None


async def step(ctx: Context, view_id: str | None, card: Card, outcome: Stepped) -> str:
    """Show what the cart needs next; where that is to be chosen from, ask for the choices first."""
    ports, channel = ctx.services.ports, card.payload["channel"]
    if isinstance(outcome, Checkout) and outcome.step is Step.DELIVERY and not outcome.shipments:
        outcome = await checkout.rates(ports, ctx.actor, channel, ctx.reference)
    if isinstance(outcome, Checkout) and outcome.step is Step.PAYMENT and not outcome.methods:
        outcome = await checkout.payment_methods(ports, ctx.actor, channel, ctx.reference)
    if not isinstance(outcome, Checkout):
        return await failed(ctx, view_id, outcome)
    match outcome.step:
        case Step.ITEMS | Step.DONE:
            said = _EMPTY if outcome.step is Step.ITEMS else _DONE
            await ctx.slack.update_view(view_id, notice(render.TITLE, said, reference=ctx.reference))
            return f"refused:{outcome.step}"
        case Step.ADDRESS:
            return await address(ctx, view_id, card, outcome)
        case Step.DELIVERY:
            return await delivery(ctx, view_id, card, outcome)
        case Step.PAYMENT:
            return await payment(ctx, view_id, card, outcome)
        case Step.REVIEW:
            return await review(ctx, view_id, card, outcome)


async def address(ctx: Context, view_id: str | None, card: Card, now: Checkout, *, new: bool = False) -> str:
    """The saved addresses if there are some and no new one is wanted, else the form."""
    if now.addresses and not new:
        return await _show(ctx, view_id, render.saved_step(now.cart, now.addresses, card_id=card.id))
    view = render.address_step(now.cart, card_id=card.id, has_saved=bool(now.addresses))
    return await _show(ctx, view_id, view)


async def delivery(ctx: Context, view_id: str | None, card: Card, now: Checkout) -> str:
    """How each parcel is sent; the card remembers which of them the form asks about."""
    asked = [one.id if one.rates else "" for one in now.shipments[: render.SHIPMENTS]]
    await ctx.services.cards.change(card.id, {**card.payload, "shipments": asked})
    view = render.delivery_step(now.cart, now.shipments, card_id=card.id)
    return await _show(ctx, view_id, view if any(asked) else with_errors(view, {}, banner=NO_RATES))


async def payment(ctx: Context, view_id: str | None, card: Card, now: Checkout) -> str:
    """How it is paid."""
    if not now.methods:
        await ctx.slack.update_view(view_id, notice(render.TITLE, _NO_METHODS, reference=ctx.reference))
        return "refused:no_methods"
    return await _show(ctx, view_id, render.payment_step(now.cart, now.methods, card_id=card.id))


async def review(ctx: Context, view_id: str | None, card: Card, now: Checkout, banner: str = "") -> str:
    """What will be ordered; the card remembers what was shown, so that nothing else is ordered (CHECKS E4)."""
    await ctx.services.cards.change(card.id, {**card.payload, "seen": now.seen})
    view = render.review_step(now.cart, card_id=card.id)
    return await _show(ctx, view_id, with_errors(view, {}, banner=banner) if banner else view)


async def failed(ctx: Context, view_id: str | None, outcome: Failed, view: Mapping[str, Any] | None = None) -> str:
    """Say why it did not go on: in the form ``view`` with what was typed, each complaint under its input, if given."""
    if isinstance(outcome, InvalidInput) and view is not None:
        found = placed(outcome.fields, view)
        errors, text, word = dict(found.errors), f"Not taken. {found.banner}".strip(), "refused:invalid"
    else:
        errors, (text, _, word) = {}, reason(outcome)
    said = f"{text} Reference {ctx.reference}."
    keeps = view is not None and not isinstance(outcome, NoCart | CartGone)
    shown = with_errors(view or {}, errors, banner=said) if keeps else _notice(ctx, text)
    if not await ctx.slack.update_view(view_id, shown):
        await ctx.answer(failure(" ".join([text, *errors.values()]), ctx.reference))
    if isinstance(outcome, Refused) and outcome.reason in (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN):
        await ctx.answer(await connect_first(ctx, outcome.back_end))
    return word


def _notice(ctx: Context, text: str) -> View:
    return notice(render.TITLE, text, reference=ctx.reference)


async def _show(ctx: Context, view_id: str | None, view: View) -> str:
    await ctx.slack.update_view(view_id, view)
    return "asked"
