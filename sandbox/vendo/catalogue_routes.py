"""Products, categories, sellers, countries and the store: what anybody may see (`apis/vendo.md` §9)."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.vendo import answers, geography, paging, show_catalogue
from sandbox.vendo.call import Call
from sandbox.vendo.catalogue import Product, Taxon

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

_Test = Callable[[Product], bool]
_NESTED = re.compile(r"filter\[(options|properties)]\[([^]]+)]")
_FAR = Decimal("Infinity")


def products(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /products`: discontinued and deleted ones only on request; filters combine with AND."""
    tests = list(_tests(vendo, call))
    found = [product for product in vendo.products if all(test(product) for test in tests)]
    for field in reversed(call.query.get("sort", "").split(",")):
        if key := _SORTS.get(field.removeprefix("-")):
            found.sort(key=key(call), reverse=field.startswith("-"))
    meta = {"filters": show_catalogue.filters(vendo.products)}
    return paging.answer(call, "product", found, call.show.shelf.product, meta)


def product(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /products/{slug or id}`."""
    wanted, known = call.path["slug"], [one for one in vendo.products if not one.deleted]
    by_slug = next((one for one in known if one.slug == wanted), None)
    found = by_slug or next((one for one in known if one.id == wanted), None)
    return call.answer("product", call.show.shelf.product(answers.found(found)))


def taxons(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /taxons`: filters `ids`, `name`, `roots`, `parent_id`, `parent_permalink`."""
    found = [taxon for taxon in vendo.taxons if _taxon_fits(vendo, call.query, taxon)]
    return paging.answer(call, "taxon", found, call.show.shelf.taxon)


def taxon(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /taxons/{permalink or id}`."""
    found = next((taxon for taxon in vendo.taxons if call.path["permalink"] in (taxon.permalink, taxon.id)), None)
    return call.answer("taxon", call.show.shelf.taxon(answers.found(found)))


def vendors(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /vendors`."""
    return paging.answer(call, "vendor", vendo.vendors, show_catalogue.vendor)


def vendor(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /vendors/{slug}`."""
    found = answers.found(next((one for one in vendo.vendors if one.slug == call.path["slug"]), None))
    return call.answer("vendor", show_catalogue.vendor(found))


def countries(_: "Vendo", call: Call) -> web.Response:
    """`GET /countries`: all on one page, or with `filter[shippable]=true` those that are shipped to."""
    shippable = _true(call.query.get("filter[shippable]"))
    found = [show_catalogue.country(one) for one in geography.COUNTRIES if one.ships or not shippable]
    return paging.everything(call, "country", found)


def country(_: "Vendo", call: Call) -> web.Response:
    """`GET /countries/{iso or iso3}` and `/countries/default`."""
    iso = call.path["iso"]
    found = geography.DEFAULT if iso == "default" else answers.found(geography.country(iso))
    return call.answer("country", show_catalogue.country(found))


def store(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /store`: public, other than the specification says."""
    return call.answer("store", show_catalogue.store(vendo.currencies))


def _tests(vendo: "Vendo", call: Call) -> Iterator[_Test]:
    for name, value in call.query.items():
        if name in _FILTERS and value:
            yield _FILTERS[name](call, value)
        elif (nested := _NESTED.fullmatch(name)) and value:
            yield _nested(nested[1], nested[2].lower(), {one.lower() for one in value.split(",")})
    if not _true(call.query.get("filter[show_discontinued]")):
        yield lambda one: not one.discontinued
    if not _true(call.query.get("filter[show_deleted]")):
        yield lambda one: not one.deleted


def _ids(_: Call, value: str) -> _Test:
    return lambda one: one.id in value.split(",")


def _skus(_: Call, value: str) -> _Test:
    wanted = set(value.split(","))
    return lambda one: bool(wanted & {variant.sku for variant in [one.master, *one.variants]})


def _name(_: Call, value: str) -> _Test:
    return lambda one: value.lower() in one.name.lower()


def _price(call: Call, value: str) -> _Test:
    low, _, high = value.partition(",")
    least, most = _decimal(low, Decimal(0)), _decimal(high, _FAR)

    def test(one: Product) -> bool:
        price = call.show.shelf.price(one.sold[0])
        return price is not None and least <= price <= most

    return test


def _taxons(call: Call, value: str) -> _Test:
    wanted = [taxon.permalink for taxon in call.vendo.taxons if taxon.id in value.split(",")]
    below = tuple(f"{link}/" for link in wanted)
    return lambda one: any(link in wanted or link.startswith(below) for link in one.taxons)


def _vendors(_: Call, value: str) -> _Test:
    return lambda one: one.vendor in value.split(",")


def _flag(test: _Test) -> Callable[[Call, str], _Test]:
    return lambda _, value: test if _true(value) else lambda one: True


def _nested(kind: str, name: str, values: set[str]) -> _Test:
    if kind == "options":
        return lambda one: any(n == name and v.lower() in values for form in one.variants for n, v in form.options)
    return lambda one: one.properties.get(name, "").lower() in values


_FILTERS: Mapping[str, Callable[[Call, str], _Test]] = {
    "filter[ids]": _ids,
    "filter[skus]": _skus,
    "filter[name]": _name,
    "filter[price]": _price,
    "filter[taxons]": _taxons,
    "filter[vendor_ids]": _vendors,
    "filter[in_stock]": _flag(lambda one: one.in_stock),
    "filter[backorderable]": _flag(lambda one: one.backorderable),
    "filter[purchasable]": _flag(lambda one: one.in_stock or one.backorderable),
}
_SORTS: Mapping[str, Callable[[Call], Callable[[Product], Any]]] = {
    "id": lambda call: lambda one: one.id,
    "name": lambda call: lambda one: one.name.lower(),
    "slug": lambda call: lambda one: one.slug,
    "sku": lambda call: lambda one: one.master.sku,
    "price": lambda call: lambda one: call.show.shelf.price(one.sold[0]) or _FAR,
    "available_on": lambda call: lambda one: one.updated_at,
    "created_at": lambda call: lambda one: one.updated_at,
    "updated_at": lambda call: lambda one: one.updated_at,
}


def _taxon_fits(vendo: "Vendo", query: Mapping[str, str], taxon: Taxon) -> bool:
    parent = next((one for one in vendo.taxons if one.permalink == taxon.parent), None)
    tests: dict[str, Callable[[str], bool]] = {
        "filter[ids]": lambda value: taxon.id in value.split(","),
        "filter[name]": lambda value: value.lower() in taxon.name.lower(),
        "filter[roots]": lambda value: not _true(value) or parent is None,
        "filter[parent_id]": lambda value: parent is not None and parent.id == value,
        "filter[parent_permalink]": lambda value: taxon.parent == value,
    }
    return all(test(query[name]) for name, test in tests.items() if query.get(name))


def _true(text: str | None) -> bool:
    return text in ("true", "1")


def _decimal(text: str, otherwise: Decimal) -> Decimal:
    try:
        found = Decimal(text) if text else otherwise
    except InvalidOperation:
        answers.refuse(400, f"invalid value for Decimal: {text!r}")
    return otherwise if found.is_nan() else found
