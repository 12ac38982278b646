"""The Web API's wire: argument shapes, tokens, scopes, limits, and the method behind a name (`apis/slack.md` §1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.refusals import ApiError, RateLimited, invalid
from sandbox.slack.state import ApiCall, Json

_JSON_ARGUMENTS = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
    "message": "invalid_arguments",
    "files": "invalid_arguments",
}
# what the app sends with each method: the kind that `Workspace.sent` gives it
_SENDS = {
    "chat.postMessage": "message",
    "chat.update": "message",
    "chat.postEphemeral": "ephemeral",
    "views.open": "view",
    "views.push": "view",
    "views.update": "view",
    "views.publish": "view",
}


class Args:
    """The arguments of one call, whichever shape they came in."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it is required."""
        value = self.values.get(name, default)
        if value is None or (value == "" and default is None):
            raise invalid("invalid_arguments", f"missing required field: {name}")
        return str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, also as `true`, `1` in a query string."""
        value = self.values.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        """A whole number, also as text."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            raise ApiError(f"invalid_{name}") from None

    def listed(self, name: str) -> list[str]:
        """A list, also as `a,b`."""
        value = self.values.get(name) or []
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def structure(self, name: str) -> Any:
        """A structured argument, also as a JSON text; None if absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ApiError(_JSON_ARGUMENTS.get(name, "invalid_arguments")) from None


Run = Callable[[Core, Args], Json]


@dataclass(frozen=True)
class Method:
    """One Web API method: who may call it, with which of the manifest's scopes (any one of them)."""

    run: Run
    scopes: tuple[str, ...] = ()
    token_kinds: tuple[str, ...] = ("bot",)


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, token_kinds: tuple[str, ...] = ("bot",)) -> Callable[[Run], Run]:
    """Registers a function as a Web API method."""

    def register(run: Run) -> Run:
        METHODS[name] = Method(run, scopes, token_kinds)
        return run

    return register


async def read_args(request: web.Request) -> Json:
    """The arguments of a request: query string, JSON body, form body (also multipart), each over the one before."""
    values: Json = dict(request.query)
    if request.method != "POST":
        return values
    if request.content_type == "application/json":
        return values | _json_object(await request.text())
    return values | dict(await request.post())


def _json_object(text: str) -> Json:
    try:
        body = json.loads(text or "{}")
    except json.JSONDecodeError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return body


async def answer(core: Core, request: web.Request) -> web.Response:
    """The whole of one Web API request."""
    name = request.match_info["method"]
    kind: str | None = None
    values: Json = {}
    try:
        values = await read_args(request)
        token = _token(request, values.pop("token", None))
        kind = _kind(core, token)
        body = _call(core, name, kind, values)
    except ApiError as refusal:
        body = refusal.body()
        _remember(core, name, kind, values, refusal.code)
        return _response(core, body, refusal.retry_after if isinstance(refusal, RateLimited) else None)
    _remember(core, name, kind, values, None)
    return _response(core, {"ok": True} | body, None)


def _token(request: web.Request, argument: object) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = token.strip() if scheme.lower() == "bearer" else argument
    if not found:
        raise ApiError("not_authed")
    return str(found)


def _kind(core: Core, token: str) -> str:
    kind = {core.bot_token: "bot", core.app_token: "app"}.get(token)
    if kind is None:
        raise ApiError("invalid_auth")
    if token in core.token_faults:
        raise ApiError(core.token_faults[token])
    return kind


def _call(core: Core, name: str, kind: str, values: Json) -> Json:
    found = METHODS.get(name)
    if found is None:
        raise ApiError("unknown_method", req_method=name)
    if kind not in found.token_kinds:
        raise ApiError("not_allowed_token_type")
    if found.scopes and not core.manifest.bot_scopes.intersection(found.scopes):
        core.need(found.scopes[0])
    core.obey_limits(name, values.get("channel"))
    return found.run(core, Args(values))


def _remember(core: Core, name: str, kind: str | None, values: Json, error: str | None) -> None:
    core.calls.append(ApiCall(name, kind, values, error is None, error))
    if name in _SENDS:
        payload = values.get("view") if _SENDS[name] == "view" else values
        core.sends(_SENDS[name], payload, error)
    core.changed(f"call:{name}")


def _response(core: Core, body: Json, retry_after: int | None) -> web.Response:
    headers = {
        "X-OAuth-Scopes": ",".join(sorted(core.manifest.bot_scopes)),
        "X-Slack-Req-Id": f"{next(core.serial):032x}",
    }
    if retry_after is None:
        return web.json_response(body, headers=headers)
    return web.json_response(body, status=429, headers=headers | {"Retry-After": str(retry_after)})


def page(items: list[Json], args: Args, default: int = 100) -> tuple[list[Json], str]:
    """One page of items and the cursor of the next (`""` at the end); cursors are opaque to the app."""
    limit, cursor = args.number("limit", default), args.text("cursor", "")
    if not 1 <= limit <= 1000:
        raise ApiError("invalid_limit")
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise ApiError("invalid_cursor")
    start = int(cursor.removeprefix("next:")) if cursor else 0
    following = f"next:{start + limit}" if start + limit < len(items) else ""
    return items[start : start + limit], following
