"""What the handlers for Vendo share: whose card it is, which of several things is meant, and modals that wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from backends.errors import FieldError
from handlers.answers import connect_first, refuse, too_late
from handlers.context import Context
from handlers.forms.complaints import Placed, place, sentence
from handlers.render.build import code, message, paragraph, say
from handlers.render.failures import failure
from handlers.render.forms import loading, notice
from operations.linking import VENDO
from operations.outcome import Reason, Refused, Unknown
from operations.vendo_accounts import VendoAccounts
from store.cards import Card

ASKING = "Still asking the store …"
_CONNECT = (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN)


def vendo(ctx: Context) -> VendoAccounts:
    """People's accounts at Vendo."""
    return cast("VendoAccounts", ctx.services.links[VENDO])


def own_card(ctx: Context, kind: str) -> Card | None:
    """The card behind the button or modal, if it was made for the person who uses it (CHECKS B6)."""
    card = ctx.found_card(kind)
    return card if card is not None and card.created_by == ctx.request.user else None


def nth_card(ctx: Context, kind: str) -> tuple[Card, int] | None:
    """The person's own card and which of the things on it was pressed, from ``card id:number``."""
    card_id, _, number = ctx.request.value.rpartition(":")
    card = ctx.services.cards.get(card_id, ctx.request.team)
    usable = card is not None and card.kind == kind and card.created_by == ctx.request.user
    if card is None or not usable or not (number.isascii() and number.isdigit() and len(number) < 4):
        return None
    return card, int(number)


async def in_modal(ctx: Context, title: str, then: Callable[[str], Awaitable[str]]) -> str:
    """Open a modal at once, before any back end is asked, and go on in it by its id (CHECKS A7)."""
    if ctx.request.trigger_id is None:  # it was remembered until the person had connected, so no modal can be opened
        typed = f"{ctx.request.name} {ctx.request.typed}".strip()
        await ctx.answer(
            message([paragraph([say("You are connected now. Please type "), code(typed), say(" again.")])])
        )
        return "refused:no_trigger"
    view_id = await ctx.show(loading(title))
    return await too_late(ctx) if view_id is None else await then(view_id)


async def refuse_in(ctx: Context, view_id: str | None, title: str, outcome: Refused | Unknown) -> str:
    """Say in the modal why it was not done; who has to sign in first is helped to; the audit's word for it."""
    shown = await ctx.slack.update_view(view_id, notice(title, outcome.text, reference=ctx.reference))
    if isinstance(outcome, Refused) and outcome.reason in _CONNECT:
        await ctx.answer(await connect_first(ctx, outcome.back_end))
        return f"refused:{outcome.reason}"
    if not shown:
        return await refuse(ctx, outcome)
    return f"refused:{outcome.reason}" if isinstance(outcome, Refused) else "unknown"


async def tell(ctx: Context, text: str, hint: str | None = None, word: str = "refused:no") -> str:
    """Say to the person alone why nothing was done."""
    await ctx.answer(failure(text, ctx.reference, hint=hint))
    return word


def placed(fields: Iterable[FieldError], view: Mapping[str, Any]) -> Placed:
    """Each complaint under its input in this view; what is about no field in particular (``base``) in the banner."""
    named = [replace(one, field="") if one.field == "base" else one for one in fields]
    return place(named, [str(block.get("block_id")) for block in view["blocks"] if block.get("block_id")])


def complaints(fields: Iterable[FieldError]) -> str:
    """What is wrong with what was typed, as sentences; the names of the fields are those of the forms."""
    return " ".join(sentence(one.message) for one in fields)
