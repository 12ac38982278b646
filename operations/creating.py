"""Creating an order, once, by its identifier (seed 001, apis/quivo.md §5.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from backends.errors import FieldError
from backends.quivo.create import check
from backends.quivo.new_order import NewOrder
from operations.accounts import QUIVO, Actor
from operations.changes import (
    CREATE,
    DONE,
    GONE,
    NOT_YOURS,
    REFUSED,
    SENDING,
    UNKNOWN,
    AlreadyBeing,
    audit_line,
    check_due,
    move,
    now_of,
    person,
)
from operations.finding import by_identifier
from operations.outcome import NOBODY_KNOWS, Done, Refused, Unknown
from operations.packing import pack, unpack
from operations.ports import Ports
from store.ledger import Action, new_action_id

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_IDENTIFIER = "orderIdentifier"
CUT_OFF = f"I was cut off while I sent it. {NOBODY_KNOWS}"
NOT_FOUND_YET = f"Quivo says that the identifier is taken, but I can't find the order. {NOBODY_KNOWS}"


@dataclass(frozen=True)
class Created:
    """The order is there, made by this action."""

    order_id: int
    action: Action


@dataclass(frozen=True)
class AlreadyThere:
    """An order with this identifier was there before; nothing was made."""

    order_id: int


@dataclass(frozen=True)
class InvalidInput:
    """What was entered is wrong; ``fields`` stand under Quivo's own names, and nothing was made or changed."""

    fields: tuple[FieldError, ...]


Made = Created | AlreadyThere | AlreadyBeing | InvalidInput | Refused | Unknown


def new_identifier(now: datetime) -> str:
    """An identifier for a new order: short, in the order of time, and not made twice (`SC261122-041205-7K3F9Q`)."""
    return f"SC{now.astimezone(UTC):%y%m%d-%H%M%S}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def target_of(order: NewOrder) -> str:
    """What a new order is claimed under in the ledger."""
    return f"{order.seller_id}:{order.order_identifier}"


async def create(
    ports: Ports, actor: Actor, order: NewOrder, ref: str, *, channel: str = "", look_after: bool = True
) -> Made:
    """Check, claim and send a new order, once.

    Unknown carries the action for ``again``. InvalidInput also for what Quivo itself refuses. An import, which looks
    after its own rows, needs no occurrence that does it (``look_after``).
    """
    if fields := check(order):
        return InvalidInput(fields)
    action_id, target = new_action_id(), target_of(order)
    claim = await ports.ledger.claim(
        kind=CREATE,
        team=actor.team,
        user=actor.user,
        back_end=QUIVO,
        target=target,
        state=SENDING,
        payload={"order": pack(order), "channel": channel},
        line=audit_line(ports, actor, ref, CREATE, target, SENDING, channel),
        due=check_due(ports, action_id, actor.team) if look_after else None,
        action_id=action_id,
    )
    if not claim.won:
        return AlreadyBeing(claim.action)
    return await _send(ports, claim.action, order, ref, before=False)


async def again(ports: Ports, actor: Actor, action_id: str, ref: str, *, look_after: bool = True) -> Made:
    """Go on after an unknown outcome: search the identifier, and only if it is not there send the same order once more.

    Only the person who asked may do it, with their own connection; ``look_after`` as for ``create``.
    """
    action = ports.ledger.get(action_id, actor.team)
    if action is None or action.kind != CREATE:
        return GONE
    if action.user != actor.user:
        return NOT_YOURS
    run = check_due(ports, action.id, action.team) if look_after else None
    sending = await move(ports, action, SENDING, ref, expect=(UNKNOWN,), due=run)
    if sending is None:
        return _how_it_ended(now_of(ports, action))
    order = unpack(NewOrder, action.payload["order"])
    found = await by_identifier(ports.accounts, actor, order.seller_id, order.order_identifier)
    match found:
        case Done(int(order_id)):
            return await _created(ports, sending, order_id, ref)
        case Done(_):
            return await _send(ports, sending, order, ref, before=True)
        case Refused() | Unknown():
            return await _unknown(ports, sending, f"{found.text} {NOBODY_KNOWS}", ref)


async def resume(ports: Ports, actor: Actor, order: NewOrder, ref: str, *, channel: str = "") -> Made:
    """Go on with an order whose sending was cut off: search it first, and send it only if it is not there.

    For the one who knows that nobody else is sending it: a run that took over from one that died.
    """
    action = ports.ledger.open_for(CREATE, actor.team, QUIVO, target_of(order))
    if action is not None and action.user != actor.user:
        return AlreadyBeing(action)
    if action is not None:
        await move(ports, action, UNKNOWN, ref, expect=(SENDING,), why=CUT_OFF)
        return await again(ports, actor, action.id, ref, look_after=False)
    found = await by_identifier(ports.accounts, actor, order.seller_id, order.order_identifier)
    if not isinstance(found, Done):
        return found
    if found.value is not None:
        return AlreadyThere(found.value)
    return await create(ports, actor, order, ref, channel=channel, look_after=False)


async def settle(ports: Ports, action: Action, ref: str) -> Action:
    """Find out about an order whose sending was cut off or stayed unknown, without sending anything."""
    order = unpack(NewOrder, action.payload["order"])
    found = await by_identifier(ports.accounts, person(action), order.seller_id, order.order_identifier)
    match found:
        case Done(int(order_id)):
            await _created(ports, action, order_id, ref)
        case Done(_):
            await move(ports, action, UNKNOWN, ref, expect=(SENDING,), why=CUT_OFF)
        case Refused() | Unknown():
            await move(ports, action, UNKNOWN, ref, expect=(SENDING,), why=f"{found.text} {NOBODY_KNOWS}")
    return now_of(ports, action)


async def _send(ports: Ports, action: Action, order: NewOrder, ref: str, *, before: bool) -> Made:
    """Send the order; ``before`` is whether it may have been sent before, so that it may be there by now."""
    quivo, actor = ports.accounts.quivo, person(action)
    outcome = await ports.accounts.change(actor, lambda session: quivo.create(session, order, request_id=ref))
    match outcome:
        case Done(order_id):
            return await _created(ports, action, order_id, ref)
        case Unknown(text):
            return await _unknown(ports, action, text, ref)
        case Refused(fields=fields) if any(one.field == _IDENTIFIER for one in fields):
            return await _taken(ports, action, order, outcome, ref, before=before)
        case Refused() if before and not outcome.fields:
            return await _unknown(ports, action, f"{outcome.text} {NOBODY_KNOWS}", ref)
        case Refused():
            return await _refused(ports, action, outcome, ref)


async def _taken(ports: Ports, action: Action, order: NewOrder, refusal: Refused, ref: str, *, before: bool) -> Made:
    """The identifier is taken: by our own earlier try, or by another order."""
    found = await by_identifier(ports.accounts, person(action), order.seller_id, order.order_identifier)
    order_id = found.value if isinstance(found, Done) else None
    if before:
        if order_id is not None:
            return await _created(ports, action, order_id, ref)
        return await _unknown(ports, action, NOT_FOUND_YET, ref)
    refused = await _refused(ports, action, refusal, ref)
    return refused if order_id is None else AlreadyThere(order_id)


async def _created(ports: Ports, action: Action, order_id: int, ref: str) -> Created:
    moved = await move(ports, action, DONE, ref, expect=(SENDING, UNKNOWN), order_id=order_id, why=None)
    return Created(order_id, moved or now_of(ports, action))


async def _unknown(ports: Ports, action: Action, text: str, ref: str) -> Unknown:
    moved = await move(ports, action, UNKNOWN, ref, expect=(SENDING,), why=text)
    return Unknown(text, moved or now_of(ports, action))


async def _refused(ports: Ports, action: Action, refusal: Refused, ref: str) -> InvalidInput | Refused:
    await move(ports, action, REFUSED, ref, expect=(SENDING, UNKNOWN), why=refusal.text)
    return InvalidInput(refusal.fields) if refusal.fields else refusal


def _how_it_ended(action: Action) -> Made:
    if action.state == DONE:
        return Created(action.payload["order_id"], action)
    return AlreadyBeing(action) if action.state == SENDING else GONE
