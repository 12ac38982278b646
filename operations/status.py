"""What can still be done to an order, by its status (the table of seed 002)."""

from __future__ import annotations

from dataclasses import dataclass

from backends.quivo.order import CANCELLED, COMPLETED, PENDING, PROCESSING


@dataclass(frozen=True)
class Abilities:
    """Whether an order can be updated and cancelled; None means that we do not know this status."""

    update: bool | None
    cancel: bool | None
    final: bool


_TABLE = {
    PENDING: Abilities(update=False, cancel=True, final=False),
    PROCESSING: Abilities(update=True, cancel=True, final=False),
    COMPLETED: Abilities(update=False, cancel=False, final=True),
    CANCELLED: Abilities(update=False, cancel=False, final=True),
}
UNKNOWN = Abilities(update=None, cancel=None, final=False)


def abilities(status: str) -> Abilities:
    """What the status table allows; a status that is not in it allows nothing for certain (seed 002)."""
    return _TABLE.get(status, UNKNOWN)
