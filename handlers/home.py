"""The Home tab: what is connected and what can be done here."""

from __future__ import annotations

import logging

from slack_sdk.errors import SlackApiError

from handlers.answers import CONNECT_CARD
from handlers.context import Context
from handlers.registry import Press
from handlers.render.home import home
from operations.accounts import QUIVO

log = logging.getLogger("shipclerk.home")


async def opened(ctx: Context) -> str:
    """Draw Home when a person opens it."""
    if ctx.request.text in ("", "home"):
        await publish(ctx)
    return "done"


async def publish(ctx: Context) -> None:
    """Publish the person's Home as things stand; what was done before stays done if Slack does not take it."""
    card = await ctx.card(CONNECT_CARD, {})
    commands = [(command.typed, command.summary) for command in ctx.open_commands()]
    view = home(
        connections=ctx.services.accounts.connections(ctx.actor),
        connectable=(QUIVO,),
        commands=commands,
        card_id=card.id,
    )
    try:
        await ctx.slack.publish_home(ctx.request.user, view)
    except SlackApiError as error:
        log.warning("home not published error=%s", type(error).__name__)


PRESSES = (Press("app_home_opened", opened),)
