"""Modals: errors under inputs, what was typed stays, the stack, and what closing means (`apis/slack.md` §5)."""

from __future__ import annotations

import pytest
from page_app import LittleApp
from page_steps import dialog, field, say
from playwright.async_api import Page, expect

from sandbox.slack.workspace import ADA, BEN
from sandbox.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def open_form(page: Page) -> None:
    """Open the form and wait until its first field has the focus."""
    await say(page, "/form")
    await expect(field(page, "name")).to_be_focused()


async def save(page: Page) -> None:
    """Press Save."""
    await dialog(page).get_by_role("button", name="Save").click()


async def test_a_field_error_stands_under_its_input_and_nothing_typed_is_lost(page: Page, little: LittleApp) -> None:
    """The app's error is tied to the input, which gets the focus; other fields keep their text; then it is accepted."""
    await open_form(page)
    await field(page, "name").fill("Jana")
    await field(page, "note").fill("leave at the door")
    await save(page)
    error = dialog(page).locator("[data-block=name] .field-error")
    await expect(error).to_have_text("Two words, please")
    name = field(page, "name")
    await expect(name).to_be_focused()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await expect(name).to_have_accessible_description("Two words, please Two words at least")
    await expect(field(page, "note")).to_have_value("leave at the door")
    await name.fill("Jana Bergmann")
    await save(page)
    await expect(page.locator("dialog")).to_have_count(0)
    assert [values["name"]["x"]["value"] for values in little.submitted] == ["Jana", "Jana Bergmann"]
    assert little.submitted[-1]["note"]["x"]["value"] == "leave at the door"


async def test_what_slacks_client_refuses_is_not_sent(page: Page, little: LittleApp) -> None:
    """An empty required field and a bad e-mail are said under the inputs, and the app hears nothing."""
    await open_form(page)
    await field(page, "mail").fill("nonsense")
    await save(page)
    await expect(dialog(page).locator(".field-error")).to_have_count(2)
    await expect(field(page, "mail")).to_have_value("nonsense")
    assert little.submitted == []


async def test_every_kind_of_input_reaches_the_app(page: Page, little: LittleApp) -> None:
    """Text, address, number, selects, pickers, boxes and a file arrive in `state.values` as Slack names them."""
    await open_form(page)
    for block, text in (("name", "Jana B"), ("mail", "j@b.example"), ("site", "https://b.example"), ("count", "3")):
        await field(page, block).fill(text)
    await _choose(page, "fruit", "pe", "Pear")
    await _choose(page, "who", "ben", "Ben Home")
    await _choose(page, "many", "", "Apple")
    await _choose(page, "many", "pl", "Plum")
    await expect(dialog(page).locator(".chip")).to_have_text(["Apple×", "Plum×"])
    await field(page, "day").fill("2026-12-01")
    await field(page, "hour").fill("10:15")
    await field(page, "when").fill("2026-12-01T10:15")
    await dialog(page).get_by_label("I have read them").check()
    await dialog(page).get_by_label("Fast").check()
    await field(page, "paper").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    await save(page)
    await expect(page.locator("dialog")).to_have_count(0)
    values = {block: entry["x"] for block, entry in little.submitted[0].items()}
    assert (values["mail"]["value"], values["site"]["value"], values["count"]["value"]) == (
        "j@b.example",
        "https://b.example",
        "3",
    )
    assert values["fruit"]["selected_option"]["value"] == "pear"
    assert values["who"]["selected_user"] == BEN
    assert [one["value"] for one in values["many"]["selected_options"]] == ["apple", "plum"]
    assert (values["day"]["selected_date"], values["hour"]["selected_time"]) == ("2026-12-01", "10:15")
    assert values["when"]["selected_date_time"] == 1796116500
    assert [one["value"] for one in values["agree"]["selected_options"]] == ["yes"]
    assert values["speed"]["selected_option"]["value"] == "fast"
    assert [one["name"] for one in values["paper"]["files"]] == ["a.txt"]


async def _choose(page: Page, block_id: str, typed: str, label: str) -> None:
    await field(page, block_id).click()
    await field(page, block_id).press_sequentially(typed)
    await dialog(page).get_by_role("option").filter(has_text=label).click()


async def test_an_external_select_asks_the_app_while_one_types(page: Page, little: LittleApp) -> None:
    """Below min_query_length nothing is asked; then the app's options appear, and the chosen one is submitted."""
    await open_form(page)
    await field(page, "name").fill("Jana B")
    city = field(page, "city")
    await city.click()
    await city.press_sequentially("b")
    await expect(page.get_by_text("Type at least 2 characters")).to_be_visible()
    await city.press_sequentially("er")
    await expect(page.get_by_role("option")).to_have_text(["Berlin", "Bern", "Bergen"])
    await city.press("ArrowDown")
    await city.press("Enter")
    await expect(city).to_have_value("Bern")
    await save(page)
    await expect(page.locator("dialog")).to_have_count(0)
    assert little.submitted[0]["city"]["x"]["selected_option"]["value"] == "bern"


async def test_push_shows_a_way_back_and_the_first_page_is_as_it_was(page: Page) -> None:
    """A pushed view has a back arrow; going back shows the first page with what was typed in it."""
    await open_form(page)
    await field(page, "name").fill("Half a na")
    await dialog(page).get_by_role("button", name="One more page").click()
    await expect(dialog(page).get_by_role("heading", name="Second page")).to_be_visible()
    await dialog(page).get_by_role("button", name="Back", exact=True).click()
    await expect(dialog(page).get_by_role("heading", name="A form")).to_be_visible()
    await expect(field(page, "name")).to_have_value("Half a na")
    await expect(dialog(page).get_by_role("button", name="Back", exact=True)).to_have_count(0)


async def test_cancel_closes_one_view_and_escape_the_whole_stack(page: Page, world: World) -> None:
    """With two views open, Cancel leaves one; with two again, Escape leaves none."""
    await open_form(page)
    more = dialog(page).get_by_role("button", name="One more page")
    await more.click()
    await dialog(page).get_by_role("button", name="Go back").click()
    await expect(dialog(page).get_by_role("heading", name="A form")).to_be_visible()
    assert len(world.workspace.views(ADA)) == 1
    await more.click()
    await expect(dialog(page).get_by_role("heading", name="Second page")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    assert world.workspace.views(ADA) == []


async def test_a_clear_answer_closes_everything_and_the_focus_returns(page: Page) -> None:
    """After `response_action: clear` no dialog is left and the message box has the focus again."""
    await open_form(page)
    await dialog(page).get_by_role("button", name="One more page").click()
    await dialog(page).get_by_role("button", name="Finish").click()
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.get_by_role("combobox", name="Message")).to_be_focused()


async def test_a_submission_that_nobody_answers_says_so_and_keeps_the_form(page: Page) -> None:
    """A late app leaves the modal open with a banner, and the typed text in it."""
    await open_form(page)
    await field(page, "name").fill("late")
    await save(page)
    await expect(dialog(page).get_by_role("alert")).to_contain_text("We had some trouble connecting. Try again?")
    await expect(field(page, "name")).to_have_value("late")


async def test_submitting_shows_that_it_is_under_way_and_sends_once(page: Page, little: LittleApp) -> None:
    """While the app thinks, Save is busy and further presses and Enters do not send again."""
    await open_form(page)
    await field(page, "name").fill("wait")
    await save(page)
    busy = dialog(page).get_by_role("button", name="Save")
    await expect(busy).to_have_attribute("aria-busy", "true")
    await busy.press("Enter")
    await field(page, "name").press("Enter")
    little.go_on.set()
    await expect(dialog(page).locator(".field-error")).to_have_text("Two words, please")
    await expect(busy).not_to_have_attribute("aria-busy", "true")
    assert len(little.submitted) == 1


async def test_escape_in_an_open_list_closes_only_the_list(page: Page) -> None:
    """The first Escape shuts the options of a select, the modal stays."""
    await open_form(page)
    await field(page, "fruit").click()
    await expect(page.get_by_role("option")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await expect(dialog(page).get_by_role("heading", name="A form")).to_be_visible()


async def test_behind_a_modal_nothing_can_be_reached(page: Page) -> None:
    """Tabbing through a modal never leaves it for the page behind, and the modal is named by its title."""
    await open_form(page)
    await dialog(page).get_by_role("button", name="One more page").click()
    await expect(page.get_by_role("dialog", name="Second page")).to_be_visible()
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


async def test_a_modal_belongs_to_one_member(page: Page, world: World) -> None:
    """Ada's modal is not on Ben's screen, and it is there again when one looks through Ada's eyes."""
    await open_form(page)
    await field(page, "name").fill("Ada's")
    await world.workspace.until(lambda: world.workspace.views(ADA)[0].state["name"]["x"]["value"] == "Ada's")
    await page.goto(page.url.split("#")[0] + f"#{BEN}/C0ORDERS01")
    await page.reload()
    await expect(page.get_by_role("radio", name="Ben")).to_have_attribute("aria-checked", "true")
    await expect(page.locator("dialog")).to_have_count(0)
    await page.get_by_role("radio", name="Ada").click()
    await expect(field(page, "name")).to_have_value("Ada's")
