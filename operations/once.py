"""One write at a back end, once: claimed in the ledger, sent, judged by a look, looked after if cut off (DESIGN §4.4).

sending → done | refused | not_done | unknown → done | not_done | gave_up
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from operations.changes import (
    DONE,
    GAVE_UP,
    NOT_DONE,
    REFUSED,
    SENDING,
    UNKNOWN,
    AlreadyBeing,
    audit_line,
    check_due,
    move,
    now_of,
)
from operations.correction import Verdict
from operations.linking import Actor, Link
from operations.outcome import NOBODY_KNOWS, Done, Reason, Refused, Unknown
from operations.ports import Ports
from store.ledger import Action, Claim, new_action_id

S = TypeVar("S")
T = TypeVar("T")
Look = Callable[[Ports, Action], Awaitable[Verdict]]
"""Finds out, by reading with the connection of whoever asked, whether an action was done; its payload is all it has."""

CUT_OFF = f"I was cut off while I sent it. {NOBODY_KNOWS}"
_NOT_DONE = "I sent it and looked again: nothing has changed. You can ask again."


@dataclass(frozen=True)
class Write(Generic[S, T]):
    """What to send; ``notes`` is what ``Look`` needs, sealed in the ledger.

    ``target`` names what is changed: one write of a ``kind`` is open for it at a time. One that is not ``repeatable``
    (it may move money) is not sent again while nobody knows what became of the last.
    """

    kind: str
    target: str
    channel: str
    send: Callable[[S], Awaitable[T]]
    notes: dict[str, Any] = field(default_factory=dict, repr=False)
    repeatable: bool = True


@dataclass(frozen=True)
class Sent(Generic[T]):
    """It was done; ``value`` is what the back end answered, or None where only a look has shown it."""

    action: Action
    value: T | None


Once = Sent[T] | AlreadyBeing | Refused | Unknown


async def once(ports: Ports, link: Link[S], actor: Actor, write: Write[S, T], look: Look, ref: str) -> Once[T]:
    """Claim, send, and say what became of it; AlreadyBeing where another such write is open (CHECKS E1 to E3).

    What is asked for again because nobody knew, and now proves to be done, is that: if it is not repeatable, whoever
    asks has not seen the first one, and a second would be one too many.
    """
    claim = await _claim(ports, link, actor, write, ref)
    if not claim.won and claim.action.state == UNKNOWN:
        last = await _reconsider(ports, claim.action, write, look, ref)
        if last.state == DONE and not write.repeatable:
            return Sent(last, None)
        claim = await _claim(ports, link, actor, write, ref)
    if not claim.won:
        return AlreadyBeing(claim.action)
    return await _send(ports, link, actor, claim.action, write, look, ref)


async def settle(ports: Ports, action: Action, look: Look, ref: str) -> Action:
    """Find out about a write that was cut off or stayed unknown; sends nothing."""
    if action.state in (SENDING, UNKNOWN):
        await _judged(ports, action, await look(ports, action), ref, CUT_OFF)
    return now_of(ports, action)


async def _claim(ports: Ports, link: Link[S], actor: Actor, write: Write[S, T], ref: str) -> Claim:
    action_id = new_action_id()
    return await ports.ledger.claim(
        kind=write.kind,
        team=actor.team,
        user=actor.user,
        back_end=link.back_end,
        target=write.target,
        state=SENDING,
        payload={**write.notes, "channel": write.channel},
        line=audit_line(ports, actor, ref, write.kind, write.target, SENDING, write.channel),
        due=check_due(ports, action_id, actor.team),
        action_id=action_id,
    )


async def _reconsider(ports: Ports, action: Action, write: Write[S, T], look: Look, ref: str) -> Action:
    """Look at what stayed unknown before it is asked for again; what may move money stays in the way."""
    settled = await settle(ports, action, look, ref)
    if settled.state == UNKNOWN and write.repeatable:
        await move(ports, settled, GAVE_UP, ref, expect=(UNKNOWN,))
    return settled


async def _send(
    ports: Ports, link: Link[S], actor: Actor, action: Action, write: Write[S, T], look: Look, ref: str
) -> Once[T]:
    outcome = await link.change(actor, write.send)
    match outcome:
        case Done(value):
            done = await move(ports, action, DONE, ref, expect=(SENDING, UNKNOWN))
            return Sent(done or now_of(ports, action), value)
        case Refused():
            await move(ports, action, REFUSED, ref, expect=(SENDING, UNKNOWN), why=outcome.text)
            return outcome
        case Unknown():
            await _judged(ports, action, await look(ports, action), ref, outcome.text)
            return _said(now_of(ports, action), outcome.text)


def _said(action: Action, text: str) -> Sent[Any] | Refused | Unknown:
    if action.state == DONE:
        return Sent(action, None)
    if action.state == NOT_DONE:
        return Refused(Reason.NO_ANSWER, _NOT_DONE, back_end=action.back_end)
    return Unknown(text, action)


async def _judged(ports: Ports, action: Action, verdict: Verdict, ref: str, why: str) -> None:
    """Write down what a look has shown."""
    match verdict:
        case Verdict.DONE:
            await move(ports, action, DONE, ref, expect=(SENDING, UNKNOWN))
        case Verdict.NOT_DONE:
            await move(ports, action, NOT_DONE, ref, expect=(SENDING, UNKNOWN))
        case Verdict.UNKNOWN:
            await move(ports, action, UNKNOWN, ref, expect=(SENDING,), why=why)
