"""What a person has connected, adding to it and taking it away (``/connect``, ``/disconnect``, Home)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.errors import NAMES
from handlers import connect_qpilot, connect_quivo, connect_vendo
from handlers.answers import CONNECT_CARD, connect_cards, expired, too_late
from handlers.connected import own_card
from handlers.context import Context
from handlers.home import publish
from handlers.registry import Command, Press
from handlers.render.connections import connections_list, disconnected
from handlers.render.failures import failure
from handlers.render.message import View
from operations.linking import QPILOT, QUIVO, VENDO
from store.cards import Card
from store.connection import Connection

Form = Callable[[Context, str], View]
FORMS: Mapping[str, Form] = {QUIVO: connect_quivo.form, VENDO: connect_vendo.form, QPILOT: connect_qpilot.form}
"""The first form that each back end's connection is made with, for a person and the id of its card."""


async def connect(ctx: Context) -> str:
    """Show what is connected, or open the form where a back end is named or there is just one to connect."""
    named = ctx.request.text.lower()
    if named and named not in ctx.services.links:
        return await _unknown(ctx, "connect")
    if named or (len(ctx.services.links) == 1 and not _mine(ctx)):
        return await _open(ctx, await ctx.card(CONNECT_CARD, {"back_end": named or QUIVO}))
    await ctx.answer(connections_list(_mine(ctx), connectable=await connect_cards(ctx)))
    return "done"


async def open_form(ctx: Context) -> str:
    """Open the form of the back end that the button is about."""
    card = own_card(ctx)
    if card is None or card.payload.get("back_end") not in ctx.services.links:
        return await expired(ctx)
    return await _open(ctx, card)


async def _open(ctx: Context, card: Card) -> str:
    if await ctx.show(FORMS[card.payload["back_end"]](ctx, card.id)) is None:
        return await too_late(ctx)
    return "done"


async def disconnect(ctx: Context) -> str:
    """Remove the connection that is named, or the only one; where there are several, show them with their buttons."""
    named, mine = ctx.request.text.lower(), _mine(ctx)
    if named and named not in ctx.services.links:
        return await _unknown(ctx, "disconnect")
    if not named and len(mine) > 1:
        await ctx.answer(connections_list(mine, connectable={}))
        return "done"
    return await _remove(ctx, named or (mine[0].back_end if mine else QUIVO))


async def press_disconnect(ctx: Context) -> str:
    """Remove the connection that the button was drawn for, if it is still this person's own."""
    meant = {connection.id: connection for connection in _mine(ctx)}.get(ctx.request.value)
    if meant is None:
        return await expired(ctx)
    return await _remove(ctx, meant.back_end)


async def _remove(ctx: Context, back_end: str) -> str:
    removed = await ctx.services.links[back_end].disconnect(ctx.actor)
    await ctx.answer(disconnected(back_end, was_connected=removed.connection is not None, revoked=removed.revoked))
    await publish(ctx)
    return "done" if removed.connection else "refused:not_connected"


async def _unknown(ctx: Context, verb: str) -> str:
    known = [NAMES[name] for name in ctx.services.links]
    text = f"I can {verb} {_either(known)}, and nothing else."
    await ctx.answer(failure(text, ctx.reference, hint=f"Type `/{verb} {next(iter(ctx.services.links))}`."))
    return "refused:unknown_back_end"


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _mine(ctx: Context) -> list[Connection]:
    return ctx.services.accounts.connections(ctx.actor)


COMMANDS = (
    Command("/connect", "show", "[quivo|vendo|qpilot]", "Show or add my connections", connect, default=True),
    Command("/disconnect", "remove", "[quivo|vendo|qpilot]", "Remove a connection at once", disconnect, default=True),
)
PRESSES = (
    *connect_quivo.PRESSES,
    *connect_vendo.PRESSES,
    *connect_qpilot.PRESSES,
    Press("connection.open", open_form),
    Press("connection.remove", press_disconnect),
)
