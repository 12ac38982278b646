"""What to do next with one run of a digest: pure decisions for whoever talks to Slack (DESIGN.md §6, CHECKS F2, F4).

first_step → Look → after_looking → Collect → after_collecting → Say → after_posting → Record
Any of them may be an End (nothing more is to be done), a Halt (it stops for good, and its people are told), or Wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from operations.digest_facts import Collected, RunAsked
from operations.outcome import Reason
from store.digests import ACTIVE, STOPPED, Digest

OWNER_LEFT, CHANNEL_GONE, BOT_REMOVED = "owner_left", "channel_gone", "bot_removed"
GONE, MERGED = "gone", "merged"
PERMANENT = frozenset({Reason.NOT_CONNECTED, Reason.LOGIN_AGAIN})


class Owner(StrEnum):
    """Whether the owner is still a member of the workspace who may have digests; SILENT when Slack does not say."""

    HERE = "here"
    LEFT = "left"
    SILENT = "silent"


@dataclass(frozen=True)
class End:
    """The run is over and nothing is posted; ``result`` is the word for its occurrence."""

    result: str


@dataclass(frozen=True)
class Wait:
    """Nobody can say for the moment; to be tried again."""

    why: str


@dataclass(frozen=True)
class Look:
    """Ask Slack for a message with the run's key before anything else: an earlier attempt may have posted it."""


@dataclass(frozen=True)
class Collect:
    """Ask the sources."""


@dataclass(frozen=True)
class Say:
    """Post what was collected."""

    collected: Collected


@dataclass(frozen=True)
class Record:
    """It stands in the channel since ``at``: note it; ``collected`` is None where an earlier attempt posted it."""

    at: datetime
    collected: Collected | None = None


@dataclass(frozen=True)
class Halt:
    """Stop the digest with this reason, and tell its owner once, then its channel once.

    ``text`` is what a source said, safe to show; empty where the reason says it all.
    """

    reason: str
    text: str = ""


def first_step(
    digest: Digest | None, run: RunAsked, owner: Owner, attempt: int, now: datetime
) -> End | Wait | Halt | Look | Collect:
    """Whether to run at all: not if it is gone, paused, stopped, or another run stands for this one by now.

    A run that stopped its digest and died before all were told is an attempt above 1: it halts once more.
    """
    if digest is None:
        return End(GONE)
    if digest.state != ACTIVE:
        return _not_active(digest, attempt)
    if run.by is None and (digest.run_key != run.key or _overdue(digest, now)):
        return End(MERGED)
    if owner is Owner.SILENT:
        return Wait("Slack does not say who the owner is")
    if owner is Owner.LEFT:
        return Halt(OWNER_LEFT)
    return Look() if attempt > 1 else Collect()


def after_looking(posted: datetime | None) -> Record | Collect:
    """What a look at Slack says: when the message was posted, or None."""
    return Collect() if posted is None else Record(posted)


def after_collecting(collected: Collected) -> Say | Halt:
    """Post it, unless a source is missing for want of the owner's connection: that does not pass by itself (F4)."""
    for one in collected.absent:
        if one.reason in PERMANENT:
            return Halt(one.reason.value, one.text)
    return Say(collected)


def after_posting(collected: Collected, posted: bool, reason: str = CHANNEL_GONE) -> Record | Halt:
    """Note it; where the bot may not write any more (archived, removed), the digest stops with ``reason``."""
    return Record(collected.as_of, collected) if posted else Halt(reason)


def _not_active(digest: Digest, attempt: int) -> End | Halt:
    told = digest.told_owner and digest.told_channel
    if digest.state == STOPPED and digest.reason is not None and attempt > 1 and not told:
        return Halt(digest.reason)
    return End(digest.state)


def _overdue(digest: Digest, now: datetime) -> bool:
    """Its next time has come as well, so that one run stands for both: the next one, which says that it is late."""
    return digest.next_at is not None and digest.next_at <= now
