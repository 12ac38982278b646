"""Which digest is meant: by its button, by its short name, or the only one there is."""

from __future__ import annotations

from handlers.access import Role
from handlers.context import Context
from handlers.render.digest_list import digest_list
from handlers.render.digest_words import short
from handlers.render.failures import failure
from operations import digesting
from operations.digesting import Listed

_NONE = "There is no digest here that you could do that with."
_UNKNOWN = "I know no digest of that name here."
_WHICH = "Which one? Type its four letters after the command."


def here(ctx: Context) -> list[Listed]:
    """The digests of this channel and the person's own elsewhere; where there is no channel, the person's own."""
    ports, channel = ctx.services.ports, ctx.request.channel
    found = [*digesting.of_channel(ports, ctx.request.team, channel)] if channel else []
    mine = digesting.mine(ports, ctx.actor)
    known = {one.digest.id for one in found}
    return [*found, *(one for one in mine if one.digest.id not in known)]


async def show(ctx: Context, *, replace_original: bool = False) -> None:
    """The list, for the person alone."""
    listed = digest_list(here(ctx), reader=ctx.request.user, is_admin=ctx.role is Role.ADMIN)
    await ctx.answer(listed, replace_original=replace_original)


def pressed(ctx: Context) -> str:
    """The digest behind a button; what may be done with it, the operation says."""
    return ctx.request.value


async def typed(ctx: Context) -> Listed | str:
    """The digest that was named, else the only one of this person's own; or the audit's word for what was answered."""
    name, listed = ctx.request.text.strip().strip("`").casefold(), here(ctx)
    may = [one for one in listed if one.digest.owner == ctx.request.user or ctx.role is Role.ADMIN]
    meant = [one for one in (listed if name else may) if not name or short(one.digest.id) == name]
    if len(meant) == 1:
        return meant[0]
    said = _WHICH if meant else (_UNKNOWN if name else _NONE)
    await ctx.answer(failure(said, ctx.reference, hint="`/digest list` shows what there is."))
    return "refused:several" if meant else "refused:not_found"
