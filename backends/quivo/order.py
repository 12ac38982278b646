"""An order as Shipclerk knows it, whatever Quivo called its parts on the wire (seed 001, seed 002)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

PENDING, PROCESSING, COMPLETED, CANCELLED = "PENDING", "PROCESSING", "COMPLETED", "CANCELLED"


@dataclass(frozen=True)
class Address:
    """Where an order goes or is billed to; every part may be missing."""

    name: str | None = None
    company: str | None = None
    street: str | None = None
    street2: str | None = None
    zip: str | None = None
    city: str | None = None
    state: str | None = None
    country_iso2: str | None = None
    phone: str | None = None
    email: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Position:
    """One line of an order; ``quantity`` is None where Quivo's list leaves it out."""

    sku: str
    name: str | None = None
    quantity: int | None = None
    lot: str | None = None
    price: Decimal | None = None
    product_identifier: str | None = None
    custom_attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tracking:
    """A parcel's number and, if it is https, its carrier's page."""

    number: str
    link: str | None = None


@dataclass(frozen=True)
class Order:
    """One fulfilment order; ``status`` is Quivo's own word, also when we do not know it."""

    order_id: int
    status: str
    reference: str | None = None
    identifier: str | None = None
    seller_id: int | None = None
    seller_name: str | None = None
    warehouse_id: int | None = None
    created: datetime | None = None
    last_modified: datetime | None = None
    ordered: datetime | None = None
    completed: datetime | None = None
    cancel_requested: datetime | None = None
    earliest_delivery: date | None = None
    latest_delivery: date | None = None
    delivery_address: Address | None = None
    invoice_address: Address | None = None
    positions: tuple[Position, ...] = ()
    tracking: tuple[Tracking, ...] = ()
    tags: tuple[str, ...] = ()
    comment: str | None = None
    tracking_enabled: bool | None = None
    shipping_method: str | None = None
    shipping_method_identifier: str | None = None
    purchase_order_number: str | None = None
    sscc_label: bool | None = None
    priority: int | None = None
    currency: str | None = None
    custom_attributes: tuple[tuple[str, str], ...] = ()
    personal_data_removed: bool = False


@dataclass(frozen=True)
class Page:
    """One page of a list and, where there may be more, what to hand back for the next one."""

    orders: tuple[Order, ...]
    search_after: str | None = None
