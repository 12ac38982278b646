"""What people read when something did not work: a declared sentence, what to do, and a reference (DESIGN.md §4.8)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.render import build
from handlers.render.build import code, context, marked, message, paragraph, say, section, words
from handlers.render.message import Block, Message


def failure(safe_text: str, reference: str, *, hint: str | None = None, actions: Sequence[Block] = ()) -> Message:
    """A failure in words that were declared for people; ``actions`` are buttons.

    What stands between back-ticks in ``hint`` is shown as something to type.
    """
    lines = [section(f"⚠️ {safe_text}"), *([paragraph(marked(hint))] if hint else [])]
    buttons = [build.actions(*actions)] if actions else []
    return message(lines, tail=[*buttons, _reference(reference)])


def did_you_mean(typed: str, suggestion: str | None, *, usage: str = "/shipclerk help") -> Message:
    """The answer to a command that we do not know: the near miss if there is one, and what to type to learn more."""
    unknown = [say("I don't know "), code(typed), say(".")]
    meant = [say(" Did you mean "), code(suggestion), say("?")] if suggestion else []
    return message([paragraph([*unknown, *meant], [say("You can type "), code(usage), say(".")])])


def expired_card() -> Message:
    """The answer to a button of a card that we no longer have."""
    return message([section("⌛ This card has expired, so its buttons do nothing now. Please ask again.")])


def not_allowed(why: str, reference: str) -> Message:
    """The answer to somebody who may not do this; nothing was done."""
    return message([section(f"⛔ {why}"), _reference(reference)])


def _reference(reference: str) -> Block:
    return context(words(f"Reference {reference}", 100))
