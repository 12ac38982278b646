"""A client that is not ours, @slack/bolt for JavaScript, uses the local workspace, connected by settings alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.serving import serve
from sandbox.slack import server
from sandbox.slack.manifest import Command, Manifest
from sandbox.slack.workspace import ADA, BEN, BOT_USER, ORDERS, Outcome, Workspace

_APP = Path(__file__).parents[1] / "bolt-js"
_BUILD = Path(__file__).parents[2] / "build" / "bolt-js"
_SCOPES = frozenset({"chat:write", "commands", "users:read"})
_INSTALL = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]


@pytest.fixture(scope="session")
def built() -> Path:
    """The app and its packages in a folder that is not committed; npm runs only when something changed."""
    _BUILD.mkdir(parents=True, exist_ok=True)
    wanted = (_APP / "package.json").read_text()
    done = _BUILD / "installed.json"
    shutil.copy(_APP / "app.mjs", _BUILD)
    if not done.exists() or done.read_text() != wanted:
        shutil.copy(_APP / "package.json", _BUILD)
        subprocess.run(_INSTALL, cwd=_BUILD, check=True, timeout=300)
        done.write_text(wanted)
    return _BUILD


@pytest.fixture
async def ws(built: Path) -> AsyncIterator[Workspace]:
    """The workspace with the JavaScript app connected."""
    manifest = Manifest(
        display_name="Workspace check",
        commands={"/order": Command("/order", "Look up orders")},
        bot_scopes=_SCOPES,
        bot_events=frozenset({"app_home_opened"}),
        socket_mode=True,
        interactivity=True,
        home_tab=True,
    )
    workspace = Workspace(manifest)
    served = await serve(server.app(workspace))
    workspace.base_url = served.url
    app = await _start(built, workspace)
    try:
        await workspace.until(lambda: workspace.sockets.connections == 1, timeout=30)
        yield workspace
    finally:
        app.terminate()
        await app.wait()
        await served.close()


async def _start(folder: Path, workspace: Workspace) -> asyncio.subprocess.Process:
    settings = {
        "PATH": os.environ["PATH"],
        "SLACK_API_URL": f"{workspace.base_url}/api/",
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_BOT_TOKEN": workspace.bot_token,
    }
    return await asyncio.create_subprocess_exec("node", "app.mjs", cwd=folder, env=settings)


async def test_a_slash_command(ws: Workspace) -> None:
    """Ack text is read by the typist, the answer in the channel by everybody."""
    assert await ws.command(ADA, ORDERS, "/order 1001") == Outcome(True, None, {"text": "looking for 1001"})
    await ws.until(lambda: ws.visible(BEN, ORDERS))
    private, public = sorted(ws.visible(ADA, ORDERS), key=lambda message: message.ephemeral_to is None)
    assert (private.text, private.ephemeral_to) == ("looking for 1001", ADA)
    assert (public.text, public.ephemeral_to, public.user) == ("found", None, BOT_USER)


async def test_a_modal(ws: Workspace) -> None:
    """Refused with an error under its input, then accepted, closed and said in the channel."""
    await ws.command(ADA, ORDERS, "/order modal")
    await ws.until(lambda: ws.views(ADA))
    view = ws.views(ADA)[0]
    await ws.submit(ADA, view.id, {"name": "bad"})
    assert view.errors == {"name": "Not this one"}
    assert await ws.submit(ADA, view.id, {"name": "Ada"}) == Outcome(True)
    assert ws.views(ADA) == []
    await ws.until(lambda: [message.text for message in ws.visible(BEN, ORDERS)] == ["hello Ada"])


async def test_a_button(ws: Workspace) -> None:
    """The card changes in place for everybody."""
    await ws.command(ADA, ORDERS, "/order 1001")
    await ws.until(lambda: ws.visible(BEN, ORDERS))
    card = ws.visible(BEN, ORDERS)[0]
    assert await ws.click(BEN, ORDERS, card.ts, "order.show") == Outcome(True)
    await ws.until(lambda: card.text == "shown to ben")


async def test_home(ws: Workspace) -> None:
    """Home is published on opening."""
    await ws.open_home(ADA)
    await ws.until(lambda: ws.home(ADA))
