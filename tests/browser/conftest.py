"""A browser, a world and a page for the tests that look at the workspace through Chromium.

The browser lives as long as the test process, so these tests run in the session's loop:
`pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from page_app import MANIFEST, LittleApp, little_app
from page_steps import WIDE, OpenPage
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    async_playwright,
    expect,
)

from sandbox.slack.workspace import ADA
from sandbox.world import World, start

expect.set_options(timeout=15_000)  # a machine that runs four tests at once is slower than a person's

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Chromium's own toolbar pages, which nobody sees here, took half a core.
    "--disable-features=PreloadTopChromeWebUI",
)


@dataclass(frozen=True)
class Chromium:
    """Where the browser is; None: the one that Playwright brought itself."""

    path: str | None


def _found(playwright: Playwright) -> Chromium | None:
    named = os.environ.get("SHIPCLERK_CHROMIUM")
    path = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None and not Path(playwright.chromium.executable_path).exists():
        return None
    return Chromium(path)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver, one for each test process."""
    async with async_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Chromium:
    """The machine's Chromium (`SHIPCLERK_CHROMIUM`, PATH, Playwright's); without one: a failure in CI, else a skip."""
    found = _found(playwright)
    if found is None:
        words = "no Chromium here: install one, or name it in SHIPCLERK_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(words, pytrace=False)
        pytest.skip(words)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright, chromium: Chromium) -> AsyncIterator[Browser]:
    """One headless Chromium for each test process."""
    opened = await playwright.chromium.launch(executable_path=chromium.path, args=ARGUMENTS)
    yield opened
    await opened.close()


class Windows:
    """One browser window for each size, kept open by an empty tab: a new window costs twice what a new tab costs."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: dict[tuple[int, int], BrowserContext] = {}

    async def tab(self, size: tuple[int, int]) -> Page:
        """A new tab in the window of this size (width, height)."""
        if size not in self._kept:
            self._kept[size] = await self._open(size)
        return await self._kept[size].new_page()

    async def _open(self, size: tuple[int, int]) -> BrowserContext:
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        await context.new_page()
        return context


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """The browser's windows."""
    return Windows(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world for the little app, with nobody connected; the app has 0.6 s to answer."""
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(MANIFEST, encoding="utf-8")
    started = await start(manifest, ack_seconds=0.6)
    yield started
    await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def little(world: World) -> AsyncIterator[LittleApp]:
    """The little app, connected to the world."""
    async with little_app(world) as app:
        yield app


class _Watch:
    """What must never happen on the page: script errors, refused resources, dialogs, requests to elsewhere."""

    def __init__(self, home: str) -> None:
        self._home = home
        self.seen: list[str] = []

    def attach(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.seen.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("dialog", lambda dialog: self.seen.append(f"dialog: {dialog.message}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium logs refused POSTs and ended streams of a closed world as errors of the network, not of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.seen.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self._home):
            self.seen.append(f"request: {request.url}")


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(windows: Windows, world: World) -> AsyncIterator[OpenPage]:
    """Opens the page, e.g. `await open_page(ADA, "C0ORDERS01", size=NARROW)`; fails if a page misbehaved."""
    tabs: list[Page] = []
    watch = _Watch(world.slack_url)

    async def opened(member: str = ADA, room: str = "", *, size: tuple[int, int] = WIDE) -> Page:
        tabs.append(await windows.tab(size))
        watch.attach(tabs[-1])
        await tabs[-1].goto(f"{world.slack_url}#{member}/{room}")
        await tabs[-1].wait_for_selector("[data-ready]")
        return tabs[-1]

    yield opened
    for tab in tabs:
        await tab.close()
    assert watch.seen == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage, little: LittleApp) -> Page:
    """Ada's page at 1280 × 800, in #orders, with the little app connected."""
    return await open_page()
