"""Faults that can be switched on: what goes wrong between a client and Quivo, and for how many requests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web

from sandbox.quivo import answers

FaultKind = Literal[
    "429", "500", "502", "503", "504", "hang", "close", "html", "empty", "garbage_json",
    "accept_then_hang", "redirect", "slow",
]  # fmt: skip

CLOSING = web.AppKey("closing", asyncio.Event)

_MESSAGES = {
    "429": "Too Many Requests",
    "500": "Internal server error",
    "502": "Internal server error",
    "503": "Service Unavailable",
    "504": "Endpoint request timed out",
}
_PAGE = "<!doctype html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"

Work = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for the requests that it matches.

    `match` is a method (or `*`) and the beginning of a path, e.g. `GET /orders`. `times` counts down and the fault is
    gone at 0; None means until it is removed. `retry_after` becomes that header, for kinds that are a status code.
    `seconds` is how long `hang` and `accept_then_hang` hold the connection before they drop it (0: until the server
    stops) and how long `slow` waits before it answers. Only `accept_then_hang` and `slow` do the work; all others
    happen in front of it.
    """

    match: str
    kind: FaultKind
    times: int | None = None
    retry_after: str | None = None
    seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request with this method and path is hit."""
        wanted, _, prefix = self.match.partition(" ")
        return wanted in ("*", method) and path.startswith(prefix)


def take(faults: list[Fault], method: str, path: str) -> Fault | None:
    """Return the first fault that hits this request and count it down in the list, or None."""
    for place, fault in enumerate(faults):
        if fault.matches(method, path):
            if fault.times is None:
                return fault
            if fault.times <= 1:
                del faults[place]
            else:
                faults[place] = replace(fault, times=fault.times - 1)
            return fault
    return None


async def suffer(fault: Fault, request: web.Request, work: Work) -> web.Response | None:
    """Let the fault happen to `request`; None means that the connection was dropped without an answer."""
    if fault.kind in _MESSAGES:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        return answers.message(int(fault.kind), _MESSAGES[fault.kind], headers)
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work()
    if fault.kind == "accept_then_hang":
        await work()
    if fault.kind in ("hang", "accept_then_hang"):
        await _hold(request.app[CLOSING], fault.seconds)
    return _odd_answer(fault, request)


async def _hold(closing: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(closing.wait(), seconds or None)
    except TimeoutError:
        return


def _odd_answer(fault: Fault, request: web.Request) -> web.Response | None:
    match fault.kind:
        case "html":
            return web.Response(text=_PAGE, content_type="text/html")
        case "empty":
            return web.Response()
        case "garbage_json":
            return web.Response(text='{"orderId": 1001, "orderSta', content_type="application/json")
        case "redirect":
            return web.Response(status=302, headers={"Location": f"http://{request.host}/redirected"})
    if request.transport is not None:
        request.transport.close()
    return None
