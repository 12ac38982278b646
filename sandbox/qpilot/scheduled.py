"""Scheduled orders, looked at and created (`apis/qpilot.md` §6.1)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks, shapes, views
from sandbox.qpilot.call import Call, camel
from sandbox.qpilot.lists import searched, select, with_metadata
from sandbox.qpilot.moments import Document, bare, epoch, moment
from sandbox.qpilot.occurrences import TYPES, following, most
from sandbox.qpilot.seeds import starts_at
from sandbox.qpilot.zone import local

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

FREQUENCY = {"frequency": checks.whole(1, 365), "frequencyType": checks.one_of(*TYPES)}
NEW_ITEM = {
    "productId": checks.FILLED,
    "quantity": checks.whole(1, 9999),
    "price": checks.AMOUNT,
    "salePrice": checks.AMOUNT,
    "minCycles": checks.whole(0, 9999),
    "maxCycles": checks.whole(0, 9999),
    "metadata": checks.OBJECT,
}
TEXTS = ("name", *shapes.SHIPPING, "phoneNumber", "company", "preferredShippingRateOption", "note", "origin")
WRITTEN: checks.Rules = {
    **FREQUENCY,
    "customerId": checks.FILLED,
    "utcOffset": checks.whole(-14, 14),
    "nextOccurrenceUtc": checks.INSTANT,
    "nextOccurrenceOffset": checks.whole(0, 365),
    "paymentMethodId": checks.whole(),
    "currencyIso": checks.CURRENCY,
    "authorizeOnly": checks.FLAG,
    "coupons": checks.each(checks.TEXT),
    "metadata": checks.OBJECT,
    "originalExternalId": checks.TEXT,
    **dict.fromkeys(TEXTS, checks.TEXT),
}
"""What may be written into an order; everything else is the server's, and is ignored."""

_NEW: checks.Rules = {
    **WRITTEN,
    "status": checks.one_of("Active", "Paused"),
    "scheduledOrderItems": checks.each(checks.fields(NEW_ITEM, ("productId", "quantity"))),
}


def light(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET /v3/Sites/{siteId}/ScheduledOrders`: light rows; there is no filter by date or customer."""
    page = select(_listed(qpilot, call), call.query, order_by="nextOccurrenceUtc")
    rows = [views.row(qpilot, order) for order in page.rows]
    wanted = qpilot.switches.v3_rows
    body = page.envelope([] if wanted == "results" else rows) | {"results": [] if wanted == "items" else rows}
    return answers.data(body | {"page": page.page, "pageSize": page.page_size})


def heavy(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET /Sites/{siteId}/ScheduledOrders`: full orders, also of one customer."""
    wanted = call.query.text("customerId")
    rows = with_metadata(_listed(qpilot, call), call.query)
    page = select((row for row in rows if wanted in (None, row["customerId"])), call.query, order_by="id")
    return answers.data(page.envelope([views.full(qpilot, order) for order in page.rows]))


def one(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ScheduledOrders/{id}`: the full order, a deleted one too."""
    return answers.data(views.full(qpilot, own(qpilot, call)))


def create(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/ScheduledOrders`: whom, what and how often; the rest has defaults."""
    body = call.json(_NEW, ("customerId", "frequency", "frequencyType"))
    call.about(body["customerId"])
    check_frequency(body)
    if body["customerId"] not in qpilot.customers:
        raise answers.broken_rule("Customer does not exist")
    check_method(qpilot, body.get("paymentMethodId"), body["customerId"])
    items = check_items(qpilot, body.get("scheduledOrderItems") or [])
    given = {name: body[name] for name in WRITTEN if body.get(name) is not None}
    given["nextOccurrenceUtc"] = moment(_first(qpilot, body))
    order_id = qpilot.add_order(items, **given, status=body.get("status") or "Active")
    return answers.data(views.full(qpilot, qpilot.orders[order_id]))


def calculator(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ScheduledOrders/NextOccurrenceUtc`: a JSON text, the occurrence after `fromUtc` or now."""
    body: Document = {"frequencyType": call.query.text("frequencyType"), "frequency": call.query.whole("frequency", 0)}
    if found := checks.flaws(body, FREQUENCY, FREQUENCY):
        raise answers.invalid(found)
    check_frequency(body)
    start = call.query.instant("fromUtc")
    at = qpilot.clock.now() if start is None else start
    return answers.data(bare(following(at, body["frequencyType"], body["frequency"])))


def own(qpilot: "Qpilot", call: Call) -> Document:
    """Return the order that the path names; Refusal (404), or 403 for another customer's."""
    order = qpilot.orders.get(call.number("order"))
    if order is None:
        raise answers.not_found("Scheduled Order")
    call.about(order["customerId"])
    return order


def check_frequency(body: Document) -> None:
    """Refuse (400) a day of the week or of the month that there is none of."""
    highest = most(body["frequencyType"])
    if body["frequency"] > highest:
        raise answers.invalid({"Frequency": [f"The field Frequency must be between 1 and {highest}."]})


def check_method(qpilot: "Qpilot", method_id: int | None, customer_id: str) -> None:
    """Refuse (400) a payment method that does not exist, or is another customer's."""
    if method_id is not None and qpilot.payment_methods.get(method_id, {}).get("customerId") != customer_id:
        raise answers.broken_rule("Payment method does not exist")


def check_items(qpilot: "Qpilot", items: Iterable[Document]) -> list[Document]:
    """Return written items ready to be added; Refusal (400) for a product that does not exist or may not be added."""
    found = [camel(item) for item in items]
    for item in found:
        product = qpilot.products.get(item["productId"])
        if product is None or not product["addToScheduledOrder"]:
            raise answers.broken_rule(f"Product {item['productId']} cannot be added to scheduled orders")
    return found


def _listed(qpilot: "Qpilot", call: Call) -> list[Document]:
    """Return the orders of the wanted statuses, all but deleted ones if none is wanted, that match the search."""
    wanted = {status.lower() for status in call.query.all("statusNames")}
    rows = [
        order
        for order in qpilot.orders.values()
        if (order["status"].lower() in wanted if wanted else order["status"] != "Deleted")
    ]
    return searched(rows, call.query, lambda order: _texts(qpilot, order))


def _texts(qpilot: "Qpilot", order: Document) -> Iterable[object]:
    customer = qpilot.customers.get(order["customerId"], {})
    name = f"{customer.get('firstName')} {customer.get('lastName')}"
    return order["id"], order["customerId"], name, customer.get("email")


def _first(qpilot: "Qpilot", body: Document) -> float:
    """Return the first occurrence: what was written, or one period from today when the site starts processing."""
    if body.get("nextOccurrenceUtc") is not None:
        return epoch(body["nextOccurrenceUtc"])
    return starts_at(local(following(qpilot.clock.now(), body["frequencyType"], body["frequency"])))
