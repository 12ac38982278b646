"""Everything around the bot on one machine: the Slack workspace with its page, Quivo, and the clock that they share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox.clock import Clock
from sandbox.quivo.quivo import Quivo
from sandbox.serving import Served, serve
from sandbox.slack import server, ui
from sandbox.slack.manifest import load
from sandbox.slack.ui_control import Panel
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class World:
    """A running world; `slack_url` is the page's address, `api_url` and `quivo_url` go into the bot's settings."""

    clock: Clock
    workspace: Workspace
    quivo: Quivo
    slack_url: str
    api_url: str
    quivo_url: str
    _served: tuple[Served, ...]

    def settings(self) -> dict[str, str]:
        """The settings by which the unmodified bot lives in this world (DESIGN §8)."""
        return {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
            "SLACK_API_URL": self.api_url,
            "QUIVO_BASE_URL": self.quivo_url,
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
    quivo = Quivo(clock)
    quivo_served = await serve(quivo.app(), quivo_port)
    try:
        slack_served = await serve(_slack_app(workspace, quivo), slack_port)
    except OSError:
        await quivo_served.close()
        raise
    workspace.base_url = slack_served.url
    if request_url:
        workspace.use_http(request_url)
    api_url = f"{slack_served.url}/api/"
    served = (slack_served, quivo_served)
    return World(clock, workspace, quivo, f"{slack_served.url}/", api_url, quivo_served.url, served)


def _slack_app(workspace: Workspace, quivo: Quivo) -> web.Application:
    app = server.app(workspace)
    ui.add_routes(app, workspace, Panel(workspace, quivo))
    return app
