"""Quivo's answers in the shapes that the sheet documents or assumes (`apis/quivo.md` §3)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from sandbox.quivo.switches import Switches

FORBIDDEN = "Forbidden"
UNAUTHORIZED = "Unauthorized"
TOKEN_EXPIRED = "The incoming token has expired"  # noqa: S105 - a message, not a secret
NO_ROUTE = "Missing Authentication Token"


def data(body: Any) -> web.Response:
    """Answer 200 with JSON."""
    return _json(200, body)


def message(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer in the gateway's shape: JSON with one `message`."""
    return _json(status, {"message": text}, headers)


def refusal(switches: Switches, status: int, text: str) -> web.Response:
    """Answer as the application behind the gateway refuses: a plain line of text, or JSON if the switch says so."""
    if switches.error_bodies == "json":
        return message(status, text)
    return web.Response(status=status, text=text, content_type="text/plain")


def flaws(switches: Switches, found: Iterable[tuple[str, str]]) -> web.Response:
    """Answer 400 as bean validation does: one `field: message` line for each of the (path, message) pairs."""
    return refusal(switches, 400, "\n".join(f"{path}: {words}" for path, words in found))


def outcome(status: int, field: str | None, text: str, order_id: int | None) -> web.Response:
    """Answer with seed 001's envelope: OK if there is an order id, ERROR if there is none."""
    word = "OK" if order_id is not None else "ERROR"
    return _json(status, {"status": word, "field": field, "message": text, "orderId": order_id})


def no_data(status: int) -> web.Response:
    """Answer without a body."""
    return web.Response(status=status)


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
