"""Who people are and what kind of channel this is, as Slack says, remembered for a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from handlers.access import Role, role_of
from handlers.render.profile import Profile
from handlers.slack import Slack

T = TypeVar("T")
REMEMBERED_SECONDS = 60.0
_MOST = 10_000


class Remembered(Generic[T]):
    """A question's answers, each kept for a minute; two who ask at once share one question. None is not kept."""

    def __init__(self, ask: Callable[[str], Awaitable[T | None]], now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T | None]] = {}

    async def get(self, key: str, *, fresh: bool = False) -> T | None:
        """The answer for this key, from memory or (always, if ``fresh``) asked anew."""
        known = self._known.get(key)
        if known and not fresh and self._now() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._fresh(key))
        return await asyncio.shield(self._asking[key])

    async def _fresh(self, key: str) -> T | None:
        try:
            answer = await self._ask(key)
        finally:
            self._asking.pop(key, None)
        if answer is None:
            self._known.pop(key, None)
        else:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (self._now(), answer)
        return answer


class Directory:
    """Roles and channel classes for the one workspace that Shipclerk is installed in."""

    def __init__(self, slack: Slack, team: str, now: Callable[[], float] = time.monotonic) -> None:
        self._slack = slack
        self._team = team
        self._roles = Remembered(self._role, now)
        self._profiles = Remembered(self._profile, now)

    async def role(self, team: str, home_team: str, user: str, *, fresh: bool = False) -> Role:
        """A person's role; somebody of another team is an outsider without asking, and UNKNOWN if Slack is silent.

        ``fresh`` asks Slack now: for what changes something, a minute is too long to remember (CHECKS B3).
        """
        if team != self._team or home_team != self._team:
            return Role.OUTSIDER
        return await self._roles.get(user, fresh=fresh) or Role.UNKNOWN

    async def profile(self, channel: str | None) -> Profile:
        """The class of a channel; no channel is the person's own modal, and an unknown one counts as external."""
        if channel is None:
            return Profile.MODAL
        return await self._profiles.get(channel) or Profile.EXTERNAL

    async def _role(self, user: str) -> Role | None:
        found = await self._slack.user(user)
        if found is None:
            return None
        return role_of(found) if found.get("team_id", self._team) == self._team else Role.OUTSIDER

    async def _profile(self, channel: str) -> Profile | None:
        found = await self._slack.channel(channel)
        return None if found is None else profile_of(found)


def profile_of(channel: dict[str, Any]) -> Profile:
    """The class of a ``conversations.info`` channel; what is not plainly ours counts as external (DESIGN.md §4.6)."""
    if any(channel.get(flag) for flag in ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared")):
        return Profile.EXTERNAL
    if channel.get("is_im"):
        return Profile.DIRECT
    if channel.get("is_private") or channel.get("is_group") or channel.get("is_mpim"):
        return Profile.PRIVATE
    return Profile.PUBLIC if channel.get("is_channel") else Profile.EXTERNAL
