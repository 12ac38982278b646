"""Posting what may hold a chart: at most one message a second in a channel, and without charts where they are refused.

A workspace that does not know ``data_visualization`` yet says ``invalid_blocks`` (DESIGN.md §5).
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from slack_sdk.errors import SlackApiError

from handlers.context import Context, Services
from handlers.pacing import Pacer
from handlers.render.chart_words import has_charts, without_charts
from handlers.render.message import Message
from handlers.slack import Posted
from operations.accounts import Accounts

_REFUSED = {"invalid_blocks", "invalid_blocks_format"}
_pacers: WeakKeyDictionary[Accounts, tuple[Pacer, Pacer]] = WeakKeyDictionary()


def pacers(services: Services) -> tuple[Pacer, Pacer]:
    """The turns in which runs begin, and those in which they post; one of each for a process."""
    return _pacers.setdefault(services.accounts, (Pacer(), Pacer()))


def pace(services: Services, begin: Pacer, post: Pacer) -> None:
    """From now on, with these."""
    _pacers[services.accounts] = begin, post


async def post(services: Services, channel: str, message: Message, key: str) -> Posted | None:
    """Post with this key in its turn; None where the bot may not write."""
    _, turns = pacers(services)
    await turns.turn(channel)
    try:
        return await services.slack.post(channel, message, key=key)
    except SlackApiError as error:
        if not (has_charts(message) and _is_refused(error)):
            raise
    await turns.turn(channel)
    return await services.slack.post(channel, without_charts(message), key=key)


async def answer(ctx: Context, message: Message) -> None:
    """Say it to the person alone, without charts where they are refused."""
    try:
        await ctx.answer(message)
    except SlackApiError as error:
        if not (has_charts(message) and _is_refused(error)):
            raise
        await ctx.answer(without_charts(message))


def _is_refused(error: SlackApiError) -> bool:
    try:
        return error.response.get("error") in _REFUSED
    except (AttributeError, ValueError):
        return False
