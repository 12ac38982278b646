"""Four eyes: a cancellation that somebody else has to approve, and what waits for it (DESIGN.md §3, CHECKS B4).

``why`` names the value or the count that asks for it, in the operation's own words; another company does not read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.render.build import actions, bold, button, confirmation, context, message, own, paragraph, say, section
from handlers.render.limits import fit_rows
from handlers.render.message import Block, Message
from handlers.render.naming import Named, mention, named, order_name
from handlers.render.profile import Profile
from handlers.render.times import when

_WHO = "Somebody else with their own Quivo account can approve it. The person who asked can't."


@dataclass(frozen=True)
class Approval(Named):
    """A change that waits: of which order, asked by whom, why a second person is needed, until when.

    ``card_id`` is the opaque id for its buttons.
    """

    asked_by: str = ""
    why: str = ""
    expires: datetime | None = None
    card_id: str = ""


def needs_approval(approval: Approval, profile: Profile) -> Message:
    """Asks for a second person, with `cancel.approve` and `cancel.decline`."""
    line = [say("⛔ "), named(approval), say(": cancelling it needs a second person. Nothing was sent yet.")]
    tail = [_small(approval), actions(*_buttons(approval))]
    return message([paragraph(line), *_why(approval, profile), section(_WHO)], tail=tail)


def approved(approval: Approval, *, by: str, at: datetime) -> Message:
    """Approved; what comes of the request is said in its own message."""
    return _decided(approval, "✅ ", ": cancelling it is approved.", f"Approved by {mention(by)} · {when(at)}")


def declined(approval: Approval, *, by: str, at: datetime) -> Message:
    """Declined; nothing was sent."""
    end = " is not cancelled: the second person declined. Nothing was sent."
    return _decided(approval, "⛔ ", end, f"Declined by {mention(by)} · {when(at)}")


def expired(approval: Approval) -> Message:
    """Nobody approved in time; nothing was sent."""
    end = " is not cancelled: nobody approved in time. Nothing was sent, and one can ask again."
    return _decided(approval, "⌛ ", end, *([f"Expired {when(approval.expires)}"] if approval.expires else []))


def approvals_list(waiting: Sequence[Approval], *, reader: str, profile: Profile) -> Message:
    """What waits for a second person; ``reader`` may only decline their own requests."""
    if not waiting:
        return message([section("Nothing waits for approval.")])
    head = paragraph([bold("Waiting for a second person")])
    return message(fit_rows([head], [_waiting(one, reader, profile) for one in waiting]))


def _waiting(approval: Approval, reader: str, profile: Profile) -> list[Block]:
    line = section(f"⛔ {order_name(approval.order_id, approval.reference)}")
    buttons = _buttons(approval)[1:] if approval.asked_by == reader else _buttons(approval)
    return [line, *_why(approval, profile), _small(approval), actions(*buttons)]


def _buttons(approval: Approval) -> list[Block]:
    sure = confirmation("Approve?", "I then ask Quivo to cancel this order.", "Approve", "Not now")
    approve = button("Approve", "cancel.approve", approval.card_id, style="primary", confirm=sure)
    return [approve, button("Decline", "cancel.decline", approval.card_id)]


def _why(approval: Approval, profile: Profile) -> list[Block]:
    return [section(approval.why)] if approval.why and profile is not Profile.EXTERNAL else []


def _small(approval: Approval) -> Block:
    until = [own(f"Expires {when(approval.expires)}")] if approval.expires else []
    return context(own(f"Asked by {mention(approval.asked_by)}"), *until)


def _decided(approval: Approval, symbol: str, end: str, *small: str) -> Message:
    asked = own(f"Asked by {mention(approval.asked_by)}")
    return message([paragraph([say(symbol), named(approval), say(end)])], tail=[context(asked, *map(own, small))])
