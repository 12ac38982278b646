"""Messages: what Block Kit looks like, what its elements do, and that hostile text stays text."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from page_app import HOSTILE, LittleApp
from page_steps import OpenPage, dialog, message, say
from playwright.async_api import Page, expect

from sandbox.slack.workspace import ADA, BEN, ORDERS
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def show_card(page: Page) -> None:
    """Ask for a card and wait for it."""
    await say(page, "/card 1001")
    await expect(message(page, "Order 1001").get_by_role("button", name="Details")).to_be_visible()


async def test_a_card_shows_fields_names_and_the_readers_time(page: Page) -> None:
    """Fields, mentions and `<!date^…>` are rendered, the date in the browser's zone, and the app is marked as one."""
    await show_card(page)
    card = message(page, "Order 1001")
    when = datetime.fromtimestamp(1790000000, ZoneInfo("Europe/Berlin"))
    await expect(card.locator(".fields")).to_contain_text(f"{when.day} Sept {when.year} at {when:%H:%M}")
    await expect(card.locator(".fields > *")).to_have_count(4)
    await expect(card.locator(".mention")).to_have_text(["@Ada Home", "#orders"])
    await expect(card.locator(".app-badge")).to_have_text("APP")
    await expect(card.get_by_role("link", name="Track")).to_have_attribute("href", "https://track.example/1")


async def test_a_confirm_dialog_stands_before_the_click(page: Page, little: LittleApp) -> None:
    """ "Keep it" and Escape send nothing and give the focus back; "Cancel it" acts and the card changes in place."""
    await show_card(page)
    button = page.get_by_role("button", name="Cancel order")
    await button.click()
    await expect(dialog(page).get_by_role("heading")).to_have_text("Cancel this order?")
    await dialog(page).get_by_role("button", name="Keep it").click()
    await expect(button).to_be_focused()
    await button.click()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    assert little.actions == []
    await button.click()
    await dialog(page).get_by_role("button", name="Cancel it").click()
    await expect(message(page, "Order 1001")).to_contain_text("Cancelled.")
    assert [action["value"] for action in little.actions] == ["1001"]


async def test_a_late_button_gets_a_warning_mark_and_the_message_stays(page: Page) -> None:
    """The mark is beside the button, has words for screen readers, and the card is otherwise as before."""
    await show_card(page)
    await page.get_by_role("button", name="Never answers").click()
    mark = message(page, "Order 1001").locator(".late")
    await expect(mark).to_have_attribute("aria-label", "The app did not answer in time. What it did is not known.")
    await expect(page.get_by_role("button", name="Never answers")).to_be_visible()
    await expect(message(page, "Order 1001").get_by_role("button", name="Details")).to_be_visible()


async def test_an_overflow_menu_by_keyboard(page: Page, little: LittleApp, world: World) -> None:
    """Enter opens the menu, arrow down and Enter choose its second option, and the app gets its value."""
    await show_card(page)
    await page.get_by_role("button", name="More actions").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Watch here")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await world.workspace.until(lambda: little.actions)
    assert little.actions[0]["selected_option"]["value"] == "mute"


async def test_selects_and_pickers_in_a_message(page: Page, little: LittleApp, world: World) -> None:
    """A static select, a person and a date chosen in a message reach the app as Slack sends them, and stay chosen."""
    await say(page, "/gallery")
    await page.get_by_placeholder("Sort by").click()
    await page.get_by_role("option", name="Oldest").click()
    await world.workspace.until(lambda: len(little.actions) == 1)
    await page.get_by_placeholder("A person").fill("ben")
    await page.keyboard.press("Enter")
    await world.workspace.until(lambda: len(little.actions) == 2)
    await page.locator(".b-actions input[type=date]").fill("2026-12-24")
    await world.workspace.until(lambda: len(little.actions) == 3)
    assert little.actions[0]["selected_option"]["value"] == "oldest"
    assert little.actions[1]["selected_user"] == BEN
    assert little.actions[2]["selected_date"] == "2026-12-24"
    await page.reload()
    await expect(page.get_by_placeholder("Sort by")).to_have_value("Oldest")


async def test_mrkdwn_rich_text_and_markdown_become_elements(page: Page) -> None:
    """Bold, italic, strike, code, quote, pre, lists, links and headings are what they say."""
    await say(page, "/gallery")
    first = message(page, "quoted & said")
    for tag, text in (
        ("strong", "bold"),
        ("em", "italic"),
        ("s", "gone"),
        ("code", "code"),
        ("blockquote", "quoted & said"),
    ):
        await expect(first.locator(tag, has_text=text).first).to_be_visible()
    await expect(first.locator("pre").first).to_have_text("pre  formatted")
    await expect(first.locator(".rich li")).to_have_text(["first", "second"])
    await expect(first.locator(".md-h2")).to_have_text("Heading")
    await expect(first.locator(".rich").get_by_role("link", name="a link")).to_have_attribute(
        "href", "https://example.com/a"
    )


async def test_pictures_from_elsewhere_are_not_loaded(page: Page) -> None:
    """An image is shown by its words; the page asks nobody outside for it (the fixture counts requests)."""
    await say(page, "/gallery")
    await expect(page.get_by_role("img", name="A shelf")).to_be_visible()
    await expect(page.locator(".messages img")).to_have_count(0)


async def test_a_data_table_turns_pages_and_sorts(page: Page) -> None:
    """Five rows a page of twelve, the last page has two, and a heading sorts by number both ways."""
    await say(page, "/gallery")
    table = page.locator(".data-table")
    rows = table.locator("tbody tr")
    await expect(table.locator("caption")).to_have_text("Open orders")
    await expect(rows).to_have_count(5)
    await expect(table.locator(".pager-said")).to_have_text("1–5 of 12")
    following = table.get_by_role("button", name="Next page")
    await following.click()
    await following.click()
    await expect(table.locator(".pager-said")).to_have_text("11–12 of 12")
    await expect(rows).to_have_count(2)
    await expect(following).to_have_attribute("aria-disabled", "true")
    items = table.get_by_role("columnheader", name="Items")
    await items.get_by_role("button").click()
    await expect(items).to_have_attribute("aria-sort", "ascending")
    await expect(rows.locator("td.number")).to_have_text(["0", "1", "2", "3", "4"])
    await items.get_by_role("button").click()
    await expect(items).to_have_attribute("aria-sort", "descending")
    await expect(rows.locator("td.number").first).to_have_text("9")
    await expect(rows.first.locator("th[scope=row]")).to_have_text("#DE7")


@pytest.mark.parametrize(
    ("title", "kind", "marks", "count"),
    [
        ("Orders by state", "pie", ".slice", 3),
        ("Orders by day", "bar", ".bar", 8),
        ("Trend", "line", ".dot", 3),
        ("Backlog", "area", ".area", 1),
    ],
)
async def test_a_chart_has_marks_a_name_and_its_numbers_as_a_table(
    page: Page, title: str, kind: str, marks: str, count: int
) -> None:
    """Pie, bar, line and area are drawn with one mark a value, named by their title, and repeated as a table."""
    await say(page, "/gallery")
    figure = page.locator(f".chart-of-{kind}")
    await expect(figure.get_by_role("img", name=title)).to_be_visible()
    await expect(figure.locator(marks)).to_have_count(count)
    await expect(figure.locator("table caption")).to_have_text(title)
    await expect(figure.locator(".legend li").first).to_be_visible()


async def test_hostile_text_stays_dead_text(page: Page) -> None:
    """D2: no block and no plain message makes an element, a dangerous link or a dialog out of a hostile text."""
    await say(page, "/hostile")
    log = page.locator(".messages")
    await expect(log.locator(".message")).to_have_count(2)
    await expect(log.locator(".message").last.locator(".text")).to_contain_text("<script>alert(1)</script>")
    for tag in ("img", "script", "b", "iframe"):
        await expect(log.locator(tag)).to_have_count(0)
    assert await log.locator("a").evaluate_all("links => links.map((link) => link.protocol)") == []
    plain = log.locator(".fields .plain")
    assert await plain.text_content() == HOSTILE
    assert await log.locator("[onerror]").count() == 0


async def test_hostile_names_of_members_stay_dead_text(world: World, open_page: OpenPage) -> None:
    """A member's name made of markup is shown as it is, in the sidebar and above a message."""
    world.workspace.set_member(BEN, real_name="<img src=x onerror=alert(1)>")
    await world.workspace.post(BEN, ORDERS, "hello")
    page = await open_page()
    await expect(message(page, "hello").locator(".author")).to_have_text("<img src=x onerror=alert(1)>")
    await expect(page.locator(".messages img, .people img")).to_have_count(0)


async def test_unread_messages_are_counted_until_one_looks(page: Page, world: World) -> None:
    """A message in another room puts a count there, and opening the room takes it away; own ones do not count."""
    room = page.get_by_role("button", name="orders-private")
    await world.workspace.post(BEN, "C0PRIV0001", "psst")
    await expect(room.locator(".count")).to_have_text("1")
    await world.workspace.post(ADA, "C0SHARED01", "mine")
    await room.click()
    await expect(message(page, "psst")).to_be_visible()
    await expect(page.locator(".count")).to_have_count(0)


async def test_the_clock_of_the_workspace_dates_the_messages(page: Page, world: World) -> None:
    """After the clock moved a day, an older message stands under "Yesterday" and a new one under "Today"."""
    await world.workspace.post(BEN, ORDERS, "before")
    await expect(page.locator(".day")).to_have_text(["Today"])
    world.clock.advance(86_400)
    await world.workspace.post(BEN, ORDERS, "after")
    await expect(page.locator(".day")).to_have_text(["Yesterday", "Today"])
