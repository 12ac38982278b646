"""Typing: commands and their suggestions, what only one member sees, and what a late or dead app looks like."""

from __future__ import annotations

import re

import pytest
from page_app import LittleApp
from page_steps import OpenPage, dialog, message, say
from playwright.async_api import Page, expect

from sandbox.slack.workspace import ADA, BEN, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_slash_suggests_the_commands_of_the_manifest(page: Page) -> None:
    """Each suggestion names the command, its usage hint and its description, and typing narrows the list."""
    box = page.get_by_role("combobox", name="Message")
    await box.press_sequentially("/")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_have_count(9)
    await expect(options.first).to_have_text("/card <number>Show a card with buttons")
    await box.press_sequentially("ca")
    await expect(options).to_have_text([re.compile("^/card"), re.compile("^/carry")])
    await box.press_sequentially("x")
    await expect(page.get_by_role("listbox", name="Commands")).to_have_count(0)


async def test_arrow_and_tab_take_a_suggestion_and_escape_drops_them(page: Page) -> None:
    """Arrow down and Tab complete the second command, Escape closes the list and keeps what was typed."""
    box = page.get_by_role("combobox", name="Message")
    await box.press_sequentially("/ca")
    await expect(box).to_have_attribute("aria-expanded", "true")
    await box.press("ArrowDown")
    await expect(page.get_by_role("option", name="/carry")).to_have_attribute("aria-selected", "true")
    await box.press("Tab")
    await expect(box).to_have_value("/carry ")
    await box.fill("")
    await box.press_sequentially("/wh")
    await box.press("Escape")
    await expect(box).to_have_attribute("aria-expanded", "false")
    await expect(box).to_have_value("/wh")


async def test_a_command_with_the_keyboard_alone(page: Page) -> None:
    """Suggestion, argument, Enter: the answer appears without the mouse, and the box keeps the focus."""
    box = page.get_by_role("combobox", name="Message")
    await expect(box).to_be_focused()
    await page.keyboard.type("/whi")
    await page.keyboard.press("Enter")
    await expect(page.locator(".composer-hint")).to_have_text("/whisper <words>")
    await page.keyboard.type("good morning")
    await page.keyboard.press("Enter")
    await expect(message(page, "You said: good morning")).to_be_visible()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("")


async def test_arrow_up_brings_back_what_was_sent(page: Page) -> None:
    """An empty box recalls the last line with arrow up and empties again with arrow down."""
    await say(page, "/whisper once")
    box = page.get_by_role("combobox", name="Message")
    await expect(message(page, "You said: once")).to_be_visible()
    await box.press("ArrowUp")
    await expect(box).to_have_value("/whisper once")
    await box.press("ArrowDown")
    await expect(box).to_have_value("")


async def test_an_ephemeral_answer_is_marked_and_nobody_else_sees_it(
    page: Page, open_page: OpenPage, world: World
) -> None:
    """Ada's answer says "Only visible to you"; Ben in the same channel sees the next message but not that one."""
    bens = await open_page(BEN)
    await say(page, "/whisper secret plan")
    await expect(message(page, "secret plan").get_by_text("Only visible to you")).to_be_visible()
    await world.workspace.post(ADA, ORDERS, "for everybody")
    await expect(message(bens, "for everybody")).to_be_visible()
    await expect(bens.get_by_text("secret plan")).to_have_count(0)


async def test_a_message_reaches_the_other_members_and_is_read_out(page: Page, open_page: OpenPage) -> None:
    """What Ben writes appears on Ada's page with his name, and the polite live region says it."""
    bens = await open_page(BEN)
    await say(bens, "Parcel *47* has arrived <b>today</b>")
    arrived = message(page, "Parcel 47 has arrived <b>today</b>")
    await expect(arrived.locator(".author")).to_have_text("Ben Home")
    await expect(arrived.locator("strong", has_text="47")).to_be_visible()
    await expect(arrived.locator("b")).to_have_count(0)
    await expect(page.locator("#announcer")).to_contain_text("Ben Home: ")


async def test_a_late_app_is_what_slackbot_says_it_is(page: Page) -> None:
    """A command that is not acknowledged ends in Slackbot's operation_timeout, to that member only."""
    await say(page, "/late")
    said = message(page, "operation_timeout")
    await expect(said.locator(".text")).to_have_text('/late failed with the error "operation_timeout"')
    await expect(said.locator(".author")).to_have_text("Slackbot")
    await expect(said.get_by_text("Only visible to you")).to_be_visible()


async def test_waiting_is_shown_while_the_app_thinks(page: Page, little: LittleApp, world: World) -> None:
    """Until the app answers, a line says that it is working; then the line goes."""
    world.workspace.ack_seconds = 20
    await say(page, "/carry")
    waiting = page.get_by_text("Parcel is working on it…")
    await expect(waiting).to_be_visible()
    little.go_on.set()
    await expect(message(page, "Carried")).to_be_visible()
    await expect(waiting).to_be_hidden()


async def test_without_an_app_the_page_says_so_and_notices_when_it_comes(world: World, open_page: OpenPage) -> None:
    """A dead app shows dispatch_failed and "is not connected"; nothing is delivered to anybody."""
    alone = await open_page()
    await expect(alone.get_by_text("Parcel is not connected")).to_be_visible()
    await say(alone, "/card 1001")
    await expect(message(alone, '/card failed with the error "dispatch_failed"')).to_be_visible()
    assert world.workspace.calls == []


async def test_an_unknown_command_is_not_sent(page: Page, world: World) -> None:
    """A command that the manifest does not have is refused by Slackbot and reaches no app."""
    await expect(page.get_by_text("Parcel is here")).to_be_visible()
    await say(page, "/nonsense now")
    await expect(message(page, "is not a valid command")).to_be_visible()
    assert [envelope.kind for envelope in world.workspace.delivered] == []


async def test_a_global_shortcut_opens_its_modal(page: Page, little: LittleApp) -> None:
    """The shortcut menu offers the manifest's global shortcuts only, and using one opens the form."""
    await page.get_by_role("button", name="Shortcuts").click()
    await expect(page.get_by_role("menuitem")).to_have_text(["Start a formParcel"])
    await page.keyboard.press("Enter")
    await expect(dialog(page).get_by_role("heading", name="A form")).to_be_visible()


async def test_a_message_shortcut_is_used_on_its_message(page: Page, world: World) -> None:
    """The menu at a message offers the message shortcut, and the app hears which message it was."""
    ts = await world.workspace.post(BEN, ORDERS, "where is it")
    target = message(page, "where is it")
    await target.hover()
    await target.get_by_role("button", name="Message actions").click()
    await page.get_by_role("menuitem", name="Look at this").click()
    await expect(message(page, f"I looked at {ts}")).to_be_visible()
