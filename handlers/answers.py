"""What every handler answers alike: refusals, connect prompts, and a word when a back end is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from backends.errors import NAMES
from backends.quivo.order import Order
from handlers.context import Context
from handlers.render.build import code, context, message, paragraph, say, section, words
from handlers.render.connections import connect_prompt
from handlers.render.failures import expired_card, failure
from handlers.render.forms import loading, notice
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.request import Kind
from operations.linking import QPILOT, QUIVO, VENDO
from operations.orders import look_up, read
from operations.outcome import Done, Outcome, Reason, Refused, Unknown

T = TypeVar("T")
PATIENCE_SECONDS = 2.5
CONNECT_CARD, ORDER_CARD = "connect", "order"
WithOrder = Callable[[Context, str, Order], Awaitable[str]]

_AGAIN = {Reason.NO_ANSWER: "Nothing was changed. Please try again in a minute."}
_LEFT_ALONE = "⚠️ {name} keeps failing. I look every 30 seconds whether it is back, and ask it nothing else until then."
_LOOK = {
    QUIVO: "Check the number, or look with `/order find`.",
    VENDO: "Check what you typed, or look with `/shop search` or `/shop orders`.",
    QPILOT: "Check the number, or look with `/scheduled list`.",
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
        await ctx.answer(await connect_first(ctx, outcome.back_end))
        return f"refused:{outcome.reason}"
    await ctx.answer(failure(outcome.text, ctx.reference, hint=_hint(outcome)))
    await _tell_channel_once(ctx)
    return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


def _hint(outcome: Refused | Unknown) -> str | None:
    if not isinstance(outcome, Refused):
        return None
    return _LOOK.get(outcome.back_end) if outcome.reason is Reason.NOT_FOUND else _AGAIN.get(outcome.reason)


async def _tell_channel_once(ctx: Context) -> None:
    """While a back end is left alone because it keeps failing, a channel of ours reads that once (CHECKS E9)."""
    channel = ctx.request.channel
    if channel is None or ctx.profile not in (Profile.PUBLIC, Profile.PRIVATE):
        return
    for back_end, link in ctx.services.links.items():
        if link.breaker and link.breaker.tell(channel):
            await ctx.slack.post(channel, message([section(_LEFT_ALONE.format(name=NAMES[back_end]))]))


async def connect_first(ctx: Context, back_end: str) -> Message:
    """A connect button that remembers what was typed, so that it runs by itself once connected."""
    request = ctx.request
    typed = f"{request.name} {request.typed}".strip() if request.name.startswith("/") else None
    where = {"back_end": back_end, "channel": request.channel, "response_url": request.response_url}
    payload = {"command": request.name, "text": request.typed} if typed else {}
    card = await ctx.card(CONNECT_CARD, {**payload, **where})
    return connect_prompt(back_end, card_id=card.id, command=typed)


async def connect_cards(ctx: Context) -> dict[str, str]:
    """For each back end that there is, the id of a card whose button opens its form."""
    cards = [(name, await ctx.card(CONNECT_CARD, {"back_end": name})) for name in ctx.services.links]
    return {name: card.id for name, card in cards}


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


async def open_one(ctx: Context, title: str, then: WithOrder) -> str:
    """Open a modal at once, read the order of the card that was pressed, and go on with it in that modal."""
    card = ctx.found_card(ORDER_CARD)
    if card is None:
        return await expired(ctx)
    order_id: int = card.payload["order_id"]
    return await _in_modal(ctx, title, then, lambda: read(ctx.services.accounts, ctx.actor, order_id))


async def find_one(ctx: Context, title: str, then: WithOrder) -> str:
    """The same for an order that was typed, by its number or reference; more than one of a reference is refused."""
    words = ctx.request.text
    if not words:
        await ctx.answer(failure("Which order? Type its number or reference.", ctx.reference))
        return "refused:empty"

    async def ask() -> Outcome[Order]:
        found = await look_up(ctx.services.accounts, ctx.actor, words)
        if not isinstance(found, Done):
            return found
        return Done(found.value[0]) if len(found.value) == 1 else (SEVERAL if found.value else NO_SUCH)

    return await _in_modal(ctx, title, then, ask)


async def _in_modal(ctx: Context, title: str, then: WithOrder, ask: Callable[[], Awaitable[Outcome[Order]]]) -> str:
    if ctx.request.trigger_id is None:  # it was remembered until the person had connected, so no modal can be opened
        typed = f"{ctx.request.name} {ctx.request.typed}".strip()
        line = [say("You are connected now. Please type "), code(typed), say(" again.")]
        await ctx.answer(message([paragraph(line)]))
        return "refused:no_trigger"
    view_id = await ctx.show(loading(title))
    if view_id is None:
        return await too_late(ctx)
    outcome = await ask()
    if isinstance(outcome, Done):
        return await then(ctx, view_id, outcome.value)
    await ctx.slack.update_view(view_id, notice(title, outcome.text, reference=ctx.reference))
    return await refuse(ctx, outcome)


NO_SUCH = Refused(Reason.NOT_FOUND, "I found no such order in your account. It may belong to another seller.")
SEVERAL = Refused(Reason.NO, "Several orders have this reference. Please type the number of the one you mean.")
