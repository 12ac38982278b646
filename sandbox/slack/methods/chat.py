"""chat.postMessage, chat.postEphemeral, chat.update, chat.delete and chat.getPermalink."""

from __future__ import annotations

import json
from typing import Any

from sandbox.slack import messages
from sandbox.slack.blocks import check_message, check_metadata, says_something
from sandbox.slack.core import Core
from sandbox.slack.payloads import message_object
from sandbox.slack.refusals import ApiError, refuse_flawed
from sandbox.slack.state import BOT_USER, Channel, Json, Message
from sandbox.slack.wire import Args, method

MOST_UPDATE_TEXT = 4_000
MOST_ATTACHMENTS = 100
MOST_METADATA_BYTES = 8_000


def content_of(args: Args) -> Json:
    """What a message says, checked as Slack checks it; without metadata it carries none."""
    blocks = _list(args, "blocks", "invalid_blocks_format")
    attachments = _list(args, "attachments", "invalid_attachments")
    text = str(args.values.get("text") or "")
    if args.values.get("markdown_text"):
        text = _markdown(args, text, blocks)
    refuse_flawed("invalid_blocks", check_message(blocks))
    if len(attachments) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    if not says_something(text, blocks, attachments):
        raise ApiError("no_text")
    content: Json = {"text": text, "blocks": blocks, "attachments": attachments}
    return content | _metadata(args) | {"thread_ts": args.values.get("thread_ts")}


def _list(args: Args, name: str, code: str) -> list[Json]:
    value = args.structure(name)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise ApiError(code)
    return value


def _markdown(args: Args, text: str, blocks: list[Json]) -> str:
    if text or blocks:
        raise ApiError("markdown_text_conflict")
    return args.text("markdown_text")


def _metadata(args: Args) -> Json:
    metadata: Any = args.structure("metadata")
    if metadata in (None, ""):
        return {}
    if not isinstance(metadata, dict):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata)) > MOST_METADATA_BYTES:
        raise ApiError("metadata_too_large")
    refuse_flawed("invalid_metadata_format", check_metadata(metadata))
    return {"metadata": metadata}


def writable(core: Core, name: str) -> Channel:
    """The channel meant by an id, `#name` or a member's id (their direct message), if the app may write there."""
    channel = core.dm_of(name) if name in core.members else core.channels.get(name) or _named(core, name)
    if channel is None or (BOT_USER not in channel.members and channel.kind != "public"):
        raise ApiError("channel_not_found")
    if channel.is_archived:
        raise ApiError("is_archived")
    if BOT_USER not in channel.members and "chat:write.public" not in core.manifest.bot_scopes:
        raise ApiError("not_in_channel")
    if channel.kind == "im" and not core.manifest.messages_tab:
        raise ApiError("messages_tab_disabled")
    return channel


def _named(core: Core, name: str) -> Channel | None:
    return next(
        (room for room in core.channels.values() if room.kind != "im" and name in (room.name, f"#{room.name}")), None
    )


@method("chat.postMessage", "chat:write")
def post_message(core: Core, args: Args) -> Json:
    """A message that everybody in the channel sees."""
    channel, content = writable(core, args.text("channel")), content_of(args)
    message = messages.post(core, channel, BOT_USER, content)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(core, message)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(core: Core, args: Args) -> Json:
    """A message that one member sees; never in history."""
    channel, user, content = writable(core, args.text("channel")), args.text("user"), content_of(args)
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    message = messages.post(core, channel, BOT_USER, content, ephemeral_to=user)
    return {"message_ts": message.ts}


@method("chat.update", "chat:write")
def update(core: Core, args: Args) -> Json:
    """New content in one of the bot's own messages."""
    channel, message = _own(core, args, "cant_update_message")
    if len(str(args.values.get("text") or "")) > MOST_UPDATE_TEXT:
        raise ApiError("msg_too_long")
    emptied = args.structure("metadata") == {}
    content = content_of(Args({key: value for key, value in args.values.items() if key != "metadata" or not emptied}))
    given = {key for key, value in args.values.items() if value is not None and value != ""}
    content = messages.retained(message, content, given) | ({"metadata": None} if emptied else {})
    messages.edit(core, channel, message, content)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": _shown(core, message)}


@method("chat.delete", "chat:write")
def delete(core: Core, args: Args) -> Json:
    """Takes back one of the bot's own messages."""
    channel, message = _own(core, args, "cant_delete_message")
    messages.delete(core, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def permalink(core: Core, args: Args) -> Json:
    """The address of a message."""
    channel, message = _stored(core, args, "message_ts")
    return {"channel": channel.id, "permalink": f"{core.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"}


def _stored(core: Core, args: Args, ts_name: str) -> tuple[Channel, Message]:
    channel = core.channels.get(args.text("channel"))
    if channel is None or BOT_USER not in channel.members:
        raise ApiError("channel_not_found")
    message = messages.stored(channel, args.text(ts_name))
    if message is None:
        raise ApiError("message_not_found")
    return channel, message


def _own(core: Core, args: Args, code: str) -> tuple[Channel, Message]:
    channel, message = _stored(core, args, "ts")
    if not message.by_bot:
        raise ApiError(code)
    return channel, message


def _shown(core: Core, message: Message) -> Json:
    shown = message_object(message, core.members[message.user])
    return shown | ({"metadata": message.metadata} if message.metadata else {})
