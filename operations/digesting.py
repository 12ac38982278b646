"""What people do with digests: make, change, pause, resume, hand over, delete, preview, run (issue 6, DESIGN.md §6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from operations.changes import audit_line
from operations.collecting import collect
from operations.digest_changes import changes, remembered
from operations.digest_facts import Collected, Delta, RunAsked, due_of, next_time, schedule_of
from operations.digest_lists import Health, Listed, mine, of_channel, of_team, offered
from operations.digest_wishes import Wish, checked, unfit
from operations.linking import Actor
from operations.outcome import Done, Reason, Refused
from operations.ports import Ports
from store.digests import ACTIVE, PAUSED, STOPPED, Digest, Fields, new_digest_id

__all__ = [
    "ACCEPT",
    "ACTIVE_ALREADY",
    "CHANGED",
    "DECLINE",
    "DELETE",
    "EDIT",
    "GONE",
    "NEW",
    "NOT_ACTIVE",
    "NOT_OFFERED",
    "NOT_YOURS",
    "OFFER",
    "OWN_OFFER",
    "PAUSE",
    "RESUME",
    "RUN_NOW",
    "STOP",
    "Health",
    "Listed",
    "Preview",
    "Wish",
    "accept",
    "decline",
    "delete",
    "edit",
    "mine",
    "new",
    "of_channel",
    "of_team",
    "offer",
    "offered",
    "pause",
    "preview",
    "record",
    "resume",
    "run_now",
    "stop",
]

NEW, EDIT, PAUSE, RESUME, DELETE = "digest.new", "digest.edit", "digest.pause", "digest.resume", "digest.delete"
OFFER, ACCEPT, DECLINE, STOP, RUN_NOW = "digest.offer", "digest.accept", "digest.decline", "digest.stop", "digest.run"


def _no(text: str, reason: Reason = Reason.NO) -> Refused:
    return Refused(reason, text, back_end="")


GONE = _no("There is no such digest any more.", Reason.NOT_FOUND)
NOT_YOURS = _no("This digest is not yours, so only its owner can do that.")
CHANGED = _no("Somebody else has just changed this digest. Please look at it again.")
NOT_OFFERED = _no("This digest is not offered to you.")
OWN_OFFER = _no("This digest is yours already.")
NOT_ACTIVE = _no("This digest does not run at the moment. Resume it first.")
ACTIVE_ALREADY = _no("This digest runs already.")


@dataclass(frozen=True)
class Preview:
    """What the digest would say now, for the person who asked and nobody else."""

    digest: Digest
    collected: Collected
    changes: tuple[Delta, ...]


async def new(ports: Ports, actor: Actor, wish: Wish, ref: str) -> Done[Digest] | Refused:
    """Make a digest that runs with this person's connections.

    Refused names the fields (``channel``, ``what``, ``days``, ``at``, ``zone``, ``size``), or the back end that has to
    be connected first.
    """
    no = checked(wish) or unfit(ports, actor, wish.what)
    if no is not None:
        return no
    when = wish.days, wish.at, wish.zone, wish.size
    typed = Digest(new_digest_id(), actor.team, actor.user, wish.channel, wish.what, *when, ports.now())
    made = replace(typed, **wish.fields())
    digest = replace(made, next_at=next_time(made, ports.now()))
    await ports.digests.add(digest, audit_line(ports, actor, ref, NEW, digest.id, ACTIVE, digest.channel))
    return Done(digest)


async def edit(ports: Ports, actor: Actor, digest_id: str, wish: Wish, ref: str) -> Done[Digest] | Refused:
    """Change what its owner likes of it; refused as for ``new``. An edit resumes nothing."""
    digest = _owned(ports, actor, digest_id)
    if isinstance(digest, Refused):
        return digest
    no = checked(wish) or unfit(ports, actor, wish.what)
    if no is not None:
        return no
    fields = wish.fields()
    after = replace(digest, **fields)
    if digest.state == ACTIVE and schedule_of(after) != schedule_of(digest):
        fields["next_at"] = next_time(after, ports.now())
    return await _change(ports, actor, digest, EDIT, ref, "edited", fields)


async def pause(ports: Ports, actor: Actor, digest_id: str, ref: str, *, admin: bool = False) -> Done[Digest] | Refused:
    """Post no more until it is resumed; its owner, or an admin."""
    digest = _owned(ports, actor, digest_id, admin=admin)
    if isinstance(digest, Refused):
        return digest
    if digest.state != ACTIVE:
        return NOT_ACTIVE
    return await _change(ports, actor, digest, PAUSE, ref, PAUSED, {"state": PAUSED, "next_at": None})


async def resume(ports: Ports, actor: Actor, digest_id: str, ref: str) -> Done[Digest] | Refused:
    """Go on after a pause or a stop, from the next due time; what was due meanwhile is not told."""
    digest = _owned(ports, actor, digest_id)
    if isinstance(digest, Refused):
        return digest
    if digest.state == ACTIVE:
        return ACTIVE_ALREADY
    no = unfit(ports, actor, digest.what)
    if no is not None:
        return no
    return await _change(
        ports,
        actor,
        digest,
        RESUME,
        ref,
        ACTIVE,
        {"state": ACTIVE, "next_at": next_time(digest, ports.now()), "reason": None},
    )


async def offer(ports: Ports, actor: Actor, digest_id: str, to: str, ref: str) -> Done[Digest] | Refused:
    """Ask a colleague to take it over; until they accept it stays the owner's. A second offer replaces the first."""
    digest = _owned(ports, actor, digest_id)
    if isinstance(digest, Refused):
        return digest
    if to == digest.owner:
        return OWN_OFFER
    return await _change(ports, actor, digest, OFFER, ref, "offered", {"offered_to": to})


async def accept(ports: Ports, actor: Actor, digest_id: str, ref: str) -> Done[Digest] | Refused:
    """Take over a digest that was offered, with connections of one's own to all its sources; a stopped one goes on."""
    digest = ports.digests.get(digest_id, actor.team)
    if digest is None:
        return GONE
    if digest.offered_to != actor.user:
        return NOT_OFFERED
    no = unfit(ports, actor, digest.what)
    if no is not None:
        return no
    fields: Fields = {"owner": actor.user, "offered_to": None}
    if digest.state == STOPPED:
        fields |= {"state": ACTIVE, "next_at": next_time(digest, ports.now()), "reason": None}
    return await _change(ports, actor, digest, ACCEPT, ref, "accepted", fields)


async def decline(ports: Ports, actor: Actor, digest_id: str, ref: str) -> Done[Digest] | Refused:
    """Say no to an offer, or take it back."""
    digest = ports.digests.get(digest_id, actor.team)
    if digest is None:
        return GONE
    if digest.offered_to is None or actor.user not in (digest.offered_to, digest.owner):
        return NOT_OFFERED
    return await _change(ports, actor, digest, DECLINE, ref, "declined", {"offered_to": None})


async def delete(
    ports: Ports, actor: Actor, digest_id: str, ref: str, *, admin: bool = False
) -> Done[Digest] | Refused:
    """Remove it, and give it back as it was; its owner, or an admin."""
    digest = _owned(ports, actor, digest_id, admin=admin)
    if isinstance(digest, Refused):
        return digest
    line = audit_line(ports, actor, ref, DELETE, digest.id, "deleted", digest.channel)
    return Done(digest) if await ports.digests.delete(digest, line) else CHANGED


async def preview(ports: Ports, actor: Actor, digest_id: str) -> Done[Preview] | Refused:
    """What it would say now; its owner only, for their connections are asked. Nothing is noted."""
    digest = _owned(ports, actor, digest_id)
    if isinstance(digest, Refused):
        return digest
    collected = await collect(ports, digest)
    return Done(Preview(digest, collected, changes(ports.digests.last(digest.id, digest.team), collected)))


async def run_now(ports: Ports, actor: Actor, digest_id: str, ref: str) -> Done[RunAsked] | Refused:
    """Post it once more as soon as can be, beside its schedule; a paused or stopped one does not run.

    One request runs it once: ``ref`` is in the key of its occurrence.
    """
    digest = _owned(ports, actor, digest_id)
    if isinstance(digest, Refused):
        return digest
    if digest.state != ACTIVE:
        return NOT_ACTIVE
    noted = await _change(ports, actor, digest, RUN_NOW, ref, "asked", {})
    if isinstance(noted, Refused):
        return noted
    now = ports.now()
    day = now.astimezone(ZoneInfo(digest.zone)).date()
    run = RunAsked(f"digest:{digest.id}:asked:{ref}", digest.id, digest.team, day, now, 1, now, actor.user)
    await ports.occurrences.add(due_of(run))
    return Done(run)


async def stop(ports: Ports, digest: Digest, reason: str, ref: str) -> bool:
    """Stop it for good after a permanent error, with its reason; False if it was stopped already (CHECKS F4)."""
    owner = Actor(digest.team, digest.owner)
    line = audit_line(ports, owner, ref, STOP, digest.id, reason, digest.channel)
    return await ports.digests.stop(digest.id, reason, line)


async def record(ports: Ports, digest: Digest, at: datetime, collected: Collected | None) -> bool:
    """Note that a run was posted, and its numbers for the next time; False if the digest is gone."""
    numbers = None if collected is None else remembered(ports.digests.last(digest.id, digest.team), collected)
    return await ports.digests.posted(digest.id, at, numbers)


def _owned(ports: Ports, actor: Actor, digest_id: str, *, admin: bool = False) -> Digest | Refused:
    digest = ports.digests.get(digest_id, actor.team)
    if digest is None:
        return GONE
    return digest if admin or digest.owner == actor.user else NOT_YOURS


async def _change(
    ports: Ports, actor: Actor, digest: Digest, kind: str, ref: str, outcome: str, fields: Fields
) -> Done[Digest] | Refused:
    line = audit_line(ports, actor, ref, kind, digest.id, outcome, fields.get("channel", digest.channel))
    changed = await ports.digests.change(digest, line, **fields)
    return CHANGED if changed is None else Done(changed)
