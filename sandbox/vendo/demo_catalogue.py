"""The demo store's shelves: a dozen products that make searching worthwhile, coupons, categories and sellers."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.vendo.catalogue import Options, Product, Taxon, Variant, Vendor
from sandbox.vendo.ids import uid

DAY = 86400.0

_COLOURS = ("black", "white")
_SIZES = ("S", "M", "L")


@dataclass(frozen=True)
class _Row:
    name: str
    sku: str
    usd: str
    eur: str | None
    taxon: str
    stock: int
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    backorderable: bool = False
    compare: str | None = None
    brand: str = "Alpha"
    discontinued: bool = False
    digital: bool = False
    location: str = "North"


_ROWS = (
    _Row("Crew T-Shirt", "TEE", "19.99", "18.5", "clothing/shirts", 40, _COLOURS, _SIZES),
    _Row("Zip Hoodie", "HOOD", "54.95", "49.9", "clothing/jackets", 12, ("grey", "black"), _SIZES, brand="Delta"),
    _Row("Trail Jacket", "TRAIL", "129.0", "119.0", "clothing/jackets", 0, ("green",), ("M", "L"), backorderable=True),
    _Row("Wool Beanie", "BEANIE", "24.5", "22.0", "clothing", 0, ("red", "blue")),
    _Row("Running Socks, 3 Pairs", "SOCKS", "14.97", "13.5", "clothing", 90, sizes=("36-40", "41-46")),
    _Row("Canvas Tote", "TOTE", "15.0", "14.0", "home", 25, compare="20.0", brand="Gamma"),
    _Row("Enamel Mug", "MUG", "12.0", "11.0", "home/kitchen", 3, _COLOURS, brand="Gamma"),
    _Row("Steel Bottle 0.7 l", "BOTTLE", "29.0", "27.0", "home/kitchen", 18, brand="Delta", location="South"),
    _Row("Salt & Pepper <Set>", "SALT", "34.25", "31.75", "home/kitchen", 7, brand="Gamma"),
    _Row("Desk Lamp", "LAMP", "79.0", None, "home", 5, location="South"),
    _Row("Notebook A5", "NOTE", "11.25", "10.4", "home", 200),
    _Row("Road Cap", "CAP", "18.0", "16.5", "clothing", 9, discontinued=True),
    _Row("E-Gift Card", "GIFT", "25.0", "25.0", "home", 9999, digital=True),
)
TAXONS = tuple(
    Taxon(uid("taxon", link), link.rpartition("/")[2].title(), link)
    for link in ("clothing", "clothing/shirts", "clothing/jackets", "home", "home/kitchen")
)
VENDORS = (
    Vendor(uid("vendor", "north"), "North Outfitters", "north-outfitters", "Clothing for bad weather."),
    Vendor(uid("vendor", "south"), "South Goods", "south-goods", "Things for desks and kitchens."),
)


def products(now: float) -> list[Product]:
    """Return new products, as stock changes; the newest was put up yesterday."""
    return [_product(row, now - DAY * (len(_ROWS) - place)) for place, row in enumerate(_ROWS)]


def _product(row: _Row, at: float) -> Product:
    prices = {"USD": Decimal(row.usd)} | ({"EUR": Decimal(row.eur)} if row.eur else {})
    slug = "-".join("".join(c if c.isalnum() else " " for c in row.name.lower()).split())
    variants = [
        Variant(uid("variant", sku), sku, options, prices, row.stock, row.backorderable) for sku, options in _forms(row)
    ]
    master = Variant(uid("variant", row.sku), row.sku, (), prices, row.stock, row.backorderable, is_master=True)
    return Product(
        id=uid("product", row.sku),
        name=row.name,
        slug=slug,
        description=f"<p>{row.name.partition(' <')[0].replace('&', '&amp;')}, made to last.</p>",
        master=master,
        variants=variants,
        taxons=[row.taxon],
        updated_at=at,
        compare_at={"USD": Decimal(row.compare)} if row.compare else {},
        properties={"brand": row.brand},
        vendor=VENDORS[row.location == "South"].id,
        location=row.location,
        discontinued=row.discontinued,
        digital=row.digital,
    )


def _forms(row: _Row) -> Iterator[tuple[str, Options]]:
    for colour in row.colours or ("",):
        for size in row.sizes or ("",):
            options: Options = tuple(pair for pair in (("color", colour), ("size", size)) if pair[1])
            if options:
                yield "-".join([row.sku, *(value.upper() for _, value in options)]), options
