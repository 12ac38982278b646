"""Our client's requests to Vendo against Spree's own specification, with the known differences by name."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from openapi import OpenApi

from backends.secret import Secret
from backends.vendo.auth import OrderToken, Tokens
from backends.vendo.checkout import Card, CheckoutUpdate, RateChoice
from sandbox.vendo import BASE, Seen

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "contract" / "vendo"))

from vendo_contract_kit import ADA, TO_BETHESDA, Shop, shop  # noqa: E402

EXCUSES: Mapping[str, str] = {
    "no /auth in the file": r"(POST|DELETE) /auth\S*: no such operation",
    "a cart in another currency is found by it": r"\w+ /(cart|checkout)\S*: no such parameter: currency",
    "addresses come in pages": r"GET /account/addresses: no such parameter: per_page",
    "orders are sorted": r"GET /account/orders: no such parameter: sort",
    "countries that are shipped to": r"GET /countries: no such parameter: filter\[shippable\]",
}
"""Where our requests and the specification differ, each with what the comparison says."""


@pytest.fixture(scope="module")
def spree() -> OpenApi:
    """Spree's storefront API v2 as of 4.5; a missing file is a failure."""
    folder = Path(os.environ.get("SHIPCLERK_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    return OpenApi(folder / "spree-storefront-v2-4.5.yaml")


async def test_every_request_is_as_specified_or_excused_by_name(spree: OpenApi) -> None:
    """Each method of the client: parameters, bodies and types are the file's or excused, no excuse is idle."""
    async with shop() as here:
        await _look(here, await here.sign_in(ADA))
        await _buy(here)
        said = [line for seen in here.vendo.requests for line in _said(spree, seen)]
    assert [line for line in said if not _excuse(line)] == []
    assert {name for line in said if (name := _excuse(line))} == set(EXCUSES)


def _said(spree: OpenApi, seen: Seen) -> list[str]:
    assert seen.status in (200, 201, 204), f"{seen.method} {seen.path}: {seen.status}"
    body = json.loads(seen.body) if seen.body else None
    errors = spree.request_errors(seen.method, f"{BASE}{seen.path}", seen.query, body)
    return [f"{seen.method} {seen.path}: {error}" for error in errors]


def _excuse(said: str) -> str | None:
    return next((name for name, pattern in EXCUSES.items() if re.fullmatch(pattern, said)), None)


async def _look(here: Shop, ada: Tokens) -> None:
    ada = await here.client.refresh(ada)
    await here.client.account(ada)
    await here.client.addresses(ada)
    orders = await here.client.account_orders(ada)
    await here.client.account_order(ada, orders.orders[0].number)
    await here.client.products(here.guest)
    await here.client.product(here.guest, "crew-t-shirt")
    await here.client.countries(here.url, shippable=True)
    await here.client.country(here.url, "US")
    await here.client.store(here.guest)
    cart = await here.client.create_cart(here.guest)
    assert cart.token is not None
    await here.client.associate(ada, OrderToken(here.url, cart.token, cart.currency))
    await here.client.revoke(here.url, ada.access)


async def _cart(here: Shop) -> OrderToken:
    cart = await here.client.create_cart(here.guest)
    assert cart.token is not None
    key = OrderToken(here.url, cart.token, cart.currency)
    await here.client.add_item(key, here.variant("NOTE"), 2)
    return key


async def _buy(here: Shop) -> None:
    client, key = here.client, await _cart(here)
    cart = await client.add_item(key, here.variant("TOTE"))
    await client.set_quantity(key, cart.lines[0].id, 3)
    await client.remove_item(key, cart.lines[1].id)
    await client.apply_coupon(key, "test")
    await client.remove_coupon(key, "test")
    await client.apply_coupon(key, "test")
    await client.remove_coupon(key)
    await client.update_checkout(key, TO_BETHESDA)
    (shipment,) = await client.shipping_rates(key)
    await client.select_shipping(key, str(shipment.rates[0].shipping_method_id))
    await client.update_checkout(key, CheckoutUpdate(shipments=(RateChoice(shipment.id, shipment.rates[1].id),)))
    await client.next(key)
    await client.advance(key)
    card, check = await client.payment_methods(key)
    await client.create_payment(key, card.id, card=Card(Secret("BGS-1"), "Jana Bergmann", "visa", "4242", 12, 2030))
    await client.create_payment(key, check.id)
    order = await client.complete(key)
    await client.order_status(key, order.number)
    other = await _cart(here)
    await client.change_currency(other, "EUR")
    await client.empty(replace(other, currency="EUR"))
