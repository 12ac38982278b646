"""The small changes of a scheduled order: status, date, rhythm, payment, retry, delete (`apis/qpilot.md` §6.1, §7)."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers, checks, views
from sandbox.qpilot.answers import INVALID_STATUS, LOCKED, NO_SNOOZE, broken_rule
from sandbox.qpilot.call import Call
from sandbox.qpilot.moments import Document, digits, epoch, moment
from sandbox.qpilot.processor import awake
from sandbox.qpilot.scheduled import FREQUENCY, check_frequency, check_method, own
from sandbox.qpilot.zone import local

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_DAY = 86400.0
_RECORD_DIGITS = 3
_SNOOZE = {
    "snoozeUntilUtc": checks.INSTANT,
    "snoozeDuration": checks.whole(1, 365),
    "snoozeDurationType": checks.one_of("Day", "Week", "Month"),
}


def status(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/Status/{status}`: a paused order becomes Active, an Active one Paused; all else is code 1001."""
    order, target = own(qpilot, call), call.path["status"].lower()
    if target == "active":
        _in_status(order, "Can only activate Scheduled Orders with statuses $Paused", "Paused")
        return _shown(qpilot, _activated(qpilot, order, touch=True))
    if target != "paused":
        raise broken_rule(f"Cannot change a Scheduled Order to status {call.path['status']}", INVALID_STATUS)
    _in_status(order, "Can only pause Scheduled Orders with statuses $Active", "Active")
    check_lock(qpilot, call, order)
    return _shown(qpilot, qpilot.change(order["id"], status="Paused"))


def safe_activate(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/SafeActivate`: back to Active from Failed, Paused or Snoozed, from Deleted with `allowDeleted=true`."""
    order = own(qpilot, call)
    deleted = ("Deleted",) if call.query.flag("allowDeleted") else ()
    words = "Can only activate Scheduled Orders with statuses $Failed, $Paused or $Snoozed"
    _in_status(order, words, "Failed", "Paused", "Snoozed", *deleted)
    check_lock(qpilot, call, order)
    return _shown(qpilot, _activated(qpilot, order, touch=False))


def next_occurrence(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/NextOccurrenceUtc`: a date in the future; `strict_precision` wants the digits that records have."""
    order = own(qpilot, call)
    text = call.json({"nextOccurrenceUtc": checks.INSTANT}, ("nextOccurrenceUtc",))["nextOccurrenceUtc"]
    check_editable(qpilot, call, order)
    if qpilot.switches.strict_precision and digits(text) != _RECORD_DIGITS:
        raise broken_rule("The precision of NextOccurrenceUtc differs from that of the Scheduled Order")
    _future(qpilot, "NextOccurrenceUtc", text)
    return _shown(qpilot, qpilot.change(order["id"], nextOccurrenceUtc=moment(epoch(text))))


def frequency(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/Frequency`: type and number; the next occurrence stays where it is."""
    order = own(qpilot, call)
    body = call.json(FREQUENCY, FREQUENCY)
    check_frequency(body)
    check_editable(qpilot, call, order)
    return _shown(qpilot, qpilot.change(order["id"], **{name: body[name] for name in FREQUENCY}))


def snooze(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PUT …/Snooze`: an Active or Paused order rests until a date; code 1010 where the site lacks the feature."""
    order = own(qpilot, call)
    if not qpilot.switches.snooze_enabled:
        raise broken_rule("Snooze feature is not enabled for this site", NO_SNOOZE)
    body = call.json(_SNOOZE, ("snoozeUntilUtc",))
    _in_status(order, "Can only snooze Scheduled Orders with statuses $Active or $Paused", "Active", "Paused")
    check_lock(qpilot, call, order)
    _future(qpilot, "SnoozeUntilUtc", body["snoozeUntilUtc"])
    fields = {name: body.get(name) for name in _SNOOZE} | {"snoozeUntilUtc": moment(epoch(body["snoozeUntilUtc"]))}
    return _shown(qpilot, qpilot.change(order["id"], status="Snoozed", **fields))


def payment_method(qpilot: "Qpilot", call: Call) -> web.Response:
    """`PATCH …/PaymentMethod`: one of the customer's own, in the lock window too."""
    order = own(qpilot, call)
    method_id = call.json({"paymentMethodId": checks.whole()}, ("paymentMethodId",))["paymentMethodId"]
    _not_in(order, "Processing", "Deleted")
    check_method(qpilot, method_id, order["customerId"])
    return _shown(qpilot, qpilot.change(order["id"], paymentMethodId=method_id))


def retry(qpilot: "Qpilot", call: Call) -> web.Response:
    """`POST …/Retry`: a failed order begins a new cycle and may be charged; all else is code 1001 (assumed)."""
    order = own(qpilot, call)
    _in_status(order, "Can only retry Scheduled Orders with statuses $Failed", "Failed")
    qpilot.retry(order["id"])
    return _shown(qpilot, qpilot.orders[order["id"]])


def delete(qpilot: "Qpilot", call: Call) -> web.Response:
    """`DELETE …/{id}`: from any status but Processing; the order stays and can be activated again."""
    order = own(qpilot, call)
    check_editable(qpilot, call, order)
    qpilot.change(order["id"], status="Deleted", lastChangeToDeleted=moment(qpilot.clock.now()))
    return answers.data(True)


def check_editable(qpilot: "Qpilot", call: Call, order: Document) -> None:
    """Refuse (400) to change an order that is being processed, is deleted or is locked."""
    _not_in(order, "Processing", "Deleted")
    check_lock(qpilot, call, order)


def check_lock(qpilot: "Qpilot", call: Call, order: Document) -> None:
    """Refuse (400) to change an order in its lock window, for both scopes unless the switch spares merchants."""
    spared = qpilot.switches.merchant_bypasses_lock and call.grant.scope == "Merchant"
    if qpilot.locked(order) and not spared:
        raise broken_rule(LOCKED)


def _activated(qpilot: "Qpilot", order: Document, *, touch: bool) -> Document:
    """Make an order Active: one that is due today or was due is Queued at once, unless a lock or offset moves it."""
    now = qpilot.clock.now()
    changed = awake() | {"lastChangeToDeleted": None} | ({} if touch else {"updatedUtc": order["updatedUtc"]})
    if local(epoch(order["nextOccurrenceUtc"])).date() > local(now).date():
        return qpilot.change(order["id"], **changed)
    if days := qpilot.switches.lock_days + qpilot.switches.offset_days:
        return qpilot.change(order["id"], **changed, nextOccurrenceUtc=moment(now + days * _DAY))
    qpilot.change(order["id"], **changed)
    # Due by now it was Queued already, by the look at the orders.
    if qpilot.orders[order["id"]]["status"] == "Active":
        qpilot.retry(order["id"])
    return qpilot.orders[order["id"]]


def _in_status(order: Document, words: str, *allowed: str) -> None:
    if order["status"] not in allowed:
        raise broken_rule(words, INVALID_STATUS)


def _not_in(order: Document, *refused: str) -> None:
    if order["status"] in refused:
        raise broken_rule(f"Cannot change a Scheduled Order with status {order['status']}", INVALID_STATUS)


def _future(qpilot: "Qpilot", name: str, text: str) -> None:
    if epoch(text) <= qpilot.clock.now():
        raise broken_rule(f"{name} must be in the future")


def _shown(qpilot: "Qpilot", order: Document) -> web.Response:
    return answers.data(views.full(qpilot, order))
