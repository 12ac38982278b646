"""What came of one run of durable work, for the engine that ran it (DESIGN.md §6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Finished:
    """The occurrence is over; ``result`` is the word for its row (``requested``, ``cancelled``, ``stopped``)."""

    result: str


@dataclass(frozen=True)
class Later:
    """The occurrence comes again at ``at``, with a new payload if there is one."""

    at: datetime
    payload: dict[str, Any] | None = field(default=None, repr=False)


Run = Finished | Later
