"""Looking at what channels watch: a line for each change, posted once, and a word when it ends (DESIGN.md §6).

A regular look and one after a hint may meet, and either may die after it posted and before it noted that. So both take
the watch's lock, and both ask Slack for the line's key before they post.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError

from handlers.access import MEMBERS, Role
from handlers.cancel_message import draw
from handlers.context import Services
from handlers.render.message import Message
from handlers.render.watch_ended import CHANNEL_GONE, OWNER_GONE, told_to_owner, why_ended
from handlers.render.watching import Watched, change_line, watch_ended
from handlers.slack import not_here
from operations.accounts import QUIVO
from operations.cancel_looking import read_back
from operations.changes import CANCEL, REQUESTED, UNKNOWN
from operations.durable import Finished, Later
from operations.outcome import Refused
from operations.status import abilities
from operations.watching import EVERY, FINAL, LOOK, UNWATCHED, Change, Same, Stop, look, told
from store.occurrences import Occurrence
from store.watches import Watch

HINT = "order.hint"
_RECENT = timedelta(minutes=10)  # longer than from one look to the next, so that a line of a run that died is found
_SAID_ALREADY = {UNWATCHED, FINAL, "gone"}
_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def key_of(watch_id: str) -> str:
    """The key in the metadata of the message that began a watch; its thread is where the changes go."""
    return f"{LOOK}:{watch_id}"


def shown(watch: Watch) -> Watched:
    """A watch as it is drawn."""
    return Watched(watch.order_id, watch.reference, watch.last_status, watch.created_at, watch.user, watch.id)


async def run_look(services: Services, occurrence: Occurrence) -> Finished | Later:
    """Look once and post what is new; again in a while, until the last status or a permanent refusal (CHECKS F4)."""
    payload = occurrence.payload
    run = _Look(services, occurrence, payload["watch"], payload.get("thread"))
    ended = await run.once()
    if ended is not None:
        return Finished(ended)
    return Later(services.ports.now() + EVERY, {**payload, "thread": run.thread})


async def run_hint(services: Services, occurrence: Occurrence) -> Finished:
    """Quivo says that an order may have changed: look now at what waits for it, and believe only what is read."""
    ports, team, order_id = services.ports, occurrence.team, occurrence.payload["order_id"]
    for watch in ports.watches.of(team, QUIVO, order_id):
        await _Look(services, occurrence, watch.id).once()
    action = ports.ledger.open_for(CANCEL, team, QUIVO, str(order_id))
    if action is not None and action.state in (REQUESTED, UNKNOWN):
        outcome = await read_back(ports, team, action.id, occurrence.key[-8:])
        if not isinstance(outcome, Refused) and outcome.action.state != action.state:
            await draw(services, outcome.action)
    return Finished("looked")


@dataclass
class _Look:
    """One look at one watch; ``thread`` is None until it is known, and empty where there is none to post in."""

    services: Services
    occurrence: Occurrence
    watch_id: str
    thread: str | None = None

    async def once(self) -> str | None:
        """Why the watch is over, or None if it goes on."""
        async with _locks.setdefault(self.watch_id, asyncio.Lock()):
            watch = self.services.ports.watches.get(self.watch_id, self.occurrence.team)
            if watch is None:
                return "gone"
            if watch.stopped is None:
                await self._find_thread(watch)
                await self._check_owner(watch)
            return await self._looked(watch)

    async def _check_owner(self, watch: Watch) -> None:
        """Stop it where the owner may do nothing here any more; where Slack is silent, raise."""
        role = await self.services.directory.role(watch.team, watch.team, watch.user)
        if role is Role.UNKNOWN:
            raise TimeoutError("Slack does not say who watches")
        if role not in MEMBERS:
            await self.services.ports.watches.stop(watch.id, OWNER_GONE)

    async def _looked(self, watch: Watch) -> str | None:
        ports = self.services.ports
        match await look(ports, watch.team, watch.id):
            case Same():
                if not abilities(watch.last_status).final:
                    return None
                await ports.watches.stop(watch.id, FINAL)  # whoever posted the last line died before this
                return FINAL
            case Change() as change:
                return await self._changed(change)
            case Stop(reason=reason):
                if reason not in _SAID_ALREADY:
                    await self._tell_end(watch, reason)
                return reason

    async def _changed(self, change: Change) -> str | None:
        watch, order = change.watch, change.order
        profile = await self.services.directory.profile(watch.channel)
        moment = order.last_modified.isoformat() if order.last_modified else ""
        key = f"{key_of(watch.id)}:{change.before}>{change.after}:{moment}"
        if await self._say(watch, key, change_line(order, before=change.before, profile=profile)):
            await told(self.services.ports, change)
            return FINAL if change.final else None
        await self.services.ports.watches.stop(watch.id, CHANNEL_GONE)
        await self._tell_end(watch, CHANNEL_GONE)
        return CHANNEL_GONE

    async def _tell_end(self, watch: Watch, reason: str) -> None:
        """Say in the channel and to the owner that it stopped, each once."""
        key = f"{key_of(watch.id)}:ended"
        ended = watch_ended(shown(watch), why=why_ended(reason))
        said = reason != CHANNEL_GONE and await self._say(watch, key, ended)
        if reason == OWNER_GONE or (said and watch.channel.startswith("D")):
            return
        slack, since = self.services.slack, self.occurrence.due_at - _RECENT
        direct = await slack.direct(watch.user)
        if direct is None or await slack.posted(direct, key, since) is None:
            message = told_to_owner(shown(watch), channel=watch.channel, reason=reason)
            await slack.post(watch.user, message, key=key)

    async def _say(self, watch: Watch, key: str, message: Message) -> bool:
        """Post in the watch's thread unless it stands there already; False where the bot may not write any more."""
        await self._find_thread(watch)
        if await self._stands(watch, key):
            return True
        slack = self.services.slack
        return await slack.post(watch.channel, message, thread_ts=self.thread or None, key=key) is not None

    async def _find_thread(self, watch: Watch) -> None:
        if self.thread is None:
            self.thread = watch.thread_ts or await self._begun(watch) or ""

    async def _begun(self, watch: Watch) -> str | None:
        """The message that says that the watch has begun; None also where the bot may not read any more."""
        try:
            return await self.services.slack.posted(watch.channel, key_of(watch.id), watch.created_at)
        except SlackApiError as error:
            if not not_here(error):
                raise
            return None

    async def _stands(self, watch: Watch, key: str) -> bool:
        slack, since = self.services.slack, self.occurrence.due_at - _RECENT
        try:
            found = await slack.posted(watch.channel, key, since, thread_ts=self.thread or None)
        except SlackApiError as error:
            if not_here(error):
                return False
            if error.response.get("error") != "thread_not_found":
                raise
            self.thread = ""  # somebody deleted the message that it hung on
            found = await slack.posted(watch.channel, key, since)
        return found is not None


RUNNERS = {LOOK: run_look, HINT: run_hint}
