"""The workspace on a real port, and real clients and Bolt apps connected to it by settings alone."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.serving import serve
from sandbox.slack import server
from sandbox.slack.manifest import Command, Manifest
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Wire = Callable[[AsyncApp], None]

SCOPES = frozenset(
    {"channels:history", "channels:join", "channels:read", "chat:write", "commands", "files:write", "groups:history"}
    | {"groups:read", "im:history", "im:read", "im:write", "pins:write", "reactions:write", "team:read"}
    | {"usergroups:read", "users:read", "users:read.email"}
)
EVENTS = frozenset({"app_home_opened", "app_mention", "message.channels", "message.im"})


def manifest(**changes: Any) -> Manifest:
    """An app with everything switched on; `changes` replace single fields."""
    fields: Json = {
        "display_name": "Shipclerk",
        "commands": {"/order": Command("/order", "Look up orders")},
        "bot_scopes": SCOPES,
        "bot_events": EVENTS,
        "global_shortcuts": {"order.create": "Create order"},
        "message_shortcuts": {"order.lookup": "Look up orders"},
        "socket_mode": True,
        "interactivity": True,
        "home_tab": True,
        "messages_tab": True,
    }
    return Manifest(**(fields | changes))


@asynccontextmanager
async def listening(*, ack_seconds: float = 3.0, **changes: Any) -> AsyncIterator[Workspace]:
    """A workspace that answers on 127.0.0.1."""
    workspace = Workspace(manifest(**changes), ack_seconds=ack_seconds)
    served = await serve(server.app(workspace))
    workspace.base_url = served.url
    try:
        yield workspace
    finally:
        await served.close()


@asynccontextmanager
async def client_of(workspace: Workspace, token: str | None = None) -> AsyncIterator[AsyncWebClient]:
    """slack-sdk's client, told nothing but address and token."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token or workspace.bot_token, f"{workspace.base_url}/api/", session=session)


@asynccontextmanager
async def bolt(wire: Wire, *, ack_seconds: float = 3.0, **changes: Any) -> AsyncIterator[Workspace]:
    """A workspace with one real Bolt app in Socket Mode; `wire` registers the app's listeners."""
    async with (
        listening(ack_seconds=ack_seconds, **changes) as workspace,
        client_of(workspace) as client,
        socket_mode(workspace, _app(workspace, client, wire)),
    ):
        yield workspace


@asynccontextmanager
async def socket_mode(workspace: Workspace, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """One more Socket Mode connection for an app."""
    handler = AsyncSocketModeHandler(app, workspace.app_token, ping_interval=0.2)
    before = workspace.sockets.connections
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await workspace.until(lambda: workspace.sockets.connections > before)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


def _app(workspace: Workspace, client: AsyncWebClient, wire: Wire, **options: Any) -> AsyncApp:
    logger = logging.getLogger("bolt-under-test")
    app = AsyncApp(client=client, signing_secret=workspace.signing_secret, logger=logger, **options)
    wire(app)
    return app


@asynccontextmanager
async def bolt_http(
    wire: Wire, *, ack_seconds: float = 3.0, **changes: Any
) -> AsyncIterator[tuple[Workspace, list[Json]]]:
    """The same over signed HTTP; the list gets the headers of every request, lower-case, with the path as `:path`."""
    async with listening(ack_seconds=ack_seconds, **changes) as workspace, client_of(workspace) as client:
        app = _app(workspace, client, wire)
        seen: list[Json] = []
        served = await serve(_front_door(app, seen))
        workspace.use_http(f"{served.url}/slack/events")
        try:
            yield workspace, seen
        finally:
            await served.close()


def _front_door(app: AsyncApp, seen: list[Json]) -> web.Application:
    async def handle(request: web.Request) -> web.Response:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        body = await request.text()
        answer = await app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(request.headers)))
        response = web.Response(status=answer.status, text=answer.body)
        for name, values in answer.headers.items():
            response.headers[name] = values[0]
        return response

    door = web.Application()
    door.router.add_post("/slack/events", handle)
    return door


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    """An option."""
    return {"text": plain(value.title()), "value": value}


def text_input(block_id: str, **element: Any) -> Json:
    """An input block with a text field `a`."""
    field = {"type": "plain_text_input", "action_id": "a"} | element
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": field}


def button(action_id: str = "order.show", value: str = "card-1") -> Json:
    """An actions block with one button."""
    element = {"type": "button", "action_id": action_id, "text": plain("Show"), "value": value}
    return {"type": "actions", "block_id": "acts", "elements": [element]}


def modal(*blocks: Json, **fields: Any) -> Json:
    """A modal that can be submitted."""
    shown = list(blocks) or [text_input("name")]
    return {"type": "modal", "callback_id": "m", "title": plain("T"), "submit": plain("Send"), "blocks": shown} | fields


def home(*blocks: Json) -> Json:
    """A Home tab."""
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}]}
