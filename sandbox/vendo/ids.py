"""UUIDs that are the same in every run, and moments as Vendo writes them (`apis/vendo.md` §1)."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

_SPACE = uuid.UUID("5f0a6a52-1f1e-5c53-9a3e-6a1a2f7f9d10")
_CHICAGO = timezone(timedelta(hours=-5))


@cache
def uid(kind: str, key: str) -> str:
    """Return the UUID of the thing of this kind that `key` names."""
    return str(uuid.uuid5(_SPACE, f"{kind}/{key}"))


def moment(at: float, *, offset: bool = False) -> str:
    """Write epoch seconds as ISO 8601 with milliseconds, in UTC (`Z`) or with the store's offset as seen live."""
    text = datetime.fromtimestamp(at, _CHICAGO if offset else UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
