"""What came of an order that was sent to be made (seed 001)."""

from __future__ import annotations

from handlers.render.build import actions, button, context, message, paragraph, say, section, words
from handlers.render.message import Block, Message
from handlers.render.naming import Named, named


def created(order: Named, *, card_id: str) -> Message:
    """It is there; `order.show` posts its card."""
    line = [say("✅ "), named(order), say(" is created.")]
    return message([paragraph(line)], tail=[actions(button("Show", "order.show", card_id))])


def already_there(order: Named, *, card_id: str) -> Message:
    """An order with this identifier was there before, so nothing was made."""
    line = [say("✋ "), named(order), say(" has this identifier already, so I made no second one.")]
    return message([paragraph(line)], tail=[actions(button("Show", "order.show", card_id))])


def create_unknown(*, why: str, card_id: str, reference: str) -> Message:
    """Nobody can say whether it was made; `create.again` looks for its identifier before it sends it once more."""
    more = "If you try again, I look for its identifier first, so that there is never a second order."
    again = actions(button("Try again", "create.again", card_id))
    lines = [section("❔ We do not know whether the order was created."), section(why), section(more)]
    return message(lines, tail=[_reference(reference), again])


def _reference(reference: str) -> Block:
    return context(words(f"Reference {reference}", 100))
