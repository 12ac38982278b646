"""A person's linked account at a back end, without its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Connection:
    """One linked account; ``id`` is new at each connect, so that what belonged to an older one cannot come back."""

    id: str
    team: str
    user: str
    back_end: str
    account: str
    connected_at: datetime
    last_used_at: datetime | None
    keeps_password: bool
