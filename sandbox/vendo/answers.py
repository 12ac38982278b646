"""Vendo's answers: JSON:API documents, and errors that are no JSON:API errors (`apis/vendo.md` §4)."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from aiohttp import web

JSONAPI = "application/vnd.api+json"
JSON = "application/json"
NOT_FOUND = "The resource you were looking for could not be found."
FORBIDDEN = "You are not authorized to access this page."
EXPIRED = "The access token expired"
REVOKED = "The access token was revoked"
_SERVER = {"Server": "cloudflare", "Cache-Control": "max-age=0, private, must-revalidate"}
_Thing = TypeVar("_Thing")


class Refusal(Exception):
    """The request is refused; `response` is the answer."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


def data(body: Any, status: int = 200, content_type: str = JSONAPI) -> web.Response:
    """Answer with JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers = _SERVER | {"X-Request-Id": str(uuid.uuid4())}
    return web.Response(status=status, text=text, content_type=content_type, charset="utf-8", headers=headers)


def no_data() -> web.Response:
    """Answer 204 without a body."""
    return web.Response(status=204, headers=_SERVER | {"X-Request-Id": str(uuid.uuid4())})


def error(
    status: int, text: str, errors: Mapping[str, Sequence[str]] | None = None, content_type: str = JSONAPI
) -> web.Response:
    """Answer with `error`, and with `errors` if there are fields to name."""
    return data({"error": text} | ({"errors": errors} if errors else {}), status, content_type)


def refuse(status: int, text: str, errors: Mapping[str, Sequence[str]] | None = None) -> NoReturn:
    """Raise a Refusal with this status and text."""
    raise Refusal(error(status, text, errors))


def missing() -> NoReturn:
    """Raise the 404 that everything answers which is not there."""
    refuse(404, NOT_FOUND)


def found(thing: _Thing | None) -> _Thing:
    """Return the thing, or raise the 404 if it is None."""
    return missing() if thing is None else thing
