"""Carts from Slack: commands, buttons, the small forms; whose cart it is, and what an old message may still do."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import ADA, BEN, CHANNEL, TEAM
from vendo_stage import VendoStage, on_stage

from backends.errors import NoAnswer
from handlers.shop_words import Searched, counted, searched

OTHER = "C0OTHER001"


def inside(home: VendoStage, number: str = "R000000001") -> dict[str | None, int | None]:
    """What is in a cart at the store."""
    return {line.variant_id: line.quantity for line in home.vendo.carts[number].lines}


async def test_a_cart_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    """Add, one more, one less, set by SKU and by number, take out: each is done once and shown to its owner alone."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart add MUG-1 2") == "done"
        assert inside(home) == {"v-mug": 2}
        assert ("This is a new cart." in home.last(), "✅ Added 2." in home.last()) == (True, True)
        assert await home.press("cart.more") == "done"
        assert inside(home) == {"v-mug": 3}
        assert await home.press("cart.less") == "done"
        assert inside(home) == {"v-mug": 2}
        assert await home.type("/cart set V-MUG 7") == "done"
        assert await home.type("/cart set 1 5") == "done"
        assert inside(home) == {"v-mug": 5}
        assert await home.press("cart.remove") == "done"
        assert inside(home) == {}
        assert home.hows() == ["respond", "respond replace", "respond replace", "respond", "respond", "respond replace"]


async def test_two_people_in_one_channel_have_a_cart_each(tmp_path: Path) -> None:
    """What one adds is not in the other's, and a button of one does nothing in the other's hand (B6)."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        ada = home.carried("cart.more")
        await home.type("/cart add CAP-1", user=BEN)
        assert (inside(home), inside(home, "R000000002")) == ({"v-mug": 1}, {"v-cap": 1})
        assert await home.press("cart.more", ada, user=BEN) == "refused:expired"
        assert (inside(home), inside(home, "R000000002")) == ({"v-mug": 1}, {"v-cap": 1})


async def test_one_person_has_a_cart_in_each_channel(tmp_path: Path) -> None:
    """A cart belongs to a person and a channel, also by its buttons wherever they are pressed."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        here = home.carried("cart.more")
        await home.type("/cart add CAP-1", channel=OTHER)
        assert await home.press("cart.more", here, channel=OTHER) == "done"
        assert (inside(home), inside(home, "R000000002")) == ({"v-mug": 2}, {"v-cap": 1})


@pytest.mark.parametrize("action_id", ["cart.more", "cart.less", "cart.remove"])
async def test_a_message_that_is_out_of_date_changes_nothing(tmp_path: Path, action_id: str) -> None:
    """E4: where the line is no longer what the message shows, nothing is sent and the cart is drawn as it is."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1 2")
        old = home.carried(action_id)
        await home.type("/cart set V-MUG 7")
        home.vendo.writes.clear()
        assert await home.press(action_id, old) == "refused:stale"
        assert (inside(home), home.vendo.writes) == ({"v-mug": 7}, [])
        assert ("has changed" in home.last(), "7 × " in home.last()) == (True, True)


TAMPERED = ["", ":", "x:0", "card-1:x", "card-1:9", "card-1:-1", "card-1", "card-1:00000", "²:²", "x" * 3000]


@pytest.mark.parametrize("value", TAMPERED)
async def test_a_tampered_value_does_nothing(tmp_path: Path, value: str) -> None:
    """B6: what is not a card of this person with such a line is expired, and the store is not asked."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        home.vendo.writes.clear()
        home.vendo.reads.clear()
        for action_id in ("cart.more", "cart.less", "cart.remove", "cart.coupon_remove", "cart.add_pick", "shop.show"):
            assert await home.press(action_id, value) == "refused:expired"
        assert (home.vendo.writes, home.vendo.reads) == ([], [])


async def test_a_card_of_another_team_or_kind_does_nothing(tmp_path: Path) -> None:
    """B6: a card of another team and one of another kind are not carts."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        payload = {"channel": CHANNEL, "number": "R000000001", "lines": [["l-v-mug", 1]], "coupons": []}
        foreign = await home.stage.cards.put("cart", "T0OTHER001", ADA, payload)
        wrong = await home.stage.cards.put("goods", TEAM, ADA, payload)
        home.vendo.writes.clear()
        for card in (foreign, wrong):
            assert await home.press("cart.more", f"{card.id}:0") == "refused:expired"
            assert await home.press("cart.checkout", card.id) == "refused:expired"
        assert home.vendo.writes == []


async def test_adding_a_name_that_fits_several_asks_which(tmp_path: Path) -> None:
    """Nothing is added until one is chosen, and then as many as were asked for."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart add cap 3") == "asked"
        assert home.vendo.writes == []
        assert await home.press("cart.add_pick", home.values("cart.add_pick")[0]) == "done"
        assert inside(home) == {"v-cap": 3}


async def test_a_product_with_variants_asks_which(tmp_path: Path) -> None:
    """A shirt comes in sizes: the menu has one option for each, and the chosen one is added."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart add Varsity Shirt") == "asked"
        assert await home.press("cart.add_pick", home.values("cart.add_pick")[1]) == "done"
        assert inside(home) == {"v-shirt-l": 1}


async def test_an_add_that_nobody_answered_is_not_sent_twice(tmp_path: Path) -> None:
    """E3: silence after it was taken: the cart is read, shows it, and the person sees what is there."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart new")
        home.vendo.fails(NoAnswer("vendo", outcome_known=False), accepts=True)
        assert await home.type("/cart add MUG-1 2") == "done"
        assert [what for what, _ in home.vendo.writes].count("add_item") == 1
        assert inside(home) == {"v-mug": 2}


async def test_an_unknown_outcome_is_said_as_unknown(tmp_path: Path) -> None:
    """E3: silence, and no look possible: we do not know, and how to see what is there."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        home.vendo.fails(NoAnswer("vendo", outcome_known=False))

        async def deaf(when: str, what: str) -> None:
            if when == "before" and what == "cart" and home.vendo.writes[-1][0] == "add_item":
                raise NoAnswer("vendo")

        home.vendo.writes.clear()
        home.vendo.writes.append(("", ""))
        home.vendo.hook = deaf
        assert await home.type("/cart add MUG-1") == "unknown"
        assert ("do not know" in home.last(), "/cart show" in home.last()) == (True, True)


async def test_after_an_order_the_next_cart_is_a_new_one_and_says_so(tmp_path: Path) -> None:
    """Seed 003: a completed order takes its cart along; the next /cart begins another and names the one before."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        kept = home.shop.carts.current(TEAM, ADA, CHANNEL)
        assert kept is not None
        await home.shop.carts.complete(kept)
        assert await home.type("/cart") == "done"
        assert ("new cart" in home.last(), "R000000001" in home.last(), "R000000002" in home.last()) == (True,) * 3


async def test_no_cart_yet_says_how_to_begin(tmp_path: Path) -> None:
    """Without a cart nothing is made by looking; the person is told what to type."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart") == "refused:no_cart"
        assert ("/cart add" in home.last(), home.vendo.writes) == (True, [])


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("/cart add", "refused:empty"),
        ("/cart add MUG-1 0", "refused:invalid"),
        ("/cart add MUG-1 10001", "refused:invalid"),
        ("/cart set MUG-1", "refused:empty"),
        ("/cart remove", "refused:empty"),
        ("/cart new dollars", "refused:unreadable"),
        ("/cart add nothing-such", "refused:not_found"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is_sent(tmp_path: Path, typed: str, word: str) -> None:
    """Each refusal is for the person alone, with the reference, and no write leaves."""
    async with on_stage(tmp_path) as home:
        assert await home.type(typed) == word
        assert (home.vendo.writes, home.hows(), "REF" in home.last()) == ([], ["respond"], True)


async def test_a_new_cart_in_another_currency(tmp_path: Path) -> None:
    """/cart new eur makes a cart in euros; one that the store does not have is refused."""
    async with on_stage(tmp_path) as home:
        assert await home.type("/cart new eur") == "done"
        assert [one.currency for one in home.vendo.carts.values()] == ["EUR"]
        assert await home.type("/cart new XTS") == "refused:invalid"
        assert len(home.vendo.carts) == 1


async def test_a_coupon_by_command_and_its_removal(tmp_path: Path) -> None:
    """A good coupon is on the cart, a bad one is refused in the store's words, and it can be taken away again."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        assert await home.type("/cart coupon old") == "refused:invalid"
        assert "The coupon code is expired" in home.last()
        assert await home.type("/cart coupon test") == "done"
        assert [one.code for one in home.vendo.only().promotions] == ["test"]
        assert await home.type("/cart coupon remove") == "done"
        assert home.vendo.only().promotions == ()
        assert await home.type("/cart coupon remove") == "refused:no_coupon"


async def test_a_coupon_by_its_form(tmp_path: Path) -> None:
    """A refusal stands under the field; once it works the modal says so and the cart is shown in its channel."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        assert await home.press("cart.coupon_open") == "done"
        form = home.view()
        assert await home.submit({"coupon_code": ""}) == "errors:coupon_code"
        assert await home.submit({"coupon_code": "x" * 101}) == "errors:coupon_code"
        assert await home.submit({"coupon_code": "old"}) == "refused:invalid"
        notes = {block["block_id"]: block for block in home.view()["blocks"] if "note." in block.get("block_id", "")}
        assert "expired" in notes["note.coupon_code"]["text"]["text"]
        assert await home.submit({"coupon_code": "test"}, BEN, view=form) == "refused:expired"
        assert await home.submit({"coupon_code": "test"}, view=form) == "done"
        assert [one.how for one in home.said][-2:] == ["update", "whisper"]
        assert await home.press("cart.coupon_remove") == "done"
        assert home.vendo.only().promotions == ()


async def test_the_forms_of_a_cart_from_before_change_nothing(tmp_path: Path) -> None:
    """E4: a coupon or a note for a cart that was left since is not put on the new one."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        await home.type("/cart coupon test")
        old = home.carried("cart.coupon_remove")
        await home.press("cart.coupon_open")
        coupon = home.view()
        await home.press("cart.note_open")
        note = home.view()
        await home.type("/cart new")
        await home.type("/cart add MUG-1")
        home.vendo.writes.clear()
        assert await home.submit({"coupon_code": "test"}, view=coupon) == "refused:stale"
        assert await home.submit({"special_instructions": "Ring"}, view=note) == "refused:stale"
        assert await home.press("cart.coupon_remove", old) == "refused:stale"
        assert (home.vendo.writes, "cart from before" in home.last()) == ([], True)


async def test_a_note_by_its_form(tmp_path: Path) -> None:
    """The form opens before the store is asked, holds today's note, and keeps the new one (A7)."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1")
        home.vendo.reads.clear()
        seen: list[int] = []
        home.stage.slack.before = lambda how: seen.append(len(home.vendo.reads)) if how == "open" else None
        assert await home.type("/cart note Please ring") == "done"
        assert await home.press("cart.note_open") == "done"
        assert seen == [0]
        assert home.view()["blocks"][0]["element"]["initial_value"] == "Please ring"
        assert await home.submit({"special_instructions": "Ring twice"}) == "done"
        assert home.vendo.only().special_instructions == "Ring twice"
        assert "Ring twice" not in home.last()


async def test_the_order_token_is_never_said(tmp_path: Path) -> None:
    """What opens a cart is in no message, no modal and no card (issue: Buy)."""
    async with on_stage(tmp_path) as home:
        await home.type("/cart add MUG-1 2")
        await home.press("cart.more")
        await home.press("cart.coupon_open")
        texts = [one.text for one in home.said] + [str(card.payload) for card in home.stage.cards.kept.values()]
        assert [text for text in texts if "order-token" in text] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MUG-1", ("MUG-1", None)),
        ("MUG-1 2", ("MUG-1", 2)),
        ("Blue mug x3", ("Blue mug", 3)),
        ('"iPhone 15"', ("iPhone 15", None)),
        ('"iPhone 15" 2', ("iPhone 15", 2)),
        ("15", ("15", None)),
        ("", ("", None)),
        ("mug ²", ("mug ²", None)),
    ],
)
def test_reading_a_name_and_a_quantity(text: str, found: tuple[str, int | None]) -> None:
    """The last whole number is how many, unless it is in quotes or all there is."""
    assert counted(text) == found


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("mug", "Products matching mug"),
        ("blue mug 5..20 in stock", "Products matching blue mug, from 5 to 20, in stock"),
        ("In Stock ..20.5", "Products, up to 20.5, in stock"),
        ("5.. mug", "Products matching mug, from 5"),
        ("stock in a box", "Products matching stock in a box"),
    ],
)
def test_reading_a_search(text: str, title: str) -> None:
    """Words, a range of prices and the stock, in any order."""
    assert searched(text).title == title


@pytest.mark.parametrize("text", ["mug ..", "mug 20..5", "mug 5..20 7..9", "mug a..b", "mug 1,5..2"])
def test_a_range_that_cannot_be_read_is_refused(text: str) -> None:
    """What is no range of prices is asked for again, and never guessed at."""
    assert searched(text).problem
    assert searched(text) != Searched()
