"""Cancelling an order: the question before it, and one message for each thing that can come of it (DESIGN.md §4.5).

A message here names the order, which everybody may read, and nothing else of it. "Cancelled" is said by ``cancelled``
alone, after a second look; a request that was sent is *requested*, and what nobody knows is said as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backends.quivo.order import Order
from handlers.render import limits, parts
from handlers.render.build import (
    actions,
    button,
    context,
    form_modal,
    message,
    own,
    paragraph,
    say,
    section,
    words,
)
from handlers.render.limits import fit
from handlers.render.message import Block, Message, View
from handlers.render.naming import Named, mention, named
from handlers.render.orders import headline
from handlers.render.profile import Profile, trim
from handlers.render.states import CANCEL_REQUESTED
from handlers.render.times import when

_MEANS = (
    "I ask Quivo to cancel this order. That is a request: until Quivo says that it is cancelled, the warehouse can "
    "still ship it. A request that was sent can't be taken back."
)


@dataclass(frozen=True)
class Cancel(Named):
    """One cancellation: of which order, asked by whom (a Slack user id), and the opaque id for its buttons."""

    asked_by: str = ""
    card_id: str = ""


def cancel_form(order: Order, *, card_id: str, undo_seconds: int, approval: str = "") -> View:
    """The modal `order.cancel`: the order as it is now, what cancelling means, and the red button `cancel.confirm`.

    ``approval`` says why somebody else has to approve it first, if somebody has to.
    """
    shown = trim(order, Profile.MODAL)
    undo = f"You have {undo_seconds} s to undo it before I send it." if undo_seconds > 0 else "I send it at once."
    blocks = [
        headline(shown, can_be_told=True),
        *parts.times(shown),
        *parts.recipient(shown),
        *parts.positions(shown, limits.CARD_POSITIONS),
        {"type": "divider"},
        section(f"{_MEANS} {undo}"),
        *([section(f"⛔ {approval}")] if approval else []),
    ]
    confirm = actions(button("Cancel this order", "cancel.confirm", card_id, style="danger"))
    whole = fit(blocks, tail=[confirm], room=limits.VIEW, what="parts of this")
    return form_modal(f"Cancel {order.order_id}?", whole, callback_id="order.cancel", card_id=card_id, close="Keep it")


def moved_on(card: Message) -> Message:
    """Said instead of acting on a card that is out of date, above the card as it is now (CHECKS E4)."""
    said = section("⚠️ This order has changed since you saw it, so I did nothing. This is how it is now:")
    return message([said, *card.blocks])


def held(cancel: Cancel, *, seconds: int) -> Message:
    """The request waits for so many seconds, and `cancel.undo` calls it off."""
    undo = actions(button("Undo", "cancel.undo", cancel.card_id))
    line = [say(f"{CANCEL_REQUESTED.symbol} "), named(cancel), say(f": I will ask Quivo to cancel it in {seconds} s.")]
    return message([paragraph(line, [say("Nothing was sent yet.")])], tail=[_by(cancel), undo])


def sending(cancel: Cancel) -> Message:
    """The undo window is over and the request is on its way; nothing is known yet."""
    line = [say(f"{CANCEL_REQUESTED.symbol} "), named(cancel), say(": I am asking Quivo to cancel it.")]
    return message([paragraph(line)], tail=[_by(cancel)])


def requested(cancel: Cancel, *, at: datetime) -> Message:
    """Quivo took the request; whether it cancels is not known yet."""
    line = [say(f"{CANCEL_REQUESTED.symbol} "), named(cancel), say(": cancellation requested, not cancelled yet.")]
    again = [say("I look again until Quivo says what came of it, for a day.")]
    return message([paragraph(line, again)], tail=[_by(cancel, "Requested", at)])


def cancelled(cancel: Cancel, *, at: datetime) -> Message:
    """We looked again, and the status says so."""
    return _ended(cancel, "🚫 ", " is cancelled.", "Seen", at)


def shipped_anyway(cancel: Cancel, *, at: datetime) -> Message:
    """The order was completed although its cancellation had been requested."""
    return _ended(cancel, "🚚 ", " was shipped anyway, although its cancellation was requested.", "Seen", at)


def refused(cancel: Cancel, *, why: str, reference: str) -> Message:
    """Quivo said no, or the order is no longer one that can be cancelled; ``why`` is a declared safe text."""
    line = [say("⚠️ "), named(cancel), say(" is not cancelled.")]
    return message([paragraph(line), section(why)], tail=[_by(cancel), _reference(reference)])


def undone(cancel: Cancel, *, by: str) -> Message:
    """Called off in time."""
    line = [say("✅ "), named(cancel), say(" stays as it is: the cancellation was undone and nothing was sent.")]
    return message(
        [paragraph(line)], tail=[context(own(f"Asked by {mention(cancel.asked_by)}"), own(f"Undone by {mention(by)}"))]
    )


def unknown(cancel: Cancel, *, at: datetime, reference: str) -> Message:
    """The request may have arrived or not; nobody can say. `cancel.look` looks once more."""
    line = [say("❔ "), named(cancel), say(": we do not know whether Quivo got the request to cancel it.")]
    more = [say("I don't send it a second time by myself. Look again to see how the order is now.")]
    tail = [_by(cancel, "Sent", at), _reference(reference), _look(cancel)]
    return message([paragraph(line, more)], tail=tail)


def gave_up(cancel: Cancel, *, since: datetime) -> Message:
    """A day has passed and the status still says neither cancelled nor shipped. `cancel.look` looks once more."""
    line = [say("⌛ "), named(cancel), say(": cancellation requested, and after a day still not cancelled.")]
    more = [say("I stopped looking. Please ask Quivo, or look again.")]
    return message([paragraph(line, more)], tail=[_by(cancel, "Requested", since), _look(cancel)])


def already(by: str) -> Message:
    """The answer to everybody who confirms after the first one (CHECKS E1)."""
    line = f"{CANCEL_REQUESTED.symbol} {mention(by)} is already cancelling this order, so I did nothing more."
    return message([{"type": "section", "text": own(line)}])


def too_late() -> Message:
    """The answer to *Undo* after the request was sent."""
    return message([section("⌛ Too late to undo: the request to cancel is on its way or was sent already.")])


def _ended(cancel: Cancel, symbol: str, end: str, word: str, at: datetime) -> Message:
    return message([paragraph([say(symbol), named(cancel), say(end)])], tail=[_by(cancel, word, at)])


def _by(cancel: Cancel, word: str = "", at: datetime | None = None) -> Block:
    moment = [own(f"{word} {when(at)}")] if at else []
    return context(*moment, own(f"Asked by {mention(cancel.asked_by)}"))


def _look(cancel: Cancel) -> Block:
    return actions(button("Look again", "cancel.look", cancel.card_id))


def _reference(reference: str) -> Block:
    return context(words(f"Reference {reference}", 100))
