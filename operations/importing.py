"""Importing orders from a file: a preview, then row by row, each claimed before it is sent (CHECKS E8)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from backends.quivo.new_order import NewOrder
from operations.accounts import QUIVO, Actor
from operations.changes import DONE, REQUESTED, AlreadyBeing, audit_line, move
from operations.creating import AlreadyThere, Created, InvalidInput, Made, create, resume
from operations.csv_orders import Row, Unusable, parse_csv
from operations.durable import Finished, Later
from operations.outcome import Reason, Refused, Unknown
from operations.packing import pack, unpack
from operations.ports import Ports
from store.imports import Import, ImportRow, Imports, RowState
from store.ledger import Action
from store.occurrences import Due

__all__ = ["Batch", "Row", "Unusable", "keep", "parse_csv", "run_batch", "start", "stop"]

IMPORT, RUN = "import", "import.run"
MOST_AT_ONCE = 20
PAUSE = timedelta(seconds=30)

ELSEWHERE = "Somebody else is creating an order with this identifier."
CUT_OFF = "I was cut off while I sent it, so I do not know whether it was created. Resume the import to find out."
ALREADY_THERE = "An order with this identifier was there already."
_locks: WeakKeyDictionary[Imports, asyncio.Lock] = WeakKeyDictionary()  # two presses on *Start* make one run
_NO_MORE = (Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN)


@dataclass(frozen=True)
class Batch:
    """How far an import is: rows by state, and what the engine does next; ``why`` says why it pauses or stopped."""

    counts: dict[RowState, int]
    next: Finished | Later
    why: str | None = None


class _Settled(NamedTuple):
    state: RowState
    order_id: int | None = None
    message: str = ""


@dataclass(frozen=True)
class _Halt:
    """The trouble is not the row's: it stays ready, and the import pauses or stops."""

    text: str
    stop: bool


async def keep(ports: Ports, actor: Actor, channel: str, rows: Iterable[Row]) -> str:
    """Keep what was read as a preview; nothing is sent before ``start``. Gives the import's id."""
    kept = [
        ImportRow(row.number, "ready", row.identifier, None, "", {"order": pack(row.order)})
        if row.order
        else ImportRow(row.number, "bad", row.identifier, None, row.why, {})
        for row in rows
    ]
    return await ports.imports.create(actor.team, actor.user, channel, kept)


async def start(ports: Ports, actor: Actor, import_id: str, ref: str) -> bool:
    """Start a preview or go on with a stopped import; False if it is not this person's, or is running or over.

    False too while a row is on its way from an earlier run: that run's end, or the one after its death, settles it.
    Rows that stayed unknown are searched by their identifiers, and sent once more only where nothing is found.
    """
    one = ports.imports.get(import_id, actor.team)
    if one is None or one.user != actor.user:
        return False
    async with _locks.setdefault(ports.imports, asyncio.Lock()):
        one = ports.imports.get(import_id, actor.team)
        if one is None or one.state not in ("preview", "stopped") or ports.imports.rows(import_id, "sending"):
            return False
        await _begin(ports, one, ref)
        payload = _payload(one, ref, [row.number for row in ports.imports.rows(import_id, "unknown")])
        run = Due(f"{RUN}:{import_id}:{ref}", RUN, ports.now(), payload, actor.team)
        return await ports.imports.resume(import_id, run)


async def stop(ports: Ports, actor: Actor, import_id: str, *, admin: bool = False) -> bool:
    """Stop an import: the person who started it, or an admin. The row that is being sent is finished."""
    one = ports.imports.get(import_id, actor.team)
    return one is not None and (admin or one.user == actor.user) and await ports.imports.stop(import_id)


async def _begin(ports: Ports, one: Import, run: str) -> None:
    """Note in the ledger which run is the one that goes on with this import; an earlier one then no longer does."""
    action = _running(ports, one)
    if action is not None:
        await move(ports, action, REQUESTED, run, expect=(REQUESTED,), run=run)
        return
    await ports.ledger.claim(
        kind=IMPORT,
        team=one.team,
        user=one.user,
        back_end=QUIVO,
        target=one.id,
        state=REQUESTED,
        payload={"run": run, "channel": one.channel},
        line=audit_line(ports, _person(one), run, IMPORT, one.id, REQUESTED, one.channel),
    )


def _running(ports: Ports, one: Import) -> Action | None:
    return ports.ledger.open_for(IMPORT, one.team, QUIVO, one.id)


def _is_current(ports: Ports, one: Import, run: str) -> bool:
    action = _running(ports, one)
    return action is not None and action.payload["run"] == run


async def run_batch(
    ports: Ports,
    team: str,
    import_id: str,
    ref: str,
    most: int = MOST_AT_ONCE,
    *,
    run: str,
    again: Sequence[int] = (),
    crashed: bool = False,
) -> Batch | None:
    """Send some rows, one after the other; for the one who holds the lease of the occurrence `import.run`.

    ``run`` and ``again`` are the payload's: which run this is (only the latest goes on), and rows to search by
    identifier before anything is sent. So are those that a run before this one left ``sending`` when it died
    (``crashed``: the occurrence's attempt is above 1). None: no such import.
    """
    one = ports.imports.get(import_id, team)
    if one is None:
        return None
    if not _is_current(ports, one, run):
        return Batch(ports.imports.counts(one.id), Finished("superseded"))
    cut_off = [row.number for row in ports.imports.rows(one.id, "sending")] if crashed else []
    if one.state != "running":
        await _leave(ports, one, cut_off)
        return Batch(ports.imports.counts(one.id), Finished(one.state))
    left = sorted({*again, *cut_off})
    first, rest = left[:most], left[most:]
    halt = await _look_back(ports, one, first, ref)
    if halt is not None:
        return await _next(ports, one, run, ref, halt, left)
    return await _next(ports, one, run, ref, await _go_on(ports, one, run, most - len(first), ref), rest)


async def _leave(ports: Ports, one: Import, numbers: Sequence[int]) -> None:
    """Nobody goes on with rows that were being sent: what became of them is unknown until the import is resumed."""
    for row in ports.imports.rows(one.id, "sending") if numbers else ():
        if row.number in numbers:
            await ports.imports.settle_row(one.id, row.number, "unknown", None, CUT_OFF)


async def _look_back(ports: Ports, one: Import, numbers: Sequence[int], ref: str) -> _Halt | None:
    """Find out about rows that may have been sent, and send only what is not there."""
    for row in ports.imports.rows(one.id) if numbers else ():
        if row.number not in numbers or row.state not in ("unknown", "sending"):
            continue
        made = await resume(ports, _person(one), _order(row), ref, channel=one.channel)
        settled = _judge(one, made, before=True)
        if isinstance(settled, _Halt):
            return settled
        await ports.imports.settle_row(one.id, row.number, *settled)
    return None


async def _go_on(ports: Ports, one: Import, run: str, most: int, ref: str) -> _Halt | None:
    """Send rows until there are no more, or until something is wrong that would be wrong with the next one too."""
    for row in ports.imports.rows(one.id, "ready")[: max(most, 0)]:
        if not _is_current(ports, one, run) or not await ports.imports.claim_row(one.id, row.number):
            continue
        made = await create(ports, _person(one), _order(row), ref, channel=one.channel, look_after=False)
        settled = _judge(one, made, before=False)
        if isinstance(settled, _Halt):
            await ports.imports.settle_row(one.id, row.number, "ready", None, "")  # it is known not done
            return settled
        await ports.imports.settle_row(one.id, row.number, *settled)
    return None


def _judge(one: Import, made: Made, *, before: bool) -> _Settled | _Halt:
    """What an outcome means for its row; ``before`` is whether the row may have been sent before."""
    match made:
        case Created(order_id):
            return _Settled("done", order_id)
        case AlreadyThere(order_id):
            return _Settled("done", order_id) if before else _Settled("refused", order_id, ALREADY_THERE)
        case AlreadyBeing(action):
            mine = action.user == one.user
            return _Settled("unknown", None, action.payload.get("why") or CUT_OFF) if mine else _refused(ELSEWHERE)
        case InvalidInput(fields):
            return _refused("; ".join(f"{flaw.field} {flaw.message}" for flaw in fields))
        case Unknown(text):
            return _Settled("unknown", None, text)
        case Refused(reason=reason, text=text):
            halts = reason is Reason.NO_ANSWER or reason in _NO_MORE
            return _Halt(text, stop=reason in _NO_MORE) if halts else _refused(text)


def _refused(text: str) -> _Settled:
    return _Settled("refused", None, text)


async def _next(ports: Ports, one: Import, run: str, ref: str, halt: _Halt | None, left: Sequence[int]) -> Batch:
    """What the engine does next; an import with unknown rows is stopped at its end, so that it can be resumed."""
    why = None if halt is None else halt.text
    counts = ports.imports.counts(one.id)
    over = halt is None and not left and not counts["ready"]
    if (halt is not None and halt.stop) or (over and counts["unknown"]):
        await ports.imports.stop(one.id)
    elif over and await ports.imports.finish(one.id) and (action := _running(ports, one)) is not None:
        await move(ports, action, DONE, ref, expect=(REQUESTED,))
    now = ports.imports.get(one.id, one.team) or one
    if now.state != "running":
        await _leave(ports, one, left)
        return Batch(ports.imports.counts(one.id), Finished(now.state), why)
    wait = PAUSE if halt is not None or over else timedelta(0)
    return Batch(counts, Later(ports.now() + wait, _payload(one, run, left)), why)


def _payload(one: Import, run: str, again: Sequence[int]) -> dict[str, Any]:
    return {"import": one.id, "run": run, "again": list(again)}


def _person(one: Import) -> Actor:
    return Actor(one.team, one.user)


def _order(row: ImportRow) -> NewOrder:
    return unpack(NewOrder, row.payload["order"])
