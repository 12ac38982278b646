"""Scheduled orders as a list, for the person who asked alone: no name and no address in it."""

from __future__ import annotations

from datetime import datetime

from backends.qpilot.order import Page, Row
from handlers.render import limits
from handlers.render.build import bold, button, context, message, own, paragraph, say, section, words
from handlers.render.escape import plain
from handlers.render.message import Block, Message
from handlers.render.money import money
from handlers.render.profile import Profile
from handlers.render.scheduled_profile import customer_shown
from handlers.render.scheduled_states import status
from handlers.render.shop import nth
from handlers.render.shop_orders import paging
from handlers.render.times import when, when_day
from operations.scheduled import Asked

SHOW, NEXT, BACK = "scheduled.show", "scheduled.page_next", "scheduled.page_back"
_NAME = 40


def scheduled_list(page: Page[Row], asked: Asked, *, card_id: str, now: datetime) -> Message:
    """One page, the soonest first, one line each with its `scheduled.show`, whose value is ``nth`` of ``card_id``.

    `scheduled.page_next` and `scheduled.page_back` carry ``card_id``.
    """
    pages = page.total_pages or (page.page + 1 if page.more else page.page)
    count = [] if page.total is None else [say(f" ({page.total})")]
    where = [say(f", page {page.page} of {pages}")] if pages > 1 else []
    head = paragraph([bold(title(asked), limits.MODAL_VALUE), *count, *where])
    rows = [_row(row, nth(card_id, number)) for number, row in enumerate(page.items)]
    tail = [context(own(f"As of {when(now)}")), *paging(page.page, pages, card_id, BACK, NEXT)]
    return message([head, *(rows or [section("None found. Try without a status, or fewer words.")])], tail=tail)


def title(asked: Asked) -> str:
    """What the list was asked by, in words."""
    which = f"Scheduled orders that are {status(asked.status).word}" if asked.status else "Scheduled orders"
    return f"{which} with “{plain(asked.search)}”" if asked.search else which


def _row(row: Row, value: str) -> Block:
    shown = status(row.status)
    total = None if row.total is None else money(row.total, row.currency)
    known = customer_shown(row.customer_id, Profile.PUBLIC)
    customer = f"customer {plain(known, _NAME)}" if known else None
    code = None if row.error_code is None else f"code {row.error_code}"
    said = " · ".join(filter(None, [str(row.id), shown.word, code, total, customer]))
    line: Block = {"type": "section", "text": words(f"{shown.symbol} {said}", limits.FIELD_TEXT)}
    moment = row.next_occurrence
    due = {"fields": [own(f"Next {when_day(moment)}{', locked' if row.locked else ''}")]} if moment else {}
    return {**line, **due, "accessory": button("Show", SHOW, value)}
