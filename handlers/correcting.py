"""Correcting an order from Slack: its form, what will change, what changed, and a look when nobody knows (seed 002)."""

from __future__ import annotations

from functools import partial
from typing import Any

from backends.quivo.order import Order
from handlers.answers import connect_first, expired, find_one, open_one, patient, refuse
from handlers.change_message import clicked, place_of
from handlers.context import Context
from handlers.correct_form import after, edit_complaints, errors_of, form, read_correction, values_of
from handlers.correct_message import CHANGE_CARD, draw
from handlers.forms.correcting import read_address_change
from handlers.registry import Ack, Command, Press
from handlers.render.build import context, message, modal, own, section
from handlers.render.changes import diff
from handlers.render.correcting import cannot_change, will_change
from handlers.render.failures import failure
from handlers.render.forms import busy, notice, with_errors
from handlers.render.message import Message, View
from handlers.render.naming import mention
from handlers.request import Kind, Request
from operations import correcting
from operations.accounts import NOT_CONNECTED, QUIVO
from operations.changes import ADDRESS, EDIT, SENDING, UNKNOWN, AlreadyBeing, Stale
from operations.correcting import Changed, Corrected, NotAllowed, advice
from operations.correction import AddressChange, Correction, Edition, correction_of, mark
from operations.creating import InvalidInput
from operations.orders import read
from operations.outcome import Done, Reason, Refused, Unknown
from operations.packing import pack, unpack
from store.cards import Card
from store.ledger import Action

TITLE = "Change an order"
INVOICE = "invoice"
_MOVED = "The order has changed since you saw it. This is what your change would do to it now."
_NOTHING = "Nothing would change: the order holds this already."
_NOT_TAKEN = "Quivo did not take the change, so nothing was changed."
_BEING_CHANGED = "This order is being changed already, so I did nothing. Please look at it again in a minute."


async def edit_command(ctx: Context) -> str:
    """Answer ``/order edit 1001`` with a form that holds comment, tracking and custom attributes as they are now."""
    return await find_one(ctx, TITLE, partial(_open, EDIT, ""))


async def address_command(ctx: Context) -> str:
    """Answer ``/order address 1001`` with a form that holds the delivery address; ``… invoice`` with the other one."""
    which, _, last = ctx.request.text.rpartition(" ")
    if which and last.lower() == INVOICE:
        return await find_one(ctx.asking(which), TITLE, partial(_open, ADDRESS, INVOICE))
    return await find_one(ctx, TITLE, partial(_open, ADDRESS, ""))


async def press(ctx: Context) -> str:
    """A card's button opens the form, the form's own button shows what will change; both bear the same name."""
    if ctx.request.kind is Kind.SUBMISSION:
        return await _asked(ctx)
    return await open_one(ctx, TITLE, partial(_open, ctx.request.name, ""))


async def _open(kind: str, which: str, ctx: Context, view_id: str, order: Order) -> str:
    if (hint := advice(order)) is not None:
        await ctx.slack.update_view(view_id, _modal(cannot_change(order, hint=hint, reference=ctx.reference)))
        return "refused:status"
    card = await ctx.card(CHANGE_CARD, {"kind": kind, "order": pack(order), "channel": place_of(ctx.request)})
    await ctx.slack.update_view(view_id, form(kind, order, card.id, is_invoice=bool(which)))
    return "done"


def check_edit(request: Request) -> Ack:
    """Answer a submitted edit at once: what cannot be read under its input, else the form again, busy."""
    return _first_answer(request, edit_complaints(request))


def check_address(request: Request) -> Ack:
    """Answer a submitted address at once: what Quivo would refuse under its input, else the form again, busy."""
    found = read_address_change(request.values)
    return _first_answer(request, found if isinstance(found, dict) else {})


def _first_answer(request: Request, errors: dict[str, str]) -> Ack:
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Looking at the order …")}


async def _asked(ctx: Context) -> str:
    """Show what the change would do to the order as it is now, before anything is sent."""
    card = _mine(ctx)
    if card is None:
        return await expired(ctx)
    before = unpack(Order, card.payload["order"])
    found = await read(ctx.services.accounts, ctx.actor, before.order_id)
    if not isinstance(found, Done):
        await _back(ctx, card, before, ctx.request.values, {}, found.text)
        return await _refused(ctx, found)
    if (hint := advice(found.value)) is not None:
        return await _not_allowed(ctx, found.value, hint)
    correction = read_correction(card.payload["kind"], ctx.request.values, before)
    if isinstance(correction, dict):
        await _back(ctx, card, before, ctx.request.values, correction, "")
        return "refused:invalid"
    return await _preview(ctx, card, correction, found.value, moved=mark(found.value) != mark(before))


async def _preview(ctx: Context, card: Card, correction: Correction, order: Order, *, moved: bool) -> str:
    """What will change; where the order has moved on since it was seen, that is said, and nothing was sent (E4)."""
    changes = diff(order, after(correction, order))
    await ctx.services.cards.change(card.id, {**card.payload, "order": pack(order), "correction": pack(correction)})
    if not changes:
        await _back(ctx, card, order, values_of(correction, order), {}, _NOTHING)
        return "refused:nothing"
    view = will_change(order, changes, card_id=card.id, callback_id=f"{card.payload['kind']}_confirm")
    await _show(ctx, with_errors(view, {}, banner=_MOVED) if moved else view, _MOVED)
    return "refused:stale" if moved else "asked"


def check_confirm(request: Request) -> Ack:
    """Say at once that it is on its way."""
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Changing it at Quivo …")}


async def confirm(ctx: Context) -> str:
    """Send the change that was shown, once, if the order is still what was seen (E1, E4)."""
    card = _mine(ctx)
    if card is None or "correction" not in card.payload:
        return await expired(ctx)
    order = unpack(Order, card.payload["order"])
    correction = correction_of(card.payload["kind"], card.payload["correction"])
    outcome = await _send(ctx, correction, mark(order), card.payload["channel"])
    ctx.services.wake()
    match outcome:
        case Changed(after=read_again, action=action):
            await _show(ctx, notice(TITLE, f"Order {order.order_id} is changed. The message tells more."))
            await draw(ctx.services, action, read_again)
            return "done"
        case Unknown(text, Action() as action):
            said = f"We do not know whether it was changed. {text} The message has a button to look again."
            await _show(ctx, notice(TITLE, said, reference=ctx.reference))
            await draw(ctx.services, action, order)
            return "unknown"
        case _:
            return await _not_sent(ctx, card, correction, order, outcome)


async def _send(ctx: Context, correction: Correction, seen: str, channel: str) -> Corrected:
    ports, ref = ctx.services.ports, ctx.reference
    match correction:
        case Edition(order_id, change):
            return await correcting.edit(ports, ctx.actor, order_id, change, ref, channel=channel, seen=seen)
        case AddressChange(order_id, kind, address):
            return await correcting.change_address(
                ports, ctx.actor, order_id, kind, address, ref, channel=channel, seen=seen
            )
        case _:
            raise TypeError(type(correction).__name__)


async def _not_sent(ctx: Context, card: Card, correction: Correction, order: Order, outcome: Corrected) -> str:
    match outcome:
        case Stale(now):
            hint = advice(now)
            if hint is not None:
                return await _not_allowed(ctx, now, hint)
            return await _preview(ctx, card, correction, now, moved=True)
        case NotAllowed(now, hint):
            return await _not_allowed(ctx, now, hint)
        case InvalidInput(fields):
            errors, stray = errors_of(card.payload["kind"], fields)
            banner = " ".join(filter(None, [_NOT_TAKEN, stray]))
            await _back(ctx, card, order, values_of(correction, order), errors, banner)
            return "refused:invalid"
        case AlreadyBeing(action):
            first = message([section(_BEING_CHANGED)], tail=[context(own(f"First was {mention(action.user)}"))])
            await _show(ctx, _modal(first), _BEING_CHANGED)
            return "refused:already"
        case Refused() | Unknown():
            await _show(ctx, notice(TITLE, f"Not changed. {outcome.text}", reference=ctx.reference), outcome.text)
            return await _refused(ctx, outcome)
        case _:
            return "done"


async def _refused(ctx: Context, outcome: Refused | Unknown) -> str:
    """The modal has said it; who has to connect first is helped to."""
    if isinstance(outcome, Unknown):
        return "unknown"
    if outcome.reason in (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN):
        await ctx.answer(await connect_first(ctx, QUIVO))
    return f"refused:{outcome.reason}"


async def _not_allowed(ctx: Context, order: Order, hint: str) -> str:
    said = cannot_change(order, hint=hint, reference=ctx.reference)
    if not await ctx.slack.update_view(ctx.request.view_id, _modal(said)):
        await ctx.answer(said)
    return "refused:status"


async def _back(ctx: Context, card: Card, order: Order, values: Any, errors: dict[str, str], banner: str) -> None:
    """Back to the form with what was typed, and what is wrong with it."""
    view = form(card.payload["kind"], order, card.id, values=values)
    said = " ".join(filter(None, [banner, f"Reference {ctx.reference}."]))
    await _show(ctx, with_errors(view, errors, banner=said), " ".join([banner, *errors.values()]).strip())


async def _show(ctx: Context, view: View, otherwise: str = "") -> None:
    """Show a view in place of the one that was submitted; where it was closed, say ``otherwise`` to the person."""
    if not await ctx.slack.update_view(ctx.request.view_id, view) and otherwise:
        await ctx.answer(failure(otherwise, ctx.reference))


def _modal(said: Message) -> View:
    return modal(TITLE, said.blocks, callback_id="shipclerk.notice")


def _mine(ctx: Context) -> Card | None:
    """The card behind the person's own form."""
    card = ctx.found_card(CHANGE_CARD)
    return card if card is not None and card.created_by == ctx.request.user and "order" in card.payload else None


async def look(ctx: Context) -> str:
    """Look at an order whose change nobody knows about, with the clicker's own connection, and edit the message."""
    card = ctx.found_card(CHANGE_CARD)
    action_id = card.payload.get("action") if card else None
    action = ctx.services.ports.ledger.get(action_id, ctx.request.team) if action_id else None
    if action is None:
        return await expired(ctx)
    if ctx.services.accounts.connection(ctx.actor) is None:
        return await refuse(ctx, NOT_CONNECTED)
    work = correcting.look_again(ctx.services.ports, ctx.actor, action.id, ctx.reference)
    outcome = await patient(ctx, work, "Still asking Quivo …")
    match outcome:
        case Changed(after=order):
            await draw(ctx.services, action, order, clicked(ctx.request))
            return "done"
        case AlreadyBeing():
            await ctx.answer(failure(_BEING_CHANGED, ctx.reference))
            return "refused:already"
        case Refused() | Unknown():
            latest = ctx.services.ports.ledger.get(action.id, ctx.request.team)
            if latest is not None and latest.state not in (SENDING, UNKNOWN):
                await draw(ctx.services, latest, None, clicked(ctx.request))
            return await refuse(ctx, outcome)


COMMANDS = (
    Command("/order", "edit", "<id or reference>", "Change comment, tracking and custom attributes", edit_command),
    Command("/order", "address", "<id or reference> [invoice]", "Change where an order goes", address_command),
)
PRESSES = (
    Press(EDIT, press, first_answer=check_edit),
    Press(ADDRESS, press, first_answer=check_address),
    Press(f"{EDIT}_confirm", confirm, first_answer=check_confirm, changes=True),
    Press(f"{ADDRESS}_confirm", confirm, first_answer=check_confirm, changes=True),
    Press("change.look", look),
)
