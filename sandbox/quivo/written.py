"""What the bodies of `POST /orders` and `PATCH /orders/{orderId}` may hold: every limit of seed 001, in its order."""

from sandbox.quivo import addresses
from sandbox.quivo.checks import attributes, day, each, fields, flag, moment, number, one_of, text, whole

POSITION = fields(
    required={"sku": text(blank=False), "quantity": whole(1)},
    optional={
        "name": text(),
        "price": number(0),
        "lot": text(),
        "expirationDate": day,
        "location": text(),
        "positionIdentifier": text(),
        "productIdentifier": text(),
        "customAttributes": attributes,
    },
)
ATTACHMENT = fields(
    required={
        "printerType": one_of("LABEL_PRINTER", "DOCUMENT_PRINTER", "DOCUMENT_PRINTER_2_A6", "DOCUMENT_PRINTER_2_FOLIO"),
        "attachmentPlacement": one_of("INSIDE_PACKAGE", "OUTSIDE_PACKAGE"),
        "copyCount": whole(1),
    },
    optional={
        "filename": text(),
        "printingType": one_of("ORDER", "SHIPMENT"),
        "fileKey": text(),
        "mimeType": text(),
    },
)
NEW_ORDER = fields(
    required={
        "sellerId": whole(),
        "orderIdentifier": text(40, blank=False),
        "orderReference": text(40, blank=False),
        "deliveryAddress": addresses.new_delivery,
        "positions": each(POSITION, least=1),
    },
    optional={
        "warehouseId": whole(),
        "hasInvoiceAddress": flag,
        "hasInvoiceData": flag,
        "invoiceAddress": addresses.new_invoice,
        "orderDate": moment,
        "currencyCode": text(),
        "invoiceIds": each(text()),
        "comment": text(250),
        "earliestDeliveryDate": day,
        "latestDeliveryDate": day,
        "transportInsuranceAmount": number(above=0),
        "cashOnDeliveryAmount": number(),
        "cashOnDeliveryCurrency": text(),
        "shippingMethodIdentifier": text(50),
        "shippingMethodName": text(100),
        "tags": each(text()),
        "trackingEnabled": flag,
        "orderPriority": whole(1, 3, bits=32),
        "orderReference2": text(40),
        "customerPurchaseOrderNumber": text(255),
        "ssccLabel": flag,
        "channelId": text(10),
        "channelName": text(100),
        "attachments": each(ATTACHMENT),
        "customAttributes": attributes,
    },
)
EDIT = fields(
    required={},
    optional={
        "comment": text(250),
        "trackingEnabled": flag,
        "address": addresses.delivery,
        "customAttributes": attributes,
    },
)
