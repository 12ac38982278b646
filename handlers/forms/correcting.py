"""What is changed about an order in a form: read into a change, and the order as it would be then (seed 002)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backends.quivo.create import AddressType, Edit, check_address, check_edit
from backends.quivo.order import Address, Order
from handlers.forms.addresses import read_address
from handlers.forms.complaints import place
from handlers.forms.values import Typed, pairs, pairs_text
from handlers.render.inputs import LINES, TICKED, sendable

EDIT_INPUTS = ("comment", "trackingEnabled", "customAttributes")
ADDRESS_INPUTS = (
    "type",
    "name",
    "company",
    "street",
    "street2",
    "zip",
    "city",
    "state",
    "countryIso2",
    "email",
    "phone",
    "latitude",
    "longitude",
)
_TOO_LONG = "These are too long to be changed here."


def edit_values(order: Order) -> dict[str, Any]:
    """What the inputs of an edit hold today, by block_id."""
    return {
        "comment": order.comment or "",
        "trackingEnabled": [TICKED] if order.tracking_enabled else [],
        "customAttributes": pairs_text(order.custom_attributes),
    }


def read_edit(values: Mapping[str, Any], before: Order) -> Edit | dict[str, str]:
    """The change that was typed, or what is wrong by block_id; what was left as it stood there is not changed."""
    typed = Typed(values)
    comment = typed.text("comment") or ""
    ticked = typed.tick("trackingEnabled")
    edit = Edit(
        comment=None if comment == _shown(before.comment or "") else comment,
        tracking_enabled=None if ticked == bool(before.tracking_enabled) else ticked,
        custom_attributes=_attributes(typed, before),
    )
    found = place(check_edit(edit), EDIT_INPUTS)
    return dict(found.errors) | typed.errors or edit


def _attributes(typed: Typed, before: Order) -> tuple[tuple[str, str], ...] | None:
    """The attributes if they were changed; a change to what was cut to fit its input would lose the rest."""
    held = pairs_text(before.custom_attributes)
    if (typed.text("customAttributes") or "") == _shown(held):
        return None
    if len(held) > LINES:
        typed.errors["customAttributes"] = _TOO_LONG
        return None
    return typed.read("customAttributes", pairs) or ()


def _shown(text: str) -> str:
    """What comes back from an input that was filled with this and left alone."""
    return sendable(text, LINES, several_lines=True).replace("\r\n", "\n").strip()


def read_address_change(values: Mapping[str, Any]) -> tuple[AddressType, Address] | dict[str, str]:
    """Which address and what it is to be, or what is wrong by block_id; an invoice address has no coordinates."""
    typed = Typed(values)
    kind = typed.read("type", AddressType) or AddressType.DELIVERY
    address = read_address(typed, has_coordinates=kind is not AddressType.INVOICE)
    if typed.errors:
        return typed.errors
    found = place(check_address(address, kind), ADDRESS_INPUTS)
    return dict(found.errors) or (kind, address)


def edited(order: Order, edit: Edit) -> Order:
    """The order as it would be after this change."""
    return replace(
        order,
        comment=order.comment if edit.comment is None else edit.comment or None,
        tracking_enabled=order.tracking_enabled if edit.tracking_enabled is None else edit.tracking_enabled,
        custom_attributes=order.custom_attributes if edit.custom_attributes is None else edit.custom_attributes,
    )


def readdressed(order: Order, kind: AddressType, address: Address) -> Order:
    """The order as it would be with this address; coordinates are ignored for an invoice (seed 002)."""
    invoice = replace(address, latitude=None, longitude=None)
    match kind:
        case AddressType.DELIVERY:
            return replace(order, delivery_address=address)
        case AddressType.INVOICE:
            return replace(order, invoice_address=invoice)
        case AddressType.DELIVERY_AND_INVOICE:
            return replace(order, delivery_address=address, invoice_address=invoice)
