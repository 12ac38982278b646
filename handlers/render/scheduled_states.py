"""One word and one symbol for each status of a scheduled order, always the same (apis/qpilot.md §4, DESIGN.md §10)."""

from __future__ import annotations

from backends.qpilot.order import ACTIVE, DELETED, FAILED, PAUSED, PROCESSING, QUEUED, SNOOZED
from handlers.render.build import bold, paragraph, say
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.states import STATUS, State

_STATES = {
    ACTIVE: State("▶️", "active"),
    PAUSED: State("⏸️", "paused"),
    SNOOZED: State("💤", "snoozed"),
    QUEUED: State("⏳", "waiting to be processed"),
    PROCESSING: State("📦", "being processed"),
    FAILED: State("⚠️", "failed"),
    DELETED: State("🚫", "cancelled"),
}


def status(word: str) -> State:
    """The word and symbol of a status; one that we do not know is shown as it is, never guessed."""
    return _STATES.get(word) or State("❔", plain(word, STATUS) or "(none)", is_known=False)


def name(order_id: int) -> str:
    """How a scheduled order is called everywhere."""
    return f"Scheduled order {order_id}"


def headline(order_id: int, word: str) -> Block:
    """The one line that answers where it is."""
    shown = status(word)
    verb = " has failed." if word == FAILED else f" is {shown.word}." if shown.is_known else ""
    return paragraph(
        [
            say(f"{shown.symbol} "),
            bold(name(order_id)),
            say(verb or f" has the status {shown.word}.", 2 * STATUS),
        ]
    )
