"""Looking at scheduled orders from Slack: lists, cards, details, the token (seed 004; CHECKS A7, B6, B7, D3, D4)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ADA, BEN
from qpilot_fakes import ORDER, FakeQpilot
from qpilot_stage import ACTORS, BENS, OF_107, on_stage

from backends.errors import Unreachable
from backends.qpilot.order import Person
from handlers.render.profile import Profile
from handlers.scheduled_words import CARD

VISA_NUMBER = "4242424242424242"
NAMED = replace(ORDER, customer=Person("107", "ada@canary.example", "Ada", "Canary"), phone="+1 555 0107")


def many(count: int = 23) -> FakeQpilot:
    """A site with so many orders, one of them failed."""
    orders = {number: replace(NAMED, id=number) for number in range(1, count + 1)}
    orders[7] = replace(orders[7], status="Failed", error_code=2000)
    return FakeQpilot(orders=orders)


async def test_a_card_in_the_channel_names_the_customer_by_id_only(tmp_path: Path) -> None:
    """D3: status, total with currency, frequency in words, the next date for each reader; no name, no e-mail."""
    async with on_stage(tmp_path, FakeQpilot(orders={ORDER.id: NAMED})) as home:
        assert await home.type("/scheduled 208022") == "done"
        [card] = [one for one in home.said if one.how == "post"]
        said = card.text.replace("\u2060", "")
        assert said.splitlines()[0] == "▶️ Scheduled order 208022 is active."
        parts = ("$24.00", "every 30 days", "Customer: 107", "4 × Shampoo", "<!date^1796544000^")
        assert [part for part in parts if part not in said] == []
        assert [part for part in ("Canary", "canary.example", "555", "4242") if part in said] == []


@pytest.mark.parametrize("typed", ["/scheduled 208022", "/scheduled show #208022", '/scheduled show "208022"'])
async def test_the_ways_to_name_an_order(tmp_path: Path, typed: str) -> None:
    """The default and its verb mean the same."""
    async with on_stage(tmp_path) as home:
        assert (await home.type(typed), home.qpilot.requests) == ("done", [("order", 208022)])


@pytest.mark.parametrize(
    "typed",
    ["", "show", "1 2", "show -1", "0x12", "１２３", "show 1234567890123456789", f"show {VISA_NUMBER}", "../Customers"],
)
async def test_what_is_no_number_is_not_sent(tmp_path: Path, typed: str) -> None:
    """Whatever is not a number, a card's number too, is told and reaches no back end."""
    async with on_stage(tmp_path) as home:
        assert await home.type(f"/scheduled {typed}") in ("refused:unreadable", "refused:not_understood")
        assert (home.qpilot.requests, home.qpilot.logins, VISA_NUMBER in home.last()) == ([], [], False)


async def test_a_card_number_is_named_as_such(tmp_path: Path) -> None:
    """Who types a card's number is told not to, in every command that takes words."""
    async with on_stage(tmp_path) as home:
        for verb in ("list", "pause", "payment new", "customer", "product", "token", "create"):
            assert await home.type(f"/scheduled {verb} 4242 4242 4242 4242") == "refused:unreadable"
            assert CARD in home.last()
        assert (home.qpilot.requests, home.qpilot.logins) == ([], [])


async def test_an_unknown_order_and_one_that_nobody_answers_for(tmp_path: Path) -> None:
    """Not found says where to look; silence says that nothing was changed."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled 1") == "refused:not_found"
        assert "/scheduled list" in home.last()
        home.qpilot.failing["order"] = Unreachable("qpilot")
        assert await home.type("/scheduled 208022") == "refused:no_answer"
        assert home.hows() == ["respond", "respond"]


async def test_without_a_connection_what_was_typed_is_remembered(tmp_path: Path) -> None:
    """The prompt's card holds the command."""
    async with on_stage(tmp_path, connect=False) as home:
        assert await home.type("/scheduled list failed") == "refused:not_connected"
        card = home.stage.cards.kept[home.values("connection.open")[0]]
        assert (card.payload["back_end"], card.payload["text"]) == ("qpilot", "list failed")


async def test_a_list_turns_its_pages_and_shows_a_row(tmp_path: Path) -> None:
    """Ten a page, for the person alone; *Next*, *Back* ask the same again, *Show* posts that order's card."""
    async with on_stage(tmp_path, many()) as home:
        assert await home.type("/scheduled list active") == "done"
        assert "Scheduled orders that are active (22), page 1 of 3" in home.last()
        first = home.values("scheduled.show")
        assert await home.press("scheduled.page_next") == "done"
        assert (home.hows(), "page 2 of 3" in home.last()) == (["respond", "respond replace"], True)
        assert home.qpilot.requests[-1] == ("list Active", 2, None)
        assert await home.press("scheduled.page_back") == "done"
        assert "page 1 of 3" in home.last()
        assert await home.press("scheduled.show", first[2]) == "done"
        assert home.texts("post")[-1].startswith("▶️ Scheduled order 3 is active.")


async def test_a_list_shows_no_name_and_a_failure_with_its_code(tmp_path: Path) -> None:
    """D3: a row has number, word, code, total, customer's id, next date."""
    async with on_stage(tmp_path, many()) as home:
        await home.type("/scheduled list failed")
        assert "⚠️ 7 · failed · code 2000 · $24.00 · customer 107" in home.last()
        assert "Canary" not in home.last()


@pytest.mark.parametrize(
    ("typed", "status", "search"),
    [
        ("list", "", None),
        ("list Paused", "Paused", None),
        ("list cancelled", "Deleted", None),
        ("list ada quill", "", "ada quill"),
        ('list failed "ada"', "Failed", "ada"),
        ("list snoozed x y", "Snoozed", "x y"),
    ],
)
async def test_what_a_list_asks_for(tmp_path: Path, typed: str, status: str, search: str | None) -> None:
    """A status first, then words."""
    async with on_stage(tmp_path) as home:
        await home.type(f"/scheduled {typed}")
        assert home.qpilot.requests == [(f"list {status}", 1, search)]


async def test_a_customers_connection_sees_their_own(tmp_path: Path) -> None:
    """With the scope Customer the list is that customer's, and nobody else's order is asked for."""
    orders = {1: replace(ORDER, id=1), 2: replace(ORDER, id=2, customer_id="108")}
    async with on_stage(tmp_path, FakeQpilot(orders=orders), connect=False) as home:
        await home.shop.connect(credentials=OF_107)
        home.qpilot.requests.clear()
        assert await home.type("/scheduled list") == "done"
        assert ("Scheduled orders (1)" in home.last(), home.qpilot.requests) == (True, [("customer_orders", "107")])


async def test_details_are_in_a_modal_that_opens_first(tmp_path: Path) -> None:
    """A7, B7, D3: the modal is open before anybody is asked, then shows names to who opened it, as their own."""
    async with on_stage(tmp_path, FakeQpilot(orders={ORDER.id: NAMED})) as home:
        await home.type("/scheduled 208022")
        await home.shop.connect(ACTORS[BEN], BENS)
        home.qpilot.requests.clear()
        seen: list[tuple[str, int]] = []
        home.stage.slack.before = lambda how: seen.append((how, len(home.qpilot.requests)))
        assert await home.press("scheduled.details", user=BEN) == "done"
        assert seen == [("open", 0), ("update", 1)]
        assert (home.qpilot.logins[-1], "Ada Canary" in home.shown()) == ("ben@shop.example", True)


async def test_a_refresh_draws_the_card_again(tmp_path: Path) -> None:
    """The card shows the order as it is now, in its place."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled 208022")
        home.qpilot.set(status="Paused")
        assert await home.press("scheduled.refresh") == "done"
        assert (home.hows()[-1], "is paused" in home.last()) == ("respond in_channel replace", True)


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("Active", ["pause", "skip"]),
        ("Paused", ["resume", "skip"]),
        ("Failed", ["retry", "resume"]),
        ("Deleted", ["restore"]),
        ("Processing", []),
        ("Brand new", []),
    ],
)
async def test_a_card_offers_what_its_status_allows(tmp_path: Path, status: str, offered: list[str]) -> None:
    """A status that we do not know is shown as it is, and offers what only QPilot can refuse."""
    async with on_stage(tmp_path, FakeQpilot(orders={ORDER.id: replace(ORDER, status=status)})) as home:
        await home.type("/scheduled 208022")
        row = home.said[-1].what.blocks[-1]["elements"]  # type: ignore[union-attr]
        names = [one["action_id"] for one in row]
        more = [] if status in ("Deleted", "Processing") else ["scheduled.more"]
        assert names == [*(f"scheduled.{one}_open" for one in offered), "scheduled.details", "scheduled.refresh", *more]
        assert status != "Brand new" or "❔ Scheduled order 208022 has the status Brand new." in home.last()


@pytest.mark.parametrize("name", ["scheduled.show", "scheduled.page_next", "scheduled.details", "scheduled.more"])
async def test_a_button_of_nobodys_card(tmp_path: Path, name: str) -> None:
    """A10, B6: a made-up value, and a list that somebody else asked for, do nothing."""
    async with on_stage(tmp_path) as home:
        await home.type("/scheduled list")
        taken = home.values("scheduled.show")[0]
        home.qpilot.requests.clear()
        card = taken.partition(":")[0]
        for value, user in (("nope", ADA), ("nope:0", ADA), (taken, BEN), (f"{taken}9", BEN), (card, BEN)):
            assert await home.press(name, value, user) == "refused:expired"
        assert home.qpilot.requests == []


async def test_a_token_is_shown_once_and_to_one_person(tmp_path: Path) -> None:
    """The token is in one ephemeral answer, in no notification, in no other message, card, audit line or log."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled token 107") == "done:107"
        [said] = home.said
        assert (said.how, "of 107" in str(said.what), "of 107" in said.text) == ("respond", True, False)
        assert "one request" in said.text
        assert "of 107" not in str(home.stage.cards.kept)


async def test_a_token_that_cannot_be_shown_is_sent_in_no_other_way(tmp_path: Path) -> None:
    """D4, on purpose: without the ephemeral answer there is no token in a channel or a direct message."""
    async with on_stage(tmp_path) as home:
        home.stage.slack.refused.add("respond")
        assert await home.type("/scheduled token 107") == "refused:not_shown"
        assert (home.hows(), "of 107" in str(home.said)) == (["whisper"], False)


async def test_who_gets_no_token(tmp_path: Path) -> None:
    """An unknown customer, and somebody who is connected as a customer."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/scheduled token 999") == "refused:no"
        await home.shop.connect(credentials=OF_107)
        assert await home.type("/scheduled token 107") == "refused:no"
        assert "Merchant" in home.last()


async def test_in_a_shared_channel_a_card_says_little(tmp_path: Path) -> None:
    """D3: where another company reads along there is number, status and times, and no money."""
    async with on_stage(tmp_path, FakeQpilot(orders={ORDER.id: NAMED})) as home:
        home.where(Profile.EXTERNAL)
        await home.type("/scheduled 208022")
        said = home.texts("post")[0]
        assert [part for part in ("$24", "107", "Shampoo", "30 days") if part in said] == []
