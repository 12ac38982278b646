"""Connecting QPilot: a form for account, site and scope, and one login to see that they work (seed 004, step 1)."""

from __future__ import annotations

from backends.qpilot.auth import Credentials
from handlers.answers import expired
from handlers.connected import finish, own_card, say_refused
from handlers.context import Context
from handlers.forms.checkout import missing
from handlers.forms.values import Typed, whole
from handlers.registry import Ack, Press
from handlers.render.connect_qpilot import CONNECT, CUSTOMER, qpilot_form
from handlers.render.forms import busy
from handlers.render.message import View
from handlers.request import Request
from operations.outcome import Done, Refused, Unknown

__all__ = ["PRESSES", "form", "qpilot_form"]

_LONGEST = {"email": 254, "password": 200, "siteId": 19, "customerId": 100}
_WHICH = "Please type the customer's id: this scope is for one customer."


def form(_ctx: Context, card_id: str) -> View:
    """The first and only form."""
    return qpilot_form(card_id)


def check_form(request: Request) -> Ack:
    """Answer the submitted form at once: what is wrong under its field, else the form again, busy."""
    view, typed = request.view or {"blocks": []}, Typed(request.values)
    errors = {name: "That is too long." for name, most in _LONGEST.items() if len(typed.text(name) or "") > most}
    number = typed.read("siteId", whole)
    if typed.errors or (number is not None and number < 1):
        errors["siteId"] = "Please type the site's number, e.g. 1113."
    if typed.text("accessScope") == CUSTOMER and not typed.text("customerId"):
        errors["customerId"] = _WHICH
    if found := {**errors, **missing(view, request.values)}:
        return {"response_action": "errors", "errors": found}
    return {"response_action": "update", "view": busy(view, "Checking with QPilot …")}


async def submit(ctx: Context) -> str:
    """Log in with what was typed; only then keep it, say so, and run what was asked for before."""
    card = own_card(ctx)
    if card is None:
        return await expired(ctx)
    outcome = await ctx.services.ports.qpilot.connect(ctx.actor, _credentials(ctx.request))
    match outcome:
        case Done(connection):
            return await finish(ctx, card, connection)
        case Refused() | Unknown():
            return await say_refused(ctx, qpilot_form(card.id), outcome)


def _credentials(request: Request) -> Credentials:
    typed = Typed(request.values)
    password = str(request.values.get("password") or "")  # as typed: white space may be part of it
    email, site_id = typed.text("email") or "", typed.read("siteId", whole) or 0
    if typed.text("accessScope") == CUSTOMER:
        return Credentials(email, password, site_id, "Customer", typed.text("customerId"))
    return Credentials(email, password, site_id)


PRESSES = (Press(CONNECT, submit, first_answer=check_form, changes=True),)
