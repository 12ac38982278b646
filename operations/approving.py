"""Four eyes: a second person with an account of their own agrees to a cancellation, or does not (CHECKS B3, B4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backends.quivo.order import Order
from operations.accounts import Actor
from operations.approval_rules import expire_if_late, may_approve
from operations.cancel_rules import fingerprint, forbidden
from operations.cancel_sending import CHANGED, SEND
from operations.cancelling import TooLate
from operations.changes import CANCEL, DECLINED, EXPIRED, GONE, HELD, REFUSED, WAITING, Stale, due, move, now_of
from operations.orders import read
from operations.outcome import Done, Refused, Unknown
from operations.ports import Ports
from store.ledger import Action


@dataclass(frozen=True)
class Approved:
    """A second person agreed: it is held until ``action.payload["until"]`` and then sent."""

    action: Action
    order: Order


@dataclass(frozen=True)
class Declined:
    """A second person said no; nothing was sent."""

    action: Action


@dataclass(frozen=True)
class Expired:
    """Nobody agreed within thirty minutes; nothing was sent."""

    action: Action


async def approve(
    ports: Ports, approver: Actor, action_id: str, ref: str
) -> Approved | Expired | TooLate | Stale | Refused | Unknown:
    """Agree to a cancellation: the approver, the thirty minutes and the order are all checked now (CHECKS B4).

    The approver reads the order with their own connection; the request itself goes through the requester's.
    """
    action = await _waiting(ports, approver, action_id, ref)
    if not isinstance(action, Action):
        return action
    found = await read(ports.accounts, approver, action.payload["order_id"])
    if not isinstance(found, Done):
        return found
    order = found.value
    refusal = forbidden(order) or (CHANGED if fingerprint(order) != action.payload["seen"] else None)
    if refusal is not None:
        moved = await move(ports, action, REFUSED, ref, expect=(WAITING,), by=approver, why=refusal.text)
        return TooLate(now_of(ports, action)) if moved is None else Stale(order)
    wait = timedelta(seconds=action.payload["undo_seconds"])
    run = due(ports, SEND, action.id, action.team, wait, turn="approved")
    notes: dict[str, Any] = {"approved_by": approver.user, "until": run.at.isoformat(), "run": run.key}
    held = await move(ports, action, HELD, ref, expect=(WAITING,), by=approver, due=run, **notes)
    return TooLate(now_of(ports, action)) if held is None else Approved(held, order)


async def decline(ports: Ports, approver: Actor, action_id: str, ref: str) -> Declined | Expired | TooLate | Refused:
    """Say no to a cancellation; who may not agree to it may not do this either (the requester can take it back)."""
    action = await _waiting(ports, approver, action_id, ref)
    if not isinstance(action, Action):
        return action
    moved = await move(ports, action, DECLINED, ref, expect=(WAITING,), by=approver, declined_by=approver.user)
    return TooLate(now_of(ports, action)) if moved is None else Declined(moved)


async def expire(ports: Ports, team: str, action_id: str, ref: str) -> Expired | TooLate | Refused:
    """Close a request that nobody agreed to; run by the occurrence `cancel.expire`."""
    action = ports.ledger.get(action_id, team)
    if action is None or action.kind != CANCEL:
        return GONE
    expired = await expire_if_late(ports, action, ref)
    return TooLate(now_of(ports, action)) if expired is None else Expired(expired)


async def _waiting(ports: Ports, approver: Actor, action_id: str, ref: str) -> Action | Expired | TooLate | Refused:
    """The request if it still waits and this person may decide about it."""
    action = ports.ledger.get(action_id, approver.team)
    if action is None or action.kind != CANCEL:
        return GONE
    if (expired := await expire_if_late(ports, action, ref)) is not None:
        return Expired(expired)
    if action.state != WAITING:
        return Expired(action) if action.state == EXPIRED else TooLate(action)
    return may_approve(ports.accounts, Actor(action.team, action.user), approver) or action
