"""What the tests of the client for Vendo share: documents from the fact sheet, and a client of a loopback server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from backends_kit import Replies, Server, http_answer, serving, with_locals

from backends.http import Limits
from backends.secret import Secret
from backends.vendo.auth import Guest, OrderToken, Tokens
from backends.vendo.cart import Address
from backends.vendo.checkout import Card, CheckoutUpdate, RateChoice
from backends.vendo.client import VendoClient
from backends.vendo.stores import Stores

ACCESS, REFRESH, ORDER, CARD = "canary-access-1a", "canary-refresh-2b", "canary-order-3c", "canary-card-4d"
EMAIL, CODE = "ada@shop.example", "123456"
CANARIES = (ACCESS, REFRESH, ORDER, CARD, CODE)
STORE = "https://shop.example.com"
LATER = datetime(2026, 12, 1, tzinfo=UTC)
CART_ID, NUMBER = "d2a9f08a-81de-42ec-99c5-9f5893291336", "R233871560"
BERLIN = Address("Jana", "Bergmann", "Lindenstraße 14", city="Berlin", zipcode="10969", country_iso="DE", id="a-1")
ATTRIBUTES: dict[str, Any] = {
    "number": NUMBER, "item_total": "0.0", "total": "0.0", "ship_total": "0.0", "adjustment_total": "0.0",
    "created_at": "2022-09-28T22:15:07.471Z", "updated_at": "2022-09-28T22:15:07.471Z", "completed_at": None,
    "included_tax_total": "0.0", "additional_tax_total": "0.0", "display_total": "$0.00", "tax_total": "0.0",
    "currency": "USD", "state": "cart", "token": ORDER, "email": None, "promo_total": "0.0", "item_count": 0,
    "special_instructions": None, "shipment_state": None, "payment_state": None,
}  # fmt: skip


def resource(kind: str | None, key: str | None, attributes: Any, **related: Any) -> dict[str, Any]:
    """One resource; ``related`` are (type, id) pairs, a list of them, or None."""

    def data(ref: Any) -> Any:
        return [data(one) for one in ref] if isinstance(ref, list) else ref and {"type": ref[0], "id": ref[1]}

    relationships = {name: {"data": data(ref)} for name, ref in related.items()}
    return {"id": key, "type": kind, "attributes": attributes, "relationships": relationships}


def cart_body(**attributes: Any) -> dict[str, Any]:
    """The cart of seed 003, with some attributes changed."""
    return {"data": resource("cart", CART_ID, {**ATTRIBUTES, **attributes}, line_items=[], user=None)}


EMPTY: dict[str, Any] = {"data": []}
TOKENS = {
    "access_token": ACCESS,
    "token_type": "Bearer",
    "expires_in": 2678400,
    "refresh_token": REFRESH,
    "created_at": 1581876572,
}


def tokens(store: str = STORE) -> Tokens:
    """Ada, signed in."""
    return Tokens(store, EMAIL, ACCESS, REFRESH, LATER)


def order_token(store: str = STORE, currency: str | None = None) -> OrderToken:
    """The key to a cart."""
    return OrderToken(store, ORDER, currency)


def said(body: Any = None, status: str = "200 OK", *headers: str) -> bytes:
    """One whole answer, JSON unless it is bytes already."""
    return http_answer(body if isinstance(body, bytes) else json.dumps(body).encode(), status, *headers)


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def asked(raw: bytes) -> Asked:
    """What a request was, header names in small letters."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    parts = urlsplit(target)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, json.loads(body) if body else None)


@asynccontextmanager
async def shop(
    reply: Replies,
    limits: Limits = Limits(),  # noqa: B008
    header: str = "X-Vendo-Order-Token",
) -> AsyncIterator[tuple[VendoClient, Server]]:
    """A client, and a server that answers so; its ``url`` is the store."""
    async with serving(reply) as server:
        stores = Stores(server.url, limits)
        try:
            yield VendoClient(stores, order_token_header=header), server
        finally:
            await stores.close()


def printed(error: BaseException) -> str:
    """The traceback with every frame's variables, but for the test's own, which holds what the server saw."""
    return with_locals(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))


Do = Callable[[VendoClient, str], Awaitable[object]]
CHECKOUT = CheckoutUpdate(email=EMAIL, ship_address=BERLIN, shipments=(RateChoice("s-1", "r-1"),))
ONCE: dict[str, Do] = {
    "request_code": lambda vendo, store: vendo.request_code(store, EMAIL),
    "exchange": lambda vendo, store: vendo.exchange(store, EMAIL, CODE),
    "refresh": lambda vendo, store: vendo.refresh(tokens(store)),
    "create_cart": lambda vendo, store: vendo.create_cart(Guest(store)),
    "add_item": lambda vendo, store: vendo.add_item(order_token(store), "v-1", 2),
    "empty": lambda vendo, store: vendo.empty(order_token(store)),
    "change_currency": lambda vendo, store: vendo.change_currency(order_token(store), "EUR"),
    "associate": lambda vendo, store: vendo.associate(tokens(store), order_token(store)),
    "update_checkout": lambda vendo, store: vendo.update_checkout(order_token(store), CHECKOUT),
    "next": lambda vendo, store: vendo.next(order_token(store)),
    "advance": lambda vendo, store: vendo.advance(order_token(store)),
    "select_shipping": lambda vendo, store: vendo.select_shipping(order_token(store), "m-1"),
    "create_payment": lambda vendo, store: vendo.create_payment(order_token(store), "p-1", card=Card(Secret(CARD))),
    "complete": lambda vendo, store: vendo.complete(order_token(store)),
}
AGAIN: dict[str, Do] = {
    "set_quantity": lambda vendo, store: vendo.set_quantity(order_token(store), "l-1", 3),
    "remove_item": lambda vendo, store: vendo.remove_item(order_token(store), "l-1"),
    "apply_coupon": lambda vendo, store: vendo.apply_coupon(order_token(store), "test"),
    "remove_coupon": lambda vendo, store: vendo.remove_coupon(order_token(store), "test"),
    "remove_coupons": lambda vendo, store: vendo.remove_coupon(order_token(store)),
    "revoke": lambda vendo, store: vendo.revoke(store, Secret(ACCESS)),
}
READS: dict[str, Do] = {
    "account": lambda vendo, store: vendo.account(tokens(store)),
    "addresses": lambda vendo, store: vendo.addresses(tokens(store)),
    "account_orders": lambda vendo, store: vendo.account_orders(tokens(store)),
    "account_order": lambda vendo, store: vendo.account_order(tokens(store), NUMBER),
    "order_status": lambda vendo, store: vendo.order_status(order_token(store), NUMBER),
    "products": lambda vendo, store: vendo.products(Guest(store)),
    "product": lambda vendo, store: vendo.product(Guest(store), "mug"),
    "countries": lambda vendo, store: vendo.countries(store),
    "country": lambda vendo, store: vendo.country(store, "US"),
    "store": lambda vendo, store: vendo.store(Guest(store)),
    "cart": lambda vendo, store: vendo.cart(order_token(store)),
    "shipping_rates": lambda vendo, store: vendo.shipping_rates(order_token(store)),
    "payment_methods": lambda vendo, store: vendo.payment_methods(order_token(store)),
}
PRICE = Decimal("19.99")
