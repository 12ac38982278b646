"""The real bot on the page: a digest is made, previewed, waited for on the control panel's clock, and read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import scheduled_moves
from page_steps import NARROW, OpenPage, dialog, say
from playwright.async_api import Page, expect
from stage import Stage, staged
from test_bot_day import shot
from test_bot_orders import away, choose
from test_bot_shop import pick, submit

from sandbox.slack.workspace import ADA, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SLOW = 30_000


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot with Ada connected to Quivo and QPilot."""
    async with staged(tmp_path) as stage:
        await stage.connect(ADA)
        scheduled_moves.calm(stage)
        await scheduled_moves.connect(stage)
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def world(bot: Stage) -> World:
    """The world that ``open_page`` opens."""
    return bot.world


async def tick(page: Page, block: str, *labels: str) -> None:
    """Tick boxes of the form in front."""
    for label in labels:
        await dialog(page).locator(f"[data-block='{block}']").get_by_label(label).first.check()


async def make(page: Page) -> None:
    """Fill in the form for a digest of both systems, every day at nine in Berlin."""
    await say(page, "/digest new")
    await expect(dialog(page)).to_contain_text("It runs with your connections", timeout=SLOW)
    await tick(page, "what", "Scheduled orders due in seven days", "Orders by status")
    await tick(page, "days", "Saturday", "Sunday")
    await choose(page, "zone", "Berlin", "Europe/Berlin")
    await pick(page, "size", "Full")


async def test_a_digest_from_the_form_to_the_channel(open_page: OpenPage, bot: Stage) -> None:
    """Make it → preview it alone → a day passes on the control panel → everybody reads it, once."""
    page = await open_page(ADA, ORDERS)
    await make(page)
    await shot(page, "80-digest-form")
    await submit(page)
    await expect(dialog(page).locator("footer").get_by_role("button", name="Close")).to_be_visible(timeout=SLOW)
    await shot(page, "81-digest-made")
    await away(page)
    await say(page, "/digest preview")
    preview = page.locator(".message", has_text="Only visible to you").last
    await expect(preview).to_contain_text("As of", timeout=SLOW)
    await shot(page, "82-digest-preview")
    await page.get_by_role("button", name="Control panel").first.click()
    await page.get_by_role("button", name="+1 day").click()
    await page.get_by_role("button", name="Close the control panel").click()
    [digest] = bot.bot.services.ports.digests.in_team("T0HOME0001")
    posted = page.locator(".message:not(.ephemeral)", has_text="Scheduled orders").last
    await expect(posted).to_contain_text("As of", timeout=SLOW)
    await shot(page, "83-digest-posted")
    assert bot.bot.services.ports.digests.get(digest.id, digest.team) is not None
    await page.get_by_role("button", name="Shipclerk Home").first.click()
    await expect(page.locator("#stage")).to_contain_text("digest", timeout=SLOW)
    await shot(page, "84-home")


async def test_home_and_a_form_on_a_phone(open_page: OpenPage, bot: Stage) -> None:
    """At 390 pixels the form and Home stay inside the screen."""
    page = await open_page(ADA, ORDERS, size=NARROW)
    await make(page)
    await shot(page, "85-digest-form-narrow")
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
