"""Why a watch stopped by itself, in words for the channel and for the person who started it (CHECKS F4)."""

from __future__ import annotations

from handlers.render.build import context, marked, message, own, paragraph, say
from handlers.render.message import Message
from handlers.render.naming import named
from handlers.render.watching import Watched
from operations.outcome import Reason

OWNER_GONE, CHANNEL_GONE = "owner_gone", "channel_gone"

_CHANNEL = {
    Reason.NOT_CONNECTED: "Whoever started it is no longer connected to Quivo.",
    Reason.LOGIN_AGAIN: "The Quivo login of whoever started it no longer works.",
    Reason.NOT_FOUND: "Quivo no longer shows the order to whoever started it.",
    OWNER_GONE: "Whoever started it may no longer use Shipclerk.",
}
_OWNER = {
    Reason.NOT_CONNECTED: "You are no longer connected to Quivo. Type `/connect quivo`, then watch it again.",
    Reason.LOGIN_AGAIN: "Your Quivo login no longer works. Type `/connect quivo`, then watch it again.",
    Reason.NOT_FOUND: "Quivo no longer shows you the order.",
    CHANNEL_GONE: "I can no longer write there: the channel is archived, or I was removed from it.",
}
_REFUSED = "Quivo refused to show the order."


def why_ended(reason: str) -> str:
    """The sentence for everybody in the channel; it says nothing about anybody's account but that it cannot be used."""
    return _CHANNEL.get(reason, _REFUSED)


def told_to_owner(watched: Watched, *, channel: str, reason: str) -> Message:
    """The direct message to the person whose connection looked; ``channel`` is a Slack id."""
    line = [say("👀 "), named(watched), say(" is no longer watched.")]
    place = context(own(f"Watched in <#{channel}>"))
    return message([paragraph(line, marked(_OWNER.get(reason, _REFUSED)))], tail=[place])
