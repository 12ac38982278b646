"""The demo site, its goods and its coupons; everything is made up (`apis/qpilot.md` §5.4, §5.5, seed 004)."""

from decimal import Decimal

from sandbox.qpilot.accounts import SITE_ID
from sandbox.qpilot.moments import Document

ZONE = "America/New_York"
START, END = "03:00:00", "23:59:00"

_GOODS = (
    ("Atlantis Moisturizing Shampoo 8 oz", "hp-atl-993", "9.75", "6.00"),
    ("Cedar Bar Soap, set of three", "hp-ced-103", "14.50", None),
    ("Oat Milk Hand Cream 2 oz", "hp-oat-020", "11.25", "9.50"),
    ("Dark Roast Coffee Beans 12 oz", "hp-cof-012", "16.00", "14.40"),
    ("Decaf Coffee Beans 12 oz", "hp-cof-112", "17.00", None),
    ("Green Tea Tin, 40 bags", "hp-tea-040", "12.80", None),
    ("Rooibos Tea Tin, 40 bags", "hp-tea-041", "11.90", None),
    ("Dog Kibble, Salmon 10 lb", "hp-dog-010", "38.95", "34.99"),
    ("Dog Treats, Pumpkin 1 lb", "hp-dog-001", "9.20", None),
    ("Cat Litter, Unscented 20 lb", "hp-cat-020", "24.75", None),
    ("Cat Food, Chicken, 24 tins", "hp-cat-024", "31.60", "28.90"),
    ("Laundry Powder, 60 loads", "hp-lau-060", "21.35", None),
    ("Dish Soap Refill 1 gal", "hp-dis-128", "19.99", None),
    ("Sponges, plant fibre, 6", "hp-spo-006", "7.49", None),
    ("Vitamin D3, 90 capsules", "hp-vit-390", "15.25", "13.00"),
    ("Magnesium, 120 capsules", "hp-mag-120", "18.45", None),
    ("Protein Powder, Vanilla 2 lb", "hp-pro-002", "42.00", "39.95"),
    ("Razor Blades, 8", "hp-raz-008", "17.60", None),
    ("Toothpaste Tablets, 124", "hp-too-124", "13.15", None),
    ("Bamboo Toilet Paper, 24 rolls", "hp-pap-024", "36.40", "33.30"),
    ("Water Filter Cartridge", "hp-wat-001", "29.00", None),
    ("Olive Oil, extra virgin 1 l", "hp-oli-001", "27.80", None),
    ("Honey, wildflower 16 oz", "hp-hon-016", "13.95", None),
    ("Candle, fig, in a clay jar", "hp-can-fig", "22.00", None),
    ("Lavender Pillow Spray", "hp-lav-004", "18.30", None),
)
_OUT_OF_STOCK = ("hp-tea-041", "hp-mag-120", "hp-hon-016")
_NOT_PROCESSED = "hp-can-fig"
_FIRST_PRODUCT = 100982


def site() -> Document:
    """Return what the site says of itself, without what the switches decide."""
    return {
        "id": SITE_ID,
        "name": "Harbor & Pine",
        "url": "https://harborandpine.example",
        "email": "ops@example.com",
        "type": "WooCommerce",
        "environment": "Test",
        "timezone": ZONE,
        "lockNotificationOffsetDays": 0,
        "orderProcessingStartTime": START,
        "orderProcessingEndTime": END,
        "supportsProcessingWindow": True,
        "isShowingNotes": True,
        "isShowCoupons": True,
    }


def products() -> dict[str, Document]:
    """Return the catalogue by product id: three goods are out of stock, and one is kept out of processing."""
    return {str(number): _product(str(number), *row) for number, row in enumerate(_GOODS, start=_FIRST_PRODUCT)}


def product(product_id: str, title: str, sku: str, price: Decimal, sale_price: Decimal | None) -> Document:
    """Return an unremarkable product that is in stock; prices are in dollars."""
    return {
        "id": product_id,
        "siteId": SITE_ID,
        "parentProductId": None,
        "title": title,
        "price": price,
        "salePrice": sale_price,
        "sku": sku,
        "gtin": None,
        "mpn": None,
        "length": "4",
        "width": "2",
        "height": "5",
        "weight": "1",
        "weightUnitType": "Pound",
        "lengthUnitType": "Inch",
        "shippingClass": None,
        "taxClass": None,
        "addToScheduledOrder": True,
        "processScheduledOrder": True,
        "availability": "InStock",
        "stock": 50,
        "active": True,
        "valid": True,
        "lifetimeValue": Decimal(0),
        "productGroupIds": [],
        "availableFrequencies": [{"frequencyType": "Days", "values": [14, 30, 60]}],
        "metadata": {},
    }


def coupons() -> dict[str, Document]:
    """Return the coupons by code."""
    rows = (
        ("WELCOME10", "ReduceSubtotalByPercentage", "10"),
        ("FIVEOFF", "ReduceSubtotalByAmount", "5"),
        ("FREESHIP", "SetShippingToAmount", "0"),
    )
    return {
        code: {"id": number, "siteId": SITE_ID, "code": code, "name": code.title(), "discountType": kind}
        | {"amount": Decimal(amount), "active": True}
        for number, (code, kind, amount) in enumerate(rows, start=31)
    }


def _product(product_id: str, title: str, sku: str, price: str, sale_price: str | None) -> Document:
    found = product(product_id, title, sku, Decimal(price), Decimal(sale_price) if sale_price else None)
    if sku in _OUT_OF_STOCK:
        found |= {"availability": "OutOfStock", "stock": 0}
    return found | {"processScheduledOrder": sku != _NOT_PROCESSED}
