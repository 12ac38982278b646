"""Somebody left, or the app was taken out: what it kept of them goes, at once and all of it (CHECKS C11)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from operations import digesting
from operations.digest_run import BOT_REMOVED, OWNER_LEFT
from operations.linking import Actor
from operations.ports import Ports
from operations.watching import LOOK
from store.digests import ACTIVE
from store.errors import StoreError
from store.occurrences import Due

LEAVE = "leaving"
OWNER_GONE, UNINSTALLED = "owner_gone", "uninstalled"
AT_ONCE = 50  # a silent Vendo holds each up for three seconds, and a thousand people must be gone within a minute


@dataclass(frozen=True)
class Left:
    """What went: how many connections, and how many watches and digests stop."""

    connections: int
    watches: int
    digests: int


async def note(ports: Ports, delivery: str, team: str, user: str | None) -> bool:
    """Write down that a person left, or with None the whole team, so that it is done whatever happens now.

    False: this delivery was noted before.
    """
    return await ports.occurrences.add(Due(f"{LEAVE}:{delivery}", LEAVE, ports.now(), {"user": user}, team))


async def leave(ports: Ports, team: str, user: str | None, ref: str) -> Left:
    """Remove every connection and cart of a person, or of a whole team, and stop what ran with them.

    One that cannot be removed keeps no other from going; its StoreError is raised at the end, and all of this may be
    done again. A channel is told by the watch's next look and by a last run of the digest, which finds its owner gone;
    a team that took the app out can be told nothing.
    """
    watches = await _stop_watches(ports, team, user)
    digests = await _stop_digests(ports, team, user, ref)
    people = [user] if user is not None else ports.accounts.vault.people(team)
    room = asyncio.Semaphore(AT_ONCE)
    gone = await asyncio.gather(*(_removed(ports, Actor(team, one), room) for one in people), return_exceptions=True)
    for failure in gone:
        if isinstance(failure, BaseException):
            raise failure
    return Left(sum(number for number in gone if isinstance(number, int)), watches, digests)


async def _removed(ports: Ports, actor: Actor, room: asyncio.Semaphore) -> int:
    """How many of a person's connections went; StoreError, after all were tried."""
    number, failed = 0, None
    async with room:
        for link in ports.links().values():
            try:
                number += (await link.disconnect(actor)).connection is not None
            except StoreError as error:
                failed = error
    if failed is not None:
        raise failed
    return number


async def _stop_watches(ports: Ports, team: str, user: str | None) -> int:
    everyones = (one for one in ports.watches.all_open() if one.team == team)
    stopped = 0
    for watch in everyones if user is None else ports.watches.of_person(team, user):
        stopped += await ports.watches.stop(watch.id, OWNER_GONE if user else UNINSTALLED)
        if user is None:
            await ports.occurrences.drop(f"{LOOK}:{watch.id}")
    return stopped


async def _stop_digests(ports: Ports, team: str, user: str | None, ref: str) -> int:
    mine = ports.digests.in_team(team) if user is None else ports.digests.of_owner(team, user)
    stopped = 0
    for digest in mine:
        if user is not None and digest.state == ACTIVE:
            await digesting.run_now(ports, Actor(team, user), digest.id, ref)
            stopped += 1
        else:
            stopped += await digesting.stop(ports, digest, OWNER_LEFT if user else BOT_REMOVED, ref)
    return stopped
