"""A member submits or closes a modal, and what the app's answer does to the stack (`apis/slack.md` §5)."""

from __future__ import annotations

from typing import Any

from sandbox.slack import acks, files, inputs, payloads
from sandbox.slack.acks import ViewStep
from sandbox.slack.core import Core
from sandbox.slack.delivery import Envelope
from sandbox.slack.refusals import ApiError
from sandbox.slack.state import Impossible, Json, Outcome, View

_RESPONSE_URL_SELECTS = {"conversations_select": "selected_conversation", "channels_select": "selected_channel"}


def top(core: Core, user: str, view_id: str) -> View:
    """The member's top modal if it is this one; raises `Impossible` otherwise."""
    stack = core.screens.stack(user)
    if not stack or stack[-1].id != view_id:
        raise Impossible(f"{user!r} does not have modal {view_id!r} in front")
    return stack[-1]


async def submit(core: Core, user: str, view_id: str, values: Json | None) -> Outcome:
    """Fills in `values` by block_id and submits; what Slack's client refuses (`input_refused`) is not sent."""
    view = top(core, user, view_id)
    if not view.content.get("submit"):
        raise Impossible("this modal has nothing to submit")
    _fill(core, view, values or {})
    view.errors, view.trouble = inputs.flaws(view.blocks, view.state), None
    core.changed(f"view:{user}")
    if view.errors:
        return Outcome(False, "input_refused", view.errors)
    return await _send(core, view)


def _fill(core: Core, view: View, values: Json) -> None:
    blocks = {block["block_id"]: block for block in view.blocks if block["type"] == "input"}
    for block_id, value in values.items():
        if block_id not in blocks:
            raise Impossible(f"no input {block_id!r} in this modal")
        element = blocks[block_id]["element"]
        value = files.picked(core, view.user, element, value)
        view.state[block_id][element["action_id"]] = inputs.chosen(element, value, view.offered)


async def _send(core: Core, view: View) -> Outcome:
    files.hand_over(core, view.blocks, view.state)
    trigger = core.passes.trigger(view.user)
    payload = payloads.view_submission(core.member(view.user), view, _response_urls(core, view), trigger=trigger)
    answer = await core.deliver(Envelope("interactive", payload, accepts_response=True))
    error = answer.error
    if answer.acked:
        blocks = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        error = _apply(core, view, acks.for_submission(answer.body, blocks))
    if error:
        view.trouble = acks.TROUBLE
    core.changed(f"view:{view.user}")
    return core.outcome(answer, error)


def _response_urls(core: Core, view: View) -> list[Json]:
    urls: list[Json] = []
    for placed in inputs.elements([block for block in view.blocks if block["type"] == "input"]):
        key = _RESPONSE_URL_SELECTS.get(placed.element["type"])
        channel: Any = view.state[placed.block_id][placed.action_id].get(key) if key else None
        if channel and placed.element.get("response_url_enabled"):
            url = core.response_url(core.passes.url("app", channel, view.user))
            named = {"block_id": placed.block_id, "action_id": placed.action_id}
            urls.append(named | {"channel_id": channel, "response_url": url})
    return urls


def _apply(core: Core, view: View, step: ViewStep) -> str | None:
    """Does what the ack asks for; returns why it cannot be done."""
    try:
        files.need_scope(core, step.view)
        match step.step:
            case "pop":
                core.screens.drop(view)
            case "clear":
                core.screens.stacks[view.user] = []
            case "update":
                core.screens.update(view, step.view)
            case "push":
                core.screens.push(view.user, step.view)
            case "errors":
                view.errors = step.errors
            case "trouble":
                return "bad_ack"
    except ApiError as refusal:
        return refusal.code
    return None


async def close(core: Core, user: str, view_id: str, *, everything: bool) -> Outcome:
    """Cancel closes the top modal; ✕ and Esc (`everything`), or Cancel with `clear_on_close`, close all of them."""
    view = top(core, user, view_id)
    cleared = everything or bool(view.content.get("clear_on_close"))
    gone = list(reversed(core.screens.stack(user))) if cleared else [view]
    for closed in gone:
        core.screens.drop(closed)
    core.changed(f"view:{user}")
    outcome = Outcome(True)
    for closed in gone:
        if closed.content.get("notify_on_close"):
            payload = payloads.view_closed(core.member(user), closed, is_cleared=cleared)
            outcome = core.outcome(await core.deliver(Envelope("interactive", payload)))
    return outcome
