"""One word and one symbol for each status, always the same, and what can still be done (seed 002, DESIGN.md §10)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.quivo.order import CANCELLED, COMPLETED, PENDING, PROCESSING, Order
from handlers.render.escape import plain
from operations.status import abilities

STATUS = 60  # ours: an unknown status may be any text


@dataclass(frozen=True)
class State:
    """How a status is shown; ``is_known`` False means that the word is Quivo's own, from outside."""

    symbol: str
    word: str
    is_known: bool = True


_STATES = {
    PENDING: State("⏳", "waiting"),
    PROCESSING: State("📦", "in the warehouse"),
    COMPLETED: State("🚚", "shipped"),
    CANCELLED: State("🚫", "cancelled"),
}
CANCEL_REQUESTED = State("✋", "cancel requested")


def state(status: str) -> State:
    """The word and symbol of a status; one that we do not know is shown as it is, never guessed."""
    return _STATES.get(status) or State("❔", plain(status, STATUS) or "(none)", is_known=False)


def sentence(order: Order) -> str:
    """What follows "Order 1001": where it is, and whether somebody asked to cancel it."""
    shown = state(order.status)
    start = f" is {shown.word}" if shown.is_known else f" has the status {shown.word}"
    return f"{start}{_cancelling(order)}"


def _cancelling(order: Order) -> str:
    if order.cancel_requested is None or order.status == CANCELLED:
        return "."
    if order.status == COMPLETED:
        return ". A cancellation was requested; it was shipped anyway."
    return f". {CANCEL_REQUESTED.symbol} Cancel requested, not cancelled yet."


def label(order: Order) -> str:
    """Symbol and word for one row of a list."""
    word = state(order.status).word
    if order.cancel_requested is None or order.status == CANCELLED:
        return word
    if order.status == COMPLETED:
        return f"{word}, cancel was requested"
    return f"{word} {CANCEL_REQUESTED.symbol} {CANCEL_REQUESTED.word}"


def can_still(status: str) -> str:
    """One sentence about what the status table still allows."""
    can = abilities(status)
    if can.update is None or can.cancel is None:
        return f"We do not know what “{state(status).word}” allows."
    if can.update and can.cancel:
        return "Can be changed and cancelled."
    if can.cancel:
        return "Can be cancelled, not changed: Quivo is missing information."
    return "Can no longer be changed or cancelled."
