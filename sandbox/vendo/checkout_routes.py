"""`/checkout` but for its update: steps, shipping and payment (`apis/vendo.md` §6)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.vendo import answers, checkout, payments
from sandbox.vendo.call import Call
from sandbox.vendo.orders import Order, Shipment

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

NO_ADDRESS = "To generate Shipping Rates Order needs to have a Shipping Address"
NO_LINES = "To generate Shipping Rates you need to add some Line Items to Order"


def next_step(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /checkout/next`: one step on."""
    order = call.cart()
    checkout.step(vendo, order)
    return _cart(call, order)


def advance(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /checkout/advance`: 200 also if it stops early."""
    order = call.cart()
    checkout.advance(vendo, order)
    return _cart(call, order)


def complete(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /checkout/complete`: walks what is left of the way."""
    order = call.cart()
    checkout.complete(vendo, order)
    return _cart(call, order)


def shipping_rates(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /checkout/shipping_rates`: makes the shipments if there are none, and always includes what is in them."""
    order = call.cart()
    if order.shipping is None:
        answers.refuse(422, NO_ADDRESS)
    if not order.lines:
        answers.refuse(422, NO_LINES)
    checkout.propose(vendo, order)
    shipments = [call.show.shipment(order, shipment) for shipment in order.shipments]
    return call.including("shipping_rates,stock_location,line_items").answer("shipment", shipments)


def select_shipping_method(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /checkout/select_shipping_method`: for one shipment, or for all of them."""
    order = call.cart()
    method_id, shipment_id = call.body.get("shipping_method_id"), call.body.get("shipment_id")
    if method_id not in {method.id for method in vendo.shipping_methods}:
        answers.refuse(422, "shipping_method_not_found")
    shipments = [one for one in order.shipments if shipment_id in (None, one.id)]
    if not shipments:
        answers.refuse(422, "shipment_not_found")
    for shipment in shipments:
        _select(shipment, str(method_id))
    vendo.touch(order)
    return _cart(call, order)


def payment_methods(vendo: "Vendo", call: Call) -> web.Response:
    """`GET /checkout/payment_methods`."""
    call.cart()
    shown = [call.show.payment_method(method) for method in vendo.payment_methods if not method.hidden]
    return call.answer("payment_method", shown)


def create_payment(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /checkout/create_payment`: 201, other than the specification says."""
    order = call.cart()
    payments.add(order, payments.payment(call, order, call.body, call.body.get("source_attributes")))
    vendo.touch(order)
    return _cart(call, order, 201)


def add_store_credit(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /checkout/add_store_credit`."""
    order = call.cart()
    payments.add_credit(vendo, order, call.param("amount"))
    vendo.touch(order)
    return _cart(call, order)


def remove_store_credit(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /checkout/remove_store_credit`."""
    order = call.cart()
    payments.remove_credit(order)
    vendo.touch(order)
    return _cart(call, order)


def _select(shipment: Shipment, method_id: str) -> None:
    rate = next((rate for rate in shipment.rates if rate.method.id == method_id), None)
    if rate is None:
        words = f"Shipping Method with ID = {method_id} and Shipment with ID = {shipment.id}"
        answers.refuse(422, f"Couldn't find shipping rates for {words}")
    shipment.select(rate)


def _cart(call: Call, order: Order, status: int = 200) -> web.Response:
    return call.answer("cart", call.show.order(order), status)
