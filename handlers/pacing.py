"""At most one message a second in a channel, which is what Slack takes (apis/slack.md §1, CHECKS F5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

EVERY_SECONDS = 1.0
_MANY = 10_000


class Pacer:
    """Hands out turns to post, in the order in which they are asked for; it remembers only turns that are to come."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._every = every
        self._next: dict[str, float] = {}
        self._tidy_at = _MANY

    def __len__(self) -> int:
        return len(self._next)

    def reserve(self, channel: str) -> float:
        """The next turn in this channel is the caller's; in how many seconds it comes."""
        if len(self._next) >= self._tidy_at:
            self._tidy()
        now = self._now()
        turn = max(self._next.get(channel, now), now)
        self._next[channel] = turn + self._every
        return turn - now

    async def turn(self, channel: str) -> None:
        """Wait for the next turn in this channel."""
        wait = self.reserve(channel)
        if wait > 0:
            await self._sleep(wait)

    def _tidy(self) -> None:
        """Forget channels that anybody may post to at once."""
        now = self._now()
        self._next = {channel: turn for channel, turn in self._next.items() if turn > now}
        self._tidy_at = max(_MANY, 2 * len(self._next))
