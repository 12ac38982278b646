"""Events that the app subscribed to, and their redelivery while it does not ack (`apis/slack.md` §2.9, §3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sandbox.slack import payloads
from sandbox.slack.core import Core
from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.state import BOT_USER, Channel, Json, Message

RETRY_SECONDS = (0.0, 60.0, 300.0)
_FAMILY = {"public": "message.channels", "private": "message.groups", "im": "message.im"}


def emit(
    core: Core, event: Json, channel: Channel | None = None, *, subscription: str = ""
) -> asyncio.Task[Answer] | None:
    """Sends an event if the manifest subscribes and the bot is in the channel; the task ends with the first answer."""
    wanted = (subscription or event["type"]) in core.manifest.bot_events
    if not wanted or (channel is not None and BOT_USER not in channel.members):
        return None
    event = {"event_ts": core.stamp()} | event
    payload = payloads.event_callback(event, f"Ev{next(core.serial):08d}", core.clock.now(), channel)
    return core.spawn(_first(core, Envelope("events_api", payload)))


async def _first(core: Core, envelope: Envelope) -> Answer:
    answer = await core.deliver(envelope)
    if not answer.acked:
        core.spawn(_again(core, envelope, answer))
    return answer


async def _again(core: Core, envelope: Envelope, answer: Answer) -> None:
    failed_at = core.clock.now()
    for attempt, wait in enumerate(RETRY_SECONDS, start=1):
        if answer.acked or answer.no_retry:
            return
        await core.clock_reaches(failed_at + wait)
        answer = await core.deliver(again(envelope, attempt, answer.reason))


def again(envelope: Envelope, attempt: int, reason: str) -> Envelope:
    """The same payload on its way once more, in an envelope of its own."""
    fresh = Envelope(envelope.kind, envelope.payload)
    return replace(envelope, id=fresh.id, retry_attempt=attempt, retry_reason=reason)


def message_posted(core: Core, channel: Channel, message: Message) -> None:
    """The `message` event, and `app_mention` beside it if a member named the bot outside a direct message."""
    member = core.members[message.user]
    event = payloads.message_event(message, member, channel)
    emit(core, event, channel, subscription=_FAMILY[channel.kind])
    for file in message.files:
        shared = {"type": "file_shared", "channel_id": channel.id, "file_id": file["id"], "user_id": message.user}
        emit(core, shared | {"file": {"id": file["id"]}}, channel)
    if f"<@{BOT_USER}>" in message.text and channel.kind != "im" and not message.by_bot:
        emit(
            core,
            {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"},
            channel,
        )


def message_changed(core: Core, channel: Channel, message: Message, before: Json) -> None:
    """The `message_changed` event with both versions."""
    now = payloads.message_object(message, core.members[message.user])
    _hidden(core, channel, "message_changed", {"message": now, "previous_message": before})


def message_deleted(core: Core, channel: Channel, message: Message, before: Json) -> None:
    """The `message_deleted` event with the last version."""
    _hidden(core, channel, "message_deleted", {"deleted_ts": message.ts, "previous_message": before})


def _hidden(core: Core, channel: Channel, subtype: str, more: Json) -> None:
    ts = core.stamp()
    kind = {"public": "channel", "private": "group", "im": "im"}[channel.kind]
    event = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": ts, "event_ts": ts}
    emit(core, event | {"channel_type": kind} | more, channel, subscription=_FAMILY[channel.kind])
