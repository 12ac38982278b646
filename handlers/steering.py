"""Steering scheduled orders from Slack: asked, previewed, confirmed, sent once (apis/qpilot.md §7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from backends.qpilot.order import ScheduledOrder
from handlers.answers import expired
from handlers.context import Context
from handlers.forms.checkout import missing
from handlers.forms.steering import read_change
from handlers.forms.values import Unreadable
from handlers.registry import Ack, Command, Press
from handlers.render import scheduled as cards
from handlers.render import steering as render
from handlers.render.forms import busy, notice, with_errors
from handlers.render.message import View
from handlers.render.scheduled_states import name
from handlers.render.steer_forms import ADD
from handlers.request import Request
from handlers.scheduled import ORDER_CARD
from handlers.scheduled_words import order_id
from handlers.shop_answers import own_card, refuse_in, tell
from handlers.steer_message import STEER_CARD, Now, draw
from handlers.steer_steps import FORMS, begin, forbidden, invalid, preview
from operations import steering
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.outcome import Refused, Unknown
from operations.steer_changes import change_of
from operations.steering import NotAllowed, Stale, Steered, Steering
from store.cards import Card
from store.ledger import Action

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = "We do not know whether it was changed. The message that I wrote has a button to look again."
_CONFIRMED = "The message in the channel tells what is different."


async def command(ctx: Context, verb: str) -> str:
    """Answer ``/scheduled pause 208022`` and the like with a modal that says what will be different."""
    try:
        number = order_id(ctx.request.text)
    except Unreadable as problem:
        return await tell(ctx, str(problem), f"Type `/scheduled {verb} 208022`.", "refused:unreadable")
    return await begin(ctx, verb, number)


async def press(ctx: Context, verb: str) -> str:
    """The same from a card's button, by whoever presses it and with their own connection."""
    card = ctx.found_card(ORDER_CARD)
    return await expired(ctx) if card is None else await begin(ctx, verb, card.payload["order_id"])


async def press_menu(ctx: Context) -> str:
    """The same from a card's menu."""
    card_id, _, number = ctx.request.value.rpartition(":")
    card = ctx.services.cards.get(card_id, ctx.request.team)
    usable = card is not None and card.kind == ORDER_CARD
    if card is None or not usable or not (number.isascii() and number.isdigit() and int(number) < len(cards.MENU)):
        return await expired(ctx)
    return await begin(ctx, cards.MENU[int(number)][0], card.payload["order_id"])


def check_form(request: Request) -> Ack:
    """Answer a submitted form at once: what is wrong under its input, else the form again, busy."""
    view = request.view or {"blocks": [], "callback_id": ""}
    errors = missing(view, request.values)
    if not errors:
        found = read_change(str(view["callback_id"]), request.values, _LONG_AGO)
        errors = found if isinstance(found, dict) else {}
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(view, "Asking QPilot …")}


async def submit_form(ctx: Context) -> str:
    """From what was typed to what will be different; nothing is sent yet."""
    card = own_card(ctx, STEER_CARD)
    if card is None:
        return await expired(ctx)
    view = ctx.request.view or {"blocks": []}
    change = read_change(ctx.request.name, ctx.request.values, ctx.services.now())
    if isinstance(change, dict):
        shown = with_errors(view, change, banner=f"Nothing was sent. Reference {ctx.reference}.")
        await ctx.slack.update_view(ctx.request.view_id, shown)
        return "refused:invalid"
    label = _label(view, "productId") if ctx.request.values.get("item") == ADD else ""
    labels = {**card.payload.get("labels", {}), **({str(ctx.request.values["productId"]): label} if label else {})}
    await ctx.services.cards.change(card.id, {**card.payload, "labels": labels})
    return await preview(ctx, ctx.request.view_id, card, change)


def _label(view: Mapping[str, object], block_id: str) -> str:
    """How the suggestion that was chosen in this input reads."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    held = (values or {}).get(block_id) or {}
    chosen = (next(iter(held.values()), None) or {}).get("selected_option") or {}
    return str((chosen.get("text") or {}).get("text") or "")


def check_confirm(request: Request) -> Ack:
    """Say at once that it is on its way."""
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Changing it at QPilot …")}


async def charge(ctx: Context) -> str:
    """The red button of a retry: the modal without its button, and then the same as a confirmed change."""
    view = dict(ctx.request.view or {"blocks": []})
    calm = {**view, "blocks": [block for block in view["blocks"] if block["type"] != "actions"]}
    await ctx.slack.update_view(ctx.request.view_id, busy(calm, "Retrying it at QPilot …"))
    return await confirm(ctx)


async def confirm(ctx: Context) -> str:
    """Send the change that was shown, once, if the order is still what was seen (CHECKS E1, E4)."""
    card = own_card(ctx, STEER_CARD)
    if card is None or "seen" not in card.payload:
        return await expired(ctx)
    notes, change = card.payload, change_of(card.payload["kind"], card.payload["change"])
    outcome = await steering.apply(
        ctx.services.ports,
        ctx.actor,
        notes["order_id"],
        change,
        notes["seen"],
        ctx.reference,
        channel=notes["channel"],
    )
    ctx.services.wake()
    return await _told(ctx, card, outcome)


async def _told(ctx: Context, card: Card, outcome: Steering) -> str:
    """Say what came of it: in the modal, in the channel, and on the card whose button was pressed."""
    view_id, number = ctx.request.view_id, card.payload["order_id"]
    match outcome:
        case Steered(after=after, visible=visible, action=action):
            await _show(ctx, notice(render.TITLE, f"QPilot took the change of {name(number)}. {_CONFIRMED}"))
            await draw(ctx.services, action, None, Now(after, visible))
            await _redraw(ctx, card, after)
            return "done"
        case Unknown(_, Action() as action):
            await _show(ctx, notice(render.TITLE, _UNKNOWN, reference=ctx.reference))
            await draw(ctx.services, action)
            return "unknown"
        case Stale():
            return await preview(
                ctx, view_id, card, change_of(card.payload["kind"], card.payload["change"]), moved=True
            )
        case NotAllowed(order, text):
            return await forbidden(ctx, view_id, order, text)
        case InvalidInput(fields):
            return await invalid(ctx, view_id, card, change_of(card.payload["kind"], card.payload["change"]), fields)
        case AlreadyBeing(action):
            await _show(ctx, render.being_done(number, action.user))
            return "refused:already"
        case Refused() | Unknown():
            return await refuse_in(ctx, view_id, render.TITLE, outcome)


async def _show(ctx: Context, view: View) -> None:
    await ctx.slack.update_view(ctx.request.view_id, view)


async def _redraw(ctx: Context, card: Card, order: ScheduledOrder | None) -> None:
    """Draw the order's card anew where its button was pressed; where it can't be edited, it has *Refresh*."""
    if order is None or "pressed" not in card.payload:
        return
    here = await ctx.there(card.payload["seen_in"])
    drawn = cards.scheduled_card(
        order,
        here.profile,
        card_id=card.payload["pressed"],
        asked_by=ctx.request.user,
        seen_at=ctx.services.now(),
    )
    posted = card.payload["posted"]
    if not (posted and await ctx.slack.update(posted[0], posted[1], drawn)):
        await ctx.slack.respond(card.payload["url"], drawn, in_channel=True, replace=True)


def _command(verb: str, summary: str) -> Command:
    return Command("/scheduled", verb, "<id>", summary, partial(command, verb=verb))


COMMANDS = (
    _command("pause", "Put a scheduled order on hold"),
    _command("resume", "Activate one that is paused or has failed"),
    _command("skip", "Leave out its next occurrence"),
    _command("reschedule", "Move its next occurrence"),
    _command("frequency", "Change how often it recurs"),
    _command("items", "Add, change or remove its items"),
    _command("retry", "Process a failed one again, which may charge"),
    _command("cancel", "Cancel one; it can be restored"),
)
PRESSES = (
    *(Press(f"scheduled.{verb}_open", partial(press, verb=verb)) for verb in cards.BUTTONS),
    Press(cards.MORE, press_menu),
    *(Press(kind, submit_form, first_answer=check_form) for kind in FORMS.values()),
    Press(render.CONFIRM, confirm, first_answer=check_confirm, changes=True),
    Press(render.CHARGE, charge, changes=True),
)
