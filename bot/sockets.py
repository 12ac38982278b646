"""Socket Mode: slack-sdk's client, and a watch over it, because it can stay connected and deaf (DESIGN.md §5)."""

from __future__ import annotations

import asyncio
import time

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

log = structlog.get_logger("shipclerk.socket")
PING_SECONDS = 5.0
DEAF_SECONDS = 30.0


class SocketFront:
    """One Socket Mode connection, rebuilt from nothing when no frame has come for too long."""

    def __init__(
        self, bolt: AsyncApp, app_token: str, *, ping: float = PING_SECONDS, deaf_after: float = DEAF_SECONDS
    ) -> None:
        self._bolt = bolt
        self._token = app_token
        self._ping = ping
        self._deaf_after = deaf_after
        self._handler: AsyncSocketModeHandler | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, and keep watch."""
        await self._connect()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Disconnect, so that Slack sends nothing more to this process."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._disconnect()

    async def trouble(self) -> str:
        """What is wrong with the connection, in a few words; empty if it is up and frames come."""
        handler = self._handler
        if handler is None or not await handler.client.is_connected():
            return "not connected"
        return "nothing heard" if self._deaf() else ""

    async def _connect(self) -> None:
        self._since = time.time()
        self._handler = AsyncSocketModeHandler(self._bolt, self._token, ping_interval=self._ping)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def _disconnect(self) -> None:
        if self._handler:
            handler, self._handler = self._handler, None
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._deaf_after / 4)
            if self._deaf():
                log.warning("deaf, connecting anew")
                await self._disconnect()
                await self._connect()

    def _deaf(self) -> bool:
        heard = self._handler.client.last_ping_pong_time if self._handler else None
        return deaf(heard, self._since, time.time(), self._deaf_after)


def deaf(last: float | None, since: float, now: float, limit: float) -> bool:
    """Whether neither a pong nor a fresh connection is younger than the limit."""
    return now - max(last or 0.0, since) > limit
