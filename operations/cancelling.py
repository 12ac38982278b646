"""Cancelling an order: asked, held for a while, undone or sent (`cancel_sending`), looked after (`cancel_looking`).

held → sending → requested → cancelled | shipped_anyway | gave_up ; refused ; undone ; unknown ;
waiting_approval → held | expired | declined
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backends.quivo.order import Order
from operations.accounts import QUIVO, Actor
from operations.approval_rules import APPROVE_WITHIN, EXPIRE, expire_if_late
from operations.cancel_looking import NotYet, Settled, read_back
from operations.cancel_rules import fingerprint, forbidden, needs_approval, next_look
from operations.cancel_sending import SEND, Sent, rank_of_next, send
from operations.changes import (
    CANCEL,
    GONE,
    HELD,
    NOT_YOURS,
    UNDONE,
    WAITING,
    AlreadyBeing,
    Stale,
    audit_line,
    due,
    move,
    now_of,
)
from operations.orders import read as look
from operations.outcome import Done, Refused, Unknown
from operations.ports import Ports
from store.ledger import Action, new_action_id

__all__ = [
    "CancelAsk",
    "Held",
    "NeedsApproval",
    "NotYet",
    "Sent",
    "Settled",
    "Stale",
    "TooLate",
    "Undone",
    "ask",
    "fingerprint",
    "look",
    "next_look",
    "read_back",
    "send",
    "undo",
]


@dataclass(frozen=True)
class CancelAsk:
    """What a person confirmed; ``seen`` is the fingerprint of the order that they saw, ``card`` what shows it."""

    order_id: int
    reference_text: str | None
    seen: str
    channel: str
    thread_ts: str | None = None
    undo_seconds: int = 10
    card: str = ""


@dataclass(frozen=True)
class Held:
    """Claimed, and held until ``action.payload["until"]``; then the occurrence `cancel.send` sends it."""

    action: Action
    order: Order


@dataclass(frozen=True)
class NeedsApproval:
    """Claimed, and waiting for a second person; ``why`` is safe to show."""

    action: Action
    order: Order
    why: str


@dataclass(frozen=True)
class Undone:
    """Taken back before anything was sent."""

    action: Action


@dataclass(frozen=True)
class TooLate:
    """It is past that point: ``action.state`` says where it is."""

    action: Action


async def ask(
    ports: Ports, actor: Actor, asked: CancelAsk, ref: str
) -> Held | NeedsApproval | Stale | AlreadyBeing | Refused | Unknown:
    """Read the order again, and claim its cancellation if nothing speaks against it; nothing is sent yet.

    The claim, its audit line and the occurrence that sends it are one transaction (CHECKS E1, E7, G7).
    """
    found = await look(ports.accounts, actor, asked.order_id)
    if not isinstance(found, Done):
        return found
    order = found.value
    first = await _first(ports, actor, order.order_id, ref)
    if first is not None:
        return AlreadyBeing(first)
    if fingerprint(order) != asked.seen:
        return Stale(order)
    if (refusal := forbidden(order)) is not None:
        return refusal
    why = needs_approval(ports.preferences.get(actor.team), order, rank_of_next(ports, actor))
    return await _claim(ports, actor, asked, order, why, ref)


async def undo(
    ports: Ports, actor: Actor, action_id: str, ref: str, *, admin: bool = False
) -> Undone | TooLate | Refused:
    """Take a cancellation back before it is sent: the requester, or an admin of the workspace."""
    action = ports.ledger.get(action_id, actor.team)
    if action is None or action.kind != CANCEL:
        return GONE
    if action.user != actor.user and not admin:
        return NOT_YOURS
    undone = await move(ports, action, UNDONE, ref, expect=(HELD, WAITING), by=actor, undone_by=actor.user)
    if undone is None:
        return TooLate(now_of(ports, action))
    return Undone(undone)


async def _first(ports: Ports, actor: Actor, order_id: int, ref: str) -> Action | None:
    """The cancellation of this order that is under way; one that waited too long for approval no longer is."""
    action = ports.ledger.open_for(CANCEL, actor.team, QUIVO, str(order_id))
    if action is not None and await expire_if_late(ports, action, ref) is not None:
        return None
    return action


async def _claim(
    ports: Ports, actor: Actor, asked: CancelAsk, order: Order, why: str | None, ref: str
) -> Held | NeedsApproval | AlreadyBeing:
    action_id, state = new_action_id(), WAITING if why else HELD
    wait = APPROVE_WITHIN if why else timedelta(seconds=asked.undo_seconds)
    run = due(ports, EXPIRE if why else SEND, action_id, actor.team, wait)
    payload = {
        "order_id": order.order_id,
        "reference": asked.reference_text,
        "seen": asked.seen,
        "channel": asked.channel,
        "thread_ts": asked.thread_ts,
        "card": asked.card,
        "undo_seconds": asked.undo_seconds,
        "until": run.at.isoformat(),
        "run": run.key,
        "why": why,
    }
    target = str(order.order_id)
    claim = await ports.ledger.claim(
        kind=CANCEL,
        team=actor.team,
        user=actor.user,
        back_end=QUIVO,
        target=target,
        state=state,
        payload=payload,
        line=audit_line(ports, actor, ref, CANCEL, target, state, asked.channel),
        due=run,
        action_id=action_id,
    )
    if not claim.won:
        return AlreadyBeing(claim.action)
    return NeedsApproval(claim.action, order, why) if why else Held(claim.action, order)
