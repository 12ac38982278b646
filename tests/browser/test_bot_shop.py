"""The real bot on the page: Ada signs in to the store with a code, shops, checks out, and begins anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from page_steps import NARROW, OpenPage, dialog, field, message, say
from playwright.async_api import Page, expect
from stage import Stage, staged
from test_bot_day import shot
from test_bot_orders import away

from sandbox.slack.workspace import ADA, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot, with nobody connected."""
    async with staged(tmp_path) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def world(bot: Stage) -> World:
    """The world that ``open_page`` opens."""
    return bot.world


async def submit(page: Page) -> None:
    """Press the form's own button."""
    await dialog(page).locator("footer").get_by_role("button").last.click()


async def pick(page: Page, block: str, label: str) -> None:
    """Pick an option of a select in the form in front."""
    await dialog(page).locator(f"[data-block='{block}']").get_by_role("combobox").click()
    await page.get_by_role("option", name=label).first.click()


async def sign_in(page: Page, bot: Stage) -> None:
    """From the command to *connected*, with a wrong code on the way; the code is read as if it were mail."""
    await say(page, "/connect vendo")
    await field(page, "email").fill("ada@example.com")
    await shot(page, "40-vendo-email")
    await submit(page)
    await expect(dialog(page)).to_contain_text("Code sent", timeout=15_000)
    await field(page, "code").fill("000000")
    await submit(page)
    await expect(dialog(page)).to_contain_text("did not accept this code", timeout=15_000)
    await expect(field(page, "code")).to_have_value("000000")
    await shot(page, "41-vendo-wrong-code")
    code = next(mail.code for mail in reversed(bot.world.vendo.mail))
    await expect(page.locator(".mail")).to_contain_text(code)
    await page.get_by_role("button", name="Put the mail away").click()
    await field(page, "code").fill(code)
    await submit(page)
    await expect(dialog(page)).to_contain_text("is connected", timeout=15_000)
    await away(page)
    await page.get_by_role("button", name="Control panel").first.click()
    await expect(page.get_by_label("Mail of Vendo")).to_contain_text(code)
    await shot(page, "53-control-panel")
    await page.get_by_role("button", name="Close the control panel").click()


async def test_from_signing_in_to_a_new_cart(open_page: OpenPage, bot: Stage) -> None:
    """Sign in → search → add → coupon → check out → order → a new cart, with what Ada sees at each step."""
    page = await open_page(ADA, ORDERS)
    await sign_in(page, bot)
    await say(page, "/shop search hoodie")
    await expect(message(page, "Hoodie")).to_be_visible(timeout=15_000)
    await shot(page, "42-shop-search")
    await say(page, "/cart add NOTE 2")
    cart = message(page, "NOTE").or_(message(page, "Notebook")).last
    await expect(cart).to_be_visible(timeout=15_000)
    await shot(page, "43-cart")
    await cart.get_by_role("button", name="Coupon").click()
    await field(page, "coupon_code").fill("test")
    await submit(page)
    await expect(message(page, "10 % off")).to_be_visible(timeout=15_000)
    await page.keyboard.press("Escape")
    await shot(page, "44-cart-coupon")
    await message(page, "10 % off").get_by_role("button", name="Check out").click()
    await expect(dialog(page).locator("[data-block='saved']")).to_be_visible(timeout=15_000)
    await shot(page, "45-checkout-address")
    await pick(page, "saved", "Old")
    await submit(page)
    await expect(dialog(page).locator("[data-block='shipments[0].selected_shipping_rate_id']")).to_be_visible(
        timeout=15_000
    )
    await shot(page, "46-checkout-delivery")
    await submit(page)
    await expect(dialog(page).locator("[data-block='payment_method_id']")).to_be_visible(timeout=15_000)
    await pick(page, "payment_method_id", "Check")
    await shot(page, "47-checkout-payment")
    await submit(page)
    await expect(dialog(page)).to_contain_text("Place the order", timeout=15_000)
    await shot(page, "48-checkout-review")
    await submit(page)
    await expect(message(page, "is ordered")).to_be_visible(timeout=15_000)
    await away(page)
    await shot(page, "49-ordered")
    await say(page, "/cart")
    await expect(message(page, "new cart")).to_be_visible(timeout=15_000)
    await shot(page, "50-new-cart")
    *_, newest = bot.world.vendo.orders_of("ada@example.com")
    assert newest.state == "complete"


async def test_a_cart_on_a_phone(open_page: OpenPage, bot: Stage) -> None:
    """At 390 pixels a product and a guest's cart stay inside the screen."""
    page = await open_page(ADA, ORDERS, size=NARROW)
    await say(page, "/shop product HOOD-GREY-M")
    await expect(message(page, "Hoodie")).to_be_visible(timeout=15_000)
    await shot(page, "51-product-narrow")
    await say(page, "/cart add NOTE 2")
    await expect(message(page, "Check out")).to_be_visible(timeout=15_000)
    await shot(page, "52-cart-narrow")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
