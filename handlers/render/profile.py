"""Who reads along, and what of an order they may see (DESIGN.md §4.6, CHECKS D3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any

from backends.quivo.order import Address, Order, Position, Tracking


class Profile(StrEnum):
    """Where something is shown: the class of the channel, or a modal that one person opened for themselves."""

    EXTERNAL = "external"
    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"
    MODAL = "modal"


_EXTERNAL = frozenset(
    {"order_id", "reference", "status", "created", "last_modified", "ordered", "completed", "cancel_requested"}
)
_PUBLIC = _EXTERNAL | {
    "abilities",
    "positions.sku",
    "positions.name",
    "positions.quantity",
    "tracking.number",
    "tracking.link",
    "seller_name",
    "priority",
    "earliest_delivery",
    "latest_delivery",
    "shipping_method",
}
_PRIVATE = _PUBLIC | {"delivery_address.country_iso2", "delivery_address.city"}
# Tags, comment and attributes are free text, and people write names and numbers into free text.
_DIRECT = _PRIVATE | {
    "delivery_address.name",
    "delivery_address.company",
    "delivery_address.street",
    "delivery_address.street2",
    "delivery_address.zip",
    "delivery_address.state",
    "comment",
    "tags",
}
_PARTS: Mapping[str, type[Any]] = {
    "positions": Position,
    "tracking": Tracking,
    "delivery_address": Address,
    "invoice_address": Address,
}
_MODAL = {
    path
    for field in fields(Order)
    for path in (
        [f"{field.name}.{part.name}" for part in fields(_PARTS[field.name])] if field.name in _PARTS else [field.name]
    )
}

ALLOWED: Mapping[Profile, frozenset[str]] = {
    Profile.EXTERNAL: _EXTERNAL,
    Profile.PUBLIC: frozenset(_PUBLIC),
    Profile.PRIVATE: frozenset(_PRIVATE),
    Profile.DIRECT: frozenset(_DIRECT),
    Profile.MODAL: frozenset(_MODAL | {"abilities"}),
}


def trim(order: Order, profile: Profile) -> Order:
    """The order with everything that this profile may not show taken out, before any renderer sees it."""
    allowed = ALLOWED[profile]
    changes: dict[str, Any] = {}
    for field in fields(order):
        if field.name in _PARTS:
            changes[field.name] = _trim_part(getattr(order, field.name), field.name, allowed)
        elif field.name not in allowed:
            changes[field.name] = _nothing(field)
    return replace(order, **changes)


def _trim_part(part: Any, name: str, allowed: frozenset[str]) -> Any:
    """A part of an order, or each of several, with only its allowed fields; nothing at all if none is allowed."""
    if isinstance(part, tuple):
        return tuple(kept for item in part if (kept := _trim_part(item, name, allowed)) is not None)
    shown = _shown(name, allowed)
    if part is None or not shown:
        return None
    return replace(part, **{field.name: _nothing(field) for field in fields(part) if field.name not in shown})


@cache
def _shown(name: str, allowed: frozenset[str]) -> frozenset[str]:
    return frozenset(path.partition(".")[2] for path in allowed if path.startswith(f"{name}."))


def _nothing(field: Field[Any]) -> Any:
    return "" if field.default is MISSING else field.default
