"""The check of a new order before it is sent, and the one place to import all that writing to Quivo needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from backends.errors import FieldError
from backends.quivo.address import AddressType, check_address
from backends.quivo.edit import Edit, check_edit
from backends.quivo.limits import MAX_LENGTH, PLACEMENTS, PRINTER_TYPES, PRINTING_TYPES, PRIORITIES
from backends.quivo.new_order import Attachment, Identifier, NewOrder, NewPosition, from_order
from backends.quivo.rules import (
    INT32,
    INT64,
    REQUIRED,
    Complaint,
    amount,
    attributes,
    between,
    complaints,
    currency,
    longest,
    one_of,
    required,
)

__all__ = [
    "MAX_LENGTH",
    "PLACEMENTS",
    "PRINTER_TYPES",
    "PRINTING_TYPES",
    "PRIORITIES",
    "AddressType",
    "Attachment",
    "Edit",
    "Identifier",
    "NewOrder",
    "NewPosition",
    "check",
    "check_address",
    "check_edit",
    "from_order",
]


def check(order: NewOrder) -> tuple[FieldError, ...]:
    """All that Quivo would refuse in a new order, under its own paths such as ``positions[0].sku``; () if nothing.

    The limits are seed 001's, the rules of addresses seed 002's; apis/quivo.md §5.1 says which others we assume.
    """
    return (
        *_head(order),
        *_lengths(order),
        *_addresses(order),
        *_lines(order),
        *_dates(order),
        *_money(order),
        *_lists(order),
    )


def _head(order: NewOrder) -> Iterator[FieldError]:
    return complaints(
        between("sellerId", order.seller_id, 1, INT64),
        between("warehouseId", order.warehouse_id, 1, INT64),
        required("orderIdentifier", order.order_identifier),
        required("orderReference", order.order_reference),
        between("orderPriority", order.order_priority, PRIORITIES[0], PRIORITIES[-1]),
        required("customerPurchaseOrderNumber", order.customer_purchase_order_number) if order.sscc_label else None,
    )


def _lengths(order: NewOrder) -> Iterator[FieldError]:
    given = {
        "orderIdentifier": order.order_identifier,
        "orderReference": order.order_reference,
        "orderReference2": order.order_reference2,
        "comment": order.comment,
        "shippingMethodIdentifier": order.shipping_method_identifier,
        "shippingMethodName": order.shipping_method_name,
        "customerPurchaseOrderNumber": order.customer_purchase_order_number,
        "channelId": order.channel_id,
        "channelName": order.channel_name,
    }
    return complaints(*(longest(field, text, MAX_LENGTH[field]) for field, text in given.items()))


def _addresses(order: NewOrder) -> Iterator[FieldError]:
    yield from check_address(order.delivery_address, AddressType.DELIVERY, "deliveryAddress")
    for number, one in enumerate(order.additional_identifiers):
        yield from complaints(required(f"deliveryAddress.additionalIdentifiers[{number}].identifier", one.identifier))
    if order.invoice_address is not None:
        yield from check_address(order.invoice_address, AddressType.INVOICE, "invoiceAddress")
        if order.has_invoice_address is False:
            yield FieldError("hasInvoiceAddress", "must not be false where there is an invoice address")
    elif order.has_invoice_address:
        yield FieldError("invoiceAddress", REQUIRED)


def _lines(order: NewOrder) -> Iterator[FieldError]:
    if not 1 <= len(order.positions) <= INT32:
        yield FieldError("positions", f"must be 1 to {INT32} lines")
    for number, line in enumerate(order.positions):
        at = f"positions[{number}]"
        yield from complaints(
            required(f"{at}.sku", line.sku),
            between(f"{at}.quantity", line.quantity, 1, INT32),
            _price(f"{at}.price", line, order),
            attributes(f"{at}.customAttributes", line.custom_attributes),
        )


def _price(field: str, line: NewPosition, order: NewOrder) -> Complaint:
    """Invoice data are said to include the prices (seed 001), so saying that they are there asks for each."""
    if order.has_invoice_data and line.price is None:
        return FieldError(field, "must not be empty where there are invoice data")
    return amount(field, line.price)


def _dates(order: NewOrder) -> Iterator[FieldError]:
    earliest, latest = order.earliest_delivery_date, order.latest_delivery_date
    backwards = earliest is not None and latest is not None and latest < earliest
    return complaints(
        _moment("orderDate", order.order_date),
        FieldError("latestDeliveryDate", "must not be before the earliest delivery date") if backwards else None,
    )


def _moment(field: str, moment: datetime | None) -> Complaint:
    if moment is None:
        return None
    if moment.tzinfo is None:
        return FieldError(field, "must have a time zone")
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return FieldError(field, "must be a date of this calendar")
    return None


def _money(order: NewOrder) -> Iterator[FieldError]:
    missing = order.has_invoice_data and order.currency_code is None
    return complaints(
        FieldError("currencyCode", "must not be empty where there are invoice data") if missing else None,
        currency("currencyCode", order.currency_code),
        amount("transportInsuranceAmount", order.transport_insurance_amount, above_zero=True),
        amount("cashOnDeliveryAmount", order.cash_on_delivery_amount),
        currency("cashOnDeliveryCurrency", order.cash_on_delivery_currency),
    )


def _lists(order: NewOrder) -> Iterator[FieldError]:
    for number, text in enumerate(order.invoice_ids):
        yield from complaints(required(f"invoiceIds[{number}]", text))
    for number, text in enumerate(order.tags):
        yield from complaints(required(f"tags[{number}]", text))
    for number, one in enumerate(order.attachments):
        yield from _attachment(f"attachments[{number}]", one)
    yield from complaints(attributes("customAttributes", order.custom_attributes))


def _attachment(at: str, one: Attachment) -> Iterator[FieldError]:
    return complaints(
        one_of(f"{at}.printerType", one.printer_type, PRINTER_TYPES),
        one_of(f"{at}.attachmentPlacement", one.attachment_placement, PLACEMENTS),
        between(f"{at}.copyCount", one.copy_count, 1, INT32),
        one_of(f"{at}.printingType", one.printing_type, PRINTING_TYPES),
    )
