"""What was filled in for a digest, read into a wish; what is wrong is said under its input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from handlers.forms.values import Typed
from operations.digest_facts import Size, What
from operations.digesting import Wish
from operations.schedule import is_zone

WHAT, CHANNEL, DAYS, AT, ZONE, SIZE = "what", "channel", "days", "at", "zone", "size"
TO = "to"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAYS = frozenset("0123456")


def read_wish(values: Mapping[str, Any]) -> Wish | dict[str, str]:
    """The wish, or what is missing or odd by block_id; what came from no input of ours is refused alike."""
    typed = Typed(values)
    what, days = _ticked(values, WHAT), _ticked(values, DAYS)
    channel = typed.needed(CHANNEL, "Choose the channel that it is posted in.")
    at, zone, size = (typed.text(name) or "" for name in (AT, ZONE, SIZE))
    checks = (
        (WHAT, bool(what) and all(name in set(What) for name in what), "Choose at least one thing to tell."),
        (DAYS, bool(days) and _DAYS.issuperset(days), "Choose at least one day."),
        (AT, bool(_TIME.fullmatch(at)), "Choose a time."),
        (ZONE, is_zone(zone), "Choose a time zone, for example Europe/Berlin."),
        (SIZE, size in set(Size), "Choose how much it tells."),
    )
    typed.errors.update({name: said for name, fits, said in checks if not fits})
    if typed.errors:
        return typed.errors
    return Wish(channel, tuple(one.value for one in What if one in what), tuple(sorted(map(int, days))), at, zone, size)


def read_colleague(values: Mapping[str, Any]) -> str | dict[str, str]:
    """Whom the digest is offered to, or what is wrong by block_id."""
    typed = Typed(values)
    chosen = typed.needed(TO, "Choose a colleague.")
    return typed.errors or chosen


def _ticked(values: Mapping[str, Any], name: str) -> list[str]:
    given = values.get(name)
    return list(dict.fromkeys(map(str, given))) if isinstance(given, list) else []
