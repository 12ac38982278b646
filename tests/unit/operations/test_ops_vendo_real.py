"""The operations with the real client in front of the stand-in: the whole way, and answers that get lost (E3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ops_fakes import ADA, BEN
from vendo_fakes import FakeVendo, Shop, shop

from backends.http import Limits
from backends.vendo.cart import Address
from backends.vendo.catalogue import ProductQuery
from backends.vendo.checkout import RateChoice
from backends.vendo.client import VendoClient
from backends.vendo.stores import Stores
from operations import carts, checkout, shopping
from operations.carts import CartNow
from operations.checkout import AddressForm, Checkout, Ordered, Step
from operations.linking import Actor, Removed
from operations.outcome import Done, Refused
from operations.vendo_accounts import LOGIN_AGAIN, VendoAccounts
from sandbox.serving import serve
from sandbox.vendo.faults import Fault
from sandbox.vendo.vendo import Vendo

LIMITS = Limits(read_total=3.0, write_total=1.0, attempt=1.0, connect=1.0)
HERE = "C0SHOP0001"
HOME = Address("Ada", "Lovelace", "1 Main St", None, "Boston", "02108", "555-0100", "Massachusetts", country_iso="US")


@dataclass
class Stage:
    """The stand-in, and the operations in front of it."""

    vendo: Vendo
    home: Shop

    async def sign_in(self, actor: Actor, email: str) -> None:
        link = self.home.ports.vendo
        assert await link.ask_code("", email, "Ada", "L") == Done(None)
        assert isinstance(await link.connect(actor, "", email, self.vendo.mail[-1].code), Done)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    vendo = Vendo()
    served = await serve(vendo.app())
    stores = Stores(served.url, LIMITS)
    try:
        async with shop(folder, FakeVendo(lambda: None)) as home:
            link = VendoAccounts(home.vault, VendoClient(stores), home.carts, served.url)
            object.__setattr__(home.ports, "vendo", link)
            yield Stage(vendo, home)
    finally:
        await stores.close()
        await served.close()


async def bought(stage: Stage, actor: Actor, what: str, email: str) -> Ordered:
    """From the cart to the order, doing at each step what the cart asks for."""
    ports = stage.home.ports
    assert isinstance(await carts.add(ports, actor, HERE, what, 2, "REF"), CartNow)
    now = await checkout.begin(ports, actor, HERE, "REF")
    for _ in range(8):
        assert isinstance(now, Checkout), now
        match now.step:
            case Step.ADDRESS:
                now = await checkout.set_address(ports, actor, HERE, AddressForm(email, HOME), "REF")
            case Step.DELIVERY if not now.shipments:
                now = await checkout.rates(ports, actor, HERE, "REF")
            case Step.DELIVERY:
                chosen = [RateChoice(one.id, one.rates[-1].id) for one in now.shipments]
                now = await checkout.choose_rate(ports, actor, HERE, chosen, "REF")
            case Step.PAYMENT if not now.methods:
                now = await checkout.payment_methods(ports, actor, HERE, "REF")
            case Step.PAYMENT:
                check = next(one.id for one in now.methods if one.name == "Check")
                now = await checkout.choose_payment(ports, actor, HERE, check, "REF")
            case _:
                break
    assert isinstance(now, Checkout)
    assert now.step is Step.REVIEW
    done = await checkout.complete(ports, actor, HERE, now.seen, "REF")
    assert isinstance(done, Ordered), done
    return done


@pytest.mark.parametrize("what", ["TEE-BLACK-S", "GIFT"])
async def test_a_guest_buys(tmp_path: Path, what: str) -> None:
    """Seed 003: without signing in, from the SKU to the order and its status, also where nothing has to be shipped."""
    async with stage(tmp_path) as here:
        done = await bought(here, ADA, what, "guest@example.com")
        assert done.order is not None
        assert (done.order.state, [line.quantity for line in done.order.lines]) == ("complete", [2])
        again = await shopping.order(here.home.ports, ADA, done.number, "REF")
        assert isinstance(again, Done)
        assert again.value.order.number == done.number
        following = await carts.show(here.home.ports, ADA, HERE, "REF")
        assert isinstance(following, CartNow)
        assert (following.fresh, following.after, following.cart.number != done.number) == (True, done.number, True)


async def test_somebody_signed_in_buys_beside_somebody_else(tmp_path: Path) -> None:
    """The order is the account's, is listed there, and the other person's cart in the same channel is as it was."""
    async with stage(tmp_path) as here:
        await here.sign_in(ADA, "ada.new@example.com")
        other = await carts.add(here.home.ports, BEN, HERE, "SALT", 1, "REF")
        assert isinstance(other, CartNow)
        done = await bought(here, ADA, "SOCKS-36-40", "ada.new@example.com")
        listed = await shopping.orders(here.home.ports, ADA, "REF")
        assert isinstance(listed, Done)
        assert [one.number for one in listed.value.orders] == [done.number]
        now = await carts.show(here.home.ports, BEN, HERE, "REF")
        assert isinstance(now, CartNow)
        assert (now.cart.number, [line.quantity for line in now.cart.lines]) == (other.cart.number, [1])
        assert (await here.home.ports.vendo.disconnect(ADA)).revoked is True


async def test_a_cart_in_euro(tmp_path: Path) -> None:
    """apis/vendo.md §3(b): a cart in the store's second currency is found and changed like any other."""
    async with stage(tmp_path) as here:
        ports = here.home.ports
        made = await carts.new(ports, ADA, HERE, "REF", currency="EUR")
        assert isinstance(made, CartNow)
        added = await carts.add(ports, ADA, HERE, "NOTE", 3, "REF")
        assert isinstance(added, CartNow)
        assert (added.cart.number, added.cart.currency, added.fresh) == (made.cart.number, "EUR", False)


async def test_coupons_and_lines(tmp_path: Path) -> None:
    """A good coupon works, lines are set and removed by SKU, and the cart says the same as the stand-in."""
    async with stage(tmp_path) as here:
        ports = here.home.ports
        await carts.add(ports, ADA, HERE, "Notebook A5", 3, "REF")
        good = await carts.apply_coupon(ports, ADA, HERE, "test", "REF")
        assert isinstance(good, CartNow)
        assert [one.code for one in good.cart.promotions] == ["test"]
        changed = await carts.set_quantity(ports, ADA, HERE, "NOTE", 5, "REF")
        assert isinstance(changed, CartNow)
        assert [line.quantity for line in changed.cart.lines] == [5]
        gone = await carts.remove(ports, ADA, HERE, "NOTE", "REF")
        assert isinstance(gone, CartNow)
        assert gone.cart.lines == ()


@pytest.mark.parametrize("kind", ["accept_then_500", "accept_then_close", "accept_then_hang"])
async def test_a_lost_answer_adds_once(tmp_path: Path, kind: str) -> None:
    """E3 E5: an addition that was accepted without an answer is done, sent once, and not added a second time."""
    async with stage(tmp_path) as here:
        await carts.add(here.home.ports, ADA, HERE, "NOTE", 1, "REF")
        here.vendo.faults.append(Fault("POST /cart/add_item", kind, times=1, seconds=2.0))  # type: ignore[arg-type]
        here.vendo.requests.clear()
        added = await carts.add(here.home.ports, ADA, HERE, "NOTE", 2, "REF")
        assert isinstance(added, CartNow)
        assert [line.quantity for line in added.cart.lines] == [3]
        assert here.vendo.count("POST", "/cart/add_item") == 1


@pytest.mark.parametrize("kind", ["accept_then_500", "accept_then_close", "404"])
async def test_a_lost_answer_orders_once(tmp_path: Path, kind: str) -> None:
    """§10: after an order without an answer its status decides; a 404 that was none leaves the cart as it was."""
    async with stage(tmp_path) as here:
        here.vendo.faults.append(Fault("PATCH /checkout/complete", kind, times=1))  # type: ignore[arg-type]
        if kind == "404":
            with pytest.raises(AssertionError):
                await bought(here, ADA, "GIFT", "guest@example.com")
            assert here.home.outcomes()[-1] == ("checkout.complete", "refused")
        else:
            done = await bought(here, ADA, "GIFT", "guest@example.com")
            assert done.action.state == "done"
        assert here.vendo.count("PATCH", "/checkout/complete") == 1


async def test_an_expired_sign_in_is_renewed_and_a_lost_renewal_ends_in_signing_in(tmp_path: Path) -> None:
    """C8: an expired token costs one refresh; a refresh whose answer is lost ends in *sign in again*, not in a loop."""
    async with stage(tmp_path) as here:
        await here.sign_in(ADA, "ada.new@example.com")
        here.vendo.expire_tokens()
        assert isinstance(await shopping.account(here.home.ports, ADA, "REF"), Done)
        here.vendo.expire_tokens()
        here.vendo.faults.append(Fault("POST /auth", "accept_then_close", times=1))
        here.vendo.requests.clear()
        answers = [await shopping.account(here.home.ports, ADA, "REF") for _ in range(3)]
        assert answers == [LOGIN_AGAIN] * 3
        assert here.vendo.count("POST", "/auth") == 2
        assert isinstance(await here.home.ports.vendo.disconnect(ADA), Removed)


async def test_searching_and_a_wrong_code(tmp_path: Path) -> None:
    """A guest finds products by a part of their name; a wrong code is said under ``code``."""
    async with stage(tmp_path) as here:
        found = await shopping.search(here.home.ports, ADA, ProductQuery(name="mug"), "REF")
        assert isinstance(found, Done)
        assert [one.sku for one in found.value.products] == ["MUG"]
        await here.home.ports.vendo.ask_code("", "a@example.com")
        refused = await here.home.ports.vendo.connect(ADA, "", "a@example.com", "000000x")
        assert isinstance(refused, Refused)
        assert [one.field for one in refused.fields] == ["code"]
