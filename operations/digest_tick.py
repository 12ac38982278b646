"""Once a minute: which digests are due, and one occurrence for each of their local dates (CHECKS F1, F2, F5).

A key is used once for ever, so a tick whose row came to an end (a replica of an older version claimed it and knew no
runner, say) could never be started again under one name. So each day (UTC) has a tick of its own, which hands over to
the next day's, and every start of a process makes sure of today's.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from operations.digest_facts import RunAsked, due_of, next_time, run_key, schedule_of
from operations.digesting import stop
from operations.durable import Finished, Later, Run
from operations.ports import Ports
from operations.schedule import missed
from store.digests import Advance, Digest
from store.occurrences import Due

TICK, NO_SCHEDULE = "digest.tick", "no_schedule"
EVERY = timedelta(minutes=1)
SOON = timedelta(seconds=1)
AT_ONCE = 50


async def ensure_tick(ports: Ports) -> bool:
    """At the start of a process: today's tick (UTC) is scheduled; False if it was before."""
    now = ports.now()
    return await ports.occurrences.add(Due(_key(ports), TICK, now, {}, ""))


async def tick(ports: Ports, key: str) -> Run:
    """Schedule the runs of all digests that are due; ``key`` is that of the tick's own occurrence.

    Runs that were missed are one, which says how many it stands for. Comes again when the next one is due, in a
    minute at most; on a new day it hands over to that day's tick.
    """
    if key < _key(ports):
        await ensure_tick(ports)
        return Finished("handed_over")
    await schedule_due(ports)
    now = ports.now()
    due = ports.digests.next_due() or now + EVERY
    return Later(max(min(due, now + EVERY), now + SOON))


async def schedule_due(ports: Ports) -> int:
    """An occurrence for every digest that is due by now, a batch to a transaction; how many digests were moved on."""
    now, moved = ports.now(), 0
    while due := ports.digests.due(now, AT_ONCE):
        steps = []
        for digest in due:
            try:
                steps.append(_step(digest, now))
            except (KeyError, ValueError):  # raised, it would keep all others from being told, for ever
                await stop(ports, digest, NO_SCHEDULE, digest.id[:8])
            await asyncio.sleep(0)  # reckoning with time zones takes its time, and somebody may be typing
        moved += await ports.digests.advance(steps)
    return moved


def _step(digest: Digest, now: datetime) -> Advance:
    """From all runs that are due to the first one after now; the last of them stands for the others."""
    due_at = digest.next_at or now
    runs, next_at = missed(schedule_of(digest), due_at, now), next_time(digest, now)
    if not runs:  # the rules of its zone have changed since
        return Advance(digest.id, due_at, next_at, None)
    last = runs[-1]
    key = run_key(digest, last.day)
    run = RunAsked(key, digest.id, digest.team, last.day, last.at, len(runs), runs[0].at)
    return Advance(digest.id, due_at, next_at, due_of(run))


def _key(ports: Ports) -> str:
    return f"{TICK}:{ports.now().date().isoformat()}"
