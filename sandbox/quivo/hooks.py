"""The stand-in's own switches over HTTP, under a path that Quivo does not have: `/__sandbox/…`, JSON in and out."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeGuard, get_args

from aiohttp import web

from sandbox.quivo.faults import Fault, FaultKind

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo

Body = dict[str, Any]
_Hook = Callable[["Quivo", web.Request, Body], Any]


def add(app: web.Application, quivo: "Quivo") -> None:
    """Add the hooks for `quivo` to `app`; each answers 200 with JSON, 400 for a bad body, 404 for no such order."""
    for method, path, hook in _HOOKS:
        app.router.add_route(method, f"/__sandbox{path}", _handler(quivo, hook))


def _handler(quivo: "Quivo", hook: _Hook) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.body_exists else {}
            if not isinstance(body, dict):
                raise ValueError("the body must be an object")
            return web.json_response(hook(quivo, request, body))
        except KeyError as error:
            return web.json_response({"error": f"no such order: {error.args[0]}"}, status=404)
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _order_id(quivo: "Quivo", request: web.Request) -> int:
    order_id = int(request.match_info["order_id"])
    if order_id not in quivo.orders:
        raise KeyError(order_id)
    return order_id


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: must be a text")
    return value


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(quivo: "Quivo", order_id: int) -> Body:
    return {"orderId": order_id, "orderStatus": quivo.orders[order_id]["orderStatus"]}


def _set_status(quivo: "Quivo", request: web.Request, body: Body) -> Body:
    order_id = _order_id(quivo, request)
    quivo.set_status(order_id, _text(body, "status"))
    return _shown(quivo, order_id)


def _complete(quivo: "Quivo", request: web.Request, body: Body) -> Body:
    order_id = _order_id(quivo, request)
    quivo.complete(order_id, _text(body, "number"), _text(body, "link"))
    return _shown(quivo, order_id)


def _orders(quivo: "Quivo", _: web.Request, __: Body) -> list[Body]:
    names = ("orderId", "orderReference", "orderStatus")
    return [dict(zip(names, summary, strict=True)) for summary in quivo.order_summaries()]


def _expire_tokens(quivo: "Quivo", _: web.Request, __: Body) -> Body:
    quivo.expire_tokens()
    return {}


def _move_clock(quivo: "Quivo", _: web.Request, body: Body) -> Body:
    seconds = body.get("advance")
    if not _number(seconds):
        raise ValueError("advance: must be a number of seconds")
    quivo.clock.advance(seconds)
    return {"now": quivo.clock.now()}


def _switches(quivo: "Quivo", _: web.Request, body: Body) -> Body:
    quivo.switches = quivo.switches.changed(body)
    return quivo.switches.as_json()


def _faults(quivo: "Quivo", _: web.Request, __: Body) -> list[Body]:
    return [asdict(fault) for fault in quivo.faults]


def _add_fault(quivo: "Quivo", request: web.Request, body: Body) -> list[Body]:
    names = {field.name for field in fields(Fault)}
    if set(body) - names or not {"match", "kind"} <= set(body):
        raise ValueError(f"a fault has match and kind, and may have {', '.join(sorted(names - {'match', 'kind'}))}")
    if body["kind"] not in get_args(FaultKind):
        raise ValueError(f"kind: must be one of {', '.join(get_args(FaultKind))}")
    fault = Fault(**body)
    times_fit = fault.times is None or (type(fault.times) is int and fault.times > 0)
    texts_fit = isinstance(fault.match, str) and all(
        isinstance(text, str | None) for text in (fault.retry_after, fault.text)
    )
    if not (times_fit and texts_fit and _number(fault.seconds) and fault.seconds >= 0):
        raise ValueError("match, retry_after and text are texts, times is a count above 0, seconds a number from 0")
    quivo.faults.append(fault)
    return _faults(quivo, request, body)


def _clear_faults(quivo: "Quivo", request: web.Request, body: Body) -> list[Body]:
    quivo.faults.clear()
    return _faults(quivo, request, body)


_HOOKS: tuple[tuple[str, str, _Hook], ...] = (
    ("GET", "/orders", _orders),
    ("POST", "/orders/{order_id}/status", _set_status),
    ("POST", "/orders/{order_id}/complete", _complete),
    ("POST", "/expire-tokens", _expire_tokens),
    ("POST", "/clock", _move_clock),
    ("GET", "/switches", lambda quivo, _, __: quivo.switches.as_json()),
    ("PUT", "/switches", _switches),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", "/faults", _clear_faults),
)
