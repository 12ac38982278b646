"""The client against the strict stand-in: a cart from its making to the order, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from vendo_contract_kit import ADA, BETHESDA, BOB, TO_BETHESDA, complaints, refused, shop

from backends.errors import Forbidden, Invalid, NotFound
from backends.secret import Secret
from backends.vendo.auth import OrderToken
from backends.vendo.checkout import Card, CheckoutUpdate, RateChoice
from sandbox.vendo import Switches, Vendo


@pytest.mark.parametrize("advances", [False, True])
async def test_a_guest_buys(advances: bool) -> None:
    """§11.3: the way of a guest from an empty cart to an order, whether the server advances by itself or not."""
    async with shop(Vendo(switches=Switches(auto_advance=advances))) as here:
        key = await here.fill()
        cart = await here.client.apply_coupon(key, "test")
        cart = await here.client.update_checkout(key, TO_BETHESDA)
        assert (cart.state == "address") is not advances
        (shipment,) = await here.client.shipping_rates(key)
        express = next(rate for rate in shipment.rates if rate.name == "Express")
        cart = await here.client.update_checkout(
            key, CheckoutUpdate(special_instructions="Ring", shipments=(RateChoice(shipment.id, express.id),))
        )
        check = next(one for one in await here.client.payment_methods(key) if one.name == "Check")
        cart = await here.client.create_payment(key, check.id)
        order = await here.client.complete(key)
        again = await here.client.order_status(key, order.number)
        error = await refused(here.client.cart(key))
    chosen = cart.shipments[0].selected
    assert chosen is not None
    assert (chosen.id, cart.special_instructions, cart.email) == (express.id, "Ring", "jana@mail.example")
    assert (order.state, order.number, order.completed_at is None) == ("complete", cart.number, False)
    assert order.total == Decimal("39.98") - 4 + 15 + (order.tax_total or 0)
    assert (order.payments[0].amount, order.promotions[0].code) == (order.total, "test")
    assert (again, type(error)) == (order, NotFound)
    assert order.ship_address is not None
    assert replace(order.ship_address, id=None) == BETHESDA


async def test_lines() -> None:
    """Adding adds, setting sets, removing removes, emptying empties; each answer is the whole cart."""
    async with shop() as here:
        key = await here.fill("NOTE", 2)
        cart = await here.client.add_item(key, here.variant("NOTE"), 3)
        (line,) = cart.lines
        assert (line.sku, line.quantity, line.total, cart.item_count) == ("NOTE", 5, Decimal("56.25"), 5)
        cart = await here.client.set_quantity(key, line.id, 1)
        assert [(one.id, one.quantity) for one in cart.lines] == [(line.id, 1)]
        cart = await here.client.add_item(key, here.variant("TOTE"))
        assert [one.sku for one in cart.lines] == ["NOTE", "TOTE"]
        assert [one.sku for one in (await here.client.remove_item(key, line.id)).lines] == ["TOTE"]
        assert (await here.client.empty(key)).lines == ()
        assert await here.client.cart(key) == await here.client.cart(key)


async def test_refused_lines() -> None:
    """§11.2, §11.5: what is not there or not in stock is refused in the server's words, and nothing changes."""
    async with shop() as here:
        key = await here.fill("MUG-WHITE", 1)
        before = await here.client.cart(key)
        line = before.lines[0].id
        errors = [
            await refused(here.client.add_item(key, here.variant("MUG-WHITE"), 3)),
            await refused(here.client.add_item(key, here.variant("BEANIE-RED"))),
            await refused(here.client.set_quantity(key, line, 4)),
            await refused(here.client.set_quantity(key, line, 0)),
        ]
        unknown = [
            await refused(here.client.add_item(key, "no-such-variant")),
            await refused(here.client.set_quantity(key, "no-such-line", 1)),
            await refused(here.client.remove_item(key, "no-such-line")),
        ]
        assert replace(await here.client.cart(key), updated_at=None) == replace(before, updated_at=None)
    mugs, beanies = '"Enamel Mug (Color: white)"', '"Wool Beanie (Color: red)"'
    assert [complaints(error) for error in errors] == [
        [("quantity", f"selected of {mugs} is not available.")],
        [("quantity", f"selected of {beanies} is not available.")],
        [("quantity", f"selected of {mugs} is not available.")],
        [("base", "Quantity has to be greater than 0")],
    ]
    assert [type(error) for error in unknown] == [NotFound] * 3


COUPONS = [
    ("nothing", "The coupon code you entered doesn't exist. Please try again."),
    ("summer2020", "The coupon code is expired"),
    ("first100", "Coupon code usage limit exceeded"),
    ("welcome20", None),
    ("../cart", "The coupon code you entered doesn't exist. Please try again."),
]


@pytest.mark.parametrize(("code", "words"), COUPONS)
async def test_coupons(code: str, words: str | None) -> None:
    """§11.5: a coupon works, or the server's sentence stands under ``coupon_code``."""
    async with shop() as here:
        key = await here.fill()
        if words is None:
            cart = await here.client.apply_coupon(key, code)
            assert [one.code for one in cart.promotions] == [code]
            assert (await here.client.remove_coupon(key, code)).promotions == ()
        else:
            error = await refused(here.client.apply_coupon(key, code))
            assert complaints(error) == [("coupon_code", words)]
        assert len((await here.client.cart(key)).lines) == 1


async def test_a_coupon_twice() -> None:
    """§10: a coupon that is there already is a complaint at the first attempt; all can be taken away at once."""
    async with shop() as here:
        key = await here.fill()
        await here.client.apply_coupon(key, "test")
        error = await refused(here.client.apply_coupon(key, "test"))
        assert (await here.client.remove_coupon(key)).promotions == ()
        none = await refused(here.client.remove_coupon(key))
    assert complaints(error) == [("coupon_code", "The coupon code has already been applied to this order")]
    assert [field for field, _ in complaints(none)] == ["coupon_code"]


async def test_a_code_of_dots_takes_nothing_away() -> None:
    """A coupon code of two dots would be the cart's own address: it is not sent, and the cart is still there."""
    async with shop() as here:
        key = await here.fill()
        errors = [await refused(here.client.remove_coupon(key, code)) for code in ("..", ".", "", " ")]
        assert ([type(error) for error in errors], here.sent()) == ([NotFound] * 4, [])
        assert len((await here.client.cart(key)).lines) == 1


async def test_currencies() -> None:
    """A cart in another currency is found with it alone; a change makes the old key lead nowhere (apis/vendo.md §3)."""
    async with shop() as here:
        euros = await here.fill("NOTE", 1, "EUR")
        assert ((await here.client.cart(euros)).total, euros.currency) == (Decimal("10.4"), "EUR")
        lost = await refused(here.client.cart(OrderToken(here.url, euros.token)))
        cart = await here.client.change_currency(euros, "USD")
        gone = await refused(here.client.cart(euros))
        assert (await here.client.cart(OrderToken(here.url, euros.token, "USD"))).total == Decimal("11.25")
        odd = await refused(here.client.change_currency(OrderToken(here.url, euros.token, "USD"), "XXX"))
    assert (cart.currency, type(lost), type(gone)) == ("USD", NotFound, NotFound)
    assert complaints(odd) == [("base", "Currency not supported")]


async def test_whose_cart() -> None:
    """B7: a stale order token alone finds nothing, where together with a bearer token it would act on another cart."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        own = await here.client.create_cart(ada)
        assert (await here.client.create_cart(ada)).number == own.number
        key, _ = await here.ready()
        await here.client.complete(key)
        stale = [await refused(here.client.add_item(key, here.variant("NOTE"))), await refused(here.client.cart(key))]
        mine = await here.client.cart(ada)
    assert [type(error) for error in stale] == [NotFound] * 2
    assert (mine.number, mine.lines, mine.user_id is None) == (own.number, (), False)


async def test_associate() -> None:
    """A guest's cart becomes a person's; a second person cannot have it, nor anybody by a wrong token."""
    async with shop() as here:
        key = await here.fill()
        ada, bob = await here.sign_in(ADA), await here.sign_in(BOB)
        cart = await here.client.associate(ada, key)
        taken = await refused(here.client.associate(bob, key))
        wrong = await refused(here.client.associate(bob, OrderToken(here.url, "wrong")))
        account = await here.client.account(ada)
        assert (await here.client.cart(ada)).number == cart.number
    assert (cart.user_id, cart.email, len(cart.lines)) == (account.id, ADA, 1)
    assert complaints(taken) == [("base", "Already assigned to a user")]
    assert type(wrong) is Forbidden


async def test_refused_addresses() -> None:
    """§11.2, §11.5: complaints about an address stand under the form's dotted names, and nothing was changed."""
    async with shop() as here:
        key = await here.fill()
        bad = replace(BETHESDA, city=None, zipcode=None)
        error = await refused(here.client.update_checkout(key, CheckoutUpdate(ship_address=bad)))
        cart = await here.client.cart(key)
    fields = {field for field, _ in complaints(error)}
    assert fields == {"ship_address.city", "ship_address.zipcode"}
    assert (cart.ship_address, cart.state) == (None, "cart")


async def test_too_early() -> None:
    """Each step that is taken too early is refused in the server's words, or stops where it must."""
    async with shop() as here:
        key = await here.fill()
        rates = await refused(here.client.shipping_rates(key))
        complete = await refused(here.client.complete(key))
        cart = await here.client.advance(key)
        method = await refused(here.client.select_shipping(key, "no-such-method"))
        payment = await refused(here.client.create_payment(key, "no-such-method"))
    assert complaints(rates) == [("base", "To generate Shipping Rates Order needs to have a Shipping Address")]
    assert ([type(one) for one in (complete, method, payment)], cart.completed_at) == ([Invalid] * 3, None)
    assert complaints(payment) == [("base", "This way to pay is not offered for this cart.")]


async def test_saved_address_and_card() -> None:
    """A person buys with a saved address and a saved card, step by step."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        cart = await here.client.create_cart(ada)
        assert cart.token is not None
        await here.client.add_item(ada, here.variant("NOTE"))
        home = (await here.client.addresses(ada))[0]
        await here.client.update_checkout(ada, CheckoutUpdate(ship_address_id=home.id, bill_address_id=home.id))
        states = [(await here.client.next(ada)).state for _ in range(2)]
        (shipment,) = await here.client.shipping_rates(ada)
        standard = next(rate for rate in shipment.rates if rate.name == "Standard")
        assert standard.shipping_method_id is not None
        await here.client.select_shipping(ada, standard.shipping_method_id, shipment_id=shipment.id)
        card = next(one for one in await here.client.payment_methods(ada) if one.name == "Credit Card")
        saved = here.vendo.customer(ADA)
        assert saved is not None
        paid = await here.client.create_payment(ada, card.id, source_id=saved.cards[0].id)
        order = await here.client.complete(ada)
    assert states == ["address", "delivery"]
    assert (order.state, order.number, len(paid.payments)) == ("complete", cart.number, 1)


async def test_a_new_card() -> None:
    """A card that the gateway keeps pays too, and its profile is in no answer."""
    async with shop() as here:
        key = await here.fill()
        await here.client.update_checkout(key, TO_BETHESDA)
        await here.client.shipping_rates(key)
        way = next(one for one in await here.client.payment_methods(key) if one.name == "Credit Card")
        card = Card(Secret("BGS-1"), "Jana", "visa", "1111", 12, 2030)
        cart = await here.client.create_payment(key, way.id, card=card)
    assert [one.payment_method_name for one in cart.payments] == ["Credit Card"]
    assert "BGS-1" not in repr(cart)


@pytest.mark.parametrize(
    ("header", "read", "found"),
    [
        ("X-Vendo-Order-Token", "vendo", True),
        ("X-Vendo-Order-Token", "spree", False),
        ("X-Spree-Order-Token", "spree", True),
        ("both", "vendo", True),
        ("both", "spree", True),
    ],
)
async def test_header(header: str, read: str, found: bool) -> None:
    """§11.1: whichever header the server reads, the setting ``both`` reaches it (apis/vendo.md §1.1)."""
    async with shop(header=header) as here:
        key = await here.fill()
        here.vendo.switches = here.vendo.switches.changed({"order_header": read})
        if found:
            assert (await here.client.cart(key)).item_count == 2
        else:
            assert type(await refused(here.client.cart(key))) is NotFound
