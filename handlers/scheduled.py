"""Looking at scheduled orders from Slack: ``/scheduled list``, ``/scheduled <id>`` and their buttons (seed 004)."""

from __future__ import annotations

from backends.qpilot.order import Page, Row, ScheduledOrder
from handlers.answers import expired, patient, refuse
from handlers.context import Context
from handlers.forms.values import Unreadable
from handlers.registry import Command, Press
from handlers.render import scheduled as render
from handlers.render import scheduled_list as listing
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.scheduled_words import asked, order_id
from handlers.shop_answers import in_modal, nth_card, own_card, refuse_in, tell
from operations import scheduled
from operations.outcome import Done
from operations.packing import pack, unpack
from operations.scheduled import Asked

ORDER_CARD, LIST_CARD = "scheduled", "scheduled_list"
ASKING = "Still asking QPilot …"
TITLE = "Scheduled order"
_TYPE = "Type `/scheduled 208022`, or look with `/scheduled list`."


async def list_orders(ctx: Context) -> str:
    """Answer ``/scheduled list failed`` with those that fit, for the person alone."""
    try:
        wanted = asked(ctx.request.text)
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled list failed`.", "refused:unreadable")
    return await _list(ctx, wanted, 1)


async def _list(ctx: Context, wanted: Asked, page: int, *, turned: bool = False) -> str:
    work = scheduled.listed(ctx.services.ports.qpilot, ctx.actor, wanted, page)
    outcome = await patient(ctx, work, ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    await ctx.answer(await _listed(ctx, wanted, outcome.value), replace_original=turned)
    return "done"


async def _listed(ctx: Context, wanted: Asked, page: Page[Row]) -> Message:
    """One page; its card remembers the question, and which order is in which row."""
    payload = {"asked": pack(wanted), "page": page.page, "orders": [row.id for row in page.items]}
    card = await ctx.card(LIST_CARD, payload)
    return listing.scheduled_list(page, wanted, card_id=card.id, now=ctx.services.now())


async def page_next(ctx: Context) -> str:
    """Turn to the next page."""
    return await _turn(ctx, 1)


async def page_back(ctx: Context) -> str:
    """Turn to the page before."""
    return await _turn(ctx, -1)


async def _turn(ctx: Context, step: int) -> str:
    card = own_card(ctx, LIST_CARD)
    if card is None:
        return await expired(ctx)
    page = max(1, card.payload["page"] + step)
    return await _list(ctx, unpack(Asked, card.payload["asked"]), page, turned=True)


async def show(ctx: Context) -> str:
    """Answer ``/scheduled 208022`` with the order's card in the channel, as far as the channel may read it."""
    try:
        number = order_id(ctx.request.text)
    except Unreadable as problem:
        return await tell(ctx, str(problem), _TYPE, "refused:unreadable")
    return await _publish(ctx, number)


async def show_row(ctx: Context) -> str:
    """Post the card of an order that was picked from a list."""
    picked = nth_card(ctx, LIST_CARD)
    if picked is None or picked[1] >= len(picked[0].payload["orders"]):
        return await expired(ctx)
    return await _publish(ctx, picked[0].payload["orders"][picked[1]])


async def _publish(ctx: Context, number: int) -> str:
    outcome = await patient(ctx, scheduled.read(ctx.services.ports.qpilot, ctx.actor, number), ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    card = await ctx.card(ORDER_CARD, {"order_id": number, "drawn": True})
    await ctx.publish(drawn(ctx, outcome.value, card.id))
    return "done"


async def refresh(ctx: Context) -> str:
    """Draw a card anew with the order as it is now, read with the clicker's own connection."""
    card = ctx.found_card(ORDER_CARD)
    if card is None:
        return await expired(ctx)
    work = scheduled.read(ctx.services.ports.qpilot, ctx.actor, card.payload["order_id"])
    outcome = await patient(ctx, work, ASKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    await ctx.redraw(drawn(ctx, outcome.value, card.id))
    return "done"


async def details(ctx: Context) -> str:
    """Open everything about a card's order in a modal, read with the clicker's own connection (DESIGN.md §4.6)."""
    card = ctx.found_card(ORDER_CARD)
    if card is None:
        return await expired(ctx)

    async def then(view_id: str) -> str:
        outcome = await scheduled.read(ctx.services.ports.qpilot, ctx.actor, card.payload["order_id"])
        if not isinstance(outcome, Done):
            return await refuse_in(ctx, view_id, TITLE, outcome)
        await ctx.slack.update_view(view_id, render.scheduled_details(outcome.value, card.id))
        return "done"

    return await in_modal(ctx, TITLE, then)


def drawn(ctx: Context, order: ScheduledOrder, card_id: str) -> Message:
    """The order's card for where it is read."""
    profile = Profile.EXTERNAL if ctx.profile is Profile.MODAL else ctx.profile
    now, asked_by = ctx.services.now(), ctx.request.user
    return render.scheduled_card(order, profile, card_id=card_id, asked_by=asked_by, seen_at=now)


COMMANDS = (
    Command("/scheduled", "show", "<id>", "Show a scheduled order", show, default=True),
    Command("/scheduled", "list", "[status] [words]", "List scheduled orders, the soonest first", list_orders),
)
PRESSES = (
    Press(listing.SHOW, show_row),
    Press(listing.NEXT, page_next),
    Press(listing.BACK, page_back),
    Press(render.REFRESH, refresh),
    Press(render.DETAILS, details),
)
