"""A member uses a shortcut, opens Home, or turns to the direct message with the bot."""

from __future__ import annotations

from sandbox.slack import events, messages, payloads
from sandbox.slack.core import Core
from sandbox.slack.delivery import Envelope
from sandbox.slack.state import Impossible, Json, Outcome


async def use(core: Core, user: str, callback_id: str) -> Outcome:
    """A global shortcut of the manifest; raises `Impossible` for any other."""
    if callback_id not in core.manifest.global_shortcuts:
        raise Impossible(f"no shortcut {callback_id!r}")
    trigger = core.passes.trigger(user)
    payload = payloads.shortcut(core.member(user), callback_id, core.stamp(), trigger=trigger)
    return core.outcome(await core.deliver(Envelope("interactive", payload)))


async def use_on(core: Core, user: str, channel_id: str, ts: str, callback_id: str) -> Outcome:
    """A message shortcut of the manifest on a message that the member sees."""
    if callback_id not in core.manifest.message_shortcuts:
        raise Impossible(f"no message shortcut {callback_id!r}")
    channel = core.room(user, channel_id)
    message = messages.seen_by(channel, user, ts)
    payload = payloads.message_action(
        core.member(user),
        channel,
        message,
        core.member(message.user),
        callback_id,
        core.stamp(),
        response_url=core.response_url(core.passes.url("app", channel.id, user, ts)),
        trigger=core.passes.trigger(user, channel.id),
    )
    return core.outcome(await core.deliver(Envelope("interactive", payload)))


async def open_home(core: Core, user: str, tab: str) -> Outcome:
    """Tells a subscribed app that its Home (or its messages tab) was opened, each time; waits for the first answer."""
    room = core.dm_of(user)
    if room is None or (tab == "home" and not core.manifest.home_tab):
        raise Impossible("the app has no Home")
    event: Json = {"type": "app_home_opened", "user": user, "channel": room.id, "tab": tab}
    home = core.screens.homes.get(user)
    if home is not None and tab == "home":
        event |= {"view": payloads.view_object(home)}
    delivery = events.emit(core, event)
    return core.outcome(await delivery) if delivery else Outcome(True)
