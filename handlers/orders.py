"""Looking up fulfilment orders from Slack: ``/order``, its lists, its cards and their buttons (seed 002)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from backends.quivo.order import Order, Page
from handlers.answers import NO_SUCH, ORDER_CARD, expired, open_one, patient, refuse
from handlers.context import Context
from handlers.registry import Command, Press
from handlers.render.failures import failure
from handlers.render.message import Message
from handlers.render.orders import order_card, order_details, order_list
from handlers.render.profile import Profile
from handlers.words import listing
from operations.orders import Search, look_up, read, search
from operations.outcome import Done, Refused, Unknown

LIST_CARD = "orders"


async def show(ctx: Context) -> str:
    """Answer ``/order 1001`` or ``/order #DE38678`` with the order's card in the channel."""
    words = ctx.request.text
    if not words:
        await ctx.answer(failure("Which order?", ctx.reference, hint="Type its number or reference: `/order 1001`."))
        return "refused:empty"
    outcome = await patient(ctx, look_up(ctx.services.accounts, ctx.actor, words), "Still asking Quivo …")
    match outcome:
        case Done((order,)):
            await ctx.publish(await drawn(ctx, order))
            return "done"
        case Done(()):
            await ctx.answer(failure(NO_SUCH.text, ctx.reference, hint="`/order find` looks for part of it."))
            return "refused:not_found"
        case Done():
            return await _list(ctx, Search(text=words), [None])
        case Refused() | Unknown():
            return await refuse(ctx, outcome)


async def find(ctx: Context) -> str:
    """Answer ``/order find DE386`` with what matches in references and identifiers."""
    if not ctx.request.text:
        await ctx.answer(failure("What shall I look for?", ctx.reference, hint="Type `/order find DE38678`."))
        return "refused:empty"
    return await _list(ctx, Search(text=ctx.request.text), [None])


async def list_orders(ctx: Context) -> str:
    """Answer ``/order list processing 7d`` with the newest such orders."""
    asked = listing(ctx.request.text, ctx.services.now().date())
    if asked.problem:
        await ctx.answer(failure(asked.problem, ctx.reference, hint="Type `/order list processing 7d`."))
        return "refused:unreadable"
    return await _list(ctx, Search(status=asked.status, since=asked.since, until=asked.until), [None])


async def details(ctx: Context) -> str:
    """Open everything about a card's order in a modal, read with the clicker's own connection (DESIGN.md §4.6)."""
    return await open_one(ctx, "Order", _details)


async def _details(ctx: Context, view_id: str, order: Order) -> str:
    await ctx.slack.update_view(view_id, order_details(order, ctx.request.card_id))
    return "done"


async def refresh(ctx: Context) -> str:
    """Draw a card anew with the order as it is now, read with the clicker's own connection."""
    return await _read_again(ctx, Context.redraw)


async def open_row(ctx: Context) -> str:
    """Post the card of an order that was picked from a list."""
    return await _read_again(ctx, Context.publish)


async def _read_again(ctx: Context, show: Callable[[Context, Message], Awaitable[None]]) -> str:
    card = ctx.found_card(ORDER_CARD)
    if card is None:
        return await expired(ctx)
    outcome = await read(ctx.services.accounts, ctx.actor, card.payload["order_id"])
    match outcome:
        case Done(order):
            await show(ctx, _drawn(ctx, order, card.id))
            return "done"
        case Refused() | Unknown():
            return await refuse(ctx, outcome)


async def turn_page(ctx: Context, step: int) -> str:
    """Show the next or the previous page of a list, in its place."""
    card = ctx.found_card(LIST_CARD)
    if card is None or card.created_by != ctx.request.user:
        return await expired(ctx)
    cursors: list[str | None] = card.payload["cursors"]
    page = max(1, card.payload["page"] + step)
    return await _list(ctx, _asked(card.payload), cursors[:page], replace=True)


async def _list(ctx: Context, asked: Search, cursors: list[str | None], *, replace: bool = False) -> str:
    work = search(ctx.services.accounts, ctx.actor, asked, cursors[-1])
    outcome = await patient(ctx, work, "Still asking Quivo …")
    if isinstance(outcome, Done):
        return await _answer_list(ctx, asked, outcome.value, cursors, replace=replace)
    return await refuse(ctx, outcome)


async def _answer_list(
    ctx: Context, asked: Search, page: Page, cursors: list[str | None], *, replace: bool = False
) -> str:
    """Answer with one page; its card remembers the question and where each page so far began."""
    after = [page.search_after] if page.search_after else []
    payload = {
        **asdict(asked),
        "since": _day(asked.since),
        "until": _day(asked.until),
        "cursors": cursors + after,
        "page": len(cursors),
    }
    card, *rows = await asyncio.gather(
        ctx.card(LIST_CARD, payload), *(ctx.card(ORDER_CARD, {"order_id": order.order_id}) for order in page.orders)
    )
    message = order_list(
        page,
        title=_title(asked),
        profile=ctx.profile,
        card_id=card.id,
        row_cards=[row.id for row in rows],
        page_number=len(cursors),
        has_previous=len(cursors) > 1,
        now=ctx.services.now(),
    )
    await ctx.answer(message, replace_original=replace)
    return "done"


def _asked(payload: dict[str, Any]) -> Search:
    since, until = (date.fromisoformat(day) if (day := payload[name]) else None for name in ("since", "until"))
    return Search(payload["text"], payload["status"], since, until)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _title(asked: Search) -> str:
    parts = [asked.status.lower() if asked.status else "", "orders"]
    if asked.text:
        parts.append(f"matching {asked.text}")
    if asked.since:
        parts.append(f"since {asked.since}" if asked.until is None else f"from {asked.since} to {asked.until}")
    title = " ".join(part for part in parts if part)
    return title[:1].upper() + title[1:]


async def drawn(ctx: Context, order: Order) -> Message:
    """A new card of an order, for the channel that this was asked in."""
    card = await ctx.card(ORDER_CARD, {"order_id": order.order_id})
    return _drawn(ctx, order, card.id)


def _drawn(ctx: Context, order: Order, card_id: str) -> Message:
    profile = Profile.EXTERNAL if ctx.profile is Profile.MODAL else ctx.profile
    return order_card(order, profile, card_id=card_id, asked_by=ctx.request.user, seen_at=ctx.services.now())


async def page_next(ctx: Context) -> str:
    """Turn to the next page."""
    return await turn_page(ctx, 1)


async def page_back(ctx: Context) -> str:
    """Turn to the page before."""
    return await turn_page(ctx, -1)


COMMANDS = (
    Command("/order", "show", "<id or reference>", "Show where an order is", show, default=True),
    Command("/order", "find", "<words>", "Find orders by part of a reference or identifier", find),
    Command("/order", "list", "[status] [today|7d|date..date]", "List orders by status and period", list_orders),
)
PRESSES = (
    Press("order.details", details),
    Press("order.refresh", refresh),
    Press("order.show", open_row),
    Press("order.page_next", page_next),
    Press("order.page_back", page_back),
)
