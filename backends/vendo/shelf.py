"""The catalogue's attributes as they are on the wire, and the domain types that they become (apis/vendo.md §9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from urllib.parse import urljoin

from backends.vendo.catalogue import (
    Country,
    Image,
    Product,
    ProductPage,
    ProductQuery,
    State,
    StoreInfo,
    Variant,
)
from backends.vendo.jsonapi import Document, Included, Resource
from backends.vendo.models import attributes, identified
from backends.wire import Flag, Money, Several, Text, Whole, Wire, https

_LOWEST, _HIGHEST = Decimal(0), Decimal("99999999.99")


class GoodsWire(Wire):
    """What products and variants both have; a price may be null."""

    sku: Text = None
    price: Money = None
    currency: Text = None
    purchasable: Flag = None
    in_stock: Flag = None
    backorderable: Flag = None


class ProductWire(GoodsWire):
    """A product."""

    name: Text = None
    slug: Text = None
    description: Text = None
    compare_at_price: Money = None
    available: Flag = None


class VariantWire(GoodsWire):
    """A variant."""

    options_text: Text = None
    is_master: Flag = None


class StyleWire(Wire):
    """One size of an image; its ``url`` may lack the host."""

    url: Text = None
    width: Whole = None


class ImageWire(Wire):
    """An image in several sizes."""

    alt: Text = None
    styles: Several[StyleWire] = ()


class CountryWire(Wire):
    """A country."""

    iso: str
    iso3: Text = None
    name: Text = None
    states_required: Flag = None
    zipcode_required: Flag = None
    default: Flag = None


class StateWire(Wire):
    """A state."""

    abbr: Text = None
    name: Text = None


class StoreWire(Wire):
    """The store; its currencies are one text with commas."""

    name: Text = None
    url: Text = None
    default_currency: Text = None
    supported_currencies: Text = None
    default_locale: Text = None


def asked(query: ProductQuery) -> Mapping[str, str]:
    """The parameters of a search, by Vendo's names (apis/vendo.md §4.4, §9)."""
    given = {
        "filter[name]": query.name,
        "filter[skus]": ",".join(query.skus),
        "filter[price]": _range(query.price_min, query.price_max),
        "filter[in_stock]": None if query.in_stock is None else str(query.in_stock).lower(),
        "currency": query.currency,
    }
    return {name: text for name, text in given.items() if text}


def _range(low: Decimal | None, high: Decimal | None) -> str | None:
    """Both ends of a range of prices, for with one alone only that very price is found."""
    if low is None and high is None:
        return None
    return f"{low or _LOWEST:f},{_HIGHEST if high is None else high:f}"


def to_product(document: Document, store: str) -> Product:
    """The one product of a document."""
    return _product(document.one(), document.index(), store)


def to_product_page(document: Document, page: int, store: str) -> ProductPage:
    """One page of products."""
    included = document.index()
    return ProductPage(
        tuple(_product(one, included, store) for one in document.many()),
        page,
        *document.pages(),
    )


def to_countries(document: Document) -> tuple[Country, ...]:
    """The countries of a list."""
    included = document.index()
    return tuple(_country(one, included) for one in document.many())


def to_country(document: Document) -> Country:
    """One country, with the states that came along."""
    return _country(document.one(), document.index())


def to_store(document: Document) -> StoreInfo:
    """The store itself."""
    wire = attributes(document.one(), StoreWire)
    currencies = (code.strip() for code in (wire.supported_currencies or "").split(","))
    return StoreInfo(
        wire.name, wire.url, wire.default_currency, tuple(code for code in currencies if code), wire.default_locale
    )


def _product(resource: Resource, included: Included, store: str) -> Product:
    wire = attributes(resource, ProductWire)
    if resource.id is None:
        raise ValueError("a product has no id")
    return Product(
        id=resource.id,
        name=wire.name,
        slug=wire.slug,
        sku=wire.sku,
        description=wire.description,
        price=wire.price,
        compare_at_price=wire.compare_at_price,
        currency=wire.currency,
        purchasable=wire.purchasable,
        in_stock=wire.in_stock,
        backorderable=wire.backorderable,
        available=wire.available,
        default_variant_id=resource.related_id("default_variant"),
        variants=tuple(_variant(key, one) for key, one in identified(included.of(resource, "variants"))),
        images=tuple(_images(included.of(resource, "images"), store)),
    )


def _variant(key: str, resource: Resource) -> Variant:
    wire = attributes(resource, VariantWire)
    return Variant(
        id=key,
        sku=wire.sku,
        options=wire.options_text,
        price=wire.price,
        currency=wire.currency,
        purchasable=wire.purchasable,
        in_stock=wire.in_stock,
        backorderable=wire.backorderable,
        is_master=wire.is_master,
    )


def _images(resources: Iterator[Resource], store: str) -> Iterator[Image]:
    """Each image in its widest size, as an https address."""
    for resource in resources:
        wire = attributes(resource, ImageWire)
        widest = max((one for one in wire.styles if one and one.url), key=lambda one: one.width or 0, default=None)
        url = https(_absolute(store, widest.url)) if widest and widest.url else None
        if url:
            yield Image(url, wire.alt)


def _absolute(store: str, url: str) -> str | None:
    try:
        return urljoin(store, url)
    except ValueError:
        return None


def _country(resource: Resource, included: Included) -> Country:
    wire = attributes(resource, CountryWire)
    states = (attributes(one, StateWire) for one in included.of(resource, "states"))
    return Country(
        iso=wire.iso,
        name=wire.name,
        iso3=wire.iso3,
        states_required=bool(wire.states_required),
        zipcode_required=wire.zipcode_required is not False,
        default=bool(wire.default),
        states=tuple(State(one.abbr, one.name) for one in states),
    )
