"""Making an order from Slack: the form, its buttons, what came of it, and trying again (seed 001)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from backends.errors import FieldError
from backends.quivo.new_order import NewOrder
from handlers.answers import ORDER_CARD, connect_first, expired, patient, refuse, too_late
from handlers.change_message import clicked, place_of
from handlers.context import Context
from handlers.create_message import CREATE_CARD, draw, reopen
from handlers.forms.complaints import sentence
from handlers.forms.filling import filled
from handlers.forms.order_form import form_of, placed_errors, read
from handlers.registry import Ack, Command, Press
from handlers.render.build import actions, button, message, section
from handlers.render.creating import already_there
from handlers.render.failures import failure
from handlers.render.forms import busy, notice, with_errors
from handlers.render.naming import Named
from handlers.render.order_form import OrderForm, order_form
from handlers.request import Request
from operations import creating
from operations.accounts import NOT_CONNECTED, QUIVO
from operations.changes import NOT_YOURS, SENDING, AlreadyBeing
from operations.creating import AlreadyThere, Created, InvalidInput, Made, new_identifier
from operations.outcome import Reason, Refused, Unknown
from operations.packing import pack, unpack
from store.cards import Card
from store.ledger import Action

TITLE = "Create an order"
_NOT_TAKEN = "Quivo did not take the order, so nothing was created."
_UNKNOWN = (
    "We do not know whether the order was created. The message that I wrote you has a button to try again: "
    "it looks for the identifier first, so that there is never a second order."
)
_BEING_SENT = "An order with this identifier is on its way already, so I sent no second one. The message tells how."
_CONNECT = (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN)


async def open_form(ctx: Context) -> str:
    """Open the form for a new order, with an identifier that nobody has used."""
    if ctx.services.accounts.connection(ctx.actor) is None:
        return await refuse(ctx, NOT_CONNECTED)
    if ctx.request.trigger_id is None:  # it was remembered until the person had connected, so no modal can be opened
        start = actions(button(TITLE, "order.create_open", "new"))
        await ctx.answer(message([section("Now you can create an order.")], tail=[start]))
        return "done"
    return await _show(ctx, await new_card(ctx), OrderForm({"orderIdentifier": new_identifier(ctx.services.now())}))


async def new_card(ctx: Context) -> Card:
    """What a form for an order needs later: where its message belongs."""
    return await ctx.card(CREATE_CARD, {"channel": place_of(ctx.request)})


async def _show(ctx: Context, card: Card, form: OrderForm) -> str:
    if await ctx.show(order_form(form, card_id=card.id)) is None:
        return await too_late(ctx)
    return "done"


async def add_position(ctx: Context) -> str:
    """Show one position more."""
    return await _redraw(ctx, OrderForm.added)


async def remove_position(ctx: Context) -> str:
    """Take out the position that was chosen; what stands in the others stays there."""
    slot = ctx.request.value
    return await _redraw(ctx, lambda form: form.removed(int(slot)) if slot.isdecimal() else form)


async def more(ctx: Context) -> str:
    """Show all the other fields."""
    return await _redraw(ctx, OrderForm.opened)


async def _redraw(ctx: Context, change: Callable[[OrderForm], OrderForm]) -> str:
    view = ctx.request.view or {}
    if view.get("callback_id") != "order.create":
        return await expired(ctx)
    form = change(form_of(view))
    await ctx.slack.update_view(ctx.request.view_id, order_form(form, card_id=str(view.get("private_metadata") or "")))
    return "done"


def check_form(request: Request) -> Ack:
    """Answer the submitted form at once: what is wrong under its input, else the form again, busy."""
    form = form_of(request.view or {"blocks": []})
    found = read(request.values, form)
    if isinstance(found, dict):
        return {"response_action": "errors", "errors": found}
    return {
        "response_action": "update",
        "view": busy(order_form(form, card_id=request.card_id), "Creating the order at Quivo …"),
    }


async def submit(ctx: Context) -> str:
    """Send the order once, and say what came of it: in the form, or by a message where it was asked for."""
    card, form = ctx.found_card(CREATE_CARD), form_of(ctx.request.view or {"blocks": []})
    order = read(ctx.request.values, form)
    if card is None or card.created_by != ctx.request.user or isinstance(order, dict):
        return await expired(ctx)
    outcome = await creating.create(
        ctx.services.ports, ctx.actor, order, ctx.reference, channel=card.payload["channel"]
    )
    ctx.services.wake()
    match outcome:
        case Created(order_id, action):
            await _close(ctx, f"Order {order_id} is created. The message tells more.")
            await draw(ctx.services, action)
            return "done"
        case Unknown(_, Action() as action):
            await _close(ctx, _UNKNOWN)
            await draw(ctx.services, action)
            return "unknown"
        case _:
            return await _not_made(ctx, card, form, order, outcome)


async def _close(ctx: Context, text: str) -> None:
    await ctx.slack.update_view(ctx.request.view_id, notice(TITLE, text, reference=ctx.reference))


async def _not_made(ctx: Context, card: Card, form: OrderForm, order: NewOrder, outcome: Made) -> str:
    """Back to the form, with everything that was typed and why it was not taken."""
    match outcome:
        case InvalidInput(fields):
            placed = placed_errors(fields, form)
            await _back(ctx, card, form, order, placed.errors, f"{_NOT_TAKEN} {placed.banner}".strip())
            return "refused:invalid"
        case AlreadyThere(order_id):
            there = f"Order {order_id} has this identifier already. For another order, change it."
            await _back(ctx, card, form, order, {"orderIdentifier": there}, "I made no second order.")
            shown = await ctx.card(ORDER_CARD, {"order_id": order_id})
            await ctx.answer(already_there(Named(order_id), card_id=shown.id))
            return "refused:already_there"
        case AlreadyBeing(action):
            said = _BEING_SENT if action.state == SENDING else _UNKNOWN
            await _back(ctx, card, form, order, {}, said)
            return "refused:already"
        case Refused() if outcome.reason in _CONNECT:
            await _keep(ctx, card, form, order)
            await _back(ctx, card, form, order, {}, outcome.text)
            await ctx.answer(await connect_first(ctx, QUIVO))
            said = "Once you are connected, the form has everything that you typed."
            await ctx.answer(message([section(said)], tail=[actions(reopen(card.id))]))
            return f"refused:{outcome.reason}"
        case Refused(reason, text):
            await _back(ctx, card, form, order, {}, f"Not created. {text}")
            return f"refused:{reason}"
        case _:
            return await refuse(ctx, Unknown(creating.CUT_OFF))


async def _back(
    ctx: Context, card: Card, form: OrderForm, order: NewOrder, errors: Mapping[str, str], banner: str
) -> None:
    """Show the form again with what is wrong; where it was closed meanwhile, a button that brings it back."""
    said = f"{banner} Reference {ctx.reference}."
    view = with_errors(order_form(form, card_id=card.id), errors, banner=said)
    if await ctx.slack.update_view(ctx.request.view_id, view):
        return
    await _keep(ctx, card, form, order)
    await ctx.answer(failure(" ".join([banner, *errors.values()]), ctx.reference, actions=(reopen(card.id),)))


async def _keep(ctx: Context, card: Card, form: OrderForm, order: NewOrder) -> None:
    labels = {name: text for name, text in form.labels.items() if name in ("sellerId", "warehouseId")}
    await ctx.services.cards.change(card.id, {**card.payload, "order": pack(order), "labels": labels})


async def open_again(ctx: Context) -> str:
    """Open the form with what was typed before, for the person who typed it."""
    card = ctx.found_card(CREATE_CARD)
    if card is None:
        return await expired(ctx)
    if card.created_by != ctx.request.user:
        return await refuse(ctx, NOT_YOURS)
    packed = card.payload.get("order")
    if packed is None:
        action = _action(ctx, card)
        packed = action.payload["order"] if action else None
    if packed is None:
        return await expired(ctx)
    return await _show(ctx, card, filled(unpack(NewOrder, packed), card.payload.get("labels") or {}))


def _action(ctx: Context, card: Card | None) -> Action | None:
    action_id = card.payload.get("action") if card else None
    return ctx.services.ports.ledger.get(action_id, ctx.request.team) if action_id else None


async def again(ctx: Context) -> str:
    """Go on after nobody knew: look for the identifier, send once more only what is not there, edit the message."""
    action = _action(ctx, ctx.found_card(CREATE_CARD))
    if action is None:
        return await expired(ctx)
    work = creating.again(ctx.services.ports, ctx.actor, action.id, ctx.reference)
    outcome = await patient(ctx, work, "Still asking Quivo …")
    ctx.services.wake()
    if outcome == NOT_YOURS:
        return await refuse(ctx, NOT_YOURS)
    if isinstance(outcome, AlreadyBeing):
        await ctx.answer(failure(_BEING_SENT, ctx.reference))
        return "refused:already"
    await draw(ctx.services, action, clicked(ctx.request))
    match outcome:
        case Created():
            return "done"
        case InvalidInput(fields):
            await ctx.answer(failure(f"{_NOT_TAKEN} {_listed(fields)}", ctx.reference))
            return "refused:invalid"
        case Refused() | Unknown():
            return await refuse(ctx, outcome)
        case _:
            return "refused:already_there"


def _listed(fields: Iterable[FieldError]) -> str:
    return " ".join(sentence(f"{one.field}: {one.message}") for one in fields)


COMMANDS = (Command("/order", "create", "", "Create an order in a form", open_form),)
PRESSES = (
    Press("order.create_shortcut", open_form),
    Press("order.create_open", open_form),
    Press("position.add", add_position),
    Press("position.remove", remove_position),
    Press("order.more", more),
    Press("order.create", submit, first_answer=check_form, changes=True),
    Press("create.again", again, changes=True),
    Press("create.reopen", open_again),
)
