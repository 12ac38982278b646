"""What a person wants of a digest, checked before anything is kept (issue 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backends.errors import FieldError
from operations.digest_facts import Size, What, back_ends, named
from operations.linking import QPILOT, Actor, not_connected
from operations.outcome import Reason, Refused
from operations.ports import Ports
from operations.qpilot_accounts import MERCHANTS_ONLY
from operations.schedule import EVERY_DAY, is_zone
from store.digests import Fields

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True)
class Wish:
    """What was filled in for a digest, as it was chosen or typed; ``at`` is ``HH:MM``, ``days`` 0 (Monday) to 6."""

    channel: str
    what: tuple[str, ...]
    days: tuple[int, ...]
    at: str
    zone: str
    size: str

    def fields(self) -> Fields:
        """Each source and day once, in order, so that the same wish is always the same digest."""
        what = tuple(one.value for one in named(self.what))
        days = tuple(sorted(set(self.days)))
        return Fields(channel=self.channel, what=what, days=days, at=self.at, zone=self.zone, size=self.size)


def checked(wish: Wish) -> Refused | None:
    """What is wrong with it, field by field; None if nothing is."""
    fields = tuple(_wrong(wish))
    return Refused(Reason.NO, "Some of it can't be used.", fields, back_end="") if fields else None


def unfit(ports: Ports, actor: Actor, what: tuple[str, ...]) -> Refused | None:
    """Why this person's connections can't serve these sources; None if they can. No back end is asked."""
    for back_end in lacks(ports, actor, what):
        return not_connected(back_end)
    place = ports.qpilot.place(actor) if QPILOT in back_ends(named(what)) else None
    return MERCHANTS_ONLY if place is not None and place.scope != "Merchant" else None


def lacks(ports: Ports, actor: Actor, what: tuple[str, ...]) -> tuple[str, ...]:
    """The back ends of these sources that this person has not connected."""
    connected = {one.back_end for one in ports.accounts.connections(actor)}
    return tuple(one for one in back_ends(named(what)) if one not in connected)


def _wrong(wish: Wish) -> Iterator[FieldError]:
    if not wish.channel:
        yield FieldError("channel", "Choose a channel.")
    if not wish.what or not set(wish.what) <= set(What):
        yield FieldError("what", "Choose what it should tell.")
    if not wish.days or not set(wish.days) <= set(EVERY_DAY):
        yield FieldError("days", "Choose at least one day.")
    if not _TIME.fullmatch(wish.at):
        yield FieldError("at", "Write the time as 09:00.")
    if not is_zone(wish.zone):
        yield FieldError("zone", "I don't know this time zone.")
    if wish.size not in set(Size):
        yield FieldError("size", "Choose how much it should tell.")
