"""How products, countries and the store are shown (`apis/vendo.md` §9)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.vendo.catalogue import Product, Taxon, Variant, Vendor
from sandbox.vendo.customers import Customer
from sandbox.vendo.geography import DEFAULT, Country
from sandbox.vendo.ids import moment, uid
from sandbox.vendo.jsonapi import Document, Relations, Resource
from sandbox.vendo.money import pair

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

_STYLES = ((48, 48), (240, 240), (600, 600))


class Shelf:
    """The catalogue as one caller sees it: in one currency, and at the customer's own prices."""

    def __init__(self, vendo: "Vendo", currency: str, customer: Customer | None) -> None:
        self._vendo = vendo
        self._currency = currency
        self._customer = customer

    def price(self, variant: Variant) -> Decimal | None:
        """Return what this caller pays, or None if it is not sold in this currency."""
        return self._vendo.price(variant, self._currency, self._customer)

    def product(self, product: Product) -> Resource:
        """A product."""
        attributes: Document = {
            "name": product.name,
            "description": product.description,
            "available_on": self._moment(product.updated_at),
            "slug": product.slug,
            "meta_description": None,
            "meta_keywords": None,
            "updated_at": self._moment(product.updated_at),
            "sku": product.master.sku,
            "barcode": None,
            "public_metadata": {},
            "purchasable": product.active and (product.in_stock or product.backorderable),
            "in_stock": product.in_stock,
            "backorderable": product.backorderable,
            "available": product.active,
            "currency": self._currency,
            **self._price(product.sold[0]),
            **self._compared(product),
        }
        relations: Relations = {
            "variants": lambda: [self.variant(product, variant) for variant in product.variants],
            "option_types": lambda: [_option_type(name) for name in _types(product)],
            "product_properties": lambda: [_property(product, *named) for named in product.properties.items()],
            "taxons": lambda: [self.taxon(taxon) for taxon in self._vendo.taxons if taxon.permalink in product.taxons],
            "images": lambda: _images(product.master.sku),
            "default_variant": lambda: self.variant(product, product.sold[0]),
            "primary_variant": lambda: self.variant(product, product.master),
        }
        return Resource("product", product.id, attributes, relations)

    def variant(self, product: Product, variant: Variant) -> Resource:
        """A variant; the stock itself is never told."""
        attributes: Document = {
            "sku": variant.sku,
            "barcode": None,
            "weight": "0.0",
            "height": None,
            "width": None,
            "depth": None,
            "is_master": variant.is_master,
            "options_text": variant.options_text,
            "purchasable": product.active and variant.can_supply(1),
            "in_stock": variant.stock > 0,
            "backorderable": variant.backorderable,
            "currency": self._currency,
            "public_metadata": {},
            **self._price(variant),
        }
        relations: Relations = {
            "product": lambda: self.product(product),
            "images": lambda: _images(variant.sku) if not variant.is_master else _images(product.master.sku),
            "option_values": lambda: [_option_value(*option) for option in variant.options],
        }
        return Resource("variant", variant.id, attributes, relations)

    def taxon(self, taxon: Taxon) -> Resource:
        """A category."""
        known = self._vendo.taxons
        children = [one for one in known if one.parent == taxon.permalink]
        place = known.index(taxon)
        root = taxon.permalink.partition("/")[0]
        attributes: Document = {
            "name": taxon.name,
            "pretty_name": " -> ".join(part.title() for part in taxon.permalink.split("/")),
            "permalink": taxon.permalink,
            "seo_title": taxon.name,
            "description": None,
            "meta_title": None,
            "meta_description": None,
            "meta_keywords": None,
            "left": 2 * place + 1,
            "right": 2 * place + 2 + 2 * len(children),
            "position": place,
            "depth": taxon.permalink.count("/"),
            "is_root": not taxon.parent,
            "is_child": bool(taxon.parent),
            "is_leaf": not children,
            "updated_at": self._moment(self._vendo.born_at),
            "public_metadata": {},
        }
        above = next((one for one in known if one.permalink == taxon.parent), None)
        relations: Relations = {
            "parent": lambda: self.taxon(above) if above else None,
            "taxonomy": lambda: Resource("taxonomy", uid("taxonomy", root), {"name": root.title(), "position": 1}),
            "children": lambda: [self.taxon(one) for one in children],
            "products": lambda: [self.product(one) for one in self._vendo.products if taxon.permalink in one.taxons],
            "image": lambda: None,
        }
        return Resource("taxon", taxon.id, attributes, relations)

    def _price(self, variant: Variant) -> Mapping[str, Any]:
        price = self.price(variant)
        return {"price": None, "display_price": None} if price is None else pair("price", price, self._currency)

    def _compared(self, product: Product) -> Mapping[str, Any]:
        before = product.compare_at.get(self._currency)
        if before is None:
            return {"compare_at_price": None, "display_compare_at_price": None}
        return pair("compare_at_price", before, self._currency)

    def _moment(self, at: float) -> str:
        return moment(at, offset=self._vendo.switches.times == "offset")


def filters(products: list[Product]) -> dict[str, Any]:
    """Return what a list of these products may be narrowed by: `meta.filters`."""
    options: dict[str, set[str]] = {}
    brands: dict[str, set[str]] = {}
    for product in products:
        for name, value in (option for variant in product.variants for option in variant.options):
            options.setdefault(name, set()).add(value)
        for name, value in product.properties.items():
            brands.setdefault(name, set()).add(value)
    return {
        "option_types": [_filter_option(name, options[name]) for name in sorted(options)],
        "product_properties": [_filter_property(name, brands[name]) for name in sorted(brands)],
    }


def vendor(one: Vendor) -> Resource:
    """A seller on the marketplace."""
    attributes: Document = {
        "name": one.name,
        "email": f"hello@{one.slug}.example",
        "slug": one.slug,
        "about_us": one.about,
        "logo_url": f"https://images.vendo.example/{one.slug}/logo.png",
        "cover_photo_url": None,
    }
    return Resource("vendor", one.id, attributes)


def country(one: Country) -> Resource:
    """A country."""
    attributes: Document = {
        "iso": one.iso,
        "iso3": one.iso3,
        "iso_name": one.name.upper(),
        "name": one.name,
        "states_required": bool(one.states),
        "zipcode_required": True,
        "default": one is DEFAULT,
    }
    states = [Resource("state", uid("state", f"{one.iso}-{a}"), {"abbr": a, "name": n}) for a, n in one.states.items()]
    return Resource("country", one.id, attributes, {"states": lambda: states})


def store(currencies: tuple[str, ...]) -> Resource:
    """The store itself."""
    attributes: Document = {
        "name": "Vendo Demo",
        "url": "demo.vendo.example",
        "meta_description": "Things to wear and to use.",
        "meta_keywords": "",
        "seo_title": "Vendo Demo",
        "default_currency": currencies[0],
        "default": True,
        "supported_currencies": ",".join(currencies),
        "default_locale": "en",
        "supported_locales": "en",
        "customer_support_email": "support@vendo.example",
        "facebook": "",
        "twitter": "",
        "instagram": "",
        "description": "",
        "address": "1 Harbor Street, Brooklyn NY 11201, USA",
        "contact_phone": "+12125550100",
        "favicon_path": "/assets/favicon.ico",
    }
    relations: Relations = {
        "menus": lambda: [],
        "cms_pages": lambda: [],
        "default_country": lambda: country(DEFAULT),
    }
    return Resource("store", uid("store", "demo"), attributes, relations)


def _types(product: Product) -> list[str]:
    return list(dict.fromkeys(name for variant in product.variants for name, _ in variant.options))


def _option_type(name: str) -> Resource:
    attributes: Document = {"name": name, "presentation": name.title(), "position": 1, "public_metadata": {}}
    return Resource("option_type", uid("option_type", name), attributes)


def _option_value(name: str, value: str) -> Resource:
    attributes: Document = {"name": value.lower(), "presentation": value.title(), "position": 1, "public_metadata": {}}
    relations: Relations = {"option_type": lambda: _option_type(name)}
    return Resource("option_value", uid("option_value", f"{name}={value}"), attributes, relations)


def _property(product: Product, name: str, value: str) -> Resource:
    attributes: Document = {"name": name, "description": name.title(), "value": value, "filter_param": value.lower()}
    return Resource("product_property", uid("product_property", f"{product.id}/{name}"), attributes)


def _images(sku: str) -> list[Resource]:
    url = f"https://images.vendo.example/{sku.lower()}"
    styles = [{"url": f"{url}-{width}x{height}.jpg", "width": width, "height": height} for width, height in _STYLES]
    attributes: Document = {"position": 1, "alt": None, "original_url": f"{url}.jpg", "styles": styles}
    return [Resource("image", uid("image", sku), attributes)]


def _filter_option(name: str, values: set[str]) -> dict[str, Any]:
    shown = [
        {"id": uid("option_value", f"{name}={v}"), "name": v.lower(), "presentation": v.title(), "position": place}
        for place, v in enumerate(sorted(values), start=1)
    ]
    return {"id": uid("option_type", name), "name": name, "presentation": name.title(), "option_values": shown}


def _filter_property(name: str, values: set[str]) -> dict[str, Any]:
    shown = [{"value": value, "filter_param": value.lower()} for value in sorted(values)]
    return {"id": uid("property", name), "name": name, "presentation": name.title(), "values": shown}
