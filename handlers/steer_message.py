"""The message that says what came of steering a scheduled order: what changed, or honestly that nobody knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from backends.qpilot.order import ScheduledOrder
from handlers.change_message import profile_for, put
from handlers.context import Services
from handlers.render import steering as say
from handlers.render.failures import failure
from handlers.render.message import Message
from handlers.render.scheduled_states import name
from handlers.scheduled import ORDER_CARD
from handlers.slack import Posted
from operations.changes import DONE, SENDING, UNKNOWN, person
from operations.correction import Verdict
from operations.once import CUT_OFF
from operations.outcome import Done
from operations.packing import unpack
from operations.qpilot_looks import missing
from operations.scheduled import read
from operations.steer_changes import CHANGES, Cancel, Seen, change_of, seen_of, verdict
from store.ledger import Action

Draw = Callable[[Services, Action, Posted | None], Awaitable[None]]
STEER_CARD, LOOK_CARD = "steering", "scheduled_look"


@dataclass(frozen=True)
class Now:
    """The order as it was read since; ``visible`` is whether the change shows there, ``order`` None if it is gone."""

    order: ScheduledOrder | None
    visible: bool


async def draw(services: Services, action: Action, where: Posted | None = None, now: Now | None = None) -> None:
    """Make the message say what the ledger says now, at ``where`` if it was posted before; ``now`` if just read."""
    latest = services.ports.ledger.get(action.id, action.team) or action
    await put(services, latest, await picture(services, latest, now), where)


async def picture(services: Services, action: Action, now: Now | None = None) -> Message:
    """The message for the state that a change is in."""
    order_id, why = int(action.target), action.payload.get("why") or ""
    if action.state == DONE:
        return await _done(services, action, now or await _read(services, action))
    if action.state in (SENDING, UNKNOWN):
        card = await services.cards.put(LOOK_CARD, action.team, action.user, {"action": action.id})
        return say.unknown(order_id, action.kind, why=why or CUT_OFF, card_id=card.id, reference=action.reference)
    return failure(f"{name(order_id)} was not changed. {why}".strip(), action.reference)


async def _done(services: Services, action: Action, now: Now | None) -> Message:
    order_id, at = int(action.target), action.changed_at
    card = await services.cards.put(ORDER_CARD, action.team, action.user, {"order_id": order_id})
    if now is None or not now.visible:
        return say.accepted(order_id, by=action.user, at=at, card_id=card.id)
    profile, before = await profile_for(services, action), unpack(Seen, action.payload["before"])
    return say.steered(order_id, action.kind, before, now.order, profile, by=action.user, at=at, card_id=card.id)


async def _read(services: Services, action: Action) -> Now | None:
    """The order now, read with the connection of who asked; None if nobody could read it."""
    change = change_of(action.kind, action.payload["change"])
    found = await read(services.ports.qpilot, person(action), int(action.target))
    if missing(found) and isinstance(change, Cancel):
        return Now(None, True)
    if not isinstance(found, Done):
        return None
    before = unpack(Seen, action.payload["before"])
    return Now(found.value, verdict(change, before, seen_of(found.value)) is Verdict.DONE)


DRAWS: Mapping[str, Draw] = dict.fromkeys(CHANGES, draw)
"""By the kind of an action: how its message is made true after a crash (``handlers/checking.py``)."""
