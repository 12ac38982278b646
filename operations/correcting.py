"""Correcting an order: comment, tracking and custom attributes, or an address (seed 002, apis/quivo.md §5.4, §5.5)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.quivo.address import AddressType, check_address
from backends.quivo.edit import Edit, check_edit
from backends.quivo.order import PENDING, Address, Order
from operations.accounts import QUIVO, Actor
from operations.changes import (
    DONE,
    GAVE_UP,
    GONE,
    NOT_DONE,
    REFUSED,
    SENDING,
    UNKNOWN,
    AlreadyBeing,
    Stale,
    audit_line,
    check_due,
    move,
    now_of,
    person,
)
from operations.correction import AddressChange, Correction, Edition, Verdict, correction_of, mark
from operations.creating import InvalidInput
from operations.orders import read
from operations.outcome import NOBODY_KNOWS, Done, Reason, Refused, Unknown
from operations.packing import pack
from operations.ports import Ports
from operations.status import abilities
from store.ledger import Action, Claim, new_action_id

CUT_OFF = f"I was cut off while I sent it. {NOBODY_KNOWS}"
NOT_CHANGED = Refused(Reason.NO_ANSWER, "I sent it and looked again: the order has not changed. You can ask again.")
_PENDING_ADVICE = (
    "It can't be changed while Quivo misses something to begin with. Complete it in Quivo's web app or ask Quivo, "
    "or cancel it and create it anew: `/order copy` takes over what it holds."
)
_FINAL_ADVICE = "It can no longer be changed. `/order copy` makes a new order like it."


@dataclass(frozen=True)
class Changed:
    """It was changed; ``after`` is the order as read again, or None if that failed.

    ``visible`` is whether the change shows there already (Quivo may take a moment); ``action`` is it in the ledger.
    """

    before: Order
    after: Order | None
    visible: bool
    action: Action


@dataclass(frozen=True)
class NotAllowed:
    """The status table forbids it; ``text`` says what to do instead."""

    order: Order
    text: str


Corrected = Changed | NotAllowed | Stale | AlreadyBeing | InvalidInput | Refused | Unknown


async def edit(
    ports: Ports, actor: Actor, order_id: int, change: Edit, ref: str, *, channel: str = "", seen: str | None = None
) -> Corrected:
    """Change comment, tracking or custom attributes; what is None in ``change`` stays as it is.

    ``seen`` is the ``mark`` of the order that the form was filled with; Stale if the order is another by now.
    """
    if fields := check_edit(change):
        return InvalidInput(fields)
    return await _correct(ports, actor, Edition(order_id, change), ref, channel, seen)


async def change_address(
    ports: Ports,
    actor: Actor,
    order_id: int,
    kind: AddressType,
    address: Address,
    ref: str,
    *,
    channel: str = "",
    seen: str | None = None,
) -> Corrected:
    """Replace the delivery address, the invoice address or both by a whole new one; ``seen`` as for ``edit``."""
    if fields := check_address(address, kind):
        return InvalidInput(fields)
    return await _correct(ports, actor, AddressChange(order_id, kind, address), ref, channel, seen)


def advice(order: Order) -> str | None:
    """What to do instead where the status table forbids a change; None where it does not, or where we do not know."""
    if abilities(order.status).update is not False:
        return None
    return _PENDING_ADVICE if order.status == PENDING else _FINAL_ADVICE


async def look_again(
    ports: Ports, actor: Actor, action_id: str, ref: str
) -> Changed | AlreadyBeing | Refused | Unknown:
    """Look at an order whose change stayed unknown, with the clicker's own connection, and say what became of it."""
    action = ports.ledger.get(action_id, actor.team)
    if action is None or not action.payload.get("correction"):
        return GONE
    if action.state == SENDING:
        return AlreadyBeing(action)
    found = await read(ports.accounts, actor, int(action.target))
    if not isinstance(found, Done):
        return Unknown(f"{found.text} {NOBODY_KNOWS}", action) if action.state == UNKNOWN else found
    if action.state == UNKNOWN:
        verdict = _verdict(action, found.value)
        action = await _judged(ports, action, verdict, ref, by=actor) or now_of(ports, action)
    match action.state:
        case "done":
            return Changed(found.value, found.value, True, action)
        case "unknown":
            return Unknown(action.payload.get("why") or CUT_OFF, action)
        case _:
            return NOT_CHANGED


async def settle(ports: Ports, action: Action, ref: str) -> Action:
    """Find out about a change that was cut off or stayed unknown, with the requester's connection; sends nothing."""
    found = await read(ports.accounts, person(action), int(action.target))
    verdict = _verdict(action, found.value) if isinstance(found, Done) else Verdict.UNKNOWN
    await _judged(ports, action, verdict, ref)
    return now_of(ports, action)


async def _correct(
    ports: Ports, actor: Actor, correction: Correction, ref: str, channel: str, seen: str | None
) -> Corrected:
    found = await read(ports.accounts, actor, correction.order_id)
    if not isinstance(found, Done):
        return found
    before = found.value
    if seen is not None and mark(before) != seen:
        return Stale(before)
    if (text := advice(before)) is not None:
        return NotAllowed(before, text)
    claim = await _claim(ports, actor, correction, before, ref, channel)
    if not claim.won and claim.action.state == UNKNOWN:
        await _supersede(ports, claim.action, before, actor, ref)
        claim = await _claim(ports, actor, correction, before, ref, channel)
    if not claim.won:
        return AlreadyBeing(claim.action)
    return await _send(ports, claim.action, correction, before, ref)


async def _claim(ports: Ports, actor: Actor, correction: Correction, before: Order, ref: str, channel: str) -> Claim:
    action_id, target = new_action_id(), str(correction.order_id)
    return await ports.ledger.claim(
        kind=correction.kind,
        team=actor.team,
        user=actor.user,
        back_end=QUIVO,
        target=target,
        state=SENDING,
        payload={"correction": pack(correction), "before": pack(correction.seen(before)), "channel": channel},
        line=audit_line(ports, actor, ref, correction.kind, target, SENDING, channel),
        due=check_due(ports, action_id, actor.team),
        action_id=action_id,
    )


async def _supersede(ports: Ports, action: Action, order: Order, actor: Actor, ref: str) -> None:
    """Close a change that stayed unknown: somebody looks at the order as it is now, and asks for something new."""
    judged = await _judged(ports, action, _verdict(action, order), ref, by=actor)
    if judged is None or judged.state == UNKNOWN:
        await move(ports, action, GAVE_UP, ref, expect=(UNKNOWN,), by=actor)


async def _send(ports: Ports, action: Action, correction: Correction, before: Order, ref: str) -> Corrected:
    actor, quivo = person(action), ports.accounts.quivo
    outcome = await ports.accounts.change(actor, lambda session: correction.send(quivo, session, ref))
    if isinstance(outcome, Refused):
        await move(ports, action, REFUSED, ref, expect=(SENDING, UNKNOWN), why=outcome.text)
        return InvalidInput(outcome.fields) if outcome.fields else outcome
    if isinstance(outcome, Done):
        action = await move(ports, action, DONE, ref, expect=(SENDING, UNKNOWN)) or now_of(ports, action)
    found = await read(ports.accounts, actor, correction.order_id)
    after = found.value if isinstance(found, Done) else None
    verdict = Verdict.UNKNOWN if after is None else correction.verdict(correction.seen(before), after)
    if isinstance(outcome, Done):
        return Changed(before, after, verdict is Verdict.DONE, action)
    action = await _judged(ports, action, verdict, ref, why=outcome.text) or now_of(ports, action)
    match action.state:
        case "done":
            return Changed(before, after, True, action)
        case "not_done":
            return NOT_CHANGED
        case _:
            return Unknown(outcome.text, action)


def _verdict(action: Action, order: Order) -> Verdict:
    correction = correction_of(action.kind, action.payload["correction"])
    return correction.verdict(correction.unpacked(action.payload["before"]), order)


async def _judged(
    ports: Ports, action: Action, verdict: Verdict, ref: str, *, by: Actor | None = None, why: str = CUT_OFF
) -> Action | None:
    """Write down what a look at the order has shown."""
    match verdict:
        case Verdict.DONE:
            return await move(ports, action, DONE, ref, expect=(SENDING, UNKNOWN), by=by)
        case Verdict.NOT_DONE:
            return await move(ports, action, NOT_DONE, ref, expect=(SENDING, UNKNOWN), by=by)
        case Verdict.UNKNOWN:
            return await move(ports, action, UNKNOWN, ref, expect=(SENDING,), by=by, why=why)
