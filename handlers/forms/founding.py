"""Reads what was typed into the forms of seed 004's steps 2 to 5; what is wrong is said under its input."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from backends.errors import FieldError
from backends.qpilot.cards import holds_card_number
from backends.qpilot.check import NO_CARD_NUMBER, check_customer, check_order, check_payment_method, check_product
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from handlers.forms.complaints import Placed, place, sentence
from handlers.forms.values import Typed, amount, moment, whole
from handlers.render.founding import CUSTOMER_FORM, METHOD_FORM, MOST_ITEMS, PRODUCT_FORM, WITHIN, item_path

New = NewCustomer | NewPaymentMethod | NewProduct | NewOrder
_FIRST_ITEM = item_path(0, "productId")


def read_new(kind: str, values: Mapping[str, Any]) -> New | dict[str, str]:
    """What is to be made by the form ``kind``, or what is wrong by block_id."""
    typed = Typed(values)
    new, found = _read(kind, typed)
    placed = placed_new(found, values)
    errors = {**placed.errors, **typed.errors, **_cards(kind, values)}
    if placed.banner:
        errors.setdefault(next(iter(values), ""), placed.banner)
    return errors or new


def _cards(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Whatever looks like a card's number, in any field but a telephone number and a product's (a GTIN looks alike)."""
    if kind == PRODUCT_FORM:
        return {}
    held = {name: value for name, value in values.items() if isinstance(value, str) and name != "phoneNumber"}
    return {name: sentence(NO_CARD_NUMBER) for name, value in held.items() if holds_card_number(value)}


def _read(kind: str, typed: Typed) -> tuple[New, tuple[FieldError, ...]]:
    if kind == CUSTOMER_FORM:
        customer = _customer(typed)
        return customer, check_customer(customer)
    if kind == METHOD_FORM:
        method = _method(typed, "", typed.text("customerId"))
        return method, check_payment_method(method)
    if kind == PRODUCT_FORM:
        product = _product(typed)
        return product, check_product(product)
    order = _order(typed)
    return order, check_order(order)


def placed_new(found: Collection[FieldError], values: Mapping[str, Any]) -> Placed:
    """Each complaint under its input; the lines of an order are numbered as in the form, where some may be empty."""
    filled = [number for number in range(MOST_ITEMS) if _is_line(Typed(values), number)]
    renamed = []
    for one in found:
        name = one.field
        for place_in_body, number in reversed(list(enumerate(filled))):
            start = f"scheduledOrderItems[{place_in_body}]."
            if one.field.startswith(start):
                name = item_path(number, one.field.removeprefix(start))
        renamed.append(FieldError(name, one.message))
    return place(renamed, list(values))


def _customer(typed: Typed) -> NewCustomer:
    method = _method(typed, WITHIN, None)
    given = any((method.type, method.gateway_customer_id, method.gateway_payment_id))
    return NewCustomer(
        id=typed.text("id") or "",
        email=typed.text("email") or "",
        first_name=typed.text("firstName"),
        last_name=typed.text("lastName"),
        shipping_first_name=typed.text("shippingFirstName"),
        shipping_last_name=typed.text("shippingLastName"),
        shipping_street1=typed.text("shippingStreet1"),
        shipping_street2=typed.text("shippingStreet2"),
        shipping_city=typed.text("shippingCity"),
        shipping_state=typed.text("shippingState"),
        shipping_postcode=typed.text("shippingPostcode"),
        shipping_country=typed.text("shippingCountry"),
        phone_number=typed.text("phoneNumber"),
        company=typed.text("company"),
        payment_methods=(method,) if given else (),
    )


def _method(typed: Typed, prefix: str, customer_id: str | None) -> NewPaymentMethod:
    kind, customer, payment = (
        typed.text(f"{prefix}{name}") or "" for name in ("type", "gatewayCustomerId", "gatewayPaymentId")
    )
    return NewPaymentMethod(kind, customer, payment, customer_id)


def _product(typed: Typed) -> NewProduct:
    return NewProduct(
        id=typed.text("id") or "",
        title=typed.text("title") or "",
        price=typed.read("price", amount),
        sale_price=typed.read("salePrice", amount),
        sku=typed.text("sku"),
        gtin=typed.text("gtin"),
        mpn=typed.text("mpn"),
        length=typed.text("length"),
        width=typed.text("width"),
        height=typed.text("height"),
        weight=typed.text("weight"),
        weight_unit_type=typed.text("weightUnitType"),
        length_unit_type=typed.text("lengthUnitType"),
        add_to_scheduled_order=typed.tick("addToScheduledOrder"),
        process_scheduled_order=typed.tick("processScheduledOrder"),
        availability=typed.text("availability"),
        stock=typed.read("stock", whole),
    )


def _order(typed: Typed) -> NewOrder:
    lines = (_line(typed, number) for number in range(MOST_ITEMS) if _is_line(typed, number))
    return NewOrder(
        customer_id=typed.text("customerId") or "",
        frequency_type=typed.text("frequencyType") or "",
        frequency=typed.read("frequency", whole) or 0,
        scheduled_order_items=tuple(lines),
        payment_method_id=typed.read("paymentMethodId", whole),
        next_occurrence_utc=typed.read("nextOccurrenceUtc", moment),
    )


def _is_line(typed: Typed, number: int) -> bool:
    return any(typed.text(item_path(number, name)) for name in ("productId", "quantity"))


def _line(typed: Typed, number: int) -> NewItem:
    product, quantity = typed.text(item_path(number, "productId")), typed.read(item_path(number, "quantity"), whole)
    return NewItem(product or "", quantity or 0)
