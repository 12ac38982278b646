"""How Vendo's documents become products, countries and the store (apis/vendo.md §9)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from vendo_client_kit import PRICE, STORE, resource

from backends.vendo import shelf
from backends.vendo.catalogue import Country, Image, Product, ProductPage, State, StoreInfo, Variant
from backends.vendo.jsonapi import Document

ATTRIBUTES: dict[str, Any] = {
    "name": "Classic Varsity Top", "available_on": "2022-02-16T00:00:00.000-06:00", "slug": "classic-varsity-top",
    "sku": "", "barcode": None, "public_metadata": {}, "purchasable": True, "in_stock": True, "backorderable": False,
    "available": False, "currency": "USD", "price": "19.99", "display_price": "$19.99", "compare_at_price": None,
    "description": "<p>Warm</p>",
}  # fmt: skip
PRODUCT = resource(
    "product", "8ded", ATTRIBUTES, variants=[("variant", "v-1"), ("variant", "v-2")],
    default_variant=("variant", "v-0"), images=[("image", "i-1"), ("image", "i-2"), ("image", "i-3")],
)  # fmt: skip
INCLUDED = [
    resource("variant", "v-2", {"price": None}),
    resource("variant", "v-1", {"sku": "TOP-S", "options_text": "Size: S", "price": "19.99", "currency": "USD",
             "purchasable": True, "in_stock": False, "backorderable": True, "is_master": False}),
    resource("image", "i-1", {"alt": "front", "styles": [{"url": "/a/48.png", "width": "48"},
             {"url": "/a/600.png", "width": "600"}, {"width": 900}, None]}),
    resource("image", "i-2", {"styles": [{"url": "https://cdn.example.com/b.png"}]}),
    resource("image", "i-3", {"styles": [{"url": "javascript:alert(1)"}, {"url": "http://[", "width": 5}]}),
]  # fmt: skip
TOP = Product(
    id="8ded", name="Classic Varsity Top", slug="classic-varsity-top", description="<p>Warm</p>", price=PRICE,
    currency="USD", purchasable=True, in_stock=True, backorderable=False, available=False, default_variant_id="v-0",
    variants=(Variant("v-1", "TOP-S", "Size: S", PRICE, "USD", True, False, True, False), Variant("v-2")),
    images=(Image(f"{STORE}/a/600.png", "front"), Image("https://cdn.example.com/b.png")),
)  # fmt: skip


def document(body: Any) -> Document:
    return Document.model_validate_json(json.dumps(body))


def test_product() -> None:
    """A product has its variants in order and the widest form of each picture, if that is an https address."""
    assert shelf.to_product(document({"data": PRODUCT, "included": INCLUDED}), STORE) == TOP


def test_page_of_products() -> None:
    """A page says how many there are in all; what did not come along is left out."""
    body = {"data": [PRODUCT], "meta": {"count": 1, "total_count": 26, "total_pages": 26, "filters": {}}}
    found = shelf.to_product_page(document(body), 3, STORE)
    assert (found.page, found.total_pages, found.total_count) == (3, 26, 26)
    assert [(one.name, one.variants, one.images) for one in found.products] == [("Classic Varsity Top", (), ())]
    nothing = {"data": [], "meta": {"count": 0, "total_count": 0, "total_pages": 0}, "links": {"next": "?page=0"}}
    assert shelf.to_product_page(document(nothing), 1, STORE) == ProductPage((), 1, 0, 0)


def test_no_pictures_from_the_local_workspace() -> None:
    """A picture on plain http is none."""
    assert shelf.to_product(document({"data": PRODUCT, "included": INCLUDED[2:3]}), "http://127.0.0.1:1").images == ()


def test_no_price() -> None:
    """A product without a price is still a product; one without an id is none."""
    priced = {**PRODUCT, "attributes": {**ATTRIBUTES, "price": None, "compare_at_price": "25.0"}}
    product = shelf.to_product(document({"data": priced}), STORE)
    assert (product.price, product.compare_at_price) == (None, Decimal("25.0"))
    with pytest.raises(ValueError, match="id"):
        shelf.to_product(document({"data": {**PRODUCT, "id": None}}), STORE)


def test_countries() -> None:
    """A country says what its addresses need, a zip code unless it says no, and its states where they came along."""
    usa = {"iso": "US", "iso3": "USA", "iso_name": "UNITED STATES", "name": "United States", "states_required": True,
           "zipcode_required": True, "default": True}  # fmt: skip
    body = {
        "data": resource("country", "1", usa, states=[("state", "s-1"), ("state", "s-2")]),
        "included": [resource("state", "s-1", {"abbr": "NY", "name": "New York"})],
    }
    expected = Country("US", "United States", "USA", True, True, True, (State("NY", "New York"),))
    assert shelf.to_country(document(body)) == expected
    few = {
        "data": [resource("country", "2", {"iso": "HK", "zipcode_required": False}), resource("c", "3", {"iso": "PL"})]
    }
    assert shelf.to_countries(document(few)) == (Country("HK", zipcode_required=False), Country("PL"))
    with pytest.raises(ValueError, match="iso"):
        shelf.to_country(document({"data": resource("country", "1", {})}))


@pytest.mark.parametrize(
    ("text", "codes"), [("EUR,GBP, USD", ("EUR", "GBP", "USD")), (None, ()), ("", ()), (["EUR"], ())]
)
def test_store(text: object, codes: tuple[str, ...]) -> None:
    """The store's currencies come as one text with commas."""
    attributes = {"name": "Shop", "url": "shop.example.com", "default_currency": "USD", "supported_currencies": text,
                  "default_locale": "en"}  # fmt: skip
    found = shelf.to_store(document({"data": resource("store", "1", attributes)}))
    assert found == StoreInfo("Shop", "shop.example.com", "USD", codes, "en")
