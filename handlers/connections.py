"""Connecting and disconnecting a person's own account (``/connect``, ``/disconnect``, Home)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backends.quivo.auth import Credentials
from handlers.answers import CONNECT_CARD, expired, too_late
from handlers.context import Context
from handlers.home import publish
from handlers.registry import Ack, Command, Press
from handlers.render.connections import connect_form, connected, connections_list, disconnected
from handlers.render.failures import failure
from handlers.render.forms import busy, with_errors
from handlers.render.message import View
from handlers.request import Kind, Request
from operations.accounts import QUIVO
from operations.outcome import Done, Refused, Unknown

_FIELDS = {"apiKey": "API key", "username": "user name", "password": "password"}
_LONGEST = 500


async def connect(ctx: Context) -> str:
    """Show what is connected, or open the form where a back end is named or nothing is connected yet."""
    named = ctx.request.text.lower()
    if named and named != QUIVO:
        await ctx.answer(
            failure("I can connect Quivo so far, and nothing else.", ctx.reference, hint="Type `/connect quivo`.")
        )
        return "refused:unknown_back_end"
    if named == QUIVO or not ctx.services.accounts.connections(ctx.actor):
        return await open_form(ctx)
    card = await ctx.card(CONNECT_CARD, {})
    mine = ctx.services.accounts.connections(ctx.actor)
    await ctx.answer(connections_list(mine, connectable=(QUIVO,), card_id=card.id))
    return "done"


async def open_form(ctx: Context) -> str:
    """Open the form that asks for API key, user name and password."""
    card = ctx.found_card(CONNECT_CARD) if ctx.request.kind is Kind.ACTION else await ctx.card(CONNECT_CARD, {})
    if card is None or card.created_by != ctx.request.user:
        return await expired(ctx)
    if await ctx.show(connect_form(card_id=card.id)) is None:
        return await too_late(ctx)
    return "done"


def check_form(request: Request) -> Ack:
    """Answer the submitted form at once: what is missing under its field, else the form again, busy."""
    errors = {name: f"Please type your {label}." for name, label in _FIELDS.items() if not _typed(request, name)}
    errors |= {name: "That is too long." for name in _FIELDS if len(_typed(request, name)) > _LONGEST}
    if errors:
        return {"response_action": "errors", "errors": errors}
    form = connect_form(card_id=request.card_id)
    return {"response_action": "update", "view": busy(form, "Checking with Quivo …")}


def _typed(request: Request, name: str) -> str:
    return str(request.values.get(name) or "").strip()


async def submit(ctx: Context) -> str:
    """Log in with what was typed; only then keep it, say so, and run what was asked for before."""
    card = ctx.found_card(CONNECT_CARD)
    if card is None or card.created_by != ctx.request.user:
        return await expired(ctx)
    password = str(ctx.request.values["password"])  # as typed: white space may be part of it
    credentials = Credentials(_typed(ctx.request, "apiKey"), _typed(ctx.request, "username"), password)
    keep = not ctx.request.values.get("keepPassword")
    outcome = await ctx.services.accounts.connect(ctx.actor, credentials, keep_password=keep)
    match outcome:
        case Done(connection):
            await ctx.slack.update_view(ctx.request.view_id, connected(connection))
            await publish(ctx)
            await _run_remembered(ctx, card.payload)
            await ctx.services.cards.drop(card.id)
            return "done"
        case Refused() | Unknown():
            await _say_refused(ctx, card.id, outcome)
            return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


async def _say_refused(ctx: Context, card_id: str, outcome: Refused | Unknown) -> None:
    fields = outcome.fields if isinstance(outcome, Refused) else ()
    errors = {error.field: error.message for error in fields}
    said = "Not connected, and nothing is kept." if errors else outcome.text
    form: View = with_errors(connect_form(card_id=card_id), errors, banner=f"{said} Reference {ctx.reference}.")
    if not await ctx.slack.update_view(ctx.request.view_id, form):
        await ctx.answer(failure(outcome.text, ctx.reference))


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


async def disconnect(ctx: Context) -> str:
    """Remove the connection and its secrets at once (DESIGN.md §4.3)."""
    if ctx.request.text.lower() not in ("", QUIVO):
        await ctx.answer(failure("I know Quivo only.", ctx.reference, hint="Type `/disconnect quivo`."))
        return "refused:unknown_back_end"
    return await _remove(ctx)


async def press_disconnect(ctx: Context) -> str:
    """Remove the connection that the button was drawn for, if it is still this person's own."""
    mine = ctx.services.accounts.connections(ctx.actor)
    if ctx.request.value not in {connection.id for connection in mine}:
        return await expired(ctx)
    return await _remove(ctx)


async def _remove(ctx: Context) -> str:
    removed = await ctx.services.accounts.disconnect(ctx.actor)
    await ctx.answer(disconnected(QUIVO, was_connected=removed is not None))
    await publish(ctx)
    return "done" if removed else "refused:not_connected"


COMMANDS = (
    Command("/connect", "show", "[quivo]", "Show or add my connections", connect, default=True),
    Command("/disconnect", "remove", "[quivo]", "Remove my connection at once", disconnect, default=True),
)
PRESSES = (
    Press("connection.open", open_form),
    Press("connection.quivo", submit, first_answer=check_form),
    Press("connection.remove", press_disconnect),
)
