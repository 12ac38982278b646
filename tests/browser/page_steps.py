"""What a person does on the page, in few words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page

WIDE, NARROW = (1280, 800), (390, 844)

# Opens the page: (member, room, *, size) -> Page; see the fixture `open_page`.
OpenPage = Callable[..., Awaitable[Page]]


async def say(page: Page, text: str) -> None:
    """Type into the composer and press Enter."""
    box = page.get_by_role("combobox", name="Message")
    await box.fill(text)
    await box.press("Enter")


def message(page: Page, text: str) -> Locator:
    """The newest message that holds this text."""
    return page.locator(".message", has_text=text).last


def dialog(page: Page) -> Locator:
    """The dialog in front."""
    return page.locator("dialog[open]").last


def field(page: Page, block_id: str) -> Locator:
    """The input of a block in the modal in front."""
    return dialog(page).locator(f"[data-block='{block_id}'] :is(input, textarea)").first
