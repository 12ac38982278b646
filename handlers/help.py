"""``/shipclerk help`` and ``/shipclerk status``, made from the registry and from what is running."""

from __future__ import annotations

from handlers.context import Context
from handlers.registry import Command
from handlers.render.help import HelpEntry, help_message


async def show_help(ctx: Context) -> str:
    """Show what this person may run here, and nothing else (CHECKS B5)."""
    entries = [HelpEntry(command.said, command.usage, command.summary) for command in ctx.open_commands()]
    await ctx.answer(help_message(entries))
    return "done"


async def show_status(ctx: Context) -> str:
    """Show the bot's version, how long it runs and which back ends answer."""
    await ctx.answer(await ctx.services.report(ctx.actor))
    return "done"


COMMANDS = (
    Command("/shipclerk", "help", "", "What I can do for you here", show_help, default=True),
    Command("/shipclerk", "status", "", "How I am, and which back ends answer", show_status),
)
