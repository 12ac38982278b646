"""The client against the strict stand-in that somebody else wrote from the fact sheet: login, account, catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest
from vendo_contract_kit import ADA, BOB, complaints, refused, shop

from backends.errors import Forbidden, Invalid, LoginRefused, NotFound, SessionExpired
from backends.secret import Secret
from backends.vendo.auth import OrderToken
from backends.vendo.cart import OrderPage
from backends.vendo.catalogue import ProductQuery
from sandbox.vendo import Switches, Vendo


async def test_login() -> None:
    """§11.1: a code by e-mail becomes a pair of tokens for 31 days, and the account behind them is the person's."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        account = await here.client.account(ada)
        assert here.sent() == ["POST /auth", "POST /auth", "GET /account"]
    assert abs((ada.expires_at - datetime.now(UTC)).total_seconds() - 2_678_400) < 60
    assert (account.email, account.first_name, account.completed_orders) == (ADA, "Ada", 30)
    assert account.default_shipping_address is not None
    assert account.default_shipping_address.city == "Bethesda"


async def test_a_new_customer() -> None:
    """An unknown address becomes a customer with the names that were given (seed 003)."""
    async with shop() as here:
        await here.client.request_code(here.url, "new@mail.example", first_name="Nia", last_name="New")
        nia = await here.client.exchange(here.url, "new@mail.example", here.vendo.mail[-1].code)
        account = await here.client.account(nia)
    assert (account.first_name, account.last_name, account.completed_orders) == ("Nia", "New", 0)


@pytest.mark.parametrize("status", [422, 401])
async def test_wrong_code(status: Literal[422, 401]) -> None:
    """A wrong code, a used one and an old one are refused alike, whatever the status is."""
    async with shop(Vendo(switches=Switches(code_refused=status))) as here:
        await here.client.request_code(here.url, ADA)
        code = here.vendo.mail[-1].code
        wrong = await refused(here.client.exchange(here.url, ADA, f"{(int(code) + 1) % 1_000_000:06}"))
        await here.client.exchange(here.url, ADA, code)
        used = await refused(here.client.exchange(here.url, ADA, code))
        await here.client.request_code(here.url, ADA)
        here.vendo.clock.advance(601)
        old = await refused(here.client.exchange(here.url, ADA, here.vendo.mail[-1].code))
    assert [(type(one), one.outcome_known) for one in (wrong, used, old)] == [(LoginRefused, True)] * 3


async def test_bad_address() -> None:
    """An address that is none is a complaint under ``email``, and no code is sent."""
    async with shop() as here:
        error = await refused(here.client.request_code(here.url, "no address"))
        assert here.vendo.mail == []
    assert isinstance(error, Invalid)
    assert [field for field, _ in complaints(error)] == ["email"]


@pytest.mark.parametrize("refusal", ["401", "invalid_grant"])
async def test_refresh(refusal: Literal["401", "invalid_grant"]) -> None:
    """§11.2: a refresh gives another pair; the old refresh token then ends the session, by a 401 or OAuth's 400."""
    async with shop(Vendo(switches=Switches(refresh_refused=refusal))) as here:
        ada = await here.sign_in(ADA)
        again = await here.client.refresh(ada)
        error = await refused(here.client.refresh(ada))
        assert (await here.client.account(again)).email == ADA
    assert (again.access == ada.access, again.refresh == ada.refresh, again.email) == (False, False, ADA)
    assert (type(error), error.outcome_known) == (SessionExpired, True)


@pytest.mark.parametrize("logout", [204, 200])
@pytest.mark.parametrize("half", ["access", "refresh"])
async def test_logout(logout: Literal[204, 200], half: str) -> None:
    """Either token ends the session at once, and a second time is no error."""
    async with shop(Vendo(switches=Switches(logout=logout))) as here:
        ada = await here.sign_in(ADA)
        token: Secret = getattr(ada, half)
        await here.client.revoke(here.url, token)
        await here.client.revoke(here.url, token)
        errors = [await refused(here.client.account(ada)), await refused(here.client.refresh(ada))]
    assert [type(error) for error in errors] == [SessionExpired] * 2


async def test_expired() -> None:
    """§11.2: a token that ran out is SessionExpired also on a public page, and a refresh helps."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        here.vendo.clock.advance(2_678_400)
        errors = [await refused(here.client.account(ada)), await refused(here.client.products(ada))]
        again = await here.client.refresh(ada)
        assert (await here.client.account(again)).email == ADA
    assert [type(error) for error in errors] == [SessionExpired] * 2


async def test_not_signed_in() -> None:
    """A guest and the key to a cart are forbidden an account; they are not told to refresh."""
    async with shop() as here:
        key = OrderToken(here.url, "nothing")
        errors = [await refused(here.client.account(here.guest)), await refused(here.client.account_orders(key))]
    assert [type(error) for error in errors] == [Forbidden] * 2


@pytest.mark.parametrize("kind", ["order", "cart"])
async def test_all_orders(kind: Literal["order", "cart"]) -> None:
    """§11.4, §11.7: thirty orders in pages, newest first, each once, whatever their type and ``links.next`` say."""
    async with shop(Vendo(switches=Switches(order_type=kind))) as here:
        ada = await here.sign_in(ADA)
        pages: list[OrderPage] = []
        page = 0
        while not pages or page < pages[-1].total_pages:
            page += 1
            pages.append(await here.client.account_orders(ada, page=page, per_page=25))
        beyond = await here.client.account_orders(ada, page=page + 1)
        held = [number for number, *_ in here.vendo.order_summaries()]
        bob = await here.client.account_orders(await here.sign_in(BOB))
    orders = [order for one in pages for order in one.orders]
    dates = [order.completed_at for order in orders if order.completed_at is not None]
    assert ([len(one.orders) for one in pages], pages[0].total_count, beyond.orders) == ([25, 5], 30, ())
    assert (dates, len({order.number for order in orders})) == (sorted(dates, reverse=True), 30)
    assert {order.number for order in orders} <= set(held)
    assert (bob.orders, bob.page < bob.total_pages, bob.total_count) == ((), False, 0)


async def test_states_of_orders() -> None:
    """§11.6: canceled and returned orders are there too, under the server's own words."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        orders = (await here.client.account_orders(ada, per_page=100)).orders
    assert {order.state for order in orders} == {"complete", "canceled", "returned"}
    assert {order.shipment_state for order in orders} >= {"shipped", "partial", "backorder", "canceled", "ready"}


@pytest.mark.parametrize("times", ["utc", "offset"])
async def test_one_order(times: Literal["utc", "offset"]) -> None:
    """§11.8, §11.9: one order has its lines, address, shipments and payments, and its moments in UTC."""
    async with shop(Vendo(switches=Switches(times=times))) as here:
        held = next(one for one in here.vendo.orders_of(ADA) if one.state == "complete" and one.shipments)
        ada = await here.sign_in(ADA)
        order = await here.client.account_order(ada, held.number)
    assert held.completed_at is not None
    assert order.completed_at is not None
    assert abs(order.completed_at.timestamp() - held.completed_at) < 0.002
    assert (order.completed_at.tzinfo, order.id, order.number) == (UTC, held.id, held.number)
    assert [(line.id, line.sku, line.quantity) for line in order.lines] == [
        (line.id, line.variant.sku, line.quantity) for line in held.lines
    ]
    assert [(one.number, one.state, one.tracking_url) for one in order.shipments] == [
        (one.number, one.state, one.tracking_url) for one in held.shipments
    ]
    assert order.payments[0].amount == order.total
    assert order.ship_address is not None
    assert order.ship_address.city == "Bethesda"


async def test_other_peoples_orders() -> None:
    """§11.2: an unknown order and somebody else's are not found, and so is one by a wrong token."""
    async with shop() as here:
        ada, bob = await here.sign_in(ADA), await here.sign_in(BOB)
        order = (await here.client.account_orders(ada, per_page=1)).orders[0]
        assert order.token is not None
        known = await here.client.order_status(OrderToken(here.url, order.token), order.number)
        errors = [
            await refused(here.client.account_order(bob, order.number)),
            await refused(here.client.account_order(ada, "R000000000")),
            await refused(here.client.order_status(OrderToken(here.url, "wrong"), order.number)),
        ]
    assert ([type(error) for error in errors], known.number) == ([NotFound] * 3, order.number)


async def test_addresses() -> None:
    """The saved addresses are those of the account."""
    async with shop() as here:
        found = await here.client.addresses(await here.sign_in(ADA))
        assert type(await refused(here.client.addresses(here.guest))) is Forbidden
    assert [(one.label, one.city, one.country_iso) for one in found] == [
        ("Home", "Bethesda", "US"),
        ("Office", "London", "GB"),
    ]


SEARCHES: list[tuple[ProductQuery, set[str]]] = [
    (ProductQuery(name="shirt"), {"Crew T-Shirt"}),
    (ProductQuery(skus=("NOTE",)), {"Notebook A5"}),
    (ProductQuery(price_min=Decimal(100)), {"Trail Jacket"}),
    (ProductQuery(price_max=Decimal("11.50")), {"Notebook A5"}),
    (ProductQuery(name="a & b, <c>"), set()),
    (ProductQuery(name="salt & pepper"), {"Salt & Pepper <Set>"}),
]


@pytest.mark.parametrize(("query", "names"), SEARCHES)
async def test_search(query: ProductQuery, names: set[str]) -> None:
    """A search finds by part of a name, SKU or price, an open range of prices too."""
    async with shop() as here:
        page = await here.client.products(here.guest, query)
    assert {product.name for product in page.products} == names
    assert page.total_count == len(names)


async def test_pages_of_products() -> None:
    """§11.7: pages of products end where ``meta`` says."""
    async with shop() as here:
        first = await here.client.products(here.guest, per_page=5)
        rest = [
            await here.client.products(here.guest, page=page, per_page=5) for page in range(2, first.total_pages + 1)
        ]
    found = [product.id for page in (first, *rest) for product in page.products]
    assert (len(found), len(set(found))) == (first.total_count, first.total_count)


async def test_product() -> None:
    """A product by its slug or its id, with its forms; what can be bought is one of them or the default."""
    async with shop() as here:
        tee = await here.client.product(here.guest, "crew-t-shirt")
        note = await here.client.product(here.guest, "notebook-a5", currency="EUR")
        assert await here.client.product(here.guest, tee.id) == tee
        assert type(await refused(here.client.product(here.guest, "no-such-thing"))) is NotFound
    assert {(form.sku, form.options) for form in tee.variants} >= {("TEE-BLACK-S", "Color: black, Size: S")}
    assert (note.variants, note.currency, note.price, note.default_variant_id) == (
        (),
        "EUR",
        Decimal("10.4"),
        here.variant("NOTE"),
    )


async def test_own_prices() -> None:
    """A signed-in person sees the prices that are theirs (seed 003)."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        own, public = await here.client.product(ada, "zip-hoodie"), await here.client.product(here.guest, "zip-hoodie")
    assert {form.price for form in own.variants} == {Decimal("44.95")}
    assert {form.price for form in public.variants} == {Decimal("54.95")}


async def test_countries_and_store() -> None:
    """§11.10: countries, their states and the store are public."""
    async with shop() as here:
        every, shippable = await here.client.countries(here.url), await here.client.countries(here.url, shippable=True)
        usa, again = await here.client.country(here.url, "US"), await here.client.country(here.url, "USA")
        store = await here.client.store(here.guest)
        assert type(await refused(here.client.country(here.url, "XX"))) is NotFound
    assert {"US", "GB", "PL"} <= {one.iso for one in every}
    assert {one.iso for one in shippable} < {one.iso for one in every}
    assert (usa.name, usa == again, replace(usa, states=()) in every) == ("United States", True, True)
    assert {state.abbr for state in usa.states} >= {"MD", "NY"}
    assert (store.default_currency, store.supported_currencies) == ("USD", ("USD", "EUR"))
