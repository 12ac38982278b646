"""How a digest is called everywhere: its sources, when it runs, how it is, and its short name."""

from __future__ import annotations

import base64
import hashlib
import re

from handlers.render.escape import plain
from handlers.render.states import State
from operations.digest_facts import Size, What
from operations.digesting import Health
from store.digests import Digest

SOURCES: dict[What, State] = {
    What.DUE_TODAY: State("▶️", "Scheduled orders due today"),
    What.DUE_TOMORROW: State("▶️", "Scheduled orders due tomorrow"),
    What.DUE_WEEK: State("▶️", "Scheduled orders due in seven days"),
    What.FAILED: State("⚠️", "Failed scheduled orders"),
    What.BY_STATUS: State("📦", "Orders by status"),
    What.STUCK: State("⌛", "Stuck orders"),
    What.CANCEL_REQUESTED: State("✋", "Orders with a cancel request"),
    What.SHIPPED: State("🚚", "Orders shipped since last time"),
}
SIZES = {
    Size.ONE_LINE: "One line",
    Size.SUMMARY: "Summary, with charts",
    Size.FULL: "Full, with a table of orders",
}
HEALTH = {
    Health.RUNNING: State("✅", "running"),
    Health.PAUSED: State("⏸️", "paused"),
    Health.STOPPED: State("⛔", "stopped"),
    Health.UNCONNECTED: State("⚠️", "without a connection"),
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHANNEL = re.compile("[CG][A-Z0-9]{2,30}")
_SHORT = 4
_ZONE = 60


def short(digest_id: str) -> str:
    """The four letters that a person types to name a digest; the same for as long as it lives."""
    return base64.b32encode(hashlib.sha256(digest_id.encode()).digest())[:_SHORT].decode().lower()


def source(name: str) -> State:
    """A source's symbol and words; one that we do not know (any more) by its own name."""
    return SOURCES[What(name)] if name in set(What) else State("❔", plain(name, _ZONE), is_known=False)


def title(digest: Digest) -> str:
    """What it is about, in one line: its sources by their words."""
    words = [source(name).word for name in digest.what]
    return ", ".join([*words[:1], *(word[:1].lower() + word[1:] for word in words[1:])]) or "Nothing"


def rhythm(digest: Digest) -> str:
    """When it runs: "weekdays at 09:00 (Europe/Berlin)"."""
    return f"{_days(digest.days)} at {plain(digest.at, 5)} ({plain(digest.zone, _ZONE)})"


def place_of(channel: str) -> str:
    """A channel in mrkdwn; a direct message has no name that others could read."""
    return f"<#{channel}>" if _CHANNEL.fullmatch(channel) else "a direct message"


def _days(days: tuple[int, ...]) -> str:
    named = tuple(sorted(set(days)))
    if named == (0, 1, 2, 3, 4, 5, 6):
        return "every day"
    if named == (0, 1, 2, 3, 4):
        return "weekdays"
    return ", ".join(f"{DAYS[day]}s" for day in named if 0 <= day < len(DAYS)) or "never"
