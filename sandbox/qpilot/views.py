"""How entities look from outside: the full order, the light row of the v3 list, customers (`apis/qpilot.md` §5)."""

from typing import TYPE_CHECKING

from sandbox.qpilot.moments import Document, epoch, moment

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_ROW = (
    "id", "status", "customerId", "nextOccurrenceUtc", "lastOccurrenceUtc", "frequency", "frequencyType",
    "frequencyDisplayName", "currencyIso", "total", "subtotal", "cycles", "processingErrorCode",
    "scheduledOrderFailureReason",
)  # fmt: skip
_DAY = 86400.0


def full(qpilot: "Qpilot", order: Document) -> Document:
    """Return the whole scheduled order, with its customer, payment method and products inside."""
    editable = epoch(order["nextOccurrenceUtc"]) - qpilot.switches.lock_days * _DAY
    last = qpilot.cycles.get(int(order["lastProcessingCycleId"] or 0))
    return order | {
        "customer": _person(qpilot, order["customerId"]),
        "paymentMethod": qpilot.payment_methods.get(order["paymentMethodId"]),
        "scheduledOrderItems": [item(qpilot, one) for one in order["scheduledOrderItems"]],
        "locked": qpilot.locked(order),
        "lastEditableDate": moment(editable),
        "lastProcessingCycle": last,
        "couponsHistory": [
            {"valid": code in qpilot.coupons, "coupon": qpilot.coupons.get(code, {"code": code})}
            for code in order["coupons"] or ()
        ],
    }


def row(qpilot: "Qpilot", order: Document) -> Document:
    """Return the light row of the v3 list; which fields it has is assumed (`apis/qpilot.md` §5.1)."""
    person = _person(qpilot, order["customerId"])
    return {name: order[name] for name in _ROW} | {"customer": person, "locked": qpilot.locked(order)}


def item(qpilot: "Qpilot", kept: Document) -> Document:
    """Return an item with its product."""
    product = qpilot.products.get(kept["productId"])
    names = ("id", "title", "sku", "availability", "processScheduledOrder", "metadata")
    return kept | {"product": product and {name: product[name] for name in names}}


def customer(qpilot: "Qpilot", kept: Document) -> Document:
    """Return a customer with their payment methods."""
    return kept | {"paymentMethods": methods(qpilot, kept["id"])}


def methods(qpilot: "Qpilot", customer_id: str) -> list[Document]:
    """Return the payment methods of a customer."""
    return [one for one in qpilot.payment_methods.values() if one["customerId"] == customer_id]


def _person(qpilot: "Qpilot", customer_id: str) -> Document | None:
    found = qpilot.customers.get(customer_id)
    return found and {name: found[name] for name in ("id", "email", "firstName", "lastName")}
