"""Scheduled orders as Shipclerk knows them, whatever QPilot called their parts (seed 004, apis/qpilot.md §5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")

ACTIVE, PAUSED, FAILED, QUEUED, PROCESSING = "Active", "Paused", "Failed", "Queued", "Processing"
DELETED, SNOOZED = "Deleted", "Snoozed"


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, counted from 1; ``more`` says whether there is a next one, ``total`` how many in all."""

    items: tuple[T, ...]
    page: int = 1
    more: bool = False
    total: int | None = None
    total_pages: int | None = None


@dataclass(frozen=True)
class Person:
    """The customer as a scheduled order names it."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


@dataclass(frozen=True)
class Row:
    """A scheduled order in a list (v3); all but ``id`` and ``status`` may be missing (apis/qpilot.md §5.1)."""

    id: int
    status: str
    customer_id: str | None = None
    customer: Person | None = None
    next_occurrence: datetime | None = None
    last_occurrence: datetime | None = None
    frequency: int | None = None
    frequency_type: str | None = None
    frequency_name: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    subtotal: Decimal | None = None
    cycles: int | None = None
    locked: bool | None = None
    error_code: int | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class Item:
    """One line of a scheduled order; it ships in a cycle if ``available`` and within its cycles (apis/qpilot.md §5.1).

    ``availability`` and ``processed`` are its product's, None where QPilot does not say.
    """

    id: int
    product_id: str
    quantity: int | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    title: str | None = None
    sku: str | None = None
    availability: str | None = None
    processed: bool | None = None
    cycles: int | None = None
    min_cycles: int | None = None
    max_cycles: int | None = None

    @property
    def available(self) -> bool:
        """True unless QPilot says that the product is out of stock or not to be processed (apis/qpilot.md §5.1)."""
        return self.processed is not False and self.availability in (None, "InStock")


@dataclass(frozen=True)
class Address:
    """Where a scheduled order or a customer's goods go; every part may be missing."""

    first_name: str | None = None
    last_name: str | None = None
    street1: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class PaymentMethod:
    """How a customer pays: the gateway, the last four digits and the expiry; never a whole number."""

    id: int
    type: str | None = None
    customer_id: str | None = None
    last_four_digits: str | None = None
    expiration: datetime | None = None
    description: str | None = None
    status: str | None = None
    is_default: bool | None = None


@dataclass(frozen=True)
class ScheduledOrder:
    """One scheduled order, whole; ``status`` is QPilot's own word, also when we do not know it.

    ``error_code`` is a key of ``failures.FAILURES``. ``in_dunning`` is True where QPilot already tries again by itself.
    ``document`` is QPilot's JSON, kept for the full PUT only.
    """

    id: int
    status: str
    site_id: int | None = None
    customer_id: str | None = None
    customer: Person | None = None
    name: str | None = None
    next_occurrence: datetime | None = None
    last_occurrence: datetime | None = None
    next_occurrence_offset: int | None = None
    utc_offset: int | None = None
    frequency: int | None = None
    frequency_type: str | None = None
    frequency_name: str | None = None
    cycles: int | None = None
    payment_method_id: int | None = None
    payment_method: PaymentMethod | None = None
    currency: str | None = None
    subtotal: Decimal | None = None
    shipping_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    lifetime_value: Decimal | None = None
    items: tuple[Item, ...] = ()
    address: Address | None = None
    phone: str | None = None
    company: str | None = None
    shipping_rate: str | None = None
    coupons: tuple[str, ...] = ()
    locked: bool = False
    last_editable: datetime | None = None
    failure_reason: str | None = None
    error_code: int | None = None
    in_dunning: bool = False
    snoozed_until: datetime | None = None
    note: str | None = None
    origin: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    document: str = field(default="{}", repr=False, compare=False)


@dataclass(frozen=True)
class Cycle:
    """One run of a scheduled order (apis/qpilot.md §5.6); all but ``id`` may be missing, the names are assumed."""

    id: str
    scheduled_order_id: int | None = None
    status: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    scheduled_total: Decimal | None = None
    charged_total: Decimal | None = None
    currency: str | None = None
    store_order_id: str | None = None
    error_code: int | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class Change:
    """One entry of the site's history of scheduled orders (apis/qpilot.md §6.1); what is in one is assumed."""

    id: int | None = None
    scheduled_order_id: int | None = None
    at: datetime | None = None
    action: str | None = None
    description: str | None = None
