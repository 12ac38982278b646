"""Handing a digest over: the question to the colleague, and what both read afterwards (issue 6)."""

from __future__ import annotations

from backends.errors import NAMES
from handlers.render.build import actions, bold, button, context, message, own, paragraph, say, section
from handlers.render.digest_words import place_of, rhythm, title
from handlers.render.message import Message
from handlers.render.naming import mention
from operations.digest_facts import back_ends, sources
from store.digests import Digest

_TITLE = 300


def offer(digest: Digest) -> Message:
    """The direct message to the colleague, with `digest.accept` and `digest.decline`."""
    needed = " and ".join(NAMES[name] for name in back_ends(sources(digest)))
    promise = f"It then runs with your own connection to {needed}, not with theirs." if needed else ""
    buttons = [
        button("Accept", "digest.accept", digest.id, style="primary"),
        button("Decline", "digest.decline", digest.id),
    ]
    head = context(own(f"{mention(digest.owner)} asks you to take over a digest in {place_of(digest.channel)}"))
    blocks = [head, paragraph([bold(title(digest), _TITLE)], [say(f"It runs {rhythm(digest)}.")])]
    return message([*blocks, *([section(promise)] if promise else [])], tail=[actions(*buttons)])


def decided(digest: Digest, *, by: str, accepted: bool) -> Message:
    """What the owner reads, and what stands in place of the question."""
    done = "took over" if accepted else "did not take over"
    symbol = "✅" if accepted else "⛔"
    line = own(f"{symbol} {mention(by)} {done} the digest in {place_of(digest.channel)}")
    return message([context(line), paragraph([bold(title(digest), _TITLE)], [say(f"It runs {rhythm(digest)}.")])])
