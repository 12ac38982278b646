"""Looking after orders that were made or corrected, should nobody be left who knows (`order.check`, DESIGN.md §6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from handlers import checkout_message, correct_message, create_message, scheduled_look
from handlers.change_message import find
from handlers.context import Services
from handlers.slack import Posted
from operations.changes import ADDRESS, CREATE, EDIT, NOT_DONE, REFUSED, UNKNOWN, person
from operations.checking import check
from operations.durable import Finished, Later
from operations.orders import read
from operations.outcome import Done, Refused
from store.ledger import Action
from store.occurrences import Occurrence

Draw = Callable[[Services, Action, Posted | None], Awaitable[None]]
LOOKS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))


async def run_check(services: Services, occurrence: Occurrence) -> Finished | Later:
    """Find out what became of a change, make its message true, and look again while it stays unknown."""
    payload, ports = occurrence.payload, services.ports
    before = ports.ledger.get(payload["action"], occurrence.team)
    action = await check(ports, occurrence.team, payload["action"], occurrence.key[-8:])
    if before is None or isinstance(action, Refused):
        return Finished("gone")
    if action.kind in DRAWS:
        await _tell(services, action, known=before.state == action.state and occurrence.attempt == 1)
    looked = payload.get("looked", 0)
    if action.state == UNKNOWN and looked < len(LOOKS):
        return Later(ports.now() + LOOKS[looked], {**payload, "looked": looked + 1})
    return Finished(action.state)


async def _tell(services: Services, action: Action, *, known: bool) -> None:
    """Draw the message; where its state was ``known`` before, only if Slack says that it never was posted."""
    if known and action.state in (REFUSED, NOT_DONE):
        return  # whoever asked was told at once, where they asked, and nobody else needs to know
    could_ask, where = await find(services, action)
    if known and (where is not None or not could_ask):
        return
    await DRAWS[action.kind](services, action, where)


async def _draw_corrected(services: Services, action: Action, where: Posted | None) -> None:
    found = await read(services.accounts, person(action), int(action.target))
    await correct_message.draw(services, action, found.value if isinstance(found, Done) else None, where)


DRAWS: Mapping[str, Draw] = {
    CREATE: create_message.draw,
    EDIT: _draw_corrected,
    ADDRESS: _draw_corrected,
    **checkout_message.DRAWS,
    **scheduled_look.DRAWS,
}
"""How the message about a change is drawn, by the kind of its action."""

RUNNERS = {"order.check": run_check}
