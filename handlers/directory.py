"""Who people are and what kind of channel this is, as Slack says, remembered for a minute.

Slack takes about 50 ``conversations.info`` a minute (apis/slack.md §1), and digests may be due in 10,000 channels at
once: then one walk through the channels that the bot is in (``users.conversations``) tells of 999 at a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any, Generic, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers.access import Role, role_of
from handlers.render.profile import Profile
from handlers.slack import Slack

log = logging.getLogger("shipclerk.slack")
T = TypeVar("T")
Flags = dict[str, bool]
REMEMBERED_SECONDS, RENEWED_SECONDS = 60.0, 30.0
FEW = 5  # a minute: the rest of Slack's 50 is left to people, and to what no walk tells
FEW_PEOPLE = 20  # a minute: the rest of Slack's 100 is left to those who type
AT_ONCE = 4  # owners
OWNER_SECONDS = 600.0  # Slack tells by itself of who leaves (``user_change``), which stops what is theirs
_MOST = 20_000
_SHARED = ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared")
_FLAGS = (*_SHARED, "is_im", "is_private", "is_group", "is_mpim", "is_channel", "is_archived", "is_member")


class Remembered(Generic[T]):
    """A question's answers, each kept for a minute; two who ask at once share one question. None is not kept."""

    def __init__(self, ask: Callable[[str], Awaitable[T | None]], now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T | None]] = {}

    async def get(self, key: str, *, within: float | None = None, turns: asyncio.Semaphore | None = None) -> T | None:
        """The answer for this key, from memory (``within`` a minute) or asked anew (always, if within 0 seconds).

        Whoever gives ``turns`` waits for one before asking: several at a time only take each other's turns at Slack.
        """
        if self.age(key) < (REMEMBERED_SECONDS if within is None else within):
            return self._known[key][1]
        if turns is not None:
            async with turns:
                return await self.get(key, within=within)
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._fresh(key))
        return await asyncio.shield(self._asking[key])

    def age(self, key: str) -> float:
        """How many seconds ago the answer for this key came; infinite if there is none."""
        return self._now() - self._known[key][0] if key in self._known else inf

    def put(self, key: str, answer: T) -> None:
        """Remember an answer that came just now; if there are too many, the oldest is forgotten."""
        self._known.pop(key, None)
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known[key] = (self._now(), answer)

    async def _fresh(self, key: str) -> T | None:
        try:
            answer = await self._ask(key)
        finally:
            self._asking.pop(key, None)
        if answer is None:
            self._known.pop(key, None)
        else:
            self.put(key, answer)
        return answer


class Channels:
    """What Slack says of channels: a few a minute are asked for one by one, many are told by one walk.

    Only what no walk tells is then asked for by itself: a direct message, or a channel that the bot was removed from.
    """

    def __init__(self, slack: Slack, now: Callable[[], float]) -> None:
        self._slack = slack
        self._now = now
        self._memory = Remembered(self._ask, now)
        self._asked: deque[float] = deque(maxlen=FEW)
        self._walk: asyncio.Task[None] | None = None
        self._walked = -inf
        self._page = asyncio.Event()
        self._turns = asyncio.Semaphore(1)

    async def known(self, channel: str) -> Flags | None:
        """What was said within the last minute, or else is said now."""
        return await self._memory.get(channel)

    async def current(self, channel: str, *, fresh: bool) -> Flags | None:
        """What is said now; once too many were asked for within a minute, what was said within that minute."""
        now = self._now()
        if fresh or may_ask(self._asked, now):
            self._asked.append(now)
            return await self._memory.get(channel, within=0.0, turns=self._turns)
        if not channel.startswith("D"):
            await self._walked_to(channel)
        return await self._memory.get(channel, turns=self._turns)

    async def _ask(self, channel: str) -> Flags | None:
        found = await self._slack.channel(channel, strict=True)
        return None if found is None else flags_of(found)

    async def _walked_to(self, channel: str) -> None:
        """Begin a walk if one is due; where nothing is known, wait until it tells of this channel or ends."""
        if self._walk is None and is_walk_due(self._memory.age(channel), self._now() - self._walked):
            self._walk = asyncio.create_task(self._through())
        while self._walk is not None and self._memory.age(channel) >= REMEMBERED_SECONDS:
            await self._page.wait()

    async def _through(self) -> None:
        """One walk through all channels that the bot is in; one that fails tells as much as it came to know."""
        try:
            async for page in self._slack.joined():
                for channel in page:
                    self._memory.put(str(channel["id"]), flags_of(channel))
                self._turn()
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("channels not told error=%s", type(error).__name__)
        finally:
            self._walk, self._walked = None, self._now()
            self._turn()

    def _turn(self) -> None:
        """Wake those who wait for a page."""
        read, self._page = self._page, asyncio.Event()
        read.set()


class Directory:
    """Roles and channel classes for the one workspace that Shipclerk is installed in."""

    def __init__(self, slack: Slack, team: str, now: Callable[[], float] = time.monotonic) -> None:
        self._slack = slack
        self._team = team
        self._roles = Remembered(self._role, now)
        self._channels = Channels(slack, now)
        self._asked: deque[float] = deque(maxlen=FEW_PEOPLE)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._now = now

    async def role(self, team: str, home_team: str, user: str, *, fresh: bool = False) -> Role:
        """A person's role; somebody of another team is an outsider without asking, and UNKNOWN if Slack is silent.

        ``fresh`` asks Slack now: for what changes something, a minute is too long to remember (CHECKS B3).
        """
        if team != self._team or home_team != self._team:
            return Role.OUTSIDER
        return await self._roles.get(user, within=0.0 if fresh else None) or Role.UNKNOWN

    async def owner_role(self, team: str, user: str) -> Role:
        """The role of a run's owner as Slack says now, or said some minutes ago once too many runs ask."""
        if team != self._team:
            return Role.OUTSIDER
        now, within = self._now(), OWNER_SECONDS
        if may_ask(self._asked, now):
            self._asked.append(now)
            within = 0.0
        return await self._roles.get(user, within=within, turns=self._turns) or Role.UNKNOWN

    async def profile(self, channel: str | None) -> Profile:
        """The class of a channel; no channel is the person's own modal, and an unknown one counts as external."""
        if channel is None:
            return Profile.MODAL
        try:
            return profile_of(await self._channels.known(channel) or {})
        except SlackApiError:  # asked too often: the next delivery asks again
            return Profile.EXTERNAL

    async def channel(self, channel: str, *, fresh: bool = False) -> Flags | None:
        """The flags that are set on a channel, or None if Slack would not say; for a run, which can come again.

        They are those of now, unless many runs ask (``Channels``) and are content with the last minute's. That Slack
        was asked too often is its own SlackApiError, for nothing may be posted as if the channel were another's.
        """
        return await self._channels.current(channel, fresh=fresh)

    async def _role(self, user: str) -> Role | None:
        found = await self._slack.user(user)
        if found is None:
            return None
        return role_of(found) if found.get("team_id", self._team) == self._team else Role.OUTSIDER


def may_ask(asked: deque[float], now: float) -> bool:
    """Whether a run may ask Slack for itself alone: fewer did within the last minute than are remembered here."""
    return sum(now - at < REMEMBERED_SECONDS for at in asked) < (asked.maxlen or 0)


def is_walk_due(age: float, rested: float) -> bool:
    """Whether to walk: what is known grows old (so that nobody waits when it is), and the last walk is not recent."""
    return min(age, rested) >= RENEWED_SECONDS


def flags_of(channel: dict[str, Any]) -> Flags:
    """The flags that are set on a channel of the Web API, and no more of it, for thousands are remembered."""
    return {flag: True for flag in _FLAGS if channel.get(flag)}


def profile_of(channel: dict[str, Any]) -> Profile:
    """The class of a ``conversations.info`` channel; what is not plainly ours counts as external (DESIGN.md §4.6)."""
    if any(channel.get(flag) for flag in _SHARED):
        return Profile.EXTERNAL
    if channel.get("is_im"):
        return Profile.DIRECT
    if channel.get("is_private") or channel.get("is_group") or channel.get("is_mpim"):
        return Profile.PRIVATE
    return Profile.PUBLIC if channel.get("is_channel") else Profile.EXTERNAL
