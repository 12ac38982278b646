"""The real bot on the page: seed 004's walk, a subscription that is paused, and tomorrow's summary."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from page_steps import NARROW, OpenPage, dialog, field, message, say
from playwright.async_api import Page, expect
from scheduled_moves import MERCHANT, SEED_CUSTOMER, SEED_METHOD, SEED_PRODUCT, calm
from stage import Stage, staged
from test_bot_day import shot
from test_bot_orders import away, choose
from test_bot_shop import pick, submit

from sandbox.slack.workspace import ADA, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SLOW = 20_000


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot, with nobody connected."""
    async with staged(tmp_path) as stage:
        calm(stage)
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def world(bot: Stage) -> World:
    """The world that ``open_page`` opens."""
    return bot.world


async def type_in(page: Page, values: dict[str, str], *, but: tuple[str, ...] = ()) -> None:
    """Type into the form in front, by block_id."""
    for name, text in values.items():
        if name not in but:
            await field(page, name).fill(text)


async def connect(page: Page) -> None:
    """Connect as the site's merchant, with a wrong password on the way."""
    await say(page, "/connect qpilot")
    await type_in(page, {**MERCHANT, "password": "wrong"}, but=("accessScope",))
    await submit(page)
    await expect(dialog(page)).to_contain_text("Not connected, and nothing is kept", timeout=SLOW)
    await expect(field(page, "email")).to_have_value(MERCHANT["email"])
    await shot(page, "60-qpilot-refused")
    await field(page, "password").fill(MERCHANT["password"])
    await submit(page)
    await expect(dialog(page)).to_contain_text("is connected", timeout=SLOW)
    await away(page)


async def test_from_the_first_customer_to_the_list(open_page: OpenPage, bot: Stage) -> None:
    """Connect → product → customer → payment method → scheduled order → list, then pause it and sum up the week."""
    page = await open_page(ADA, ORDERS)
    await connect(page)
    await say(page, "/scheduled product")
    await type_in(page, SEED_PRODUCT, but=("weightUnitType", "lengthUnitType", "availability"))
    await shot(page, "61-product")
    await submit(page)
    await expect(message(page, "Product 200982 is created")).to_be_visible(timeout=SLOW)
    await away(page)
    await say(page, "/scheduled customer")
    await type_in(page, SEED_CUSTOMER)
    await shot(page, "62-customer")
    await submit(page)
    await expect(dialog(page)).to_contain_text("Customer 29920", timeout=SLOW)
    await dialog(page).get_by_role("button", name="payment method").first.click()
    await type_in(page, {**SEED_METHOD, "gatewayPaymentId": "4242 4242 4242 4242"}, but=("type",))
    await pick(page, "type", "Stripe")
    await submit(page)
    await expect(dialog(page)).to_contain_text("card number")
    await shot(page, "63-card-number")
    await field(page, "gatewayPaymentId").fill(SEED_METHOD["gatewayPaymentId"])
    await submit(page)
    await expect(message(page, "of customer 29920 is created")).to_be_visible(timeout=SLOW)
    await dialog(page).get_by_role("button", name="scheduled order").first.click()
    await expect(dialog(page).locator("[data-block='scheduledOrderItems[0].productId']")).to_be_visible(timeout=SLOW)
    await choose(page, "scheduledOrderItems[0].productId", "RCo", "RCo Atlantis")
    await pick(page, "frequencyType", "days")
    await type_in(page, {"scheduledOrderItems[0].quantity": "4", "frequency": "30"})
    await shot(page, "64-scheduled-order")
    await submit(page)
    card = message(page, "Scheduled order")
    await expect(card).to_contain_text("every 30 days", timeout=SLOW)
    await shot(page, "65-created")
    [order_id] = [number for number, order in bot.world.qpilot.orders.items() if order["customerId"] == "29920"]
    await away(page)
    await say(page, "/scheduled list active Wilking")
    await expect(message(page, str(order_id)).last).to_be_visible(timeout=SLOW)
    await shot(page, "66-list")
    await say(page, f"/scheduled pause {order_id}")
    await expect(dialog(page)).to_contain_text("paused", timeout=SLOW)
    await shot(page, "67-pause")
    await submit(page)
    await expect(message(page, "is paused")).to_be_visible(timeout=SLOW)
    await away(page)
    assert bot.world.qpilot.orders[order_id]["status"] == "Paused"
    await say(page, "/scheduled summary 7d")
    await expect(message(page, "due")).to_be_visible(timeout=SLOW)
    await expect(page.locator("[data-block-type='data_visualization'], .chart").last).to_be_visible(timeout=SLOW)
    await shot(page, "68-summary")


async def test_a_summary_on_a_phone(open_page: OpenPage, bot: Stage) -> None:
    """At 390 pixels a summary with its chart and table stays inside the screen."""
    page = await open_page(ADA, ORDERS, size=NARROW)
    await connect(page)
    await say(page, "/scheduled summary 7d")
    await expect(message(page, "due")).to_be_visible(timeout=SLOW)
    await shot(page, "69-summary-narrow")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
