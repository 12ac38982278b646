"""The log of a channel: posting, changing and removing messages, and who sees which."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from sandbox.slack import events, payloads
from sandbox.slack.core import Core
from sandbox.slack.state import SLACKBOT, Channel, Impossible, Json, Message
from sandbox.slack.views import with_ids

MOST_TEXT = 40_000


def post(core: Core, channel: Channel, user: str, content: Json, *, ephemeral_to: str | None = None) -> Message:
    """Appends a message and tells the app if it subscribed.

    `content` may hold text, blocks, attachments, files, metadata and thread_ts, already checked.
    """
    message = Message(core.stamp(), channel.id, user, ephemeral_to=ephemeral_to, thread_ts=content.get("thread_ts"))
    _fill(message, content)
    message.files, message.metadata = content.get("files") or [], content.get("metadata")
    channel.log.append(message)
    core.changed(f"message:{channel.id}")
    if ephemeral_to is None:
        events.message_posted(core, channel, message)
    return message


def _fill(message: Message, content: Json) -> None:
    message.text = (content.get("text") or "")[:MOST_TEXT]
    message.blocks = with_ids(content.get("blocks") or [])
    message.attachments = content.get("attachments") or []


def retained(message: Message, content: Json, given: Container[str]) -> Json:
    """The content of an update as chat.update documents it.

    Blocks that are not `given` stay only without a text, attachments and metadata stay; an empty list or object
    takes them away.
    """
    kept: Json = {}
    if "blocks" not in given and "text" not in given:
        kept |= {"blocks": message.blocks, "text": message.text}
    if "attachments" not in given:
        kept["attachments"] = message.attachments
    return content | kept


def edit(core: Core, channel: Channel, message: Message, content: Json) -> Message:
    """Puts new content into a message at its old place; a change of the text alone is marked as edited."""
    before = payloads.message_object(message, core.members[message.user])
    old_blocks, old_picks = message.blocks, message.picked
    _fill(message, content)
    message.picked = old_picks if message.blocks == old_blocks else {}
    message.warnings = set()
    message.metadata = content.get("metadata", message.metadata) or None
    message.edited_ts = core.stamp() if not message.blocks else message.edited_ts
    core.changed(f"message:{channel.id}")
    if message.ephemeral_to is None:
        events.message_changed(core, channel, message, before)
    return message


def delete(core: Core, channel: Channel, message: Message) -> None:
    """Takes a message out of the log."""
    before = payloads.message_object(message, core.members[message.user])
    channel.log.remove(message)
    core.changed(f"message:{channel.id}")
    if message.ephemeral_to is None:
        events.message_deleted(core, channel, message, before)


def visible(channel: Channel, user: str) -> list[Message]:
    """What this member sees in the channel, oldest first; nothing without being in it."""
    if user not in channel.members:
        return []
    return [message for message in channel.log if message.ephemeral_to in (None, user)]


def seen_by(channel: Channel, user: str, ts: str) -> Message:
    """The message at `ts` if this member sees it; raises `Impossible` otherwise."""
    for message in visible(channel, user):
        if message.ts == ts:
            return message
    raise Impossible(f"{user!r} sees no message {ts!r}")


def stored(channel: Channel, ts: Any) -> Message | None:
    """The message at `ts` as the Web API finds it: never an ephemeral one."""
    return next((m for m in channel.log if m.ts == ts and m.ephemeral_to is None), None)


def slackbot(core: Core, channel: Channel, user: str, text: str) -> Message:
    """What Slackbot says to one member only."""
    return post(core, channel, SLACKBOT, {"text": text}, ephemeral_to=user)
