"""The Home tab: what is connected, what waits for me, what runs for me; from the store alone, so that it is fast."""

from __future__ import annotations

import logging
from dataclasses import replace

from slack_sdk.errors import SlackApiError

from handlers.access import Role
from handlers.answers import connect_cards, expired, too_late
from handlers.context import Context
from handlers.registry import Ack, Press
from handlers.render.approving import Approval
from handlers.render.forms import busy, notice
from handlers.render.home import FIND, UNWATCH, WORDS, Mine, find_form, home
from handlers.render.watching import watch_stopped
from handlers.request import Kind, Request
from handlers.watch_looking import shown
from operations import digesting, watching
from operations.changes import CANCEL, UNKNOWN, WAITING, due_at
from operations.outcome import Refused
from store.ledger import Action
from store.watches import Watch

log = logging.getLogger("shipclerk.home")
MOST_WAITING, MOST_RECENT = 5, 5
_FOUND = "I answer in our direct message."


async def opened(ctx: Context) -> str:
    """Draw Home when a person opens it."""
    if ctx.request.text in ("", "home"):
        await publish(ctx)
    return "done"


def is_home(ctx: Context) -> bool:
    """Whether a button of Home was pressed, so that Home is where the answer is seen."""
    return (ctx.request.view or {}).get("type") == "home"


async def publish(ctx: Context) -> None:
    """Publish the person's Home as things stand; what was done before stays done if Slack does not take it."""
    view = home(mine(ctx), connectable=await connect_cards(ctx))
    try:
        await ctx.slack.publish_home(ctx.request.user, view)
    except SlackApiError as error:
        log.warning("home not published error=%s", type(error).__name__)


def mine(ctx: Context) -> Mine:
    """Everything on a person's Home, read from the store; no back end is asked."""
    ports, team, user = ctx.services.ports, ctx.request.team, ctx.request.user
    return Mine(
        user=user,
        is_admin=ctx.role is Role.ADMIN,
        connections=ctx.services.accounts.connections(ctx.actor),
        resting=[name for name, link in ctx.services.links.items() if link.breaker and link.breaker.open],
        commands=[(command.typed, command.summary) for command in ctx.open_commands()],
        approvals=_approvals(ctx),
        unknown=ports.ledger.mine(team, user, states=(UNKNOWN,), most=MOST_WAITING),
        offered=digesting.offered(ports, ctx.actor),
        digests=digesting.mine(ports, ctx.actor),
        watches=[shown(watch) for watch in _watches(ctx)],
        recent=ports.ledger.mine(team, user, most=MOST_RECENT),
    )


def _approvals(ctx: Context) -> list[Approval]:
    """What this person may decide: somebody else's, still open."""
    ports = ctx.services.ports
    waiting = ports.ledger.in_state(CANCEL, ctx.request.team, WAITING)
    now = ports.now()
    return [
        _approval(action)
        for action in waiting
        if action.user != ctx.request.user and ((until := due_at(action)) is None or until > now)
    ]


def _approval(action: Action) -> Approval:
    notes = action.payload
    return Approval(
        notes["order_id"], notes["reference"], action.user, notes.get("why") or "", due_at(action), notes["card"]
    )


def _watches(ctx: Context) -> list[Watch]:
    return ctx.services.ports.watches.of_person(ctx.request.team, ctx.request.user)


async def unwatch(ctx: Context) -> str:
    """Stop one of one's own watches from Home; its channel is told."""
    watch = next((one for one in _watches(ctx) if one.id == ctx.request.value), None)
    if watch is None:
        return await expired(ctx)
    outcome = await watching.unwatch(ctx.services.ports, ctx.actor, watch.channel, watch.order_id)
    if isinstance(outcome, Refused):
        return await expired(ctx)
    said = watch_stopped(shown(watch), by=ctx.request.user)
    await ctx.slack.post(watch.channel, said, thread_ts=watch.thread_ts)
    await publish(ctx)
    return "done"


async def find(ctx: Context) -> str:
    """Open the form that looks for an order."""
    return "done" if await ctx.show(find_form()) else await too_late(ctx)


def find_checked(request: Request) -> Ack:
    """The acknowledgement: something has to be typed."""
    if not str(request.values.get(WORDS) or "").strip():
        return {"response_action": "errors", "errors": {WORDS: "Type a number or a reference."}}
    return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Looking…")}


async def find_submit(ctx: Context) -> str:
    """Look it up as if it had been typed in the direct message with the bot, and answer there."""
    words = str(ctx.request.values.get(WORDS) or "").strip()
    asked = replace(
        ctx.request,
        kind=Kind.COMMAND,
        name="/order",
        delivery=f"{ctx.request.delivery}:find",
        channel=await ctx.slack.direct(ctx.request.user),
        text=f"show {words}",
        typed=words,
        trigger_id=None,
        view=None,
        values={},
    )
    if asked.channel is None:
        await ctx.slack.update_view(ctx.request.view_id, notice("Find an order", f"Type /order {words} in a channel."))
        return "refused:no_direct"
    await ctx.slack.update_view(ctx.request.view_id, notice("Find an order", _FOUND))
    await ctx.run(asked)
    return "done"


PRESSES = (
    Press("app_home_opened", opened),
    Press(UNWATCH, unwatch),
    Press(FIND, find),
    Press(f"{FIND}_form", find_submit, first_answer=find_checked),
)
