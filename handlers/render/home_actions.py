"""What a person has done, one line each: our own words, a number, and no personal data (issue: Home)."""

from __future__ import annotations

from handlers.render.build import button, context, own, section, words
from handlers.render.escape import plain
from handlers.render.message import Block
from handlers.render.states import State
from handlers.render.times import when
from store.ledger import Action

_KINDS = {
    "order.cancel": "Cancel order",
    "order.create": "Create an order",
    "order.edit": "Correct order",
    "order.address": "Change the address of order",
    "order.import": "Import orders",
    "cart.checkout": "Order the cart",
    "cart.new": "New cart",
    "scheduled.create": "New scheduled order",
    "scheduled.customer": "New customer",
    "scheduled.payment_method": "New payment method",
    "scheduled.product": "New product",
}
_STATES = {
    "waiting_approval": State("⛔", "waits for a second person"),
    "held": State("✋", "held"),
    "sending": State("✋", "on its way"),
    "requested": State("✋", "requested"),
    "unknown": State("❔", "nobody knows"),
    "done": State("✅", "done"),
    "refused": State("⚠️", "refused"),
    "not_done": State("⚠️", "not done"),
    "undone": State("✅", "taken back"),
    "cancelled": State("🚫", "cancelled"),
    "shipped_anyway": State("🚚", "shipped anyway"),
    "gave_up": State("⌛", "not known after a day"),
    "expired": State("⌛", "expired"),
    "declined": State("⛔", "declined"),
}
_WORD, _LOOK = 40, "cancel.look"


def what(action: Action) -> str:
    """What was asked: "Cancel order 1001"; of a target only a number is shown, for a name may be in any other."""
    kind = _KINDS.get(action.kind) or plain(action.kind.replace(".", ": ").replace("_", " "), _WORD)
    number = f" {action.target}" if action.target.isascii() and action.target.isdigit() else ""
    return f"{kind[:1].upper()}{kind[1:]}{number}"


def outcome(action: Action) -> State:
    """What came of it; a state that we do not know is shown as it is."""
    return _STATES.get(action.state) or State("❔", plain(action.state, _WORD) or "–", is_known=False)


def done_line(action: Action) -> Block:
    """One line of what was done last."""
    shown = outcome(action)
    return context(words(f"{shown.symbol} {what(action)}: {shown.word}"), own(when(action.changed_at)))


def unknown_row(action: Action) -> list[Block]:
    """An outcome that nobody knows, with the button that looks again where there is one."""
    card = action.payload.get("card")
    look = button("Look again", _LOOK, str(card)) if action.kind == "order.cancel" and card else None
    line = f"❔ {what(action)}: nobody knows whether it was done. Look before you do it again."
    return [section(line, accessory=look), context(own(when(action.changed_at)))]
