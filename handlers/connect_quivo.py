"""Connecting Quivo: a form for API key, user name and password, and one login to see that they work (seed 000)."""

from __future__ import annotations

from backends.quivo.auth import Credentials
from handlers.answers import expired
from handlers.connected import finish, own_card, say_refused
from handlers.context import Context
from handlers.registry import Ack, Press
from handlers.render.connections import connect_form
from handlers.render.forms import busy
from handlers.render.message import View
from handlers.request import Request
from operations.outcome import Done, Refused, Unknown

_FIELDS = {"apiKey": "API key", "username": "user name", "password": "password"}
_LONGEST = 500


def form(_ctx: Context, card_id: str) -> View:
    """The form that begins it."""
    return connect_form(card_id=card_id)


def check_form(request: Request) -> Ack:
    """Answer the submitted form at once: what is missing under its field, else the form again, busy."""
    errors = {name: f"Please type your {label}." for name, label in _FIELDS.items() if not _typed(request, name)}
    errors |= {name: "That is too long." for name in _FIELDS if len(_typed(request, name)) > _LONGEST}
    if errors:
        return {"response_action": "errors", "errors": errors}
    again = busy(connect_form(card_id=request.card_id), "Checking with Quivo …")
    return {"response_action": "update", "view": again}


def _typed(request: Request, name: str) -> str:
    return str(request.values.get(name) or "").strip()


async def submit(ctx: Context) -> str:
    """Log in with what was typed; only then keep it, say so, and run what was asked for before."""
    card = own_card(ctx)
    if card is None:
        return await expired(ctx)
    password = str(ctx.request.values["password"])  # as typed: white space may be part of it
    credentials = Credentials(_typed(ctx.request, "apiKey"), _typed(ctx.request, "username"), password)
    keep = not ctx.request.values.get("keepPassword")
    outcome = await ctx.services.accounts.connect(ctx.actor, credentials, keep_password=keep)
    match outcome:
        case Done(connection):
            return await finish(ctx, card, connection)
        case Refused() | Unknown():
            return await say_refused(ctx, connect_form(card_id=card.id), outcome)


PRESSES = (Press("connection.quivo", submit, first_answer=check_form),)
