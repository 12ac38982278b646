"""Making and changing a digest: the form, what is wrong with it under its inputs, the zones that it suggests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from handlers.answers import connect_first, expired, too_late
from handlers.context import Context
from handlers.forms.digest import CHANNEL, read_wish
from handlers.home import publish
from handlers.registry import Ack
from handlers.render.digest_form import Held, digest_form, held
from handlers.render.digest_list import made
from handlers.render.forms import busy, loading, notice, with_errors
from handlers.render.inputs import suggestions
from handlers.request import Request
from operations import digesting
from operations.digesting import Listed, Wish
from operations.outcome import Done, Reason, Refused
from operations.schedule import is_zone
from store.digests import Digest

FORM_CARD, NEW_TITLE, CHANGE_TITLE = "digest.form", "New digest", "Change a digest"
_MOST = 50
_DONE = "That's it. The message in the channel says what holds now."
_CONNECT = "Connect first, then press the button once more: what you filled in stays here as long as this is open."
_INVITE = "I am not in this channel. Type /invite @Shipclerk there, then press the button again."
_UNKNOWN = "I can't see this channel. Invite me there with /invite @Shipclerk, or choose another one."
_ARCHIVED = "This channel is archived. Choose another one."


async def new(ctx: Context) -> str:
    """Answer ``/digest new`` and its buttons with the form, in the person's own time zone."""
    view_id = await ctx.show(loading(NEW_TITLE))
    if view_id is None:
        return await too_late(ctx)
    card = await ctx.card(FORM_CARD, {"digest": None, "channel": ctx.request.channel})
    filled = Held(channel=ctx.request.channel or "", zone=await _own_zone(ctx))
    await ctx.slack.update_view(view_id, digest_form(filled, card_id=card.id, is_new=True))
    return "done"


async def _own_zone(ctx: Context) -> str:
    zone = str((await ctx.slack.user(ctx.request.user) or {}).get("tz") or "")
    return zone if is_zone(zone) else "UTC"


async def edit(ctx: Context) -> str:
    """Open the form with a digest of one's own as it is now."""
    digest = ctx.services.ports.digests.get(ctx.request.value, ctx.request.team)
    if digest is None or digest.owner != ctx.request.user:
        return await expired(ctx)
    card = await ctx.card(FORM_CARD, {"digest": digest.id, "channel": ctx.request.channel})
    opened = await ctx.show(digest_form(held(digest), card_id=card.id, is_new=False))
    return "done" if opened else await too_late(ctx)


def checked(request: Request) -> Ack:
    """The acknowledgement: what is missing under its input, or that it is being made."""
    read = read_wish(request.values)
    if isinstance(read, Wish):
        return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "One moment…")}
    return {"response_action": "errors", "errors": read}


async def save(ctx: Context) -> str:
    """Make it, or change it; what can't be is said in the form, which keeps what was filled in."""
    card, wish = ctx.found_card(FORM_CARD), read_wish(ctx.request.values)
    if card is None or card.created_by != ctx.request.user or not isinstance(wish, Wish):
        return await expired(ctx)
    if (why := await _closed(ctx, wish.channel)) is not None:
        return await _again(ctx, {CHANNEL: why}, None, "refused:not_here")
    ports, digest_id = ctx.services.ports, card.payload["digest"]
    if digest_id is None:
        outcome = await digesting.new(ports, ctx.actor, wish, ctx.reference)
    else:
        outcome = await digesting.edit(ports, ctx.actor, digest_id, wish, ctx.reference)
    here = await ctx.there(card.payload["channel"]) if card.payload["channel"] else ctx
    if isinstance(outcome, Done):
        return await _saved(here, outcome.value, is_new=digest_id is None)
    return await _refused(here, outcome)


async def _closed(ctx: Context, channel: str) -> str | None:
    """Why the bot can't post there, with what to do about it; None where it can."""
    shown = await ctx.slack.channel(channel)
    if shown is None:
        return _UNKNOWN
    if shown.get("is_archived"):
        return _ARCHIVED
    if shown.get("is_im"):
        return None if shown.get("user") == ctx.request.user else _UNKNOWN
    return None if shown.get("is_member") else _INVITE


async def _saved(ctx: Context, digest: Digest, *, is_new: bool) -> str:
    ctx.services.wake()
    mine = {one.digest.id: one for one in digesting.mine(ctx.services.ports, ctx.actor)}
    shown = mine.get(digest.id) or Listed(digest, digesting.Health.RUNNING)
    await ctx.slack.update_view(ctx.request.view_id, notice(NEW_TITLE if is_new else CHANGE_TITLE, _DONE))
    await ctx.slack.whisper(ctx.request.channel, ctx.request.user, made(shown, reader=ctx.request.user, is_new=is_new))
    await publish(ctx)
    return "done"


async def _refused(ctx: Context, outcome: Refused) -> str:
    if outcome.reason in (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN):
        await ctx.slack.whisper(ctx.request.channel, ctx.request.user, await connect_first(ctx, outcome.back_end))
        return await _again(ctx, {}, f"{outcome.text} {_CONNECT}", f"refused:{outcome.reason}")
    errors = {one.field: one.message for one in outcome.fields}
    banner = None if errors else outcome.text
    return await _again(ctx, errors, banner, f"refused:{outcome.reason}")


async def _again(ctx: Context, errors: Mapping[str, str], banner: str | None, word: str) -> str:
    view = with_errors(ctx.request.view or {"blocks": []}, errors, banner=banner)
    await ctx.slack.update_view(ctx.request.view_id, view)
    return word


async def zones(ctx: Context) -> list[dict[str, Any]]:
    """Time zones with all the typed words in them, the person's own first."""
    wanted = ctx.request.text.casefold().replace("_", " ").split()
    own = await _own_zone(ctx) if not wanted else ""
    found = sorted(name for name in available_timezones() if _fits(name, wanted))
    ordered = [*([own] if own else []), *(name for name in found if name != own)]
    return suggestions((name, name) for name in ordered[:_MOST])


def _fits(name: str, wanted: list[str]) -> bool:
    spoken = name.casefold().replace("_", " ")
    return all(word in spoken for word in wanted)
