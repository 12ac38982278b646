"""A written order as it reads once Quivo has taken it (`apis/quivo.md` §5.1 to §5.3): only names that a sheet shows."""

from datetime import datetime
from typing import Any

from sandbox.quivo.addresses import as_delivery, as_invoice
from sandbox.quivo.checks import as_attributes
from sandbox.quivo.demo import PENDING, PROCESSING, fulfillment, moment
from sandbox.quivo.fields import Document

_AS_WRITTEN = (
    "sellerId", "orderIdentifier", "orderReference", "warehouseId", "comment", "orderPriority",
    "shippingMethodIdentifier", "shippingMethodName", "customerPurchaseOrderNumber",
)  # fmt: skip


def taken(body: Document, order_id: int, seller_name: str, now: float) -> Document:
    """Return the document of a new order whose body passed every check, created at `now` (epoch seconds).

    It starts PENDING without a warehouse and any shipping method, and PROCESSING otherwise. The invoice address is the
    delivery address unless `hasInvoiceAddress` says that there is one.
    """
    own_invoice = body.get("invoiceAddress") if body.get("hasInvoiceAddress") else None
    order = {name: body.get(name) for name in _AS_WRITTEN} | {
        "orderId": order_id,
        "sellerName": seller_name,
        "created": moment(now),
        "lastModified": moment(now),
        "orderDate": _moment(body.get("orderDate")),
        "exportedAt": None,
        "cancelRequestedAt": None,
        "completedAt": None,
        "orderStatus": _first_status(body),
        "ssccLabel": bool(body.get("ssccLabel")),
        "currency": body.get("currencyCode"),
        "deliveryAddress": as_delivery(body["deliveryAddress"]),
        "invoiceAddress": as_invoice(own_invoice or body["deliveryAddress"]),
        "positions": [_position(order_id, *numbered) for numbered in enumerate(body["positions"], start=1)],
        "tags": body.get("tags") or [],
        "customAttributes": as_attributes(body.get("customAttributes")) or {},
        "trackingEnabled": bool(body.get("trackingEnabled")),
        "shipmentTracking": [],
        "piiDataRemoved": False,
    }
    return order | {"fulfillmentOrders": _fulfillments(order, body)}


def _first_status(body: Document) -> str:
    informed = ("warehouseId", "shippingMethodIdentifier", "shippingMethodName")
    return PROCESSING if any(body.get(name) not in (None, "") for name in informed) else PENDING


def _position(order_id: int, place: int, written: Document) -> Document:
    return {
        "positionId": order_id * 10 + place,
        "positionIdentifier": written.get("positionIdentifier"),
        "sku": written["sku"],
        "name": written.get("name"),
        "quantity": written["quantity"],
        "productIdentifier": written.get("productIdentifier"),
        "variantIdentifier": None,
        "lot": written.get("lot"),
        "customAttributes": as_attributes(written.get("customAttributes")) or {},
    }


def _fulfillments(order: Document, body: Document) -> list[Document]:
    """Return what the warehouse was told, with the lot, place and best-before date that only it is told."""
    if order["orderStatus"] == PENDING:
        return []
    told = fulfillment(order)
    for position, written in zip(told["positions"], body["positions"], strict=True):
        position.update({name: written.get(name) for name in ("lot", "location", "expirationDate")})
    return [told]


def _moment(written: Any) -> str | None:
    return moment(datetime.fromisoformat(written).timestamp()) if written else None
