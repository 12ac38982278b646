"""The local workspace: everything that its members can do, and what tests read and switch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sandbox.slack import clicks, commands, departures, events, messages, modals, shortcuts
from sandbox.slack import files as uploads
from sandbox.slack.core import Core, Limit
from sandbox.slack.delivery import Answer, Envelope, EnvelopeKind
from sandbox.slack.http_out import HttpOut
from sandbox.slack.state import (
    ADA,
    APP_ID,
    BEN,
    BOT_ID,
    BOT_USER,
    DM_ADA,
    DM_BEN,
    DM_OLGA,
    OLGA,
    ORDERS,
    OTHER_TEAM,
    PRIVATE,
    SHARED,
    SLACKBOT,
    TEAM,
    ApiCall,
    Channel,
    Impossible,
    Json,
    Member,
    Message,
    Outcome,
    View,
)

__all__ = [
    "ADA",
    "APP_ID",
    "BEN",
    "BOT_ID",
    "BOT_USER",
    "DM_ADA",
    "DM_BEN",
    "DM_OLGA",
    "OLGA",
    "ORDERS",
    "OTHER_TEAM",
    "PRIVATE",
    "SHARED",
    "SLACKBOT",
    "TEAM",
    "ApiCall",
    "Channel",
    "Impossible",
    "Member",
    "Message",
    "Outcome",
    "View",
    "Workspace",
]

_QUIET_SECONDS = 0.05


class Workspace(Core):
    """One workspace with two colleagues, an outsider and the app of the manifest.

    Every act of a member awaits the app's ack, shows the member what Slack would show, and returns an `Outcome`:
    `error` is `operation_timeout`, `dispatch_failed`, or why an ack was of no use. What Slack's client does not
    offer raises `Impossible`.
    """

    async def command(self, user: str, channel: str, text: str) -> Outcome:
        """Types a slash command, e.g. `/order 1001`.

        `unknown_command` if the manifest does not have it or the member is of another team.
        """
        return await commands.run(self, user, channel, text)

    async def post(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> str:
        """Writes a message as a member, with files of theirs by id; returns its ts."""
        return commands.write(self, user, channel, text, thread_ts, files).ts

    async def upload(self, user: str, name: str, data: bytes, mimetype: str | None = None) -> str:
        """Gives Slack a member's file, to be put into a `file_input` or a message; returns its id.

        Without a `mimetype` the name decides; raises `Impossible` for an empty file.
        """
        return uploads.upload(self, user, name, data, mimetype).id

    async def click(
        self, user: str, channel: str, ts: str, action_id: str, *, block_id: str | None = None, value: Any = None
    ) -> Outcome:
        """Uses an element of a message, also of an ephemeral one; `value` is an option's value, or a list of them."""
        return await clicks.in_message(self, user, channel, ts, action_id, block_id, value)

    async def act_in_view(
        self, user: str, view_id: str, action_id: str, *, block_id: str | None = None, value: Any = None
    ) -> Outcome:
        """Uses an element of the member's top modal or Home."""
        return await clicks.in_view(self, user, view_id, action_id, block_id, value)

    async def type_into(
        self, user: str, view_id: str, block_id: str, action_id: str, value: Any, *, enter: bool = True
    ) -> None:
        """Puts a value into an input, and presses Enter in it if `enter`."""
        await clicks.type_into(self, user, view_id, block_id, action_id, value, enter=enter)

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> Outcome:
        """Submits the top modal with `{block_id: value}`.

        `input_refused`, with the texts by block_id, if Slack's client would not send it.
        """
        return await modals.submit(self, user, view_id, values)

    async def close(self, user: str, view_id: str, *, all: bool = False) -> Outcome:
        """Cancels the top modal, or closes the whole stack."""
        return await modals.close(self, user, view_id, everything=all)

    async def suggest(
        self, user: str, view_id_or_message: str | tuple[str, str], block_id: str, action_id: str, typed: str
    ) -> list[Json]:
        """The options that the app offers for `typed` in an external select of a view or a message (channel, ts)."""
        return await clicks.suggest(self, user, view_id_or_message, block_id, action_id, typed)

    async def shortcut(self, user: str, callback_id: str) -> Outcome:
        """Uses a global shortcut."""
        return await shortcuts.use(self, user, callback_id)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Uses a shortcut on a message."""
        return await shortcuts.use_on(self, user, channel, ts, callback_id)

    async def open_home(self, user: str, *, tab: str = "home") -> Outcome:
        """Opens the app's Home or its messages tab."""
        return await shortcuts.open_home(self, user, tab)

    def visible(self, user: str, channel: str) -> list[Message]:
        """What the member sees in a channel, oldest first; nothing in a channel that they are not in."""
        return messages.visible(self.channels[channel], user)

    def views(self, user: str) -> list[View]:
        """The member's modals, top last."""
        return list(self.screens.stack(user))

    def home(self, user: str) -> View | None:
        """The member's Home, if the app published one."""
        return self.screens.homes.get(user)

    def set_member(self, user: str, **flags: Any) -> Member:
        """Changes a member, e.g. `deleted=True`, `is_restricted=True`, `is_admin=False`."""
        member = self.member(user)
        for name, value in flags.items():
            if not hasattr(member, name):
                raise Impossible(f"a member has no {name!r}")
            setattr(member, name, value)
        self.changed(f"member:{user}")
        return member

    async def deactivate(self, user: str) -> Answer | None:
        """Deactivates a member as an admin does, and tells a subscribed app; its first answer."""
        answer = await departures.deactivate(self, self.member(user))
        self.changed(f"member:{user}")
        return answer

    async def uninstall(self) -> list[Answer]:
        """Takes the app out of the workspace: it is told, and its token is of no use from then on."""
        return await departures.uninstall(self, self.bot_token)

    def set_channel(
        self, channel: str, *, archived: bool | None = None, shared: bool | None = None, bot: bool | None = None
    ) -> Channel:
        """Archives a channel, shares it with another company, or takes the bot in or out."""
        room = self.channels[channel]
        room.is_archived = room.is_archived if archived is None else archived
        room.is_ext_shared = room.is_ext_shared if shared is None else shared
        if bot is not None:
            room.members = [user for user in room.members if user != BOT_USER] + [BOT_USER] * bot
        self.changed(f"channel:{channel}")
        return room

    def limit(self, method: str, channel: str | None = None, times: int = 1, retry_after: int = 1) -> None:
        """Answers the next `times` calls of a method (in one channel) with 429 and `Retry-After`."""
        self.limits.append(Limit(method, channel, times, retry_after))

    def break_token(self, token: str, error: str) -> None:
        """Answers every call with this token with `error`, e.g. `token_revoked`."""
        self.token_faults[token] = error

    def use_http(self, request_url: str) -> HttpOut:
        """Delivers by signed HTTP from now on."""
        out = HttpOut(request_url, self.signing_secret)
        self.transport = out
        return out

    def use_sockets(self) -> None:
        """Delivers by Socket Mode again."""
        self.transport = self.sockets

    async def redeliver_last(
        self, kind: EnvelopeKind | None = None, *, times: int = 1, reason: str = "timeout"
    ) -> list[Answer]:
        """Sends the newest payload (of a kind) again, each time in a new envelope, one after the other."""
        last = next(envelope for envelope in reversed(self.delivered) if kind in (None, envelope.kind))
        return [await self._again(last, attempt, reason) for attempt in range(1, times + 1)]

    async def _again(self, envelope: Envelope, attempt: int, reason: str) -> Answer:
        return await self.deliver(events.again(envelope, attempt, reason))

    async def settled(self, timeout: float = 5) -> None:  # noqa: ASYNC109 - raises, as a deadline
        """Returns once nothing changed for 50 ms, raises `TimeoutError` after `timeout` s."""
        queue = self.subscribe()
        try:
            async with asyncio.timeout(timeout):
                while await self.stirs(queue, _QUIET_SECONDS):
                    pass
        finally:
            self.unsubscribe(queue)
