"""What stands beside scheduled orders: customers, products, the site (seed 004, apis/qpilot.md §5.2 to §5.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backends.qpilot.order import Address, PaymentMethod


@dataclass(frozen=True)
class Customer:
    """A customer; ``id`` is the one of the connected store, a text (apis/qpilot.md §3.2)."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    company: str | None = None
    shipping: Address | None = None
    billing: Address | None = None
    payment_methods: tuple[PaymentMethod, ...] = ()
    created: datetime | None = None


@dataclass(frozen=True)
class Product:
    """A product; ``id`` is the one of the connected store. Not ``process`` makes its orders fail with 1001."""

    id: str
    title: str | None = None
    sku: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    availability: str | None = None
    stock: int | None = None
    add: bool | None = None
    process: bool | None = None
    active: bool | None = None
    valid: bool | None = None


@dataclass(frozen=True)
class ProductQuery:
    """What products are asked by; everything given must hold (apis/qpilot.md §6.3)."""

    search: str | None = None
    availability: str | None = None
    active: bool | None = None
    add: bool | None = None
    process: bool | None = None
    valid: bool | None = None


@dataclass(frozen=True)
class Site:
    """The site (apis/qpilot.md §5.5); ``timezone`` is QPilot's own word for it, ``lock_days`` 0 to 14."""

    id: int
    name: str | None = None
    url: str | None = None
    environment: str | None = None
    timezone: str | None = None
    utc_offset: int | None = None
    lock_days: int | None = None
    processing_offset_days: int | None = None
    processing_start: str | None = None
    processing_end: str | None = None
    processing_paused: bool = False


@dataclass(frozen=True)
class Settings:
    """What a customer's token may know of the site (apis/qpilot.md §5.5)."""

    lock_window: int | None = None
    utc_offset: int | None = None
    show_notes: bool | None = None
    show_coupons: bool | None = None


@dataclass(frozen=True)
class Coupon:
    """A coupon; how much it takes off is ``amount``, in what way ``discount_type`` (apis/qpilot.md §4)."""

    id: int
    code: str
    name: str | None = None
    discount_type: str | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class EventLog:
    """One event of a customer's history (apis/qpilot.md §5.7)."""

    at: datetime | None = None
    type: str | None = None
    verb: str | None = None
    entity: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Metrics:
    """A customer's figures (apis/qpilot.md §5.8); amounts are in the site's currency, which QPilot does not name."""

    active: int | None = None
    active_value: Decimal | None = None
    paused: int | None = None
    paused_value: Decimal | None = None
    failed: int | None = None
    failed_value: Decimal | None = None
    deleted: int | None = None
    deleted_value: Decimal | None = None
    lifetime_value: Decimal | None = None
    average_cycle_value: Decimal | None = None
    successful_cycles: int | None = None
    products_purchased: int | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that the check of the store's connection found."""

    type: int | None = None
    status_code: int | None = None
    message: str | None = None


@dataclass(frozen=True)
class IntegrationCheck:
    """Whether QPilot reaches the store, and what stands in the way (apis/qpilot.md §6.3)."""

    is_success: bool
    problems: tuple[Problem, ...] = ()
