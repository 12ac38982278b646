"""The real bot on the page: an order is created, edited, sent elsewhere and cancelled, as a person would do it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from page_steps import NARROW, OpenPage, dialog, field, message, say
from playwright.async_api import Page, expect
from stage import Stage, staged
from test_bot_day import shot

from sandbox.slack.workspace import ADA, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot with Ada connected; a cancellation is held for a second."""
    async with staged(tmp_path, undo_seconds=1) as stage:
        await stage.connect(ADA)
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def world(bot: Stage) -> World:
    """The world that ``open_page`` opens."""
    return bot.world


async def choose(page: Page, block: str, typed: str, label: str) -> None:
    """Type into a select of the form in front and pick an option."""
    box = dialog(page).locator(f"[data-block='{block}']")
    await box.get_by_role("combobox").click()
    await box.get_by_role("combobox").fill(typed)
    await page.get_by_role("option", name=label).first.click()


async def away(page: Page) -> None:
    """Wait until the form is done with, and close what it became."""
    await expect(dialog(page).locator("footer").get_by_role("button", name="Close")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def fill(page: Page, **values: str) -> None:
    """Type into inputs of the form in front, by the last part of their block_id."""
    for name, text in values.items():
        await field(page, f"deliveryAddress.{name}").fill(text)


async def test_create_edit_address_cancel(open_page: OpenPage, bot: Stage) -> None:
    """Ada makes an order with two positions, corrects its comment and its address, and cancels it."""
    page = await open_page(ADA, ORDERS)
    await say(page, "/order create")
    await expect(dialog(page)).to_contain_text("Create an order")
    await expect(field(page, "orderReference")).to_be_visible()
    await shot(page, "20-create")
    await choose(page, "sellerId", "nord", "Nordlicht")
    await field(page, "orderReference").fill("#WALK1")
    await fill(page, name="Erika Muster", street="Hauptstr. 1", zip="10115", city="Berlin", countryIso2="DE")
    await choose(page, "positions[0].sku", "MUG", "MUG-SEA-350")
    await field(page, "positions[0].quantity").fill("0")
    await dialog(page).get_by_role("button", name="Add a position").click()
    await expect(field(page, "positions[1].quantity")).to_be_visible()
    await expect(field(page, "orderReference")).to_have_value("#WALK1")
    await choose(page, "positions[1].sku", "BOWL", "BOWL-OAT-18")
    await field(page, "positions[1].quantity").fill("2")
    await dialog(page).get_by_role("button", name="Create", exact=True).click()
    await expect(dialog(page).locator("[data-block='positions[0].quantity'] .field-error")).to_be_visible()
    await shot(page, "21-create-error")
    await field(page, "positions[0].quantity").fill("1")
    await dialog(page).get_by_role("button", name="Create", exact=True).click()
    card = message(page, "#WALK1")
    await expect(card).to_be_visible(timeout=15_000)
    await shot(page, "22-created")
    [made] = [order for order in bot.quivo.orders.values() if order.get("orderReference") == "#WALK1"]
    assert [(p["sku"], p["quantity"]) for p in made["positions"]] == [("MUG-SEA-350", 1), ("BOWL-OAT-18", 2)]
    order_id = made["orderId"]
    bot.quivo.set_status(order_id, "PROCESSING")

    await away(page)
    await say(page, f"/order edit {order_id}")
    await expect(field(page, "comment")).to_be_visible()
    await field(page, "comment").fill("Please wrap it twice")
    await shot(page, "23-edit")
    await dialog(page).locator("footer").get_by_role("button").last.click()
    await expect(dialog(page)).to_contain_text("Please wrap it twice")
    await shot(page, "24-will-change")
    await dialog(page).locator("footer").get_by_role("button").last.click()
    await expect(message(page, "Comment")).to_be_visible(timeout=15_000)
    assert bot.quivo.orders[order_id]["comment"] == "Please wrap it twice"

    await away(page)
    await say(page, f"/order address {order_id}")
    street = dialog(page).locator("[data-block$='street'] input").first
    await expect(street).to_have_value("Hauptstr. 1")
    await street.fill("Nebenstr. 2")
    await dialog(page).locator("footer").get_by_role("button").last.click()
    await expect(dialog(page)).to_contain_text("Nebenstr. 2")
    await shot(page, "29-address")
    await dialog(page).locator("footer").get_by_role("button").last.click()
    await expect(message(page, "Street")).to_be_visible(timeout=15_000)
    await expect(message(page, "Street")).not_to_contain_text("Nebenstr")
    assert bot.quivo.orders[order_id]["deliveryAddress"]["address1"] == "Nebenstr. 2"

    await away(page)
    await say(page, f"/order cancel {order_id}")
    await expect(dialog(page)).to_contain_text("Cancel this order")
    await shot(page, "25-cancel")
    await dialog(page).get_by_role("button", name="Cancel this order").click()
    await expect(
        message(page, "I will ask Quivo to cancel it").or_(message(page, "cancellation requested"))
    ).to_be_visible()
    await page.keyboard.press("Escape")
    await shot(page, "26-held")
    await bot.later(5)
    await bot.later(120)
    await expect(message(page, "is cancelled")).to_be_visible(timeout=15_000)
    await shot(page, "27-cancelled")
    assert bot.quivo.count("POST", f"/orders/{order_id}/cancelRequest") == 1


async def test_the_form_on_a_phone(open_page: OpenPage, bot: Stage) -> None:
    """At 390 pixels the whole form, also with *More*, stays inside the screen."""
    page = await open_page(ADA, ORDERS, size=NARROW)
    await say(page, "/order create")
    await expect(field(page, "orderReference")).to_be_visible()
    await dialog(page).get_by_role("button", name="More").click()
    await expect(field(page, "comment")).to_be_visible()
    await shot(page, "28-create-narrow")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
