"""E3, E5: what becomes of a request when the store or what stands before it fails, and what the store then holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest
import stamina
from vendo_contract_kit import ADA, QUICK, TO_BETHESDA, Shop, refused, shop

from backends.errors import BackendError, Busy, Fault, Garbled, Invalid, NoAnswer, NotFound, Refused, SessionExpired
from backends.vendo.auth import OrderToken
from backends.vendo.cart import Cart
from sandbox.vendo import Fault as Broken
from sandbox.vendo import FaultKind

Row = tuple[FaultKind, type[BackendError], bool, bool]
ROWS: list[Row] = [
    ("hang", NoAnswer, False, False),
    ("close", NoAnswer, False, False),
    ("accept_then_hang", NoAnswer, False, True),
    ("accept_then_close", NoAnswer, False, True),
    ("accept_then_500", Fault, False, True),
    ("500", Fault, False, False),
    ("503", Fault, False, False),
    ("429", Busy, True, False),
    ("html", Garbled, False, False),
    ("empty", Garbled, False, False),
    ("garbage_json", Garbled, False, False),
    ("redirect", Garbled, False, False),
    ("403_html", Refused, True, False),
    ("400", Invalid, True, False),
    ("404", NotFound, True, False),
    ("409", Invalid, True, False),
    ("422", Invalid, True, False),
]
Work = Callable[[Shop, OrderToken], Awaitable[object]]
Look = Callable[[Cart], object]
ONCE: dict[str, tuple[str, Work, Look]] = {
    "add_item": (
        "POST /cart/add_item",
        lambda here, key: here.client.add_item(key, here.variant("TEE-BLACK-S")),
        lambda cart: cart.item_count == 3,
    ),
    "empty": ("PATCH /cart/empty", lambda here, key: here.client.empty(key), lambda cart: cart.lines == ()),
    "update_checkout": (
        "PATCH /checkout",
        lambda here, key: here.client.update_checkout(key, TO_BETHESDA),
        lambda cart: cart.ship_address is not None,
    ),
}


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
@pytest.mark.parametrize("name", ONCE)
async def test_sent_once(name: str, row: Row) -> None:
    """E3, E5: one request, the right error, *unknown* wherever the store may have done it, and what it then holds."""
    kind, error_kind, known, done = row
    match, work, was_done = ONCE[name]
    async with shop(limits=QUICK) as here:
        key = await here.fill()
        here.vendo.faults.append(Broken(match, kind, times=1))
        error = await refused(work(here, key))
        assert here.sent() == [match]
        assert was_done(await here.client.cart(key)) is done
    assert (type(error), error.outcome_known) == (error_kind, known)


@pytest.mark.parametrize("kind", ["accept_then_hang", "accept_then_close", "accept_then_500"])
async def test_completing_into_silence(kind: FaultKind) -> None:
    """§10: an order whose answer was lost is one order, which its token finds; a second try only says not found."""
    async with shop(limits=QUICK) as here:
        key, cart = await here.ready()
        here.vendo.faults.append(Broken("PATCH /checkout/complete", kind, times=1))
        error = await refused(here.client.complete(key))
        again = await refused(here.client.complete(key))
        order = await here.client.order_status(key, cart.number)
        assert here.vendo.count("PATCH", "/checkout/complete") == 2
    assert (error.outcome_known, type(again), order.state) == (False, NotFound, "complete")


async def test_paying_into_silence() -> None:
    """§10: a payment whose answer was lost is one payment, which the cart shows."""
    async with shop(limits=QUICK) as here:
        key, cart = await here.ready()
        way = cart.payments[0].payment_method_id
        assert way is not None
        here.vendo.faults.append(Broken("POST /checkout/create_payment", "accept_then_close", times=1))
        error = await refused(here.client.create_payment(key, way))
        assert here.vendo.count("POST", "/checkout/create_payment") == 1
        assert len((await here.client.cart(key)).payments) >= 1
    assert (type(error), error.outcome_known) == (NoAnswer, False)


@pytest.mark.parametrize("kind", ["close", "500", "429", "accept_then_close", "accept_then_500"])
async def test_what_may_be_done_twice(kind: FaultKind) -> None:
    """§10, E5: setting, removing and coupons come through a failure, done once, and show the cart as it is."""
    async with shop() as here:
        key = await here.fill()
        line = (await here.client.cart(key)).lines[0].id
        for match in ("PATCH /cart/set_quantity", "PATCH /cart/apply", "DELETE /cart/remove"):
            here.vendo.faults.append(Broken(match, kind, times=1))
        assert (await here.client.set_quantity(key, line, 7)).item_count == 7
        assert [one.code for one in (await here.client.apply_coupon(key, "test")).promotions] == ["test"]
        assert (await here.client.remove_coupon(key, "test")).promotions == ()
        here.vendo.faults.append(Broken("DELETE /cart/remove", kind, times=1))
        assert (await here.client.remove_item(key, line)).lines == ()
        assert here.vendo.faults == []


@pytest.mark.parametrize("kind", ["close", "500", "502", "429"])
async def test_reads_come_through(kind: FaultKind) -> None:
    """E5: a read that fails twice and then works is a good read; one that fails three times is not asked again."""
    async with shop() as here:
        here.vendo.faults.append(Broken("GET /store", kind, times=2))
        assert (await here.client.store(here.guest)).default_currency == "USD"
        here.vendo.faults.append(Broken("GET /store", kind))
        error = await refused(here.client.store(here.guest))
        assert here.vendo.count("GET", "/store") == 6
    assert error.outcome_known


@pytest.mark.parametrize("kind", ["accept_then_close", "accept_then_500", "hang"])
async def test_login_is_never_repeated(kind: FaultKind) -> None:
    """§10: a code and a refresh token work once, so neither is sent again after it was sent."""
    async with shop(limits=QUICK) as here:
        ada = await here.sign_in(ADA)
        await here.client.request_code(here.url, ADA)
        code = here.vendo.mail[-1].code
        here.vendo.requests.clear()
        for work in (
            lambda: here.client.request_code(here.url, ADA),
            lambda: here.client.exchange(here.url, ADA, code),
            lambda: here.client.refresh(ada),
        ):
            here.vendo.faults.append(Broken("POST /auth", kind, times=1))
            assert not (await refused(work())).outcome_known
        assert here.sent() == ["POST /auth"] * 3


async def test_logout_is_repeated() -> None:
    """§10: a session is ended also where the first attempt's answer was lost."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        here.vendo.faults.append(Broken("DELETE /auth", "accept_then_close", times=1))
        await here.client.revoke(here.url, ada.access)
        assert here.vendo.count("DELETE", "/auth") == 2
        assert type(await refused(here.client.account(ada))) is SessionExpired


async def test_retry_after() -> None:
    """E3: how long to wait is told where it was said, and a write does not wait and try again by itself."""
    async with shop() as here:
        key = await here.fill()
        here.vendo.faults.append(Broken("POST /cart/add_item", "429", retry_after="7"))
        error = await refused(here.client.add_item(key, here.variant("NOTE")))
        assert here.sent() == ["POST /cart/add_item"]
    assert isinstance(error, Busy)
    assert (error.retry_after, error.outcome_known) == (7.0, True)


async def test_token_expires_under_a_write() -> None:
    """§11.2: a token that runs out under a write changes nothing, and that is known: refresh, ask once more."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        await here.client.create_cart(ada)
        here.vendo.faults.append(Broken("POST /cart/add_item", "expire_then", times=1))
        error = await refused(here.client.add_item(ada, here.variant("NOTE")))
        again = await here.client.refresh(ada)
        assert (await here.client.add_item(again, here.variant("NOTE"))).item_count == 1
    assert (type(error), error.outcome_known) == (SessionExpired, True)


async def test_tokens_stay_out_of_addresses() -> None:
    """Tokens are nowhere in the paths that were asked for, but where a session is ended or a cart given away."""
    async with shop() as here:
        ada = await here.sign_in(ADA)
        key, _ = await here.ready()
        await here.client.complete(key)
        await here.client.account_orders(ada)
        seen = [f"{one.path} {dict(one.query)}" for one in here.vendo.requests]
    secrets = [secret.reveal() for secret in (ada.access, ada.refresh, key.token)]
    assert [text for text in seen if any(secret in text for secret in secrets)] == []
