"""What the store sells: products with variants, taxons and vendors (`apis/vendo.md` §9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

Options = tuple[tuple[str, str], ...]


@dataclass
class Variant:
    """One form of a product; `stock` is a count that the API never shows, `options` are (type, value) pairs."""

    id: str
    sku: str
    options: Options
    prices: Mapping[str, Decimal]
    stock: int
    backorderable: bool = False
    is_master: bool = False

    @property
    def options_text(self) -> str:
        """`Color: black, Size: M`."""
        return ", ".join(f"{name.title()}: {value}" for name, value in self.options)

    def can_supply(self, quantity: int) -> bool:
        """Say whether so many can be sold."""
        return self.backorderable or self.stock >= quantity


@dataclass
class Product:
    """A product with its master and its variants; a product without options is sold as its master."""

    id: str
    name: str
    slug: str
    description: str
    master: Variant
    variants: list[Variant]
    taxons: Sequence[str]
    updated_at: float
    compare_at: Mapping[str, Decimal] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    vendor: str = ""
    location: str = "North"
    discontinued: bool = False
    deleted: bool = False
    digital: bool = False

    @property
    def sold(self) -> list[Variant]:
        """What can be put into a cart: the variants, or the master if there are none."""
        return self.variants or [self.master]

    @property
    def active(self) -> bool:
        """Whether it is on sale at all."""
        return not (self.discontinued or self.deleted)

    @property
    def in_stock(self) -> bool:
        """Whether any form of it is on a shelf."""
        return any(variant.stock > 0 for variant in self.sold)

    @property
    def backorderable(self) -> bool:
        """Whether any form of it may be ordered before it is there."""
        return any(variant.backorderable for variant in self.sold)


@dataclass(frozen=True)
class Taxon:
    """A category; `permalink` is its path, and its parent's is the part before the last slash."""

    id: str
    name: str
    permalink: str

    @property
    def parent(self) -> str:
        """The parent's permalink, or nothing for a root."""
        return self.permalink.rpartition("/")[0]


@dataclass(frozen=True)
class Vendor:
    """A seller on the marketplace."""

    id: str
    name: str
    slug: str
    about: str
