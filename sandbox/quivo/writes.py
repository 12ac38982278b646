"""The endpoints that change an order: create, edit, address and cancel request (`apis/quivo.md` §5.1, §5.4 to §5.8)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.quivo import answers, business
from sandbox.quivo.addresses import UPDATES, as_delivery, updated
from sandbox.quivo.call import Call, Refusal, json_object, number, own_order
from sandbox.quivo.checks import NULL, UNKNOWN, Check, as_attributes, one_of
from sandbox.quivo.demo import PENDING, PROCESSING
from sandbox.quivo.fields import Document
from sandbox.quivo.written import EDIT, NEW_ORDER

if TYPE_CHECKING:
    from sandbox.quivo.quivo import Quivo

_DUPLICATE = "Order with this identifier already exists"


def create(quivo: "Quivo", call: Call) -> web.Response:
    """`POST /orders`: plain-text 400 for a malformed order, the envelope for all else, success among it."""
    body = _valid(quivo, call, NEW_ORDER)
    if failed := business.failure(quivo, call.account.seller_ids, body):
        return _failed(quivo, failed.field, failed.message)
    twin = quivo.order_with_identifier(body["sellerId"], body["orderIdentifier"])
    if twin is None:
        return answers.outcome(200, None, "Order created", quivo.take_order(body))
    if quivo.switches.duplicate == "echo":
        return answers.outcome(200, None, "Order already exists", twin)
    return _failed(quivo, "orderIdentifier", _DUPLICATE)


def edit(quivo: "Quivo", call: Call) -> web.Response:
    """`PATCH /orders/{orderId}`: null leaves a field alone, custom attributes are replaced whole, `{}` does nothing."""
    number(quivo, call, "order_id")
    body = _valid(quivo, call, EDIT)
    order = _changeable(quivo, call)
    changes = {name: body[name] for name in ("comment", "trackingEnabled") if body.get(name) is not None}
    if (written := as_attributes(body.get("customAttributes"))) is not None:
        changes["customAttributes"] = written
    if body.get("address") is not None:
        changes["deliveryAddress"] = as_delivery(body["address"], order.get("deliveryAddress"))
    if changes:
        quivo.change(order["orderId"], **changes)
    return answers.no_data(quivo.switches.update_success)


def address(quivo: "Quivo", call: Call) -> web.Response:
    """`PUT /orders/{orderId}/address?type=`: replaces the delivery address, the invoice address or both."""
    number(quivo, call, "order_id")
    kind = call.query.get("type", "")
    if kind not in UPDATES:
        flaws = one_of(*UPDATES)("type", kind) if kind else iter([("type", NULL)])
        return answers.flaws(quivo.switches, flaws)
    body = _valid(quivo, call, UPDATES[kind])
    order = _changeable(quivo, call)
    quivo.change(order["orderId"], **updated(kind, body, order))
    return answers.no_data(quivo.switches.update_success)


def cancel_request(quivo: "Quivo", call: Call) -> web.Response:
    """`POST /orders/{orderId}/cancelRequest`: logs the request; a second one changes nothing and is as welcome."""
    order = own_order(quivo, call)
    _in_status(quivo, order, "cancelled", PENDING, PROCESSING)
    quivo.request_cancel(order["orderId"])
    if quivo.switches.cancel_success == 204:
        return answers.no_data(204)
    return answers.outcome(200, None, "Cancellation requested", order["orderId"])


def _valid(quivo: "Quivo", call: Call, check: Check) -> Document:
    """Return the body if it passes; Refusal with one line for each flaw, before anybody looks for the order."""
    body = json_object(call)
    found = list(check("", body))
    if quivo.switches.unknown_fields == "ignored":
        found = [flaw for flaw in found if flaw[1] != UNKNOWN]
    if found:
        raise Refusal(answers.flaws(quivo.switches, found))
    return body


def _changeable(quivo: "Quivo", call: Call) -> Document:
    order = own_order(quivo, call)
    _in_status(quivo, order, "updated", PROCESSING)
    return order


def _in_status(quivo: "Quivo", order: Document, deed: str, *allowed: str) -> None:
    if order["orderStatus"] not in allowed:
        words = f"Order cannot be {deed} in status {order['orderStatus']}"
        raise Refusal(answers.refusal(quivo.switches, quivo.switches.forbidden_code, words))


def _failed(quivo: "Quivo", field: str, message: str) -> web.Response:
    return answers.outcome(quivo.switches.business_failure, field, message, None)
