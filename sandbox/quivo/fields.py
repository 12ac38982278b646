"""What a list can be asked about: indexed fields of orders, sellers, warehouses and stock, and how values compare."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

Document = dict[str, Any]
# A number or a moment is (its value, ""), anything else (0, its text), so that both kinds compare as one type.
Comparable = tuple[float, str]


class Kind(Enum):
    """How a field is indexed: exact words, free text, numbers, moments or flags."""

    KEYWORD = "keyword"
    KEYWORDS = "keywords"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


Fields = Mapping[str, Kind]

ORDER_FIELDS: Fields = {
    **dict.fromkeys(("orderId", "sellerId", "totalShipmentWeight"), Kind.NUMBER),
    **dict.fromkeys(
        ("created", "lastModified", "orderDate", "cancelRequestedAt", "completedAt", "exportedAt"), Kind.DATE
    ),
    **dict.fromkeys(("earliestPredatedShipment", "latestPredatedShipment"), Kind.DATE),
    **dict.fromkeys(("orderIdentifier", "orderReference", "orderStatus"), Kind.KEYWORD),
    **dict.fromkeys(
        ("shipToCountry", "shipToZip", "shipToAddressIdentifier", "shipToEmail", "billToEmail"), Kind.KEYWORD
    ),
    **dict.fromkeys(("shipToCompany", "shipToName1", "shipToName2", "positions.name"), Kind.TEXT),
    **dict.fromkeys(("tags", "shipmentTracking.number", "shipmentTracking.link"), Kind.KEYWORDS),
    **dict.fromkeys(("positions.sku", "positions.positionIdentifier"), Kind.KEYWORDS),
    **dict.fromkeys(
        ("fulfillmentOrders.fulfillmentStatus", "fulfillmentOrders.fulfillmentOrderIdentifier"), Kind.KEYWORDS
    ),
    "piiDataRemoved": Kind.FLAG,
}
WAREHOUSE_FIELDS: Fields = {
    "id": Kind.NUMBER,
    "name": Kind.KEYWORD,
    "deactivatedAt": Kind.DATE,
    "managingGroup": Kind.KEYWORD,
    "warehouseAddress.city": Kind.KEYWORDS,
    "warehouseAddress.countryIso2": Kind.KEYWORDS,
}
ITEM_FIELDS: Fields = {
    **dict.fromkeys(("itemId", "warehouseId", "articleId"), Kind.NUMBER),
    **dict.fromkeys(("quantity", "inventory", "inbound", "reserved", "weight"), Kind.NUMBER),
    **dict.fromkeys(("sku", "warehouseSku", "sellerSku", "barcode", "articleIdentifier", "articleType"), Kind.KEYWORD),
    **dict.fromkeys(("countryOfOrigin", "tariffNumber", "sellerIdentifier"), Kind.KEYWORD),
    **dict.fromkeys(("lotRequired", "expirationDateRequired", "serialNumberRequired"), Kind.FLAG),
    "name": Kind.TEXT,
    "articleDeletedAt": Kind.DATE,
}
SELLER_FIELDS: Fields = {
    "id": Kind.NUMBER,
    "identifier": Kind.KEYWORD,
    "name": Kind.KEYWORD,
    "companyName": Kind.TEXT,
    "status": Kind.KEYWORD,
    "warehouseId": Kind.NUMBER,
}

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", re.ASCII)
_MILLISECOND = 0.001


def values(document: Document, path: str) -> list[Any]:
    """Return what stands at a dotted path, through arrays; null and empty arrays count as nothing."""
    return list(_walk(document, path.split(".")))


def _walk(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from _walk(value.get(steps[0]), steps[1:])


def span(kind: Kind, text: str) -> tuple[Comparable, Comparable]:
    """Return the first and last value that `text` stands for: a day is all its milliseconds, anything else itself.

    ValueError if the text is no value of this kind.
    """
    if kind is Kind.NUMBER:
        return (_number(text), ""), (_number(text), "")
    if kind is Kind.DATE:
        first, last = _moments(text)
        return (first, ""), (last, "")
    if kind is Kind.FLAG and text not in ("true", "false"):
        raise ValueError(f"Can't parse boolean value [{text}]")
    return (0.0, text), (0.0, text)


def comparable(kind: Kind, value: Any) -> Comparable | None:
    """Return a document's value in the form that `span` compares with, or None if it is of another kind."""
    if kind is Kind.FLAG:
        return (0.0, str(value).lower()) if isinstance(value, bool) else None
    if kind is Kind.NUMBER:
        return (float(value), "") if isinstance(value, int | float) else None
    if kind is Kind.DATE:
        try:
            return (_moments(str(value))[0], "")
        except ValueError:
            return None
    return 0.0, str(value)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'For input string: "{text}"')
    return float(text)


def _moments(text: str) -> tuple[float, float]:
    try:
        if _DAY.fullmatch(text):
            start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return start.timestamp(), (start + timedelta(days=1)).timestamp() - _MILLISECOND
        if found := _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text).timestamp()
            return moment, moment if found[1] else moment + 1 - _MILLISECOND
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"failed to parse date field [{text}]")
