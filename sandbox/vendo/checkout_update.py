"""`PATCH /checkout`: everything about an order that a shop asks its customer for (`apis/vendo.md` §6).

All is looked at before anything is changed; unknown keys are dropped silently.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.vendo import answers, cart_routes, checkout, customers, payments
from sandbox.vendo.call import Call
from sandbox.vendo.customers import Address
from sandbox.vendo.orders import Order, Rate, Shipment

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

Written = Mapping[str, Any]
_Change = Callable[[], None]


def update(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /checkout`; Refusal (422) with the fields at fault, and nothing is changed."""
    order = call.cart()
    given = call.body.get("order")
    written: Written = given if isinstance(given, dict) else {}
    billing, shipping = _address(call, order, written, "bill"), _address(call, order, written, "ship")
    rates = [_rate(order, one) for one in _objects(written, "shipments_attributes")]
    changes = [
        _texts(order, written, bool(rates)),
        lambda: _put_addresses(vendo, order, billing, billing if written.get("use_billing") is True else shipping),
        lambda: _select(order, rates),
        _payments(call, order, written),
    ]
    if _located(written):
        changes.append(lambda: _go_to(order, "address"))
    if rates:
        changes.append(lambda: _go_to(order, "delivery"))
    for change in changes:
        change()
    vendo.touch(order)
    if "coupon_code" in written:
        cart_routes.apply(vendo, order, written["coupon_code"])
    if vendo.switches.auto_advance:
        checkout.advance(vendo, order)
    return call.answer("cart", call.show.order(order))


def _texts(order: Order, written: Written, has_rates: bool) -> _Change:
    email = written.get("email", order.email)
    later = has_rates or (checkout.needs_email(order) and not _located(written))
    checked = later or not isinstance(email, str)
    if "email" in written and checked and not checkout.email_is_good(email):
        answers.refuse(422, checkout.BAD_EMAIL, {"email": ["is invalid"]})

    def change() -> None:
        order.email = email
        order.special_instructions = written.get("special_instructions", order.special_instructions)

    return change


def _address(call: Call, order: Order, written: Written, kind: str) -> Address | None:
    """Return the address that is given, by its id or in full; Refusal (422) for one that does not do."""
    if (address_id := written.get(f"{kind}_address_id")) is not None:
        saved = call.customer.address(address_id) if call.customer else None
        field = f"{kind}_address_id"
        words = "belongs to other user"
        return saved or answers.refuse(422, f"{kind.title()} address {words}", {field: [words]})
    given = written.get(f"{kind}_address_attributes")
    if not isinstance(given, dict):
        return None
    if errors := customers.complaints(given, phone=call.vendo.switches.phone_required):
        dotted = {f"{kind}_address.{name}": words for name, words in errors.items()}
        answers.refuse(422, customers.sentence(errors, f"{kind.title()} address "), dotted)
    return customers.address(call.vendo.new_id("address"), given)


def _put_addresses(vendo: "Vendo", order: Order, billing: Address | None, shipping: Address | None) -> None:
    order.billing = billing or order.billing
    if shipping is not None:
        order.shipping = shipping
        checkout.restart(vendo, order)


def _rate(order: Order, written: Written) -> tuple[Shipment, Rate]:
    shipment = answers.found(next((one for one in order.shipments if one.id == written.get("id")), None))
    rate_id = written.get("selected_shipping_rate_id")
    return shipment, answers.found(next((rate for rate in shipment.rates if rate.id == rate_id), None))


def _select(order: Order, rates: list[tuple[Shipment, Rate]]) -> None:
    for shipment, rate in rates:
        shipment.select(rate)


def _payments(call: Call, order: Order, written: Written) -> _Change:
    sources = call.body.get("payment_source")
    by_method: Written = sources if isinstance(sources, dict) else {}
    new = [
        payments.payment(call, order, one, _source(one, by_method)) for one in _objects(written, "payments_attributes")
    ]

    def change() -> None:
        for payment in new:
            payments.add(order, payment)

    return change


def _source(payment: Written, by_method: Written) -> Any:
    """Return the card of a payment: its own, or the one that an older form sends beside the order."""
    return payment.get("source_attributes") or by_method.get(str(payment.get("payment_method_id")))


def _go_to(order: Order, state: str) -> None:
    order.state = state


def _located(written: Written) -> bool:
    given = (written.get(f"{kind}_address_attributes") for kind in ("bill", "ship"))
    return any(isinstance(address, dict) and address.get("country_iso") for address in given)


def _objects(written: Written, name: str) -> list[Written]:
    given = written.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
