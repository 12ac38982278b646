"""Lists of digests and how each of them is; from the store alone, so that Home is fast (issue 6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from operations.digest_wishes import lacks
from operations.linking import Actor
from operations.ports import Ports
from store.digests import PAUSED, STOPPED, Digest


class Health(StrEnum):
    """How a digest is: UNCONNECTED is active but would stop at its next run, for its owner lacks a connection."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    UNCONNECTED = "unconnected"


@dataclass(frozen=True)
class Listed:
    """A digest in a list; ``digest.next_at`` is its next run, ``lacks`` the back ends its owner has to connect."""

    digest: Digest
    health: Health
    lacks: tuple[str, ...] = ()


def mine(ports: Ports, actor: Actor) -> tuple[Listed, ...]:
    """This person's digests, oldest first."""
    return _listed(ports, ports.digests.of_owner(actor.team, actor.user))


def offered(ports: Ports, actor: Actor) -> tuple[Listed, ...]:
    """The digests that this person is asked to take over."""
    return _listed(ports, ports.digests.offered_to(actor.team, actor.user))


def of_channel(ports: Ports, team: str, channel: str) -> tuple[Listed, ...]:
    """A channel's digests."""
    return _listed(ports, ports.digests.in_channel(team, channel))


def of_team(ports: Ports, team: str) -> tuple[Listed, ...]:
    """All digests of a workspace, for its admins."""
    return _listed(ports, ports.digests.in_team(team))


def health(digest: Digest, missing: tuple[str, ...]) -> Health:
    """How it is, given the back ends that its owner has not connected."""
    if digest.state in (PAUSED, STOPPED):
        return Health(digest.state)
    return Health.UNCONNECTED if missing else Health.RUNNING


def _listed(ports: Ports, digests: list[Digest]) -> tuple[Listed, ...]:
    found = []
    for digest in digests:
        missing = lacks(ports, Actor(digest.team, digest.owner), digest.what)
        found.append(Listed(digest, health(digest, missing), missing))
    return tuple(found)
