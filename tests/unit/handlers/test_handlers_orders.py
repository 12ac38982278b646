"""Looking up orders from Slack: the right answer to the right people, with the clicker's own connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM, FakeQuivo, Stage, leaks, request

from backends.errors import Busy, Fault, NotFound
from backends.quivo.client import OrderQuery
from backends.quivo.order import Address, Order, Page
from handlers import answers
from handlers.commands import run
from handlers.render.profile import Profile
from handlers.request import Kind

PERSONAL = ("Grace Hopper", "Sample Street", "grace@example.com")
ADDRESS = Address(name="Grace Hopper", street="Sample Street 1", city="Berlin", email="grace@example.com")
ONE = Order(1001, "PROCESSING", "#DE38678", "shop-77", delivery_address=ADDRESS)
TWINS = (Order(7, "PENDING", "#TWIN"), Order(8, "COMPLETED", "#TWIN"))


def stage_of(*orders: Order) -> Stage:
    return Stage(quivo=FakeQuivo(*orders))


async def connected(*orders: Order) -> Stage:
    stage = stage_of(*orders)
    await stage.connect()
    return stage


async def typed(stage: Stage, text: str, profile: Profile = Profile.PUBLIC) -> str:
    return await run(stage.context(request(text=text), profile=profile))


async def pressed(stage: Stage, name: str, value: str, user: str = ADA, **more: Any) -> str:
    return await run(stage.context(request(Kind.ACTION, name, value=value, user=user, **more)))


def hows(stage: Stage) -> list[str]:
    return [said.how for said in stage.slack.said]


@pytest.mark.parametrize("text", ["1001", "#DE38678", "show DE38678", "shop-77"])
async def test_an_order_is_posted_as_a_card(text: str) -> None:
    """A command that finds one order posts its card in the channel, and keeps only the order's id behind it."""
    stage = await connected(ONE)
    assert await typed(stage, text) == "done"
    ((said),) = stage.slack.said
    assert (said.how, said.where) == ("post", CHANNEL)
    assert "1001" in said.text
    ((card),) = stage.cards.kept.values()
    assert (card.kind, card.payload, card.created_by, card.team) == ("order", {"order_id": 1001}, ADA, TEAM)


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
async def test_no_personal_data_in_any_channel(profile: Profile) -> None:
    """D3: name, street and e-mail of an order are in no card that a channel sees."""
    stage = await connected(ONE)
    await typed(stage, "1001", profile)
    assert leaks([str(stage.slack.said)], *PERSONAL) == []


@pytest.mark.parametrize("text", ["", "show", "find", "find   "])
async def test_a_command_without_words_asks_for_them(text: str) -> None:
    """A look-up without words says what to type, and asks no back end."""
    stage = await connected(ONE)
    assert await typed(stage, text) == "refused:empty"
    assert (stage.quivo.asked, hows(stage)) == ([], ["respond"])


async def test_nothing_found_is_said_to_the_person_only() -> None:
    """An order that is not there is said to the one who asked, with the reference of the answer."""
    stage = await connected(ONE)
    assert await typed(stage, "nobody") == "refused:not_found"
    assert hows(stage) == ["respond"]
    assert "REF23456" in stage.texts()[0]


async def test_several_matches_become_a_list() -> None:
    """Several orders of one reference are shown as a list to the one who asked, with a card for each."""
    stage = await connected(*TWINS)
    assert await typed(stage, "TWIN") == "done"
    assert hows(stage) == ["respond"]
    assert [card.payload.get("order_id") for card in stage.cards.kept.values()] == [None, 7, 8]


@pytest.mark.parametrize("text", ["1001", "find DE", "list processing"])
async def test_without_a_connection_a_connect_button_remembers_the_command(text: str) -> None:
    """A command before connecting is answered with a button whose card remembers what to run, and asks no back end."""
    stage = stage_of(ONE)
    assert await typed(stage, text) == "refused:not_connected"
    assert (stage.quivo.asked, hows(stage)) == ([], ["respond"])
    ((card),) = stage.cards.kept.values()
    assert card.kind == "connect"
    assert card.payload["command"] == "/order"
    assert text.endswith(card.payload["text"])


async def test_a_click_before_connecting_remembers_no_command() -> None:
    """A click without a connection offers to connect, and promises to run nothing afterwards."""
    stage = stage_of(ONE)
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    assert await pressed(stage, "order.refresh", card.id, BEN) == "refused:not_connected"
    offered = list(stage.cards.kept.values())[-1]
    assert offered.payload == {"back_end": "quivo", "channel": CHANNEL, "response_url": "https://reply"}
    assert stage.quivo.asked == []


@pytest.mark.parametrize("error", [Fault("quivo"), Busy("quivo"), NotFound("quivo")])
@pytest.mark.parametrize("text", ["1001", "find DE", "list"])
async def test_a_failure_is_said_with_its_reference(error: Any, text: str) -> None:
    """D5 and D6: a failing back end is said with its declared text and the reference, to the person alone."""
    stage = await connected(ONE)
    stage.quivo.failing = error
    outcome = await typed(stage, text)
    assert outcome.startswith("refused:")
    assert hows(stage) == ["respond"]
    assert "REF23456" in stage.texts()[0]


async def test_where_the_bot_may_not_post_the_card_goes_through_the_response_url() -> None:
    """In a channel that the bot is not in, the card is answered in the channel through the response_url."""
    stage = await connected(ONE)
    stage.slack.refused = {"post"}
    assert await typed(stage, "1001") == "done"
    assert hows(stage) == ["respond in_channel"]


async def test_where_nothing_may_be_posted_the_person_is_told() -> None:
    """D4: where neither way into the channel works, the card is whispered to the one who asked."""
    stage = await connected(ONE)
    stage.slack.refused = {"post", "respond"}
    assert await typed(stage, "1001") == "done"
    assert hows(stage) == ["whisper"]


async def test_a_listing_asks_for_status_and_period() -> None:
    """What was typed after list arrives in the query, and unreadable words ask nobody."""
    stage = await connected(ONE)
    assert await typed(stage, "list processing 7d") == "done"
    assert stage.quivo.queries[0].status == "PROCESSING"
    assert str(stage.quivo.queries[0].created_from) == "2026-11-15"
    assert await typed(stage, "list proccessing") == "refused:unreadable"
    assert len(stage.quivo.queries) == 1


def pages(query: OrderQuery, after: str | None) -> Page:
    """Three pages of one order each."""
    number = int(after or 0)
    return Page((Order(number + 1, "PENDING"),), str(number + 1) if number < 2 else None)


def list_card(stage: Stage) -> str:
    return [card.id for card in stage.cards.kept.values() if card.kind == "orders"][-1]


async def test_pages_turn_forth_and_back() -> None:
    """Next and Back ask the same question from where that page began, and replace the list in its place."""
    stage = await connected()
    stage.quivo.pages = pages
    await typed(stage, "find DE")
    for name in ("order.page_next", "order.page_next", "order.page_back", "order.page_back", "order.page_back"):
        assert await pressed(stage, name, list_card(stage)) == "done"
    turned = [detail[1] for what, detail, _ in stage.quivo.asked if what == "orders"]
    assert turned == [None, "1", "2", "1", None, None]
    assert hows(stage) == ["respond"] + ["respond replace"] * 5
    assert {query.text for query in stage.quivo.queries} == {"DE"}


async def test_a_list_is_turned_only_by_the_one_who_asked() -> None:
    """B6: somebody else's list, or a list of another team, is an expired card and asks no back end."""
    stage = await connected()
    stage.quivo.pages = pages
    await typed(stage, "find DE")
    before = len(stage.quivo.asked)
    assert await pressed(stage, "order.page_next", list_card(stage), BEN) == "refused:expired"
    assert await pressed(stage, "order.page_next", list_card(stage), team="T0OTHER001") == "refused:expired"
    assert len(stage.quivo.asked) == before


async def test_a_listings_period_survives_the_page() -> None:
    """The period of a list stays the same on its next page, also when the day has changed meanwhile."""
    stage = await connected()
    stage.quivo.pages = pages
    await typed(stage, "list pending 2026-11-01..2026-11-07")
    await pressed(stage, "order.page_next", list_card(stage))
    first, second = stage.quivo.queries
    assert first == second


@pytest.mark.parametrize("name", ["order.details", "order.refresh", "order.show"])
@pytest.mark.parametrize("value", ["", "card-404", "1001", "x" * 3000, "card-2", '{"order_id": 1001}'])
async def test_a_tampered_value_does_nothing(name: str, value: str) -> None:
    """B6: a value that is no card of this kind and team is an expired card; the back end is not asked."""
    stage = await connected(ONE)
    await stage.cards.put("order", "T0OTHER001", ADA, {"order_id": 1001})
    await stage.cards.put("connect", TEAM, ADA, {"order_id": 1001})
    other = "card-1" if value == "1001" else value
    assert await pressed(stage, name, other) == "refused:expired"
    assert stage.quivo.asked == []
    assert "expired" in stage.texts()[0]


@pytest.mark.parametrize("name", ["order.details", "order.refresh", "order.show"])
async def test_a_click_uses_the_clickers_connection(name: str) -> None:
    """B7: whoever made the card, a click reads with the token of the person who clicks."""
    stage = await connected(ONE)
    await stage.connect(BEN, "ben")
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    assert await pressed(stage, name, card.id, BEN) == "done"
    assert stage.quivo.asked == [("order", 1001, "token-ben-2")]


async def test_details_open_before_the_back_end_is_asked() -> None:
    """A7: the modal is open before the back end hears anything, and is filled for the person who clicked."""
    stage = await connected(ONE)
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    asked_before: list[str] = []
    stage.slack.before = lambda how: asked_before.append(f"{how} after {len(stage.quivo.asked)}")
    assert await pressed(stage, "order.details", card.id) == "done"
    assert asked_before == ["open after 0", "update after 1"]
    assert leaks([stage.texts()[1]], *PERSONAL) == list(PERSONAL)


async def test_details_that_cannot_open_ask_nobody() -> None:
    """A trigger that is too old is said to the person, and no back end is asked for what nobody would see."""
    stage = await connected(ONE)
    stage.slack.refused = {"open"}
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    assert await pressed(stage, "order.details", card.id) == "refused:too_late"
    assert stage.quivo.asked == []


async def test_details_that_fail_say_so_in_the_modal() -> None:
    """D5: a failing read is said in the modal that was opened, with the reference."""
    stage = await connected(ONE)
    stage.quivo.failing = Fault("quivo")
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    assert await pressed(stage, "order.details", card.id) == "refused:no_answer"
    assert hows(stage)[:2] == ["open", "update"]
    assert "REF23456" in stage.texts("update")[0]


async def test_a_refresh_replaces_the_card() -> None:
    """Refreshing draws the card anew in its place with the order as it is now."""
    stage = await connected(ONE)
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    stage.quivo.known[1001] = Order(1001, "COMPLETED")
    assert await pressed(stage, "order.refresh", card.id) == "done"
    assert hows(stage) == ["respond in_channel replace"]
    assert "ompleted" in stage.texts()[0] or "elivered" in stage.texts()[0] or "hipped" in stage.texts()[0]


async def test_a_card_drawn_from_a_modal_shows_the_least() -> None:
    """D3: a card that is made where no channel is known shows what an external channel may see."""
    stage = await connected(ONE)
    card = await stage.cards.put("order", TEAM, ADA, {"order_id": 1001})
    context = stage.context(request(Kind.ACTION, "order.show", value=card.id, channel=None), profile=Profile.MODAL)
    assert await run(context) == "done"
    assert leaks([str(stage.slack.said)], *PERSONAL, "Berlin") == []


async def test_a_slow_back_end_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a back end takes long the person is told so, and then gets the answer all the same."""
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.01)
    stage = await connected(ONE)
    stage.quivo.gate = asyncio.Event()
    asking = asyncio.create_task(typed(stage, "1001"))
    async with asyncio.timeout(5):
        await stage.slack.spoken.wait()
    assert hows(stage) == ["respond"]
    stage.quivo.gate.set()
    assert await asking == "done"
    assert hows(stage) == ["respond", "post"]


async def test_work_that_is_cut_off_stops_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery that is cut off at stop takes its question to the back end with it."""
    stage = await connected(ONE)
    stopped: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("stopped")

    waiting = asyncio.create_task(answers.patient(stage.context(request()), forever(), "…"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0)
    assert stopped == ["stopped"]
