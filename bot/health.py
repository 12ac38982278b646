"""The health address: whether the process lives, whether it can work, and its metrics; no secret, nobody's data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

log = structlog.get_logger("shipclerk.health")
Check = Callable[[], Awaitable[str]]
Metrics = Callable[[], tuple[bytes, str]]
LOOK_SECONDS = 3.0
REMEMBERED_SECONDS = 2.0
_TOO_LONG = "no answer"


class Health:
    """``/health/live``, ``/health/ready`` and ``/metrics`` on an address of their own, in both modes.

    A check answers with what is wrong, in a word or two without any secret, or with an empty text. ``port`` 0 takes a
    free one; the real one stands there after ``start``.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        metrics: Metrics,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        patience: float = LOOK_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = dict(checks)
        self._metrics = metrics
        self._host, self.port = host, port
        self._patience = patience
        self._now = now
        self._runner: web.AppRunner | None = None
        self._looking = asyncio.Lock()
        self._looked: tuple[float, dict[str, str]] | None = None

    async def start(self) -> None:
        """Bind and answer; OSError if the port is taken."""
        app = web.Application()
        app.router.add_get("/health/live", self._live)
        app.router.add_get("/health/ready", self._ready)
        app.router.add_get("/metrics", self._scrape)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Answer nothing more."""
        if self._runner:
            await self._runner.cleanup()

    async def look(self) -> dict[str, str]:
        """What is wrong with each part, empty where nothing is; asked at most every two seconds, however many ask."""
        async with self._looking:
            if self._looked is None or self._now() - self._looked[0] >= REMEMBERED_SECONDS:
                said = await asyncio.gather(*(_asked(check, self._patience) for check in self._checks.values()))
                self._looked = self._now(), dict(zip(self._checks, said, strict=True))
            return self._looked[1]

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def _ready(self, _: web.Request) -> web.Response:
        parts = await self.look()
        wrong = {part: said for part, said in parts.items() if said}
        body = {"ready": not wrong, "parts": {part: said or "ok" for part, said in parts.items()}}
        if wrong:
            log.warning("not ready", **{f"part_{part}": said for part, said in wrong.items()})
        return web.json_response(body, status=503 if wrong else 200)

    async def _scrape(self, _: web.Request) -> web.Response:
        text, kind = self._metrics()
        return web.Response(body=text, headers={"Content-Type": kind})


async def _asked(check: Check, patience: float) -> str:
    """What a check says; of its exception only the type, for its text may hold an address with a password."""
    try:
        async with asyncio.timeout(patience):
            return await check()
    except TimeoutError:
        return _TOO_LONG
    except Exception as error:
        return type(error).__name__
