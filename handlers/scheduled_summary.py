"""``/scheduled summary [today|tomorrow|7d]``: what is due and what is wrong, for the channel (apis/qpilot.md §8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError

from handlers.answers import patient, refuse
from handlers.context import Context
from handlers.forms.values import Unreadable
from handlers.registry import Command
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.summary import summary_message
from handlers.scheduled_words import window
from handlers.shop_answers import tell
from operations.outcome import Done
from operations.summary import Summary, summary

_WORKING = "Still adding it up …"
_REFUSED_BLOCKS = ("invalid_blocks", "invalid_blocks_format")


async def command(ctx: Context) -> str:
    """Post the summary; in a channel that another company reads, show it to this person alone."""
    try:
        wanted = window(ctx.request.text)
    except Unreadable as problem:
        return await tell(ctx, str(problem), "Type `/scheduled summary tomorrow`.", "refused:unreadable")
    outcome = await patient(ctx, summary(ctx.services.ports, ctx.actor, wanted), _WORKING)
    if not isinstance(outcome, Done):
        return await refuse(ctx, outcome)
    await post(outcome.value, ctx.request.user, ctx.answer if ctx.profile is Profile.EXTERNAL else ctx.publish)
    return "done"


async def post(found: Summary, by: str, send: Callable[[Message], Awaitable[None]]) -> None:
    """Send it with its chart and table, and once more in words if Slack does not take those (apis/slack.md §8)."""
    try:
        await send(summary_message(found, by=by))
    except SlackApiError as error:
        if error.response.get("error") not in _REFUSED_BLOCKS:
            raise
        await send(summary_message(found, by=by, chart=False))


COMMANDS = (Command("/scheduled", "summary", "[today|tomorrow|7d]", "Sum up what is due and what is wrong", command),)
