"""Quivo's answers in the shapes that the sheet documents or assumes (`apis/quivo.md` §3)."""

import json
from collections.abc import Mapping
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


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
