"""Handing a digest over: the colleague is asked, and decides with connections of their own (issue 6)."""

from __future__ import annotations

from handlers.access import MEMBERS
from handlers.answers import expired, refuse, too_late
from handlers.context import Context
from handlers.forms.digest import TO, read_colleague
from handlers.home import publish
from handlers.registry import Ack, Press
from handlers.render.digest_form import GIVE, handover_form
from handlers.render.digest_handover import decided, offer
from handlers.render.forms import busy, notice, with_errors
from handlers.request import Request
from operations import digesting
from operations.outcome import Done, Refused
from store.digests import Digest

CARD, TITLE = "digest.give", "Hand a digest over"
_NOT_THEM = "Only a full member of this workspace can take it over."
_ASKED = "They are asked in a direct message. Until they accept, it stays yours."
_UNREACHED = "I could not write to them, so nothing has changed. Choose somebody else."


async def ask(ctx: Context, digest_id: str) -> str:
    """Open the form that asks to whom."""
    digest = ctx.services.ports.digests.get(digest_id, ctx.request.team)
    if digest is None:
        return await expired(ctx)
    if digest.owner != ctx.request.user:
        return await refuse(ctx, digesting.NOT_YOURS)
    card = await ctx.card(CARD, {"digest": digest.id, "channel": ctx.request.channel})
    return "done" if await ctx.show(handover_form(digest, card_id=card.id)) else await too_late(ctx)


async def press(ctx: Context) -> str:
    """The same from a button."""
    return await ask(ctx, ctx.request.value)


def checked(request: Request) -> Ack:
    """The acknowledgement of a choice: nobody was chosen, or they are being asked."""
    read = read_colleague(request.values)
    if isinstance(read, str):
        return {"response_action": "update", "view": busy(request.view or {"blocks": []}, "Asking them…")}
    return {"response_action": "errors", "errors": read}


async def give(ctx: Context) -> str:
    """Ask the colleague; nobody but a member of this workspace can be asked."""
    card, to = ctx.found_card(CARD), read_colleague(ctx.request.values)
    if card is None or card.created_by != ctx.request.user or not isinstance(to, str):
        return await expired(ctx)
    team = ctx.request.team
    if await ctx.services.directory.role(team, team, to, fresh=True) not in MEMBERS:
        return await _again(ctx, _NOT_THEM, "refused:not_member")
    outcome = await digesting.offer(ctx.services.ports, ctx.actor, card.payload["digest"], to, ctx.reference)
    if isinstance(outcome, Refused):
        return await _again(ctx, outcome.text, f"refused:{outcome.reason}")
    if await ctx.slack.post(to, offer(outcome.value)) is None:
        await digesting.decline(ctx.services.ports, ctx.actor, outcome.value.id, ctx.reference)
        return await _again(ctx, _UNREACHED, "refused:not_reached")
    await ctx.slack.update_view(ctx.request.view_id, notice(TITLE, _ASKED))
    await publish(ctx)
    return "done"


async def _again(ctx: Context, why: str, word: str) -> str:
    await ctx.slack.update_view(ctx.request.view_id, with_errors(ctx.request.view or {"blocks": []}, {TO: why}))
    return word


async def accept(ctx: Context) -> str:
    """Take it over; who lacks a connection is helped to one, and can press again."""
    before = _offered(ctx)
    outcome = await digesting.accept(ctx.services.ports, ctx.actor, ctx.request.value, ctx.reference)
    if isinstance(outcome, Done):
        ctx.services.wake()
    return await _decided(ctx, before, outcome, accepted=True)


async def decline(ctx: Context) -> str:
    """Say no; it stays its owner's."""
    before = _offered(ctx)
    outcome = await digesting.decline(ctx.services.ports, ctx.actor, ctx.request.value, ctx.reference)
    return await _decided(ctx, before, outcome, accepted=False)


def _offered(ctx: Context) -> Digest | None:
    return ctx.services.ports.digests.get(ctx.request.value, ctx.request.team)


async def _decided(ctx: Context, before: Digest | None, outcome: Done[Digest] | Refused, *, accepted: bool) -> str:
    """Draw the question anew as it was decided, and tell whoever asked."""
    if isinstance(outcome, Refused):
        return await refuse(ctx, outcome)
    said = decided(outcome.value, by=ctx.request.user, accepted=accepted)
    channel, ts = ctx.request.channel, ctx.request.message_ts
    if not (channel and ts and await ctx.slack.update(channel, ts, said)):
        await ctx.answer(said)
    if before is not None and before.owner != ctx.request.user:
        await ctx.slack.post(before.owner, said)
    await publish(ctx)
    return "done"


PRESSES = (
    Press("digest.handover", press),
    Press(GIVE, give, first_answer=checked, changes=True),
    Press("digest.accept", accept, changes=True),
    Press("digest.decline", decline, changes=True),
)
