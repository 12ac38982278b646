"""Scheduled orders as they are kept, and the parts that they are made of (`apis/qpilot.md` §5.1)."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.qpilot.accounts import SITE_ID
from sandbox.qpilot.moments import Document, moment
from sandbox.qpilot.money import price_in
from sandbox.qpilot.occurrences import display_name
from sandbox.qpilot.people import ADDRESS

STATUS_NAMES = ("Active", "Paused", "Failed", "Queued", "Processing", "Deleted", "Snoozed")
SHIPPING = tuple(f"shipping{part}" for part in ADDRESS)

REASONS = {
    99: "An unknown error occurred.",
    1000: "The scheduled order has no items.",
    1001: "No items are available to ship.",
    1002: "No shipping rate was found for this address.",
    1003: "The payment integration was not found.",
    1004: "No payment method is chosen.",
    1005: "The payment method is not valid.",
    2000: "Stripe: Your card has insufficient funds.",
    2001: "The payment gateway did not answer.",
    3000: "The store did not accept the order.",
    3001: "The store did not accept the update of the order.",
    3002: "The store answered with an order that is not valid.",
}
"""What is said of an order that failed, by `processingErrorCode` (`apis/qpilot.md` §4.1)."""

_NOTHING: Document = dict.fromkeys((
    "site", "name", "lastOccurrenceUtc", "nextOccurrenceOffset", "paymentMethodId", "shippingRateId",
    "preferredShippingRateOption", "scheduledOrderFailureReason", "processingErrorCode",
    "preProcessingValidationResultCode", "validationResult", "lastProcessingCycleId", "dunning", "snoozeUntilUtc",
    "snoozeDuration", "snoozeDurationType", "estimatedDeliveryDate", "note", "originalExternalId",
    "originSubscriptionId", "bundleName", "displaySalePrice", "stripeUrl", "lastChangeToDeleted",
))  # fmt: skip


def blank(order_id: int, customer: Mapping[str, object], at: float, next_at: float) -> Document:
    """Return an Active order without items, every 30 days, that goes where the customer lives."""
    created = moment(at)
    return _NOTHING | {
        "id": order_id,
        "siteId": SITE_ID,
        "customerId": customer["id"],
        "status": "Active",
        "isActive": True,
        "nextOccurrenceUtc": moment(next_at),
        "utcOffset": -5,
        "frequency": 30,
        "frequencyType": "Days",
        "cycles": 0,
        "authorizeOnly": False,
        "currencyIso": "USD",
        "lifetimeValue": Decimal(0),
        "scheduledOrderItems": [],
        **{name: customer[name] for name in SHIPPING},
        "phoneNumber": customer["phoneNumber"],
        "company": customer["company"],
        "shippingRateName": "Standard",
        "shippingRateOptions": [],
        "shippingRateCalculationErrors": [],
        "coupons": [],
        "origin": "CustomerCheckout",
        "metadata": {},
        "createdUtc": created,
        "updatedUtc": created,
    }


def item(item_id: int, order: Document, product: Document, written: Mapping[str, object]) -> Document:
    """Return an item of an order: what was written, or else the product's prices in the order's currency."""
    currency = order["currencyIso"]
    price = written.get("price")
    if price is None:
        price = price_in(currency, Decimal(product["price"]))
    sale_price = written.get("salePrice")
    if sale_price is None and written.get("price") is None and product["salePrice"] is not None:
        sale_price = price_in(currency, Decimal(product["salePrice"]))
    return {
        "id": item_id,
        "scheduledOrderId": order["id"],
        "productId": product["id"],
        "quantity": written["quantity"],
        "price": price,
        "salePrice": sale_price,
        "originalSalePrice": sale_price,
        "cycles": 0,
        "minCycles": written.get("minCycles"),
        "maxCycles": written.get("maxCycles"),
        "metadata": written.get("metadata") or {},
    }


def named(order: Document) -> Document:
    """Return what follows from an order's other fields alone."""
    return {
        "isActive": order["status"] == "Active",
        "frequencyDisplayName": display_name(order["frequencyType"], order["frequency"]),
    }


def cycle(cycle_id: int, order: Document, at: float) -> Document:
    """Return a processing cycle that begins; the names of its fields are assumed (`apis/qpilot.md` §5.6)."""
    return {
        "id": cycle_id,
        "scheduledOrderId": order["id"],
        "status": "Processing",
        "startDateUtc": moment(at),
        "endDateUtc": None,
        "scheduledOrderTotal": order["total"],
        "chargedOrderTotal": None,
        "currencyIso": order["currencyIso"],
        "clientOrderId": None,
        "processingErrorCode": None,
        "failureReason": None,
    }


def succeeded(cycle_id: int, total: Decimal, at: float) -> Document:
    """Return what a cycle gains when the store has its order and the money."""
    end = {"status": "Success", "endDateUtc": moment(at)}
    return end | {"chargedOrderTotal": total, "clientOrderId": str(cycle_id - 700000)}


def failed(code: int, at: float) -> Document:
    """Return what a cycle gains when it fails with a `processingErrorCode`."""
    end = {"status": "Failed", "endDateUtc": moment(at)}
    return end | {"processingErrorCode": code, "failureReason": REASONS.get(code, REASONS[99])}
