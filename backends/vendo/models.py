"""Vendo's attributes as they are on the wire, and the domain types that they become (apis/vendo.md §5, §6, §7).

Field names are Vendo's own, so that they can be compared with its documents. What gives a cart its parts came along
with it; a part that did not come along is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from backends.secret import Secret
from backends.vendo.account import Account
from backends.vendo.cart import Address, Cart, Line, OrderPage, Payment, PaymentMethod, Promotion, Rate, Shipment
from backends.vendo.jsonapi import Document, Included, Resource
from backends.wire import Flag, Moment, Money, Text, Whole, Wire, https, utc

W = TypeVar("W", bound=Wire)


class CartWire(Wire):
    """A cart's or an order's own attributes; ``token`` is a secret and leaves this module only as one."""

    number: str
    state: str
    token: Text = None
    email: Text = None
    currency: Text = None
    item_count: Whole = None
    item_total: Money = None
    ship_total: Money = None
    adjustment_total: Money = None
    promo_total: Money = None
    tax_total: Money = None
    total: Money = None
    special_instructions: Text = None
    payment_state: Text = None
    shipment_state: Text = None
    created_at: Moment = None
    updated_at: Moment = None
    completed_at: Moment = None


class AddressWire(Wire):
    """An address."""

    firstname: Text = None
    lastname: Text = None
    address1: Text = None
    address2: Text = None
    city: Text = None
    zipcode: Text = None
    phone: Text = None
    state_name: Text = None
    state_code: Text = None
    company: Text = None
    country_iso: Text = None
    country_iso3: Text = None
    label: Text = None


class LineWire(Wire):
    """One line; its SKU is the variant's."""

    name: Text = None
    quantity: Whole = None
    price: Money = None
    total: Money = None
    slug: Text = None
    options_text: Text = None


class SkuWire(Wire):
    """What of a variant is read for a line."""

    sku: Text = None


class PromotionWire(Wire):
    """A promotion."""

    name: Text = None
    code: Text = None
    amount: Money = None
    description: Text = None


class ShipmentWire(Wire):
    """A shipment."""

    number: Text = None
    state: Text = None
    tracking_url: Text = None
    shipped_at: Moment = None
    final_price: Money = None
    free: Flag = None


class RateWire(Wire):
    """A shipping rate; ``shipping_method_id`` is a number or a text (apis/vendo.md §6)."""

    name: Text = None
    shipping_method_id: Text = None
    selected: Flag = None
    free: Flag = None
    cost: Money = None
    final_price: Money = None


class PaymentWire(Wire):
    """A payment."""

    number: Text = None
    state: Text = None
    amount: Money = None
    payment_method_id: Text = None
    payment_method_name: Text = None


class PaymentMethodWire(Wire):
    """A way to pay."""

    name: Text = None
    type: Text = None
    description: Text = None


class UserWire(Wire):
    """Who is signed in."""

    email: Text = None
    first_name: Text = None
    last_name: Text = None
    store_credits: Money = None
    completed_orders: Whole = None


def attributes(resource: Resource, wire: type[W]) -> W:
    """A resource's attributes as this wire type; raises ValueError where one that must be there is not."""
    return wire.model_validate(resource.attributes or {})


def identified(resources: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """The resources that have an id, with it."""
    return ((one.id, one) for one in resources if one.id)


def to_cart(document: Document) -> Cart:
    """The one cart of a document."""
    return _cart(document.one(), document.index())


def to_order_page(document: Document, page: int) -> OrderPage:
    """One page of orders; raises ValueError if one has no number."""
    included = document.index()
    orders = tuple(_cart(one, included) for one in document.many())
    return OrderPage(orders, page, *document.pages())


def to_account(document: Document) -> Account:
    """Who is signed in, with the default addresses that came along."""
    resource, included = document.one(), document.index()
    wire = attributes(resource, UserWire)
    return Account(
        id=_id(resource),
        email=wire.email,
        first_name=wire.first_name,
        last_name=wire.last_name,
        store_credits=wire.store_credits,
        completed_orders=wire.completed_orders,
        default_billing_address=_address(included.first(resource, "default_billing_address")),
        default_shipping_address=_address(included.first(resource, "default_shipping_address")),
    )


def to_addresses(document: Document) -> tuple[Address, ...]:
    """The addresses of a list."""
    found = (_address(resource) for resource in document.many())
    return tuple(address for address in found if address is not None)


def to_shipments(document: Document) -> tuple[Shipment, ...]:
    """The shipments of a list, with the rates that came along."""
    included = document.index()
    return tuple(_shipment(key, one, included) for key, one in identified(document.many()))


def to_payment_methods(document: Document) -> tuple[PaymentMethod, ...]:
    """The ways to pay of a list."""
    found = ((key, attributes(one, PaymentMethodWire)) for key, one in identified(document.many()))
    return tuple(PaymentMethod(key, wire.name, wire.type, wire.description) for key, wire in found)


def _id(resource: Resource) -> str:
    if resource.id is None:
        raise ValueError("a resource has no id")
    return resource.id


def _cart(resource: Resource, included: Included) -> Cart:
    wire = attributes(resource, CartWire)
    return Cart(
        id=_id(resource),
        number=wire.number,
        state=wire.state,
        token=None if wire.token is None else Secret(wire.token),
        email=wire.email,
        currency=wire.currency,
        item_count=wire.item_count,
        item_total=wire.item_total,
        ship_total=wire.ship_total,
        adjustment_total=wire.adjustment_total,
        promo_total=wire.promo_total,
        tax_total=wire.tax_total,
        total=wire.total,
        lines=tuple(_line(key, one, included) for key, one in identified(included.of(resource, "line_items"))),
        promotions=tuple(_promotion(key, one) for key, one in identified(included.of(resource, "promotions"))),
        shipments=tuple(_shipment(key, one, included) for key, one in identified(included.of(resource, "shipments"))),
        payments=tuple(_payment(key, one) for key, one in identified(included.of(resource, "payments"))),
        ship_address=_address(included.first(resource, "shipping_address")),
        bill_address=_address(included.first(resource, "billing_address")),
        special_instructions=wire.special_instructions,
        payment_state=wire.payment_state,
        shipment_state=wire.shipment_state,
        user_id=resource.related_id("user"),
        created_at=utc(wire.created_at),
        updated_at=utc(wire.updated_at),
        completed_at=utc(wire.completed_at),
    )


def _line(key: str, resource: Resource, included: Included) -> Line:
    wire = attributes(resource, LineWire)
    variant = included.first(resource, "variant")
    return Line(
        id=key,
        variant_id=resource.related_id("variant"),
        name=wire.name,
        options=wire.options_text,
        sku=attributes(variant, SkuWire).sku if variant else None,
        quantity=wire.quantity,
        price=wire.price,
        total=wire.total,
        slug=wire.slug,
    )


def _promotion(key: str, resource: Resource) -> Promotion:
    wire = attributes(resource, PromotionWire)
    return Promotion(key, wire.name, wire.code, wire.amount, wire.description)


def _shipment(key: str, resource: Resource, included: Included) -> Shipment:
    wire = attributes(resource, ShipmentWire)
    return Shipment(
        id=key,
        number=wire.number,
        state=wire.state,
        tracking_url=https(wire.tracking_url),
        shipped_at=utc(wire.shipped_at),
        final_price=wire.final_price,
        free=wire.free,
        rates=tuple(_rates(resource, included)),
    )


def _rates(shipment: Resource, included: Included) -> Iterator[Rate]:
    """The rates of a shipment; the selected one too where only that came along."""
    chosen = shipment.related_id("selected_shipping_rate")
    rates = [*identified(included.of(shipment, "shipping_rates"))]
    for key, resource in rates or identified(included.of(shipment, "selected_shipping_rate")):
        wire = attributes(resource, RateWire)
        selected = key == chosen if wire.selected is None else wire.selected
        yield Rate(key, wire.name, wire.shipping_method_id, selected, wire.free, wire.cost, wire.final_price)


def _payment(key: str, resource: Resource) -> Payment:
    wire = attributes(resource, PaymentWire)
    method = wire.payment_method_id or resource.related_id("payment_method")
    return Payment(key, wire.number, wire.state, wire.amount, method, wire.payment_method_name)


def _address(resource: Resource | None) -> Address | None:
    if resource is None:
        return None
    wire = attributes(resource, AddressWire)
    return Address(
        firstname=wire.firstname,
        lastname=wire.lastname,
        address1=wire.address1,
        address2=wire.address2,
        city=wire.city,
        zipcode=wire.zipcode,
        phone=wire.phone,
        state_name=wire.state_name or wire.state_code,
        company=wire.company,
        country_iso=wire.country_iso or wire.country_iso3,
        label=wire.label,
        id=resource.id,
    )
