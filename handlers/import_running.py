"""The durable run of an import: batch by batch, shown as it goes, and its result handed over at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from handlers.access import MEMBERS, Role
from handlers.context import Services
from handlers.import_message import EVERY_SECONDS, draw, glance, hand_over, tell
from handlers.render.import_ends import no_file
from handlers.slack import Posted
from operations.durable import Finished, Later
from operations.importing import Batch, run_batch
from store.imports import Import
from store.occurrences import Occurrence

MOST_TRIES = 5
TRY_AGAIN = timedelta(seconds=10)
_MAY_NOT = "The person who brought the file may not use Shipclerk any more."


async def run(services: Services, occurrence: Occurrence) -> Finished | Later:
    """Send one more batch if the person may still do so (CHECKS B3); at the end say what came of every row."""
    one = services.ports.imports.get(occurrence.payload["import"], occurrence.team)
    if one is None:
        return Finished("gone")
    if one.state == "running" and not await _is_allowed(services, one):
        await services.ports.imports.stop(one.id)
    batch = await _shown_as_it_goes(services, one, _batch(services, occurrence))
    if batch is None:
        return Finished("gone")
    if isinstance(batch.next, Later):
        await glance(services, one, batch.why or "")
        return batch.next
    latest = services.ports.imports.get(one.id, one.team)
    if latest is None or latest.state in ("running", "preview"):
        return batch.next
    return await _end(services, latest, occurrence, batch)


async def _is_allowed(services: Services, one: Import) -> bool:
    """What Slack said of the person a minute ago at the most; the press that began it was checked at once."""
    role = await services.directory.role(one.team, one.team, one.user)
    if role is Role.UNKNOWN:
        raise TimeoutError("Slack does not say who asked")
    return role in MEMBERS


async def _batch(services: Services, occurrence: Occurrence) -> Batch | None:
    payload = occurrence.payload
    return await run_batch(
        services.ports,
        occurrence.team,
        payload["import"],
        payload["run"],
        run=payload["run"],
        again=payload["again"],
        crashed=occurrence.attempt > 1,
    )


async def _shown_as_it_goes(services: Services, one: Import, work: Awaitable[Batch | None]) -> Batch | None:
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=EVERY_SECONDS))[0]:
            await glance(services, one)
        return await task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _end(services: Services, one: Import, occurrence: Occurrence, batch: Batch) -> Finished | Later:
    """Draw how it ended, tell the person, and hand over the file; what Slack does not take is tried a few times."""
    payload = occurrence.payload
    first = occurrence.attempt == 1 and "told" not in payload
    why = payload.get("why") or batch.why or await _reason(services, one)
    await draw(services, one, why)
    told = Posted(*payload["told"]) if "told" in payload else None
    where = await tell(services, one, payload["run"], told, why, first=first)
    if await hand_over(services, one, payload["run"], where, first=first):
        return Finished(one.state)
    tries = payload.get("tries", 0) + 1
    if tries < MOST_TRIES:
        notes: dict[str, Any] = {"told": [where.channel, where.ts], "tries": tries, "why": why}
        return Later(services.ports.now() + TRY_AGAIN * tries, {**payload, **notes})
    await services.slack.post(where.channel, no_file(), thread_ts=where.ts)
    return Finished(one.state)


async def _reason(services: Services, one: Import) -> str:
    """Why it stopped by itself, where that is not the batch's doing."""
    return "" if one.state == "finished" or await _is_allowed(services, one) else _MAY_NOT
