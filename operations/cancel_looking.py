"""Looking again after a cancellation was sent, until the order's status says how it ended (DESIGN.md §4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backends.quivo.order import Order
from operations.accounts import Actor
from operations.cancel_rules import LONGEST_WAIT, LOOK_FOR, next_look, settled
from operations.changes import CANCEL, GAVE_UP, GONE, REQUESTED, UNKNOWN, move, now_of, person
from operations.orders import read
from operations.outcome import Done, Outcome, Reason, Refused
from operations.ports import Ports
from store.ledger import Action

LOOK = "cancel.look"


@dataclass(frozen=True)
class Settled:
    """There is nothing more to look for: ``action.state`` is cancelled, shipped_anyway, gave_up or an earlier end."""

    action: Action


@dataclass(frozen=True)
class NotYet:
    """Look again at ``next_at``, with ``looked`` handed back; ``why`` says what kept us from seeing the order."""

    action: Action
    next_at: datetime
    looked: int
    why: str | None = None


async def read_back(
    ports: Ports, team: str, action_id: str, ref: str, *, looked: int = 0, reader: Actor | None = None
) -> Settled | NotYet | Refused:
    """Look at the order once and say how it stands; with the clicker's connection (``reader``), else the requester's.

    ``looked`` is how often the occurrence `cancel.look` has looked before; after a day it gives up. Nothing is ever
    sent: an unknown cancellation that Quivo does not show stays unknown until then.
    """
    action = ports.ledger.get(action_id, team)
    if action is None or action.kind != CANCEL:
        return GONE
    if action.state not in (REQUESTED, UNKNOWN):
        return Settled(action)
    found = await read(ports.accounts, reader or person(action), action.payload["order_id"])
    to, why = _decide(action.state, found, own=reader is None)
    if to != action.state:
        action = await move(ports, action, to, ref, expect=(action.state,), why=why) or now_of(ports, action)
    wait = next_look(looked + 2)
    now = ports.now()
    over = wait is None or now - datetime.fromisoformat(action.payload["sent_at"]) >= LOOK_FOR
    if action.state in (REQUESTED, UNKNOWN) and over and reader is None:
        moved = await move(ports, action, GAVE_UP, ref, expect=(REQUESTED, UNKNOWN), why=why)
        action = moved or now_of(ports, action)
    if action.state not in (REQUESTED, UNKNOWN):
        return Settled(action)
    return NotYet(action, now + (wait or LONGEST_WAIT), looked + 1, why)


def _decide(state: str, found: Outcome[Order], *, own: bool) -> tuple[str, str | None]:
    """The state that a look leads to, and why nothing could be seen.

    A requester who can no longer look at all leaves it unknown; a moment without an answer changes nothing.
    """
    if isinstance(found, Done):
        order = found.value
        return settled(order) or (REQUESTED if order.cancel_requested else state), None
    permanent = isinstance(found, Refused) and found.reason is not Reason.NO_ANSWER
    return UNKNOWN if permanent and own else state, found.text
