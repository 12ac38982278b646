"""All that Shipclerk says to Slack, and where it may say it (apis/slack.md §1, §5)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.render.message import Message, View
from handlers.slack_files import NOT_GIVEN, NoFile, download, file_origins, upload

log = logging.getLogger("shipclerk.slack")

METHODS: Mapping[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history", "im:history", "mpim:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read", "im:read", "mpim:read"}),
    "conversations.list": frozenset({"channels:read", "groups:read", "im:read", "mpim:read"}),
    "conversations.replies": frozenset({"channels:history", "groups:history", "im:history", "mpim:history"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "users.conversations": frozenset({"channels:read", "groups:read", "im:read", "mpim:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.update": frozenset(),
    "views.publish": frozenset(),
}
"""Every Web API method that this code calls, with the bot scopes it needs; the manifest asks for no more."""

EVENT_TYPE = "shipclerk"
_PAGE, _LONGEST_PAGE, _MOST_PAGES, _SKEW_SECONDS = 200, 999, 20, 60
_UNCHANGEABLE = {"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "is_archived"}
_NOT_HERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
_GONE = {"not_found", "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "hash_conflict"}


@dataclass(frozen=True)
class Posted:
    """Where a message is: a channel's id (the direct message's own, where it went to a person) and its ``ts``."""

    channel: str
    ts: str


class Slack:
    """The Web API and response_urls, in the few verbs that handlers use.

    What goes wrong in a way that a caller can do something about comes back as None or False;
    everything else is Slack's own ``SlackApiError``.
    """

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, origins: Collection[str]) -> None:
        self._client = client
        self._session = session
        self._origins = frozenset(origins)

    async def post(
        self, channel: str, message: Message, *, thread_ts: str | None = None, key: str | None = None
    ) -> Posted | None:
        """Post to a channel (or to a user's direct message); where it is now, or None where the bot may not write.

        ``key`` goes into the message's metadata, where ``posted`` finds it after a crash (DESIGN.md §6).
        """
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}} if key else None
        try:
            answer = await self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks),
                thread_ts=thread_ts,
                metadata=metadata,
                unfurl_links=False,
            )
        except SlackApiError as error:
            if _code(error) in _NOT_HERE:
                return None
            raise
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def update(self, channel: str, ts: str, message: Message) -> bool:
        """Draw a message of ours anew; False if it is gone or cannot be changed any more."""
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=list(message.blocks))
        except SlackApiError as error:
            if _code(error) in _UNCHANGEABLE:
                return False
            raise
        return True

    async def posted(self, channel: str, key: str, since: datetime, *, thread_ts: str | None = None) -> str | None:
        """The ``ts`` of the message with this key, if it was posted since then: the look before a second try.

        Where the bot may not look that is Slack's error (``not_here``), and not the answer that there is none.
        """
        asked: dict[str, Any] = {"channel": channel, "oldest": f"{since.timestamp() - _SKEW_SECONDS:.6f}"}
        asked |= {"include_all_metadata": True, "limit": _PAGE}
        if thread_ts:
            pages = _pages(lambda cursor: self._client.conversations_replies(ts=thread_ts, cursor=cursor, **asked))
        else:
            pages = _pages(lambda cursor: self._client.conversations_history(cursor=cursor, **asked))
        async for page in pages:
            for message in page["messages"]:
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"].get("key") == key:
                    return str(message["ts"])
        return None

    async def direct(self, user: str) -> str | None:
        """The id of the bot's direct message with a person, if there is one already."""
        pages = _pages(lambda cursor: self._client.conversations_list(types="im", cursor=cursor, limit=_PAGE))
        async for page in pages:
            for channel in page["channels"]:
                if channel.get("user") == user:
                    return str(channel["id"])
        return None

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

    async def channel(self, channel: str, *, strict: bool = False) -> dict[str, Any] | None:
        """The ``conversations.info`` of a channel, or None if Slack would not say.

        With ``strict``, having asked too often is Slack's error (``ratelimited``): it says nothing about the channel.
        """
        try:
            return dict((await self._client.conversations_info(channel=channel))["channel"])
        except SlackApiError as error:
            if strict and _code(error) == "ratelimited":
                raise
            return None
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def joined(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The channels that the bot is a member of, public and private, page by page, up to 19,980 of them.

        Slack need not say ``is_member`` there, for each of them is one (``users.conversations``).
        """
        asked: dict[str, Any] = {"types": "public_channel,private_channel", "exclude_archived": False}
        asked["limit"] = _LONGEST_PAGE
        async for page in _pages(lambda cursor: self._client.users_conversations(cursor=cursor, **asked)):
            yield [{"is_member": True, **channel} for channel in page["channels"]]

    async def file(self, file_id: str) -> bytes | NoFile:
        """The content of a file that a person gave us, up to 1 MB."""
        try:
            shown = (await self._client.files_info(file=file_id))["file"]
        except SlackApiError as error:
            log.info("file refused error=%s", _code(error))
            return NOT_GIVEN
        url = str(shown.get("url_private_download") or "")
        return await download(self._session, str(self._client.token), url, file_origins(self._client.base_url))

    async def share(self, where: Posted, name: str, content: bytes) -> bool:
        """Put a file into the thread of a message; False if Slack does not take it."""
        try:
            ticket = await self._client.files_getUploadURLExternal(filename=name, length=len(content))
            origins = file_origins(self._client.base_url)
            if not await upload(self._session, str(ticket["upload_url"]), content, origins):
                return False
            await self._client.files_completeUploadExternal(
                files=[{"id": str(ticket["file_id"]), "title": name}], channel_id=where.channel, thread_ts=where.ts
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.info("upload refused error=%s", _code(error) if isinstance(error, SlackApiError) else "no answer")
            return False
        return True

    async def shared(self, where: Posted, name: str) -> bool:
        """Whether the thread of a message holds a file of this name: the look before a second try."""
        page = await self._client.conversations_replies(channel=where.channel, ts=where.ts, limit=_PAGE)
        files = [file for message in page["messages"] for file in message.get("files") or ()]
        return any(file.get("name") == name for file in files)


async def _pages(ask: Callable[[str | None], Awaitable[AsyncSlackResponse]]) -> AsyncIterator[AsyncSlackResponse]:
    """One page after the other, by Slack's cursors, and not for ever."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await ask(cursor)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


def not_here(error: SlackApiError) -> bool:
    """Whether Slack says no because the bot has no place there: then it cannot have written there either."""
    return _code(error) in _NOT_HERE


def _code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; nothing where what came back was no JSON, as from a proxy on the way."""
    try:
        return str(error.response.get("error", ""))
    except (AttributeError, ValueError):
        return ""
