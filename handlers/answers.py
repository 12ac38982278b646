"""What every handler answers alike: refusals, connect prompts, and a word when a back end is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from handlers.context import Context
from handlers.render.build import context, message, words
from handlers.render.connections import connect_prompt
from handlers.render.failures import expired_card, failure
from handlers.render.forms import notice
from handlers.render.message import Message
from handlers.request import Kind
from operations.accounts import QUIVO
from operations.outcome import Reason, Refused, Unknown

T = TypeVar("T")
PATIENCE_SECONDS = 2.5
CONNECT_CARD = "connect"

_HINTS = {
    Reason.NO_ANSWER: "Nothing was changed. Please try again in a minute.",
    Reason.NOT_FOUND: "Check the number, or look with `/order find`.",
}


async def patient(ctx: Context, work: Awaitable[T], saying: str) -> T:
    """Wait for a back end, and tell the person so if it takes long."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if not done:
            await ctx.answer(message([context(words(saying))]))
        return await task
    finally:
        task.cancel()


async def refuse(ctx: Context, outcome: Refused | Unknown) -> str:
    """Say to the person alone why it was not done and what to do next; the audit's word for it."""
    if isinstance(outcome, Refused) and outcome.reason in (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN):
        await ctx.answer(await connect_first(ctx))
        return f"refused:{outcome.reason}"
    hint = _HINTS.get(outcome.reason) if isinstance(outcome, Refused) else None
    await ctx.answer(failure(outcome.text, ctx.reference, hint=hint))
    return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


async def connect_first(ctx: Context) -> Message:
    """A connect button that remembers what was typed, so that it runs by itself once connected."""
    request = ctx.request
    typed = f"{request.name} {request.typed}".strip() if request.name.startswith("/") else None
    payload = {"command": request.name, "text": request.typed} if typed else {}
    card = await ctx.card(CONNECT_CARD, {**payload, "channel": request.channel, "response_url": request.response_url})
    return connect_prompt(QUIVO, card_id=card.id, command=typed)


async def expired(ctx: Context) -> str:
    """Say that a button or modal belongs to something that is no longer kept (CHECKS A10, B6)."""
    said = expired_card()
    if ctx.request.kind is Kind.SUBMISSION:
        await ctx.slack.update_view(ctx.request.view_id, notice("Shipclerk", said.text, reference=ctx.reference))
    else:
        await ctx.answer(said)
    return "refused:expired"


async def too_late(ctx: Context) -> str:
    """Say that Slack did not wait for the modal: a trigger lives for three seconds (apis/slack.md §5)."""
    await ctx.answer(failure("Slack did not wait for me. Please press once more.", ctx.reference))
    return "refused:too_late"
