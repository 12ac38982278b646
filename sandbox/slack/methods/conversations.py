"""conversations.list, info, members, open, join, history and replies, and users.conversations."""

from __future__ import annotations

import re
from decimal import Decimal

from sandbox.slack import messages
from sandbox.slack.core import Core
from sandbox.slack.payloads import message_object
from sandbox.slack.refusals import ApiError
from sandbox.slack.state import BOT_USER, OTHER_TEAM, TEAM, Channel, Json, Message
from sandbox.slack.wire import Args, method, page

_SCOPE_WORD = {"public": "channels", "private": "groups", "im": "im"}
_TYPE = {"public": "public_channel", "private": "private_channel", "im": "im"}
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_MOMENT = re.compile(r"\d+(\.\d+)?\Z")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def known(core: Core, channel_id: str, right: str | None = None) -> Channel:
    """A channel that the bot may know of; `right` (`read`, `history`) is the scope's verb for its kind."""
    channel = core.channels.get(channel_id)
    if channel is None or (channel.kind != "public" and BOT_USER not in channel.members):
        raise ApiError("channel_not_found")
    if right:
        core.need(f"{_SCOPE_WORD[channel.kind]}:{right}")
    return channel


def channel_object(channel: Channel) -> Json:
    """A conversation as the Web API shows it."""
    shown: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_private": channel.kind != "public",
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "is_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "context_team_id": TEAM,
    }
    if channel.kind == "im":
        return shown | {"user": next(user for user in channel.members if user != BOT_USER)}
    shared = (
        {"shared_team_ids": [TEAM, OTHER_TEAM], "connected_team_ids": [OTHER_TEAM]} if channel.is_ext_shared else {}
    )
    return shown | shared | {"name": channel.name, "is_member": BOT_USER in channel.members}


@method("conversations.info", *_READ)
def info(core: Core, args: Args) -> Json:
    """One conversation."""
    channel = known(core, args.text("channel"), "read")
    shown = channel_object(channel)
    if args.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


@method("conversations.list", *_READ)
def listing(core: Core, args: Args) -> Json:
    """Every conversation of the asked types that the bot may know of, public channels by default."""
    return _listed(args, [channel_object(r) | {"num_members": len(r.members)} for r in _asked_for(core, args)])


@method("users.conversations", *_READ)
def joined(core: Core, args: Args) -> Json:
    """Every conversation of the asked types that the bot is a member of; none is said to be one, or of how many."""
    rooms = [channel_object(room) for room in _asked_for(core, args) if BOT_USER in room.members]
    return _listed(args, [{name: shown for name, shown in room.items() if name != "is_member"} for room in rooms])


def _asked_for(core: Core, args: Args) -> list[Channel]:
    """The conversations of the asked types that the bot may know of."""
    types = args.listed("types") or ["public_channel"]
    if not set(types) <= {*_TYPE.values(), "mpim"}:
        raise ApiError("invalid_types")
    for kind in (kind for kind, name in _TYPE.items() if name in types):
        core.need(f"{_SCOPE_WORD[kind]}:read")
    rooms = [room for room in core.channels.values() if _TYPE[room.kind] in types]
    rooms = [room for room in rooms if room.kind == "public" or BOT_USER in room.members]
    if args.flag("exclude_archived"):
        rooms = [room for room in rooms if not room.is_archived]
    return rooms


def _listed(args: Args, rooms: list[Json]) -> Json:
    """One page of conversations."""
    items, following = page(rooms, args)
    return {"channels": items, "response_metadata": {"next_cursor": following}}


@method("conversations.members", *_READ)
def members(core: Core, args: Args) -> Json:
    """The ids of a conversation's members."""
    channel = known(core, args.text("channel"), "read")
    items, following = page([{"id": user} for user in channel.members], args)
    return {"members": [item["id"] for item in items], "response_metadata": {"next_cursor": following}}


@method("conversations.open", "im:write", "mpim:write")
def opened(core: Core, args: Args) -> Json:
    """The direct message between the bot and one member, by their id or by its own."""
    users, channel_id = args.listed("users"), args.text("channel", "")
    if not users and not channel_id:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        raise ApiError("too_many_users")
    channel = core.dm_of(users[0]) if users else known(core, channel_id)
    if channel is None:
        raise ApiError("user_not_found")
    shown = channel_object(channel) if args.flag("return_im") else {"id": channel.id}
    return {"no_op": True, "already_open": True, "channel": shown}


@method("conversations.join", "channels:join")
def join(core: Core, args: Args) -> Json:
    """Makes the bot a member of a public channel."""
    channel = known(core, args.text("channel"))
    if channel.kind != "public":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    if BOT_USER not in channel.members:
        channel.members.append(BOT_USER)
        core.changed(f"channel:{channel.id}")
    return {"channel": channel_object(channel)}


@method("conversations.history", *_HISTORY)
def history(core: Core, args: Args) -> Json:
    """The messages of a channel, newest first; never an ephemeral one, replies only in their thread."""
    channel = _readable(core, args)
    found = [m for m in channel.log if m.ephemeral_to is None and m.thread_ts in (None, m.ts) and _between(m, args)]
    items, following = page([_shown(core, channel, message, args) for message in reversed(found)], args)
    pins = sum(message.pinned for message in channel.log)
    return {"messages": items, "has_more": bool(following), "pin_count": pins} | _cursor(following)


@method("conversations.replies", *_HISTORY)
def replies(core: Core, args: Args) -> Json:
    """A thread, its first message first."""
    channel, ts = _readable(core, args), args.text("ts")
    if messages.stored(channel, ts) is None:
        raise ApiError("thread_not_found")
    found = [m for m in channel.log if m.ephemeral_to is None and ts in (m.ts, m.thread_ts) and _between(m, args)]
    items, following = page([_shown(core, channel, message, args) for message in found], args, default=1000)
    return {"messages": items, "has_more": bool(following)} | _cursor(following)


def _cursor(following: str) -> Json:
    return {"response_metadata": {"next_cursor": following}} if following else {}


def _readable(core: Core, args: Args) -> Channel:
    channel = known(core, args.text("channel"), "history")
    if BOT_USER not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _between(message: Message, args: Args) -> bool:
    ts = Decimal(message.ts)
    oldest, latest = _moment(args, "oldest", "0"), _moment(args, "latest", "Infinity")
    return oldest <= ts <= latest if args.flag("inclusive") else oldest < ts < latest


def _moment(args: Args, name: str, default: str) -> Decimal:
    value = str(args.values.get(name) or "")
    if value and not _MOMENT.match(value):
        raise ApiError(f"invalid_ts_{name}")
    return Decimal(value or default)


def _shown(core: Core, channel: Channel, message: Message, args: Args) -> Json:
    shown = message_object(message, core.members[message.user]) | _thread(channel, message)
    if message.metadata and args.flag("include_all_metadata"):
        shown["metadata"] = message.metadata
    return shown


def _thread(channel: Channel, message: Message) -> Json:
    """What Slack adds to a message that has replies, and to a reply."""
    if message.thread_ts not in (None, message.ts):
        parent = messages.stored(channel, message.thread_ts)
        return {"parent_user_id": parent.user} if parent else {}
    answers = [m for m in channel.log if m.thread_ts == message.ts != m.ts and m.ephemeral_to is None]
    if not answers:
        return {}
    users = list(dict.fromkeys(answer.user for answer in answers))
    counts = {"reply_count": len(answers), "reply_users_count": len(users), "reply_users": users}
    return counts | {"thread_ts": message.ts, "latest_reply": answers[-1].ts, "is_locked": False, "subscribed": False}
