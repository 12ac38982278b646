"""The gateway in front of Quivo: journal, faults, routes, key and token, in this order."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.quivo import accounts, answers, hooks, routes
from sandbox.quivo.call import Call, Refusal
from sandbox.quivo.faults import CLOSING, suffer, take
from sandbox.quivo.journal import Seen

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo

_BEARER = "Bearer "


def application(quivo: "Quivo") -> web.Application:
    """Return an application that answers for `quivo`, with its hooks under `/__sandbox`."""
    app = web.Application()
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_release)
    hooks.add(app, quivo)

    async def front(request: web.Request) -> web.Response:
        return await _front(quivo, request)

    app.router.add_route("*", "/{path:.*}", front)
    return app


async def _release(app: web.Application) -> None:
    app[CLOSING].set()


async def _front(quivo: "Quivo", request: web.Request) -> web.Response:
    body = await request.read()
    seen = Seen(quivo.clock.now(), request.method, request.path, request.query, request.headers, body)
    quivo.journal.note(seen)

    async def work() -> web.Response:
        return _gate(quivo, request, body)

    fault = take(quivo.faults, request.method, request.path)
    response = await suffer(fault, request, work, quivo.expire_tokens) if fault else await work()
    if response is None:
        # The connection is gone already; aiohttp only needs something to throw away.
        return web.Response()
    seen.status = response.status
    quivo.journal.changed()
    return response


def _gate(quivo: "Quivo", request: web.Request, body: bytes) -> web.Response:
    found = routes.find(request.method, request.path)
    if found is None:
        return answers.message(403, answers.NO_ROUTE)
    route, path = found
    account = accounts.by_key(quivo.accounts, request.headers.get("X-Api-Key"))
    if account is None:
        return answers.message(403, answers.FORBIDDEN)
    if route.needs == "session" and (refused := _session_refused(quivo, request, account)):
        return refused
    try:
        return route.answer(quivo, Call(account, path, request.query, body, request.content_type))
    except Refusal as refusal:
        return refusal.response


def _session_refused(quivo: "Quivo", request: web.Request, account: accounts.Account) -> web.Response | None:
    """Return why the token does not do, or None; raw and `Bearer` are both taken, another key's token is forbidden."""
    holder = quivo.tokens.holder(request.headers.get("Authorization", "").removeprefix(_BEARER))
    if holder == "expired":
        return answers.message(401, answers.TOKEN_EXPIRED)
    if holder == "unknown":
        return answers.message(401, answers.UNAUTHORIZED)
    return None if holder == account else answers.message(403, answers.FORBIDDEN)
