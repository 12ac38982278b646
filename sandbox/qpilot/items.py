"""Items of a scheduled order, one at a time (`apis/qpilot.md` §6.2)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks, views
from sandbox.qpilot.call import Call
from sandbox.qpilot.changes import check_editable
from sandbox.qpilot.moments import Document
from sandbox.qpilot.scheduled import NEW_ITEM, check_items

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_ADDED = {
    "scheduledOrderId": checks.whole(),
    "scheduledOrderItems": checks.each(checks.fields(NEW_ITEM, ("productId", "quantity"))),
}


def one(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ScheduledOrderItems/{itemId}`."""
    _, item = _own(qpilot, call)
    return answers.data(views.item(qpilot, item))


def add(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/ScheduledOrderItems`: some items for one order; returns those, with ids of their own."""
    body = call.json(_ADDED, _ADDED)
    order = qpilot.orders.get(body["scheduledOrderId"])
    if order is None:
        raise answers.not_found("Scheduled Order")
    call.about(order["customerId"])
    check_editable(qpilot, call, order)
    items = [qpilot.new_item(order, item) for item in check_items(qpilot, body["scheduledOrderItems"])]
    qpilot.change(order["id"], scheduledOrderItems=[*order["scheduledOrderItems"], *items])
    return answers.data([views.item(qpilot, item) for item in items])


def edit(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/ScheduledOrderItems/{itemId}`: product, price and quantity are required; another product is refused."""
    order, item = _own(qpilot, call)
    body = call.json(NEW_ITEM, ("productId", "price", "quantity"))
    if body["productId"] != item["productId"]:
        raise answers.broken_rule("Product of an item cannot be changed")
    check_editable(qpilot, call, order)
    changed = item | {name: body[name] for name in NEW_ITEM if body.get(name) is not None}
    _replace(qpilot, order, item, [changed])
    return answers.data(views.item(qpilot, changed))


def remove(qpilot: "Qpilot", call: Call) -> web.Response:
    """`DELETE …/ScheduledOrderItems/{itemId}`: gone for good, the last one too."""
    order, item = _own(qpilot, call)
    check_editable(qpilot, call, order)
    _replace(qpilot, order, item, [])
    return answers.data(True)


def _own(qpilot: "Qpilot", call: Call) -> tuple[Document, Document]:
    wanted = call.number("item")
    for order in qpilot.orders.values():
        for item in order["scheduledOrderItems"]:
            if item["id"] == wanted:
                call.about(order["customerId"])
                return order, item
    raise answers.not_found("Scheduled Order Item")


def _replace(qpilot: "Qpilot", order: Document, old: Document, new: list[Document]) -> None:
    items = order["scheduledOrderItems"]
    place = items.index(old)
    qpilot.change(order["id"], scheduledOrderItems=[*items[:place], *new, *items[place + 1 :]])
