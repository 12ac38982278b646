"""Rooms, members, Home, the control panel, and the narrow screen."""

from __future__ import annotations

import pytest
from page_app import LittleApp
from page_steps import NARROW, OpenPage, message, say
from playwright.async_api import Page, expect

from sandbox.slack.workspace import ADA, BEN, OLGA, ORDERS, SHARED
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def rooms(page: Page) -> list[str]:
    """The selector's texts are compared with these names."""
    return ["orders", "orders-private", "partner-acme", "Parcel", "Parcel Home"]


async def test_the_sidebar_names_every_room_and_its_kind(page: Page) -> None:
    """Public, private and shared channels, the direct message and Home are there, with the other company's name."""
    await expect(page.locator(".room-name")).to_have_text(rooms(page))
    await expect(page.get_by_role("button", name="orders-private, private channel")).to_be_visible()
    await expect(page.get_by_role("button", name="shared with another company")).to_contain_text("Acme")
    await expect(page.get_by_role("button", name="orders, public channel")).to_have_attribute("aria-current", "page")


async def test_the_outsider_sees_the_shared_channel_only(page: Page, world: World) -> None:
    """B2: Olga has no other room, no Home, no direct message and no command; her company stands at her name."""
    await world.workspace.post(ADA, ORDERS, "for us only")
    await expect(message(page, "for us only")).to_be_visible()
    await page.get_by_role("radio", name="Olga").click()
    await expect(page.locator(".room-name")).to_have_text(["partner-acme"])
    await expect(page.get_by_text("for us only")).to_have_count(0)
    await say(page, "hello from Acme")
    await expect(message(page, "hello from Acme").locator(".author")).to_have_text("Olga Acme")
    await page.get_by_role("combobox", name="Message").press_sequentially("/")
    await expect(page.get_by_role("option")).to_have_count(0)
    await page.get_by_role("radio", name="Ada").click()
    await page.get_by_role("button", name="partner-acme").click()
    await expect(message(page, "hello from Acme").locator(".company")).to_have_text("Acme")
    await expect(page.get_by_text("people outside your company read this")).to_be_visible()


async def test_the_outsiders_click_is_delivered_as_hers(world: World, little: LittleApp, open_page: OpenPage) -> None:
    """Slack lets anybody in the channel press a button; the app is told who it was."""
    await world.workspace.command(ADA, SHARED, "/card 1001")
    olgas = await open_page(OLGA, SHARED)
    await olgas.get_by_role("button", name="Details").click()
    await world.workspace.until(lambda: little.actions)
    assert world.workspace.delivered[-1].payload["user"]["id"] == OLGA


async def test_home_opens_and_its_button_acts(page: Page, little: LittleApp) -> None:
    """Opening Home tells the app each time; its button updates the tab in place and keeps the focus."""
    await page.get_by_role("button", name="Parcel Home").click()
    await expect(page.get_by_role("heading", name="Your parcels")).to_be_visible()
    press = page.get_by_role("button", name="Press", exact=True)
    await press.click()
    await expect(page.locator(".home")).to_contain_text("Pressed 1 times")
    await expect(press).to_be_focused()
    await press.press("Enter")
    await expect(page.locator(".home")).to_contain_text("Pressed 2 times")
    assert little.pressed == 2


async def test_an_app_that_published_no_home(world: World, open_page: OpenPage) -> None:
    """Without an app the Home tab says that nothing was published."""
    page = await open_page(ADA, "home")
    await expect(page.get_by_text("Parcel has not published a Home tab yet.")).to_be_visible()


async def test_the_direct_message_takes_commands(page: Page) -> None:
    """In the direct message with the app a command is answered there."""
    await page.get_by_role("button", name="Parcel", exact=True).click()
    await expect(page.get_by_role("combobox", name="Message Parcel")).to_be_focused()
    await say(page, "/whisper in private")
    await expect(message(page, "You said: in private")).to_be_visible()


async def test_the_control_panel_moves_the_clock(page: Page, world: World) -> None:
    """An hour and a day are added to the one clock of the world, and Reset takes them back."""
    before = world.clock.now()
    await page.get_by_role("button", name="Control panel", exact=True).click()
    await page.get_by_role("button", name="+1 h").click()
    await page.get_by_role("button", name="+1 day").click()
    await expect(page.get_by_text("1 d 1 h ahead")).to_be_visible()
    assert 90_000 <= world.clock.now() - before < 90_060
    await page.get_by_role("button", name="Reset").click()
    await expect(page.get_by_text("the same as this machine's")).to_be_visible()
    assert 0 <= world.clock.now() - before < 60


async def test_the_control_panel_changes_an_order(page: Page, world: World) -> None:
    """A status chosen for one order is Quivo's status of that order, and of no other."""
    others = [summary for summary in world.quivo.order_summaries() if summary[0] != 1001]
    await page.get_by_role("button", name="Control panel", exact=True).click()
    await page.get_by_label("Find an order").fill("1001")
    await page.get_by_label("#DE38678").select_option("CANCELLED")
    await expect(page.locator("#announcer")).to_have_text("Order 1001 is CANCELLED")
    assert world.quivo.orders[1001]["orderStatus"] == "CANCELLED"
    assert [summary for summary in world.quivo.order_summaries() if summary[0] != 1001] == others


async def test_the_control_panel_switches_a_fault_on_and_off(page: Page, world: World) -> None:
    """The switch puts its fault into Quivo's list and takes it out again, with the keyboard too."""
    await page.get_by_role("button", name="Control panel", exact=True).click()
    switch = page.get_by_role("switch", name="Orders answer 500")
    await switch.focus()
    await switch.press("Space")
    await expect(page.get_by_role("heading", name="Faults · 1 on")).to_be_visible()
    assert [(fault.match, fault.kind) for fault in world.quivo.faults] == [("GET /orders", "500")]
    await expect(switch).to_be_focused()
    await switch.press("Space")
    await expect(page.get_by_role("heading", name="Faults", exact=True)).to_be_visible()
    assert world.quivo.faults == []


async def test_the_control_panel_expires_tokens(page: Page, world: World) -> None:
    """A token that was good is expired after the button, and Escape closes the panel."""
    token = world.quivo.tokens.issue(world.quivo.accounts[0])
    await page.get_by_role("button", name="Control panel", exact=True).click()
    await page.get_by_role("button", name="Expire tokens").click()
    await expect(page.locator("#announcer")).to_have_text("Tokens expired")
    assert world.quivo.tokens.holder(token) == "expired"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("complementary", name="Control panel")).to_be_hidden()


async def test_a_narrow_screen_keeps_the_rooms_in_a_drawer(little: LittleApp, open_page: OpenPage) -> None:
    """At 390 px the sidebar opens when asked for, Escape and a choice close it, and nothing scrolls sideways."""
    page = await open_page(BEN, size=NARROW)
    sidebar = page.locator("#sidebar")
    await expect(sidebar).not_to_be_in_viewport()
    opener = page.get_by_role("button", name="Open the sidebar")
    await opener.click()
    await expect(sidebar).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await expect(sidebar).not_to_be_in_viewport()
    await expect(opener).to_be_focused()
    await opener.click()
    await page.get_by_role("button", name="orders-private").click()
    await expect(sidebar).not_to_be_in_viewport()
    await expect(page.get_by_role("heading", name="orders-private")).to_be_visible()
    await say(page, "/gallery")
    await expect(page.locator(".chart").last).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


async def test_a_narrow_screen_shows_a_modal_whole(little: LittleApp, open_page: OpenPage) -> None:
    """At 390 px a modal takes the width of the screen and its Save button is in sight."""
    page = await open_page(ADA, size=NARROW)
    await say(page, "/form")
    box = await page.locator("dialog[open]").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, NARROW[0])
    await expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
