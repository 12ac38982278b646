"""Connecting Vendo without a password: an e-mail address, and then the code that was sent there (seed 003)."""

from __future__ import annotations

from handlers.answers import expired
from handlers.connected import finish, own_card, say_refused
from handlers.context import Context
from handlers.forms.checkout import read_text
from handlers.forms.complaints import sentence
from handlers.registry import Ack, Press
from handlers.render import connect_vendo as render
from handlers.render.failures import failure
from handlers.render.forms import busy, with_errors
from handlers.render.message import View
from handlers.request import Request
from handlers.shop_answers import vendo
from operations.outcome import Done, Refused, Unknown
from operations.vendo_rules import check_email
from store.cards import Card

_LONGEST = {"email": 254, "first_name": 100, "last_name": 100, "store": 200, "code": 100}


def form(ctx: Context, card_id: str) -> View:
    """The first form, which says which store is meant if none is typed."""
    return render.email_form(card_id=card_id, store=vendo(ctx).default_store)


def check_person(request: Request) -> Ack:
    """Answer the submitted address at once: what is wrong under its field, else the form again, busy."""
    email = read_text(request.values, "email")
    wrong = {} if email else {"email": "Please type your e-mail address."}
    wrong |= {one.field: sentence(one.message) for one in (check_email(email) if email else ())}
    return _first_answer(request, wrong, "Asking the store for a code …")


def check_code(request: Request) -> Ack:
    """Answer the submitted code at once: that it is missing, else the form again, busy."""
    wrong = {} if read_text(request.values, "code") else {"code": "Please type the code from the e-mail."}
    return _first_answer(request, wrong, "Checking with the store …")


def _first_answer(request: Request, wrong: dict[str, str], saying: str) -> Ack:
    too_long = {name for name, most in _LONGEST.items() if len(read_text(request.values, name)) > most}
    errors = wrong | dict.fromkeys(too_long, "That is too long.")
    if errors:
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, saying)}


async def submit_person(ctx: Context) -> str:
    """Have a code sent, and turn the same modal into the field for it."""
    card = own_card(ctx)
    if card is None:
        return await expired(ctx)
    typed = {name: read_text(ctx.request.values, name) for name in ("email", "first_name", "last_name", "store")}
    outcome = await _ask(ctx, typed)
    if not isinstance(outcome, Done):
        return await say_refused(ctx, form(ctx, card.id), outcome)
    await ctx.services.cards.change(card.id, {**card.payload, "vendo": typed})
    view = render.code_form(card_id=card.id, email=typed["email"])
    if not await ctx.slack.update_view(ctx.request.view_id, view):
        await ctx.answer(failure("The code was sent, but the form is closed.", ctx.reference, hint=_RESTART))
    return "asked"


MOST_CODES = 5  # whoever needs more has another trouble, and the mailbox may be somebody else's
_ENOUGH = "I had enough codes sent for this form. Please look into the mailbox, or begin again with `/connect vendo`."
_RESTART = "Type `/connect vendo` to begin again."


async def _ask(ctx: Context, typed: dict[str, str]) -> Done[None] | Refused | Unknown:
    names = typed["first_name"] or None, typed["last_name"] or None
    return await vendo(ctx).ask_code(typed["store"], typed["email"], *names, ctx.reference)


async def send_again(ctx: Context) -> str:
    """Have another code sent to the same address; it voids the one before (apis/vendo.md §2)."""
    card = _asked(ctx)
    if card is None:
        return await expired(ctx)
    typed, sent = card.payload["vendo"], card.payload.get("sent", 0)
    if sent >= MOST_CODES:
        view = render.code_form(card_id=card.id, email=typed["email"])
        await ctx.slack.update_view(ctx.request.view_id, with_errors(view, {}, banner=_ENOUGH))
        return "refused:too_many"
    await ctx.services.cards.change(card.id, {**card.payload, "sent": sent + 1})
    outcome = await _ask(ctx, typed)
    shown = render.code_form(card_id=card.id, email=typed["email"], again=True)
    if isinstance(outcome, Done):
        await ctx.slack.update_view(ctx.request.view_id, shown)
        return "asked"
    shown = render.code_form(card_id=card.id, email=typed["email"])
    said = f"No new code was sent. {outcome.text} Reference {ctx.reference}."
    await ctx.slack.update_view(ctx.request.view_id, with_errors(shown, {}, banner=said))
    return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


async def submit_code(ctx: Context) -> str:
    """Exchange the code for a sign-in; only then keep it, say so, and run what was asked for before."""
    card = _asked(ctx)
    if card is None:
        return await expired(ctx)
    typed, code = card.payload["vendo"], read_text(ctx.request.values, "code")
    outcome = await vendo(ctx).connect(ctx.actor, typed["store"], typed["email"], code, ctx.reference)
    match outcome:
        case Done(connection):
            return await finish(ctx, card, connection)
        case Refused() | Unknown():
            return await say_refused(ctx, render.code_form(card_id=card.id, email=typed["email"]), outcome)


def _asked(ctx: Context) -> Card | None:
    """The person's own card, once a code was sent for it."""
    card = own_card(ctx)
    return card if card is not None and "vendo" in card.payload else None


PRESSES = (
    Press(render.EMAIL, submit_person, first_answer=check_person, changes=True),
    Press(render.CODE, submit_code, first_answer=check_code, changes=True),
    Press(render.AGAIN, send_again, changes=True),
)
