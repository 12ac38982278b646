"""`PUT …/ScheduledOrders/{id}`: the whole order is written at once (`apis/qpilot.md` §6.1)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks, views
from sandbox.qpilot.answers import INVALID_STATUS, broken_rule, invalid
from sandbox.qpilot.call import Call
from sandbox.qpilot.changes import check_editable
from sandbox.qpilot.moments import Document, epoch, moment
from sandbox.qpilot.scheduled import NEW_ITEM, WRITTEN, check_frequency, check_items, check_method, own

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_REQUIRED = (
    "frequency", "customerId", "utcOffset", "frequencyType", "status", "nextOccurrenceUtc", "currencyIso",
)  # fmt: skip
_RULES: checks.Rules = {
    **WRITTEN,
    "status": checks.TEXT,
    "scheduledOrderItems": checks.each(checks.fields({**NEW_ITEM, "id": checks.whole()}, ("productId", "quantity"))),
}
_CLEARED: Document = {"coupons": [], "metadata": {}, "authorizeOnly": False}


def put(qpilot: "Qpilot", call: Call) -> web.Response:
    """Replace everything that a client may write; a field that is left out is cleared, the server's own are ignored.

    Refused (400) are a body that lacks a required scalar (the first one is named), another status or customer, an
    order that is processed, deleted or locked. Items are replaced if they are given, by id; one without is new.
    """
    order = own(qpilot, call)
    body = call.object()
    _complete(body)
    check_editable(qpilot, call, order)
    if body["status"] != order["status"]:
        raise broken_rule("Status cannot be changed by an update", INVALID_STATUS)
    if body["customerId"] != order["customerId"]:
        raise broken_rule("Customer cannot be changed by an update")
    check_frequency(body)
    check_method(qpilot, body.get("paymentMethodId"), order["customerId"])
    _check_coupons(qpilot, body)
    fields = {name: _CLEARED.get(name) if body.get(name) is None else body[name] for name in WRITTEN}
    fields["nextOccurrenceUtc"] = moment(epoch(body["nextOccurrenceUtc"]))
    if body.get("scheduledOrderItems") is not None:
        fields["scheduledOrderItems"] = _items(qpilot, order, body["scheduledOrderItems"])
    return answers.data(views.full(qpilot, qpilot.change(order["id"], **fields)))


def _complete(body: Document) -> None:
    for name in _REQUIRED:
        if body.get(name) is None:
            raise invalid({checks.pascal(name): [checks.missing(name)]})
    if found := checks.flaws(body, _RULES):
        raise invalid(found)


def _check_coupons(qpilot: "Qpilot", body: Document) -> None:
    for code in body.get("coupons") or ():
        if code not in qpilot.coupons:
            raise broken_rule(f"Coupon {code} is not valid")


def _items(qpilot: "Qpilot", order: Document, written: list[Document]) -> list[Document]:
    known = {item["id"]: item for item in order["scheduledOrderItems"]}
    found = []
    for item in check_items(qpilot, written):
        kept = known.get(item.get("id"))
        if kept is None or kept["productId"] != item["productId"]:
            found.append(qpilot.new_item(order, item))
        else:
            found.append(kept | {name: item[name] for name in NEW_ITEM if item.get(name) is not None})
    return found
