"""Files and threads on the page: attached, dropped, chosen in a modal, downloaded, and replies under their message."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from page_app import LittleApp
from page_steps import NARROW, OpenPage, dialog, field, message, say
from playwright.async_api import Page, expect

from sandbox.slack.workspace import ADA, BEN, BOT_USER, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CSV: Any = {"name": "orders.csv", "mimeType": "text/csv", "buffer": b"a;b\n1;2\n"}


async def attach(page: Page, *files: Any) -> None:
    """Choose files with the composer's clip."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(list(files))


async def downloaded(page: Page, title: str) -> bytes:
    """The content behind the newest file of this title."""
    async with page.expect_download() as download:
        await page.get_by_role("link", name=f"Download {title}").last.click()
    path = await (await download.value).path()
    return await asyncio.to_thread(path.read_bytes)


async def test_an_attached_file_is_a_message_and_can_be_downloaded(page: Page, world: World) -> None:
    """The clip uploads, Enter sends without words too, and the link gives the same bytes back."""
    await attach(page, CSV)
    await expect(page.get_by_role("button", name="Remove orders.csv")).to_be_visible()
    await page.get_by_role("combobox", name="Message").press("Enter")
    await expect(message(page, "orders.csv").locator(".file-card")).to_contain_text("CSV · 8 bytes")
    (sent,) = world.workspace.visible(BEN, ORDERS)
    assert (sent.user, sent.text, sent.files[0]["mimetype"]) == (ADA, "", "text/csv")
    assert await downloaded(page, "orders.csv") == b"a;b\n1;2\n"
    await expect(page.get_by_role("button", name="Remove orders.csv")).to_have_count(0)


async def test_what_is_taken_out_again_is_not_sent(page: Page, world: World) -> None:
    """A removed file stays behind, an empty one is refused in words, and nothing at all is no message."""
    await attach(page, CSV, CSV | {"name": "empty.csv", "buffer": b""})
    await expect(page.get_by_text("empty.csv: Slack does not take an empty file")).to_be_visible()
    await page.get_by_role("button", name="Remove orders.csv").click()
    await page.get_by_role("combobox", name="Message").press("Enter")
    await say(page, "only words")
    await expect(message(page, "only words")).to_be_visible()
    assert [sent.files for sent in world.workspace.visible(ADA, ORDERS)] == [[]]


async def test_a_dropped_file_is_attached(page: Page) -> None:
    """A file dropped on the messages waits in the composer, and another room does not get it."""
    await page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["x;y"], "dropped.csv", { type: "text/csv" }));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
            document.getElementById("stage").dispatchEvent(drop);
        }"""
    )
    await expect(page.get_by_role("button", name="Remove dropped.csv")).to_be_visible()
    await page.get_by_role("button", name="orders-private").click()
    await expect(page.get_by_role("button", name="Remove dropped.csv")).to_have_count(0)


async def test_the_apps_file_stands_in_its_thread(page: Page, world: World) -> None:
    """What the app uploads into a thread is under the message, for everybody, with its content."""
    root = await world.workspace.post(BEN, ORDERS, "import please")
    await world.workspace.post(BEN, ORDERS, "something else")
    await say(page, f"/report {root}")
    reply = page.locator(".message.reply")
    await expect(reply).to_contain_text("Here it is")
    assert await downloaded(page, "Report") == b"number;state\n1;sent\n"
    order = await page.locator(".message").evaluate_all(
        "nodes => nodes.map((node) => node.className.includes('reply'))"
    )
    assert order == [False, True, False]
    assert [sent.user for sent in world.workspace.visible(ADA, ORDERS)] == [BEN, BEN, BOT_USER]


async def test_a_reply_goes_into_the_thread_until_it_is_left(page: Page, world: World) -> None:
    """Reply in thread, twice; a command is not sent there; after leaving, a message stands in the channel again."""
    root = await world.workspace.post(BEN, ORDERS, "where is it?")
    await message(page, "where is it?").hover()
    await message(page, "where is it?").get_by_role("button", name="Message actions").click()
    await page.get_by_role("menuitem", name="Reply in thread").click()
    await expect(page.locator(".composer-thread")).to_have_text("Replying to Ben Home")
    await say(page, "/whisper no")
    await expect(page.locator(".composer-hint")).to_have_text("Commands are not supported in threads.")
    await say(page, "looking")
    await expect(page.locator(".message.reply")).to_have_count(1)
    await say(page, "found it")
    await expect(page.locator(".message.reply")).to_have_count(2)
    await page.get_by_role("button", name="Leave the thread").click()
    await say(page, "done")
    await expect(message(page, "done")).not_to_have_class("reply")
    assert [sent.thread_ts for sent in world.workspace.visible(BEN, ORDERS)] == [None, root, root, None]


async def test_a_file_field_uploads_and_hands_over(page: Page, little: LittleApp, world: World) -> None:
    """A chosen file is uploaded at once, stays over an update, a wrong kind is refused, and the app gets the object."""
    await say(page, "/long")
    await field(page, "paper").set_input_files([CSV, CSV | {"name": "second.csv"}])
    await expect(dialog(page).locator("[data-block=paper] .chip")).to_have_count(2)
    await dialog(page).get_by_role("button", name="Remove second.csv").click()
    await dialog(page).get_by_role("button", name="Add a row").click()
    await expect(field(page, "name-12")).to_be_visible()
    await expect(dialog(page).locator("[data-block=paper] .chip")).to_have_text(["orders.csv · 8 bytes×"])
    await _pick_product(page)
    await dialog(page).get_by_role("button", name="Check").click()
    await expect(page.locator("dialog")).to_have_count(0)
    (file,) = little.submitted[0]["paper"]["x"]["files"]
    assert (file["name"], file["user"], world.workspace.files[file["id"]].content) == ("orders.csv", ADA, CSV["buffer"])


async def _pick_product(page: Page) -> None:
    await field(page, "sku").click()
    await field(page, "sku").press_sequentially("ri")
    await page.get_by_role("option", name="Riga").click()
    await expect(dialog(page)).to_contain_text("product riga")


async def test_a_pick_stays_when_the_app_draws_the_modal_anew(page: Page, little: LittleApp) -> None:
    """After the pick made the app update the view, the pick, what was typed and the focus are where they were."""
    await say(page, "/long")
    await field(page, "name-2").fill("Big cup")
    await _pick_product(page)
    await expect(field(page, "sku")).to_have_value("Riga")
    await expect(field(page, "sku")).to_be_focused()
    await expect(field(page, "name-2")).to_have_value("Big cup")
    await dialog(page).get_by_role("button", name="Check").click()
    await expect(page.locator("dialog")).to_have_count(0)
    assert little.submitted[0]["sku"]["x"]["selected_option"]["value"] == "riga"
    assert little.submitted[0]["name-2"]["x"]["value"] == "Big cup"


async def test_a_menu_outside_of_the_inputs_does_not_spoil_the_form(page: Page, little: LittleApp) -> None:
    """A select in an actions block acts by itself and is no part of what is submitted by input."""
    await say(page, "/long")
    await _pick_product(page)
    kind = dialog(page).get_by_role("combobox").last
    await kind.click()
    await page.get_by_role("option", name="Pallet").click()
    await dialog(page).get_by_role("button", name="Check").click()
    await expect(page.locator("dialog")).to_have_count(0)
    assert [action["action_id"] for action in little.actions] == ["x", "long.kind"]


@pytest.mark.parametrize("size", [(1280, 800), NARROW], ids=["wide", "narrow"])
async def test_a_long_form_scrolls_between_head_and_foot(
    open_page: OpenPage, little: LittleApp, size: tuple[int, int]
) -> None:
    """With 53 blocks title and buttons stay in sight, nothing is wider than the window, and adding keeps the place."""
    page = await open_page(size=size)
    await say(page, "/long")
    add = dialog(page).get_by_role("button", name="Add a row")
    await add.scroll_into_view_if_needed()
    for always in (
        dialog(page).get_by_role("heading", name="Create order"),
        dialog(page).get_by_role("button", name="Check"),
    ):
        await expect(always).to_be_in_viewport(ratio=1)
    before = await dialog(page).locator(".modal-body").evaluate("node => node.scrollTop")
    await add.click()
    await expect(field(page, "name-12")).to_be_visible()
    await expect(add).to_be_focused()
    assert before > 1000
    assert await dialog(page).locator(".modal-body").evaluate("node => node.scrollTop") >= before
    assert await page.evaluate("document.documentElement.scrollWidth") == size[0]


async def test_a_menu_in_a_form_asks_before_it_acts(page: Page, little: LittleApp) -> None:
    """The overflow menu's confirm dialog stands over the modal; Keep sends nothing, Remove sends the option."""
    await say(page, "/long")
    for answer in ("Keep", "Remove"):
        await dialog(page).get_by_role("button", name="More actions").nth(3).click()
        await page.get_by_role("menuitem", name="Remove").click()
        await expect(dialog(page).get_by_role("heading", name="Remove this row?")).to_be_visible()
        await dialog(page).get_by_role("button", name=answer).click()
        await expect(dialog(page).get_by_role("heading", name="Create order")).to_be_visible()
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert [action["selected_option"]["value"] for action in little.actions] == ["remove-3"]
