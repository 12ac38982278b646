"""All that Shipclerk says to Slack, and where it may say it (apis/slack.md §1, §5)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.render.message import Message, View

log = logging.getLogger("shipclerk.slack")

METHODS: Mapping[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "conversations.info": frozenset({"channels:read", "groups:read", "im:read", "mpim:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.update": frozenset(),
    "views.publish": frozenset(),
}
"""Every Web API method that this code calls, with the bot scopes it needs; the manifest asks for no more."""

_NOT_HERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
_GONE = {"not_found", "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "hash_conflict"}


class Slack:
    """The Web API and response_urls, in the few verbs that handlers use.

    What goes wrong in a way that a caller can do something about comes back as None or False;
    everything else is Slack's own ``SlackApiError``.
    """

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, origins: Collection[str]) -> None:
        self._client = client
        self._session = session
        self._origins = frozenset(origins)

    async def post(self, channel: str, message: Message, *, thread_ts: str | None = None) -> str | None:
        """Post to a channel (or to a user's direct message); the ``ts``, or None where the bot may not write."""
        try:
            answer = await self._client.chat_postMessage(
                channel=channel, text=message.text, blocks=list(message.blocks), thread_ts=thread_ts, unfurl_links=False
            )
        except SlackApiError as error:
            if _code(error) in _NOT_HERE:
                return None
            raise
        return str(answer["ts"])

    async def whisper(self, channel: str | None, user: str, message: Message) -> None:
        """Say something to one person: in the channel if that works, else in their direct message (CHECKS D4)."""
        if channel is not None and not channel.startswith("D"):
            try:
                await self._client.chat_postEphemeral(
                    channel=channel, user=user, text=message.text, blocks=list(message.blocks)
                )
                return
            except SlackApiError as error:
                log.info("ephemeral refused error=%s", _code(error))
        await self.post(user, message)

    async def respond(
        self, url: str | None, message: Message, *, in_channel: bool = False, replace: bool = False
    ) -> bool:
        """Answer through a response_url; False if it is not Slack's, is used up or is too old (CHECKS A8)."""
        if not url or not self.may_respond(url):
            return False
        body = {
            "text": message.text,
            "blocks": list(message.blocks),
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace,
        }
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def may_respond(self, url: str) -> bool:
        """Whether a response_url leads to Slack (or to the configured workspace) and nowhere else."""
        return any(url.startswith(f"{origin}/") for origin in self._origins)

    async def open_view(self, trigger_id: str | None, view: View) -> str | None:
        """Open a modal; its id, or None if the trigger was too old (the person must press again)."""
        try:
            answer = await self._client.views_open(trigger_id=trigger_id or "", view=view)
        except SlackApiError as error:
            if _code(error) in _GONE:
                return None
            raise
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str | None, view: View) -> bool:
        """Replace a modal; False if the person has closed it meanwhile."""
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            if _code(error) in _GONE:
                return False
            raise
        return True

    async def publish_home(self, user: str, view: View) -> None:
        """Publish a person's Home tab."""
        await self._client.views_publish(user_id=user, view=view)

    async def user(self, user: str) -> dict[str, Any] | None:
        """The ``users.info`` of a person, or None if Slack would not say."""
        try:
            return dict((await self._client.users_info(user=user))["user"])
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return None

    async def channel(self, channel: str) -> dict[str, Any] | None:
        """The ``conversations.info`` of a channel, or None if Slack would not say."""
        try:
            return dict((await self._client.conversations_info(channel=channel))["channel"])
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return None


def _code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; nothing where what came back was no JSON, as from a proxy on the way."""
    try:
        return str(error.response.get("error", ""))
    except (AttributeError, ValueError):
        return ""
