"""The one message that shows a cancellation: posted once, then only edited, so that it always ends true.

Whoever moves a cancellation on draws it. After a crash nobody knows whether the message was posted: then Slack is
asked for the key in its metadata before anything is posted again (DESIGN.md §6).
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError

from handlers.context import Services
from handlers.render import approving as second
from handlers.render import cancelling as say
from handlers.render.approving import Approval
from handlers.render.cancelling import Cancel
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.slack import Posted, not_here
from operations.changes import (
    DECLINED,
    EXPIRED,
)
from store.cards import Card
from store.ledger import Action

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def draw(services: Services, action: Action, *, first: bool = False, by: str = "") -> None:
    """Make the message say what the ledger says now; ``first`` where it cannot have been posted before."""
    lock = _locks.setdefault(action.id, asyncio.Lock())
    async with lock:
        card = services.cards.get(action.payload["card"], action.team)
        latest = services.ports.ledger.get(action.id, action.team)
        if card is None or latest is None:
            return
        profile = await services.directory.profile(latest.payload["channel"])
        message = picture(latest, card.id, profile, by)
        where = await _redrawn(services, latest, card, message, first) or await _post(services, latest, message)
        if where:
            await _keep(services, card, latest, where)


def key_of(action: Action) -> str:
    """The key in the message's metadata."""
    return f"{action.kind}:{action.id}"


def picture(action: Action, card_id: str, profile: Profile, by: str = "") -> Message:
    """The message for the state that a cancellation is in."""
    notes, at = action.payload, action.changed_at
    cancel = Cancel(notes["order_id"], notes["reference"], action.user, card_id)
    match action.state:
        case "held":
            return say.held(cancel, seconds=notes["undo_seconds"])
        case "sending" | "requested":
            return say.requested(cancel, at=at)
        case "cancelled":
            return say.cancelled(cancel, at=at)
        case "shipped_anyway":
            return say.shipped_anyway(cancel, at=at)
        case "undone":
            return say.undone(cancel, by=notes.get("undone_by") or by or action.user)
        case "refused":
            return say.refused(cancel, why=notes.get("why") or "", reference=action.reference)
        case "gave_up":
            return say.gave_up(cancel, since=_moment(notes.get("sent_at")) or at)
        case "waiting_approval" | "declined" | "expired":
            return _second(action, card_id, profile, by)
        case _:
            return say.unknown(cancel, at=at, reference=action.reference)


def _second(action: Action, card_id: str, profile: Profile, by: str) -> Message:
    notes = action.payload
    approval = Approval(
        notes["order_id"], notes["reference"], action.user, notes.get("why") or "", _moment(notes["until"]), card_id
    )
    if action.state == DECLINED:
        return second.declined(approval, by=notes.get("declined_by") or by, at=action.changed_at)
    return second.expired(approval) if action.state == EXPIRED else second.needs_approval(approval, profile)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _kept(card: Card) -> Posted | None:
    ts = card.payload.get("ts")
    return Posted(card.payload["posted_in"], ts) if ts else None


async def _redrawn(services: Services, action: Action, card: Card, message: Message, first: bool) -> Posted | None:
    """Draw the message that there is anew; None where there is none, or where it was deleted or is out of reach."""
    kept = _kept(card)
    if kept and await services.slack.update(kept.channel, kept.ts, message):
        return kept
    found = None if first and kept is None else await _found(services, action)
    if found and found != kept and await services.slack.update(found.channel, found.ts, message):
        return found
    return None


async def _found(services: Services, action: Action) -> Posted | None:
    """The message by its key: in the channel where it was asked, or with the person who asked (see ``_post``)."""
    if found := await _in(services, action.payload["channel"], action):
        return found
    direct = await services.slack.direct(action.user)
    return await _in(services, direct, action) if direct else None


async def _in(services: Services, channel: str, action: Action) -> Posted | None:
    try:
        ts = await services.slack.posted(channel, key_of(action), action.created_at)
    except SlackApiError as error:
        if not_here(error):
            return None
        raise
    return Posted(channel, ts) if ts else None


async def _post(services: Services, action: Action, message: Message) -> Posted | None:
    """Post to the channel where it was asked; where the bot may not write, to the person who asked."""
    posted = await services.slack.post(action.payload["channel"], message, key=key_of(action))
    return posted or await services.slack.post(action.user, message, key=key_of(action))


async def _keep(services: Services, card: Card, action: Action, where: Posted) -> None:
    """Remember where the message is, and whose it is: its buttons need both, whoever posted it."""
    notes = {"action": action.id, "ts": where.ts, "posted_in": where.channel}
    if {name: card.payload.get(name) for name in notes} != notes:
        await services.cards.change(card.id, {**card.payload, **notes})
