"""What waits for a person, and what they watch, as rows of Home."""

from __future__ import annotations

from handlers.render.approving import Approval
from handlers.render.build import actions, button, confirmation, context, marked, own, paragraph, say, section
from handlers.render.connections import name_of
from handlers.render.digest_ended import mend
from handlers.render.digest_words import HEALTH, place_of, rhythm, short, title
from handlers.render.message import Block
from handlers.render.naming import mention, order_name
from handlers.render.states import state
from handlers.render.times import when
from handlers.render.watching import Watched
from operations.digesting import Health, Listed
from store.digests import Digest

_LINE = 300


def approval_row(approval: Approval) -> list[Block]:
    """Somebody else's cancellation, with the buttons that decide it."""
    sure = confirmation("Approve?", "I then ask Quivo to cancel this order.", "Approve", "Not now")
    approve = button("Approve", "cancel.approve", approval.card_id, style="primary", confirm=sure)
    decline = button("Decline", "cancel.decline", approval.card_id)
    until = [own(f"Expires {when(approval.expires)}")] if approval.expires else []
    return [
        section(f"⛔ {order_name(approval.order_id, approval.reference)}: cancelling it needs a second person."),
        context(own(f"Asked by {mention(approval.asked_by)}"), *until),
        actions(approve, decline),
    ]


def offer_row(digest: Digest) -> list[Block]:
    """A digest that a colleague would hand over."""
    buttons = [
        button("Accept", "digest.accept", digest.id, style="primary"),
        button("Decline", "digest.decline", digest.id),
    ]
    where = context(own(f"Offered by {mention(digest.owner)} · in {place_of(digest.channel)}"))
    return [section(f"Take over a digest? {title(digest)}, {rhythm(digest)}", limit=_LINE), where, actions(*buttons)]


def mending_row(one: Listed) -> list[Block]:
    """A digest of one's own that does not run, with the way to mend it."""
    shown, name = HEALTH[one.health], short(one.digest.id)
    if one.health is Health.STOPPED:
        needed = mend(one.digest.reason or "", name)
    else:
        needed = f"Connect {' and '.join(map(name_of, one.lacks))}: its button is below."
    line = [say(f"{shown.symbol} Digest {name} is {shown.word}. "), *marked(needed)]
    return [paragraph(line)]


def watch_row(watched: Watched, action_id: str) -> list[Block]:
    """One order that is watched for this person, with the button that stops it."""
    shown = state(watched.status)
    line = f"{shown.symbol} {order_name(watched.order_id, watched.reference)}: {shown.word}"
    return [section(line, accessory=button("Stop", action_id, watched.watch_id))]
