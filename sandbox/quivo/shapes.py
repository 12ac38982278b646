"""The two shapes in which Quivo shows one order: the list's summary and the whole order (`apis/quivo.md` §5.2, §5.3).

An order is kept as one document that holds both; each shape picks its fields and leaves out what the
document leaves out.
"""

from typing import Any

from sandbox.quivo.fields import Document

_SHARED = (
    "orderId", "sellerId", "created", "lastModified", "orderIdentifier", "orderReference", "orderStatus", "tags",
    "orderDate", "cancelRequestedAt", "shipmentTracking", "completedAt", "exportedAt", "fulfillmentOrders",
)  # fmt: skip
_SUMMARY_ONLY = ("earliestPredatedShipment", "latestPredatedShipment", "piiDataRemoved", "totalShipmentWeight")
_FULL_ONLY = (
    "customerIdentifier", "customerPurchaseOrderNumber", "ssccLabel", "warehouseId", "sellerName", "shopAvailableAt",
    "shopActive", "shopId", "shopSystem", "shopSystemName", "deliveryAddress", "invoiceAddress", "currency",
    "positions", "comment", "trackingEnabled", "customAttributes", "orderPriority", "shippingMethodIdentifier",
    "shippingMethodName",
)  # fmt: skip
_SUMMARY_ADDRESS = {
    "shipToCountry": "country",
    "shipToZip": "zip",
    "shipToCompany": "company",
    "shipToName1": "name1",
    "shipToName2": "name2",
    "shipToAddressIdentifier": "addressIdentifier",
    "shipToAdditionalIdentifiers": "additionalIdentifiers",
    "shipToEmail": "email",
}
_SUMMARY_POSITION = ("positionId", "positionIdentifier", "name", "sku", "customAttributes")

FIELDS = frozenset((*_SHARED, *_SUMMARY_ONLY, *_FULL_ONLY))


def full(order: Document) -> Document:
    """Return the order as `GET /orders/{orderId}` shows it."""
    return {name: value for name, value in order.items() if name not in _SUMMARY_ONLY}


def summary(order: Document) -> Document:
    """Return the order as a list shows it: flat address fields, positions without quantities."""
    shown = {name: value for name, value in order.items() if name not in _FULL_ONLY}
    address: dict[str, Any] = order.get("deliveryAddress") or {}
    shown |= {name: address[source] for name, source in _SUMMARY_ADDRESS.items() if source in address}
    if "email" in (order.get("invoiceAddress") or {}):
        shown["billToEmail"] = order["invoiceAddress"]["email"]
    if order.get("positions") is not None:
        shown["positions"] = [_short_position(position) for position in order["positions"]]
    return shown


def _short_position(position: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in position.items() if name in _SUMMARY_POSITION}
