"""In front of QPilot: journal, faults, token, quota, route, site and scope, in this order."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.qpilot import answers, routes
from sandbox.qpilot.accounts import SITE_ID, Grant
from sandbox.qpilot.call import Call, Query
from sandbox.qpilot.faults import suffer, take
from sandbox.quivo.journal import Seen

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_BEARER = "Bearer "
_NOBODY = Grant(frozenset(), "Customer", None, None, None)


def application(qpilot: "Qpilot") -> web.Application:
    """Return an application that answers for `qpilot`, with `POST /_sandbox/advance` beside it."""
    app = web.Application()

    async def front(request: web.Request) -> web.Response:
        return await _front(qpilot, request)

    async def advance(request: web.Request) -> web.Response:
        return _advance(qpilot, await request.json())

    app.router.add_post("/_sandbox/advance", advance)
    app.router.add_route("*", "/{path:.*}", front)
    return app


def _advance(qpilot: "Qpilot", body: Any) -> web.Response:
    seconds: Any = body.get("seconds") if isinstance(body, dict) else None
    if type(seconds) not in (int, float) or not math.isfinite(seconds):
        return answers.message(400, "seconds: must be a number")
    qpilot.clock.advance(seconds)
    qpilot.process()
    return answers.data({"now": qpilot.clock.now()})


async def _front(qpilot: "Qpilot", request: web.Request) -> web.Response:
    body = await request.read()
    seen = Seen(qpilot.clock.now(), request.method, request.path, request.query, request.headers, body)
    qpilot.journal.note(seen)
    fault = take(qpilot.faults, request.method, request.path)
    if fault is not None and fault.kind == "expire_then":
        qpilot.expire_tokens()
    # Whatever becomes of the request: it had its token, and the next one needs a new token (seed 004).
    grant = qpilot.tokens.spend(_token(request.headers), qpilot.switches)

    def work() -> web.Response:
        return _gate(qpilot, request, body, grant)

    response = await suffer(fault, request, work) if fault else work()
    if response is None:
        # The connection is gone already; aiohttp only needs something to throw away.
        return web.Response()
    seen.status = response.status
    qpilot.journal.changed()
    return response


def _token(headers: Mapping[str, str]) -> str:
    value = headers.get("Authorization", "")
    return value.removeprefix(_BEARER) if value.startswith(_BEARER) else ""


def _gate(qpilot: "Qpilot", request: web.Request, body: bytes, grant: Grant | None) -> web.Response:
    found = routes.find(request.method, request.path)
    if isinstance(found, frozenset):
        return answers.nothing(405, {"Allow": ", ".join(sorted(found))}) if found else answers.nothing(404)
    route, path = found
    if "site" in path and not qpilot.bucket.take(qpilot.switches):
        return answers.message(429, "Too Many Requests", {"Retry-After": "1"})
    if grant is None and route.scope != "nobody":
        return answers.message(401, "Authorization has been denied for this request.")
    try:
        call = Call(grant or _NOBODY, path, Query(request.query.items()), body, request.content_type)
        _may(call, route)
        answer = route.answer(qpilot, call)
    except answers.Refusal as refusal:
        return refusal.response
    return answers.nothing(200) if route.changes and qpilot.switches.success_body == "empty" else answer


def _may(call: Call, route: routes.Route) -> None:
    """Refuse an unknown site (404), a site or a feature that the token does not grant (403)."""
    if "site" not in call.path:
        return
    site_id = call.number("site")
    if site_id != SITE_ID:
        raise answers.not_found("Site")
    if route.scope == "nobody":
        return
    if site_id not in call.grant.site_ids or (route.scope == "merchant" and call.grant.scope != "Merchant"):
        raise answers.forbidden()
