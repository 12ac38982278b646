"""Where each request's token comes from: a fresh one for each, as seed 004 asks, or one reused for some seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from backends.qpilot.auth import Token

Login = Callable[[], Awaitable[Token]]


class Tickets(Protocol):
    """A source of tokens for the requests of one connection; every request takes one."""

    async def take(self) -> Token:
        """The token for the request that is about to be sent; raises BackendError where the login fails."""

    def expect(self) -> None:
        """Say that another request will surely follow, so that its token can be fetched meanwhile."""

    def forget(self) -> None:
        """Say that QPilot no longer takes the token (401), so that it is not given out again."""


class FreshTickets:
    """A login for each request: as many logins as requests, and never a token that nobody uses (seed 004, step 1).

    ``login`` exchanges the connection's credentials for a token. What a login in the background raised is raised by the
    ``take`` that it was made for. Close it when the work is done.
    """

    def __init__(self, login: Login) -> None:
        self._login = login
        self._ahead: asyncio.Task[Token] | None = None

    async def take(self) -> Token:
        """The token that was expected, or that of a login now."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return await self._login()
        try:
            return await ahead
        finally:
            ahead.cancel()

    def expect(self) -> None:
        """Start one login in the background; at most one is ever outstanding."""
        if self._ahead is None:
            self._ahead = asyncio.ensure_future(self._login())

    def forget(self) -> None:
        """Nothing: no token is given out twice."""

    async def close(self) -> None:
        """Cancel a login that is outstanding, and hear its error so that nobody else has to."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


class ReusedTickets:
    """One login for all requests of so many seconds (``QPILOT_TOKEN_REUSE_SECONDS``, apis/qpilot.md §2.6).

    ``clock`` counts seconds; the token's age is counted from before its login.
    """

    def __init__(self, login: Login, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._login = login
        self._seconds = seconds
        self._clock = clock
        self._one = asyncio.Lock()
        self._kept: Token | None = None
        self._until = 0.0

    async def take(self) -> Token:
        """The token that is kept while it is young enough, or that of a login now; one login at a time."""
        async with self._one:
            if self._kept is None or self._clock() >= self._until:
                self._kept, until = None, self._clock() + self._seconds
                self._kept, self._until = await self._login(), until
            return self._kept

    def expect(self) -> None:
        """Nothing: the next request most likely uses the token that there is."""

    def forget(self) -> None:
        """Log in again for the next request."""
        self._kept = None

    async def close(self) -> None:
        """Forget the token."""
        self.forget()
