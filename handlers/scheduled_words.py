"""Reading what people type after ``/scheduled``: a status, words to search, ids; no card's number gets through."""

from __future__ import annotations

from backends.qpilot.cards import holds_card_number
from backends.qpilot.order import ACTIVE, DELETED, FAILED, PAUSED, PROCESSING, QUEUED, SNOOZED
from handlers.forms.values import Unreadable
from operations.scheduled import Asked
from operations.summary import Window

_STATUSES = {one.lower(): one for one in (ACTIVE, PAUSED, FAILED, QUEUED, PROCESSING, DELETED, SNOOZED)}
_STATUSES["cancelled"] = DELETED
_LONGEST_ID, _LONGEST_WORDS = 100, 200
CARD = "That looks like a card number, so I did nothing with it and did not keep it. Please never type one here."


def asked(text: str) -> Asked:
    """Read ``[status] [search words]``; Unreadable says what can't be sent to QPilot."""
    first, _, rest = text.partition(" ")
    status = _STATUSES.get(first.lower())
    search = (rest if status else text).strip().strip('"')
    if holds_card_number(search):
        raise Unreadable(CARD)
    if len(search) > _LONGEST_WORDS:
        raise Unreadable("That is too long to search for.")
    return Asked(status, search or None)


def order_id(text: str) -> int:
    """The number of a scheduled order; Unreadable says what to type instead."""
    word = text.strip().strip('"').removeprefix("#")
    if holds_card_number(word):
        raise Unreadable(CARD)
    if not word:
        raise Unreadable("Which scheduled order? Type its number.")
    if not (word.isascii() and word.isdigit() and len(word) < 16 and int(word)):
        raise Unreadable("A scheduled order has a number, such as 208022.")
    return int(word)


def store_id(text: str, what: str) -> str:
    """The id that a customer or product has in the store, a text; Unreadable says what to type instead."""
    word = text.strip().strip('"').strip()
    if holds_card_number(word):
        raise Unreadable(CARD)
    if not word:
        raise Unreadable(f"Which {what}? Type its id in the store.")
    if len(word) > _LONGEST_ID:
        raise Unreadable("That is too long to be an id.")
    return word


def window(text: str) -> Window:
    """Read ``[today|tomorrow|7d]``; tomorrow if nothing was typed."""
    try:
        return Window(text.strip().lower() or Window.TOMORROW)
    except ValueError:
        raise Unreadable("I can sum up today, tomorrow or 7d.") from None
