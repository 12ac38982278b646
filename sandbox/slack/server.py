"""The workspace's network face: Web API, Socket Mode, response_urls and files."""

from __future__ import annotations

from aiohttp import web

from sandbox.slack import files, hooks, methods, wire
from sandbox.slack.core import Core

MOST_BYTES = 32 * 1024 * 1024
FAMILIES = methods.__all__  # importing the package registers every method


def app(workspace: Core) -> web.Application:
    """The workspace as an aiohttp application; ending the application ends the workspace's background work."""

    async def api(request: web.Request) -> web.Response:
        workspace.base_url = workspace.base_url or f"http://{request.host}"  # unless somebody set it before
        return await wire.answer(workspace, request)

    async def link(request: web.Request) -> web.StreamResponse:
        return await workspace.sockets.connect(request)

    async def hook(request: web.Request) -> web.Response:
        return await hooks.answer(workspace, request)

    async def upload(request: web.Request) -> web.Response:
        return await _upload(workspace, request)

    async def private(request: web.Request) -> web.Response:
        return files.private(workspace, request)

    async def shutdown(_: web.Application) -> None:
        await workspace.shutdown()

    served = web.Application(client_max_size=MOST_BYTES)
    served.router.add_get("/api/{method}", api)
    served.router.add_post("/api/{method}", api)
    served.router.add_get("/link/", link)
    served.router.add_post("/hooks/{kind}/{team}/{key}", hook)
    served.router.add_post("/upload/{file}", upload)
    served.router.add_get("/files-pri/{team}-{file}/{name}", private)
    served.router.add_get("/files-pri/{team}-{file}/download/{name}", private)
    served.on_shutdown.append(shutdown)
    return served


async def _upload(workspace: Core, request: web.Request) -> web.Response:
    file = workspace.files.get(request.match_info["file"])
    if file is None or file.content is not None:
        return web.Response(status=404, text="file_not_found")
    content = await _content(request)
    if len(content) != file.size:
        return web.Response(status=400, text="wrong length")
    files.fill(workspace, file, content)
    return web.Response(text=f"OK - {len(content)}")


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
