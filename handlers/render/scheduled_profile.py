"""What of a scheduled order each class of channel may show (DESIGN.md §4.6, CHECKS D3).

Wherever others read, a customer is an id and nothing else, and no id that is an e-mail address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

from backends.qpilot.order import Address, Item, PaymentMethod, Person, ScheduledOrder
from handlers.render.profile import Profile

_EXTERNAL = frozenset(
    {"id", "status", "next_occurrence", "last_occurrence", "snoozed_until", "last_editable", "locked"}
)
_PUBLIC = _EXTERNAL | {
    "customer_id",
    "frequency",
    "frequency_type",
    "frequency_name",
    "cycles",
    "currency",
    "total",
    "error_code",
    "in_dunning",
    "items.product_id",
    "items.title",
    "items.sku",
    "items.quantity",
    "items.availability",
    "items.processed",
}
_PRIVATE = _PUBLIC | {
    "subtotal",
    "shipping_total",
    "tax_total",
    "shipping_rate",
    "coupons",
    "items.price",
    "items.sale_price",
    "address.city",
    "address.country",
}
# A name, a note and what a gateway said are free text, and people write names and numbers into free text.
_DIRECT = _PRIVATE | {
    "name",
    "note",
    "company",
    "failure_reason",
    "address.first_name",
    "address.last_name",
    "address.street1",
    "address.street2",
    "address.state",
    "address.postcode",
    "payment_method.type",
    "payment_method.last_four_digits",
    "payment_method.expiration",
}
_MODAL = _DIRECT | {"customer.first_name", "customer.last_name", "customer.email", "phone", "origin", "created"}
ALLOWED: Mapping[Profile, frozenset[str]] = {
    Profile.EXTERNAL: _EXTERNAL,
    Profile.PUBLIC: frozenset(_PUBLIC),
    Profile.PRIVATE: frozenset(_PRIVATE),
    Profile.DIRECT: frozenset(_DIRECT),
    Profile.MODAL: frozenset(_MODAL),
}
PARTS: Mapping[str, type[Any]] = {
    "items": Item,
    "address": Address,
    "payment_method": PaymentMethod,
    "customer": Person,
}


def trim(order: ScheduledOrder, profile: Profile) -> ScheduledOrder:
    """The order with everything that this profile may not show taken out, before any renderer sees it."""
    allowed = ALLOWED[profile]
    parts = {name: _part(getattr(order, name), _below(name, allowed)) for name in PARTS}
    kept = _kept(order, allowed | set(PARTS))
    trimmed: ScheduledOrder = replace(kept, customer_id=customer_shown(kept.customer_id, profile), **parts)
    return trimmed


def customer_shown(customer_id: str | None, profile: Profile) -> str | None:
    """A customer's id in the store; one that is an e-mail address only where an e-mail address may be read."""
    is_email = customer_id is not None and "@" in customer_id
    return None if is_email and "customer.email" not in ALLOWED[profile] else customer_id


def _below(name: str, allowed: frozenset[str]) -> frozenset[str]:
    return frozenset(path.partition(".")[2] for path in allowed if path.startswith(f"{name}."))


def _part(part: Any, allowed: frozenset[str]) -> Any:
    """A part, or each of several, with only its allowed fields; nothing at all if none is allowed."""
    if isinstance(part, tuple):
        return tuple(_kept(one, allowed) for one in part) if allowed else ()
    return _kept(part, allowed) if part is not None and allowed else None


def _kept(whole: Any, allowed: frozenset[str]) -> Any:
    """What there must be is a number of QPilot's own, which only buttons are made of."""
    empty = {one.name: one.default for one in fields(whole) if one.name not in allowed and one.default is not MISSING}
    return replace(whole, **empty)


def trim_to(order: ScheduledOrder, *names: str) -> ScheduledOrder:
    """The order with these fields only, for the head of a form that changes them."""
    trimmed: ScheduledOrder = _kept(order, frozenset({"id", "status", "currency", *names}))
    return trimmed
