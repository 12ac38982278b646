"""What Shipclerk reads at QPilot; nothing here changes anything (apis/qpilot.md §6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from itertools import takewhile
from typing import TypeVar

from backends.errors import Garbled
from backends.http import Answer
from backends.qpilot import entity_models as wire
from backends.qpilot.asking import Asking, Request
from backends.qpilot.documents import loaded, written
from backends.qpilot.entities import (
    Coupon,
    Customer,
    EventLog,
    IntegrationCheck,
    Metrics,
    Product,
    ProductQuery,
    Settings,
    Site,
)
from backends.qpilot.envelope import page_of, rows_of
from backends.qpilot.models import moment_of, row, scheduled_order
from backends.qpilot.order import DELETED, Change, Cycle, Page, PaymentMethod, Row, ScheduledOrder
from backends.qpilot.query import Value
from backends.qpilot.tickets import Tickets
from backends.reading import parsed

_SITE = "/Sites/{site}"
_ORDERS = "/Sites/{site}/ScheduledOrders"
_CUSTOMER = "/Sites/{site}/Customers/{id}"
_MOST_PAGES = 1000
T = TypeVar("T")


class Reading:
    """The reads of ``QpilotClient``; each page or record is one request with a token of its own."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def orders_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
        expect: bool = False,
    ) -> Page[Row]:
        """One page of the light list (v3); orders in any of ``status_names``; without, as QPilot likes.

        ``order_by`` is a property of QPilot's, ``order`` is ``asc`` or ``desc``; dates cannot be asked for.
        """
        query = _listed(page, page_size, order_by, order) | {"statusNames": status_names, "search": search}
        request = Request("GET", "/v3" + _ORDERS, {"site": site_id}, query, request_id=request_id)
        answer = await self._asking.read(tickets, request, expect=expect)
        return self._parsed(answer, lambda body: page_of(body, row, page, page_size))

    async def walk(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        until: Callable[[Row], bool] | None = None,
        request_id: str = "",
    ) -> AsyncIterator[Row]:
        """All rows of the light list, page by page, each order once, up to the first for which ``until`` is true.

        That row is not given, and no page behind it is asked for. The token of a page that surely follows is fetched
        ahead, so end a walk by ``until`` and not by leaving it. Raises Garbled for a list that does not end.
        """
        given: set[int] = set()
        total_pages = 0
        for number in range(1, _MOST_PAGES + 1):
            found = await self.orders_page(
                tickets,
                site_id,
                status_names=status_names,
                search=search,
                page=number,
                page_size=page_size,
                order_by=order_by,
                order=order,
                request_id=request_id,
                expect=until is None and number < total_pages,
            )
            total_pages = found.total_pages or 0
            rows = found.items if until is None else tuple(takewhile(lambda row: not until(row), found.items))
            more = found.more and len(rows) == len(found.items)
            if more:
                tickets.expect()
            for one in rows:
                if one.id not in given:
                    given.add(one.id)
                    yield one
            if not more:
                return
        raise Garbled(self._asking.http.name, request_id)

    async def full_page(
        self,
        tickets: Tickets,
        site_id: int,
        *,
        customer_id: str | None = None,
        status_names: tuple[str, ...] = (),
        search: str | None = None,
        page: int = 1,
        page_size: int = 100,
        order_by: str = "NextOccurrenceUtc",
        order: str = "asc",
        request_id: str = "",
    ) -> Page[ScheduledOrder]:
        """One page of the list of whole scheduled orders, which is slower than the light one (apis/qpilot.md §6.1)."""
        query = _listed(page, page_size, order_by, order)
        query |= {"statusNames": status_names, "search": search, "customerId": customer_id}
        answer = await self._get(tickets, _ORDERS, site_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, scheduled_order, page, page_size))

    async def order(self, tickets: Tickets, site_id: int, order_id: int, *, request_id: str = "") -> ScheduledOrder:
        """One whole scheduled order; raises NotFound, and Garbled for another order than the one asked for."""
        answer = await self._get(tickets, _ORDERS + "/{id}", site_id, order_id, request_id=request_id)
        found = self._parsed(answer, lambda body: scheduled_order(loaded(body)))
        if found.id != order_id:
            raise Garbled(self._asking.http.name, answer.request_id)
        return found

    async def customer_orders(
        self,
        tickets: Tickets,
        site_id: int,
        customer_id: str,
        *,
        include_deleted: bool = False,
        request_id: str = "",
    ) -> tuple[ScheduledOrder, ...]:
        """All scheduled orders of one customer, whole; deleted ones only if wished (apis/qpilot.md §6.3)."""
        query: dict[str, Value] = {"includeDeleted": True if include_deleted else None}
        path = _CUSTOMER + "/ScheduledOrders"
        answer = await self._get(tickets, path, site_id, customer_id, query=query, request_id=request_id)
        found = self._parsed(answer, lambda body: rows_of(loaded(body), scheduled_order))
        return tuple(one for one in found if include_deleted or one.status != DELETED)

    async def customer(self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = "") -> Customer:
        """One customer by the id of the connected store (apis/qpilot.md §3.2)."""
        answer = await self._get(tickets, _CUSTOMER, site_id, customer_id, request_id=request_id)
        return self._parsed(answer, lambda body: wire.customer(loaded(body)))

    async def customers(
        self, tickets: Tickets, site_id: int, search: str, *, page: int = 1, page_size: int = 25, request_id: str = ""
    ) -> Page[Customer]:
        """One page of the customers that a name, an e-mail address or an id finds (apis/qpilot.md §6.3)."""
        query = _listed(page, page_size) | {"search": search or None}
        answer = await self._get(tickets, _SITE + "/Customers", site_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, wire.customer, page, page_size))

    async def payment_methods(
        self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = ""
    ) -> tuple[PaymentMethod, ...]:
        """All payment methods of one customer (apis/qpilot.md §6.3)."""
        path = _CUSTOMER + "/PaymentMethods"
        answer = await self._get(tickets, path, site_id, customer_id, request_id=request_id)
        return self._parsed(answer, lambda body: rows_of(loaded(body), wire.payment_method))

    async def event_logs(
        self, tickets: Tickets, site_id: int, customer_id: str, *, most: int = 20, request_id: str = ""
    ) -> Page[EventLog]:
        """The newest events of one customer, and how many there are: it can be hundreds (apis/qpilot.md §5.7)."""
        answer = await self._get(tickets, _CUSTOMER + "/EventLogs", site_id, customer_id, request_id=request_id)
        found = self._parsed(answer, lambda body: rows_of(loaded(body), wire.event_log))
        newest = sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)
        return Page(tuple(newest[:most]), more=len(found) > most, total=len(found))

    async def metrics(self, tickets: Tickets, site_id: int, customer_id: str, *, request_id: str = "") -> Metrics:
        """One customer's figures, without the event logs (apis/qpilot.md §5.8)."""
        query: dict[str, Value] = {"excludeEventLogsData": True}
        path = _CUSTOMER + "/Metrics"
        answer = await self._get(tickets, path, site_id, customer_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: wire.metrics(loaded(body)))

    async def products(
        self,
        tickets: Tickets,
        site_id: int,
        query: ProductQuery = ProductQuery(),  # noqa: B008
        *,
        page: int = 1,
        page_size: int = 25,
        request_id: str = "",
    ) -> Page[Product]:
        """One page of the products for which everything in ``query`` holds (apis/qpilot.md §6.3)."""
        asked = _listed(page, page_size) | {
            "search": query.search or None,
            "availability": query.availability,
            "active": query.active,
            "addToScheduledOrder": query.add,
            "processScheduledOrder": query.process,
            "valid": query.valid,
        }
        answer = await self._get(tickets, _SITE + "/Products", site_id, query=asked, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, wire.product, page, page_size))

    async def product(self, tickets: Tickets, site_id: int, product_id: str, *, request_id: str = "") -> Product:
        """One product by the id of the connected store."""
        answer = await self._get(tickets, _SITE + "/Products/{id}", site_id, product_id, request_id=request_id)
        return self._parsed(answer, lambda body: wire.product(loaded(body)))

    async def coupons(
        self, tickets: Tickets, site_id: int, search: str = "", *, page: int = 1, request_id: str = ""
    ) -> Page[Coupon]:
        """One page of the site's coupons, a hundred at most (apis/qpilot.md §3.1)."""
        query: dict[str, Value] = {"page": page, "search": search or None}
        answer = await self._get(tickets, _SITE + "/Coupons", site_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, wire.coupon, page, 100))

    async def site(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Site:
        """The site; the cheapest request that proves a connection (apis/qpilot.md §5.5)."""
        answer = await self._get(tickets, _SITE, site_id, request_id=request_id)
        return self._parsed(answer, lambda body: wire.site(loaded(body)))

    async def settings(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> Settings:
        """What of the site a customer's token may read too (apis/qpilot.md §5.5)."""
        answer = await self._get(tickets, _SITE + "/Settings", site_id, request_id=request_id)
        return self._parsed(answer, lambda body: wire.settings(loaded(body)))

    async def integration_check(self, tickets: Tickets, site_id: int, *, request_id: str = "") -> IntegrationCheck:
        """Whether QPilot reaches the store; it asks the store, so it is slow (apis/qpilot.md §6.3)."""
        answer = await self._get(tickets, _SITE + "/Integration/Check", site_id, request_id=request_id)
        return self._parsed(answer, lambda body: wire.integration_check(loaded(body)))

    async def cycles(
        self,
        tickets: Tickets,
        site_id: int,
        order_id: int,
        *,
        page: int = 1,
        page_size: int = 10,
        request_id: str = "",
    ) -> Page[Cycle]:
        """One page of a scheduled order's processing cycles, the latest first (apis/qpilot.md §5.6)."""
        query = _listed(page, page_size, "StartDateUtc", "desc")
        path = _ORDERS + "/{id}/ProcessingCycles"
        answer = await self._get(tickets, path, site_id, order_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, wire.cycle, page, page_size))

    async def history(
        self,
        tickets: Tickets,
        site_id: int,
        start: datetime,
        end: datetime,
        *,
        page: int = 1,
        page_size: int = 100,
        request_id: str = "",
    ) -> Page[Change]:
        """One page of what happened to the site's scheduled orders from ``start`` to ``end``, the latest first."""
        query = _listed(page, page_size, "Id", "desc") | {"startDate": written(start), "endDate": written(end)}
        path = _SITE + "/ScheduledOrdersHistory"
        answer = await self._get(tickets, path, site_id, query=query, request_id=request_id)
        return self._parsed(answer, lambda body: page_of(body, wire.change, page, page_size))

    async def next_occurrence(
        self,
        tickets: Tickets,
        site_id: int,
        frequency_type: str,
        frequency: int,
        after: datetime,
        *,
        request_id: str = "",
    ) -> datetime:
        """The occurrence that follows ``after``, as QPilot reckons it; needed to skip one (apis/qpilot.md §6.1)."""
        query: dict[str, Value] = {
            "frequencyType": frequency_type,
            "frequency": frequency,
            "fromUtc": written(after),
        }
        path = _ORDERS + "/NextOccurrenceUtc"
        return self._parsed(await self._get(tickets, path, site_id, query=query, request_id=request_id), moment_of)

    async def _get(
        self,
        tickets: Tickets,
        path: str,
        site_id: int,
        record_id: str | int = "",
        *,
        query: dict[str, Value] | None = None,
        request_id: str,
    ) -> Answer:
        parts = {"site": site_id, "id": record_id}
        return await self._asking.read(tickets, Request("GET", path, parts, query or {}, request_id=request_id))

    def _parsed(self, answer: Answer, read: Callable[[bytes], T]) -> T:
        return parsed(self._asking.http, answer, read)


def _listed(page: int, page_size: int, order_by: str | None = None, order: str | None = None) -> dict[str, Value]:
    return {"page": page, "pageSize": page_size, "orderBy": order_by, "order": order}
