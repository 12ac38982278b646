"""Looking around at a store, and what can be known to be wrong without asking it (apis/vendo.md §5 to §9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from vendo_fakes import ADA, HERE, HOME, MUG, OTHER_STORE, PRODUCTS, SHIRT, SHIRT_L, STORE, shop

from backends.errors import Fault, FieldError, Forbidden, Unreachable
from backends.vendo.account import Account
from backends.vendo.auth import Guest
from backends.vendo.cart import Address, Cart, OrderPage, Payment, Promotion
from backends.vendo.catalogue import Product, ProductPage, ProductQuery, Variant
from operations import carts, shopping
from operations.carts import CartNow
from operations.linking import VENDO
from operations.outcome import Done, Reason, Refused
from operations.shopping import ANOTHER_STORE, NOTHING, Bought, Several, chosen, options
from operations.vendo_accounts import NOT_CONNECTED
from operations.vendo_looks import goes_to, has_coupon, paid_by
from operations.vendo_rules import check_address, check_currency, check_email, check_quantity

SHOWN_SHIRT, SHOWN_MUG, CAP, RAIN = PRODUCTS


async def test_a_search_gives_one_page(tmp_path: Path) -> None:
    """A guest searches by a part of a name and gets the page that Vendo gives."""
    async with shop(tmp_path) as home:
        found = await shopping.search(home.ports, ADA, ProductQuery(name="cap"), "REF", page=2)
        assert found == Done(ProductPage((CAP, RAIN), 2, 1, 2))
        assert home.vendo.reads == [("products", "guest")]


async def test_a_failed_search_is_a_refusal(tmp_path: Path) -> None:
    """D6: a search that fails says the declared sentence, asked once (E5)."""
    async with shop(tmp_path) as home:
        home.vendo.read_fails = Fault(VENDO)
        found = await shopping.search(home.ports, ADA, ProductQuery(), "REF")
        assert found == Refused(Reason.NO_ANSWER, Fault(VENDO).safe_text, back_end=VENDO)
        assert len(home.vendo.reads) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MUG-1", SHOWN_MUG),
        (" mug ", SHOWN_MUG),
        ("p-mug", SHOWN_MUG),
        ("SHIRT-L", SHOWN_SHIRT),
        ("Varsity Shirt", SHOWN_SHIRT),
        ("varsity", SHOWN_SHIRT),
        ("rain-cap", RAIN),
        ("RAIN CAP", RAIN),
        ("cap", Several((CAP, RAIN))),
    ],
)
async def test_a_product_is_found_by_sku_slug_id_or_name(
    tmp_path: Path, text: str, expected: Product | Several
) -> None:
    """The SKU comes first, then slug or id, then the name; a whole name wins over parts of others."""
    async with shop(tmp_path) as home:
        assert await shopping.product(home.ports, ADA, text, "REF") == Done(expected)


async def test_a_product_that_is_not_there(tmp_path: Path) -> None:
    """What no product is called is not found, and a failure on the way is not taken for that."""
    async with shop(tmp_path) as home:
        for text in ("nope", "no such thing"):
            found = await shopping.product(home.ports, ADA, text, "REF")
            assert found == Refused(Reason.NOT_FOUND, NOTHING, back_end=VENDO)
        home.vendo.read_fails = Unreachable(VENDO)
        found = await shopping.product(home.ports, ADA, "nope", "REF")
        assert found == Refused(Reason.NO_ANSWER, Unreachable(VENDO).safe_text, back_end=VENDO)


def test_what_of_a_product_can_be_bought() -> None:
    """Variants where there are some, else the product itself; without a variant's id nothing."""
    assert [one.id for one in options(SHOWN_SHIRT)] == [SHIRT, SHIRT_L]
    assert options(SHOWN_MUG) == (Variant(MUG, "MUG-1", price=Decimal("9.50")),)
    assert options(Product("p-1")) == ()


@pytest.mark.parametrize(
    ("product", "text", "variant"),
    [
        (SHOWN_SHIRT, "shirt-l", SHIRT_L),
        (SHOWN_SHIRT, "SHIRT", None),
        (SHOWN_SHIRT, "Varsity Shirt", None),
        (replace(SHOWN_SHIRT, variants=SHOWN_SHIRT.variants[:1]), "Varsity Shirt", SHIRT),
        (replace(SHOWN_SHIRT, variants=(Variant("a", "X"), Variant("b", "x"))), "x", None),
        (SHOWN_MUG, "anything", MUG),
        (Product("p-1"), "x", None),
    ],
)
def test_which_variant_is_meant(product: Product, text: str, variant: str | None) -> None:
    """A variant's own SKU names it, and where there is only one that is it; otherwise somebody has to choose."""
    found = chosen(product, text)
    assert (found.id if found else None) == variant


async def test_the_account_and_its_orders_need_a_connection(tmp_path: Path) -> None:
    """Account and orders are the person's own; a guest is told to connect, and Vendo hears nothing."""
    async with shop(tmp_path) as home:
        answers = [await shopping.account(home.ports, ADA, "REF"), await shopping.orders(home.ports, ADA, "REF")]
        assert answers == [NOT_CONNECTED] * 2
        assert home.vendo.reads == []
        await home.sign_in()
        assert await shopping.account(home.ports, ADA, "REF") == Done(Account("u-1", "ada@example.com"))
        assert await shopping.orders(home.ports, ADA, "REF", page=3) == Done(OrderPage((), 3, 1, 0))


async def test_an_order_of_the_account(tmp_path: Path) -> None:
    """An order that was made elsewhere is read with the account, whatever way its number is written."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        order = Cart("c-7", "R777", "complete", completed_at=home.clock())
        home.vendo.carts["R777"], home.vendo.owners["R777"] = order, "ada@example.com"
        assert await shopping.order(home.ports, ADA, " r777 ", "REF") == Done(Bought(order, STORE))


async def test_an_order_at_another_store_is_not_mixed_up(tmp_path: Path) -> None:
    """Asked for at its own store it is read; at another one nothing is asked, though an order has that number there."""
    async with shop(tmp_path) as home:
        await home.sign_in(store=OTHER_STORE)
        order = Cart("c-7", "R777", "complete", completed_at=home.clock())
        home.vendo.carts["R777"], home.vendo.owners["R777"] = order, "ada@example.com"
        home.vendo.reads.clear()
        assert await shopping.order(home.ports, ADA, "R777", "REF", store=STORE) == ANOTHER_STORE
        assert home.vendo.reads == []
        found = await shopping.order(home.ports, ADA, "R777", "REF", store=OTHER_STORE)
        assert found == Done(Bought(order, OTHER_STORE))


async def test_an_order_by_the_token_of_its_cart_is_at_that_store(tmp_path: Path) -> None:
    """Who ordered as a guest and signed in elsewhere reads the order where it is, and not at the other store."""
    async with shop(tmp_path) as home:
        await home.sign_in(store=OTHER_STORE)
        await home.carts.keep(
            ADA.team, ADA.user, HERE, number="R777", store=STORE, currency="USD", token="order-token-7"
        )
        order = Cart("c-7", "R777", "complete", currency="USD", completed_at=home.clock())
        home.vendo.carts["R777"], home.vendo.keys["order-token-7"] = order, "R777"
        assert await shopping.order(home.ports, ADA, "R777", "REF", store=STORE) == Done(Bought(order, STORE))
        assert await shopping.order(home.ports, ADA, "R777", "REF") == Done(Bought(order, STORE))
        elsewhere = await shopping.order(home.ports, ADA, "R777", "REF", store="https://third.example.com")
        assert elsewhere == ANOTHER_STORE


async def test_an_order_that_is_still_a_cart_is_not_found(tmp_path: Path) -> None:
    """A cart that was not ordered is no order, though its token is there; a stranger's number is none either."""
    async with shop(tmp_path) as home:
        added = await carts.add_variant(home.ports, ADA, HERE, MUG, 1, "REF")
        assert isinstance(added, CartNow)
        found = await shopping.order(home.ports, ADA, added.cart.number, "REF")
        assert isinstance(found, Refused)
        assert found.reason is Reason.NOT_FOUND
        assert await shopping.order(home.ports, ADA, "R1", "REF") == NOT_CONNECTED


async def test_a_forbidden_order_is_a_refusal(tmp_path: Path) -> None:
    """403 stays what it is: not allowed, and not *sign in again*."""
    async with shop(tmp_path) as home:
        await home.sign_in()
        answer = await home.ports.vendo.call(ADA, lambda tokens: home.vendo.account(Guest("https://shop.example.com")))
        assert answer == Refused(Reason.NO, Forbidden(VENDO).safe_text, back_end=VENDO)


# rules
@pytest.mark.parametrize(("quantity", "good"), [(1, True), (10_000, True), (0, False), (-3, False), (10_001, False)])
def test_quantities(quantity: int, good: bool) -> None:
    """1 to 10,000 (apis/vendo.md §5: 0 is refused by Vendo)."""
    assert (check_quantity(quantity) == ()) is good


@pytest.mark.parametrize("email", ["a@b.co", "ada.l+x@mail.example.com", "ä@ö.example"])
def test_good_emails(email: str) -> None:
    """What may be an address is left to Vendo."""
    assert check_email(email) == ()


@pytest.mark.parametrize(
    "email", ["", "a", "a@b", "@b.co", "a@", "a b@c.de", "a@b@c.de", "a@b.co\n", "x" * 250 + "@b.co"]
)
def test_bad_emails(email: str) -> None:
    """What cannot be one is refused under its field."""
    wrong = FieldError("user.email", "must be an e-mail address, such as ada@example.com")
    assert check_email(email, "user.email") == (wrong,)


@pytest.mark.parametrize(
    ("currency", "good"), [("USD", True), ("eur", True), ("US", False), ("EURO", False), ("1$2", False)]
)
def test_currencies(currency: str, good: bool) -> None:
    """Three letters."""
    assert (check_currency(currency) == ()) is good


@pytest.mark.parametrize("name", ["firstname", "lastname", "address1", "city", "country_iso"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_address_lacks_something(name: str, value: str | None) -> None:
    """Each required part is asked for under Vendo's name (apis/vendo.md §7); zip and phone are left to the country."""
    missing = (FieldError(f"ship_address.{name}", "must not be empty"),)
    assert check_address(replace(HOME, **{name: value}), "ship_address") == missing
    assert check_address(replace(HOME, zipcode=None, phone=None), "ship_address") == ()


# what a cart shows
def test_a_coupon_is_the_same_in_any_letters() -> None:
    """A code is found whatever letters it was typed in, and a promotion without a code is none."""
    cart = Cart("c", "R1", "cart", promotions=(Promotion("p", code="TEST"), Promotion("q")))
    assert [has_coupon(cart, code) for code in ("test", "TEST", "other")] == [True, True, False]


def test_a_payment_counts_if_it_is_by_the_method_and_of_what_is_due() -> None:
    """Another method, or an amount from before the cart changed, is not this payment."""
    cart = Cart("c", "R1", "cart", total=Decimal(5), payments=(Payment("p", amount=Decimal(5), payment_method_id="a"),))
    assert (paid_by(cart, "a"), paid_by(cart, "b"), paid_by(replace(cart, total=Decimal(6)), "a")) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"city": " boston "}, True),
        ({"country_iso": "USA"}, True),
        ({"country_iso": "GB"}, False),
        ({"phone": None, "id": "7"}, True),
        ({"zipcode": None}, False),
        ({"city": "Salem"}, False),
    ],
)
def test_an_address_is_known_again(changes: dict[str, str], same: bool) -> None:
    """A store may show letters, spaces and the country's length otherwise, but not another place."""
    cart = Cart("c", "R1", "cart", email="ADA@example.com", ship_address=replace(HOME, **changes), bill_address=HOME)
    assert goes_to(cart, "ada@example.com", HOME, HOME) is same
    assert goes_to(cart, "eve@example.com", HOME, HOME) is False
    assert goes_to(replace(cart, bill_address=None), "ada@example.com", HOME, Address()) is False
