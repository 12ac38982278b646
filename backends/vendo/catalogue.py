"""What a store offers, and where it ships, as Shipclerk knows it (apis/vendo.md §9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ProductQuery:
    """What products are searched by; everything given must hold.

    ``name`` is a part of the name, ``skus`` whole SKUs, the prices are in ``currency`` or else in the store's own.
    """

    name: str | None = None
    skus: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    in_stock: bool | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Image:
    """A picture; ``url`` is https."""

    url: str
    alt: str | None = None


@dataclass(frozen=True)
class Variant:
    """What can be put into a cart; ``options`` is a text such as ``Color: white, Size: XS``. There are no counts."""

    id: str
    sku: str | None = None
    options: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    purchasable: bool | None = None
    in_stock: bool | None = None
    backorderable: bool | None = None
    is_master: bool | None = None


@dataclass(frozen=True)
class Product:
    """One product; ``default_variant_id`` is what to buy where it has no ``variants``. ``description`` may be HTML."""

    id: str
    name: str | None = None
    slug: str | None = None
    sku: str | None = None
    description: str | None = None
    price: Decimal | None = None
    compare_at_price: Decimal | None = None
    currency: str | None = None
    purchasable: bool | None = None
    in_stock: bool | None = None
    backorderable: bool | None = None
    available: bool | None = None
    default_variant_id: str | None = None
    variants: tuple[Variant, ...] = ()
    images: tuple[Image, ...] = ()


@dataclass(frozen=True)
class ProductPage:
    """One page of products; there are more while ``page < total_pages``."""

    products: tuple[Product, ...]
    page: int
    total_pages: int
    total_count: int


@dataclass(frozen=True)
class State:
    """A state or province of a country."""

    abbr: str | None
    name: str | None


@dataclass(frozen=True)
class Country:
    """A country, and what its addresses must have; ``states`` are known only where one country was asked for."""

    iso: str
    name: str | None = None
    iso3: str | None = None
    states_required: bool = False
    zipcode_required: bool = True
    default: bool = False
    states: tuple[State, ...] = ()


@dataclass(frozen=True)
class StoreInfo:
    """The store itself; ``supported_currencies`` are ISO codes."""

    name: str | None = None
    url: str | None = None
    default_currency: str | None = None
    supported_currencies: tuple[str, ...] = ()
    default_locale: str | None = None
