"""Making what scheduled orders need, from Slack: seed 004's steps 2 to 5, each from a form, and looking it up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backends.qpilot.new import NewCustomer, NewPaymentMethod, NewProduct
from handlers import steering
from handlers.answers import connect_first, expired, patient, refuse, too_late
from handlers.change_message import place_of
from handlers.context import Context
from handlers.forms.checkout import missing
from handlers.forms.founding import New, placed_new, read_new
from handlers.forms.values import Unreadable
from handlers.found_message import FOUND_CARD, draw, next_steps
from handlers.registry import Ack, Command, Press
from handlers.render import founded as said
from handlers.render import founding as render
from handlers.render.failures import failure
from handlers.render.forms import busy, clear_errors, notice, with_errors
from handlers.render.profile import Profile
from handlers.request import Request
from handlers.scheduled import ASKING
from handlers.scheduled_words import store_id
from handlers.shop_answers import in_modal, own_card, refuse_in, tell
from operations import founding, scheduled
from operations.changes import NOT_YOURS, AlreadyBeing
from operations.creating import InvalidInput
from operations.founding import AlreadyThere, Founded, Founding
from operations.linking import QPILOT, not_connected
from operations.outcome import Done, Reason, Refused, Unknown
from operations.qpilot_accounts import MERCHANTS_ONLY
from store.cards import Card
from store.ledger import Action

_CONNECT = (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN)
_FOR_MERCHANTS = (render.CUSTOMER_FORM, render.PRODUCT_FORM)
_UNKNOWN = "We do not know whether it was created. The message that I wrote has a button to look again."
_THERE = "There is one with this id already, so nothing was created."
_BEING = "This is being created already, so I sent nothing a second time."
_NOTHING = "Nothing was created."
_READY = "You are connected now, so you can go on."
_CLOSED = "The form was closed, and has what you typed except what belongs to the payment gateway."


async def customer(ctx: Context) -> str:
    """Answer ``/scheduled customer`` with the form for a new one, ``/scheduled customer 107`` with that one."""
    if not ctx.request.text:
        return await _open(ctx, render.CUSTOMER_FORM, {})
    try:
        customer_id = store_id(ctx.request.text, "customer")
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled customer 107`.", "refused:unreadable")

    async def then(view_id: str) -> str:
        outcome = await scheduled.profile(ctx.services.ports.qpilot, ctx.actor, customer_id)
        if not isinstance(outcome, Done):
            return await refuse_in(ctx, view_id, "Customer", outcome)
        steps = said.Next(
            (await _next(ctx, render.METHOD_FORM, customer_id)).id,
            (await _next(ctx, render.ORDER_FORM, customer_id)).id,
        )
        await ctx.slack.update_view(view_id, said.customer_view(outcome.value, steps))
        return "done"

    return await in_modal(ctx, "Customer", then)


async def _next(ctx: Context, kind: str, customer_id: str) -> Card:
    payload = {"form": kind, "values": {"customerId": customer_id}, "channel": place_of(ctx.request)}
    return await ctx.card(FOUND_CARD, payload)


async def product(ctx: Context) -> str:
    """Answer ``/scheduled product`` with the form for a new one, ``/scheduled product 100982`` with that one."""
    if not ctx.request.text:
        return await _open(ctx, render.PRODUCT_FORM, render.NEW_PRODUCT)
    try:
        product_id = store_id(ctx.request.text, "product")
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled product 100982`.", "refused:unreadable")
    outcome = await patient(ctx, scheduled.product(ctx.services.ports.qpilot, ctx.actor, product_id), ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    await ctx.answer(said.product_card(outcome.value))
    return "done"


async def payment(ctx: Context) -> str:
    """Answer ``/scheduled payment 208022`` with that order's choice, ``/scheduled payment new 107`` with a new one."""
    first, _, rest = ctx.request.text.partition(" ")
    if first.lower() != "new":
        return await steering.command(ctx, "payment")
    try:
        customer_id = store_id(rest, "customer")
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled payment new 107`.", "refused:unreadable")
    return await _open(ctx, render.METHOD_FORM, {"customerId": customer_id})


async def create(ctx: Context) -> str:
    """Answer ``/scheduled create [customer]`` with the form for a scheduled order."""
    try:
        values = {"customerId": store_id(ctx.request.text, "customer")} if ctx.request.text else {}
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled create`.", "refused:unreadable")
    return await _open(ctx, render.ORDER_FORM, values)


async def _open(ctx: Context, kind: str, values: Mapping[str, Any]) -> str:
    """Open a form at once: nothing has to be asked for it; only who can't use it is told so first."""
    accounts = ctx.services.ports.qpilot
    place = accounts.place(ctx.actor)
    if accounts.connection(ctx.actor) is None:
        return await refuse(ctx, not_connected(QPILOT))
    if kind in _FOR_MERCHANTS and place is not None and place.scope != "Merchant":
        return await refuse(ctx, MERCHANTS_ONLY)
    payload = {"form": kind, "values": dict(values), "channel": place_of(ctx.request)}
    return await _show(ctx, await ctx.card(FOUND_CARD, payload))


async def _show(ctx: Context, card: Card) -> str:
    """Show a card's form: in the modal that is open, else in a new one."""
    notes = card.payload
    view = render.form(notes["form"], card_id=card.id, values=notes["values"], labels=notes.get("labels"))
    if ctx.request.view_id is not None:
        await ctx.slack.update_view(ctx.request.view_id, view)
        return "asked"
    if ctx.request.trigger_id is None:  # it was remembered until the person had connected, so no modal can be opened
        await ctx.answer(said.open_prompt(_READY, card.id))
        return "asked"
    return "asked" if await ctx.show(view) is not None else await too_late(ctx)


async def open_form(ctx: Context) -> str:
    """A button that leads to a form, for whoever presses it; one with typed words is for who typed them."""
    card = ctx.found_card(FOUND_CARD)
    if card is None or "form" not in card.payload:
        return await expired(ctx)
    if card.created_by != ctx.request.user and card.payload.get("typed"):
        return await refuse(ctx, NOT_YOURS)
    return await _again(ctx, card)


async def _again(ctx: Context, card: Card) -> str:
    channel = ctx.request.channel or card.payload.get("channel") or ctx.request.user
    return await _open(await ctx.there(channel) if ctx.request.channel is None else ctx, *_asked(card))


def _asked(card: Card) -> tuple[str, Mapping[str, Any]]:
    return card.payload["form"], card.payload["values"]


async def add_item(ctx: Context) -> str:
    """Show one line more; what was typed stays."""
    view = dict(ctx.request.view or {})
    if view.get("callback_id") != render.ORDER_FORM:
        return await expired(ctx)
    await ctx.slack.update_view(ctx.request.view_id, render.with_one_more(clear_errors(view)))
    return "done"


def check_form(request: Request) -> Ack:
    """Answer a submitted form at once: what is wrong under its input, a card's number too; else the form, busy.

    So a card's number gets no further than this: it is not sent, not logged and not kept (seed 004, step 3).
    """
    view = request.view or {"blocks": [], "callback_id": ""}
    found = read_new(str(view["callback_id"]), request.values)
    errors = {**(found if isinstance(found, dict) else {}), **missing(view, request.values)}
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(view, "Creating it at QPilot …")}


async def submit(ctx: Context) -> str:
    """Make it once, and say what came of it: in the modal with the next step, and where it was asked for."""
    card, new = own_card(ctx, FOUND_CARD), read_new(ctx.request.name, ctx.request.values)
    if card is None or isinstance(new, dict):
        return await expired(ctx)
    outcome = await _make(ctx, new, card.payload.get("channel") or ctx.request.user)
    ctx.services.wake()
    match outcome:
        case Founded(action=action):
            await _done(ctx, outcome)
            await draw(ctx.services, action, None, outcome)
            return "done"
        case Unknown(_, Action() as action):
            await ctx.slack.update_view(ctx.request.view_id, notice(_title(ctx), _UNKNOWN, reference=ctx.reference))
            await draw(ctx.services, action)
            return "unknown"
        case _:
            return await _not_made(ctx, card, outcome)


async def _make(ctx: Context, new: New, channel: str) -> Founding:
    ports, actor, ref = ctx.services.ports, ctx.actor, ctx.reference
    match new:
        case NewCustomer():
            return await founding.create_customer(ports, actor, new, ref, channel=channel)
        case NewPaymentMethod():
            return await founding.add_payment_method(ports, actor, new, ref, channel=channel)
        case NewProduct():
            return await founding.create_product(ports, actor, new, ref, channel=channel)
        case _:
            return await founding.create_scheduled_order(ports, actor, new, ref, channel=channel)


async def _done(ctx: Context, made: Founded) -> None:
    action = made.action
    named = said.what(action.kind, made.id, action.payload.get("customer"), Profile.MODAL)
    following = await next_steps(ctx.services, action, made)
    view = said.founded_view(named, _title(ctx), visible=made.visible, following=following)
    await ctx.slack.update_view(ctx.request.view_id, view)


async def _not_made(ctx: Context, card: Card, outcome: Founding) -> str:
    """Back to the form, with everything that was typed and why it was not taken."""
    match outcome:
        case InvalidInput(fields):
            placed = placed_new(fields, ctx.request.values)
            await _back(ctx, card, placed.errors, f"{_NOTHING} {placed.banner}".strip())
            return "refused:invalid"
        case AlreadyThere():
            await _back(ctx, card, {"id": _THERE}, _NOTHING)
            return "refused:already_there"
        case AlreadyBeing():
            await _back(ctx, card, {}, _BEING)
            return "refused:already"
        case Refused(reason, text):
            await _back(ctx, card, {}, f"{_NOTHING} {text}")
            if reason in _CONNECT:
                await ctx.answer(await connect_first(ctx, QPILOT))
            return f"refused:{reason}"
        case Unknown():
            await _back(ctx, card, {}, outcome.text)
            return "unknown"
        case _:
            raise TypeError(type(outcome).__name__)


async def _back(ctx: Context, card: Card, errors: Mapping[str, str], banner: str) -> None:
    """The form again; where it was closed meanwhile, a button that brings it back."""
    view = with_errors(ctx.request.view or {"blocks": []}, errors, banner=f"{banner} Reference {ctx.reference}.")
    if await ctx.slack.update_view(ctx.request.view_id, view):
        return
    kept = {name: value for name, value in ctx.request.values.items() if value and "gateway" not in name}
    await ctx.services.cards.change(card.id, {**card.payload, "values": kept, "typed": True})
    here = await ctx.there(card.payload.get("channel") or ctx.request.user)
    await here.answer(failure(" ".join([banner, *errors.values()]), ctx.reference, hint=_CLOSED))
    await here.answer(said.open_prompt("Go on where you were.", card.id))


def _title(ctx: Context) -> str:
    return render.TITLES.get(ctx.request.name, "Scheduled orders")


COMMANDS = (
    Command("/scheduled", "create", "[customer]", "Create a scheduled order in a form", create),
    Command("/scheduled", "customer", "[customer]", "Create a customer, or look one up", customer),
    Command("/scheduled", "product", "[product]", "Create a product, or look one up", product),
    Command("/scheduled", "payment", "<id> | new <customer>", "Choose or add a payment method", payment),
)
FORMS = (render.CUSTOMER_FORM, render.METHOD_FORM, render.PRODUCT_FORM, render.ORDER_FORM)
PRESSES = (
    *(Press(kind, submit, first_answer=check_form, changes=True) for kind in FORMS),
    *(Press(name, open_form) for name in (said.OPEN, said.ADD_METHOD, said.CREATE_ORDER)),
    Press(render.ADD_ITEM, add_item),
)
