"""The way in: journal, faults, route, media types, bearer and order token, in this order (`apis/vendo.md` §1 to §4)."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.quivo.journal import Seen
from sandbox.vendo import answers, auth_routes, routes
from sandbox.vendo.answers import JSON, JSONAPI, Refusal
from sandbox.vendo.call import Call, json_object
from sandbox.vendo.customers import Customer
from sandbox.vendo.faults import CLOSING, suffer, take

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

BASE = "/api/v2/storefront"
_ORDER_HEADERS = {
    "both": ("X-Vendo-Order-Token", "X-Spree-Order-Token"),
    "vendo": ("X-Vendo-Order-Token",),
    "spree": ("X-Spree-Order-Token",),
}


def application(vendo: "Vendo") -> web.Application:
    """Return an application that answers for `vendo`."""
    app = web.Application()
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_release)

    async def front(request: web.Request) -> web.Response:
        return await _front(vendo, request)

    app.router.add_route("*", "/{path:.*}", front)
    return app


async def _release(app: web.Application) -> None:
    app[CLOSING].set()


async def _front(vendo: "Vendo", request: web.Request) -> web.Response:
    body, path = await request.read(), _below(request)
    seen = Seen(vendo.clock.now(), request.method, path, request.query, request.headers, body)
    vendo.journal.note(seen)

    async def work() -> web.Response:
        try:
            return _answer(vendo, request, path, body)
        except Refusal as refusal:
            return refusal.response

    fault = take(vendo.faults, request.method, path)
    response = await suffer(fault, request, work, vendo.expire_tokens) if fault else await work()
    if response is None:
        # The connection is gone already; aiohttp only needs something to throw away.
        return web.Response()
    seen.status = response.status
    vendo.journal.changed()
    return response


def _below(request: web.Request) -> str:
    path = request.url.raw_path
    return path.removeprefix(BASE) if path.startswith(f"{BASE}/") else f"outside {path}"


def _answer(vendo: "Vendo", request: web.Request, path: str, body: bytes) -> web.Response:
    answer, parts = answers.found(routes.find(request.method, path))
    sign_in = answer is auth_routes.auth
    _check_media_types(request, body, sign_in=sign_in)
    customer = None if path.startswith("/auth") else _customer(vendo, request.headers)
    read = json_object(body)
    url = f"{request.scheme}://{request.host}{request.path}"
    token = _order_token(vendo, request, read)
    return answer(vendo, Call(vendo, customer, token, parts, request.query, read, url))


def _check_media_types(request: web.Request, body: bytes, *, sign_in: bool) -> None:
    """Refuse what the documents do not send: `/auth` speaks JSON, all else JSON:API; live, JSON was taken too."""
    if body and request.content_type not in ({JSON} if sign_in else {JSON, JSONAPI}):
        answers.refuse(415, "Unsupported Media Type")
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept", "*/*").split(",")}
    if not accepted & {"*/*", "application/*", JSON if sign_in else JSONAPI}:
        answers.refuse(406, "Not Acceptable")


def _customer(vendo: "Vendo", headers: Mapping[str, str]) -> Customer | None:
    """Return who is signed in; Refusal (401) for a token that is over, also on public endpoints (§2)."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    holder = vendo.tokens.holder(token.strip()) if scheme.lower() == "bearer" else None
    if isinstance(holder, str):
        answers.refuse(401, answers.EXPIRED if holder == "expired" else answers.REVOKED)
    return holder


def _order_token(vendo: "Vendo", request: web.Request, body: Mapping[str, Any]) -> str | None:
    """Return the order token: Vendo's header, Spree's header, query, body; the first that says anything."""
    told = [request.headers.get(name) for name in _ORDER_HEADERS[vendo.switches.order_header]]
    told += [request.query.get("order_token"), body.get("order_token")]
    return next((token for token in told if isinstance(token, str) and token.strip()), None)
