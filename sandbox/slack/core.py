"""The workspace's state and ports in one place, without a rule of its own: every other module acts on it."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.slack import seed
from sandbox.slack.delivery import Answer, Envelope, Transport
from sandbox.slack.manifest import Manifest
from sandbox.slack.passes import Passes, ResponseUrl
from sandbox.slack.refusals import ApiError, RateLimited
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import TEAM, ApiCall, Channel, Impossible, Json, Member, Outcome
from sandbox.slack.views import Views

if TYPE_CHECKING:
    from sandbox.slack.files import StoredFile

BOT_TOKEN = "xoxb-sandbox-workspace-bot"  # noqa: S105 - opens nothing but this stand-in
APP_TOKEN = "xapp-1-A0SHIPCLK1-sandbox-workspace"  # noqa: S105
SIGNING_SECRET = "7d1f0c52a9e84b36c05e9f7a1b2d8e43"  # noqa: S105
_GLANCE_SECONDS = 0.02


@dataclass
class Limit:
    """The next `times` calls of a method (in one channel, if named) are answered 429."""

    method: str
    channel: str | None
    times: int
    retry_after: int


class Core:
    """Everything that is, and everything that happened; `changed` tells whoever listens."""

    def __init__(self, manifest: Manifest, clock: Clock | None = None, *, ack_seconds: float = 3.0) -> None:
        self.manifest = manifest
        self.clock = clock or Clock()
        self.ack_seconds = ack_seconds
        self.bot_token, self.app_token, self.signing_secret = BOT_TOKEN, APP_TOKEN, SIGNING_SECRET
        self.base_url = ""
        self.members: dict[str, Member] = seed.members(manifest.display_name)
        self.channels: dict[str, Channel] = seed.channels()
        self.screens = Views(self.clock)
        self.passes = Passes(self.clock)
        self.sockets = Sockets()
        self.transport: Transport = self.sockets
        self.calls: list[ApiCall] = []
        self.sent: list[Json] = []
        self.delivered: list[Envelope] = []
        self.limits: list[Limit] = []
        self.token_faults: dict[str, str] = {}
        self.files: dict[str, StoredFile] = {}
        self.usergroups: dict[str, list[str]] = {}
        self.listeners: set[asyncio.Queue[str]] = set()
        self.serial = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._last_micros = 0

    def stamp(self) -> str:
        """The next message time: a string of seconds with six decimals, never the same or earlier than one before."""
        self._last_micros = max(int(self.clock.now() * 1_000_000), self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def member(self, user: str) -> Member:
        """The member with this id; raises `Impossible` for a stranger."""
        if user not in self.members:
            raise Impossible(f"no member {user!r}")
        return self.members[user]

    def room(self, user: str, channel: str) -> Channel:
        """The channel as this member can enter it; raises `Impossible` if not a member of it."""
        if channel not in self.channels or user not in self.channels[channel].members:
            raise Impossible(f"{user!r} is not in {channel!r}")
        return self.channels[channel]

    def dm_of(self, user: str) -> Channel | None:
        """The direct message between this member and the bot."""
        rooms = (room for room in self.channels.values() if room.kind == "im" and user in room.members)
        return next(rooms, None)

    def need(self, scope: str) -> None:
        """Raises `missing_scope` unless the manifest asks for the scope."""
        if scope not in self.manifest.bot_scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.manifest.bot_scopes)))

    def obey_limits(self, method: str, channel: object) -> None:
        """Raises `RateLimited` if a limit was set for this call, and counts it."""
        for limit in self.limits:
            if limit.method == method and limit.channel in (None, channel) and limit.times > 0:
                limit.times -= 1
                raise RateLimited(limit.retry_after)

    def response_url(self, url: ResponseUrl) -> str:
        """The address behind which a response_url listens."""
        return f"{self.base_url}/hooks/{url.kind}/{TEAM}/{url.id}"

    def sends(self, kind: str, payload: Any, error: str | None = None) -> None:
        """Remembers what the app sent, valid or refused; valid things also go to the corpus folder if there is one."""
        self.sent.append({"kind": kind, "payload": payload, "error": error})
        folder = os.environ.get("SHIPCLERK_CORPUS")
        if folder and error is None:
            with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"kind": kind, "payload": payload}) + "\n")

    async def deliver(self, envelope: Envelope) -> Answer:
        """Sends one envelope by the transport in use; later changes of the workspace do not change what was sent."""
        envelope = replace(envelope, payload=copy.deepcopy(envelope.payload))
        self.delivered.append(envelope)
        answer = await self.transport.deliver(envelope, self.ack_seconds)
        self.changed(f"answer:{envelope.kind}")
        return answer

    def outcome(self, answer: Answer, error: str | None = None) -> Outcome:
        """What a member's act came to, its ack recorded; `error` says why an ack that came is of no use."""
        if answer.acked and answer.body not in (None, "", {}):
            self.sends("ack", answer.body, error)
        return Outcome(answer.acked, answer.error or error, answer.body)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs work beside the member's act; `shutdown` ends what is left."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def changed(self, what: str) -> None:
        """Tells every listener, e.g. `message:C0ORDERS01`, `view:U0ADA00001`, `home:U0ADA00001`, `call:chat.update`."""
        for queue in self.listeners:
            queue.put_nowait(what)

    def subscribe(self) -> asyncio.Queue[str]:
        """A queue of every change from now on; give it back with `unsubscribe`."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.listeners.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[str]) -> None:
        """Ends a subscription."""
        self.listeners.discard(queue)

    async def changes(self) -> AsyncIterator[str]:
        """Every change from the first step on, until the caller stops."""
        queue = self.subscribe()
        try:
            while True:
                yield await queue.get()
        finally:
            self.unsubscribe(queue)

    async def until(self, predicate: Callable[[], Any], timeout: float = 5) -> None:  # noqa: ASYNC109 - raises, as a deadline
        """Returns once the predicate holds, looking again at every change and 50 times a second.

        Raises `TimeoutError` after `timeout` s.
        """
        queue = self.subscribe()
        try:
            async with asyncio.timeout(timeout):
                while not predicate():
                    await self.stirs(queue, _GLANCE_SECONDS)
        finally:
            self.unsubscribe(queue)

    async def stirs(self, queue: asyncio.Queue[str], seconds: float) -> bool:
        """Whether anything changes within this time."""
        with contextlib.suppress(TimeoutError):
            return bool(await asyncio.wait_for(queue.get(), seconds))
        return False

    async def clock_reaches(self, moment: float) -> None:
        """Returns once the workspace's clock, which tests move, has come to `moment`."""
        while self.clock.now() < moment:  # noqa: ASYNC110 - the clock tells nobody that it was moved
            await asyncio.sleep(_GLANCE_SECONDS)

    async def shutdown(self) -> None:
        """Ends background work and hangs up every socket."""
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sockets.close()
