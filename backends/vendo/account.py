"""A person's account at a store, as Shipclerk knows it (seed 003, apis/vendo.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from backends.vendo.cart import Address


@dataclass(frozen=True)
class Account:
    """Who somebody is at a store; ``completed_orders`` counts what was ever bought."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    store_credits: Decimal | None = None
    completed_orders: int | None = None
    default_billing_address: Address | None = None
    default_shipping_address: Address | None = None
