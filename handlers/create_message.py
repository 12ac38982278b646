"""The message that says what came of an order that was sent to be made."""

from __future__ import annotations

from handlers.answers import ORDER_CARD
from handlers.change_message import profile_for, put
from handlers.context import Services
from handlers.render import creating as say
from handlers.render.build import button
from handlers.render.failures import failure
from handlers.render.message import Block, Message
from handlers.render.naming import Named
from handlers.render.orders import order_card
from handlers.slack import Posted
from operations.changes import DONE, SENDING, UNKNOWN, person
from operations.creating import CUT_OFF
from operations.orders import read
from operations.outcome import Done
from store.ledger import Action

CREATE_CARD = "create"


async def draw(services: Services, action: Action, where: Posted | None = None) -> None:
    """Make the message say what the ledger says now, at ``where`` if it was posted before."""
    latest = services.ports.ledger.get(action.id, action.team) or action
    await put(services, latest, await picture(services, latest), where)


async def picture(services: Services, action: Action) -> Message:
    """The message for the state that a new order is in; once it is there, with its card as it is now."""
    if action.state == DONE:
        return await _made(services, action)
    payload = {"action": action.id, "channel": action.payload.get("channel") or action.user}
    card = await services.cards.put(CREATE_CARD, action.team, action.user, payload)
    why = action.payload.get("why") or ""
    if action.state in (SENDING, UNKNOWN):
        return say.create_unknown(why=why or CUT_OFF, card_id=card.id, reference=action.reference)
    return failure(f"The order was not created. {why}".strip(), action.reference, actions=(reopen(card.id),))


async def _made(services: Services, action: Action) -> Message:
    order_id: int = action.payload["order_id"]
    card = await services.cards.put(ORDER_CARD, action.team, action.user, {"order_id": order_id})
    head = say.created(Named(order_id, action.payload["order"]["order_reference"]), card_id=card.id)
    found = await read(services.accounts, person(action), order_id)
    if not isinstance(found, Done):
        return head
    profile = await profile_for(services, action)
    whole = order_card(found.value, profile, card_id=card.id, asked_by=action.user, seen_at=services.now())
    return Message(f"{head.text}\n{whole.text}", (head.blocks[0], *whole.blocks))


def reopen(card_id: str) -> Block:
    """The button that brings a form back with everything that was typed."""
    return button("Open the form again", "create.reopen", card_id)
