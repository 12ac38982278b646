"""Looking after a change that nobody came back to: run by the occurrence `order.check`, minutes after each sending."""

from __future__ import annotations

from collections.abc import Mapping

from operations import correcting, creating, qpilot_looks, vendo_looks
from operations.changes import ADDRESS, CREATE, EDIT, GONE, SENDING, UNKNOWN
from operations.once import Look, settle
from operations.outcome import Refused
from operations.ports import Ports
from store.ledger import Action

LOOKS: Mapping[str, Look] = {**vendo_looks.LOOKS, **qpilot_looks.LOOKS}
"""How to find out what became of a write at Vendo or QPilot, by the kind of its action."""


async def check(ports: Ports, team: str, action_id: str, ref: str) -> Action | Refused:
    """Find out what became of a change that is still ``sending`` (its process died) or ``unknown``; sends nothing.

    The action's state says it: done, not_done or, honestly, unknown. One that has ended is only handed back.
    """
    action = ports.ledger.get(action_id, team)
    if action is None:
        return GONE
    if action.state not in (SENDING, UNKNOWN):
        return action
    match action.kind:
        case kind if kind == CREATE:
            return await creating.settle(ports, action, ref)
        case kind if kind in (EDIT, ADDRESS):
            return await correcting.settle(ports, action, ref)
        case kind if kind in LOOKS:
            return await settle(ports, action, LOOKS[kind], ref)
        case _:
            return action
