"""Pure builders of everything that Slack sends to an app (`apis/slack.md` §4)."""

from __future__ import annotations

from typing import Any

from sandbox.slack.inputs import STATEFUL, Placed
from sandbox.slack.state import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    OTHER_DOMAIN,
    OTHER_TEAM,
    TEAM,
    TEAM_DOMAIN,
    Channel,
    Json,
    Member,
    Message,
    View,
)

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - deprecated by Slack, never a secret here
_INSTALL: Json = {"is_enterprise_install": False, "enterprise": None}


def view_object(view: View) -> Json:
    """A view as Slack returns it from `views.*` and sends it in payloads."""
    content = view.content
    shown: Json = {
        "id": view.id,
        "team_id": TEAM,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": content.get("callback_id", ""),
        "external_id": content.get("external_id", ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "title": content.get("title"),
        "close": content.get("close"),
        "submit": content.get("submit"),
        "clear_on_close": content.get("clear_on_close", False),
        "notify_on_close": content.get("notify_on_close", False),
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM,
        "bot_id": BOT_ID,
    }
    return shown


def message_object(message: Message, member: Member) -> Json:
    """A message as history and payloads show it; `member` wrote it."""
    shown: Json = {"type": "message", "user": member.id, "text": message.text, "ts": message.ts, "team": member.team_id}
    if message.by_bot:
        shown |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": bot_profile(member)}
    optional: Json = {
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": message.files,
        "thread_ts": message.thread_ts,
        "edited": {"user": member.id, "ts": message.edited_ts} if message.edited_ts else None,
        "reactions": [{"name": k, "users": v, "count": len(v)} for k, v in message.reactions.items()],
    }
    if message.files:
        shown |= {"upload": False, "display_as_bot": False}
    return shown | {key: value for key, value in optional.items() if value}


def bot_profile(bot: Member) -> Json:
    """The app's bot as messages carry it."""
    return {"id": BOT_ID, "app_id": APP_ID, "name": bot.real_name, "deleted": False, "team_id": TEAM}


def _user(member: Member) -> Json:
    return {"id": member.id, "username": member.name, "name": member.name, "team_id": member.team_id}


def _interaction(kind: str, member: Member) -> Json:
    team = {"id": TEAM, "domain": TEAM_DOMAIN}
    return {
        "type": kind,
        "user": _user(member),
        "team": team,
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
    } | _INSTALL


def slash_command(
    member: Member, channel: Channel, command: str, text: str, *, response_url: str, trigger: str
) -> Json:
    """The flat fields of a slash command; `is_enterprise_install` is a string here, as in Slack."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": member.id,
        "user_name": member.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def action(placed: Placed, entry: Json | None, ts: str, value: Any = None) -> Json:
    """One entry of `actions`; `entry` is the new state of an element that has one, else `value` what was chosen."""
    element = placed.element
    acted: Json = {"type": element["type"], "action_id": placed.action_id, "block_id": placed.block_id, "action_ts": ts}
    if element["type"] in STATEFUL and entry is not None:
        return acted | {key: chosen for key, chosen in entry.items() if key != "type"}
    if element["type"] == "overflow":
        return acted | {"selected_option": value}
    acted |= {key: element[key] for key in ("text", "value") if key in element}
    return acted


def in_message(
    member: Member,
    channel: Channel,
    message: Message,
    author: Member,
    state: Json,
    actions: list[Json],
    *,
    response_url: str,
    trigger: str,
) -> Json:
    """`block_actions` from a message; an ephemeral one is named by its container only."""
    ephemeral = message.ephemeral_to is not None
    container = _message_container(channel, message) | {"is_ephemeral": ephemeral}
    sent = _interaction("block_actions", member) | {
        "container": container,
        "trigger_id": trigger,
        "channel": {"id": channel.id, "name": channel.payload_name},
        "state": {"values": state},
        "response_url": response_url,
        "actions": actions,
    }
    return sent if ephemeral else sent | {"message": message_object(message, author)}


def _message_container(channel: Channel, message: Message) -> Json:
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def in_view(member: Member, view: View, actions: list[Json], *, trigger: str) -> Json:
    """`block_actions` from a modal or Home: a view container, no channel, no message, no response_url."""
    return _interaction("block_actions", member) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger,
        "view": view_object(view),
        "actions": actions,
    }


def view_submission(member: Member, view: View, response_urls: list[Json], *, trigger: str) -> Json:
    """A submitted modal with the state of all its inputs."""
    sent = _interaction("view_submission", member)
    return sent | {"trigger_id": trigger, "view": view_object(view), "response_urls": response_urls}


def view_closed(member: Member, view: View, *, is_cleared: bool) -> Json:
    """A modal that a member closed; `is_cleared` if the whole stack went."""
    return _interaction("view_closed", member) | {"view": view_object(view), "is_cleared": is_cleared}


def block_suggestion(member: Member, placed: Placed, typed: str, where: View | tuple[Channel, Message, Member]) -> Json:
    """What a member typed into an external select of a view or of a message (channel, message, its author)."""
    sent = _interaction("block_suggestion", member)
    sent |= {"action_id": placed.action_id, "block_id": placed.block_id, "value": typed}
    if isinstance(where, View):
        return sent | {"container": {"type": "view", "view_id": where.id}, "view": view_object(where)}
    channel, message, author = where
    container = _message_container(channel, message) | {"is_ephemeral": message.ephemeral_to is not None}
    sent |= {"container": container, "channel": {"id": channel.id, "name": channel.payload_name}}
    return sent if message.ephemeral_to else sent | {"message": message_object(message, author)}


def shortcut(member: Member, callback_id: str, ts: str, *, trigger: str) -> Json:
    """A global shortcut: no channel, no response_url."""
    return _interaction("shortcut", member) | {"callback_id": callback_id, "trigger_id": trigger, "action_ts": ts}


def message_action(
    member: Member,
    channel: Channel,
    message: Message,
    author: Member,
    callback_id: str,
    ts: str,
    *,
    response_url: str,
    trigger: str,
) -> Json:
    """A shortcut used on a message."""
    return _interaction("message_action", member) | {
        "callback_id": callback_id,
        "trigger_id": trigger,
        "action_ts": ts,
        "channel": {"id": channel.id, "name": channel.payload_name},
        "message_ts": message.ts,
        "message": message_object(message, author),
        "response_url": response_url,
    }


def event_callback(event: Json, event_id: str, at: float, channel: Channel | None) -> Json:
    """The wrapper of every event."""
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "api_app_id": APP_ID,
        "type": "event_callback",
        "event": event,
        "event_id": event_id,
        "event_time": int(at),
        "event_context": f"4-{event['type']}-{TEAM}-{channel.id if channel else APP_ID}",
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "authorizations": [authorization],
    }


def message_event(message: Message, member: Member, channel: Channel) -> Json:
    """A `message` event for a message that was just posted."""
    kind = {"public": "channel", "private": "group", "im": "im"}[channel.kind]
    sent = message_object(message, member) | {"channel": channel.id, "event_ts": message.ts, "channel_type": kind}
    if message.files:
        sent |= {"subtype": "file_share"}
    if member.team_id == OTHER_TEAM:
        sent |= {
            "user_team": OTHER_TEAM,
            "source_team": OTHER_TEAM,
            "user_profile": {"team": OTHER_TEAM, "name": OTHER_DOMAIN},
        }
    return sent
