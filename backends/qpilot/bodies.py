"""What is written to QPilot, by its own field names; what is not given is left out (seed 004, apis/qpilot.md §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from backends.qpilot.documents import loaded, secret, written
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.order import Item, ScheduledOrder
from backends.secret import Secret

_SERVER_OWNED = frozenset((  # a full PUT leaves them out (apis/qpilot.md §6.1)
    "customer", "site", "scheduledOrderItems", "lastProcessingCycle", "lastProcessingCycleId", "shippingRateOptions",
    "shippingRateCalculationErrors", "couponsHistory", "validationResult", "dunning", "processingCycles", "eventLogs",
    "lastOccurrenceUtc", "createdUtc", "updatedUtc", "lastEditableDate", "lastChangeToDeleted", "lifetimeValue",
    "stripeUrl", "displaySalePrice", "frequencyDisplayName", "scheduledOrderFailureReason", "processingErrorCode",
    "preProcessingValidationResultCode", "subtotal", "shippingTotal", "taxTotal", "total", "shippingRateName",
    "shippingRateId", "estimatedDeliveryDate", "locked", "bundleName", "originSubscriptionId", "siteId",
))  # fmt: skip
_LETTER = re.compile(r"_([a-z])")
_FRACTION = re.compile(r"\d\d:\d\d:\d\d(?:\.(\d+))?")
_DIGITS = 3  # what stored records have (apis/qpilot.md §3.2)


def customer(new: NewCustomer) -> Secret:
    """The body of ``POST …/Customers``."""
    return secret(_written(new))


def payment_method(new: NewPaymentMethod) -> Secret:
    """The body of ``POST …/PaymentMethods``."""
    return secret(_written(new))


def product(new: NewProduct, site_id: int) -> Secret:
    """The body of ``POST …/Products``, which names the site too (seed 004, step 4)."""
    return secret(_written(new) | {"siteId": site_id})


def order(new: NewOrder) -> Secret:
    """The body of ``POST …/ScheduledOrders``."""
    return secret(_written(new))


def items(order_id: int, new: Sequence[NewItem]) -> Secret:
    """The body of ``POST …/ScheduledOrderItems``."""
    return secret({"scheduledOrderId": order_id, "scheduledOrderItems": [_written(one) for one in new]})


def item(line: Item, quantity: int) -> Secret:
    """The body of ``PUT …/ScheduledOrderItems/{id}``; the vendor's own client marks product and price as required."""
    body = {"productId": line.product_id, "quantity": quantity, "price": line.price, "salePrice": line.sale_price}
    return secret({name: value for name, value in body.items() if value is not None})


def whole(old: ScheduledOrder, changes: Mapping[str, Any]) -> Secret:
    """The body of the full PUT: everything that was read but what QPilot owns, and the changes in its place."""
    read = loaded(old.document)
    if not read:
        raise ValueError("this scheduled order was not read from QPilot")
    return secret({name: value for name, value in read.items() if name not in _SERVER_OWNED} | dict(changes))


def digits(old: ScheduledOrder) -> int:
    """How many digits of a second the record's next occurrence is written with (apis/qpilot.md §3.2)."""
    text = loaded(old.document).get("nextOccurrenceUtc")
    found = _FRACTION.search(text) if isinstance(text, str) else None
    return len(found[1] or "") if found else _DIGITS


def number_id(said: object) -> int | None:
    """The new record's number in an answer, if it is there."""
    found = said.get("id") if isinstance(said, dict) else None
    return found if type(found) is int and found > 0 else None


def text_id(said: object) -> str | None:
    """The new record's id in an answer, if it is there."""
    found = said.get("id") if isinstance(said, dict) else None
    return str(found) if type(found) in (str, int) and found != "" else None


def _written(new: NewCustomer | NewPaymentMethod | NewProduct | NewItem | NewOrder) -> dict[str, Any]:
    """The fields that are given; the seed's names are ours in camel case, each one of them."""
    values = ((one.name, getattr(new, one.name)) for one in fields(new))
    return {
        _LETTER.sub(lambda found: found[1].upper(), name): _value(value)
        for name, value in values
        if value is not None and value != ()
    }


def _value(value: Any) -> Any:
    match value:
        case tuple():
            return [_written(one) for one in value]
        case datetime():
            return written(value)
    return value
