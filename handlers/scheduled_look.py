"""Looking again after nobody knew what became of a write at QPilot: its message is made true, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import found_message, steer_message
from handlers.answers import expired, patient, refuse
from handlers.change_message import clicked
from handlers.context import Context
from handlers.registry import Press
from handlers.render.steering import LOOK
from handlers.scheduled import ASKING
from handlers.shop_answers import tell
from handlers.steer_message import LOOK_CARD, Draw
from operations.changes import NOT_YOURS, SENDING, UNKNOWN
from operations.once import settle
from operations.qpilot_looks import LOOKS

DRAWS: Mapping[str, Draw] = {**steer_message.DRAWS, **found_message.DRAWS}
"""How the message about any write at QPilot is drawn, by the kind of its action."""


async def look(ctx: Context) -> str:
    """Look, for the person who asked and with their connection, and edit the message."""
    card = ctx.found_card(LOOK_CARD)
    action = ctx.services.ports.ledger.get(card.payload["action"], ctx.request.team) if card else None
    if action is None:
        return await expired(ctx)
    if action.user != ctx.request.user:
        return await refuse(ctx, NOT_YOURS)
    work = settle(ctx.services.ports, action, LOOKS[action.kind], ctx.reference)
    settled = await patient(ctx, work, ASKING)
    await DRAWS[settled.kind](ctx.services, settled, clicked(ctx.request))
    if settled.state in (SENDING, UNKNOWN):
        return await tell(ctx, "I looked again, and still do not know.", "Please look again later.", "unknown")
    return "done"


PRESSES = (Press(LOOK, look),)
