"""The message that says what came of a correction: what changed, or honestly that nobody knows."""

from __future__ import annotations

from dataclasses import replace

from backends.quivo.edit import Edit
from backends.quivo.order import Order
from handlers.answers import ORDER_CARD
from handlers.change_message import profile_for, put
from handlers.context import Services
from handlers.render import correcting as say
from handlers.render.changes import Change, diff
from handlers.render.failures import failure
from handlers.render.message import Message
from handlers.slack import Posted
from operations.changes import DONE, SENDING, UNKNOWN
from operations.correcting import CUT_OFF
from operations.correction import Verdict, correction_of
from store.ledger import Action

CHANGE_CARD = "change"


async def draw(services: Services, action: Action, order: Order | None, where: Posted | None = None) -> None:
    """Make the message say what the ledger says now, with the ``order`` as it was read since; None if nobody could."""
    latest = services.ports.ledger.get(action.id, action.team) or action
    await put(services, latest, await picture(services, latest, order), where)


async def picture(services: Services, action: Action, order: Order | None) -> Message:
    """The message for the state that a correction is in."""
    named, at = order or Order(int(action.target), ""), action.changed_at
    if action.state == DONE:
        card = await services.cards.put(ORDER_CARD, action.team, action.user, {"order_id": named.order_id})
        changes = shown(action, order)
        if order is None or changes is None:
            return say.accepted(named, by=action.user, at=at, card_id=card.id)
        profile = await profile_for(services, action)
        return say.changed(order, changes, profile, by=action.user, at=at, card_id=card.id)
    why = action.payload.get("why") or ""
    if action.state in (SENDING, UNKNOWN):
        card = await services.cards.put(CHANGE_CARD, action.team, action.user, {"action": action.id})
        return say.change_unknown(named, why=why or CUT_OFF, card_id=card.id, reference=action.reference)
    return failure(f"Order {named.order_id} was not changed. {why}".strip(), action.reference)


def shown(action: Action, order: Order | None) -> tuple[Change, ...] | None:
    """What differs between the order before this correction and the order now; None if it does not show there."""
    correction = correction_of(action.kind, action.payload["correction"])
    seen = correction.unpacked(action.payload["before"])
    if order is None or correction.verdict(seen, order) is not Verdict.DONE:
        return None
    if isinstance(seen, Edit):
        attributes = seen.custom_attributes or ()
        was = replace(order, comment=seen.comment, tracking_enabled=seen.tracking_enabled, custom_attributes=attributes)
    else:
        was = replace(order, delivery_address=seen.delivery, invoice_address=seen.invoice)
    return diff(was, order)
