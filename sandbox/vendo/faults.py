"""Faults that can be switched on: what goes wrong between a client and Vendo, and for how many requests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from aiohttp import web

from sandbox.vendo import answers

FaultKind = Literal[
    "429", "500", "502", "503", "504", "400", "404", "409", "422", "403_html", "html", "empty", "garbage_json",
    "redirect", "close", "hang", "slow", "accept_then_500", "accept_then_hang", "accept_then_close", "expire_then",
]  # fmt: skip

CLOSING = web.AppKey("vendo-closing", asyncio.Event)

_CLOUDFLARE = {
    "403_html": "Attention Required! | Cloudflare",
    "429": "Access denied | You are being rate limited",
    "502": "Bad gateway",
    "503": "Service temporarily unavailable",
    "504": "Gateway time-out",
    "html": "Maintenance",
}
_ACCEPTED = ("accept_then_500", "accept_then_hang", "accept_then_close")

Work = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for the requests that it matches.

    `match` is a method (or `*`) and the beginning of a path below `BASE`, e.g. `GET /cart`. `times` counts down and the
    fault is gone at 0; None means until it is removed. `retry_after` becomes that header, seconds or a date, for kinds
    that are a status code. `seconds` is how long `hang` and `accept_then_hang` hold the connection before they drop it
    (0: until the server stops) and how long `slow` waits before it answers. `text` replaces the words of `400`, `404`,
    `409` and `422`, which are Vendo's own errors.

    Only `slow` and the `accept_…` kinds do the work, and the latter answer the same whatever came of it. `expire_then`
    expires every access token and lets the request run into that. All others happen in front of the work.
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
    place = next((place for place, fault in enumerate(faults) if fault.matches(method, path)), None)
    if place is None:
        return None
    fault = faults[place]
    if fault.times is not None:
        faults[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
    return fault


async def suffer(fault: Fault, request: web.Request, work: Work, expire: Callable[[], None]) -> web.Response | None:
    """Let the fault happen to `request`; None means that the connection was dropped without an answer."""
    if fault.kind == "expire_then":
        expire()
        return await work()
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return await work()
    if fault.kind in _ACCEPTED:
        await work()
    if fault.kind in ("hang", "accept_then_hang"):
        await _hold(request.app[CLOSING], fault.seconds)
    response = _odd_answer(fault, request)
    if response is None and request.transport is not None:
        request.transport.close()
    return response


async def _hold(closing: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(closing.wait(), seconds or None)
    except TimeoutError:
        return


def _odd_answer(fault: Fault, request: web.Request) -> web.Response | None:
    match fault.kind:
        case "403_html" | "429" | "502" | "503" | "504" | "html":
            return _page(fault)
        case "400" | "404" | "409" | "422":
            return answers.error(int(fault.kind), fault.text or answers.NOT_FOUND)
        case "500" | "accept_then_500":
            response = answers.data({"status": 500, "error": "Internal Server Error"}, 500)
            response.headers.update(_retry(fault))
            return response
        case "empty":
            return web.Response()
        case "garbage_json":
            return web.Response(text='{"data": {"id": "d2a9', content_type=answers.JSONAPI)
        case "redirect":
            return web.Response(status=302, headers={"Location": f"http://{request.host}/redirected"})
    return None


def _page(fault: Fault) -> web.Response:
    title = _CLOUDFLARE[fault.kind]
    text = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    status = 200 if fault.kind == "html" else int(fault.kind[:3])
    return web.Response(status=status, text=text, content_type="text/html", headers=_retry(fault))


def _retry(fault: Fault) -> dict[str, str]:
    return {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
