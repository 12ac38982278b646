"""Customers, payment methods, products and coupons (`apis/qpilot.md` §6.2, §6.3, seed 004)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks, goods, views
from sandbox.qpilot.call import Call, Query, camel
from sandbox.qpilot.lists import searched, select, with_metadata
from sandbox.qpilot.moments import Document
from sandbox.qpilot.people import ADDRESS

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_METHOD = {
    "type": checks.FILLED,
    "gatewayCustomerId": checks.FILLED,
    "gatewayPaymentId": checks.FILLED,
    "gatewayPaymentType": checks.whole(),
    "lastFourDigits": checks.TEXT,
    "description": checks.TEXT,
    "isDefault": checks.FLAG,
}
_METHOD_NEEDS = ("type", "gatewayCustomerId", "gatewayPaymentId")
_CUSTOMER = {
    **{f"{side}{part}": checks.TEXT for side in ("shipping", "billing") for part in ADDRESS},
    **dict.fromkeys(("firstName", "lastName", "phoneNumber", "company"), checks.TEXT),
    "id": checks.FILLED,
    "email": checks.EMAIL,
    "metadata": checks.OBJECT,
}
_PAYING = {"paymentMethods": checks.each(checks.fields(_METHOD, _METHOD_NEEDS))}
_FLAGS = ("addToScheduledOrder", "processScheduledOrder", "active", "valid")
_PRODUCT = {
    **dict.fromkeys(("gtin", "mpn", "length", "width", "height", "weight", "shippingClass", "taxClass"), checks.TEXT),
    **dict.fromkeys(_FLAGS, checks.FLAG),
    "id": checks.FILLED,
    "title": checks.FILLED,
    "sku": checks.TEXT,
    "price": checks.AMOUNT,
    "salePrice": checks.AMOUNT,
    "stock": checks.whole(),
    "availability": checks.one_of("Undefined", "InStock", "OutOfStock", "PreOrder", "Preorder"),
    "weightUnitType": checks.one_of("Pound", "Ounce", "Kilogram", "Gram"),
    "lengthUnitType": checks.one_of("Inch", "Foot", "Yard", "Milimeter", "Centimeter", "Meter"),
    "metadata": checks.OBJECT,
}
_AVAILABILITY = dict.fromkeys(("addToScheduledOrder", "processScheduledOrder"), checks.FLAG)


def customers(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers`: `search` looks at id, name and e-mail address."""
    rows = with_metadata(qpilot.customers.values(), call.query)
    names = ("id", "email", "firstName", "lastName")
    found = searched(rows, call.query, lambda row: [row[name] for name in names] + [_full_name(row)])
    page = select(found, call.query, order_by="id")
    return answers.data(page.envelope([views.customer(qpilot, row) for row in page.rows]))


def customer(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers/{id}`: the id is the store's; the internal number leads to nobody."""
    return answers.data(views.customer(qpilot, own(qpilot, call)))


def customer_orders(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers/{id}/ScheduledOrders`: all of them at once, full, deleted ones with `includeDeleted=true`."""
    owner, deleted = own(qpilot, call), call.query.flag("includeDeleted")
    rows = [order for order in qpilot.orders.values() if order["customerId"] == owner["id"]]
    return answers.data([views.full(qpilot, row) for row in rows if deleted or row["status"] != "Deleted"])


def customer_methods(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers/{id}/PaymentMethods`: all of them at once."""
    return answers.data(views.methods(qpilot, own(qpilot, call)["id"]))


def create_customer(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/Customers`: the store's id and an e-mail address; payment methods may come along."""
    body = call.json({**_CUSTOMER, **_PAYING}, ("id", "email"))
    if body["id"] in qpilot.customers:
        raise answers.broken_rule("Customer already exists")
    qpilot.add_customer(**{name: body[name] for name in _CUSTOMER if body.get(name) is not None})
    for written in map(camel, body.get("paymentMethods") or []):
        qpilot.add_payment_method(body["id"], **_given(written))
    return answers.data(views.customer(qpilot, qpilot.customers[body["id"]]))


def create_method(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/PaymentMethods`: type and the gateway's two ids, for a customer that exists."""
    body = call.json({**_METHOD, "customerId": checks.FILLED}, ("customerId", *_METHOD_NEEDS))
    call.about(body["customerId"])
    if body["customerId"] not in qpilot.customers:
        raise answers.broken_rule("Customer does not exist")
    number = qpilot.add_payment_method(body["customerId"], **_given(body))
    return answers.data(qpilot.payment_methods[number])


def products(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Products`: by availability, price, flags and ids; `search` looks at id, title and SKU."""
    rows = with_metadata(qpilot.products.values(), call.query)
    fitting = [row for row in rows if all(_fits(row, call.query))]
    found = searched(fitting, call.query, lambda row: [row["id"], row["title"], row["sku"]])
    return answers.data(select(found, call.query, order_by="id").envelope())


def product(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Products/{id}`: the store's product id."""
    return answers.data(_product(qpilot, call))


def create_product(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/Products`: an id that is new, a title and a price."""
    body = call.json(_PRODUCT, ("id", "title", "price"))
    if body["id"] in qpilot.products:
        raise answers.broken_rule("Product already exists")
    blank = goods.product(body["id"], body["title"], body.get("sku") or "", body["price"], None)
    given = {name: body[name] for name in _PRODUCT if body.get(name) is not None}
    qpilot.products[body["id"]] = blank | given
    return answers.data(qpilot.products[body["id"]])


def availability(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/Products/{id}/ScheduledOrderAvailability`: may it be added, and is it sent; both are required."""
    found = _product(qpilot, call)
    body = call.json(_AVAILABILITY, _AVAILABILITY)
    qpilot.products[found["id"]] = found | {name: body[name] for name in _AVAILABILITY}
    return answers.data(qpilot.products[found["id"]])


def coupons(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Coupons`."""
    found = searched(qpilot.coupons.values(), call.query, lambda row: [row["code"], row["name"]])
    return answers.data(select(found, call.query, order_by="id").envelope())


def coupon(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Coupons/{id}`."""
    wanted = call.number("coupon")
    return answers.data(_coupon(next((one for one in qpilot.coupons.values() if one["id"] == wanted), None)))


def coupon_by_code(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Coupons/ByCode?code=`: the code in any case."""
    return answers.data(_coupon(qpilot.coupons.get((call.query.text("code") or "").upper())))


def own(qpilot: "Qpilot", call: Call) -> Document:
    """Return the customer that the path names; Refusal: 403 for another one with a customer's token, then 404."""
    customer_id = call.path["customer"]
    call.about(customer_id)
    if customer_id not in qpilot.customers:
        raise answers.not_found("Customer")
    return qpilot.customers[customer_id]


def _full_name(row: Document) -> str:
    return f"{row['firstName']} {row['lastName']}"


def _given(body: Document) -> Document:
    return {name: body[name] for name in _METHOD if body.get(name) is not None}


def _product(qpilot: "Qpilot", call: Call) -> Document:
    if (found := qpilot.products.get(call.path["product"])) is None:
        raise answers.not_found("Product")
    return found


def _coupon(found: Document | None) -> Document:
    if found is None:
        raise answers.not_found("Coupon")
    return found


def _fits(row: Document, query: Query) -> Iterator[bool]:
    price = Decimal(row["price"])
    wanted, ids = query.text("availability"), query.all("productIds")
    least, most, group = query.amount("minPrice"), query.amount("maxPrice"), query.text("groupId")
    yield wanted is None or row["availability"].lower() == wanted.lower()
    yield not ids or row["id"] in ids
    yield least is None or price >= least
    yield most is None or price <= most
    yield group is None or group in map(str, row["productGroupIds"])
    for name in _FLAGS:
        flag = query.flag(name)
        yield flag is None or row[name] is flag
