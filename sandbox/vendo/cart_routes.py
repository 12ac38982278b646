"""`/cart`: what goes into it and what comes out (`apis/vendo.md` §5)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.vendo import answers, checkout, coupons
from sandbox.vendo.answers import Refusal
from sandbox.vendo.call import Call
from sandbox.vendo.catalogue import Product, Variant
from sandbox.vendo.geography import DEFAULT, country
from sandbox.vendo.orders import Line, Order

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

BAD_METADATA = "Public and private metadata parameters should be objects"
BAD_QUANTITY = "Quantity has to be greater than 0"
HAS_USER = "Already assigned to a user"
NO_CURRENCY = "Currency not supported"


def create(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /cart`: a new cart, or the current one if there is one; 201 either way."""
    if not all(isinstance(call.body.get(name, {}), dict) for name in ("public_metadata", "private_metadata")):
        answers.refuse(422, BAD_METADATA)
    order = vendo.current(call.order_token, call.customer, call.currency)
    if order is None:
        order = vendo.new_cart(call.customer, call.currency)
        order.public_metadata = call.body.get("public_metadata", {})
    return _cart(call, order, 201)


def show(_: "Vendo", call: Call) -> web.Response:
    """`GET /cart`."""
    return _cart(call, call.cart())


def delete(vendo: "Vendo", call: Call) -> web.Response:
    """`DELETE /cart`."""
    vendo.orders.remove(call.cart())
    return answers.no_data()


def add_item(vendo: "Vendo", call: Call) -> web.Response:
    """`POST /cart/add_item`: adds to a line of the same variant, so it is not safe to repeat."""
    order = call.cart()
    product, variant = answers.found(vendo.variant(call.body.get("variant_id")))
    quantity = call.body.get("quantity", 1)
    if type(quantity) is not int or quantity < 1:
        answers.refuse(422, "Quantity must be greater than 0", {"quantity": ["must be greater than 0"]})
    line = next((line for line in order.lines if line.variant is variant), None)
    _supplied(product, variant, quantity + (line.quantity if line else 0))
    if line is None:
        price = vendo.price(variant, order.currency, order.customer)
        if price is None:
            answers.refuse(422, "Price is not a number", {"price": ["is not a number"]})
        line = Line(vendo.new_id("line"), product, variant, 0, price)
        order.lines.append(line)
    line.quantity += quantity
    line.public_metadata |= _object(call, "public_metadata")
    checkout.restart(vendo, order)
    return _cart(call, order)


def set_quantity(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /cart/set_quantity`: absolute; the one refusal under plain `application/json`."""
    order, quantity = call.cart(), call.body.get("quantity")
    if type(quantity) is not int or quantity < 1:
        raise Refusal(answers.error(422, BAD_QUANTITY, content_type=answers.JSON))
    line = answers.found(order.line(call.body.get("line_item_id")))
    _supplied(line.product, line.variant, quantity)
    line.quantity = quantity
    checkout.restart(vendo, order)
    return _cart(call, order)


def remove_line_item(vendo: "Vendo", call: Call) -> web.Response:
    """`DELETE /cart/remove_line_item/{id}`."""
    order = call.cart()
    order.lines.remove(answers.found(order.line(call.path["id"])))
    checkout.restart(vendo, order)
    return _cart(call, order)


def empty(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /cart/empty`: without items, coupon, shipments and payments."""
    order = call.cart()
    order.lines, order.payments, order.coupon = [], [], None
    checkout.restart(vendo, order)
    return _cart(call, order)


def apply_coupon(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /cart/apply_coupon_code`."""
    order = call.cart()
    apply(vendo, order, call.body.get("coupon_code"))
    return _cart(call, order)


def apply(vendo: "Vendo", order: Order, code: object) -> None:
    """Put a coupon on an order, in place of a worse one; Refusal (422) with the text that says why not."""
    text = code.strip().lower() if isinstance(code, str) else ""
    known = next((coupon for coupon in vendo.coupons if coupon.code == text), None)
    if words := coupons.refused(text, known, order.coupon, order.item_total):
        answers.refuse(422, words)
    order.coupon = known
    vendo.touch(order)


def remove_coupon(vendo: "Vendo", call: Call) -> web.Response:
    """`DELETE /cart/remove_coupon_code`, with a code in the path or for all of them."""
    order, code = call.cart(), call.path.get("code")
    if order.coupon is None or (code is not None and code.lower() != order.coupon.code):
        answers.refuse(422, coupons.NONE_APPLIED if code is None else coupons.UNKNOWN)
    order.coupon = None
    vendo.touch(order)
    return _cart(call, order)


def estimate_shipping_rates(_: "Vendo", call: Call) -> web.Response:
    """`GET /cart/estimate_shipping_rates`: rates without an id, none for a country that is not shipped to."""
    order = call.cart()
    where = answers.found(country(call.param("country_iso"))) if call.param("country_iso") else DEFAULT
    rates = call.show.estimates(order.currency) if where.ships and order.physical else []
    return call.answer("shipping_rate", rates)


def associate(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /cart/associate`: a guest's cart becomes the customer's."""
    customer, token = call.signed_in(), call.param("guest_order_token")
    order = next((order for order in vendo.orders if order.open and token and order.token == token), None)
    if order is None:
        answers.refuse(403, answers.FORBIDDEN)
    if order.customer is not None:
        answers.refuse(422, HAS_USER)
    order.customer, order.email = customer, order.email or customer.email
    vendo.touch(order)
    return _cart(call, order)


def change_currency(vendo: "Vendo", call: Call) -> web.Response:
    """`PATCH /cart/change_currency`: every line at its price in the new currency; all lines must have one."""
    order = call.cart()
    wanted = str(call.param("new_currency") or "").upper()
    prices = [vendo.price(line.variant, wanted, order.customer) for line in order.lines]
    if wanted not in vendo.currencies or None in prices:
        answers.refuse(422, NO_CURRENCY)
    order.currency = wanted
    for line, price in zip(order.lines, prices, strict=True):
        line.price = price or line.price
    checkout.restart(vendo, order)
    return _cart(call, order)


def _supplied(product: Product, variant: Variant, quantity: int) -> None:
    if not product.active or not variant.can_supply(quantity):
        form = f" ({variant.options_text})" if variant.options else ""
        words = f'selected of "{product.name}{form}" is not available.'
        answers.refuse(422, f"Quantity {words}", {"quantity": [words]})


def _object(call: Call, name: str) -> dict[str, object]:
    value = call.body.get(name)
    return value if isinstance(value, dict) else {}


def _cart(call: Call, order: Order, status: int = 200) -> web.Response:
    return call.answer("cart", call.show.order(order), status)
