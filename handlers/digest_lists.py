"""The lists behind a digest's numbers, read anew with the connection of whoever clicks (DESIGN.md §4.1, CHECKS B7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from handlers import scheduled
from handlers.answers import ORDER_CARD, expired, patient, refuse
from handlers.context import Context
from handlers.orders import list_orders
from handlers.registry import Press
from handlers.render.digest_message import OPEN
from handlers.render.digest_rows import order_rows
from operations.collecting import collect
from operations.collecting_orders import BY_STATUS_DAYS
from operations.digest_facts import SCHEDULED, Absent, Collected, Section, What
from operations.outcome import Refused
from store.digests import Digest

CARD = "digest.behind"


def behind(digest: Digest, collected: Collected) -> dict[str, Any]:
    """What a digest's buttons need: which digest it is, and since when what was shipped is counted."""
    since = {one.what.value: one.covers.since.isoformat() for one in collected.found if one.covers}
    return {"digest": digest.id, "since": since.get(What.SHIPPED.value)}


async def open_list(ctx: Context) -> str:
    """Show the person alone the orders that a number counts, as they are now in their own account."""
    card = ctx.found_card(CARD)
    name = ctx.request.name.removeprefix(OPEN)
    digest = card and ctx.services.ports.digests.get(card.payload["digest"], ctx.request.team)
    if card is None or not digest or name not in set(What):
        return await expired(ctx)
    what = What(name)
    if what in SCHEDULED:
        return await scheduled.list_orders(ctx.asking("failed" if what is What.FAILED else "active"))
    if what is What.BY_STATUS:  # all of them, so they are turned page by page
        return await list_orders(ctx.asking(f"{BY_STATUS_DAYS}d"))
    since = _since(card.payload, digest)
    # Without the digest's own id nothing is known of what it told last, so what was shipped counts from ``since``.
    mine = replace(digest, id="", owner=ctx.request.user, what=(name,), last_posted_at=since)
    collected = await patient(ctx, collect(ctx.services.ports, mine), "Still collecting …")
    match collected.sections:
        case (Section() as found,):
            return await _show(ctx, found)
        case (Absent() as absent,):
            return await refuse(ctx, Refused(absent.reason, absent.text, back_end=absent.what.back_end))
        case _:
            return await expired(ctx)


def _since(payload: dict[str, Any], digest: Digest) -> datetime | None:
    since = payload.get("since")
    return datetime.fromisoformat(since) if since else digest.last_posted_at


async def _show(ctx: Context, found: Section) -> str:
    cards = await asyncio.gather(*(ctx.card(ORDER_CARD, {"order_id": row.id}) for row in found.rows))
    await ctx.answer(order_rows(found, [card.id for card in cards]))
    return "done"


PRESSES = tuple(Press(f"{OPEN}{what.value}", open_list) for what in What)
