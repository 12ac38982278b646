"""What happened: processing cycles, history, event logs and metrics (`apis/qpilot.md` §5.6 to §5.8, §6.1).

Where the sheet knows no field names they are assumed, and stand here alone.
"""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.qpilot import answers
from sandbox.qpilot.accounts import SITE_ID
from sandbox.qpilot.call import Call
from sandbox.qpilot.catalogue import own as own_customer
from sandbox.qpilot.lists import select
from sandbox.qpilot.moments import Document, epoch, moment
from sandbox.qpilot.scheduled import own as own_order

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

_ENDED = {"Success": "Processed", "Failed": "Failed"}
_COUNTED = ("Active", "Paused", "Failed", "Deleted")


def cycles(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ScheduledOrders/{id}/ProcessingCycles`: the newest first; `status` filters."""
    order = own_order(qpilot, call)
    wanted = (call.query.text("status") or "").lower()
    rows = [
        cycle
        for cycle in qpilot.cycles.values()
        if cycle["scheduledOrderId"] == order["id"] and wanted in ("", cycle["status"].lower())
    ]
    return answers.data(select(rows, call.query, order_by="startDateUtc", descending=True).envelope())


def cycle(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ProcessingCycles/{cycleId}`."""
    return answers.data(_cycle(qpilot, call))


def cycle_logs(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ProcessingCycles/{cycleId}/ProcessingLogs`: when it began, and how it ended."""
    found = _cycle(qpilot, call)
    begun = _log(found["id"] * 10 + 1, found["startDateUtc"], "Information", "PreProcessing", "Processing started")
    if found["endDateUtc"] is None:
        return answers.data([begun])
    level, words = ("Error", found["failureReason"]) if found["failureReason"] else ("Information", "Order processed")
    return answers.data([begun, _log(found["id"] * 10 + 2, found["endDateUtc"], level, "Processing", words)])


def history(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/ScheduledOrdersHistory`: everything between two instants; a bare end date leaves that day out."""
    start, end = call.query.instant("startDate") or -math.inf, call.query.instant("endDate") or math.inf
    qpilot.process()
    happened = sorted(_happened(qpilot, qpilot.orders.values()), key=lambda one: one["createdUtc"])
    rows = [row | {"id": number} for number, row in enumerate(happened, start=1)]
    found = [row for row in rows if start <= epoch(row["createdUtc"]) <= end]
    page = select(found, call.query, order_by="id", descending=True)
    return answers.data(
        {"scheduledOrderHistoryItems": page.rows, "items": [], "totalCount": page.total, "totalPages": page.pages}
    )


def event_logs(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers/{id}/EventLogs`: all of them at once, the newest first."""
    return answers.data(_events(qpilot, own_customer(qpilot, call)["id"]))


def metrics(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/Customers/{id}/Metrics`: with the event logs unless `excludeEventLogsData=true`."""
    customer = own_customer(qpilot, call)
    found = _metrics(qpilot, customer)
    if not call.query.flag("excludeEventLogsData"):
        found["eventLogs"] = _events(qpilot, customer["id"])
    return answers.data(found)


def all_metrics(qpilot: "Qpilot", call: Call) -> web.Response:
    """`GET …/CustomerMetrics`: of the customers who were created between two instants, or of some `customerIds`."""
    start, end = call.query.instant("startDate") or -math.inf, call.query.instant("endDate") or math.inf
    ids = call.query.all("customerIds")
    found = [
        customer
        for customer in qpilot.customers.values()
        if (not ids or customer["id"] in ids) and start <= epoch(customer["createdUtc"]) <= end
    ]
    page = select(found, call.query, order_by="id")
    return answers.data(page.envelope([_metrics(qpilot, customer) for customer in page.rows]))


def _cycle(qpilot: "Qpilot", call: Call) -> Document:
    qpilot.process()
    found = qpilot.cycles.get(call.number("cycle"))
    if found is None:
        raise answers.not_found("Processing Cycle")
    call.about(qpilot.orders[found["scheduledOrderId"]]["customerId"])
    return found


def _log(log_id: int, at: str, level: str, step: str, words: str) -> Document:
    return {"id": log_id, "createdUtc": at, "level": level, "step": step, "message": words}


def _happened(qpilot: "Qpilot", orders: Iterable[Document]) -> Iterator[Document]:
    """Yield a row for the creation of each order, for each cycle that ended, and for each change since the start."""
    known = {order["id"]: order for order in orders}
    for order in known.values():
        yield _row(order, "CreateScheduledOrder", order["createdUtc"])
    for found in qpilot.cycles.values():
        if found["status"] in _ENDED and found["scheduledOrderId"] in known:
            verb = f"ScheduledOrder{_ENDED[found['status']]}"
            yield _row(known[found["scheduledOrderId"]], verb, found["endDateUtc"])
    for change in qpilot.changes:
        if change["order"]["id"] in known and change["verb"] != "Create":
            yield _row(change["order"], f"{change['verb']}ScheduledOrder", moment(change["at"]))


def _row(order: Document, action: str, at: str) -> Document:
    return {
        "id": 0,
        "siteId": SITE_ID,
        "scheduledOrderId": order["id"],
        "customerId": order["customerId"],
        "actionType": action,
        "createdUtc": at,
    }


def _events(qpilot: "Qpilot", customer_id: str) -> list[Document]:
    orders = [order for order in qpilot.orders.values() if order["customerId"] == customer_id]
    happened = sorted(_happened(qpilot, orders), key=lambda row: row["createdUtc"], reverse=True)
    return [
        {
            "eventUtc": row["createdUtc"],
            "eventType": row["actionType"],
            "eventVerb": row["actionType"].replace("ScheduledOrder", ""),
            "entityType": "ScheduledOrder",
            "entityId": row["scheduledOrderId"],
            "originator": "QPilot",
            "descriptionFormatted": f"{row['actionType']} #{row['scheduledOrderId']}",
        }
        for row in happened
    ]


def _metrics(qpilot: "Qpilot", customer: Document) -> Document:
    orders = [order for order in qpilot.orders.values() if order["customerId"] == customer["id"]]
    ids = {order["id"] for order in orders}
    ran = [found for found in qpilot.cycles.values() if found["scheduledOrderId"] in ids]
    ended = {word: [one["endDateUtc"] for one in ran if one["status"] == word] for word in _ENDED}
    paid = [one["chargedOrderTotal"] for one in ran if one["chargedOrderTotal"] is not None]
    bought = sorted({item["productId"] for order in orders for item in order["scheduledOrderItems"]})
    counts: Document = {}
    for status in _COUNTED:
        of_status = [order["total"] for order in orders if order["status"] == status]
        counts[f"totalScheduledOrders{status}"] = len(of_status)
        counts[f"totalScheduledOrders{status}Value"] = sum(of_status, Decimal(0))
    return counts | {
        "customerId": customer["id"],
        "customerCreatedDateUTC": customer["createdUtc"],
        "firstScheduledOrderCreatedUTC": min((order["createdUtc"] for order in orders), default=None),
        "totalScheduledOrdersLifetimeValue": sum((order["lifetimeValue"] for order in orders), Decimal(0)),
        "averageProcessingCycleValue": round(sum(paid, Decimal(0)) / len(paid), 2) if paid else Decimal(0),
        "lastSuccessfulProcessingCycleDate": max(ended["Success"], default=None),
        "lastFailedProcessingCycleDate": max(ended["Failed"], default=None),
        "lastPausedScheduledOrderDate": None,
        "totalSuccessfulProcessingCycles": len(ended["Success"]),
        "totalProductsPurchased": len(bought),
        "firstProductsPurchased": bought[:1],
        "allProductsPurchased": bought,
    }
