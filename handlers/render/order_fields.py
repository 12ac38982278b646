"""Every field of the form that makes an order, by Quivo's own path (seed 001); which are seen first is ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

Choices = tuple[tuple[str, str], ...]
COSTS = "Quivo charges extra for tracking."
PAIRS_HINT = "One on each line, as name=value."


class Kind(Enum):
    """What is typed or chosen in a field."""

    LINE = auto()
    LINES = auto()
    DAY = auto()
    MOMENT = auto()
    TICK = auto()
    MENU = auto()
    SUGGESTION = auto()


@dataclass(frozen=True)
class Field:
    """One input; for a tick ``text`` stands beside its box, for a suggestion ``action_id`` asks for the options."""

    path: str
    label: str
    kind: Kind = Kind.LINE
    hint: str = ""
    needed: bool = False
    text: str = ""
    choices: Choices = ()
    action_id: str = ""


FIRST = (
    Field("sellerId", "Seller", Kind.SUGGESTION, needed=True, action_id="seller.suggest"),
    Field(
        "orderIdentifier",
        "Identifier",
        hint="Quivo takes each identifier once, so that no order is made twice. At most 40 characters.",
        needed=True,
    ),
    Field("orderReference", "Reference", hint="What people call the order, e.g. #DE38678.", needed=True),
)
ADDRESS = (
    Field("name", "Name"),
    Field("company", "Company"),
    Field("street", "Street"),
    Field("street2", "Street 2"),
    Field("zip", "Zip"),
    Field("city", "City"),
    Field("state", "State", hint="Some countries need it, e.g. the United States."),
    Field("countryIso2", "Country", hint="Two letters, e.g. DE."),
    Field("email", "E-mail"),
    Field("phone", "Phone"),
)
COORDINATES = (
    Field("latitude", "Latitude", hint="Together with the longitude, instead of street, city and country."),
    Field("longitude", "Longitude"),
)
DELIVERY_EXTRAS = (
    *COORDINATES,
    Field("addressIdentifier", "Address identifier"),
    Field(
        "additionalIdentifiers", "More address identifiers", Kind.LINES, hint="One on each line, as type=identifier."
    ),
)
POSITION_MORE = Field(
    "more",
    "More about position",
    Kind.LINES,
    hint="name, price, lot, expirationDate, location, positionIdentifier, productIdentifier or "
    "customAttributes.<name>; one on each line, as price=12.50.",
)
ATTACHMENT = (
    Field(
        "printerType",
        "Attachment: printer",
        Kind.MENU,
        choices=(
            ("LABEL_PRINTER", "Label printer"),
            ("DOCUMENT_PRINTER", "Document printer"),
            ("DOCUMENT_PRINTER_2_A6", "Document printer, two A6"),
            ("DOCUMENT_PRINTER_2_FOLIO", "Document printer, two folio"),
        ),
    ),
    Field(
        "attachmentPlacement",
        "Attachment: placement",
        Kind.MENU,
        choices=(("INSIDE_PACKAGE", "Inside the package"), ("OUTSIDE_PACKAGE", "Outside the package")),
    ),
    Field("copyCount", "Attachment: copies"),
    Field("filename", "Attachment: file name"),
    Field(
        "printingType",
        "Attachment: printed for each",
        Kind.MENU,
        choices=(("ORDER", "Order"), ("SHIPMENT", "Shipment")),
    ),
    Field("fileKey", "Attachment: file key", hint="Quivo gives a file this key when it is uploaded there."),
    Field("mimeType", "Attachment: kind of file", hint="For example application/pdf."),
)
TRACKING = Field("trackingEnabled", "Tracking", Kind.TICK, hint=COSTS, text="Track this order (costs extra)")
COMMENT = Field("comment", "Comment for the warehouse", Kind.LINES, hint="At most 250 characters.")
ATTRIBUTES = Field("customAttributes", "Custom attributes", Kind.LINES, hint=PAIRS_HINT)
MORE = (
    Field("warehouseId", "Warehouse", Kind.SUGGESTION, action_id="warehouse.suggest"),
    COMMENT,
    TRACKING,
    Field("tags", "Tags", hint="With commas between them."),
    Field("orderDate", "Ordered", Kind.MOMENT),
    Field("earliestDeliveryDate", "Deliver not before", Kind.DAY),
    Field("latestDeliveryDate", "Deliver not after", Kind.DAY),
    Field("shippingMethodIdentifier", "Shipping method", hint="Its identifier, e.g. UPSS. At most 50 characters."),
    Field("shippingMethodName", "Name of the shipping method", hint="E.g. UPS Saver. At most 100 characters."),
    Field("orderPriority", "Priority", Kind.MENU, choices=(("1", "1"), ("2", "2"), ("3", "3"))),
    Field("transportInsuranceAmount", "Insure for, in EUR", hint="More than 0, e.g. 250 or 99.90."),
    Field("cashOnDeliveryAmount", "Cash on delivery", hint="With more than 0 the carrier collects the money."),
    Field("cashOnDeliveryCurrency", "Cash on delivery: currency", hint="Three letters, e.g. EUR."),
    Field("orderReference2", "Second reference", hint="At most 40 characters."),
    Field("customerPurchaseOrderNumber", "Purchase order number", hint="E.g. PO-89225. At most 255 characters."),
    Field("ssccLabel", "SSCC label", Kind.TICK, text="Make one from the purchase order number"),
    Field("channelId", "Channel id", hint="At most 10 characters."),
    Field("channelName", "Channel name", hint="At most 100 characters."),
    Field("hasInvoiceData", "Invoice data", Kind.TICK, text="This order has a currency and prices"),
    Field("currencyCode", "Currency", hint="Three letters, e.g. EUR."),
    Field("invoiceIds", "Invoice numbers", hint="With commas between them."),
    ATTRIBUTES,
)
