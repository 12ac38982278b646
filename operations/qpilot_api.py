"""The part of QPilot's client that operations use (apis/qpilot.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from backends.qpilot.auth import Credentials, Token
from backends.qpilot.entities import Customer, Product, ProductQuery, Settings, Site
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, Page, PaymentMethod, Row, ScheduledOrder
from backends.qpilot.tickets import Tickets


class Reads(Protocol):
    """Its reads; nothing here changes anything."""

    async def login(self, credentials: Credentials, *, request_id: str = "") -> Token:
        """A token for one request."""
        ...

    async def customer_login(self, credentials: Credentials, customer_id: str, *, request_id: str = "") -> Token:
        """A token for one customer, to hand over."""
        ...

    async def site(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Site:
        """The site, for a merchant."""
        ...

    async def settings(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Settings:
        """What a customer may know of the site."""
        ...

    async def orders_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
        expect: bool = False,
    ) -> Page[Row]:
        """One page of the light list."""
        ...

    async def full_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        customer_id: str | None = None,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
    ) -> Page[ScheduledOrder]:
        """One page of the list of whole scheduled orders."""
        ...

    async def order(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> ScheduledOrder:
        """One whole scheduled order."""
        ...

    async def customer_orders(
        self, tickets: Tickets, site_id: int, customer_id: str, *, include_deleted: bool = False, request_id: str = ""
    ) -> tuple[ScheduledOrder, ...]:
        """All scheduled orders of one customer."""
        ...

    async def customer(self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = "") -> Customer:
        """One customer."""
        ...

    async def customers(
        self, tickets: Tickets, site_id: int, search: str, *, page: int = 1, page_size: int = 25, request_id: str = ""
    ) -> Page[Customer]:
        """Customers that a text finds."""
        ...

    async def payment_methods(
        self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = ""
    ) -> tuple[PaymentMethod, ...]:
        """All payment methods of one customer."""
        ...

    async def products(
        self,
        tickets: Tickets,
        site_id: int,
        query: ProductQuery = ...,
        *,
        page: int = 1,
        page_size: int = 25,
        request_id: str = "",
    ) -> Page[Product]:
        """Products that a query finds."""
        ...

    async def product(self, tickets: Tickets, site_id: int, product_id: str, *, request_id: str = "") -> Product:
        """One product."""
        ...

    async def next_occurrence(
        self,
        tickets: Tickets,
        site_id: int,
        frequency_type: str,
        frequency: int,
        after: datetime,
        *,
        request_id: str = "",
    ) -> datetime:
        """The occurrence that follows another."""
        ...


class Qpilot(Reads, Protocol):
    """Its reads and its writes; each write is one request."""

    async def create_customer(
        self, tickets: Tickets, site_id: int, customer: NewCustomer, *, request_id: str = ""
    ) -> str:
        """Make a customer."""
        ...

    async def create_payment_method(
        self, tickets: Tickets, site_id: int, method: NewPaymentMethod, *, request_id: str = ""
    ) -> int | None:
        """Make a payment method."""
        ...

    async def create_product(self, tickets: Tickets, site_id: int, product: NewProduct, *, request_id: str = "") -> str:
        """Make a product."""
        ...

    async def create_order(
        self, tickets: Tickets, site_id: int, order: NewOrder, *, request_id: str = ""
    ) -> int | None:
        """Make a scheduled order."""
        ...

    async def set_status(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        status: Literal["Active", "Paused"],
        *,
        request_id: str = "",
    ) -> None:
        """Activate or pause."""
        ...

    async def safe_activate(
        self, tickets: Tickets, site_id: int, order_id: int, *, allow_deleted: bool = False, request_id: str = ""
    ) -> None:
        """Activate a paused, failed, snoozed or deleted one."""
        ...

    async def set_next_occurrence(
        self, tickets: Tickets, site_id: int, order: ScheduledOrder, moment: datetime, *, request_id: str = ""
    ) -> None:
        """Move the next occurrence."""
        ...

    async def set_frequency(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        frequency_type: str,
        frequency: int,
        *,
        request_id: str = "",
    ) -> None:
        """Change how often it recurs."""
        ...

    async def set_payment_method(
        self, tickets: Tickets, site_id: int, order_id: int, payment_method_id: int, *, request_id: str = ""
    ) -> None:
        """Choose another payment method."""
        ...

    async def retry(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        """Process a failed one again."""
        ...

    async def delete(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> None:
        """Cancel it, softly."""
        ...

    async def add_items(
        self, tickets: Tickets, site_id: int, order_id: int, items: Sequence[NewItem], *, request_id: str = ""
    ) -> None:
        """Add lines."""
        ...

    async def change_item(
        self, tickets: Tickets, site_id: int, item: Item, quantity: int, *, request_id: str = ""
    ) -> None:
        """Change a line's quantity."""
        ...

    async def remove_item(self, tickets: Tickets, site_id: int, item_id: int, *, request_id: str = "") -> None:
        """Remove a line."""
        ...
