"""The process that the ledger's crash tests kill: does one of the jobs below and says each step once it is durable.

``python ledger_load.py <file> <keys> <job> <word>``; several of them may work on one file at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from store.audit import AuditLine
from store.database import Database
from store.envelope import Sealer
from store.imports import RowState, SqliteImports
from store.keyring import KeyRing
from store.ledger import SqliteLedger
from store.occurrences import Due, Occurrence, SqliteOccurrences

LEASE = timedelta(seconds=0.4)


@dataclass(frozen=True)
class Room:
    """What a job works with; ``word`` is its own name, number or id."""

    database: Database
    sealer: Sealer
    word: str


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def line(reference: str) -> AuditLine:
    return AuditLine(datetime.now(UTC), reference, "T1", "U1", "C1", "order.cancel", reference, "asked")


async def run_due(room: Room) -> None:
    """Claims and runs whatever is due, under its own name, until nothing is left."""
    occurrences = SqliteOccurrences(room.database, room.sealer)
    while occurrences.next_due() is not None:
        found = await occurrences.claim_due(owner=room.word, lease=LEASE, most=3)
        for one in found:
            say(f"claimed {one.key} {one.attempt} {one.lease_until.timestamp():.6f}")
        for one in found:
            await run(occurrences, one, room.word)
        if not found:
            await asyncio.sleep(0.01)


async def run(occurrences: SqliteOccurrences, one: Occurrence, owner: str) -> None:
    await asyncio.sleep(0.002)
    if await occurrences.done(one.key, owner, f"{owner}/{one.attempt}"):
        say(f"done {one.key} {owner}/{one.attempt}")


async def change(room: Room) -> None:
    """Claims actions and moves them on for ever, each step with its line and its next run."""
    await asyncio.gather(*(changes(room, f"{room.word}.{who}") for who in range(4)))


async def changes(room: Room, name: str) -> None:
    ledger = SqliteLedger(room.database, room.sealer)
    for turn in count():
        target = f"{name}.{turn}"
        claim = await ledger.claim(
            kind="order.cancel",
            team="T1",
            user="U1",
            back_end="quivo",
            target=target,
            state="held",
            payload={"step": "held"},
            line=line(f"{target}/held"),
            due=due(f"{target}/held"),
        )
        say(f"step {target}/held")
        for state, before in (("sending", "held"), ("requested", "sending"), ("cancelled", "requested")):
            step = f"{target}/{state}"
            await ledger.move(
                claim.action.id,
                expect=(before,),
                to=state,
                line=line(step),
                payload={"step": state},
                due=due(step),
            )
            say(f"step {step}")


def due(key: str) -> Due:
    return Due(key, "next", datetime.now(UTC), {"step": key}, "T1")


async def send_rows(room: Room) -> None:
    """Sends the rows of an import, one after the other; the back end is a file that remembers what it was sent."""
    imports, accepted = SqliteImports(room.database, room.sealer), room.database.path.with_name("accepted")
    for row in imports.rows(room.word, "sending"):  # nobody knows whether they were sent: never again
        known = str(row.number) in (accepted.read_text().split() if accepted.exists() else [])
        await imports.settle_row(room.word, row.number, "unknown", None, "no answer")
        if known:
            await imports.settle_row(room.word, row.number, "done", row.number, "found")
    for row in imports.rows(room.word, "ready"):
        if await imports.claim_row(room.word, row.number):
            say(f"sending {row.number}")
            with accepted.open("a") as file:
                file.write(f"{row.number}\n")
            say(f"sent {row.number}")
            await imports.settle_row(room.word, row.number, *outcome(row.number))
            say(f"settled {row.number}")
    await imports.finish(room.word)


def outcome(number: int) -> tuple[RowState, int | None, str]:
    return ("refused", None, "zip") if number % 28 == 0 else ("done", number, "")


JOBS: dict[str, Callable[[Room], Awaitable[None]]] = {"run_due": run_due, "change": change, "send_rows": send_rows}


async def main(path: Path, keys: str, job: str, word: str) -> None:
    database = Database.open(path)
    await JOBS[job](Room(database, Sealer(KeyRing.parse(keys)), word))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
