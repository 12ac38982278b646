"""Reads what was typed into the forms of a change, and fills them again with it (apis/qpilot.md §6.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from backends.qpilot.new import NewItem
from handlers.forms.complaints import place
from handlers.forms.values import Typed, moment, whole
from handlers.render.steer_forms import ADD, FREQUENCY, ITEMS, RESCHEDULE
from operations.steer_changes import AddItems, AnyChange, Frequency, Payment, Quantity, RemoveItem, Reschedule
from operations.steer_preview import invalid

T = TypeVar("T")
_CHOOSE = "Please choose one."


def read_change(kind: str, values: Mapping[str, Any], now: datetime) -> AnyChange | dict[str, str]:
    """The change that was typed into the form ``kind``, or what is wrong by block_id."""
    typed = Typed(values)
    change = _read(kind, typed)
    if typed.errors or change is None:
        return typed.errors
    return dict(place(invalid(change, now), list(values)).errors) or change


def _read(kind: str, typed: Typed) -> AnyChange | None:
    if kind == RESCHEDULE:
        to = needed(typed, "nextOccurrenceUtc", moment, "Choose a day and a time.")
        return None if to is None else Reschedule(to)
    if kind == FREQUENCY:
        how = typed.needed("frequencyType", _CHOOSE)
        number = needed(typed, "frequency", whole, "Type a number.")
        return None if number is None else Frequency(how, number)
    if kind == ITEMS:
        return _read_items(typed)
    chosen = needed(typed, "paymentMethodId", whole, _CHOOSE)
    return None if chosen is None else Payment(chosen)


def _read_items(typed: Typed) -> AnyChange | None:
    """One thing at a time: a product more, another quantity of a line, or a line less."""
    item, quantity = typed.needed("item", _CHOOSE), needed(typed, "quantity", whole, "Type how many.")
    if quantity is None:
        return None
    if item == ADD:
        product = typed.needed("productId", "Choose the product to add.")
        if quantity < 1:
            typed.errors["quantity"] = "To add it there must be at least 1."
        return AddItems((NewItem(product, quantity),))
    line = needed(typed, "item", whole, _CHOOSE)
    if line is None:
        return None
    return RemoveItem(line) if quantity == 0 else Quantity(line, quantity)


def needed(typed: Typed, block_id: str, reader: Callable[[str], T], missing: str) -> T | None:
    """What was typed as something else; that there is nothing is noted like what cannot be read."""
    value = typed.read(block_id, reader)
    if value is None:
        typed.errors.setdefault(block_id, missing)
    return value


def values_of(change: AnyChange) -> dict[str, Any]:
    """What the inputs of a form hold after this change was typed into it."""
    match change:
        case Reschedule(to):
            return {"nextOccurrenceUtc": int(to.timestamp())}
        case Frequency(how, number):
            return {"frequencyType": how, "frequency": str(number)}
        case AddItems((item, *_)):
            return {"item": ADD, "productId": item.product_id, "quantity": str(item.quantity)}
        case Quantity(line, quantity):
            return {"item": str(line), "quantity": str(quantity)}
        case RemoveItem(line):
            return {"item": str(line), "quantity": "0"}
        case Payment(method):
            return {"paymentMethodId": str(method)}
    return {}
