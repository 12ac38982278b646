"""The real bot on the page, from the first command to the last click, as a person meets it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from page_steps import NARROW, OpenPage, dialog, field, message, say
from playwright.async_api import Page, expect
from stage import Stage, staged

from sandbox.slack.workspace import ADA, BEN, OLGA, ORDERS, PRIVATE, SHARED
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot, its local workspace and Quivo's stand-in."""
    async with staged(tmp_path) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def world(bot: Stage) -> World:
    """The world that ``open_page`` opens."""
    return bot.world


async def shot(page: Page, name: str) -> None:
    """Keep a screenshot where somebody asked for them."""
    if folder := os.environ.get("SHIPCLERK_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def connect(page: Page, password: str = "demo-pass") -> None:
    """Fill in and send the form that is open."""
    await field(page, "apiKey").fill("demo-key")
    await field(page, "username").fill("ada")
    await field(page, "password").fill(password)
    await dialog(page).get_by_role("button", name="Connect").click()


async def test_from_the_first_command_to_the_last_click(open_page: OpenPage, bot: Stage) -> None:
    """Ada types a command, connects, reads her order, its details and a list, follows a change, and disconnects."""
    page = await open_page(ADA, ORDERS)
    await say(page, "/order 1001")
    prompt = message(page, "Connect Quivo first")
    await expect(prompt).to_contain_text("Only visible to you")
    await shot(page, "01-prompt")
    await prompt.get_by_role("button", name="Connect Quivo").click()
    await expect(field(page, "apiKey")).to_be_visible()

    await connect(page, "wrong")
    await expect(dialog(page)).to_contain_text("does not know this user name and password")
    await expect(field(page, "apiKey")).to_have_value("demo-key")
    await expect(field(page, "password")).to_have_value("wrong")
    await shot(page, "02-refused")
    await connect(page)
    await expect(dialog(page)).to_contain_text("is connected")
    await page.keyboard.press("Escape")

    card = message(page, "Order 1001")
    await expect(card).to_contain_text("is in the warehouse")
    await expect(card).to_contain_text("Can be changed and cancelled")
    await expect(card).not_to_contain_text("Only visible to you")
    await shot(page, "03-card")
    await card.get_by_role("button", name="Details").click()
    await expect(dialog(page)).to_contain_text("Lindenstraße")
    await shot(page, "04-details")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)

    bot.quivo.complete(1001, "00340434161094000001", "https://carrier.example/1")
    await card.get_by_role("button", name="Refresh").click()
    await expect(message(page, "Order 1001")).to_contain_text("is shipped")

    await say(page, "/order list")
    listing = message(page, "Orders, page")
    await listing.get_by_role("button", name="Next").click()
    await expect(message(page, "Orders, page 2")).to_be_visible()
    await shot(page, "05-list")
    await message(page, "Orders, page 2").get_by_role("button", name="Show").first.click()
    await expect(message(page, "Order 1050")).to_be_visible()

    await say(page, "/disconnect")
    await expect(message(page, "is disconnected")).to_be_visible()
    await say(page, "/order 1001")
    await expect(message(page, "Connect Quivo first")).to_be_visible()


async def test_each_member_sees_what_is_theirs(open_page: OpenPage, bot: Stage) -> None:
    """Ben sees the card, not what was for Ada alone; Olga sees the shared channel, and her click does nothing."""
    await bot.connect(ADA)
    ada = await open_page(ADA, SHARED)
    await say(ada, "/order 1001")
    await expect(message(ada, "Order 1001")).to_contain_text("is in the warehouse")
    ben = await open_page(BEN, SHARED)
    await expect(message(ben, "Order 1001")).to_be_visible()
    await message(ben, "Order 1001").get_by_role("button", name="Details").click()
    await expect(message(ben, "Connect Quivo first")).to_be_visible()
    olga = await open_page(OLGA, SHARED)
    await expect(olga.locator(".message", has_text="Connect Quivo first")).to_have_count(0)
    before = len(bot.quivo.requests)
    await message(olga, "Order 1001").get_by_role("button", name="Details").click()
    await expect(message(olga, "another company")).to_be_visible()
    await expect(olga.locator("dialog[open]")).to_have_count(0)
    assert len(bot.quivo.requests) == before
    await shot(olga, "06-outsider")


async def test_home_and_the_other_rooms(open_page: OpenPage, bot: Stage) -> None:
    """Home shows what is connected and removes it after a question; help, status and the private channel answer."""
    await bot.connect(ADA)
    page = await open_page(ADA, PRIVATE)
    await say(page, "/shipclerk help")
    await expect(message(page, "/order find")).to_be_visible()
    await say(page, "/shipclerk status")
    await expect(message(page, "Quivo answers; you are connected")).to_be_visible()
    await shot(page, "07-help")
    await page.get_by_role("link", name="Shipclerk Home").or_(page.get_by_role("button", name="Shipclerk Home")).click()
    await expect(page.get_by_text("Your connections.")).to_be_visible()
    await shot(page, "08-home")
    await page.get_by_role("button", name="Disconnect").click()
    await dialog(page).get_by_role("button", name="Disconnect").click()
    await expect(page.get_by_text("You have not connected anything yet")).to_be_visible()


async def test_home_is_drawn_anew_behind_a_question(open_page: OpenPage, bot: Stage) -> None:
    """The answer to a question is sent also if Home was published meanwhile, with other block_ids, behind it."""
    await bot.connect(ADA)
    page = await open_page(ADA, ORDERS)
    await page.get_by_role("button", name="Shipclerk Home").click()
    await expect(page.get_by_text("Your connections.")).to_be_visible()
    await bot.settle()
    old = await page.locator(".home-sheet").element_handle()
    assert old is not None
    await page.get_by_role("button", name="Disconnect").click()
    await bot.slack.open_home(ADA)
    await page.wait_for_function("sheet => !sheet.isConnected", arg=old)
    await dialog(page).get_by_role("button", name="Disconnect").click()
    await expect(page.get_by_text("You have not connected anything yet")).to_be_visible()


async def test_a_phones_width(open_page: OpenPage, bot: Stage) -> None:
    """At 390 pixels the card and the form are whole: nothing is wider than the screen."""
    await bot.connect(ADA)
    page = await open_page(ADA, ORDERS, size=NARROW)
    await say(page, "/order 1001")
    await expect(message(page, "Order 1001")).to_contain_text("is in the warehouse")
    await shot(page, "09-card-narrow")
    await say(page, "/order list")
    await expect(message(page, "Orders, page 1")).to_be_visible()
    await shot(page, "10-list-narrow")
    await say(page, "/connect quivo")
    await expect(field(page, "apiKey")).to_be_visible()
    await shot(page, "11-form-narrow")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_the_clock_and_a_fault_from_the_control_panel(open_page: OpenPage, bot: Stage) -> None:
    """An hour later the token has run out and nobody notices; a broken Quivo is said with a reference."""
    await bot.connect(ADA)
    page = await open_page(ADA, ORDERS)
    logins = bot.quivo.count("POST", "/login")
    await page.get_by_role("button", name="Control panel").first.click()
    await page.get_by_role("button", name="+1 h").click()
    await page.get_by_role("button", name="+1 min").click()
    await say(page, "/order 1001")
    await expect(message(page, "Order 1001")).to_be_visible()
    assert bot.quivo.count("POST", "/login") == logins + 1
    await page.get_by_role("switch").first.press("Space")
    await shot(page, "12-panel")
    await say(page, "/order 1002")
    await expect(message(page, "Reference")).to_be_visible(timeout=15_000)
    await shot(page, "13-fault")
