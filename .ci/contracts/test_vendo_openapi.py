"""The local Vendo against Spree's own specification: every endpoint's answers, with the known differences by name.

The specification requires no attribute, so names are compared as well: a resource has all that its schema names, and
no more than the excuses allow (`apis/vendo.md` §11).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from openapi import OpenApi

from sandbox.clock import Clock
from sandbox.serving import serve
from sandbox.vendo import BASE, Vendo

ROOT = Path(__file__).parents[2]
EXCUSES: Mapping[str, str] = {
    "1 no /auth in the file": r"(POST|DELETE) /auth\S* \d+: no such operation",
    "2 no 400 and no 401 in the file": r".* no such status: 40[01]",
    "2 refusals that the file forgot": (
        r"(POST /cart/add_item|POST /account/addresses|GET /checkout/shipping_rates) 422: no such status: 422"
        r"|(GET /account/orders/\S+|PATCH /account/addresses/\S+|PATCH /cart/set_quantity) 404: no such status: 404"
        r"|(GET /account/credit_cards/default) 404: no such status: 404"
        r"|(PATCH /account) 403: no such status: 403"
    ),
    "3 create_payment answers 201": r"POST /checkout/create_payment 201: no such status: 201",
    "4 an account's orders have the type order": r"GET /account/orders\S* .* type order is none of the file's",
    "5 errors beside error": r".* 422: errors: unknown",
    "6 states after completion": r".*attributes\.state: '(canceled|returned)' is none of .*",
    "8 public_metadata, barcode and what else is new": (
        r".* \w+: unknown (public_metadata|barcode|country_iso|description|alt|original_url|display_included_tax_total"
        r"|relationship (selected_shipping_rate|line_items))"
    ),
    "9 ids are UUIDs": r".*\.(shipping_method_id|payment_method_id): '[0-9a-f-]{36}' is no integer",
    "10 the store is public": r"GET /store 200: needs a bearer",
    "a currency is changed with an order token": r"PATCH /cart/change_currency \d+: needs a bearer",
    "a quantity's refusal is plain JSON": r"PATCH /cart/set_quantity 422: no such media type: application/json",
    "a payment has no codes": r".*attributes\.(response_code|cvv_response_code|cvv_response_message): None is no \w+",
    "a customer may have no name": r".*attributes\.(first|last)_name: None is no string",
    "store credits are a decimal string": r".*attributes\.store_credits: '25\.0' is no number",
    "the file's misspelling": r".* line_item: lacks display_inluded_tax_total",
    "vendors are Vendo's own": r"GET /vendors\S* \d+: no such operation",
}
"""Where specification and server differ, each with what the comparison says; the numbers are the sheet's."""

SCHEMAS = {
    "address": "Address", "cart": "Cart", "order": "Cart", "country": "Country", "credit_card": "CreditCard",
    "image": "Image", "line_item": "LineItem", "option_type": "OptionType", "payment": "Payment",
    "payment_method": "PaymentMethod", "product": "Product", "product_property": "ProductProperty",
    "promotion": "Promotion", "shipment": "Shipment", "shipping_rate": "ShippingRate",
    "stock_location": "StockLocation", "store": "Store", "taxon": "Taxon", "taxonomy": "Taxonomy", "user": "User",
    "variant": "Variant",
}  # fmt: skip
UNSPECIFIED = ("state", "option_value", "vendor")
"""Types whose resources the file does not describe."""


@dataclass
class Caller:
    """Somebody who calls the local Vendo and writes down where an answer is not as the file has it."""

    session: aiohttp.ClientSession
    file: OpenApi
    said: list[str] = field(default_factory=list)
    seen: set[tuple[str, str, int]] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, body: Any = None, want: int = 200, **query: str) -> Any:
        """Call, compare, and return the answer's JSON."""
        asked = {name.replace("__", "[") + ("]" if "__" in name else ""): value for name, value in query.items()}
        async with self.session.request(
            method, f"{BASE}{path}", params=asked, headers=self.headers, json=body
        ) as answer:
            text = await answer.text()
            shown = json.loads(text) if text else None
        assert answer.status == want, f"{method} {path}: {answer.status} {text}"
        place = f"{method} {path} {answer.status}"
        self._note(method, path, answer.status)
        errors = self.file.response_errors(method, f"{BASE}{path}", answer.status, answer.content_type, shown)
        if self.file.needs_bearer(method, f"{BASE}{path}") and "Authorization" not in self.headers and want < 300:
            errors.append("needs a bearer")
        self.said += [f"{place}: {error}" for error in errors + self._names(shown)]
        return shown

    def _note(self, method: str, path: str, status: int) -> None:
        operation = self.file.operation(method, f"{BASE}{path}")
        if operation:
            self.seen.add((method, operation.path.removeprefix(BASE), status))

    def _names(self, shown: Any) -> list[str]:
        if not isinstance(shown, dict):
            return []
        if "error" in shown:
            return [f"{name}: unknown" for name in shown if name != "error"]
        data = shown.get("data", [])
        resources = (data if isinstance(data, list) else [data]) + shown.get("included", [])
        return sorted({said for one in resources for said in self._compared(one)})

    def _compared(self, one: Any) -> list[str]:
        if one["type"] in UNSPECIFIED:
            return []
        name = SCHEMAS[one["type"]]
        wanted, had = self.file.attributes(name), set(one["attributes"])
        said = [f"{one['type']}: lacks {attribute}" for attribute in wanted - had]
        said += [f"{one['type']}: unknown {attribute}" for attribute in had - wanted]
        said += self.file.resource_errors(name, one)
        related, having = self.file.relationships(name), set(one.get("relationships", {}))
        said += [f"{one['type']}: lacks relationship {relation}" for relation in related - having]
        said += [f"{one['type']}: unknown relationship {relation}" for relation in having - related]
        return said + (["type order is none of the file's"] if one["type"] == "order" else [])


@pytest.fixture(scope="session")
def spree() -> OpenApi:
    """Spree's storefront API v2 as of 4.5; a missing file is a failure."""
    folder = Path(os.environ.get("SHIPCLERK_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    return OpenApi(folder / "spree-storefront-v2-4.5.yaml")


@pytest.fixture
def vendo() -> Vendo:
    """A Vendo whose codes are known."""
    return Vendo(Clock(), make_code=lambda: "123456")


@pytest.fixture
async def call(vendo: Vendo, spree: OpenApi) -> AsyncIterator[Caller]:
    """A caller without any token."""
    served = await serve(vendo.app())
    async with aiohttp.ClientSession(served.url) as session:
        yield Caller(session, spree)
    await served.close()


async def test_every_answer_is_as_specified_or_excused_by_name(call: Caller, vendo: Vendo, spree: OpenApi) -> None:
    """Each endpoint, good and refused: nothing differs but what is excused, no excuse is idle, none is left out."""
    await _catalogue(call, vendo)
    await _guest(call, vendo)
    await _signed_in(call, vendo)
    assert [said for said in call.said if not _excuse(said)] == []
    assert {name for said in call.said if (name := _excuse(said))} == set(EXCUSES)
    ours = [path.removeprefix(BASE) for _, path in spree.operations]
    skipped = ("/cms_pages", "/menus", "/wishlists", "/digitals")
    every = {(m, p.removeprefix(BASE)) for m, p in spree.operations if not p.removeprefix(BASE).startswith(skipped)}
    assert ours
    assert every - {(method, path) for method, path, _ in call.seen} == set()


def test_an_excuse_is_not_too_wide(spree: OpenApi) -> None:
    """What is wrong and not excused is found: a missing attribute, another type, another status."""
    cart = {"data": {"id": 1, "type": "cart", "attributes": {"total": 5, "state": "lost"}}}
    told = spree.response_errors("GET", f"{BASE}/cart", 200, "application/vnd.api+json", cart)
    assert told == [
        "body.data.relationships: missing",
        "body.data.id: 1 is no string",
        "body.data.attributes.total: 5 is no string",
        "body.data.attributes.state: 'lost' is none of "
        "['cart', 'address', 'delivery', 'payment', 'confirm', 'complete']",
    ]
    assert spree.response_errors("GET", f"{BASE}/cart", 418, "application/vnd.api+json", {}) == ["no such status: 418"]
    assert [_excuse(f"GET /cart 200: {error}") for error in told] == [None] * 4


def test_a_request_is_compared_too(spree: OpenApi) -> None:
    """A field, a type or a parameter that the file does not have is told."""
    assert spree.request_errors("POST", f"{BASE}/cart/add_item", {}, {"variant_id": "1", "quantity": 2}) == []
    assert spree.request_errors("POST", f"{BASE}/cart/add_item", {"x": "1"}, {"variant": 1, "quantity": "2"}) == [
        "no such parameter: x",
        "body.quantity: '2' is no integer",
        "body.variant: unknown",
    ]
    assert spree.request_errors("GET", f"{BASE}/nowhere", {}, None) == ["no such operation"]


def _excuse(said: str) -> str | None:
    return next((name for name, pattern in EXCUSES.items() if re.fullmatch(pattern, said, re.DOTALL)), None)


async def _catalogue(call: Caller, vendo: Vendo) -> None:
    includes = "variants,variants.images,option_types,product_properties,taxons,images,default_variant,primary_variant"
    await call("GET", "/products", include=includes)
    await call("GET", "/products", currency="EUR", filter__name="lamp", sort="-price", per_page="2", page="9")
    await call("GET", "/products/desk-lamp", include=includes)
    await call("GET", "/products/nothing", want=404)
    await call("GET", "/products", include="nothing", want=400)
    await call("GET", "/taxons", include="products,parent,taxonomy,children")
    await call("GET", f"/taxons/{vendo.taxons[1].permalink}")
    await call("GET", "/taxons/nothing", want=404)
    await call("GET", "/vendors")
    await call("GET", "/vendors/south-goods")
    await call("GET", "/countries", filter__shippable="true")
    await call("GET", "/countries/USA", include="states")
    await call("GET", "/countries/XX", want=404)
    await call("GET", "/countries/default")
    await call("GET", "/store", include="default_country")


async def _guest(call: Caller, vendo: Vendo) -> None:
    await call("GET", "/cart", want=404)
    await call("GET", "/account", want=403)
    await call("PATCH", "/account", {"user": {}}, want=403)
    cart = await call("POST", "/cart", {}, want=201)
    call.headers = {"X-Vendo-Order-Token": cart["data"]["attributes"]["token"]}
    await _fill(call, vendo)
    await _coupons(call)
    await _check_out(call, vendo, vendo.payment_methods[0].id)
    await call("GET", f"/order_status/{cart['data']['attributes']['number']}", include="line_items,shipments,payments")
    await call("GET", "/order_status/R000000000", want=404)
    await call("PATCH", "/checkout/next", want=404)
    call.headers = {}


async def _fill(call: Caller, vendo: Vendo) -> None:
    tee, bottle = vendo.products[0].variants[0].id, vendo.products[7].master.id
    await call("POST", "/cart/add_item", {"variant_id": tee, "quantity": 99}, want=422)
    await call("POST", "/cart/add_item", {"variant_id": "nothing"}, want=404)
    await call("POST", "/cart/add_item", {"variant_id": bottle})
    cart = await call(
        "POST", "/cart/add_item", {"variant_id": tee, "quantity": 2}, include="line_items,variants.product"
    )
    first, second = (one["id"] for one in cart["data"]["relationships"]["line_items"]["data"])
    await call("PATCH", "/cart/set_quantity", {"line_item_id": second, "quantity": 3})
    await call("PATCH", "/cart/set_quantity", {"line_item_id": second, "quantity": 0}, want=422)
    await call("PATCH", "/cart/set_quantity", {"line_item_id": "nothing", "quantity": 1}, want=404)
    await call("DELETE", f"/cart/remove_line_item/{first}")
    await call("DELETE", f"/cart/remove_line_item/{first}", want=404)
    await call("PATCH", "/cart/change_currency", new_currency="XXX", want=422)
    await call("PATCH", "/cart/change_currency", new_currency="EUR")
    await call("GET", "/cart", currency="EUR")
    await call("PATCH", "/cart/change_currency", {"currency": "EUR"}, new_currency="USD")
    await call("GET", "/cart/estimate_shipping_rates", country_iso="USA")
    await call("GET", "/cart/estimate_shipping_rates", country_iso="XX", want=404)


async def _coupons(call: Caller) -> None:
    await call("DELETE", "/cart/remove_coupon_code", want=422)
    await call("PATCH", "/cart/apply_coupon_code", {"coupon_code": "nothing"}, want=422)
    await call("PATCH", "/cart/apply_coupon_code", {"coupon_code": "test"}, include="promotions")
    await call("DELETE", "/cart/remove_coupon_code/test")
    await call("DELETE", "/cart/remove_coupon_code/test", want=422)
    await call("PATCH", "/cart/apply_coupon_code", {"coupon_code": "test"})
    await call("DELETE", "/cart/remove_coupon_code")


async def _check_out(call: Caller, vendo: Vendo, method: str) -> None:
    home = {"firstname": "A", "lastname": "B", "address1": "1", "city": "Bethesda", "zipcode": "20814"}
    home |= {"state_name": "Maryland", "country_iso": "US"}
    await call("GET", "/checkout/shipping_rates", want=422)
    await call("PATCH", "/checkout", {"order": {"ship_address_attributes": {"city": "X"}}}, want=422)
    order = {"email": "guest@example.com", "ship_address_attributes": home, "bill_address_attributes": home}
    await call("PATCH", "/checkout", {"order": order}, include="billing_address,shipping_address")
    (shipment, *_) = (await call("GET", "/checkout/shipping_rates"))["data"]
    express = {"shipping_method_id": vendo.shipping_methods[1].id, "shipment_id": shipment["id"]}
    await call("PATCH", "/checkout/select_shipping_method", express, include="shipments,shipments.shipping_rates")
    await call("PATCH", "/checkout/select_shipping_method", {"shipping_method_id": "nothing"}, want=422)
    await call("PATCH", "/checkout/next")
    await call("PATCH", "/checkout/advance")
    await call("GET", "/checkout/payment_methods")
    await call("PATCH", "/checkout/complete", want=422)
    card = {"gateway_payment_profile_id": "BGS-1", "name": "A B"}
    await call("POST", "/checkout/create_payment", {"payment_method_id": "nothing"}, want=422)
    paid = {"payment_method_id": method, "source_attributes": card}
    await call(
        "POST", "/checkout/create_payment", paid, want=201, include="payments,payments.source,payments.payment_method"
    )
    await call("PATCH", "/checkout/complete", include="line_items,shipments,payments,user,promotions")


async def _signed_in(call: Caller, vendo: Vendo) -> None:
    user = {"email": "ada@example.com"}
    await call("POST", "/auth", {"user": user})
    tokens = await call("POST", "/auth", {"user": user | {"code": "123456"}})
    guest = (await call("POST", "/cart", {}, want=201))["data"]["attributes"]["token"]
    call.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    await call("PATCH", "/cart/associate", guest_order_token=guest, include="user")
    await call("PATCH", "/cart/associate", guest_order_token=guest, want=422)
    await call("PATCH", "/cart/associate", guest_order_token="nothing", want=403)
    await call("POST", "/cart/add_item", {"variant_id": vendo.products[0].variants[0].id})
    await call("POST", "/checkout/add_store_credit", amount="5.0")
    await call("POST", "/checkout/remove_store_credit")
    await call("PATCH", "/cart/empty")
    await call("DELETE", "/cart", want=204)
    await _account(call)
    await call("POST", "/account", {"user": {"email": "new@example.com", "password": "spree123"}})
    await call("POST", "/account", {"user": {"email": "new@example.com", "password": "spree123"}}, want=422)
    await call("DELETE", f"/auth/{tokens['refresh_token']}", want=204)
    await call("GET", "/products", want=401)


async def _account(call: Caller) -> None:
    await call("GET", "/account", include="default_billing_address,default_shipping_address")
    await call("PATCH", "/account", {"user": {"first_name": "Augusta"}})
    await call("PATCH", "/account", {"user": {"bill_address_id": "nothing"}}, want=422)
    await call("PATCH", "/account", {}, want=400)
    new = {"firstname": "A", "lastname": "B", "address1": "1", "city": "Leeds", "zipcode": "LS1", "country_iso": "GBR"}
    await call("POST", "/account/addresses", {"address": {"firstname": "A"}}, want=422)
    address = (await call("POST", "/account/addresses", {"address": new}))["data"]["id"]
    await call("PATCH", f"/account/addresses/{address}", {"address": {"city": "York"}})
    await call("PATCH", "/account/addresses/nothing", {"address": {"city": "York"}}, want=404)
    await call("GET", "/account/addresses")
    await call("DELETE", f"/account/addresses/{address}", want=204)
    await call("DELETE", f"/account/addresses/{address}", want=404)
    cards = await call("GET", "/account/credit_cards", include="payment_method")
    await call("GET", "/account/credit_cards/default")
    await call("DELETE", f"/account/credit_cards/{cards['data'][0]['id']}", want=204)
    await call("GET", "/account/credit_cards/default", want=404)
    every = await call("GET", "/account/orders", include="line_items,shipments,payments", per_page="500")
    await call("GET", f"/account/orders/{every['data'][0]['attributes']['number']}")
    await call("GET", "/account/orders/R000000000", want=404)
