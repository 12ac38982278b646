"""Checking out from Slack: one modal from the cart to the order, each step asked of the store (apis/vendo.md §6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backends.errors import FieldError
from handlers import checkout_steps as steps
from handlers.answers import expired
from handlers.cart_message import CART_CARD
from handlers.carts import channel_of
from handlers.checkout_steps import CHECKOUT_CARD, mine
from handlers.context import Context
from handlers.forms.checkout import missing, read_address, read_rates, read_text
from handlers.forms.complaints import sentence
from handlers.registry import Ack, Command, Press
from handlers.render import checkout as render
from handlers.render.carts import CHECK_OUT
from handlers.render.checkout_fields import BILL, EMAIL, METHOD, SAVED, SHIP
from handlers.render.forms import busy, clear_errors
from handlers.request import Request
from handlers.shop_answers import ASKING, in_modal, own_card
from operations import checkout
from operations.checkout import AddressForm, Checkout, Step, Stepped
from operations.creating import InvalidInput
from operations.vendo_rules import check_address, check_email
from store.cards import Card

_NO_CARDS = "I never ask for a card, so choose another way to pay."


async def command(ctx: Context) -> str:
    """Answer ``/cart checkout`` with the modal for the cart of this channel."""
    return await _begin(ctx, channel_of(ctx))


async def press(ctx: Context) -> str:
    """The cart's own button."""
    card = own_card(ctx, CART_CARD)
    return await expired(ctx) if card is None else await _begin(ctx, card.payload["channel"] or ctx.request.user)


async def _begin(ctx: Context, channel: str) -> str:
    async def then(view_id: str) -> str:
        card = await ctx.card(CHECKOUT_CARD, {"channel": channel})
        outcome = await checkout.begin(ctx.services.ports, ctx.actor, channel, ctx.reference)
        return await steps.step(ctx, view_id, card, outcome)

    return await in_modal(ctx, render.TITLE, then)


def check_saved(request: Request) -> Ack:
    """Answer a chosen address at once: what is missing, else the form again, busy."""
    return _first_answer(request, _email_errors(request))


def check_new(request: Request) -> Ack:
    """Answer a typed address at once: what is wrong with each part under its input, else the form again, busy."""
    prefixes = [SHIP, BILL] if _has_billing(request) else [SHIP]
    found = [one for prefix in prefixes for one in _address_errors(request, prefix)]
    return _first_answer(request, {one.field: sentence(one.message) for one in found} | _email_errors(request))


def check_choice(request: Request) -> Ack:
    """Answer a choice at once: that it is missing, else the form again, busy."""
    return _first_answer(request, {})


def check_complete(request: Request) -> Ack:
    """Answer the last button at once: the review again, saying that the order is being placed."""
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Placing the order …")}


def _address_errors(request: Request, prefix: str) -> tuple[FieldError, ...]:
    return check_address(read_address(request.values, prefix), prefix.removesuffix("."))


def _email_errors(request: Request) -> dict[str, str]:
    email = read_text(request.values, EMAIL)
    return {one.field: sentence(one.message) for one in check_email(email, EMAIL)} if email else {}


def _first_answer(request: Request, wrong: dict[str, str]) -> Ack:
    view = request.view or {"blocks": []}
    shown = {str(block.get("block_id")) for block in view["blocks"]}
    errors = {**missing(view, request.values), **{name: said for name, said in wrong.items() if name in shown}}
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(view, "Asking the store …")}


def _has_billing(request: Request) -> bool:
    blocks = (request.view or {"blocks": []})["blocks"]
    return any(str(block.get("block_id", "")).startswith(BILL) for block in blocks)


async def submit_saved(ctx: Context) -> str:
    """Send the cart to the address that was chosen."""
    saved = read_text(ctx.request.values, SAVED)
    return await _submit_address(ctx, AddressForm(read_text(ctx.request.values, EMAIL), saved=saved))


async def submit_new(ctx: Context) -> str:
    """Send the cart to the address that was typed."""
    values = ctx.request.values
    bill = read_address(values, BILL) if _has_billing(ctx.request) else None
    return await _submit_address(ctx, AddressForm(read_text(values, EMAIL), read_address(values, SHIP), None, bill))


async def _submit_address(ctx: Context, form: AddressForm) -> str:
    """Keep the address, and always ask how it is sent: the store may have chosen a rate by itself."""
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    ports, channel = ctx.services.ports, card.payload["channel"]
    outcome = await checkout.set_address(ports, ctx.actor, channel, form, ctx.reference)
    if isinstance(outcome, Checkout) and outcome.step in (Step.DELIVERY, Step.PAYMENT, Step.REVIEW):
        return await _delivery(ctx, card)
    return await _stepped(ctx, card, outcome)


async def _delivery(ctx: Context, card: Card) -> str:
    """Show the rates, whatever was chosen before; where nothing is to be sent, go on."""
    outcome = await checkout.rates(ctx.services.ports, ctx.actor, card.payload["channel"], ctx.reference)
    if isinstance(outcome, Checkout) and outcome.shipments:
        return await steps.delivery(ctx, ctx.request.view_id, card, outcome)
    return await _stepped(ctx, card, outcome)


async def _stepped(ctx: Context, card: Card, outcome: Stepped) -> str:
    """The next step, or back to the form that this happened in."""
    if isinstance(outcome, Checkout):
        return await steps.step(ctx, ctx.request.view_id, card, outcome)
    return await steps.failed(ctx, ctx.request.view_id, outcome, ctx.request.view)


async def submit_delivery(ctx: Context) -> str:
    """Send each parcel as it was chosen."""
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    choices = read_rates(ctx.request.values, card.payload.get("shipments", []))
    ports, channel = ctx.services.ports, card.payload["channel"]
    if not choices:
        return await _delivery(ctx, card)
    return await _stepped(ctx, card, await checkout.choose_rate(ports, ctx.actor, channel, choices, ctx.reference))


async def submit_payment(ctx: Context) -> str:
    """Pay as it was chosen."""
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    method, channel = read_text(ctx.request.values, METHOD), card.payload["channel"]
    outcome = await checkout.choose_payment(ctx.services.ports, ctx.actor, channel, method, ctx.reference)
    return await _stepped(ctx, card, _under_method(outcome) if isinstance(outcome, InvalidInput) else outcome)


def _under_method(wrong: InvalidInput) -> InvalidInput:
    """The form has one input, so whatever is wrong is said there."""
    return InvalidInput(tuple(FieldError(METHOD, f"{one.message} {_NO_CARDS}") for one in wrong.fields))


async def to_address(ctx: Context) -> str:
    """Back to where it goes."""
    return await _again(ctx, new=False)


async def to_form(ctx: Context) -> str:
    """From the saved addresses to a form for another one."""
    return await _again(ctx, new=True)


async def _again(ctx: Context, *, new: bool) -> str:
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    await _waiting(ctx)
    outcome = await checkout.begin(ctx.services.ports, ctx.actor, card.payload["channel"], ctx.reference)
    if isinstance(outcome, Checkout) and outcome.step not in (Step.ITEMS, Step.DONE):
        cart = replace(outcome.cart, ship_address=None) if new else outcome.cart
        return await steps.address(ctx, ctx.request.view_id, card, replace(outcome, cart=cart), new=new)
    return await _stepped(ctx, card, outcome)


async def to_delivery(ctx: Context) -> str:
    """Back to how it is sent."""
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    await _waiting(ctx)
    return await _delivery(ctx, card)


async def to_payment(ctx: Context) -> str:
    """Back to how it is paid."""
    card = mine(ctx)
    if card is None:
        return await expired(ctx)
    await _waiting(ctx)
    channel = card.payload["channel"]
    outcome = await checkout.payment_methods(ctx.services.ports, ctx.actor, channel, ctx.reference)
    if isinstance(outcome, Checkout) and outcome.methods:
        return await steps.payment(ctx, ctx.request.view_id, card, outcome)
    return await _stepped(ctx, card, outcome)


async def _waiting(ctx: Context) -> None:
    """Say in the modal that the store is being asked, as an acknowledged form does."""
    if ctx.request.view:
        await ctx.slack.update_view(ctx.request.view_id, busy(ctx.request.view, ASKING))


async def add_billing(ctx: Context) -> str:
    """Show inputs for another billing address; what was typed above stays."""
    view: dict[str, Any] = dict(ctx.request.view or {})
    if view.get("callback_id") != render.ADDRESS_STEP:
        return await expired(ctx)
    await ctx.slack.update_view(ctx.request.view_id, render.with_billing(clear_errors(view)))
    return "done"


COMMANDS = (Command("/cart", "checkout", "", "Order what is in my cart here", command),)
PRESSES = (
    Press(CHECK_OUT, press),
    Press(render.SAVED_STEP, submit_saved, first_answer=check_saved, changes=True),
    Press(render.ADDRESS_STEP, submit_new, first_answer=check_new, changes=True),
    Press(render.DELIVERY_STEP, submit_delivery, first_answer=check_choice, changes=True),
    Press(render.PAYMENT_STEP, submit_payment, first_answer=check_choice, changes=True),
    Press(render.TO_ADDRESS, to_address),
    Press(render.TO_FORM, to_form),
    Press(render.TO_DELIVERY, to_delivery),
    Press(render.TO_PAYMENT, to_payment),
    Press(render.BILLING, add_billing),
)
