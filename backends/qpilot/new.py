"""What can be made at QPilot: seed 004's fields, each under its own name in snake case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class NewPaymentMethod:
    """A payment method for ``POST …/PaymentMethods``: tokens of the gateway, never a card's number (seed 004, step 3).

    Within a new customer ``customer_id`` stays empty.
    """

    type: str
    gateway_customer_id: str
    gateway_payment_id: str
    customer_id: str | None = None


@dataclass(frozen=True)
class NewCustomer:
    """A customer for ``POST …/Customers``, with payment methods if wished (seed 004, steps 2 and 3)."""

    id: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    shipping_first_name: str | None = None
    shipping_last_name: str | None = None
    shipping_street1: str | None = None
    shipping_city: str | None = None
    shipping_state: str | None = None
    shipping_country: str | None = None
    shipping_street2: str | None = None
    shipping_postcode: str | None = None
    phone_number: str | None = None
    company: str | None = None
    payment_methods: tuple[NewPaymentMethod, ...] = ()


@dataclass(frozen=True)
class NewProduct:
    """A product for ``POST …/Products``; ``siteId`` is written by the client (seed 004, step 4).

    Sizes and weight are texts, as in the seed.
    """

    id: str
    title: str
    price: Decimal | None = None
    sale_price: Decimal | None = None
    sku: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    length: str | None = None
    width: str | None = None
    height: str | None = None
    weight: str | None = None
    weight_unit_type: str | None = None
    length_unit_type: str | None = None
    add_to_scheduled_order: bool | None = None
    process_scheduled_order: bool | None = None
    availability: str | None = None
    stock: int | None = None


@dataclass(frozen=True)
class NewItem:
    """One line of a new scheduled order, or one to add to an old one (seed 004, step 5)."""

    product_id: str
    quantity: int
    price: Decimal | None = None
    sale_price: Decimal | None = None


@dataclass(frozen=True)
class NewOrder:
    """A scheduled order for ``POST …/ScheduledOrders`` (seed 004, step 5).

    Without ``payment_method_id`` QPilot takes the customer's default one; without ``next_occurrence_utc`` it reckons
    the day itself (apis/qpilot.md §6.1).
    """

    customer_id: str
    frequency_type: str
    frequency: int
    scheduled_order_items: tuple[NewItem, ...]
    payment_method_id: int | None = None
    next_occurrence_utc: datetime | None = None
