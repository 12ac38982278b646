"""The messages of an import: one in the channel that is edited as it goes, and its result for the person alone.

After a crash nobody knows what was posted: then Slack is asked before anything is posted again (DESIGN.md §6).
"""

from __future__ import annotations

import asyncio
import logging
import time
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers.context import Services
from handlers.forms.results import result_csv
from handlers.render import import_ends as ends
from handlers.render import importing as say
from handlers.render.message import Message
from handlers.slack import Posted
from operations.accounts import QUIVO
from operations.importing import IMPORT
from store.imports import Import
from store.ledger import Action

log = logging.getLogger("shipclerk.imports")
EVERY_SECONDS = 1.5  # chat.update is for 50 a minute (apis/slack.md §1)

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
_drawn: dict[str, float] = {}


async def draw(services: Services, one: Import, why: str = "", *, first: bool = False) -> None:
    """Make the message say what the store says now; ``first`` where it cannot have been posted before."""
    lock = _locks.setdefault(one.id, asyncio.Lock())
    async with lock:
        latest = services.ports.imports.get(one.id, one.team)
        if latest is None or latest.state == "preview":
            return
        _drawn[one.id] = time.monotonic()
        message = picture(services, latest, why)
        ts = latest.message_ts or (None if first else await _found(services, latest))
        if ts is None:
            posted = await services.slack.post(latest.channel, message, key=f"{IMPORT}:{latest.id}")
            ts = posted.ts if posted else None
        else:
            await services.slack.update(latest.channel, ts, message)
        if ts and ts != latest.message_ts:
            await services.ports.imports.shown(latest.id, ts)
        if latest.state != "running":
            _drawn.pop(one.id, None)


async def glance(services: Services, one: Import, why: str = "") -> None:
    """Draw it unless that was just done; a message that can't be drawn now must not hold up the work."""
    if not why and time.monotonic() - _drawn.get(one.id, float("-inf")) < EVERY_SECONDS:
        return
    try:
        await draw(services, one, why)
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("progress not shown error=%s", type(error).__name__)


def picture(services: Services, one: Import, why: str = "") -> Message:
    """The message for the state that an import is in; its buttons carry its own id, as random as a card's."""
    counts: say.Counts = {str(state): number for state, number in services.ports.imports.counts(one.id).items()}
    if one.state == "finished":
        return say.finished(counts, by=one.user)
    if one.state == "running":
        shown = say.progress(counts, by=one.user, card_id=one.id)
        return ends.waiting(shown, why) if why else shown
    stopper = stopped_by(services, one)
    if stopper and not why:
        return say.stopped(counts, by=one.user, stopped_by=stopper, card_id=one.id)
    return ends.halted(counts, by=one.user, why=why, card_id=one.id)


def action_of(services: Services, one: Import) -> Action | None:
    """What the ledger knows of an import that is not over."""
    return services.ports.ledger.open_for(IMPORT, one.team, QUIVO, one.id)


def stopped_by(services: Services, one: Import) -> str | None:
    """Who stopped the run that was the last one; nobody if it stopped by itself."""
    action = action_of(services, one)
    if action is None or action.payload.get("stopped_run") != action.payload["run"]:
        return None
    return str(action.payload["stopped_by"])


async def _found(services: Services, one: Import) -> str | None:
    return await services.slack.posted(one.channel, f"{IMPORT}:{one.id}", one.created_at)


async def tell(services: Services, one: Import, run: str, told: Posted | None, why: str, *, first: bool) -> Posted:
    """Say to the person alone what came of a run, beneath which the result file goes; where it was said.

    In their direct message with the bot the message that showed the progress says it already.
    """
    if told is not None:
        return told
    if one.channel.startswith("D") and one.message_ts:
        return Posted(one.channel, one.message_ts)
    key = f"{IMPORT}.result:{one.id}:{run}"
    found = None if first else await _told(services, one, key)
    posted = found or await services.slack.post(one.user, ends.record(picture(services, one, why)), key=key)
    if posted is None:
        raise TimeoutError("Slack has no direct message with this person now")
    return posted


async def _told(services: Services, one: Import, key: str) -> Posted | None:
    direct = await services.slack.direct(one.user)
    ts = await services.slack.posted(direct, key, one.created_at) if direct else None
    return Posted(direct, ts) if direct and ts else None


async def hand_over(services: Services, one: Import, run: str, where: Posted, *, first: bool) -> bool:
    """Put the result file beneath its message, once; False if Slack does not take it now."""
    name = f"import-{run.lower()}.csv"
    if not first and await services.slack.shared(where, name):
        return True
    content = await asyncio.to_thread(result_csv, services.ports.imports.rows(one.id))
    return await services.slack.share(where, name, content)
