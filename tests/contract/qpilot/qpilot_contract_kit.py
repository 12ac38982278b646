"""What the contract tests share: a client of a stand-in that listens, with tickets that really log in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest

from backends.errors import BackendError
from backends.http import BackendHttp, Limits
from backends.qpilot.auth import Credentials
from backends.qpilot.client import QpilotClient
from backends.qpilot.tickets import FreshTickets
from sandbox.qpilot import Qpilot, Switches
from sandbox.serving import serve

SITE, NOWHERE = 1113, 999_999
OPS = Credentials("ops@example.com", "demo-pilot", SITE)
FOR_101 = Credentials("ops@example.com", "demo-pilot", SITE, "Customer", "101")
CALM = Switches(rate_limit=False)


@asynccontextmanager
async def working(
    standin: Qpilot, credentials: Credentials = OPS, limits: Limits | None = None
) -> AsyncIterator[tuple[QpilotClient, FreshTickets]]:
    """A client of a stand-in that listens, and a fresh token for each of its requests."""
    served = await serve(standin.app())
    http = BackendHttp("qpilot", served.url, limits or Limits())
    client = QpilotClient(http)
    tickets = FreshTickets(lambda: client.login(credentials))
    try:
        yield client, tickets
    finally:
        await tickets.close()
        await http.close()
        await served.close()


def asked(standin: Qpilot) -> int:
    """How many requests came that were no logins."""
    return sum("/accesstokens/" not in seen.path.lower() for seen in standin.requests)


async def refused(work: Awaitable[object]) -> BackendError:
    """The error with which something ends."""
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value
