"""What of a shop order each class of channel may show (DESIGN.md §4.6, CHECKS D3); its token is shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from typing import Any

from backends.vendo.cart import Address, Cart, Line, Payment, Promotion, Shipment
from handlers.render.profile import Profile

_EXTERNAL = frozenset({"number", "state", "completed_at", "payment_state", "shipment_state"})
_PUBLIC = _EXTERNAL | {
    "currency",
    "item_count",
    "total",
    "lines.name",
    "lines.options",
    "lines.sku",
    "lines.quantity",
    "shipments.number",
    "shipments.state",
    "shipments.tracking_url",
}
_PRIVATE = _PUBLIC | {
    "item_total",
    "ship_total",
    "promo_total",
    "tax_total",
    "lines.total",
    "ship_address.city",
    "ship_address.country_iso",
}
# Instructions are free text, and people write names and numbers into free text.
_DIRECT = _PRIVATE | {
    "special_instructions",
    "promotions.name",
    "promotions.code",
    "promotions.amount",
    "payments.state",
    "payments.amount",
    "payments.payment_method_name",
    "ship_address.firstname",
    "ship_address.lastname",
    "ship_address.company",
    "ship_address.address1",
    "ship_address.address2",
    "ship_address.zipcode",
    "ship_address.state_name",
}
_MODAL = _DIRECT | {
    "email",
    "lines.price",
    "ship_address.phone",
    *(f"bill_address.{field.name}" for field in fields(Address) if field.name not in ("id", "label")),
}
ALLOWED: Mapping[Profile, frozenset[str]] = {
    Profile.EXTERNAL: _EXTERNAL,
    Profile.PUBLIC: frozenset(_PUBLIC),
    Profile.PRIVATE: frozenset(_PRIVATE),
    Profile.DIRECT: frozenset(_DIRECT),
    Profile.MODAL: frozenset(_MODAL),
}
_PARTS: Mapping[str, type[Any]] = {
    "lines": Line,
    "promotions": Promotion,
    "shipments": Shipment,
    "payments": Payment,
    "ship_address": Address,
    "bill_address": Address,
}


def trim_order(order: Cart, profile: Profile) -> Cart:
    """The order with everything that this profile may not show taken out, before any renderer sees it."""
    allowed = ALLOWED[profile]
    changes: dict[str, Any] = {}
    for field in fields(Cart):
        if field.name in _PARTS:
            changes[field.name] = _part(getattr(order, field.name), field.name, allowed)
        elif field.name not in allowed:
            changes[field.name] = _nothing(field)
    return replace(order, **changes)


def _part(part: Any, name: str, allowed: frozenset[str]) -> Any:
    """A part of an order, or each of several, with only its allowed fields; nothing at all if none is allowed."""
    if isinstance(part, tuple):
        return tuple(kept for item in part if (kept := _part(item, name, allowed)) is not None)
    shown = {path.partition(".")[2] for path in allowed if path.startswith(f"{name}.")}
    if part is None or not shown:
        return None
    return replace(part, **{field.name: _nothing(field) for field in fields(part) if field.name not in shown})


def _nothing(field: Field[Any]) -> Any:
    return "" if field.default is MISSING else field.default
