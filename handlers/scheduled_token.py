"""Handing out a customer's token: ``/scheduled token 107``, shown once and to one person (seed 004, step 1)."""

from __future__ import annotations

import re

from backends.qpilot.auth import Token
from handlers.answers import patient, refuse
from handlers.context import Context
from handlers.forms.values import Unreadable
from handlers.registry import Command
from handlers.render.scheduled_token import token_shown
from handlers.scheduled import ASKING
from handlers.scheduled_words import store_id
from handlers.shop_answers import tell
from operations.outcome import Done

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NOT_SHOWN = "I could not show you the token here, so I threw it away. I do not send it in any other way."


async def token(ctx: Context) -> str:
    """Answer with the token, for this person's eyes alone; the audit's word names the customer, never the token."""
    try:
        customer = store_id(ctx.request.text, "customer")
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled token 107`.", "refused:unreadable")
    work = ctx.services.ports.qpilot.customer_token(ctx.actor, customer, request_id=ctx.reference)
    outcome = await patient(ctx, work, ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    if not await _shown(ctx, customer, outcome.value):
        return await tell(ctx, _NOT_SHOWN, "Please type it again.", "refused:not_shown")
    return f"done:{customer}" if _PLAIN_ID.fullmatch(customer) else "done"


async def _shown(ctx: Context, customer: str, given: Token) -> bool:
    """Through the response_url and in no other way: a direct message would keep it (an exception to CHECKS D4)."""
    try:
        message = token_shown(customer, given)
    except ValueError:
        return False
    return await ctx.slack.respond(ctx.request.response_url, message)


COMMANDS = (Command("/scheduled", "token", "<customer>", "Show a customer's token once", token, changes=True),)
