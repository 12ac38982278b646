"""The page and its JSON over HTTP: files at `/`, state, acts, control and a stream of changes under `/ui/`.

It answers only to its own name on this machine (no DNS rebinding), takes only same-origin JSON, and its
Content-Security-Policy lets nothing in that is not one of its files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox.slack import files, ui_acts, ui_state
from sandbox.slack.state import Impossible, Json
from sandbox.slack.ui_acts import BadAct
from sandbox.slack.ui_control import Panel
from sandbox.slack.workspace import Workspace

PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NAMES = {"127.0.0.1", "localhost"}
_GLANCE = 1.0
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, workspace: Workspace, panel: Panel) -> None:
    """Add the page of `workspace` to the application that serves its Web API."""
    page = _Page(workspace, panel)
    app.router.add_get("/", _guarded(page.index))
    app.router.add_get("/page/{name}", _guarded(page.file))
    app.router.add_get("/ui/state", _guarded(page.state))
    app.router.add_get("/ui/stream", _guarded(page.stream))
    app.router.add_post("/ui/do", _guarded(page.do))
    app.router.add_post("/ui/upload", _guarded(page.upload, "application/octet-stream"))
    app.router.add_get("/ui/file/{file}", _guarded(page.download))
    app.router.add_get("/ui/control", _guarded(page.control))
    app.router.add_post("/ui/control", _guarded(page.change))
    app.on_shutdown.append(page.end_streams)


def _guarded(handler: Handler, takes: str = "application/json") -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        refusal = _refusal(request, takes)
        response = _error(*refusal) if refusal else await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    return handle


def _refusal(request: web.Request, takes: str) -> tuple[int, str] | None:
    if request.host.rsplit(":", 1)[0] not in _NAMES:
        return 421, "this page answers to 127.0.0.1 and localhost only"
    if request.method != "POST":
        return None
    # No form of another page can send either type without asking the browser first.
    if request.content_type != takes:
        return 415, f"the body must be {takes}"
    if request.headers.get("Origin") != f"http://{request.host}":
        return 403, "only the page itself may do this"
    return None


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise BadAct("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadAct("the body must be an object")
    return body


class _Page:
    """The handlers, bound to one workspace."""

    def __init__(self, workspace: Workspace, panel: Panel) -> None:
        self._workspace = workspace
        self._panel = panel
        self._ending = asyncio.Event()

    async def index(self, request: web.Request) -> web.StreamResponse:
        return _static("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        return _static(request.match_info["name"])

    async def state(self, request: web.Request) -> web.StreamResponse:
        known = [member.id for member in ui_state.people(self._workspace)]
        user = request.query.get("as") or known[0]
        if user not in known:
            user = known[0]
        return web.json_response(ui_state.state(self._workspace, user))

    async def do(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await _body(request)
            if body.get("as") not in [member.id for member in ui_state.people(self._workspace)]:
                raise BadAct("as: no such member")
            return web.json_response(await ui_acts.act(self._workspace, body["as"], body))
        except BadAct as refusal:
            return _error(400, str(refusal))

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Takes a file: its bytes in the body, giver, name and type in the query; answers Slack's file object."""
        user, name = request.query.get("as", ""), request.query.get("name", "")
        try:
            file_id = await self._workspace.upload(user, name, await request.read(), request.query.get("type"))
        except Impossible as refusal:
            return _error(400, str(refusal))
        return web.json_response({"file": files.file_object(self._workspace, self._workspace.files[file_id])})

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file as the member `as` may read it; always to be saved, never shown, whatever it claims to be."""
        file = files.finished(self._workspace, request.match_info["file"])
        if file is None or not files.member_sees(self._workspace, request.query.get("as", ""), file):
            return _error(404, "no such file")
        return files.content(file, "application/octet-stream")

    async def control(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._panel.state())

    async def change(self, request: web.Request) -> web.StreamResponse:
        try:
            self._panel.do(await _body(request))
        except BadAct as refusal:
            return _error(400, str(refusal))
        return web.json_response({"acked": True})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one `changed` at the start and one after each burst of changes."""
        response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        queue = self._workspace.subscribe()
        try:
            await response.prepare(request)
            while not self._ending.is_set():
                await response.write(b"data: changed\n\n")
                await self._burst(queue, response)
        except ConnectionError:
            pass
        finally:
            self._workspace.unsubscribe(queue)
        return response

    async def _burst(self, queue: asyncio.Queue[str], response: web.StreamResponse) -> None:
        """Wait for a change and swallow those that came with it.

        Nobody reports that the app came or went, so a glance each second looks; its comment also finds out which
        browsers have gone.
        """
        connected = ui_state.connected(self._workspace)
        while ui_state.connected(self._workspace) == connected:
            try:
                async with asyncio.timeout(_GLANCE):
                    await queue.get()
                break
            except TimeoutError:
                await response.write(b": still here\n\n")
        while not queue.empty():
            queue.get_nowait()

    async def end_streams(self, app: web.Application) -> None:
        """Let every stream end, so that stopping does not wait for browsers."""
        self._ending.set()
        self._workspace.changed("end")


def _static(name: str) -> web.Response:
    path = PAGE / name
    if path.parent != PAGE or path.suffix not in _TYPES or not path.is_file():
        return _error(404, "no such file")
    return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8")
