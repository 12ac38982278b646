"""The one message about a change: posted where it was asked, then edited, so that it always ends true.

After a crash nobody knows whether it was posted: then Slack is asked for the key in its metadata (DESIGN.md §6).
"""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from handlers.context import Services
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.request import Request
from handlers.slack import Posted
from store.ledger import Action


def key_of(action: Action) -> str:
    """The key in the message's metadata."""
    return f"{action.kind}:{action.id}"


def place_of(request: Request) -> str:
    """Where the message about a change belongs: the channel that it was asked in, else the person's own messages."""
    return request.channel or request.user


def clicked(request: Request) -> Posted | None:
    """The message whose button was pressed, if it is one that can be edited."""
    if request.channel and request.message_ts and not request.ephemeral:
        return Posted(request.channel, request.message_ts)
    return None


async def profile_for(services: Services, action: Action) -> Profile:
    """Who reads the message: the person alone, or whoever is in the channel (DESIGN.md §4.6)."""
    channel = _channel(action)
    return Profile.DIRECT if channel == action.user else await services.directory.profile(channel)


async def put(services: Services, action: Action, message: Message, where: Posted | None = None) -> None:
    """Edit the message if it is there; else post it to the channel, or to the person where the bot may not write."""
    if where and await services.slack.update(where.channel, where.ts, message):
        return
    posted = await services.slack.post(_channel(action), message, key=key_of(action))
    if posted is None:
        await services.slack.post(action.user, message, key=key_of(action))


async def find(services: Services, action: Action) -> tuple[bool, Posted | None]:
    """Whether Slack could be asked for the message, and where it is."""
    channel = _channel(action)
    if channel == action.user:  # a person's direct message has another id, which only posting tells
        return False, None
    try:
        ts = await services.slack.posted(channel, key_of(action), action.created_at)
    except SlackApiError:
        return False, None
    return True, Posted(channel, ts) if ts else None


def _channel(action: Action) -> str:
    return str(action.payload.get("channel") or action.user)
