"""Checking out: what comes next is read from the cart, and a cart is ordered once (seed 003, apis/vendo.md §6, §10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from vendo_fakes import ADA, BEN, HERE, HOME, MUG, OTHER_STORE, RATES, STORE, TEAM, Shop, shop

from backends.errors import FieldError, Invalid, NoAnswer, NotFound
from backends.vendo.cart import Address, Cart, Line, Payment, Rate, Shipment
from backends.vendo.checkout import RateChoice
from operations import carts, checkout, shopping
from operations.cart_keeping import CartGone, NoCart
from operations.carts import CartNow
from operations.changes import AlreadyBeing
from operations.checkout import AddressForm, Checkout, Moved, Ordered, Step, next_step, seen_of
from operations.creating import InvalidInput
from operations.linking import VENDO
from operations.outcome import Done, Unknown
from operations.shopping import Bought

FORM = AddressForm("ada@example.com", HOME)
LINE, PAID = Line("l-1", MUG, quantity=1, total=Decimal(5)), Payment("p-1", payment_method_id="pm", amount=Decimal(5))
SENT = Shipment("s-1", rates=(Rate("r-1", selected=True), Rate("r-2")))
READY = Cart(
    "c-1",
    "R1",
    "cart",
    email="a@b.c",
    total=Decimal(5),
    lines=(LINE,),
    ship_address=HOME,
    bill_address=HOME,
    shipments=(SENT,),
    payments=(PAID,),
)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, Step.REVIEW),
        ({"lines": ()}, Step.ITEMS),
        ({"ship_address": None}, Step.ADDRESS),
        ({"email": None}, Step.ADDRESS),
        ({"shipments": ()}, Step.DELIVERY),
        ({"shipments": (SENT, Shipment("s-2", rates=(Rate("r-1"),)))}, Step.DELIVERY),
        ({"shipments": (), "state": "payment", "payments": ()}, Step.PAYMENT),
        ({"shipments": (), "state": "confirm"}, Step.REVIEW),
        ({"payments": ()}, Step.PAYMENT),
        ({"payments": (), "total": Decimal("0.0")}, Step.REVIEW),
        ({"payments": (), "total": None}, Step.PAYMENT),
        ({"state": "complete"}, Step.DONE),
        ({"state": "canceled", "completed_at": READY.completed_at}, Step.REVIEW),
    ],
)
def test_the_next_step_is_read_from_the_cart(changes: dict[str, Any], step: Step) -> None:
    """What is missing first is what comes next; nothing shipped, such as a download, is past delivery by its state."""
    assert next_step(replace(READY, **changes)) is step


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": (replace(LINE, quantity=2),)},
        {"total": Decimal(6)},
        {"email": "x@y.z"},
        {"ship_address": replace(HOME, city="Salem")},
        {"bill_address": None},
        {"shipments": (replace(SENT, rates=(Rate("r-1"), Rate("r-2", selected=True))),)},
        {"payments": (replace(PAID, payment_method_id="other"),)},
        {"currency": "EUR"},
        {"number": "R2"},
        {"special_instructions": "leave it outside"},
    ],
)
def test_a_cart_with_another_order_in_it_is_another_one(changes: dict[str, Any]) -> None:
    """E4: whatever would be ordered differently changes the mark, and what says nothing about it does not."""
    assert seen_of(replace(READY, **changes)) != seen_of(READY)
    assert seen_of(replace(READY, state="payment", updated_at=None)) == seen_of(READY)


async def filled(home: Shop) -> Cart:
    added = await carts.add_variant(home.ports, ADA, HERE, MUG, 2, "REF")
    assert isinstance(added, CartNow)
    return added.cart


async def ready(home: Shop) -> Checkout:
    """The whole way to the review, step by step as the cart asks for it."""
    ports = home.ports
    await filled(home)
    for step in (
        checkout.set_address(ports, ADA, HERE, FORM, "REF"),
        checkout.rates(ports, ADA, HERE, "REF"),
        checkout.choose_rate(ports, ADA, HERE, [RateChoice("s-1", "r-slow")], "REF"),
        checkout.choose_payment(ports, ADA, HERE, "pm-check", "REF"),
    ):
        assert isinstance(await step, Checkout)
    shown = await checkout.review(ports, ADA, HERE, "REF")
    assert isinstance(shown, Checkout)
    return shown


async def test_from_the_cart_to_the_order_and_the_next_cart(tmp_path: Path) -> None:
    """Seed 003: each step is told by the cart, the order is made once, and then a new cart with a new token begins."""
    async with shop(tmp_path) as home:
        ports, steps = home.ports, []
        number = (await filled(home)).number

        async def noted(what: Any) -> Checkout:
            shown = await what
            assert isinstance(shown, Checkout)
            steps.append(shown.step)
            return shown

        await noted(checkout.begin(ports, ADA, HERE, "REF"))
        await noted(checkout.set_address(ports, ADA, HERE, FORM, "REF"))
        assert (await noted(checkout.rates(ports, ADA, HERE, "REF"))).shipments == (Shipment("s-1", rates=RATES),)
        await noted(checkout.choose_rate(ports, ADA, HERE, [RateChoice("s-1", "r-slow")], "REF"))
        ways = await noted(checkout.payment_methods(ports, ADA, HERE, "REF"))
        await noted(checkout.choose_payment(ports, ADA, HERE, ways.methods[0].id, "REF"))
        seen = (await noted(checkout.review(ports, ADA, HERE, "REF"))).seen
        assert steps == [
            Step.ADDRESS,
            Step.DELIVERY,
            Step.DELIVERY,
            Step.PAYMENT,
            Step.PAYMENT,
            Step.REVIEW,
            Step.REVIEW,
        ]
        done = await checkout.complete(ports, ADA, HERE, seen, "REF")
        assert isinstance(done, Ordered)
        assert (done.number, done.order, done.action.state) == (number, home.vendo.carts[number], "done")
        assert {key for what, key in home.vendo.writes if what != "create_cart"} == {"order-token-1"}
        following = await carts.show(ports, ADA, HERE, "REF")
        assert isinstance(following, CartNow)
        assert (following.fresh, following.after, following.cart.number != number) == (True, number, True)
        assert await shopping.order(ports, ADA, number.lower(), "REF") == await shopping.order(ports, ADA, number, "")


async def test_two_people_check_out_side_by_side(tmp_path: Path) -> None:
    """One person's checkout in a channel changes nothing of the other's cart there."""
    async with shop(tmp_path) as home:
        other = await carts.add_variant(home.ports, BEN, HERE, MUG, 9, "REF")
        assert isinstance(other, CartNow)
        shown = await ready(home)
        assert isinstance(await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF"), Ordered)
        assert home.vendo.carts[other.cart.number] == other.cart
        assert await checkout.review(home.ports, BEN, HERE, "REF") == Checkout(
            other.cart, Step.ADDRESS, seen_of(other.cart)
        )


async def test_without_a_cart_there_is_nothing_to_check_out(tmp_path: Path) -> None:
    """Every step says that there is no cart, and sends nothing."""
    async with shop(tmp_path) as home:
        ports = home.ports
        answers = [
            await checkout.begin(ports, ADA, HERE, "REF"),
            await checkout.set_address(ports, ADA, HERE, FORM, "REF"),
            await checkout.rates(ports, ADA, HERE, "REF"),
            await checkout.choose_rate(ports, ADA, HERE, [], "REF"),
            await checkout.payment_methods(ports, ADA, HERE, "REF"),
            await checkout.choose_payment(ports, ADA, HERE, "pm-check", "REF"),
            await checkout.review(ports, ADA, HERE, "REF"),
            await checkout.complete(ports, ADA, HERE, "seen", "REF"),
        ]
        assert answers == [NoCart()] * 8
        assert (home.vendo.writes, home.vendo.reads) == ([], [])


# addresses
async def test_saved_addresses_are_offered_to_who_is_signed_in_at_that_store(tmp_path: Path) -> None:
    """They are read with the person's own token, and only for a cart of the store where they have them."""
    saved = (replace(HOME, id="a-1", label="home"),)
    async with shop(tmp_path) as home:
        await filled(home)
        home.vendo.saved["ada@example.com"] = saved

        async def offered() -> tuple[Address, ...]:
            shown = await checkout.begin(home.ports, ADA, HERE, "REF")
            assert isinstance(shown, Checkout)
            return shown.addresses

        assert await offered() == ()
        await home.sign_in(store=OTHER_STORE)
        assert await offered() == ()
        await home.sign_in(store=STORE)
        assert await offered() == saved


async def test_a_saved_address_is_sent_as_a_copy(tmp_path: Path) -> None:
    """The order token alone need not know the account's addresses, so what it says is sent, without id and label."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        await filled(home)
        home.vendo.saved["ada@example.com"] = (replace(HOME, id="a-1", label="home"),)
        form = AddressForm(" ada@example.com ", saved="a-1")
        assert isinstance(await checkout.set_address(home.ports, ADA, HERE, form, "REF"), Checkout)
        cart = home.vendo.only()
        assert (cart.email, cart.ship_address, cart.bill_address) == ("ada@example.com", HOME, HOME)
        gone = await checkout.set_address(home.ports, ADA, HERE, replace(form, saved="a-2"), "REF")
        assert gone == InvalidInput((FieldError("saved", "is no longer among your addresses"),))


async def test_a_bill_address_of_its_own(tmp_path: Path) -> None:
    """Another address to bill is sent beside the one to ship to."""
    office = replace(HOME, address1="2 Office Rd")
    async with shop(tmp_path) as home:
        await filled(home)
        await checkout.set_address(home.ports, ADA, HERE, replace(FORM, bill_address=office), "REF")
        assert (home.vendo.only().ship_address, home.vendo.only().bill_address) == (HOME, office)


async def test_an_incomplete_address_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """What Vendo requires is asked for under its own names, e-mail first."""
    async with shop(tmp_path) as home:
        await filled(home)
        home.vendo.writes.clear()
        form = AddressForm("nobody", replace(HOME, city=" ", country_iso="Austria"), bill_address=Address())
        answer = await checkout.set_address(home.ports, ADA, HERE, form, "REF")
        assert isinstance(answer, InvalidInput)
        assert [one.field for one in answer.fields] == [
            "email",
            "ship_address.city",
            "ship_address.country_iso",
            *(f"bill_address.{name}" for name in ("firstname", "lastname", "address1", "city", "country_iso")),
        ]
        assert home.vendo.writes == []


async def test_what_vendo_has_against_the_one_form_is_said_once(tmp_path: Path) -> None:
    """Where one form gave both addresses, a complaint about both stands under the one that there is."""
    both = tuple(FieldError(f"{kind}_address.zipcode", "is invalid") for kind in ("bill", "ship"))
    async with shop(tmp_path) as home:
        await filled(home)
        home.vendo.fails(Invalid(VENDO, fields=both))
        assert await checkout.set_address(home.ports, ADA, HERE, FORM, "REF") == InvalidInput(both[1:])
        home.vendo.fails(Invalid(VENDO, fields=both))
        two = replace(FORM, bill_address=HOME)
        assert await checkout.set_address(home.ports, ADA, HERE, two, "REF") == InvalidInput(both)


async def test_rates_need_an_address(tmp_path: Path) -> None:
    """What Vendo says about the missing address is shown, as a wrong input."""
    async with shop(tmp_path) as home:
        await filled(home)
        answer = await checkout.rates(home.ports, ADA, HERE, "REF")
        assert answer == InvalidInput((FieldError("base", "needs to have a Shipping Address"),))


# paying and ordering
async def test_the_same_payment_is_not_added_twice(tmp_path: Path) -> None:
    """apis/vendo.md §10: payments are read first, so a second choice of the same method sends nothing."""
    async with shop(tmp_path) as home:
        await ready(home)
        again = await checkout.choose_payment(home.ports, ADA, HERE, "pm-check", "REF")
        assert isinstance(again, Checkout)
        assert len(home.vendo.only().payments) == 1
        assert [what for what, _ in home.vendo.writes].count("create_payment") == 1


async def test_fifty_clicks_pay_once(tmp_path: Path) -> None:
    """E1: fifty choices of one method at once add one payment."""
    async with shop(tmp_path) as home:
        await filled(home)
        many = (checkout.choose_payment(home.ports, ADA, HERE, "pm-check", "REF") for _ in range(50))
        outcomes = await asyncio.gather(*many)
        assert {type(one) for one in outcomes} <= {Checkout, AlreadyBeing}
        assert [what for what, _ in home.vendo.writes].count("create_payment") == 1


async def test_fifty_clicks_order_once(tmp_path: Path) -> None:
    """E1: fifty *complete* at once are one order; the others hear that it is being done, or is done."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        many = (checkout.complete(home.ports, ADA, HERE, shown.seen, "REF") for _ in range(50))
        outcomes = await asyncio.gather(*many)
        assert {type(one) for one in outcomes} <= {Ordered, AlreadyBeing, CartGone}
        assert sum(isinstance(one, Ordered) for one in outcomes) >= 1
        assert len([cart for cart in home.vendo.carts.values() if cart.completed_at]) == 1
        later = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert later == CartGone(shown.cart.number, ordered=True)


CHANGES: list[Callable[[Cart], Cart]] = [
    lambda cart: replace(cart, lines=(replace(cart.lines[0], quantity=9),)),
    lambda cart: replace(cart, total=Decimal(99)),
    lambda cart: replace(cart, ship_address=Address("Eve")),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_cart_that_is_not_what_was_seen_is_not_ordered(tmp_path: Path, change: Callable[[Cart], Cart]) -> None:
    """E4: quantity, total or address changed since the review: nothing is sent, and the cart is shown as it is now."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        home.vendo.carts[shown.cart.number] = change(home.vendo.only())
        home.vendo.writes.clear()
        answer = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert isinstance(answer, Moved)
        assert (answer.checkout.cart, home.vendo.writes) == (home.vendo.only(), [])


async def test_an_order_that_went_through_with_a_404_is_an_order(tmp_path: Path) -> None:
    """apis/vendo.md §10: a 404 to *complete* asks for the order's status, and 200 means that it went through."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        home.vendo.fails(NotFound(VENDO), accepts=True)
        done = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert isinstance(done, Ordered)
        assert (done.order, done.action.state) == (home.vendo.only(), "done")


async def test_a_404_whose_status_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    """Where the order's status stays silent nobody knows, and it is not sent again while that is so."""
    async with shop(tmp_path) as home:
        shown = await ready(home)

        async def silence(when: str, what: str) -> None:
            if (when, what) == ("after", "complete"):
                home.vendo.read_fails = NoAnswer(VENDO)

        home.vendo.hook = silence
        home.vendo.fails(NotFound(VENDO), accepts=True)
        assert isinstance(await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF"), Unknown)
        home.vendo.read_fails = None
        answer = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert answer == CartGone(shown.cart.number, ordered=True)
        assert [what for what, _ in home.vendo.writes].count("complete") == 1


async def test_an_unknown_payment_stands_in_the_way_of_a_second_one(tmp_path: Path) -> None:
    """What may have moved money is not sent again while no look can tell; then the look decides."""
    async with shop(tmp_path) as home:
        await filled(home)

        async def silence(when: str, what: str) -> None:
            if (when, what) == ("after", "create_payment"):
                home.vendo.read_fails = NoAnswer(VENDO)

        home.vendo.hook = silence
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)
        outcomes = [await checkout.choose_payment(home.ports, ADA, HERE, "pm-check", "REF") for _ in range(2)]
        home.vendo.read_fails = None
        outcomes.append(await checkout.choose_payment(home.ports, ADA, HERE, "pm-check", "REF"))
        assert [type(one) for one in outcomes] == [Unknown, AlreadyBeing, Checkout]
        assert [what for what, _ in home.vendo.writes].count("create_payment") == 1
        assert len(home.vendo.only().payments) == 1


async def test_an_unknown_order_stands_in_the_way_of_a_second_one(tmp_path: Path) -> None:
    """Where the cart is still there to be seen, but no look could tell, the order is not sent a second time."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        reads = iter((None, NoAnswer(VENDO), None, NoAnswer(VENDO)))

        async def every_other_fails(when: str, what: str) -> None:
            if what == "cart":
                home.vendo.read_fails = next(reads)

        home.vendo.hook = every_other_fails
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False))
        outcomes = [await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF") for _ in range(2)]
        assert [type(one) for one in outcomes] == [Unknown, AlreadyBeing]
        assert [what for what, _ in home.vendo.writes].count("complete") == 1


async def test_an_order_that_cannot_be_read_is_an_order_all_the_same(tmp_path: Path) -> None:
    """Where only a look has shown that it was ordered, and it cannot be read, it is said without its contents."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        statuses = iter((None, NoAnswer(VENDO)))

        async def second_fails(when: str, what: str) -> None:
            if what == "status":
                home.vendo.read_fails = next(statuses)

        home.vendo.hook = second_fails
        home.vendo.fails(NoAnswer(VENDO, outcome_known=False), accepts=True)
        done = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert isinstance(done, Ordered)
        assert (done.number, done.order) == (shown.cart.number, None)


async def test_what_vendo_misses_in_an_order_is_said(tmp_path: Path) -> None:
    """A refusal of *complete* is shown in Vendo's words, and the cart stays open."""
    async with shop(tmp_path) as home:
        await filled(home)
        shown = await checkout.review(home.ports, ADA, HERE, "REF")
        assert isinstance(shown, Checkout)
        answer = await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        assert answer == InvalidInput((FieldError("base", "No payment found"),))
        assert home.carts.current(TEAM, ADA.user, HERE) is not None


async def test_the_order_is_read_by_the_account_or_by_its_token(tmp_path: Path) -> None:
    """apis/vendo.md §8: a guest reads an order by its cart's token, somebody else by neither."""
    async with shop(tmp_path) as home:
        shown = await ready(home)
        await checkout.complete(home.ports, ADA, HERE, shown.seen, "REF")
        number = shown.cart.number
        assert await shopping.order(home.ports, ADA, number, "REF") == Done(Bought(home.vendo.only(), STORE))
        await home.sign_in()
        assert await shopping.order(home.ports, ADA, number, "REF") == Done(Bought(home.vendo.only(), STORE))
        await home.sign_in(BEN, "ben@example.com")
        assert not isinstance(await shopping.order(home.ports, BEN, number, "REF"), Done)
