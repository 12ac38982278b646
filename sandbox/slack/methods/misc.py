"""bots.info, team.info, reactions, pins and blocks.validate."""

from __future__ import annotations

import re

from sandbox.slack import events, messages
from sandbox.slack.blocks import Flaw, check_message, check_view
from sandbox.slack.core import Core
from sandbox.slack.methods.conversations import known
from sandbox.slack.payloads import bot_profile
from sandbox.slack.refusals import ApiError
from sandbox.slack.state import BOT_ID, BOT_USER, TEAM, TEAM_DOMAIN, Channel, Json, Message
from sandbox.slack.wire import Args, method

_EMOJI_NAME = re.compile(r"[a-z0-9_+\-']{1,100}(::skin-tone-[2-6])?\Z")


@method("bots.info", "users:read")
def bot_info(core: Core, args: Args) -> Json:
    """The app's own bot."""
    if args.text("bot", BOT_ID) != BOT_ID:
        raise ApiError("bot_not_found")
    return {"bot": bot_profile(core.members[BOT_USER]) | {"user_id": BOT_USER}}


@method("team.info", "team:read")
def team_info(core: Core, args: Args) -> Json:
    """The workspace."""
    if args.text("team", TEAM) != TEAM:
        raise ApiError("team_not_found")
    return {"team": {"id": TEAM, "name": "Sandbox", "domain": TEAM_DOMAIN, "url": f"{core.base_url}/"}}


def _target(core: Core, args: Args) -> tuple[Channel, Message]:
    channel = known(core, args.text("channel"))
    message = messages.stored(channel, args.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    return channel, message


@method("reactions.add", "reactions:write")
def add_reaction(core: Core, args: Args) -> Json:
    """The bot's reaction on a message, once each."""
    (channel, message), name = _target(core, args), _emoji(args)
    users = message.reactions.setdefault(name, [])
    if BOT_USER in users:
        raise ApiError("already_reacted")
    users.append(BOT_USER)
    _reacted(core, channel, message, "reaction_added", name)
    return {}


@method("reactions.remove", "reactions:write")
def remove_reaction(core: Core, args: Args) -> Json:
    """Takes the bot's reaction back."""
    (channel, message), name = _target(core, args), _emoji(args)
    if BOT_USER not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(BOT_USER)
    if not message.reactions[name]:
        del message.reactions[name]
    _reacted(core, channel, message, "reaction_removed", name)
    return {}


def _emoji(args: Args) -> str:
    name = args.text("name", "")
    if not _EMOJI_NAME.match(name):
        raise ApiError("invalid_name")
    return name


def _reacted(core: Core, channel: Channel, message: Message, kind: str, name: str) -> None:
    core.changed(f"message:{channel.id}")
    item = {"type": "message", "channel": channel.id, "ts": message.ts}
    events.emit(
        core, {"type": kind, "user": BOT_USER, "reaction": name, "item_user": message.user, "item": item}, channel
    )


@method("pins.add", "pins:write")
def pin(core: Core, args: Args) -> Json:
    """Pins a message, once."""
    channel, message = _target(core, args)
    if message.pinned:
        raise ApiError("already_pinned")
    message.pinned = True
    core.changed(f"message:{channel.id}")
    return {}


@method("blocks.validate", token_kinds=("bot", "app"))
def validate(core: Core, args: Args) -> Json:
    """Says which of the given `blocks`, `message` or `view` would be refused, and where."""
    given = [name for name in ("blocks", "message", "view") if args.values.get(name) is not None]
    if len(given) != 1:
        raise ApiError("invalid_arguments")
    flaws = _flaws(given[0], args)
    if flaws:
        errors = [{"pointer": flaw.pointer, "code": "invalid", "message": flaw.message} for flaw in flaws]
        raise ApiError(f"invalid_{given[0]}", errors=errors)
    return {}


def _flaws(name: str, args: Args) -> list[Flaw]:
    value = args.structure(name)
    if name == "view":
        return check_view(value)
    return (
        check_message(value.get("blocks", []), "/message/blocks") if isinstance(value, dict) else check_message(value)
    )
