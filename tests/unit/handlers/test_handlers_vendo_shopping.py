"""Looking around at a store from Slack: who sees what, pages by counting, pictures that fail, one's own orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes import ADA, BEN, TEAM
from ops_fakes import Clock
from slack_sdk.errors import SlackApiError
from vendo_fakes import HOME, OTHER_STORE, STORE, FakeVendo
from vendo_stage import ACTORS, EMAILS, VendoStage, on_stage, signed_in

from backends.errors import Fault
from backends.vendo.account import Account
from backends.vendo.auth import Access
from backends.vendo.cart import Cart, OrderPage, ShopOrder
from backends.vendo.catalogue import Image, Product, ProductPage, ProductQuery
from handlers.render.message import Message
from handlers.render.profile import Profile
from operations.shopping import ANOTHER_STORE

PERSONAL = ("Lovelace", "Main St", "555-0100", "ada@example.com")


class Books(FakeVendo):
    """A store with pages of products and of orders, which remembers what it was asked for."""

    queries: tuple[ProductQuery, ...] = ()
    pages: tuple[int, ...] = ()

    async def products(self, access: Access, query: ProductQuery = ..., **more: Any) -> ProductPage:  # type: ignore[assignment]
        self.queries, self.pages = (*self.queries, query), (*self.pages, more.get("page", 1))
        found = await super().products(access, query, **more)
        return replace(found, page=more.get("page", 1), total_pages=3)

    async def account_orders(self, access: Access, *, page: int = 1, **more: Any) -> OrderPage:
        self.pages = (*self.pages, page)
        found = await super().account_orders(access, page=page, **more)
        return replace(found, page=page, total_pages=2)

    async def product(self, access: Access, slug_or_id: str, **more: Any) -> Product:
        return replace(
            await super().product(access, slug_or_id, **more), images=(Image("https://pictures.example/a.png"),)
        )

    async def account(self, access: Access, *, request_id: str = "") -> Account:
        found = await super().account(access)
        return replace(found, first_name="Ada", last_name="Lovelace", default_shipping_address=HOME)


def books() -> Books:
    """A store of this kind."""
    return Books(Clock())


async def bought(home: VendoStage) -> Cart:
    """An order that ada has made with her account."""
    await signed_in(home)
    tokens = next(iter(home.vendo.access))
    order = Cart(
        "o-1",
        "R000000077",
        "complete",
        email="ada@example.com",
        currency="USD",
        total=Decimal("9.50"),
        ship_address=HOME,
        completed_at=home.shop.clock(),
    )
    home.vendo.carts[order.number], home.vendo.owners[order.number] = order, home.vendo.access[tokens]
    return order


async def test_a_search_is_for_the_person_alone_and_turns_its_pages(tmp_path: Path) -> None:
    """Words, prices and stock become one question; Next and Back ask it again with the page beside."""
    async with on_stage(tmp_path, vendo=books()) as home:
        assert await home.type("/shop search cap 5..30 in stock") == "done"
        asked = ProductQuery("cap", (), Decimal(5), Decimal(30), True)
        assert await home.press("shop.page_next") == "done"
        assert await home.press("shop.page_next") == "done"
        assert await home.press("shop.page_back") == "done"
        assert (home.vendo.queries, home.vendo.pages) == ((asked,) * 4, (1, 2, 3, 2))  # type: ignore[attr-defined]
        assert home.hows() == ["respond", *["respond replace"] * 3]
        assert "Products matching cap, from 5 to 30, in stock (2), page 2 of 3" in home.last().replace("\u2060", "")


async def test_a_word_that_is_no_name_is_looked_up_as_a_sku(tmp_path: Path) -> None:
    """Where no name has it, whole SKUs are searched; several words are never a SKU."""
    async with on_stage(tmp_path, vendo=books()) as home:
        assert await home.type("/shop search MUG-1") == "done"
        assert "Mug" in home.last()
        await home.type("/shop search no such thing")
        assert [one.skus for one in home.vendo.queries] == [(), ("MUG-1",), ()]  # type: ignore[attr-defined]


async def test_a_row_shows_its_own_product(tmp_path: Path) -> None:
    """The button of the second row shows the second product, and another person's hand shows nothing (B6)."""
    async with on_stage(tmp_path) as home:
        await home.type("/shop search cap")
        rows = home.values("shop.show")
        second = f"{rows[0].rpartition(':')[0]}:1"
        assert await home.press("shop.show", second, user=BEN) == "refused:expired"
        assert await home.press("shop.show", second) == "done"
        assert "Rain Cap" in home.last()


async def test_a_product_by_sku_name_or_part_of_it(tmp_path: Path) -> None:
    """One that fits is a card with what can be added; several are a list."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/shop product MUG-1") == "done"
        assert "Mug MUG-1\n9.50, ❔ stock not known." in home.last().replace("\u2060", "")
        assert await home.press("cart.add_pick") == "done"
        assert [line.variant_id for line in home.vendo.only().lines] == ["v-mug"]
        assert await home.type("/shop product cap") == "done"
        assert ("Baseball Cap" in home.last(), "Rain Cap" in home.last()) == (True, True)
        assert await home.type("/shop product nothing-such") == "refused:not_found"
        assert await home.type("/shop product") == "refused:empty"


async def test_a_picture_that_slack_cannot_fetch_costs_only_the_picture(tmp_path: Path) -> None:
    """Slack refuses the whole message then; it is sent again without the picture."""
    async with on_stage(tmp_path, vendo=books()) as home:

        class Blind(type(home.stage.slack)):  # type: ignore[misc]
            """Slack, where pictures do not load."""

            async def respond(self, url: str | None, message: Message, **more: Any) -> bool:
                return "image" not in str(message.blocks) and await super().respond(url, message, **more)

            async def whisper(self, channel: str | None, user: str, message: Message) -> None:
                raise SlackApiError("no", {"error": "invalid_blocks"})  # type: ignore[no-untyped-call]

        home.stage.slack.__class__ = Blind
        assert await home.type("/shop product MUG-1") == "done"
        assert (home.hows(), "image" in str(home.said[-1].what)) == (["respond"], False)


async def test_a_product_has_its_picture(tmp_path: Path) -> None:
    """Where Slack takes it, the picture is there."""
    async with on_stage(tmp_path, vendo=books()) as home:
        assert await home.type("/shop product MUG-1") == "done"
        assert "https://pictures.example/a.png" in str(home.said[-1].what)


async def test_an_account_is_a_modal_that_opens_first(tmp_path: Path) -> None:
    """A7 and D3: names and addresses are in the modal of the person and nowhere else."""
    async with on_stage(tmp_path, vendo=books()) as home:
        await signed_in(home)
        home.vendo.reads.clear()
        assert await home.type("/shop account") == "done"
        assert home.hows() == ["open", "update"]
        assert [part for part in PERSONAL if part not in str(home.view())] == []


async def test_who_is_not_signed_in_is_asked_to_connect(tmp_path: Path) -> None:
    """The prompt names Vendo and remembers what was typed; nothing is asked of the store."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/shop orders") == "refused:not_connected"
        assert ("Connect Vendo" in home.last(), "/shop orders" in home.last()) == (True, True)
        assert await home.type("/shop account") == "refused:not_connected"
        assert home.vendo.reads == []


async def test_without_a_trigger_the_person_is_asked_to_type_again(tmp_path: Path) -> None:
    """A command that was remembered can't open a modal, and says so."""
    async with on_stage(tmp_path) as home:
        await signed_in(home)
        for typed in ("/shop account", "/cart checkout", "/cart note"):
            assert await home.type(typed, trigger_id=None) == "refused:no_trigger"
            assert f"{typed} again" in home.last()


async def test_ones_own_orders_by_pages(tmp_path: Path) -> None:
    """The list is for the person alone, by counted pages, and holds no name or address."""
    async with on_stage(tmp_path, vendo=books()) as home:
        order = await bought(home)
        assert await home.type("/shop orders") == "done"
        assert await home.press("shop_order.page_next") == "done"
        assert await home.press("shop_order.page_back") == "done"
        assert home.vendo.pages == (1, 2, 1)  # type: ignore[attr-defined]
        assert set(home.hows()) == {"respond", "respond replace"}
        assert (order.number in home.last(), [part for part in PERSONAL if part in home.last()]) == (True, [])
        assert await home.press("shop_order.page_next", "nothing") == "refused:expired"
        page = home.carried("shop_order.page_next")
        assert await home.press("shop_order.page_next", page, user=BEN) == "refused:expired"


@pytest.mark.parametrize("profile", [Profile.EXTERNAL, Profile.PUBLIC, Profile.PRIVATE])
async def test_an_order_in_a_channel_and_its_details_in_a_modal(tmp_path: Path, profile: Profile) -> None:
    """D3: the card in the channel has nothing personal; *Details* has everything, for who may read the order."""
    async with on_stage(tmp_path) as home:
        order = await bought(home)
        assert await home.type(f"/shop order {order.number.lower()}") == "done"
        assert home.hows() == ["post"]
        assert [part for part in PERSONAL if part in home.last()] == []
        assert await home.press("shop_order.details") == "done"
        assert [part for part in PERSONAL if part not in str(home.view())] == []
        assert await home.press("shop_order.refresh") == "done"
        assert home.hows()[-1] == "respond in_channel replace"


async def test_nobody_reads_anothers_order(tmp_path: Path) -> None:
    """B7: a click on the card asks with the clicker's own account, to whom the order is not there."""
    async with on_stage(tmp_path) as home:
        order = await bought(home)
        await home.type(f"/shop order {order.number}")
        card = home.carried("shop_order.details")
        assert await home.press("shop_order.details", card, user=BEN) == "refused:not_connected"
        await signed_in(home, BEN)
        assert await home.press("shop_order.details", card, user=BEN) == "refused:not_found"
        assert await home.press("shop_order.refresh", card, user=BEN) == "refused:not_found"
        assert [part for part in PERSONAL if part in str([one.text for one in home.said])] == []


async def test_a_row_of_the_list_posts_its_order(tmp_path: Path) -> None:
    """Show posts the card to the channel; a card that is gone, or another's, is expired."""
    async with on_stage(tmp_path) as home:
        await bought(home)
        await home.type("/shop orders")
        card = home.carried("shop_order.show")
        assert await home.press("shop_order.show", card, user=BEN) == "refused:expired"
        assert await home.press("shop_order.show", card) == "done"
        assert home.hows()[-1] == "post"
        for action_id in ("shop_order.show", "shop_order.details", "shop_order.refresh"):
            assert await home.press(action_id, "nothing") == "refused:expired"


class TwoStores(FakeVendo):
    """Two stores, at each of which everybody has an order of any number; remembers which was asked."""

    asked_at: tuple[str, ...] = ()

    async def account_order(self, access: Access, number: str, *, request_id: str = "") -> ShopOrder:
        self.asked_at = (*self.asked_at, access.store)
        return Cart("o-1", number, "complete", currency="USD", ship_address=HOME)


async def test_a_card_shows_the_order_of_its_own_store(tmp_path: Path) -> None:
    """Who is signed in at another store reads that, and neither a redrawn card nor their own order of that number."""
    async with on_stage(tmp_path, vendo=TwoStores(Clock())) as home:
        await signed_in(home)
        await home.type("/shop order R77")
        card = home.carried("shop_order.refresh")
        await home.shop.sign_in(ACTORS[BEN], EMAILS[BEN], OTHER_STORE)
        home.said.clear()
        assert await home.press("shop_order.refresh", card, user=BEN) == "refused:no"
        assert await home.press("shop_order.details", card, user=BEN) == "refused:no"
        assert home.hows() == ["respond", "open", "update"]
        assert [ANOTHER_STORE.text in str(one.what) for one in home.said] == [True, False, True]
        assert home.vendo.asked_at == (STORE,)  # type: ignore[attr-defined]
        await home.shop.sign_in(ACTORS[BEN], EMAILS[BEN], STORE)
        assert await home.press("shop_order.refresh", card, user=BEN) == "done"
        assert (home.hows()[-1], home.vendo.asked_at) == ("respond in_channel replace", (STORE, STORE))  # type: ignore[attr-defined]


async def test_a_row_is_of_the_store_that_was_listed(tmp_path: Path) -> None:
    """Who has signed in elsewhere since posts nothing with an old list's button."""
    async with on_stage(tmp_path) as home:
        await bought(home)
        await home.type("/shop orders")
        row = home.carried("shop_order.show")
        await home.shop.sign_in(store=OTHER_STORE)
        assert await home.press("shop_order.show", row) == "refused:no"
        assert (home.hows()[-1], ANOTHER_STORE.text in home.last()) == ("respond", True)


async def test_a_card_that_kept_no_store_is_its_owners_alone(tmp_path: Path) -> None:
    """Cards from before: whom it was made for goes on with it, to everybody else it is expired and nothing is asked."""
    async with on_stage(tmp_path, vendo=TwoStores(Clock())) as home:
        await signed_in(home)
        await signed_in(home, BEN)
        old = await home.stage.cards.put("shop_order", TEAM, ADA, {"number": "R77"})
        for action_id in ("shop_order.refresh", "shop_order.details"):
            assert await home.press(action_id, old.id, user=BEN) == "refused:expired"
        assert home.vendo.asked_at == ()  # type: ignore[attr-defined]
        for action_id in ("shop_order.refresh", "shop_order.details"):
            assert await home.press(action_id, old.id) == "done"


async def test_a_store_that_fails_is_said_with_its_reference(tmp_path: Path) -> None:
    """D5: every look that fails says so to the person alone, with the reference."""
    async with on_stage(tmp_path) as home:
        home.vendo.read_fails = Fault("vendo")
        for typed in ("/shop search cap", "/shop product MUG-1"):
            assert await home.type(typed) == "refused:no_answer"
            assert ("Vendo has a fault" in home.last(), "REF23456" in home.last()) == (True, True)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("/shop search", "refused:empty"),
        ("/shop search 20..5", "refused:unreadable"),
        ("/shop order", "refused:empty"),
        ("/shop order R1", "refused:not_connected"),
    ],
)
async def test_what_cannot_be_read_is_asked_for_again(tmp_path: Path, typed: str, word: str) -> None:
    """Each says what to type, to the person alone, and the store is not asked."""
    async with on_stage(tmp_path) as home:
        assert await home.type(typed) == word
        assert (home.hows(), home.vendo.reads) == (["respond"], [])
