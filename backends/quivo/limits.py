"""The numbers and words of seed 001, by Quivo's names, for the checks and for the forms that people fill in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MAX_LENGTH: Mapping[str, int] = MappingProxyType(
    {
        "orderIdentifier": 40,
        "orderReference": 40,
        "orderReference2": 40,
        "comment": 250,
        "shippingMethodIdentifier": 50,
        "shippingMethodName": 100,
        "customerPurchaseOrderNumber": 255,
        "channelId": 10,
        "channelName": 100,
    }
)
PRIORITIES = (1, 2, 3)
PRINTER_TYPES = ("LABEL_PRINTER", "DOCUMENT_PRINTER", "DOCUMENT_PRINTER_2_A6", "DOCUMENT_PRINTER_2_FOLIO")
PLACEMENTS = ("INSIDE_PACKAGE", "OUTSIDE_PACKAGE")
PRINTING_TYPES = ("ORDER", "SHIPMENT")
