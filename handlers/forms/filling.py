"""A form filled from an order: to copy it, or to give back what was typed (``/order copy``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backends.quivo.new_order import Attachment, NewOrder
from handlers.forms.addresses import address_values
from handlers.forms.positions import position_values
from handlers.forms.values import amount_text, pairs_text, several_text
from handlers.render.inputs import TICKED
from handlers.render.order_form import OrderForm, room

Values = dict[str, str | int | list[str]]
_FIRST_SIGHT = ("sellerId", "orderIdentifier", "orderReference", "positions[", "deliveryAddress.")
_NOT_FIRST_SIGHT = ("latitude", "longitude", "addressIdentifier", "additionalIdentifiers", ".more")
_NO_LABELS: Mapping[str, str] = {}


def filled(order: NewOrder, labels: Mapping[str, str] = _NO_LABELS) -> OrderForm:
    """The form that holds this order; positions for which there is no room are counted in ``left_out``.

    ``labels`` say how a seller or a warehouse is shown, by block_id.
    """
    lines = [position_values(position, f"positions[{slot}].") for slot, position in enumerate(order.positions)]
    values = _values(order)
    names = [*values, *(name for line in lines for name in line)]
    more = not all(map(_seen_first, names))
    kept = lines[: room(more)]
    for line in kept:
        values |= line
    return OrderForm(values, max(len(kept), 1), more, labels=labels, left_out=len(lines) - len(kept))


def _seen_first(name: str) -> bool:
    return name.startswith(_FIRST_SIGHT) and not name.endswith(_NOT_FIRST_SIGHT)


def _values(order: NewOrder) -> Values:
    texts = _texts(order) | _lists(order) | _amounts(order)
    ticks = {
        "trackingEnabled": order.tracking_enabled,
        "ssccLabel": order.sscc_label,
        "hasInvoiceData": order.has_invoice_data,
    }
    moments = {} if order.order_date is None else {"orderDate": int(order.order_date.timestamp())}
    return {
        **{name: text for name, text in texts.items() if text},
        **{name: [TICKED] for name, ticked in ticks.items() if ticked},
        **moments,
        **address_values(order.delivery_address, "deliveryAddress."),
        **address_values(order.invoice_address, "invoiceAddress."),
        **(_attached(order.attachments[0]) if order.attachments else {}),
    }


def _texts(order: NewOrder) -> dict[str, str | None]:
    return {
        "sellerId": str(order.seller_id or ""),
        "orderIdentifier": order.order_identifier,
        "orderReference": order.order_reference,
        "warehouseId": str(order.warehouse_id or ""),
        "comment": order.comment,
        "earliestDeliveryDate": _day(order.earliest_delivery_date),
        "latestDeliveryDate": _day(order.latest_delivery_date),
        "shippingMethodIdentifier": order.shipping_method_identifier,
        "shippingMethodName": order.shipping_method_name,
        "orderPriority": str(order.order_priority or ""),
        "orderReference2": order.order_reference2,
        "customerPurchaseOrderNumber": order.customer_purchase_order_number,
        "channelId": order.channel_id,
        "channelName": order.channel_name,
        "currencyCode": order.currency_code,
        "cashOnDeliveryCurrency": order.cash_on_delivery_currency,
        "deliveryAddress.addressIdentifier": order.address_identifier,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _lists(order: NewOrder) -> dict[str, str | None]:
    identifiers = pairs_text((one.type or "", one.identifier) for one in order.additional_identifiers)
    return {
        "tags": several_text(order.tags),
        "invoiceIds": several_text(order.invoice_ids),
        "customAttributes": pairs_text(order.custom_attributes),
        "deliveryAddress.additionalIdentifiers": identifiers,
    }


def _amounts(order: NewOrder) -> dict[str, str | None]:
    held = {
        "transportInsuranceAmount": order.transport_insurance_amount,
        "cashOnDeliveryAmount": order.cash_on_delivery_amount,
    }
    return {name: None if value is None else amount_text(value) for name, value in held.items()}


def _attached(attachment: Attachment) -> Values:
    held = {
        "printerType": attachment.printer_type,
        "attachmentPlacement": attachment.attachment_placement,
        "copyCount": str(attachment.copy_count),
        "filename": attachment.filename,
        "printingType": attachment.printing_type,
        "fileKey": attachment.file_key,
        "mimeType": attachment.mime_type,
    }
    return {f"attachments[0].{name}": text for name, text in held.items() if text}
