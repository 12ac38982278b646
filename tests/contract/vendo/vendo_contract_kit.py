"""What the contract tests of Vendo's client share: a stand-in that listens, who is signed in, and a filled cart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from backends.errors import BackendError, Invalid
from backends.http import Limits
from backends.vendo.auth import Guest, OrderToken, Tokens
from backends.vendo.cart import Address, Cart
from backends.vendo.checkout import CheckoutUpdate
from backends.vendo.client import Stores, VendoClient
from sandbox.serving import serve
from sandbox.vendo import Vendo

ADA, BOB, CARA = "ada@example.com", "bob@example.com", "cara@example.com"
QUICK = Limits(write_total=1.0)
BETHESDA = Address(
    "Jana", "Bergmann", "7735 Old Georgetown Road", city="Bethesda", zipcode="20814", phone="3014445002",
    state_name="Maryland", country_iso="US",
)  # fmt: skip
TO_BETHESDA = CheckoutUpdate(email="jana@mail.example", ship_address=BETHESDA, bill_address=BETHESDA)


@dataclass(frozen=True)
class Shop:
    """A stand-in, a client of it, and its address."""

    vendo: Vendo
    client: VendoClient
    url: str

    @property
    def guest(self) -> Guest:
        """Nobody in particular."""
        return Guest(self.url)

    async def sign_in(self, email: str) -> Tokens:
        """Sign somebody in by the code that was mailed."""
        await self.client.request_code(self.url, email)
        return await self.client.exchange(self.url, email, self.vendo.mail[-1].code)

    async def fill(self, sku: str = "TEE-BLACK-S", quantity: int = 2, currency: str | None = None) -> OrderToken:
        """A guest's cart with one line; its requests are no longer in the journal."""
        cart = await self.client.create_cart(self.guest, currency=currency)
        assert cart.token is not None
        key = OrderToken(self.url, cart.token, cart.currency)
        await self.client.add_item(key, self.variant(sku), quantity)
        self.vendo.requests.clear()
        return key

    async def ready(self) -> tuple[OrderToken, Cart]:
        """A guest's cart that only needs to be completed."""
        key = await self.fill()
        await self.client.update_checkout(key, TO_BETHESDA)
        await self.client.shipping_rates(key)
        check = next(one for one in await self.client.payment_methods(key) if one.name == "Check")
        cart = await self.client.create_payment(key, check.id)
        self.vendo.requests.clear()
        return key, cart

    def variant(self, sku: str) -> str:
        """The id of a variant."""
        return next(form.id for product in self.vendo.products for form in product.sold if form.sku == sku)

    def sent(self) -> list[str]:
        """The requests so far, without what follows a second slash."""
        return [f"{one.method} {one.path}" for one in self.vendo.requests]


@asynccontextmanager
async def shop(
    vendo: Vendo | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008
    header: str = "X-Vendo-Order-Token",
) -> AsyncIterator[Shop]:
    """A stand-in that listens, and a client of it."""
    vendo = vendo or Vendo()
    served = await serve(vendo.app())
    stores = Stores(served.url, limits)
    try:
        yield Shop(vendo, VendoClient(stores, order_token_header=header), served.url)
    finally:
        await stores.close()
        await served.close()


async def refused(work: Awaitable[object]) -> BackendError:
    """The error that some work ends with."""
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value


def complaints(error: BackendError) -> list[tuple[str, str]]:
    """Field and words of each complaint."""
    return [(one.field, one.message) for one in error.fields] if isinstance(error, Invalid) else []
