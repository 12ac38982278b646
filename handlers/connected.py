"""What the connect forms share: whose card it is, what happens once connected, how a refusal is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.answers import CONNECT_CARD
from handlers.context import Context
from handlers.home import publish
from handlers.render.connections import connected
from handlers.render.failures import failure
from handlers.render.forms import with_errors
from handlers.render.message import View
from handlers.request import Kind, Request
from operations.outcome import Refused, Unknown
from store.cards import Card
from store.connection import Connection


def own_card(ctx: Context) -> Card | None:
    """The card behind the form or button, if it was made for the person who uses it (CHECKS B6)."""
    card = ctx.found_card(CONNECT_CARD)
    return card if card is not None and card.created_by == ctx.request.user else None


async def finish(ctx: Context, card: Card, connection: Connection) -> str:
    """Say that it is connected, redraw Home, and run what was asked for before, once."""
    await ctx.slack.update_view(ctx.request.view_id, connected(connection))
    await publish(ctx)
    await _run_remembered(ctx, card.payload)
    await ctx.services.cards.drop(card.id)
    return "done"


async def say_refused(ctx: Context, form: View, outcome: Refused | Unknown) -> str:
    """Say in the form why nothing was connected, what was typed still there; the audit's word for it."""
    fields = outcome.fields if isinstance(outcome, Refused) else ()
    errors = {error.field: error.message for error in fields}
    said = "Not connected, and nothing is kept." if errors else outcome.text
    shown = with_errors(form, errors, banner=f"{said} Reference {ctx.reference}.")
    if not await ctx.slack.update_view(ctx.request.view_id, shown):
        await ctx.answer(failure(outcome.text, ctx.reference))
    return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


async def _run_remembered(ctx: Context, remembered: Mapping[str, Any]) -> None:
    """Run the command that was typed before connecting, for the same person in the same place, once."""
    if "command" not in remembered:
        return
    await ctx.run(
        Request(
            kind=Kind.COMMAND,
            name=remembered["command"],
            delivery=f"remembered:{ctx.request.card_id}",
            team=ctx.request.team,
            home_team=ctx.request.home_team,
            user=ctx.request.user,
            channel=remembered["channel"],
            text=remembered["text"],
            typed=remembered["text"],
            response_url=remembered["response_url"],
        )
    )
