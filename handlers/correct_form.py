"""Between a correction's form and the correction: drawn, read, and filled again with what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backends.errors import FieldError
from backends.quivo.address import AddressType
from backends.quivo.order import Order
from handlers.forms.addresses import address_values
from handlers.forms.complaints import place
from handlers.forms.correcting import (
    ADDRESS_INPUTS,
    EDIT_INPUTS,
    edit_values,
    edited,
    read_address_change,
    read_edit,
    readdressed,
)
from handlers.render.correcting import address_form, edit_form
from handlers.render.message import View
from handlers.request import Request
from operations.changes import EDIT
from operations.correction import AddressChange, Correction, Edition


def form(
    kind: str, order: Order, card_id: str, *, values: Mapping[str, Any] | None = None, is_invoice: bool = False
) -> View:
    """The form of this kind of correction, with today's values or with ``values``."""
    if kind == EDIT:
        return edit_form(order, card_id=card_id, values=values)
    which = AddressType.INVOICE if is_invoice else AddressType.DELIVERY
    return address_form(order, card_id=card_id, kind=which, values=values)


def read_correction(kind: str, values: Mapping[str, Any], before: Order) -> Correction | dict[str, str]:
    """The correction that was typed, or what is wrong by block_id; ``before`` is what the form was filled with."""
    if kind == EDIT:
        edit = read_edit(values, before)
        return edit if isinstance(edit, dict) else Edition(before.order_id, edit)
    address = read_address_change(values)
    return address if isinstance(address, dict) else AddressChange(before.order_id, *address)


def edit_complaints(request: Request) -> dict[str, str]:
    """What is wrong with the inputs of an edit that were touched, as far as can be said without the order."""
    found = read_edit(request.values, Order(0, ""))
    errors = found if isinstance(found, dict) else {}
    untouched = _as_drawn(request.view or {})
    return {name: text for name, text in errors.items() if untouched.get(name) != request.values.get(name)}


def _as_drawn(view: Mapping[str, Any]) -> dict[str, str]:
    """What the text inputs of a view held when it was drawn."""
    inputs = (block for block in view.get("blocks", ()) if block["type"] == "input")
    return {block["block_id"]: block["element"].get("initial_value", "") for block in inputs}


def after(correction: Correction, order: Order) -> Order:
    """The order as it would be after this correction."""
    match correction:
        case Edition(_, change):
            return edited(order, change)
        case AddressChange(_, which, address):
            return readdressed(order, which, address)
        case _:
            raise TypeError(type(correction).__name__)


def values_of(correction: Correction, order: Order) -> dict[str, Any]:
    """What the form's inputs hold after this correction was typed into it."""
    match correction:
        case Edition(_, change):
            return edit_values(edited(order, change))
        case AddressChange(_, which, address):
            return {**address_values(address), "type": which.value}
        case _:
            raise TypeError(type(correction).__name__)


def errors_of(kind: str, found: Iterable[FieldError]) -> tuple[dict[str, str], str]:
    """Quivo's complaints by block_id, and those for which there is no input."""
    placed = place(found, EDIT_INPUTS if kind == EDIT else ADDRESS_INPUTS)
    return dict(placed.errors), placed.banner
