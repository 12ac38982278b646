"""The message that says what came of making a customer, a payment method, a product or a scheduled order (seed 004)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from handlers.change_message import profile_for, put
from handlers.context import Services
from handlers.render import founded as say
from handlers.render.failures import failure
from handlers.render.founding import METHOD_FORM, ORDER_FORM
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.scheduled import scheduled_card
from handlers.scheduled import ORDER_CARD
from handlers.slack import Posted
from handlers.steer_message import LOOK_CARD
from operations.changes import DONE, SENDING, UNKNOWN, person
from operations.founding import Founded
from operations.once import CUT_OFF
from operations.outcome import Done
from operations.ports import Ports
from operations.qpilot_looks import (
    NEW_CUSTOMER,
    NEW_ORDER,
    NEW_PAYMENT_METHOD,
    NEW_PRODUCT,
    new_order,
    new_payment_method,
)
from operations.scheduled import read
from store.ledger import Action

FOUND_CARD = "founding"
Draw = Callable[[Services, Action, Posted | None], Awaitable[None]]


async def draw(services: Services, action: Action, where: Posted | None = None, made: Founded | None = None) -> None:
    """Make the message say what the ledger says now, at ``where`` if it was posted before; ``made`` if just made."""
    latest = services.ports.ledger.get(action.id, action.team) or action
    await put(services, latest, await picture(services, latest, made), where)


async def picture(services: Services, action: Action, made: Founded | None = None) -> Message:
    """The message for the state that a new record is in; a scheduled order with its card as it is now."""
    profile, customer = await profile_for(services, action), action.payload.get("customer")
    if action.state == DONE:
        return await _made(services, action, profile, made or Founded(await _id(services.ports, action), action))
    chosen = action.payload.get("product") or (customer if action.kind == NEW_CUSTOMER else None)
    named, why = say.what(action.kind, chosen, customer, profile), action.payload.get("why") or ""
    if action.state in (SENDING, UNKNOWN):
        card = await services.cards.put(LOOK_CARD, action.team, action.user, {"action": action.id})
        return say.not_known(named, why=why or CUT_OFF, card_id=card.id, reference=action.reference)
    return failure(f"{named} was not created. {why}".strip(), action.reference)


async def _made(services: Services, action: Action, profile: Profile, made: Founded) -> Message:
    customer = action.payload.get("customer")
    named = say.what(action.kind, made.id, customer, profile)
    following = await next_steps(services, action, made)
    head = say.founded(named, by=action.user, visible=made.visible, following=following)
    if action.kind != NEW_ORDER or made.id is None:
        return head
    found = await read(services.ports.qpilot, person(action), int(made.id))
    if not isinstance(found, Done):
        return head
    card = await services.cards.put(ORDER_CARD, action.team, action.user, {"order_id": found.value.id, "drawn": True})
    whole = scheduled_card(found.value, profile, card_id=card.id, asked_by=action.user, seen_at=services.now())
    return Message(f"{head.text}\n{whole.text}", (head.blocks[0], *whole.blocks))


async def _id(ports: Ports, action: Action) -> str | None:
    """The id that was chosen, or the one that QPilot chose, as far as a look can tell."""
    if action.kind in (NEW_CUSTOMER, NEW_PRODUCT):
        return str(action.payload["customer" if action.kind == NEW_CUSTOMER else "product"])
    looked = await (new_order if action.kind == NEW_ORDER else new_payment_method)(ports, action)
    return str(looked.value) if isinstance(looked, Done) and looked.value is not None else None


async def next_steps(services: Services, action: Action, made: Founded) -> say.Next:
    """After a customer a payment method or a scheduled order; after a payment method a scheduled order with it."""
    customer = action.payload.get("customer")
    if action.kind not in (NEW_CUSTOMER, NEW_PAYMENT_METHOD) or not customer:
        return say.Next()
    order_values = {"customerId": customer}
    if action.kind == NEW_PAYMENT_METHOD and made.id:
        order_values["paymentMethodId"] = made.id
    here = {"channel": action.payload.get("channel") or action.user}
    payload = {"form": ORDER_FORM, "values": order_values, **here}
    order = await services.cards.put(FOUND_CARD, action.team, action.user, payload)
    if action.kind == NEW_PAYMENT_METHOD:
        return say.Next(order=order.id)
    payload = {"form": METHOD_FORM, "values": {"customerId": customer}, **here}
    method = await services.cards.put(FOUND_CARD, action.team, action.user, payload)
    return say.Next(method.id, order.id)


DRAWS: Mapping[str, Draw] = dict.fromkeys((NEW_CUSTOMER, NEW_PAYMENT_METHOD, NEW_PRODUCT, NEW_ORDER), draw)
"""By the kind of an action: how its message is made true after a crash (``handlers/checking.py``)."""
