"""What QPilot can be asked, one row per endpoint; paths do not mind their case (`apis/qpilot.md` §1, §6)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from sandbox.qpilot import answers, catalogue, changes, items, login, past, scheduled, whole
from sandbox.qpilot.call import Call

if TYPE_CHECKING:
    from sandbox.qpilot.qpilot import Qpilot

Scope = Literal["nobody", "merchant", "customer"]
Answer = Callable[["Qpilot", Call], web.Response]


@dataclass(frozen=True)
class Route:
    """One endpoint: `scope` says whose token it takes; a customer's endpoint takes the merchant's, too."""

    method: str
    pattern: re.Pattern[str]
    scope: Scope
    answer: Answer
    changes: bool


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | frozenset[str]:
    """Return the route for a request with the parts of its path, or the methods that the path does have."""
    fitting = [(route, found.groupdict()) for route in ROUTES if (found := route.pattern.fullmatch(path))]
    for route, parts in fitting:
        if route.method == method:
            return route, parts
    return frozenset(route.method for route, _ in fitting)


def site(qpilot: "Qpilot", _: Call) -> web.Response:
    """`GET /Sites/{siteId}`."""
    return answers.data(qpilot.site)


def settings(qpilot: "Qpilot", _: Call) -> web.Response:
    """`GET …/Settings`: what a customer may know of the site."""
    shown = qpilot.site
    return answers.data(
        {
            "lockWindow": shown["lockDurationDays"],
            "utcOffset": -5,
            "showNotes": shown["isShowingNotes"],
            "showCoupons": shown["isShowCoupons"],
        }
    )


def check(qpilot: "Qpilot", _: Call) -> web.Response:
    """`GET …/Integration/Check`: whether the store answers."""
    error = {"type": 1100, "statusCode": 503, "message": "The store did not answer.", "detail": None}
    errors = [error] if qpilot.store_down else []
    return answers.data({"isSuccess": not errors, "errors": errors})


def _route(method: str, path: str, scope: Scope, answer: Answer) -> Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    changes = scope != "nobody" and method != "GET"
    return Route(method, re.compile(f"{pattern}/?", re.IGNORECASE), scope, answer, changes)


_SITE = "/Sites/{site}"
_ORDERS = f"{_SITE}/ScheduledOrders"
_ORDER = f"{_ORDERS}/{{order}}"
_ITEMS = f"{_SITE}/ScheduledOrderItems"
_CUSTOMER = f"{_SITE}/Customers/{{customer}}"
_CYCLE = f"{_SITE}/ProcessingCycles/{{cycle}}"

ROUTES = (
    _route("POST", "/AccessTokens/Login", "nobody", login.merchant),
    _route("POST", f"{_SITE}/AccessTokens/CustomerLogin", "nobody", login.customer),
    _route("POST", f"{_SITE}/AccessTokens/Generate", "nobody", login.generate),
    _route("GET", f"/v3{_ORDERS}", "merchant", scheduled.light),
    _route("GET", _ORDERS, "merchant", scheduled.heavy),
    _route("POST", _ORDERS, "customer", scheduled.create),
    _route("GET", f"{_ORDERS}/NextOccurrenceUtc", "customer", scheduled.calculator),
    _route("GET", _ORDER, "customer", scheduled.one),
    _route("PUT", _ORDER, "customer", whole.put),
    _route("DELETE", _ORDER, "customer", changes.delete),
    _route("PUT", f"{_ORDER}/Status/{{status}}", "customer", changes.status),
    _route("PUT", f"{_ORDER}/SafeActivate", "customer", changes.safe_activate),
    _route("PUT", f"{_ORDER}/NextOccurrenceUtc", "customer", changes.next_occurrence),
    _route("PUT", f"{_ORDER}/Frequency", "customer", changes.frequency),
    _route("PUT", f"{_ORDER}/Snooze", "customer", changes.snooze),
    _route("PATCH", f"{_ORDER}/PaymentMethod", "customer", changes.payment_method),
    _route("POST", f"{_ORDER}/Retry", "merchant", changes.retry),
    _route("GET", f"{_ORDER}/ProcessingCycles", "customer", past.cycles),
    _route("GET", _CYCLE, "customer", past.cycle),
    _route("GET", f"{_CYCLE}/ProcessingLogs", "customer", past.cycle_logs),
    _route("GET", f"{_SITE}/ScheduledOrdersHistory", "merchant", past.history),
    _route("POST", _ITEMS, "customer", items.add),
    _route("GET", f"{_ITEMS}/{{item}}", "customer", items.one),
    _route("PUT", f"{_ITEMS}/{{item}}", "customer", items.edit),
    _route("DELETE", f"{_ITEMS}/{{item}}", "customer", items.remove),
    _route("GET", f"{_SITE}/Coupons", "merchant", catalogue.coupons),
    _route("GET", f"{_SITE}/Coupons/ByCode", "customer", catalogue.coupon_by_code),
    _route("GET", f"{_SITE}/Coupons/{{coupon}}", "merchant", catalogue.coupon),
    _route("GET", f"{_SITE}/Customers", "merchant", catalogue.customers),
    _route("POST", f"{_SITE}/Customers", "merchant", catalogue.create_customer),
    _route("GET", _CUSTOMER, "customer", catalogue.customer),
    _route("GET", f"{_CUSTOMER}/ScheduledOrders", "customer", catalogue.customer_orders),
    _route("GET", f"{_CUSTOMER}/PaymentMethods", "customer", catalogue.customer_methods),
    _route("GET", f"{_CUSTOMER}/EventLogs", "customer", past.event_logs),
    _route("GET", f"{_CUSTOMER}/Metrics", "customer", past.metrics),
    _route("GET", f"{_SITE}/CustomerMetrics", "merchant", past.all_metrics),
    _route("POST", f"{_SITE}/PaymentMethods", "customer", catalogue.create_method),
    _route("GET", f"{_SITE}/Products", "customer", catalogue.products),
    _route("POST", f"{_SITE}/Products", "merchant", catalogue.create_product),
    _route("GET", f"{_SITE}/Products/{{product}}", "customer", catalogue.product),
    _route("PUT", f"{_SITE}/Products/{{product}}/ScheduledOrderAvailability", "merchant", catalogue.availability),
    _route("GET", _SITE, "merchant", site),
    _route("GET", f"{_SITE}/Settings", "customer", settings),
    _route("GET", f"{_SITE}/Integration/Check", "merchant", check),
)
