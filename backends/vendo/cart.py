"""A cart and the order that it becomes, as Shipclerk knows them (seed 003, apis/vendo.md §5, §6, §7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from backends.secret import Secret, Unportable

CART, ADDRESS, DELIVERY, PAYMENT, CONFIRM, COMPLETE = "cart", "address", "delivery", "payment", "confirm", "complete"
CANCELED = "canceled"


@dataclass(frozen=True)
class Address:
    """Where an order goes or is billed to; ``country_iso`` is two or three letters, every part may be missing."""

    firstname: str | None = None
    lastname: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    zipcode: str | None = None
    phone: str | None = None
    state_name: str | None = None
    company: str | None = None
    country_iso: str | None = None
    label: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Line:
    """One line of a cart; ``id`` is the line item's, which ``set_quantity`` and ``remove_item`` take."""

    id: str
    variant_id: str | None = None
    name: str | None = None
    options: str | None = None
    sku: str | None = None
    quantity: int | None = None
    price: Decimal | None = None
    total: Decimal | None = None
    slug: str | None = None


@dataclass(frozen=True)
class Promotion:
    """A promotion that works on a cart; ``amount`` is what it takes off, as a negative number."""

    id: str
    name: str | None = None
    code: str | None = None
    amount: Decimal | None = None
    description: str | None = None


@dataclass(frozen=True)
class Rate:
    """One way to ship one shipment, and its price."""

    id: str
    name: str | None = None
    shipping_method_id: str | None = None
    selected: bool = False
    free: bool | None = None
    cost: Decimal | None = None
    final_price: Decimal | None = None


@dataclass(frozen=True)
class Shipment:
    """One parcel; ``state`` is pending, ready, shipped or canceled, ``tracking_url`` is https or None."""

    id: str
    number: str | None = None
    state: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    final_price: Decimal | None = None
    free: bool | None = None
    rates: tuple[Rate, ...] = ()

    @property
    def selected(self) -> Rate | None:
        """The rate that is chosen, if one is."""
        return next((rate for rate in self.rates if rate.selected), None)


@dataclass(frozen=True)
class Payment:
    """One payment that counts; the failed, void and invalid ones are left out by the server (apis/vendo.md §6)."""

    id: str
    number: str | None = None
    state: str | None = None
    amount: Decimal | None = None
    payment_method_id: str | None = None
    payment_method_name: str | None = None


@dataclass(frozen=True)
class PaymentMethod:
    """One way to pay; ``type`` is the server's own class name."""

    id: str
    name: str | None = None
    type: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Cart(Unportable):
    """A cart, or the order that it became; ``state`` is Vendo's own word, read and never predicted.

    Amounts are in ``currency``; moments are UTC. ``token`` opens this cart to whoever has it: it is hidden.
    """

    id: str
    number: str
    state: str
    token: Secret | None = field(default=None, repr=False)
    email: str | None = None
    currency: str | None = None
    item_count: int | None = None
    item_total: Decimal | None = None
    ship_total: Decimal | None = None
    adjustment_total: Decimal | None = None
    promo_total: Decimal | None = None
    tax_total: Decimal | None = None
    total: Decimal | None = None
    lines: tuple[Line, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    payments: tuple[Payment, ...] = ()
    ship_address: Address | None = None
    bill_address: Address | None = None
    special_instructions: str | None = None
    payment_state: str | None = None
    shipment_state: str | None = None
    user_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None


ShopOrder: TypeAlias = Cart  # the same attributes and relationships, whatever the resource is called (apis/vendo.md §7)


@dataclass(frozen=True)
class OrderPage(Unportable):
    """One page of a person's orders, newest first; there are more while ``page < total_pages``."""

    orders: tuple[ShopOrder, ...]
    page: int
    total_pages: int
    total_count: int
