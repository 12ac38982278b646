"""Sending a cancellation that was held: everything checked again, one request, and the truth about it (CHECKS E2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from operations.accounts import Actor
from operations.approval_rules import APPROVE_WITHIN, EXPIRE, may_approve
from operations.cancel_looking import LOOK
from operations.cancel_rules import FIRST_LOOK, fingerprint, forbidden, needs_approval
from operations.changes import (
    CANCEL,
    GONE,
    HELD,
    REFUSED,
    REQUESTED,
    SENDING,
    UNKNOWN,
    WAITING,
    due,
    move,
    now_of,
    person,
)
from operations.orders import read
from operations.outcome import Done, Outcome, Reason, Refused, Unknown
from operations.ports import Ports
from store.ledger import Action

SEND = "cancel.send"
ROLLING_DAY = timedelta(days=1)

CHANGED = Refused(Reason.NO, "The order changed in the meantime, so I sent nothing. Please look at it and ask again.")
NOT_ALLOWED = Refused(Reason.NO, "The person who asked may no longer do this, so I sent nothing.")
NO_LONGER_AGREED = Refused(Reason.NO, "The person who agreed may no longer do so, so I sent nothing. Please ask again.")
CUT_OFF = "I was cut off while I sent it, so I do not know whether it was done."


@dataclass(frozen=True)
class Sent:
    """Where the cancellation is now: ``action.state``, and ``action.payload["why"]`` if there is something to say."""

    action: Action


@dataclass(frozen=True)
class _Needs:
    why: str


async def send(ports: Ports, team: str, action_id: str, ref: str, *, allowed: bool = True) -> Sent | Refused:
    """Send a held cancellation once; for the one who holds the lease of the occurrence `cancel.send`, and nobody else.

    Found in ``sending``, whoever began is gone: it becomes ``unknown`` and is looked after, and never sent again. In
    any other state but ``held`` nothing happens. ``allowed`` is whether the requester may still do this (CHECKS B3).
    """
    action = ports.ledger.get(action_id, team)
    if action is None or action.kind != CANCEL:
        return GONE
    if action.state == SENDING:
        return Sent(await _record(ports, action, Unknown(CUT_OFF), ref))
    if action.state != HELD:
        return Sent(action)
    objection = await _objection(ports, action) if allowed else NOT_ALLOWED
    if objection is not None:
        return Sent(await _kept_back(ports, action, objection, ref))
    sending = await move(ports, action, SENDING, ref, expect=(HELD,), sent_at=ports.now().isoformat(), why=None)
    if sending is None:
        return Sent(now_of(ports, action))
    order_id: int = action.payload["order_id"]
    quivo = ports.accounts.quivo
    outcome = await ports.accounts.change(
        person(action), lambda session: quivo.cancel_request(session, order_id, request_id=ref)
    )
    return Sent(await _record(ports, sending, outcome, ref))


def rank_of_next(ports: Ports, actor: Actor) -> int:
    """Which cancellation of this person's last 24 hours the next one is; 1 is the first."""
    return 1 + ports.ledger.count_recent(CANCEL, actor.team, actor.user, ports.now() - ROLLING_DAY)


async def _objection(ports: Ports, action: Action) -> Refused | _Needs | None:
    """What speaks against sending now: the order, the limits and the approver, each looked at again (CHECKS B3)."""
    found = await read(ports.accounts, person(action), action.payload["order_id"])
    if isinstance(found, Unknown):
        return Refused(Reason.NO_ANSWER, found.text)
    if isinstance(found, Refused):
        return found
    if (refusal := forbidden(found.value)) is not None:
        return refusal
    if fingerprint(found.value) != action.payload["seen"]:
        return CHANGED
    approver = action.payload.get("approved_by")
    if approver is not None:
        again = may_approve(ports.accounts, person(action), Actor(action.team, approver))
        return None if again is None else NO_LONGER_AGREED
    why = needs_approval(ports.preferences.get(action.team), found.value, _rank(ports, action))
    return None if why is None else _Needs(why)


def _rank(ports: Ports, action: Action) -> int:
    """Which of its day this one is; several asked at the same instant all count as the last of them (fail closed)."""
    after = action.created_at + timedelta(microseconds=1)
    since, later = (
        ports.ledger.count_recent(CANCEL, action.team, action.user, moment)
        for moment in (action.created_at - ROLLING_DAY, after)
    )
    return since - later


async def _kept_back(ports: Ports, action: Action, objection: Refused | _Needs, ref: str) -> Action:
    if isinstance(objection, Refused):
        moved = await move(ports, action, REFUSED, ref, expect=(HELD,), why=objection.text)
        return moved or now_of(ports, action)
    run = due(ports, EXPIRE, action.id, action.team, APPROVE_WITHIN)
    notes: dict[str, Any] = {"why": objection.why, "until": run.at.isoformat(), "run": run.key}
    return await move(ports, action, WAITING, ref, expect=(HELD,), due=run, **notes) or now_of(ports, action)


async def _record(ports: Ports, action: Action, outcome: Outcome[None], ref: str) -> Action:
    """Write down what came of it; a late answer also corrects what another run took for a crash."""
    to = {Done: REQUESTED, Refused: REFUSED, Unknown: UNKNOWN}[type(outcome)]
    why = None if isinstance(outcome, Done) else outcome.text
    run = None if to == REFUSED else due(ports, LOOK, action.id, action.team, FIRST_LOOK, looked=0)
    moved = await move(ports, action, to, ref, expect=(SENDING,), due=run, why=why)
    if moved is None and to != UNKNOWN:
        moved = await move(ports, action, to, ref, expect=(UNKNOWN,), why=why)
    return moved or now_of(ports, action)
