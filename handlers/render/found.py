"""The answer to *Look up orders in this message*: for the person who asked alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backends.quivo.order import Order
from handlers.render.build import code, context, message, own, paragraph, say, section
from handlers.render.message import Block, Message
from handlers.render.orders import row
from handlers.render.profile import Profile, trim
from handlers.render.times import when


def found_orders(
    orders: Sequence[Order], *, missing: Sequence[str], profile: Profile, row_cards: Sequence[str], now: datetime
) -> Message:
    """One line for each order with its own *Show* (`order.show`, value from ``row_cards``), and what was not found.

    Raises ValueError if there is not one card for each order.
    """
    rows = [row(trim(order, profile), card) for order, card in zip(orders, row_cards, strict=True)]
    head = f"{len(rows)} orders in this message:" if len(rows) > 1 else "One order in this message:"
    if not rows:
        head = "I found none of the orders of this message in your account."
    return message([section(head), *rows, *_missing(missing)], tail=[context(own(f"As of {when(now)}"))])


def nothing_to_look_up() -> Message:
    """The message has nothing in it that looks like an order."""
    said = "I see no order number or reference in this message. A number has 3 digits or more; a reference looks like "
    return message([paragraph([say(said, 300), code("#DE38678"), say(".")])])


def _missing(words: Sequence[str]) -> list[Block]:
    if not words:
        return []
    shown = [part for word in words for part in (code(word), say(", "))][:-1]
    return [paragraph([say("Not found: "), *shown])]
