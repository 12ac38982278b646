"""What anybody may see at the local Vendo: products, categories, sellers, countries, store (`apis/vendo.md` §9)."""

from typing import Any
from uuid import UUID

import pytest
from vendosim_kit import NOT_FOUND, Client, refused

from sandbox.vendo import Vendo

EVERY = [
    "Crew T-Shirt", "Zip Hoodie", "Trail Jacket", "Wool Beanie", "Running Socks, 3 Pairs", "Canvas Tote", "Enamel Mug",
    "Steel Bottle 0.7 l", "Salt & Pepper <Set>", "Desk Lamp", "Notebook A5", "E-Gift Card",
]  # fmt: skip


async def _names(caller: Client, **query: str) -> list[str]:
    answer = await caller("GET", "/products", **query)
    assert answer.status == 200
    names: list[str] = answer.all("name")
    return names


async def test_a_product_is_shown_whole(guest: Client, vendo: Vendo) -> None:
    """The attributes of Vendo's own example, by slug and by id, with every relation."""
    parts = "variants,option_types,product_properties,taxons,images,default_variant,primary_variant"
    answer = await guest("GET", "/products/canvas-tote", include=parts)
    at = answer.attributes["updated_at"]
    assert answer.attributes == {
        "name": "Canvas Tote",
        "description": "<p>Canvas Tote, made to last.</p>",
        "available_on": at,
        "slug": "canvas-tote",
        "meta_description": None,
        "meta_keywords": None,
        "updated_at": at,
        "sku": "TOTE",
        "barcode": None,
        "public_metadata": {},
        "purchasable": True,
        "in_stock": True,
        "backorderable": False,
        "available": True,
        "currency": "USD",
        "price": "15.0",
        "display_price": "$15.00",
        "compare_at_price": "20.0",
        "display_compare_at_price": "$20.00",
    }
    tote = vendo.products[5]
    master = {"data": {"id": tote.master.id, "type": "variant"}}
    assert (answer.relations["default_variant"], answer.relations["primary_variant"]) == (master, master)
    assert (answer.relations["variants"], answer.relations["option_types"]) == ({"data": []}, {"data": []})
    assert [one["attributes"] for one in answer.included("product_property")] == [
        {"name": "brand", "description": "Brand", "value": "Gamma", "filter_param": "gamma"}
    ]
    assert [one["attributes"]["permalink"] for one in answer.included("taxon")] == ["home"]
    assert (await guest("GET", f"/products/{tote.id}", include=parts)).body == answer.body


async def test_variants_have_options_images_and_no_counts(guest: Client, vendo: Vendo) -> None:
    """The master is not among them, the first one is the default, stock is told by booleans only."""
    answer = await guest("GET", "/products/crew-t-shirt", include="variants.images,variants.option_values.option_type")
    variants = answer.included("variant")
    assert len(variants) == 6
    assert answer.relations["default_variant"]["data"]["id"] == variants[0]["id"]
    assert answer.relations["primary_variant"]["data"]["id"] == vendo.products[0].master.id
    assert variants[0]["attributes"] == {
        "sku": "TEE-BLACK-S",
        "barcode": None,
        "weight": "0.0",
        "height": None,
        "width": None,
        "depth": None,
        "is_master": False,
        "options_text": "Color: black, Size: S",
        "purchasable": True,
        "in_stock": True,
        "backorderable": False,
        "currency": "USD",
        "public_metadata": {},
        "price": "19.99",
        "display_price": "$19.99",
    }
    urls = [style["url"] for one in answer.included("image") for style in one["attributes"]["styles"]]
    assert len(urls) == 18
    assert all(url.startswith("https://") for url in urls)
    assert {one["attributes"]["name"] for one in answer.included("option_value")} == {"black", "white", "s", "m", "l"}
    assert {one["attributes"]["name"] for one in answer.included("option_type")} == {"color", "size"}


@pytest.mark.parametrize(("slug", "flags"), [
    ("crew-t-shirt", (True, True, False, True)),
    ("trail-jacket", (True, False, True, True)),
    ("wool-beanie", (False, False, False, True)),
    ("road-cap", (False, True, False, False)),
])  # fmt: skip
async def test_in_stock_backorder_and_out_of_stock(guest: Client, slug: str, flags: tuple[bool, ...]) -> None:
    """The four booleans of a product; a discontinued one can be looked up and not bought."""
    shown = (await guest("GET", f"/products/{slug}")).attributes
    assert tuple(shown[name] for name in ("purchasable", "in_stock", "backorderable", "available")) == flags


async def test_ids_are_uuids(guest: Client) -> None:
    """Of everything that a product brings with it."""
    answer = await guest("GET", "/products", include="variants.option_values,option_types,taxons,images")
    ids = [one["id"] for one in [*answer.body["data"], *answer.body["included"]]]
    assert [str(UUID(one)) for one in ids] == ids
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("slug", ["nothing", "CREW-T-SHIRT", "11111111-1111-5111-8111-111111111111"])
async def test_an_unknown_product_is_a_404(guest: Client, slug: str) -> None:
    """A slug is exact."""
    assert (await guest("GET", f"/products/{slug}")).said == (404, NOT_FOUND)


@pytest.mark.parametrize(("query", "names"), [
    ({}, EVERY),
    ({"filter__name": "tee"}, ["Steel Bottle 0.7 l"]),
    ({"filter__name": "SALT &"}, ["Salt & Pepper <Set>"]),
    ({"filter__name": "nothing"}, []),
    ({"filter__name": "cap"}, []),
    ({"filter__name": "cap", "filter__show_discontinued": "true"}, ["Road Cap"]),
    ({"filter__skus": "NOTE,TEE-WHITE-L,nothing"}, ["Crew T-Shirt", "Notebook A5"]),
    ({"filter__price": "12,19.99"}, ["Crew T-Shirt", "Running Socks, 3 Pairs", "Canvas Tote", "Enamel Mug"]),
    ({"filter__price": "100"}, ["Trail Jacket"]),
    ({"filter__price": ",11.25"}, ["Notebook A5"]),
    ({"filter__in_stock": "true", "filter__price": "54,200"}, ["Zip Hoodie", "Desk Lamp"]),
    ({"filter__in_stock": "false", "filter__price": "100,200"}, ["Trail Jacket"]),
    ({"filter__backorderable": "true"}, ["Trail Jacket"]),
    ({"filter__purchasable": "true", "filter__name": "b"}, ["Steel Bottle 0.7 l", "Notebook A5"]),
    ({"filter[options][color]": "GREY,red"}, ["Zip Hoodie", "Wool Beanie"]),
    ({"filter[options][color]": "red", "filter[options][size]": "S"}, []),
    ({"filter[properties][brand]": "delta"}, ["Zip Hoodie", "Steel Bottle 0.7 l"]),
    ({"filter[properties][other]": "delta"}, []),
    ({"filter__unknown": "x", "filter__name": ""}, EVERY),
])  # fmt: skip
async def test_filters_combine(guest: Client, query: dict[str, str], names: list[str]) -> None:
    """Each filter of the sheet; an unknown or blank one filters nothing."""
    assert await _names(guest, **query) == names


async def test_filters_by_ids(guest: Client, vendo: Vendo) -> None:
    """Of products, categories with what is below them, and sellers."""
    clothing, south = vendo.taxons[0].id, vendo.vendors[1].id
    assert await _names(guest, filter__ids=f"{vendo.products[3].id},x") == ["Wool Beanie"]
    assert await _names(guest, filter__taxons=clothing) == EVERY[:5]
    assert await _names(guest, filter__taxons=vendo.taxons[1].id) == ["Crew T-Shirt"]
    assert await _names(guest, filter__vendor_ids=south) == ["Steel Bottle 0.7 l", "Desk Lamp"]


async def test_a_deleted_product_is_gone(guest: Client, vendo: Vendo) -> None:
    """From lists unless asked for, and from its own address."""
    vendo.products[10].deleted = True
    assert "Notebook A5" not in await _names(guest)
    assert "Notebook A5" in await _names(guest, filter__show_deleted="1")
    assert (await guest("GET", "/products/notebook-a5")).said == (404, NOT_FOUND)


async def test_a_price_that_is_no_number(guest: Client) -> None:
    """400, as for any bad argument."""
    answer = await guest("GET", "/products", filter__price="cheap,20")
    assert answer.said == refused(400, "invalid value for Decimal: 'cheap'")


@pytest.mark.parametrize(("sort", "first"), [
    ("name", ["Canvas Tote", "Crew T-Shirt"]), ("-name", ["Zip Hoodie", "Wool Beanie"]),
    ("price", ["Notebook A5", "Enamel Mug"]), ("-price", ["Trail Jacket", "Desk Lamp"]),
    ("-updated_at", ["E-Gift Card", "Notebook A5"]), ("sku", ["Wool Beanie", "Steel Bottle 0.7 l"]),
    ("nothing,-price", ["Trail Jacket", "Desk Lamp"]), ("", EVERY[:2]), ("-nothing", EVERY[:2]),
])  # fmt: skip
async def test_sorts(guest: Client, sort: str, first: list[str]) -> None:
    """Ascending or descending; an unknown field is ignored without an error."""
    assert (await _names(guest, sort=sort))[:2] == first


async def test_a_second_sort_breaks_ties(guest: Client, vendo: Vendo) -> None:
    """Fields are taken from left to right."""
    for product in vendo.products:
        product.updated_at = 0.0
    names = await _names(guest, sort="updated_at,-name")
    assert names == sorted(EVERY, key=str.lower, reverse=True)


async def test_prices_follow_the_currency(guest: Client) -> None:
    """Euros where there is a price in euros, null where there is none, dollars for a currency that is not sold in."""
    assert (await guest("GET", "/products/crew-t-shirt", currency="EUR")).attributes["display_price"] == "€18.50"
    lamp = (await guest("GET", "/products/desk-lamp", currency="EUR")).attributes
    assert (lamp["currency"], lamp["price"], lamp["display_price"]) == ("EUR", None, None)
    assert (await guest("GET", "/products/desk-lamp", currency="XXX")).attributes["display_price"] == "$79.00"
    assert "Desk Lamp" not in await _names(guest, currency="EUR", filter__price="0,1000")
    assert len(await _names(guest, currency="EUR")) == len(EVERY)


async def test_prices_follow_the_customer(ada: Client, bob: Client, guest: Client) -> None:
    """Seed 003: ada has her own price for one product, in dollars."""
    for caller, price in ((ada, "44.95"), (bob, "54.95"), (guest, "54.95")):
        assert (await caller("GET", "/products/zip-hoodie")).attributes["price"] == price
    assert (await ada("GET", "/products/zip-hoodie", currency="EUR")).attributes["price"] == "49.9"
    assert await _names(ada, filter__price="44,45") == ["Zip Hoodie"]


async def test_a_list_says_what_it_may_be_narrowed_by(guest: Client) -> None:
    """`meta.filters` beside the counts."""
    meta = (await guest("GET", "/products", per_page="1")).body["meta"]
    assert {name: meta[name] for name in ("count", "total_count", "total_pages")} == {
        "count": 1,
        "total_count": 12,
        "total_pages": 12,
    }
    options = {one["name"]: [v["name"] for v in one["option_values"]] for one in meta["filters"]["option_types"]}
    assert options["size"] == ["36-40", "41-46", "l", "m", "s"]
    brands = [one["values"] for one in meta["filters"]["product_properties"]]
    assert [value["value"] for value in brands[0]] == ["Alpha", "Delta", "Gamma"]


async def test_taxons(guest: Client, vendo: Vendo) -> None:
    """By permalink, slashes and all, or by id; with parent, children and products."""
    kitchen = vendo.taxons[4]
    answer = await guest("GET", "/taxons/home/kitchen", include="parent,products,taxonomy,children")
    assert (answer.attributes["pretty_name"], answer.attributes["is_leaf"]) == ("Home -> Kitchen", True)
    assert [one["attributes"]["name"] for one in answer.included("product")] == EVERY[6:9]
    assert [one["attributes"]["permalink"] for one in answer.included("taxon")] == ["home"]
    assert (await guest("GET", f"/taxons/{kitchen.id}")).attributes == answer.attributes
    assert (await guest("GET", "/taxons/home/garden")).said == (404, NOT_FOUND)


@pytest.mark.parametrize(("query", "links"), [
    ({}, ["clothing", "clothing/shirts", "clothing/jackets", "home", "home/kitchen"]),
    ({"filter__roots": "true"}, ["clothing", "home"]),
    ({"filter__name": "SH"}, ["clothing/shirts"]),
    ({"filter__parent_permalink": "home"}, ["home/kitchen"]),
])  # fmt: skip
async def test_taxons_are_filtered(guest: Client, query: dict[str, str], links: list[str]) -> None:
    """Roots, names and parents."""
    assert (await guest("GET", "/taxons", **query)).all("permalink") == links


async def test_taxons_are_filtered_by_ids(guest: Client, vendo: Vendo) -> None:
    """Their own and their parent's."""
    home = vendo.taxons[3].id
    assert (await guest("GET", "/taxons", filter__ids=home)).all("name") == ["Home"]
    assert (await guest("GET", "/taxons", filter__parent_id=home)).all("name") == ["Kitchen"]


async def test_vendors(guest: Client) -> None:
    """Vendo's own: the sellers on the marketplace."""
    assert (await guest("GET", "/vendors")).all("slug") == ["north-outfitters", "south-goods"]
    assert (await guest("GET", "/vendors/south-goods")).attributes["name"] == "South Goods"
    assert (await guest("GET", "/vendors/nothing")).said == (404, NOT_FOUND)


async def test_countries_stand_on_one_page(guest: Client) -> None:
    """All of them whatever page is asked for; `filter[shippable]` leaves out where nothing is shipped to."""
    answer = await guest("GET", "/countries", per_page="1")
    assert answer.all("iso") == ["US", "GB", "PL", "DE", "JP"]
    assert answer.body["meta"] == {"count": 5, "total_count": 5, "total_pages": 1}
    assert (await guest("GET", "/countries", filter__shippable="true")).all("iso3") == ["USA", "GBR", "POL", "DEU"]


@pytest.mark.parametrize(("iso", "name"), [("US", "United States"), ("pol", "Poland"), ("default", "United States")])
async def test_a_country_by_either_code(guest: Client, iso: str, name: str) -> None:
    """Two letters, three letters, or the store's own."""
    shown = (await guest("GET", f"/countries/{iso}")).attributes
    assert (shown["name"], shown["states_required"], shown["default"]) == (name, name == "United States", iso != "pol")


async def test_states_are_included(guest: Client) -> None:
    """Fifty and the District of Columbia, by abbreviation and name; none for Poland; an unknown country is a 404."""
    states = (await guest("GET", "/countries/USA", include="states")).included("state")
    assert len(states) == 51
    assert {"abbr": "NY", "name": "New York"} in [one["attributes"] for one in states]
    assert (await guest("GET", "/countries/PL", include="states")).body["included"] == []
    assert (await guest("GET", "/countries/XX")).said == (404, NOT_FOUND)


async def test_the_store(guest: Client) -> None:
    """Two currencies, as a comma string, and the default country."""
    answer: Any = await guest("GET", "/store", include="default_country")
    shown = answer.attributes
    assert (shown["default_currency"], shown["supported_currencies"], shown["default_locale"]) == (
        "USD",
        "USD,EUR",
        "en",
    )
    assert [one["attributes"]["iso"] for one in answer.included("country")] == ["US"]
