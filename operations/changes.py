"""What all changes of orders share: their kinds and states in the ledger, their audit lines, the answer to the second.

held → sending → requested → cancelled | shipped_anyway | gave_up           a cancellation
waiting_approval → held | expired | declined;  held, waiting_approval → undone
sending → done | refused | unknown → done | not_done | gave_up               any other change
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backends.quivo.order import Order
from operations.accounts import Actor
from operations.outcome import Reason, Refused
from operations.packing import pack
from operations.ports import Ports
from store.audit import AuditLine
from store.ledger import Action
from store.occurrences import Due

CANCEL, CREATE, EDIT, ADDRESS = "order.cancel", "order.create", "order.edit", "order.address"
WAITING, HELD, SENDING, REQUESTED, UNKNOWN = "waiting_approval", "held", "sending", "requested", "unknown"
DONE, REFUSED, NOT_DONE, UNDONE = "done", "refused", "not_done", "undone"
CANCELLED, SHIPPED, GAVE_UP = "cancelled", "shipped_anyway", "gave_up"
EXPIRED, DECLINED = "expired", "declined"

CHECK = "order.check"
CHECK_AFTER = timedelta(minutes=4)  # longer than two logins and two writes may take together (backends/http.py)

GONE = Refused(Reason.NOT_FOUND, "I no longer know anything about this. Please look at the order and ask again.")
NOT_YOURS = Refused(Reason.NO, "Somebody else asked for this, so only they can go on with it.")


@dataclass(frozen=True)
class AlreadyBeing:
    """Somebody was first: ``action`` is theirs, and nothing was sent for the second one (CHECKS E1)."""

    action: Action


@dataclass(frozen=True)
class Stale:
    """The order is no longer what the person saw; nothing was done (CHECKS E4)."""

    order: Order


def digest(*parts: object) -> str:
    """A short mark of some values, to tell later whether they have changed."""
    plain = json.dumps([pack(part) for part in parts], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def person(action: Action) -> Actor:
    """Who asked for it: whose connection sends it and looks after it (DESIGN.md §4.1)."""
    return Actor(action.team, action.user)


def audit_line(ports: Ports, actor: Actor, ref: str, kind: str, target: str, outcome: str, channel: str) -> AuditLine:
    """The audit's line about one step of a change."""
    return AuditLine(ports.now(), ref, actor.team, actor.user, channel, kind, target, outcome)


async def move(
    ports: Ports,
    action: Action,
    to: str,
    ref: str,
    *,
    expect: tuple[str, ...],
    by: Actor | None = None,
    due: Due | None = None,
    **notes: Any,
) -> Action | None:
    """Change an action's state with its audit line, ``notes`` added to its payload; None if somebody else moved it."""
    who = by or person(action)
    line = audit_line(ports, who, ref, action.kind, action.target, to, action.payload.get("channel", ""))
    payload = {**action.payload, **notes} if notes else None
    return await ports.ledger.move(action.id, expect=expect, to=to, line=line, payload=payload, due=due)


def now_of(ports: Ports, action: Action) -> Action:
    """The action as the ledger has it at this moment."""
    return ports.ledger.get(action.id, action.team) or replace(action, state="gone")


def due(ports: Ports, kind: str, action_id: str, team: str, after: timedelta, *, turn: str = "", **more: Any) -> Due:
    """Something to run for an action; ``turn`` tells runs of one kind for one action apart."""
    key = f"{kind}:{action_id}:{turn}" if turn else f"{kind}:{action_id}"
    return Due(key, kind, ports.now() + after, {"action": action_id, **more}, team)


def check_due(ports: Ports, action_id: str, team: str) -> Due:
    """A look at what became of a change, should nobody be left who knows; each sending has its own."""
    return due(ports, CHECK, action_id, team, CHECK_AFTER, turn=secrets.token_hex(4))


def due_at(action: Action) -> datetime | None:
    """Until when it is held or waits for approval."""
    until = action.payload.get("until")
    return datetime.fromisoformat(until) if until else None
