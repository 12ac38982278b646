"""A member uses an element of a message, a modal or Home, or types into one that asks the app for options."""

from __future__ import annotations

from typing import Any

from sandbox.slack import acks, files, inputs, messages, payloads
from sandbox.slack.blocks import check_suggestions
from sandbox.slack.core import Core
from sandbox.slack.delivery import Answer, Envelope
from sandbox.slack.inputs import Placed, Values
from sandbox.slack.state import Channel, Impossible, Json, Message, Outcome, View

MIN_QUERY_LENGTH = 3


def shown_view(core: Core, user: str, view_id: str) -> View:
    """The view that this member can act in: their top modal or their Home; raises `Impossible` for any other."""
    home = core.screens.homes.get(user)
    for view in [*core.screens.stack(user)[-1:], *([home] if home else [])]:
        if view.id == view_id:
            return view
    raise Impossible(f"{user!r} does not have view {view_id!r} in front")


async def in_message(
    core: Core, user: str, channel_id: str, ts: str, action_id: str, block_id: str | None, value: Any
) -> Outcome:
    """Uses an element of a message; without an ack it gets a warning mark and the message stays."""
    channel = core.room(user, channel_id)
    message = messages.seen_by(channel, user, ts)
    placed = inputs.find(message.blocks, action_id, block_id)
    state = message.picked.setdefault(user, inputs.fresh(message.blocks))
    actions = [_act(core, placed, value, state, message.offered)]
    answer = await core.deliver(_from_message(core, user, channel, message, state, actions))
    _mark(message.warnings, action_id, answer)
    core.changed(f"message:{channel.id}")
    return core.outcome(answer)


def _from_message(
    core: Core, user: str, channel: Channel, message: Message, state: Values, actions: list[Json]
) -> Envelope:
    payload = payloads.in_message(
        core.member(user),
        channel,
        message,
        core.member(message.user),
        state,
        actions,
        response_url=core.response_url(core.passes.url("actions", channel.id, user, message.ts)),
        trigger=core.passes.trigger(user, channel.id),
    )
    return Envelope("interactive", payload)


def _act(core: Core, placed: Placed, value: Any, state: Values, offered: list[Json]) -> Json:
    element, entry = placed.element, None
    if element["type"] in inputs.STATEFUL:
        entry = inputs.chosen(element, value, offered)
        state.setdefault(placed.block_id, {})[placed.action_id] = entry
    elif element["type"] == "overflow":
        value = inputs.option(element, value, [])
    return payloads.action(placed, entry, core.stamp(), value)


def _mark(warnings: set[str], action_id: str, answer: Answer) -> None:
    if answer.acked:
        warnings.discard(action_id)
    else:
        warnings.add(action_id)


async def in_view(core: Core, user: str, view_id: str, action_id: str, block_id: str | None, value: Any) -> Outcome:
    """Uses an element of a modal or Home; an input that does not dispatch only keeps the value, and nothing is sent."""
    view = shown_view(core, user, view_id)
    placed = inputs.find(view.blocks, action_id, block_id)
    action = _act(core, placed, files.picked(core, user, placed.element, value), view.state, view.offered)
    if placed.block["type"] == "input" and not placed.block.get("dispatch_action"):
        core.changed(f"view:{user}")
        return Outcome(True)
    return await _dispatch(core, view, action)


async def _dispatch(core: Core, view: View, action: Json) -> Outcome:
    trigger = core.passes.trigger(view.user)
    payload = payloads.in_view(core.member(view.user), view, [action], trigger=trigger)
    answer = await core.deliver(Envelope("interactive", payload))
    _mark(view.warnings, action["action_id"], answer)
    core.changed(f"{'home' if view.type == 'home' else 'view'}:{view.user}")
    return core.outcome(answer)


async def type_into(
    core: Core, user: str, view_id: str, block_id: str, action_id: str, value: Any, *, enter: bool
) -> None:
    """Puts text into an input; tells the app only where `dispatch_action` asks for it."""
    view = shown_view(core, user, view_id)
    placed = inputs.find(view.blocks, action_id, block_id)
    action = _act(core, placed, files.picked(core, user, placed.element, value), view.state, view.offered)
    core.changed(f"view:{user}")
    if placed.block.get("dispatch_action") and _fires(placed.element, enter):
        await _dispatch(core, view, action)


def _fires(element: Json, enter: bool) -> bool:
    causes = element.get("dispatch_action_config", {}).get("trigger_actions_on", ["on_enter_pressed"])
    return "on_character_entered" in causes or (enter and "on_enter_pressed" in causes)


async def suggest(
    core: Core, user: str, where: str | tuple[str, str], block_id: str, action_id: str, typed: str
) -> list[Json]:
    """The options that the app suggests, in a view or in a message (channel, ts); none below `min_query_length`."""
    place = _place(core, user, where)
    placed = inputs.find(place.blocks, action_id, block_id)
    if "external_select" not in placed.element["type"]:
        raise Impossible(f"{action_id!r} asks the app for nothing")
    if len(typed) < placed.element.get("min_query_length", MIN_QUERY_LENGTH):
        return []
    answer = await core.deliver(_question(core, user, place, placed, typed))
    flawed = bool(answer.acked and check_suggestions(answer.body))
    core.outcome(answer, "invalid_options" if flawed else None)
    found = [] if flawed else acks.for_suggestion(answer.body)
    place.offered += found
    return found


def _place(core: Core, user: str, where: str | tuple[str, str]) -> View | Message:
    if isinstance(where, str):
        return shown_view(core, user, where)
    return messages.seen_by(core.room(user, where[0]), user, where[1])


def _question(core: Core, user: str, place: View | Message, placed: Placed, typed: str) -> Envelope:
    member = core.member(user)
    if isinstance(place, View):
        return Envelope("interactive", payloads.block_suggestion(member, placed, typed, place), accepts_response=True)
    where = (core.channels[place.channel], place, core.member(place.user))
    return Envelope("interactive", payloads.block_suggestion(member, placed, typed, where), accepts_response=True)
