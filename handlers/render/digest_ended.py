"""A digest that stopped by itself: why, and how to mend it, for its owner and for its channel (CHECKS F4)."""

from __future__ import annotations

from handlers.render.build import actions, bold, button, code, context, marked, message, own, paragraph, say
from handlers.render.digest_words import place_of, rhythm, short, title
from handlers.render.message import Message
from handlers.render.naming import mention
from operations.digest_run import BOT_REMOVED, CHANNEL_GONE, OWNER_LEFT
from operations.outcome import Reason
from store.digests import Digest

_TITLE = 300
_WHY = {
    OWNER_LEFT: "Whoever it ran for may no longer use Shipclerk. A colleague can make a new one with `/digest new`.",
    CHANNEL_GONE: "Its channel is archived or gone. Choose another one with Change in `/digest list`.",
    BOT_REMOVED: "I am no longer in its channel. Type `/invite @Shipclerk` there, then `/digest resume {name}`.",
    Reason.NOT_CONNECTED: "A connection that it needs is gone. Type `/connect`, then `/digest resume {name}`.",
    Reason.LOGIN_AGAIN: "A login that it needs no longer works. Type `/connect`, then `/digest resume {name}`.",
}
_CHANNEL = {
    OWNER_LEFT: "Whoever it ran for may no longer use Shipclerk. Anybody here can make a new one with `/digest new`.",
    Reason.NOT_CONNECTED: "Its owner has to connect again; I have told them how.",
    Reason.LOGIN_AGAIN: "Its owner has to connect again; I have told them how.",
}
_OTHER = "Look at it with `/digest list`."


def mend(reason: str, name: str) -> str:
    """Why it stopped and what to do about it, for the owner; ``name`` is the digest's short name."""
    return _WHY.get(reason, _OTHER).format(name=name)


def told_to_owner(digest: Digest, reason: str, text: str) -> Message:
    """The direct message to its owner; ``text`` is what a source said, declared safe, or empty."""
    line = [say("⛔ Your digest "), code(short(digest.id)), bold(f" {title(digest)}", _TITLE), say(" has stopped.")]
    because = [[say(text, 300)]] if text else []
    buttons = [button("Change", "digest.edit", digest.id), button("Resume", "digest.resume", digest.id)]
    place = context(own(f"Posted in {place_of(digest.channel)}"))
    return message([paragraph(line, *because, marked(mend(reason, short(digest.id))))], tail=[place, actions(*buttons)])


def told_to_channel(digest: Digest, reason: str) -> Message:
    """The word for everybody; it says nothing about anybody's account but that it cannot be used."""
    line = [say("⛔ The digest "), bold(title(digest), _TITLE), say(f", {rhythm(digest)}, has stopped.", _TITLE)]
    why = marked(_CHANNEL.get(reason, "Its owner knows how to mend it."))
    return message([paragraph(line, why), context(own(f"By {mention(digest.owner)}"))])
