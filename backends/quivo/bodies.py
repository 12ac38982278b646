"""What is written to Quivo, by its own field names; what is not given is left out (seed 001, seed 002)."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from backends.quivo.address import AddressType
from backends.quivo.edit import Edit
from backends.quivo.new_order import Attachment, Identifier, NewOrder, NewPosition
from backends.quivo.order import Address
from backends.secret import Secret

_OF_THE_ADDRESS = ("addressIdentifier", "additionalIdentifiers")
_LETTER = re.compile(r"_([a-z])")


def new_order(order: NewOrder) -> Secret:
    """The body of ``POST /orders``; with an invoice address it also says that there is one (seed 001)."""
    body = _written(order)
    body["deliveryAddress"] |= {name: body.pop(name) for name in _OF_THE_ADDRESS if name in body}
    if order.invoice_address is not None:
        body["invoiceAddress"] = _address(order.invoice_address, AddressType.INVOICE)
        body.setdefault("hasInvoiceAddress", True)
    return _secret(body)


def edit(change: Edit) -> Secret:
    """The body of ``PATCH /orders/{id}``; attributes that are to go are written as an empty object."""
    body = _written(change)
    if change.custom_attributes == ():
        body["customAttributes"] = {}
    return _secret(body)


def address(place: Address, kind: AddressType) -> Secret:
    """The body of ``PUT /orders/{id}/address``: the whole address under the names for writing (apis/quivo.md §5.3)."""
    return _secret(_address(place, kind))


def _address(place: Address, kind: AddressType) -> dict[str, Any]:
    """An address; the coordinates that an invoice address would ignore stay at home (seed 002)."""
    body = _written(place)
    if kind is AddressType.INVOICE:
        body.pop("latitude", None)
        body.pop("longitude", None)
    return body


def _written(given: NewOrder | NewPosition | Attachment | Identifier | Address | Edit) -> dict[str, Any]:
    """The fields that are given; seed 001's names are ours in camel case, each one of them."""
    values = ((one.name, getattr(given, one.name)) for one in fields(given))
    return {
        _LETTER.sub(lambda found: found[1].upper(), name): _value(name, value) for name, value in values if _is(value)
    }


def _is(value: object) -> bool:
    return value is not None and value != ()


def _value(name: str, value: Any) -> Any:
    match value:
        case tuple():
            return dict(value) if name == "custom_attributes" else [_value("", one) for one in value]
        case Decimal():
            return float(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case NewPosition() | Attachment() | Identifier() | Address():
            return _written(value)
    return value


def _secret(body: dict[str, Any]) -> Secret:
    return Secret(json.dumps(body, allow_nan=False))
