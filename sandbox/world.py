"""Everything around the bot on one machine: the Slack workspace with its page, the back ends, and one clock for all."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox.clock import Clock
from sandbox.qpilot.qpilot import Qpilot
from sandbox.quivo.quivo import Quivo
from sandbox.serving import Served, serve
from sandbox.sides import qpilot_side, vendo_side
from sandbox.slack import server, ui
from sandbox.slack.manifest import load
from sandbox.slack.ui_control import Panel
from sandbox.slack.workspace import Workspace
from sandbox.vendo.vendo import Vendo


@dataclass(frozen=True)
class World:
    """A running world; `slack_url` is the page's address, the other addresses go into the bot's settings."""

    clock: Clock
    workspace: Workspace
    quivo: Quivo
    vendo: Vendo
    qpilot: Qpilot
    slack_url: str
    api_url: str
    quivo_url: str
    vendo_url: str
    qpilot_url: str
    _served: tuple[Served, ...]

    def settings(self) -> dict[str, str]:
        """The settings by which the unmodified bot lives in this world (DESIGN §8)."""
        return {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
            "SLACK_API_URL": self.api_url,
            "QUIVO_BASE_URL": self.quivo_url,
            "VENDO_BASE_URL": self.vendo_url,
            "QPILOT_BASE_URL": self.qpilot_url,
        }

    async def close(self) -> None:
        """Stop everything; may be called twice."""
        await self.workspace.shutdown()
        for served in self._served:
            await served.close()


async def start(
    manifest_path: Path,
    *,
    slack_port: int = 0,
    quivo_port: int = 0,
    request_url: str | None = None,
    ack_seconds: float = 3.0,
) -> World:
    """Start a world on 127.0.0.1 for the app of this manifest; port 0 takes a free one.

    With `request_url` the workspace delivers by signed HTTP to that address instead of Socket Mode; `ack_seconds` is
    how long it waits for the app. Raises OSError for a port that is taken, `ManifestError`
    for a manifest that Slack would refuse.
    """
    clock = Clock()
    workspace = Workspace(load(manifest_path), clock, ack_seconds=ack_seconds)
    quivo, vendo, qpilot = Quivo(clock), Vendo(clock), Qpilot(clock)
    panel = Panel(workspace, quivo, vendo_side(vendo), qpilot_side(qpilot))
    async with AsyncExitStack() as opened:
        apps = (
            (quivo.app(), quivo_port),
            (vendo.app(), 0),
            (qpilot.app(), 0),
            (_slack_app(workspace, panel), slack_port),
        )
        served = [await _served(opened, app, port) for app, port in apps]
        opened.pop_all()
    at_quivo, at_vendo, at_qpilot, at_slack = (one.url for one in served)
    workspace.base_url = at_slack
    if request_url:
        workspace.use_http(request_url)
    urls = (f"{at_slack}/", f"{at_slack}/api/", at_quivo, at_vendo, at_qpilot)
    return World(clock, workspace, quivo, vendo, qpilot, *urls, tuple(reversed(served)))


async def _served(opened: AsyncExitStack, app: web.Application, port: int) -> Served:
    served = await serve(app, port)
    opened.push_async_callback(served.close)
    return served


def _slack_app(workspace: Workspace, panel: Panel) -> web.Application:
    app = server.app(workspace)
    ui.add_routes(app, workspace, panel)
    return app
