"""Digests from Slack: what there is, what one would say now, running, pausing and deleting one (issue 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import digest_handover, digest_lists, digest_making
from handlers.access import Role
from handlers.answers import patient, refuse
from handlers.context import Context
from handlers.digest_picking import pressed, show, typed
from handlers.digest_posting import answer
from handlers.digest_running import RUNNERS
from handlers.home import is_home, publish
from handlers.registry import Command, Press, Suggestion
from handlers.render.digest_form import SAVE, SUGGEST
from handlers.render.digest_list import NEW, delete_question, said
from handlers.render.digest_message import Told, digest_message
from handlers.render.message import Message
from operations import digesting
from operations.digesting import Listed
from operations.outcome import Done, Refused
from store.digests import Digest

__all__ = ["COMMANDS", "PRESSES", "RUNNERS", "SUGGESTIONS"]

By = Callable[[Context, str], Awaitable[str]]


async def list_digests(ctx: Context) -> str:
    """Answer ``/digest`` and ``/digest list`` with the digests of this channel and one's own, for the person alone."""
    await show(ctx)
    return "done"


def named(do: By) -> Callable[[Context], Awaitable[str]]:
    """A command for one digest, by its short name."""

    async def command(ctx: Context) -> str:
        meant = await typed(ctx)
        return meant if isinstance(meant, str) else await do(ctx, meant.digest.id)

    return command


def clicked(do: By) -> Callable[[Context], Awaitable[str]]:
    """A button of one digest."""

    async def press(ctx: Context) -> str:
        return await do(ctx, pressed(ctx))

    return press


async def preview(ctx: Context, digest_id: str) -> str:
    """Show the person alone what it would say now, as the digest's channel would read it."""
    work = digesting.preview(ctx.services.ports, ctx.actor, digest_id)
    outcome = await patient(ctx, work, "Still collecting …")
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    shown = outcome.value
    card = await ctx.card(digest_lists.CARD, digest_lists.behind(shown.digest, shown.collected))
    profile = await ctx.services.directory.profile(shown.digest.channel)
    told = Told(shown.digest, shown.collected, shown.changes, is_preview=True)
    await answer(ctx, digest_message(told, profile, card_id=card.id))
    return "done"


async def run(ctx: Context, digest_id: str) -> str:
    """Post it now, beside its schedule."""
    outcome = await digesting.run_now(ctx.services.ports, ctx.actor, digest_id, ctx.reference)
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    ctx.services.wake()
    digest = ctx.services.ports.digests.get(digest_id, ctx.request.team)
    if digest is not None:
        await ctx.answer(said(digest, "is posted in a moment.", symbol="⏳"))
    return "done"


async def pause(ctx: Context, digest_id: str) -> str:
    """Post no more until somebody resumes it."""
    admin = ctx.role is Role.ADMIN
    outcome = await digesting.pause(ctx.services.ports, ctx.actor, digest_id, ctx.reference, admin=admin)
    return await _changed(ctx, outcome, "is paused. Nothing is posted until it is resumed.", "⏸️")


async def resume(ctx: Context, digest_id: str) -> str:
    """Go on from the next due time."""
    outcome = await digesting.resume(ctx.services.ports, ctx.actor, digest_id, ctx.reference)
    ctx.services.wake()
    return await _changed(ctx, outcome, "goes on.", "✅")


async def delete(ctx: Context, digest_id: str) -> str:
    """Remove it; Slack has asked whether that is meant."""
    admin = ctx.role is Role.ADMIN
    outcome = await digesting.delete(ctx.services.ports, ctx.actor, digest_id, ctx.reference, admin=admin)
    return await _changed(ctx, outcome, "is deleted.", "🚫")


async def ask_delete(ctx: Context) -> str:
    """Answer ``/digest delete abcd`` with the digest and the button that removes it."""
    meant = await typed(ctx)
    if isinstance(meant, str):
        return meant
    await ctx.answer(delete_question(Listed(meant.digest, meant.health)))
    return "done"


async def _changed(ctx: Context, outcome: Done[Digest] | Refused, what: str, symbol: str) -> str:
    """Say what became of it; a list and Home are drawn anew instead. An owner hears of somebody else's click."""
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    digest = outcome.value
    told = said(digest, what, symbol=symbol, by=ctx.request.user)
    await _answer(ctx, told)
    if digest.owner != ctx.request.user:
        await ctx.slack.post(digest.owner, told)
    return "done"


async def _answer(ctx: Context, message: Message) -> None:
    if ctx.request.ephemeral:
        await show(ctx, replace_original=True)
    elif not is_home(ctx):
        await ctx.answer(message)
    await publish(ctx)


COMMANDS = (
    Command("/digest", "list", "", "List the digests of this channel and mine", list_digests, default=True),
    Command("/digest", "new", "", "Make a digest: what, where and when", digest_making.new),
    Command("/digest", "preview", "[name]", "Show only me what a digest would say now", named(preview)),
    Command("/digest", "run", "[name]", "Post a digest now", named(run), changes=True),
    Command("/digest", "pause", "[name]", "Stop posting a digest for a while", named(pause), changes=True),
    Command("/digest", "resume", "[name]", "Go on with a digest", named(resume), changes=True),
    Command("/digest", "handover", "[name]", "Ask a colleague to take a digest over", named(digest_handover.ask)),
    Command("/digest", "delete", "[name]", "Delete a digest", ask_delete),
)
PRESSES = (
    Press(NEW, digest_making.new),
    Press("digest.edit", digest_making.edit),
    Press(SAVE, digest_making.save, first_answer=digest_making.checked, changes=True),
    Press("digest.preview", clicked(preview)),
    Press("digest.run", clicked(run), changes=True),
    Press("digest.pause", clicked(pause), changes=True),
    Press("digest.resume", clicked(resume), changes=True),
    Press("digest.delete", clicked(delete), changes=True),
    *digest_handover.PRESSES,
    *digest_lists.PRESSES,
)
SUGGESTIONS = (Suggestion(SUGGEST, digest_making.zones),)
