"""What the tests of ``backends/qpilot`` share: tickets that count, whole documents, and a way to catch a refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import respx

from backends.errors import BackendError
from backends.http import BackendHttp, Limits
from backends.qpilot.auth import Credentials, Token
from backends.qpilot.client import QpilotClient

URL = "http://qpilot.test"
SITE = 1113
PASSWORD, VALUE = "canary-password-1c9e", "canary-token-4d7a"
OPS = Credentials("ops@mail.example", PASSWORD, SITE)
FOR_107 = Credentials("ops@mail.example", PASSWORD, SITE, "Customer", "107")
FULL: dict[str, Any] = {
    "id": 208022,
    "siteId": 1113,
    "customerId": "107",
    "customer": {"id": "107", "email": "ada@mail.example", "firstName": "Ada", "lastName": "Quill"},
    "status": "Failed",
    "isActive": False,
    "nextOccurrenceUtc": "2026-01-05T08:00:00.000Z",
    "lastOccurrenceUtc": "2025-12-06T08:00:12.431Z",
    "nextOccurrenceOffset": None,
    "utcOffset": -5,
    "frequency": 30,
    "frequencyType": "Days",
    "frequencyDisplayName": "Every 30 days",
    "cycles": 6,
    "paymentMethodId": 10933,
    "paymentMethod": {
        "id": 10933,
        "type": "Stripe",
        "gatewayPaymentId": "pm_canary",
        "lastFourDigits": "4242",
        "expirationDate": "2026-08-31T00:00:00Z",
        "isDefault": True,
    },
    "currencyIso": "USD",
    "subtotal": 24.0,
    "shippingTotal": 5.0,
    "taxTotal": 0.0,
    "total": 29.0,
    "locked": False,
    "lastEditableDate": "2026-01-04T08:00:00.000Z",
    "processingErrorCode": 2000,
    "scheduledOrderFailureReason": "Stripe: Your card has insufficient funds.",
    "lastProcessingCycleId": "771204",
    "scheduledOrderItems": [
        {"id": 551, "productId": "100982", "quantity": 4, "price": 9.75, "salePrice": 6.0, "cycles": 6}
    ],
    "createdUtc": "2025-06-09T14:00:00.000Z",
    "updatedUtc": "2026-01-05T08:00:41.090Z",
}


@dataclass
class Counting:
    """Tickets of which each is another one; they remember what was wished of them."""

    taken: int = 0
    wishes: list[str] = field(default_factory=list)

    async def take(self) -> Token:
        """The next token."""
        self.taken += 1
        self.wishes.append("take")
        return Token(f"{VALUE}-{self.taken}")

    def expect(self) -> None:
        """Remember it."""
        self.wishes.append("expect")

    def forget(self) -> None:
        """Remember it."""
        self.wishes.append("forget")


@asynccontextmanager
async def qpilot(url: str = URL, limits: Limits | None = None, **more: Any) -> AsyncIterator[QpilotClient]:
    """A client that is closed at the end."""
    http = BackendHttp("qpilot", url, limits or Limits(), **more)
    try:
        yield QpilotClient(http)
    finally:
        await http.close()


async def refused(work: Awaitable[object]) -> BackendError:
    """The error with which something ends."""
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value


def sent(route: respx.Route) -> list[str]:
    """Method and target of every request."""
    return [f"{call.request.method} {call.request.url.raw_path.decode()}" for call in route.calls]


def bearers(route: respx.Route) -> list[str]:
    """The token of every request."""
    return [call.request.headers["authorization"].removeprefix("Bearer ") for call in route.calls]


def body(route: respx.Route) -> Any:
    """The last request's body."""
    content = route.calls.last.request.content
    return json.loads(content) if content else None


def pages(*pages: list[dict[str, Any]], **said: Any) -> list[httpx.Response]:
    """One answer for each page of a list."""
    return [httpx.Response(200, json={"items": rows, "totalPages": len(pages), **said}) for rows in pages]
