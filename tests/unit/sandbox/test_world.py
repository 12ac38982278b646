"""The world: one clock, two stand-ins, the settings that lead a bot into it, and `python -m sandbox`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox import __main__ as command
from sandbox.serving import serve
from sandbox.slack.manifest import ManifestError
from sandbox.slack.workspace import ADA, ORDERS
from sandbox.world import start

MANIFEST = """
_metadata: {major_version: 2}
display_information: {name: Parcel}
features:
  bot_user: {display_name: Parcel}
  slash_commands: [{command: /order, description: Look up orders}]
oauth_config: {scopes: {bot: [chat:write, commands]}}
settings: {interactivity: {is_enabled: true}, socket_mode_enabled: true}
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest file."""
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFEST, encoding="utf-8")
    return path


async def fetch(url: str, **options: Any) -> tuple[int, Any]:
    """Status and decoded JSON of one GET or, with `json` or `data`, POST."""
    method = "POST" if options.keys() & {"json", "data"} else "GET"
    async with aiohttp.ClientSession() as session, session.request(method, url, **options) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if answer.content_type == "application/json" else text


async def test_the_page_the_api_and_quivo_answer_at_the_worlds_addresses(manifest: Path) -> None:
    """The page is HTML, the Web API knows the bot token, and Quivo has its demo orders."""
    world = await start(manifest)
    try:
        status, page = await fetch(world.slack_url)
        assert (status, page.startswith("<!doctype html>")) == (200, True)
        bearer = {"Authorization": f"Bearer {world.workspace.bot_token}"}
        status, auth = await fetch(f"{world.api_url}auth.test", headers=bearer)
        assert (status, auth["ok"]) == (200, True)
        status, orders = await fetch(f"{world.quivo_url}/__sandbox/orders")
        assert (status, orders[0]["orderReference"]) == (200, "#DE38678")
    finally:
        await world.close()


async def test_the_settings_are_names_that_the_bot_reads(manifest: Path) -> None:
    """Tokens, secret and addresses have the names of DESIGN §8, and the addresses are loopback."""
    world = await start(manifest)
    await world.close()
    settings = world.settings()
    assert list(settings) == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "QUIVO_BASE_URL",
        "VENDO_BASE_URL",
        "QPILOT_BASE_URL",
    ]
    assert settings["SLACK_BOT_TOKEN"].startswith("xoxb-")
    assert settings["SLACK_APP_TOKEN"].startswith("xapp-")
    assert settings["SLACK_API_URL"] == f"{world.slack_url}api/"
    for back_end in ("QUIVO", "VENDO", "QPILOT"):
        assert settings[f"{back_end}_BASE_URL"].startswith("http://127.0.0.1:")


async def test_the_stand_ins_share_one_clock(manifest: Path) -> None:
    """Moving the world's clock moves the workspace's and every back end's."""
    world = await start(manifest)
    await world.close()
    before = world.workspace.clock.now()
    world.clock.advance(3600)
    assert world.workspace.clock.now() - before >= 3600
    for stand_in in (world.quivo, world.vendo, world.qpilot):
        assert stand_in.clock.now() - before >= 3600


async def test_closing_twice_leaves_nothing_listening(manifest: Path) -> None:
    """After close every address refuses connections, and a second close is no error."""
    world = await start(manifest)
    await world.close()
    await world.close()
    for url in (world.slack_url, world.quivo_url, world.vendo_url, world.qpilot_url):
        with pytest.raises(aiohttp.ClientConnectorError):
            await fetch(url)


async def test_closing_does_not_wait_for_an_open_stream(manifest: Path) -> None:
    """A browser that listens for changes is let go when the world ends."""
    world = await start(manifest)
    async with aiohttp.ClientSession() as session, session.get(f"{world.slack_url}ui/stream") as stream:
        assert await stream.content.readline() == b"data: changed\n"
        await asyncio.wait_for(world.close(), 5)
        rest = await stream.content.read()
    assert rest.strip() in (b"", b"data: changed")


async def test_a_taken_port_is_refused_and_nothing_stays_open(manifest: Path) -> None:
    """If the workspace's port is taken, start raises and Quivo's port is free again."""
    taken = await serve(web.Application())
    free = await serve(web.Application())
    await free.close()
    with pytest.raises(OSError, match="in use"):
        await start(manifest, slack_port=taken.port, quivo_port=free.port)
    again = await serve(web.Application(), free.port)
    await again.close()
    await taken.close()


async def test_a_bad_manifest_is_refused_before_anything_listens(tmp_path: Path) -> None:
    """A manifest that Slack would refuse raises its own error."""
    path = tmp_path / "manifest.yml"
    path.write_text("display_information: {name: Old}", encoding="utf-8")
    with pytest.raises(ManifestError):
        await start(path)


async def test_with_a_request_url_the_app_is_reached_by_signed_http(manifest: Path) -> None:
    """A command goes to that address with Slack's signature headers, and its text answer is shown to the member."""
    seen: list[web.Request] = []

    async def app(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(text="by http")

    application = web.Application()
    application.router.add_post("/slack/events", app)
    bot = await serve(application)
    world = await start(manifest, request_url=f"{bot.url}/slack/events")
    outcome = await world.workspace.command(ADA, ORDERS, "/order 1001")
    await world.close()
    await bot.close()
    assert outcome.acked
    assert seen[0].headers["X-Slack-Signature"].startswith("v0=")
    assert [message.text for message in world.workspace.visible(ADA, ORDERS)] == ["by http"]


async def test_the_printed_words_hold_the_address_and_every_setting(
    manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m sandbox` prints the page's address and a NAME=value line for each setting, then waits."""
    stop = asyncio.Event()
    stop.set()
    await command.run(manifest, stop)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("The workspace is at http://127.0.0.1:")
    names = [line.split("=")[0] for line in lines[3:]]
    assert names == [
        *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"),
        *("QUIVO_BASE_URL", "VENDO_BASE_URL", "QPILOT_BASE_URL"),
    ]


async def test_the_command_runs_until_it_is_interrupted(manifest: Path) -> None:
    """As a real process: it prints where it is, and ends by itself, with code 0, at Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        str(manifest),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(command.__file__).parents[1],
        env=dict(os.environ),
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    assert line.startswith(b"The workspace is at http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0
