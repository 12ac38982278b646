"""Running digests on the durable engine: look, collect, post with the run's key, record (DESIGN.md §6, CHECKS F2-F5).

What to do next is decided in ``operations/digest_run.py``; here it is done. A run that has to wait long for its turn in
a channel gives its place back, so that a channel with hundreds of digests keeps nothing else from running.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError

from handlers.access import MEMBERS, Role
from handlers.context import Services
from handlers.digest_lists import CARD, behind
from handlers.digest_posting import pacers, post
from handlers.directory import profile_of
from handlers.render.digest_ended import told_to_channel, told_to_owner
from handlers.render.digest_message import Lateness, Told, digest_message
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.slack import not_here
from operations import digesting
from operations.collecting import collect
from operations.digest_changes import changes
from operations.digest_facts import Collected, RunAsked, asked
from operations.digest_run import (
    BOT_REMOVED,
    CHANNEL_GONE,
    OWNER_LEFT,
    Collect,
    End,
    Halt,
    Look,
    Owner,
    Record,
    Say,
    Wait,
    after_collecting,
    after_looking,
    after_posting,
    first_step,
)
from operations.digest_tick import TICK, tick
from operations.durable import Finished, Later
from store.digests import ACTIVE, CHANNEL, OWNER, STOPPED, Digest
from store.occurrences import Occurrence

RUN = "digest.run"
PATIENCE_SECONDS = 2.0
_TURN = "turn"


async def run_tick(services: Services, occurrence: Occurrence) -> Finished | Later:
    """Schedule what is due, and come again."""
    return await tick(services.ports, occurrence.key)


async def run_digest(services: Services, occurrence: Occurrence) -> Finished | Later:
    """One run of one digest, once."""
    digest = services.ports.digests.get(occurrence.payload["digest"], occurrence.team)
    later = _queue(services, occurrence, digest)
    if later is not None:
        return later
    return await _Run(services, occurrence, asked(occurrence), digest).steps()


def _queue(services: Services, occurrence: Occurrence, digest: Digest | None) -> Later | None:
    """Come again when it is this run's turn in its channel; an attempt that may have posted does not go back."""
    payload = occurrence.payload
    if digest is None or occurrence.attempt > 1 or payload.get(_TURN):
        return None
    begin, _ = pacers(services)
    wait = begin.reserve(digest.channel)
    if wait <= PATIENCE_SECONDS:
        return None
    return Later(services.ports.now() + timedelta(seconds=wait), {**payload, _TURN: True})


@dataclass
class _Run:
    """One run: its steps in their order, whichever of them it begins or ends with."""

    services: Services
    occurrence: Occurrence
    run: RunAsked
    digest: Digest | None

    async def steps(self) -> Finished:
        now = self.services.ports.now()
        step = first_step(self.digest, self.run, await self._owner(), self.occurrence.attempt, now)
        if isinstance(step, Wait):
            raise TimeoutError(step.why)
        if isinstance(step, End) or self.digest is None:
            return Finished(step.result if isinstance(step, End) else "gone")
        return await self._go_on(step, self.digest)

    async def _go_on(self, step: Halt | Look | Collect, digest: Digest) -> Finished:
        following: Halt | Look | Collect | Record | Say | End = step
        if isinstance(following, Look):
            following = after_looking(await self._stands(digest.channel, self.occurrence.key))
        if isinstance(following, Collect):
            following = after_collecting(await collect(self.services.ports, digest))
        if isinstance(following, Say):
            following = await self._say(digest, following.collected)
        match following:
            case Record(at, collected):
                await digesting.record(self.services.ports, digest, at, collected)
                return Finished("posted")
            case Halt():
                await self._halt(digest, following)
                return Finished("stopped")
            case End(result):
                return Finished(result)
            case _:
                raise TypeError(type(following).__name__)

    async def _owner(self) -> Owner:
        """Whether the owner may still have digests, as Slack says now (CHECKS B3)."""
        digest = self.digest
        if digest is None or digest.state != ACTIVE:
            return Owner.HERE
        role = await self.services.directory.owner_role(digest.team, digest.owner)
        if role is Role.UNKNOWN:
            return Owner.SILENT
        return Owner.HERE if role in MEMBERS else Owner.LEFT

    async def _say(self, before: Digest, collected: Collected) -> Record | Halt | End:
        """Post what the channel's class may see now, unless somebody stopped it while it was collected."""
        ports = self.services.ports
        digest = ports.digests.get(before.id, before.team)
        if digest is None or digest.state != ACTIVE:
            return End("gone" if digest is None else digest.state)
        profile = profile_of(await self.services.directory.channel(digest.channel) or {})
        message = await self._message(digest, collected, profile)
        if await post(self.services, digest.channel, message, self.run.key) is not None:
            return after_posting(collected, True)
        return after_posting(collected, False, await self._why_closed(digest.channel))

    async def _why_closed(self, channel: str) -> str:
        """Why the bot may not write there any more, as Slack says now."""
        shown = await self.services.directory.channel(channel, fresh=True)
        is_out = shown is not None and not shown.get("is_archived") and not shown.get("is_member")
        return BOT_REMOVED if is_out else CHANNEL_GONE

    async def _message(self, digest: Digest, collected: Collected, profile: Profile) -> Message:
        ports, run = self.services.ports, self.run
        card = await self.services.cards.put(CARD, digest.team, digest.owner, behind(digest, collected))
        late = Lateness(run.missed, run.since) if run.late(ports.now()) else None
        differs = changes(ports.digests.last(digest.id, digest.team), collected)
        return digest_message(Told(digest, collected, differs, late, run.by), profile, card_id=card.id)

    async def _halt(self, before: Digest, halt: Halt) -> None:
        """Stop it, and tell its owner once, then its channel once; who cannot be reached counts as told."""
        ports = self.services.ports
        await digesting.stop(ports, before, halt.reason, self.occurrence.key[-8:])
        digest = ports.digests.get(before.id, before.team)
        if digest is None or digest.state != STOPPED:
            return
        if not digest.told_owner:
            if halt.reason != OWNER_LEFT:
                await self._tell(digest.owner, told_to_owner(digest, halt.reason, halt.text))
            await ports.digests.told(digest.id, OWNER)
        if not digest.told_channel:
            if not digest.channel.startswith("D"):
                await self._tell(digest.channel, told_to_channel(digest, halt.reason))
            await ports.digests.told(digest.id, CHANNEL)

    async def _tell(self, where: str, message: Message) -> None:
        """Post it unless an earlier attempt did; ``where`` is a channel or a person."""
        key = f"{self.occurrence.key}:ended"
        if self.occurrence.attempt > 1:
            channel = await self.services.slack.direct(where) if where.startswith(("U", "W")) else where
            if channel and await self._stands(channel, key):
                return
        await post(self.services, where, message, key)

    async def _stands(self, channel: str, key: str) -> datetime | None:
        """When an earlier attempt posted it; None if it did not, or where the bot has no place any more."""
        try:
            ts = await self.services.slack.posted(channel, key, self.occurrence.due_at)
        except SlackApiError as error:
            if not not_here(error):
                raise
            return None
        return None if ts is None else datetime.fromtimestamp(float(ts), UTC)


RUNNERS = {TICK: run_tick, RUN: run_digest}
