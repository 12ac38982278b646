"""The part of Vendo's client that operations use, so that a test can stand in for it (apis/vendo.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from backends.secret import Secret
from backends.vendo.account import Account
from backends.vendo.auth import Access, OrderToken, Tokens
from backends.vendo.cart import Address, Cart, OrderPage, PaymentMethod, Shipment, ShopOrder
from backends.vendo.catalogue import Product, ProductPage, ProductQuery, StoreInfo
from backends.vendo.checkout import Card, CheckoutUpdate


class Vendo(Protocol):
    """Stores, and whoever buys there; see ``backends.vendo.client.VendoClient``, which raises BackendError."""

    async def request_code(
        self,
        store: str,
        email: str,
        *,
        first_name: str | None = None,
        last_name: str | None = None,
        request_id: str = "",
    ) -> None:
        """Have a one-time code sent."""
        ...

    async def exchange(self, store: str, email: str, code: str | Secret, *, request_id: str = "") -> Tokens:
        """Exchange the code for tokens."""
        ...

    async def refresh(self, tokens: Tokens, *, request_id: str = "") -> Tokens:
        """Exchange the refresh token for a new pair."""
        ...

    async def revoke(self, store: str, token: Secret, *, request_id: str = "") -> None:
        """End a session by one of its tokens."""
        ...

    async def account(self, access: Access, *, request_id: str = "") -> Account:
        """Read who is signed in."""
        ...

    async def addresses(self, access: Access, *, request_id: str = "") -> tuple[Address, ...]:
        """Read the saved addresses."""
        ...

    async def account_orders(
        self, access: Access, *, page: int = 1, per_page: int = 25, request_id: str = ""
    ) -> OrderPage:
        """Read one page of orders."""
        ...

    async def account_order(self, access: Access, number: str, *, request_id: str = "") -> ShopOrder:
        """Read one order."""
        ...

    async def order_status(self, access: OrderToken, number: str, *, request_id: str = "") -> ShopOrder:
        """Read an order by the token of the cart that it was."""
        ...

    async def products(
        self,
        access: Access,
        query: ProductQuery = ...,
        *,
        page: int = 1,
        per_page: int = 25,
        request_id: str = "",
    ) -> ProductPage:
        """Read one page of products."""
        ...

    async def product(
        self, access: Access, slug_or_id: str, *, currency: str | None = None, request_id: str = ""
    ) -> Product:
        """Read one product."""
        ...

    async def store(self, access: Access, *, request_id: str = "") -> StoreInfo:
        """Read the store's name and currencies."""
        ...

    async def create_cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        """Make a cart."""
        ...

    async def cart(self, access: Access, *, currency: str | None = None, request_id: str = "") -> Cart:
        """Read the cart."""
        ...

    async def add_item(self, access: Access, variant_id: str, quantity: int = 1, *, request_id: str = "") -> Cart:
        """Add to the cart."""
        ...

    async def set_quantity(self, access: Access, line_item_id: str, quantity: int, *, request_id: str = "") -> Cart:
        """Set a line's quantity."""
        ...

    async def remove_item(self, access: Access, line_item_id: str, *, request_id: str = "") -> Cart:
        """Take a line away."""
        ...

    async def apply_coupon(self, access: Access, code: str, *, request_id: str = "") -> Cart:
        """Apply a coupon."""
        ...

    async def remove_coupon(self, access: Access, code: str | None = None, *, request_id: str = "") -> Cart:
        """Take a coupon away."""
        ...

    async def update_checkout(self, access: Access, update: CheckoutUpdate, *, request_id: str = "") -> Cart:
        """Change e-mail, addresses, instructions or rates."""
        ...

    async def shipping_rates(self, access: Access, *, request_id: str = "") -> tuple[Shipment, ...]:
        """Read the shipments with their rates."""
        ...

    async def payment_methods(self, access: Access, *, request_id: str = "") -> tuple[PaymentMethod, ...]:
        """Read the ways to pay."""
        ...

    async def create_payment(
        self,
        access: Access,
        payment_method_id: str,
        *,
        amount: Decimal | None = None,
        source_id: str | None = None,
        card: Card | None = None,
        request_id: str = "",
    ) -> Cart:
        """Add a payment."""
        ...

    async def complete(self, access: Access, *, request_id: str = "") -> ShopOrder:
        """Order what is in the cart."""
        ...
