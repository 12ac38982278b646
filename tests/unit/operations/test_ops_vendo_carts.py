"""A cart belongs to one person in one channel, and is changed with its own token only (seed 003, apis/vendo.md §3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from vendo_fakes import (
    ADA,
    BEN,
    HERE,
    MUG,
    OTHER_STORE,
    PRODUCTS,
    SHIRT,
    SHIRT_L,
    STORE,
    TEAM,
    THERE,
    Shop,
    shop,
)

from backends.errors import BackendError, FieldError, Forbidden, NoAnswer, NotFound, Unreachable
from backends.secret import Secret
from backends.vendo.cart import Cart
from operations import carts
from operations.carts import CartGone, CartNow, NoCart, Several, SeveralLines
from operations.changes import AlreadyBeing
from operations.creating import InvalidInput
from operations.linking import VENDO, Actor
from operations.outcome import NOBODY_KNOWS, Reason, Refused, Unknown


async def started(home: Shop, actor: Actor = ADA, channel: str = HERE, what: str = "MUG-1", quantity: int = 2) -> Cart:
    """A cart with something in it."""
    added = await carts.add(home.ports, actor, channel, what, quantity, "REF")
    assert isinstance(added, CartNow)
    home.vendo.writes.clear()
    return added.cart


async def quiet(when: str, what: str) -> None:
    """Nothing happens meanwhile."""


def inside(home: Shop, number: str) -> dict[str | None, int | None]:
    return {line.variant_id: line.quantity for line in home.vendo.carts[number].lines}


async def test_a_guest_gets_a_cart(tmp_path: Path) -> None:
    """A cart is made without signing in; its token is kept sealed, and number, store and currency beside it."""
    async with shop(tmp_path) as home:
        made = await carts.new(home.ports, ADA, HERE, "REF")
        kept = home.carts.current(TEAM, ADA.user, HERE)
        assert made == CartNow(home.vendo.only(), fresh=True)
        assert kept is not None
        assert (kept.number, kept.store, kept.currency) == ("R000000001", STORE, "USD")
        assert (home.carts.token(kept), home.vendo.writes) == ("order-token-1", [("create_cart", "guest")])
        assert home.outcomes() == [("cart.new", "sending"), ("cart.new", "done")]


async def test_a_cart_in_another_currency_is_found_again(tmp_path: Path) -> None:
    """apis/vendo.md §3(b): a cart in another currency than the store's is read with it, and in small letters too."""
    async with shop(tmp_path) as home:
        made = await carts.new(home.ports, ADA, HERE, "REF", currency="eur")
        assert isinstance(made, CartNow)
        assert made.cart.currency == "EUR"
        shown = await carts.show(home.ports, ADA, HERE, "REF")
        assert shown == CartNow(home.vendo.only())


@pytest.mark.parametrize(
    ("currency", "message"),
    [("euro", "must be three letters, such as USD"), ("JPY", "must be one of USD, EUR")],
)
async def test_a_currency_that_the_store_has_not_makes_no_cart(tmp_path: Path, currency: str, message: str) -> None:
    """Vendo would quietly take its own currency instead, so a wrong one is refused before anything is sent."""
    async with shop(tmp_path) as home:
        made = await carts.new(home.ports, ADA, HERE, "REF", currency=currency)
        assert made == InvalidInput((FieldError("currency", message),))
        assert (home.vendo.writes, home.vendo.carts, home.outcomes()) == ([], {}, [])


async def test_there_is_no_cart_until_one_is_asked_for(tmp_path: Path) -> None:
    """Looking makes none: without a cart every function but ``new`` and ``add`` says so and sends nothing."""
    async with shop(tmp_path) as home:
        ports = home.ports
        answers = [
            await carts.show(ports, ADA, HERE, "REF"),
            await carts.set_quantity(ports, ADA, HERE, "MUG-1", 1, "REF"),
            await carts.remove(ports, ADA, HERE, "MUG-1", "REF"),
            await carts.apply_coupon(ports, ADA, HERE, "test", "REF"),
            await carts.remove_coupon(ports, ADA, HERE, "test", "REF"),
            await carts.note(ports, ADA, HERE, "please", "REF"),
        ]
        assert answers == [NoCart()] * 6
        assert (home.vendo.writes, home.outcomes()) == ([], [])


async def test_the_whole_way_through_a_cart(tmp_path: Path) -> None:
    """Add, add more, set, coupon, note and remove end as Vendo's cart says, each sent with the order token alone."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        ports = home.ports
        await carts.add(ports, ADA, HERE, "MUG-1", 2, "REF")
        await carts.add(ports, ADA, HERE, "MUG-1", 1, "REF")
        await carts.add(ports, ADA, HERE, "SHIRT-L", 1, "REF")
        number = home.vendo.only().number
        assert inside(home, number) == {MUG: 3, SHIRT_L: 1}
        await carts.set_quantity(ports, ADA, HERE, "v-mug", 5, "REF")
        await carts.apply_coupon(ports, ADA, HERE, "test", "REF")
        await carts.note(ports, ADA, HERE, "ring twice", "REF")
        last = await carts.remove(ports, ADA, HERE, "l-v-shirt-l", "REF")
        assert last == CartNow(home.vendo.only())
        assert inside(home, number) == {MUG: 5}
        assert (home.vendo.only().special_instructions, len(home.vendo.only().promotions)) == ("ring twice", 1)
        assert {key for what, key in home.vendo.writes if what != "create_cart"} == {"order-token-1"}
        await carts.remove_coupon(ports, ADA, HERE, "test", "REF")
        assert home.vendo.only().promotions == ()


async def test_the_first_addition_makes_the_cart_and_says_so(tmp_path: Path) -> None:
    """Adding without a cart makes one; ``fresh`` says so once, and not for the next one."""
    async with shop(tmp_path) as home:
        first = await carts.add(home.ports, ADA, HERE, "MUG-1", 1, "REF")
        second = await carts.add(home.ports, ADA, HERE, "MUG-1", 1, "REF")
        assert isinstance(first, CartNow)
        assert isinstance(second, CartNow)
        assert (first.fresh, first.after, second.fresh) == (True, None, False)


async def test_after_an_order_the_next_cart_is_a_new_one(tmp_path: Path) -> None:
    """Seed 003: after completion a new cart with a new token is made, and it is said which order it follows."""
    async with shop(tmp_path) as home:
        old = await started(home)
        kept = home.carts.current(TEAM, ADA.user, HERE)
        assert kept is not None
        await home.carts.complete(kept)
        shown = await carts.show(home.ports, ADA, HERE, "REF")
        assert isinstance(shown, CartNow)
        assert (shown.fresh, shown.after, shown.cart.number != old.number) == (True, old.number, True)
        now = home.carts.current(TEAM, ADA.user, HERE)
        assert now is not None
        assert (home.carts.token(now), home.carts.token(kept)) == ("order-token-2", "order-token-1")
        assert await carts.show(home.ports, ADA, HERE, "REF") == CartNow(shown.cart)


async def test_two_people_in_one_channel_have_a_cart_each(tmp_path: Path) -> None:
    """Whatever two people do at the same time in one channel, each changes only their own cart, with its own token."""
    async with shop(tmp_path) as home:
        ada, ben = await started(home), await started(home, BEN)
        steps = [
            carts.add(home.ports, ADA, HERE, "SHIRT-S", 1, "REF"),
            carts.add(home.ports, BEN, HERE, "SHIRT-L", 4, "REF"),
            carts.set_quantity(home.ports, ADA, HERE, "v-mug", 7, "REF"),
            carts.remove(home.ports, BEN, HERE, "v-mug", "REF"),
            carts.apply_coupon(home.ports, BEN, HERE, "test", "REF"),
        ]
        outcomes = await asyncio.gather(*steps)
        assert {type(one) for one in outcomes} == {CartNow}
        assert (inside(home, ada.number), inside(home, ben.number)) == ({MUG: 7, SHIRT: 1}, {SHIRT_L: 4})
        assert home.vendo.carts[ada.number].promotions == ()


async def test_one_person_has_a_cart_for_each_channel(tmp_path: Path) -> None:
    """A guest's two channels are two carts."""
    async with shop(tmp_path) as home:
        here, there = await started(home), await started(home, channel=THERE, what="SHIRT-S")
        assert (inside(home, here.number), inside(home, there.number)) == ({MUG: 2}, {SHIRT: 2})


async def test_two_channels_of_somebody_signed_in_do_not_share_a_cart(tmp_path: Path) -> None:
    """Where Vendo answers with the cart that another channel keeps, a cart of nobody's is made instead."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        here, there = await started(home), await started(home, channel=THERE, what="SHIRT-S")
        assert (inside(home, here.number), inside(home, there.number)) == ({MUG: 2}, {SHIRT: 2})
        assert home.vendo.owners == {here.number: "ada@example.com"}


async def test_two_people_with_one_account_do_not_share_a_cart(tmp_path: Path) -> None:
    """Two people who signed in with one e-mail have a cart each all the same."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await home.sign_in(BEN)
        ada, ben = await started(home), await started(home, BEN, what="SHIRT-S")
        assert (inside(home, ada.number), inside(home, ben.number)) == ({MUG: 2}, {SHIRT: 2})


async def test_a_cart_begun_in_a_browser_is_taken_over(tmp_path: Path) -> None:
    """A signed-in person's cart that no channel keeps is the one that they get, with what is in it."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await started(home)
        browsed = home.vendo.only()
        await home.carts.forget_person(TEAM, ADA.user)
        assert await carts.new(home.ports, ADA, HERE, "REF") == CartNow(browsed, fresh=True)


async def test_a_new_cart_leaves_the_old_one_behind(tmp_path: Path) -> None:
    """``new`` replaces the open cart and names it, and its token is forgotten; a signed-in person gets another too."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        old = await started(home)
        kept = home.carts.current(TEAM, ADA.user, HERE)
        made = await carts.new(home.ports, ADA, HERE, "REF")
        assert isinstance(made, CartNow)
        assert (made.after, made.cart.number != old.number) == (old.number, True)
        assert kept is not None
        assert home.carts.token(kept) is None


async def test_a_cart_of_another_store_stays_with_it(tmp_path: Path) -> None:
    """Signing in elsewhere does not move a cart: products for it are looked up at its own store, as a guest."""
    async with shop(tmp_path) as home:
        await started(home)
        await home.sign_in(store=OTHER_STORE)
        home.vendo.reads.clear()
        added = await carts.add(home.ports, ADA, HERE, "SHIRT-S", 1, "REF")
        assert isinstance(added, CartNow)
        assert {key for what, key in home.vendo.reads if what in ("products", "product")} == {"guest"}
        assert home.ports.vendo.store(ADA) == OTHER_STORE


# the trap of apis/vendo.md §3
async def test_a_stale_order_token_never_changes_the_other_cart(tmp_path: Path) -> None:
    """§3(a): with a dead order token and a good bearer token at hand, the person's other cart is never touched."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        stale = await started(home)
        other = replace(stale, id="c-9", number="R999999999", token=Secret("order-token-9"))
        home.vendo.carts[other.number] = other
        home.vendo.owners[other.number] = "ada@example.com"
        for change in (
            carts.show(home.ports, ADA, HERE, "REF"),
            carts.add_variant(home.ports, ADA, HERE, MUG, 1, "REF"),
            carts.set_quantity(home.ports, ADA, HERE, "v-mug", 9, "REF"),
            carts.remove(home.ports, ADA, HERE, "v-mug", "REF"),
            carts.apply_coupon(home.ports, ADA, HERE, "test", "REF"),
            carts.note(home.ports, ADA, HERE, "x", "REF"),
        ):
            await home.carts.keep(
                TEAM, ADA.user, HERE, number=stale.number, store=STORE, currency="USD", token="order-token-1"
            )
            home.vendo.carts.pop(stale.number, None)
            assert await change == CartGone(stale.number)
            assert home.carts.current(TEAM, ADA.user, HERE) is None
        assert home.vendo.carts == {other.number: other}
        assert {key for _, key in home.vendo.writes} <= {"order-token-1"}


async def test_an_answer_about_another_cart_is_not_believed(tmp_path: Path) -> None:
    """Should Vendo act on another cart all the same, it is said that nobody knows, and the kept cart is let go of."""
    async with shop(tmp_path) as home:
        mine = await started(home)
        other = replace(mine, id="c-9", number="R999999999")
        home.vendo.carts[other.number] = other
        home.vendo.keys["order-token-1"] = other.number
        answer = await carts.apply_coupon(home.ports, ADA, HERE, "test", "REF")
        assert isinstance(answer, Unknown)
        assert answer.text == (
            "Vendo answered about another cart than the one that was meant, so I have let go of it. " + NOBODY_KNOWS
        )
        assert home.carts.current(TEAM, ADA.user, HERE) is None
        assert await carts.show(home.ports, ADA, HERE, "REF") == NoCart()


# a cart that is gone
async def test_a_cart_that_vendo_no_longer_has_is_said_and_forgotten(tmp_path: Path) -> None:
    """404 for cart and order: the cart is gone, which is said once, and then there is none."""
    async with shop(tmp_path) as home:
        number = (await started(home)).number
        home.vendo.carts.clear()
        assert await carts.show(home.ports, ADA, HERE, "REF") == CartGone(number)
        assert await carts.show(home.ports, ADA, HERE, "REF") == NoCart()


async def test_a_cart_that_was_ordered_elsewhere_is_said_and_kept_as_an_order(tmp_path: Path) -> None:
    """404 for the cart and 200 for the order: it is known as ordered, and its token still opens its status."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        home.vendo.carts[cart.number] = replace(home.vendo.only(), state="complete", completed_at=home.clock())
        assert await carts.show(home.ports, ADA, HERE, "REF") == CartGone(cart.number, ordered=True)
        kept = home.carts.find(TEAM, ADA.user, cart.number)
        assert kept is not None
        assert (kept.state, home.carts.token(kept)) == ("completed", "order-token-1")


async def test_a_cart_that_cannot_be_read_is_kept(tmp_path: Path) -> None:
    """Silence is no reason to forget a cart, also where only the order's status stays silent."""
    async with shop(tmp_path) as home:
        await started(home)
        home.vendo.read_fails = NoAnswer(VENDO)
        answer = await carts.show(home.ports, ADA, HERE, "REF")
        assert answer == Refused(Reason.NO_ANSWER, NoAnswer(VENDO).safe_text, back_end=VENDO)
        assert home.carts.current(TEAM, ADA.user, HERE) is not None


# what is meant
async def test_a_product_with_variants_is_a_choice(tmp_path: Path) -> None:
    """The SKU of a product with several variants, or its name, adds nothing and gives the variants to choose from."""
    async with shop(tmp_path) as home:
        for what in ("SHIRT", "varsity shirt", "varsity-shirt"):
            assert await carts.add(home.ports, ADA, HERE, what, 1, "REF") == Several((PRODUCTS[0],))
        assert (home.vendo.writes, home.vendo.carts) == ([], {})


async def test_several_products_are_a_choice(tmp_path: Path) -> None:
    """A part of a name that fits two products adds nothing; the whole name of one of them is that one."""
    async with shop(tmp_path) as home:
        assert await carts.add(home.ports, ADA, HERE, "cap", 1, "REF") == Several(PRODUCTS[2:])
        await carts.add(home.ports, ADA, HERE, "rain cap", 1, "REF")
        assert inside(home, home.vendo.only().number) == {"v-cap2": 1}


async def test_what_no_product_is_called_adds_nothing(tmp_path: Path) -> None:
    """An unknown SKU or name is not found, and no cart is made for it."""
    async with shop(tmp_path) as home:
        answer = await carts.add(home.ports, ADA, HERE, "NOPE", 1, "REF")
        assert isinstance(answer, Refused)
        assert (answer.reason, answer.back_end, home.vendo.writes) == (Reason.NOT_FOUND, VENDO, [])


async def test_a_line_that_is_not_there(tmp_path: Path) -> None:
    """Setting or removing what is not in the cart sends nothing, and so does a word that fits two lines."""
    async with shop(tmp_path) as home:
        await started(home)
        await started(home, what="SHIRT-S")
        await started(home, what="SHIRT-L")
        answer = await carts.remove(home.ports, ADA, HERE, "cap", "REF")
        assert isinstance(answer, Refused)
        assert answer.reason is Reason.NOT_FOUND
        both = await carts.set_quantity(home.ports, ADA, HERE, "v-shirt", 3, "REF")
        assert isinstance(both, SeveralLines)
        assert [line.variant_id for line in both.lines] == [SHIRT, SHIRT_L]
        empty = await carts.remove(home.ports, ADA, HERE, " ", "REF")
        assert isinstance(empty, Refused)
        assert home.vendo.writes == []


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
async def test_a_quantity_out_of_bounds_is_refused_before_anything_is_sent(tmp_path: Path, quantity: int) -> None:
    """1 to 10,000, for add, for a chosen variant and for set; the field is Vendo's own."""
    async with shop(tmp_path) as home:
        await started(home)
        wrong = InvalidInput((FieldError("quantity", "must be a number from 1 to 10,000"),))
        assert await carts.add(home.ports, ADA, HERE, "MUG-1", quantity, "REF") == wrong
        assert await carts.add_variant(home.ports, ADA, HERE, MUG, quantity, "REF") == wrong
        assert await carts.set_quantity(home.ports, ADA, HERE, "v-mug", quantity, "REF") == wrong
        assert home.vendo.writes == []


async def test_a_coupon_that_vendo_refuses_stands_under_its_field(tmp_path: Path) -> None:
    """What is wrong with a coupon is said in Vendo's words under ``coupon_code``; an empty one is not sent."""
    async with shop(tmp_path) as home:
        await started(home)
        answers = [await carts.apply_coupon(home.ports, ADA, HERE, code, "REF") for code in ("old", " ")]
        assert answers == [
            InvalidInput((FieldError("coupon_code", "The coupon code is expired"),)),
            InvalidInput((FieldError("coupon_code", "must not be empty"),)),
        ]
        assert len(home.vendo.writes) == 1


async def test_what_is_gone_already_is_removed(tmp_path: Path) -> None:
    """A 404 for a line that is no longer in the cart is no failure (apis/vendo.md §10)."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        home.vendo.fails(NotFound(VENDO))
        answer = await carts.remove(home.ports, ADA, HERE, "v-mug", "REF")
        assert isinstance(answer, Refused)  # it is still there, so it was about something else
        assert answer.reason is Reason.NOT_FOUND

        async def vanish(when: str, what: str) -> None:
            if what == "remove_item":
                home.vendo.carts[cart.number] = replace(home.vendo.only(), lines=())

        home.vendo.hook = vanish
        assert await carts.remove(home.ports, ADA, HERE, "v-mug", "REF") == CartNow(home.vendo.only())


# once
async def test_fifty_additions_of_one_click_add_once(tmp_path: Path) -> None:
    """E1: fifty identical additions at once add one time, and the others are told who was first."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        many = (carts.add_variant(home.ports, ADA, HERE, MUG, 3, "REF") for _ in range(50))
        outcomes = await asyncio.gather(*many)
        assert inside(home, cart.number) == {MUG: 5}
        assert sum(isinstance(one, CartNow) for one in outcomes) == 1
        assert sum(isinstance(one, AlreadyBeing | Refused) for one in outcomes) == 49
        assert home.vendo.writes == [("add_item", "order-token-1")]


async def test_fifty_new_carts_of_one_click_are_one(tmp_path: Path) -> None:
    """E1: fifty identical wishes for a new cart make one."""
    async with shop(tmp_path) as home:
        outcomes = await asyncio.gather(*(carts.add_variant(home.ports, ADA, HERE, MUG, 1, "REF") for _ in range(50)))
        assert (len(home.vendo.carts), inside(home, home.vendo.only().number)) == (1, {MUG: 1})
        assert sum(isinstance(one, CartNow) for one in outcomes) == 1


async def test_an_addition_without_an_answer_is_judged_by_the_quantity(tmp_path: Path) -> None:
    """apis/vendo.md §10: after silence the cart is read, and what was accepted is not sent a second time."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)
        assert await carts.add_variant(home.ports, ADA, HERE, MUG, 3, "REF") == CartNow(home.vendo.only())
        assert (inside(home, cart.number), len(home.vendo.writes)) == ({MUG: 5}, 1)


async def test_an_unknown_addition_is_read_again_before_the_next(tmp_path: Path) -> None:
    """E3: where nobody could say, the next wish first settles the last one, and then adds from what is there."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)

        async def silence(when: str, what: str) -> None:
            if (when, what) == ("after", "add_item"):
                home.vendo.read_fails = NoAnswer(VENDO)

        home.vendo.hook = silence
        assert isinstance(await carts.add_variant(home.ports, ADA, HERE, MUG, 3, "REF"), Unknown)
        home.vendo.read_fails, home.vendo.hook = None, quiet
        assert isinstance(await carts.add_variant(home.ports, ADA, HERE, MUG, 1, "REF"), CartNow)
        assert inside(home, cart.number) == {MUG: 6}
        assert [line for line in home.outcomes() if line[0] == "cart.add"][-4:] == [
            ("cart.add", "unknown"),
            ("cart.add", "done"),
            ("cart.add", "sending"),
            ("cart.add", "done"),
        ]


async def test_a_cart_that_changed_in_between_is_not_added_to(tmp_path: Path) -> None:
    """E4: where the quantity is another than it was read, nothing is sent, for it could not be judged afterwards."""
    async with shop(tmp_path) as home:
        cart = await started(home)
        reads = iter((2, 40))

        async def change(when: str, what: str) -> None:
            line = replace(home.vendo.only().lines[0], quantity=next(reads))
            home.vendo.carts[cart.number] = replace(home.vendo.only(), lines=(line,))

        home.vendo.hook = change
        answer = await carts.add_variant(home.ports, ADA, HERE, MUG, 1, "REF")
        assert isinstance(answer, Refused)
        assert (answer.reason, home.vendo.writes, inside(home, cart.number)) == (Reason.NO, [], {MUG: 40})


async def test_a_cart_whose_answer_got_lost_is_unknown_and_can_be_asked_for_again(tmp_path: Path) -> None:
    """apis/vendo.md §10: a new cart without an answer is out of reach; asking again makes another one."""
    async with shop(tmp_path) as home:
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)
        assert isinstance(await carts.new(home.ports, ADA, HERE, "REF"), Unknown)
        assert home.carts.current(TEAM, ADA.user, HERE) is None
        again = await carts.new(home.ports, ADA, HERE, "REF")
        assert again == CartNow(home.vendo.carts["R000000002"], fresh=True)


async def test_a_cart_made_while_disconnecting_is_not_kept(tmp_path: Path) -> None:
    """C7: a cart of somebody who disconnects while it is made leaves no token behind."""
    async with shop(tmp_path) as home:
        await home.sign_in()

        async def leave(when: str, what: str) -> None:
            if (when, what) == ("after", "create_cart"):
                await home.ports.vendo.disconnect(ADA)

        home.vendo.hook = leave
        answer = await carts.new(home.ports, ADA, HERE, "REF")
        assert isinstance(answer, Refused)
        assert answer.text == "You have disconnected meanwhile, so the cart was not kept."
        assert home.carts.current(TEAM, ADA.user, HERE) is None


@pytest.mark.parametrize("error", [Forbidden(VENDO), Unreachable(VENDO)])
async def test_a_new_cart_that_is_refused_keeps_nothing(tmp_path: Path, error: BackendError) -> None:
    """A refusal or no connection makes no cart, and the sentence is the declared one (D6)."""
    async with shop(tmp_path) as home:
        home.vendo.fails(error)
        answer = await carts.new(home.ports, ADA, HERE, "REF")
        assert isinstance(answer, Refused)
        assert (answer.text, home.carts.current(TEAM, ADA.user, HERE)) == (error.safe_text, None)
