"""QPilot's answers: 200 for everything that went well, and the error bodies of the sheet (`apis/qpilot.md` §3.3)."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.qpilot.money import plain

INVALID_STATUS = 1001
NO_SNOOZE = 1010
LOCKED = "Cannot change a locked scheduled order"


class Refusal(Exception):
    """The request is refused while it is being worked on; `response` is the answer."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


def data(body: Any) -> web.Response:
    """Answer 200 with JSON; amounts become plain numbers."""
    return _json(200, body)


def nothing(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer without a body, as ASP.NET does for a route or method that it does not have."""
    return web.Response(status=status, headers=headers)


def message(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer with error form 1, `{"message": …}`."""
    return _json(status, {"message": text}, headers)


def broken_rule(text: str, code: int | None = None) -> Refusal:
    """Return the refusal (400) of something well formed: all keys in which a client may find the words."""
    body = {"code": code, "message": text, "messages": {"errors": [text], "userMessage": [text]}}
    return Refusal(_json(400, {key: value for key, value in body.items() if value is not None}))


def invalid(errors: Mapping[str, list[str]]) -> Refusal:
    """Return ASP.NET's refusal (400) of a malformed request: field names in PascalCase, with what is said of each."""
    title = "One or more validation errors occurred."
    return Refusal(_json(400, {"title": title, "status": 400, "errors": dict(errors)}))


def forbidden(text: str = "The access token does not grant access to this resource.") -> Refusal:
    """Return the refusal (403) of a token that is good, but not for this."""
    return Refusal(message(403, text))


def not_found(what: str) -> Refusal:
    """Return the refusal (404) for an entity that does not exist, e.g. `not_found("Customer")`."""
    return Refusal(message(404, f"{what} not found"))


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=plain)
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
