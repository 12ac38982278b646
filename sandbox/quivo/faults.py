"""Faults that can be switched on: what goes wrong between a client and Quivo, and for how many requests."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web

from sandbox.quivo import answers

FaultKind = Literal[
    "429", "500", "502", "503", "504", "hang", "close", "html", "empty", "garbage_json",
    "accept_then_hang", "redirect", "slow", "400", "404", "409", "accept_then_500", "accept_202",
    "error_envelope_200", "expire_then",
]  # fmt: skip

CLOSING = web.AppKey("closing", asyncio.Event)

_MESSAGES = {
    "429": "Too Many Requests",
    "500": "Internal server error",
    "502": "Internal server error",
    "503": "Service Unavailable",
    "504": "Endpoint request timed out",
}
_REFUSALS = {
    "400": "Request cannot be processed",
    "404": "Order not found",
    "409": "Order cannot be changed at the moment",
}
_FIELD = re.compile(r"([\w.\[\]]+): (.+)", re.DOTALL)
_PAGE = "<!doctype html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"

Work = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for the requests that it matches.

    `match` is a method (or `*`) and the beginning of a path, e.g. `GET /orders`. `times` counts down and the fault is
    gone at 0; None means until it is removed. `retry_after` becomes that header, for kinds that are a status code.
    `seconds` is how long `hang` and `accept_then_hang` hold the connection before they drop it (0: until the server
    stops) and how long `slow` waits before it answers. `text` replaces the words of `400`, `404` and `409` (plain text)
    and of `error_envelope_200`, where `field: message` also fills the envelope's field.

    Only `slow`, `accept_202`, `accept_then_500` and `accept_then_hang` do the work, and the last three answer the same
    whatever came of it. `expire_then` expires every token and lets the request run into that. All others happen in
    front of the work.
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


async def suffer(fault: Fault, request: web.Request, work: Work, expire: Callable[[], None]) -> web.Response | None:
    """Let the fault happen to `request`; None means that the connection was dropped without an answer."""
    if fault.kind == "expire_then":
        expire()
        return await work()
    if fault.kind in _MESSAGES:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        return answers.message(int(fault.kind), _MESSAGES[fault.kind], headers)
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work()
    if fault.kind in ("accept_then_hang", "accept_then_500", "accept_202"):
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
        case "400" | "404" | "409":
            return web.Response(status=int(fault.kind), text=fault.text or _REFUSALS[fault.kind])
        case "accept_then_500":
            return answers.message(500, _MESSAGES["500"])
        case "accept_202":
            return answers.no_data(202)
        case "error_envelope_200":
            found = _FIELD.fullmatch(fault.text or _REFUSALS["400"])
            field, words = found.groups() if found else (None, fault.text or _REFUSALS["400"])
            return answers.outcome(200, field, words, None)
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
