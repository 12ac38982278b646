"""Demo orders: two small shops, their goods and their customers, as of the clock's now.

Names, places and goods are made up; phone numbers are from the ranges that are kept free for fiction, and e-mail
addresses and tracking links lead to `.example`.
"""

from datetime import UTC, datetime
from typing import Any

from sandbox.quivo.fields import Document
from sandbox.quivo.places import HOME_SELLER, OTHER_SELLER, SELLER_NAMES

FIRST_HOME_ORDER, HOME_ORDERS = 1001, 60
FIRST_OTHER_ORDER, OTHER_ORDERS = 2001, 10
PENDING, PROCESSING, COMPLETED, CANCELLED = "PENDING", "PROCESSING", "COMPLETED", "CANCELLED"
STATUS_NAMES = (PENDING, PROCESSING, COMPLETED, CANCELLED)

_HOUR, _DAY = 3600.0, 86400.0
_FIRST_REFERENCE = 38678

GOODS = (
    ("MUG-SEA-350", "Stoneware mug, sea green"),
    ("BOWL-OAT-18", "Cereal bowl, oat"),
    ("VASE-TALL-01", "Tall vase, white glaze"),
    ("TEA-POT-900", "Teapot with bamboo handle"),
    ("PLATE-BLU-27", "Dinner plate, midnight blue"),
    ("CANDLE-FIG", "Fig candle in a clay jar"),
    ("LINEN-NAP-4", "Linen napkins, set of four"),
    ("SPOON-OAK", "Oak serving spoon"),
    ("PLANT-POT-M", "Plant pot, terracotta"),
    ("ESPRESSO-2", "Espresso cups, pair"),
    ("BUTTER-DISH", "Butter dish with lid"),
    ("GIFT-BOX-L", "Gift box, large"),
)
_CUSTOMERS: tuple[tuple[str, str | None, str, str, str, str | None, str, str], ...] = (
    ("Jana Bergmann", None, "Lindenstraße 14", "10969", "Berlin", None, "DE", "+49 30 23125 014"),
    ("Emily Carter", None, "221 Maple Avenue", "05401", "Burlington", "VT", "US", "+1 802 555 0142"),
    ("Oliver Hughes", None, "7 Bridge Street", "YO1 6DD", "York", None, "GB", "+44 1632 960118"),
    ("Matthias Vogel", "Café Morgenrot", "Schanzenweg 5", "20357", "Hamburg", None, "DE", "+49 40 66969 120"),
    ("Sophie Turner", "The Reading Room", "18 Castle Hill", "EH1 2NE", "Edinburgh", None, "GB", "+44 131 496 0275"),
    ("Marcus Bell", None, "905 Willow Creek Road", "97205", "Portland", "OR", "US", "+1 503 555 0178"),
    ("Leonie Hofer", None, "Am Mühlbach 22", "5020", "Salzburg", None, "AT", "+43 662 555 017"),
    ("Ayşe Yılmaz", None, "Gärtnerplatz 3", "80469", "München", None, "DE", "+49 89 99998 031"),
    ("Grace O'Neill", None, "44 Harbour View", "BT1 5GS", "Belfast", None, "GB", "+44 28 9649 6033"),
    ("Daniel Kim", "Kim & Daughters", "1600 Lakeshore Drive", "60611", "Chicago", "IL", "US", "+1 312 555 0119"),
    ("Katharina von der Heide", None, "Domplatz 1", "99084", "Erfurt", None, "DE", "+49 221 4710 118"),
    ("Noah Williams", None, "32 Orchard Close", "BS1 4DJ", "Bristol", None, "GB", "+44 117 496 0187"),
)


def demo_orders(now: float) -> list[Document]:
    """Return all demo orders of both shops, ids ascending, the newest created just before `now` (epoch seconds)."""
    home = [_order(HOME_SELLER, FIRST_HOME_ORDER, index, HOME_ORDERS, now) for index in range(HOME_ORDERS)]
    other = [_order(OTHER_SELLER, FIRST_OTHER_ORDER, index, OTHER_ORDERS, now) for index in range(OTHER_ORDERS)]
    for order in home:
        order.update(_special(order, now))
    sparse = home[5]
    home[5] = {name: sparse[name] for name in ("orderId", "sellerId", "created")} | {"orderStatus": PENDING}
    return home + other


def moment(epoch: float) -> str:
    """Write epoch seconds as Quivo does: ISO 8601, UTC, whole seconds."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def blank_order(order_id: int, seller_id: int, created: float) -> Document:
    """Return an unremarkable order in PROCESSING, for callers that care about a field or two of their own."""
    return _order(seller_id, order_id, 0, 1, created + _HOUR / 4) | {"orderStatus": PROCESSING}


def completed(number: str, link: str, now: float) -> Document:
    """Return what an order gains when it is handed to the carrier."""
    return {
        "orderStatus": COMPLETED,
        "completedAt": moment(now),
        "shipmentTracking": [{"number": number, "link": link}],
    }


def _order(seller_id: int, first_id: int, index: int, count: int, now: float) -> Document:
    order_id = first_id + index
    # Newer orders lie closer together: some of today, some of this week, the oldest three weeks ago.
    age = _HOUR / 4 + 0.15 * _HOUR * (count - 1 - index) ** 2
    created = now - age
    address = _address(index)
    order = {
        "orderId": order_id,
        "sellerId": seller_id,
        "sellerName": SELLER_NAMES.get(seller_id, f"Seller {seller_id}"),
        "warehouseId": 4 if seller_id == HOME_SELLER else 7,
        "created": moment(created),
        "lastModified": moment(created + _HOUR / 6),
        "orderDate": moment(created - _HOUR / 12),
        "exportedAt": None,
        "cancelRequestedAt": None,
        "completedAt": None,
        "orderIdentifier": f"shop-{seller_id}-{500000 + order_id}",
        "orderReference": f"#{_prefix(address['country'])}{_FIRST_REFERENCE + order_id - FIRST_HOME_ORDER}",
        "orderStatus": PROCESSING,
        "shopId": 70 + seller_id,
        "shopActive": True,
        "shopSystem": "SHOPIFY",
        "shopSystemName": "Shopify",
        "currency": {"US": "USD", "GB": "GBP"}.get(address["country"], "EUR"),
        "deliveryAddress": address,
        "invoiceAddress": {name: value for name, value in address.items() if name in _INVOICE_FIELDS},
        "positions": _positions(order_id, index),
        "comment": None,
        "tags": [],
        "customAttributes": {},
        "trackingEnabled": index % 3 == 0,
        "orderPriority": 1 + index % 3,
        "shippingMethodIdentifier": "UPSS" if address["country"] == "US" else "DHLP",
        "shippingMethodName": "UPS Saver" if address["country"] == "US" else "DHL Paket",
        "shipmentTracking": [],
        "totalShipmentWeight": round(0.4 + 0.35 * (1 + index % 4), 2),
        "piiDataRemoved": False,
    }
    order["fulfillmentOrders"] = [fulfillment(order)]
    return order | _course(order_id, index, age, now)


_INVOICE_FIELDS = frozenset(
    (
        "name1",
        "name2",
        "company",
        "address1",
        "address2",
        "address3",
        "zip",
        "city",
        "state",
        "country",
        "phone",
        "email",
    )
)


def _course(order_id: int, index: int, age: float, now: float) -> Document:
    """Return what has become of an order of this age (seconds)."""
    if age < _DAY:
        return {"orderStatus": PENDING} if index % 4 == 0 else {}
    if age < 4 * _DAY:
        return {}
    if index % 9 == 0:
        ended = moment(now - age + 5 * _HOUR)
        return {"orderStatus": CANCELLED, "cancelRequestedAt": ended, "lastModified": ended}
    number = f"003404341612{order_id:08d}"
    done = completed(number, f"https://track.parcel.example/{number}", now - age + 30 * _HOUR)
    return done | {"lastModified": done["completedAt"], "exportedAt": moment(now - age + 8 * _HOUR)}


def _special(order: Document, now: float) -> Document:
    """Return what is remarkable about the first ten orders: each kind of order has a known id."""
    running: Document = {
        "orderStatus": PROCESSING,
        "completedAt": None,
        "cancelRequestedAt": None,
        "shipmentTracking": [],
    }
    match order["orderId"]:
        case 1001:
            return running | {
                "comment": "Please wrap the mug separately, it is a birthday present.",
                "tags": ["gift", "fragile"],
                "customAttributes": {"giftMessage": "Alles Gute, Papa!", "packaging": "plastic-free"},
            }
        case 1002:
            return completed(
                "00340434161202001002", "https://track.parcel.example/00340434161202001002", now - 2 * _DAY
            )
        case 1003:
            return completed("JJD000390007001003", "http://track.parcel.example/JJD000390007001003", now - 3 * _DAY)
        case 1004:
            return running | {"cancelRequestedAt": moment(now - 2 * _HOUR), "tags": ["cancel-requested"]}
        case 1005:
            return running | {"orderStatus": "ON_HOLD", "comment": "Held back: waiting for the new glaze."}
        case 1007:
            return running | {"orderStatus": CANCELLED, "cancelRequestedAt": moment(now - 5 * _DAY)}
        case 1008:
            return running | {"orderStatus": PENDING, "deliveryAddress": order["deliveryAddress"] | {"zip": None}}
        case 1009:
            two = ("00340434161209001009", "00340434161209001010")
            parcels = [{"number": number, "link": f"https://track.parcel.example/{number}"} for number in two]
            return completed(*two, now - _DAY) | {"shipmentTracking": parcels}
        case 1010:
            done = completed("H1000730001010", "https://track.parcel.example/H1000730001010", now - 8 * _DAY)
            return done | {"piiDataRemoved": True, "deliveryAddress": _scrubbed(order), "invoiceAddress": None}
    return {}


def _address(index: int) -> dict[str, Any]:
    name, company, street, code, city, state, country, phone = _CUSTOMERS[index % len(_CUSTOMERS)]
    mailbox = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())
    return {
        "name1": name, "name2": None, "company": company, "address1": street, "address2": None, "address3": None,
        "zip": code, "city": city, "state": state, "country": country,
        "phone": phone, "email": f"{mailbox}@mail.example",
        "addressIdentifier": None, "additionalIdentifiers": [], "latitude": None, "longitude": None,
    }  # fmt: skip


def _scrubbed(order: Document) -> dict[str, Any]:
    return dict.fromkeys(order["deliveryAddress"]) | {"country": order["deliveryAddress"]["country"]}


def _prefix(country: str) -> str:
    return {"US": "US", "GB": "UK"}.get(country, "DE")


def _positions(order_id: int, index: int) -> list[dict[str, Any]]:
    chosen = [GOODS[(index * 5 + step * 7) % len(GOODS)] for step in range(1 + index % 3)]
    return [
        {
            "positionId": order_id * 10 + place,
            "positionIdentifier": f"{order_id}-{place}",
            "sku": sku,
            "name": name,
            "quantity": 1 + (index + place) % 3,
            "productIdentifier": f"P-{sku}",
            "variantIdentifier": None,
            "lot": None,
            "customAttributes": {},
        }
        for place, (sku, name) in enumerate(chosen, start=1)
    ]


def fulfillment(order: Document) -> dict[str, Any]:
    """Return what the warehouse is told of an order: the same goods under its own names."""
    positions = [
        {
            "fulfillmentOrderPositionId": position["positionId"] + 5,
            "orderedSku": position["sku"],
            "sku": position["sku"],
            "warehouseSku": f"W-{position['sku']}",
            "quantity": position["quantity"],
            "lot": None,
            "location": None,
            "expirationDate": None,
        }
        for position in order["positions"]
    ]
    number = order["orderId"] + 90000
    return {
        "fulfillmentOrderId": number,
        "fulfillmentOrderIdentifier": f"FO-{number}",
        "fulfillmentStatus": "RELEASED",
        "positions": positions,
        "shipments": [],
    }
