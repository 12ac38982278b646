"""Faults that can be switched on: what goes wrong between a client and QPilot, and for how many requests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web

from sandbox.qpilot import answers

FaultKind = Literal[
    "400", "404", "409", "429", "500", "503", "504", "html", "empty", "close", "slow",
    "accept_then_500", "accept_then_close", "accept_202", "expire_then",
]  # fmt: skip

_MESSAGES = {
    "429": "Too Many Requests",
    "500": "An error has occurred.",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}
_REFUSALS = {
    "400": "Request cannot be processed",
    "404": "Scheduled Order not found",
    "409": "Scheduled Order cannot be changed at the moment",
}
_PAGE = "<!doctype html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"

Work = Callable[[], web.Response]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for the requests that it matches.

    `match` is a method (or `*`) and the beginning of a path in any case, e.g. `GET /Sites/1113/ScheduledOrders`.
    `times` counts down and the fault is gone at 0; None means until it is removed. `retry_after` becomes that header,
    seconds or a date, for kinds that are a status code. `seconds` is how long `slow` waits. `text` replaces the words
    of `400`, `404` and `409`, which are plain text.

    `slow`, `accept_202`, `accept_then_500` and `accept_then_close` do the work, and the last three answer the same
    whatever came of it. `expire_then` makes every token worthless and lets the request run into that. All others
    happen in front of the work, but a token was used all the same.
    """

    match: str
    kind: FaultKind
    times: int | None = None
    retry_after: str | None = None
    seconds: float = 0.0
    text: str | None = None

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request with this method and path is hit."""
        wanted, _, prefix = self.match.partition(" ")
        return wanted in ("*", method) and path.lower().startswith(prefix.lower())


def take(faults: list[Fault], method: str, path: str) -> Fault | None:
    """Return the first fault that hits this request and count it down in the list, or None."""
    for place, fault in enumerate(faults):
        if fault.matches(method, path):
            if fault.times is not None and fault.times <= 1:
                del faults[place]
            elif fault.times is not None:
                faults[place] = replace(fault, times=fault.times - 1)
            return fault
    return None


async def suffer(fault: Fault, request: web.Request, work: Work) -> web.Response | None:
    """Let the fault happen to `request`; None means that the connection was dropped without an answer."""
    headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
    match fault.kind:
        case "429" | "500" | "503" | "504":
            return answers.message(int(fault.kind), _MESSAGES[fault.kind], headers)
        case "400" | "404" | "409":
            return web.Response(status=int(fault.kind), text=fault.text or _REFUSALS[fault.kind])
        case "html":
            return web.Response(text=_PAGE, content_type="text/html")
        case "empty":
            return web.Response()
        case "slow":
            await asyncio.sleep(fault.seconds)
            return work()
        case "expire_then":
            return work()
    if fault.kind != "close":
        work()
    if fault.kind == "accept_202":
        return answers.nothing(202)
    if fault.kind == "accept_then_500":
        return answers.message(500, _MESSAGES["500"])
    if request.transport is not None:
        request.transport.close()
    return None
