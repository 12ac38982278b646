"""QPilot's reads against mocked answers: what is asked, with how many tokens, and what becomes of each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
from backends_kit import http_answer, serving, waits, with_locals
from qpilot_kit import FULL, SITE, URL, VALUE, Counting, bearers, pages, qpilot, refused, sent

from backends.errors import (
    BackendError,
    Fault,
    FieldError,
    Garbled,
    LoginRefused,
    NoAnswer,
    NotFound,
    Refused,
    SessionExpired,
    Unreachable,
)
from backends.http import Limits
from backends.qpilot.auth import Token
from backends.qpilot.client import BASE_URL, QpilotClient
from backends.qpilot.entities import (
    Coupon,
    Customer,
    EventLog,
    IntegrationCheck,
    Metrics,
    Problem,
    Product,
    ProductQuery,
    Settings,
    Site,
)
from backends.qpilot.order import Change, Cycle, Page, PaymentMethod, Row
from backends.qpilot.refusals import QpilotForbidden, QpilotInvalid, ScopeRefused
from backends.qpilot.tickets import FreshTickets

NOON = datetime(2026, 1, 5, 12, 0, 0, 120_000, UTC)
S = "/Sites/1113"
Read = Callable[[QpilotClient, Counting], Awaitable[object]]
READS: dict[str, tuple[Read, str, Any, object]] = {
    "orders_page": (
        lambda one, tickets: one.orders_page(
            tickets, SITE, status_names=("Active", "Paused"), search="a&b=ü\ud800", page=2, page_size=5, request_id="r"
        ),
        f"/v3{S}/ScheduledOrders?page=2&pageSize=5&orderBy=NextOccurrenceUtc&order=asc"
        "&statusNames=Active&statusNames=Paused&search=a%26b%3D%C3%BC%3F",
        {"results": [{"id": 1, "status": "Active"}], "items": [], "totalCount": 11, "page": 2},
        Page((Row(1, "Active"),), 2, True, 11, 3),
    ),
    "customer": (
        lambda one, tickets: one.customer(tickets, SITE, "../1?x", request_id="r"),
        f"{S}/Customers/..%2F1%3Fx",
        {"id": 107, "customerId": 90001, "email": "ada@mail.example"},
        Customer("107", "ada@mail.example"),
    ),
    "customers": (
        lambda one, tickets: one.customers(tickets, SITE, "ada@", request_id="r"),
        f"{S}/Customers?page=1&pageSize=25&search=ada%40",
        {"items": [{"id": "107"}], "totalCount": 1, "totalPages": 1},
        Page((Customer("107"),), 1, False, 1, 1),
    ),
    "payment_methods": (
        lambda one, tickets: one.payment_methods(tickets, SITE, "107", request_id="r"),
        f"{S}/Customers/107/PaymentMethods",
        [{"id": 5, "type": "Stripe", "lastFourDigits": "4242424242424242"}],
        (PaymentMethod(5, "Stripe"),),
    ),
    "event_logs": (
        lambda one, tickets: one.event_logs(tickets, SITE, "107", most=1, request_id="r"),
        f"{S}/Customers/107/EventLogs",
        [{"eventType": "old"}, {"eventUtc": "2026-01-05T12:00:00.12", "eventVerb": "Create"}, {"entityType": "x"}],
        Page((EventLog(at=NOON, verb="Create"),), 1, True, 3),
    ),
    "metrics": (
        lambda one, tickets: one.metrics(tickets, SITE, "107", request_id="r"),
        f"{S}/Customers/107/Metrics?excludeEventLogsData=true",
        {"totalScheduledOrdersActive": 2, "totalScheduledOrdersActiveValue": 58.10},
        Metrics(active=2, active_value=Decimal("58.1")),
    ),
    "products": (
        lambda one, tickets: one.products(
            tickets, SITE, ProductQuery("soap", "InStock", process=False), page_size=10, request_id="r"
        ),
        f"{S}/Products?page=1&pageSize=10&search=soap&availability=InStock&processScheduledOrder=false",
        {"items": [{"id": "9", "price": 9.75, "stock": 50}], "totalPages": 2},
        Page((Product("9", price=Decimal("9.75"), stock=50),), 1, True, None, 2),
    ),
    "product": (
        lambda one, tickets: one.product(tickets, SITE, "9", request_id="r"),
        f"{S}/Products/9",
        {"id": "9", "addToScheduledOrder": True, "processScheduledOrder": False, "active": True, "valid": False},
        Product("9", add=True, process=False, active=True, valid=False),
    ),
    "coupons": (
        lambda one, tickets: one.coupons(tickets, SITE, "TEN", request_id="r"),
        f"{S}/Coupons?page=1&search=TEN",
        {"items": [{"id": 31, "code": "TEN", "discountType": "New", "amount": 10}], "totalPages": 1},
        Page((Coupon(31, "TEN", None, "New", Decimal(10)),), 1, False, None, 1),
    ),
    "site": (
        lambda one, tickets: one.site(tickets, SITE, request_id="r"),
        S,
        {"id": 1113, "name": "Pine", "timezone": "America/New_York", "lockDurationDays": "", "isProcessingPaused": 1},
        Site(1113, "Pine", timezone="America/New_York", processing_paused=True),
    ),
    "settings": (
        lambda one, tickets: one.settings(tickets, SITE, request_id="r"),
        f"{S}/Settings",
        {"lockWindow": 1, "utcOffset": -5, "showNotes": True},
        Settings(1, -5, True),
    ),
    "integration_check": (
        lambda one, tickets: one.integration_check(tickets, SITE, request_id="r"),
        f"{S}/Integration/Check",
        {"isSuccess": False, "errors": [{"type": 1100, "statusCode": 500, "message": "down"}]},
        IntegrationCheck(False, (Problem(1100, 500, "down"),)),
    ),
    "cycles": (
        lambda one, tickets: one.cycles(tickets, SITE, 208022, request_id="r"),
        f"{S}/ScheduledOrders/208022/ProcessingCycles?page=1&pageSize=10&orderBy=StartDateUtc&order=desc",
        [{"id": 771204, "status": "Void", "startDateUtc": "2026-01-05T12:00:00.120Z"}],
        Page((Cycle("771204", status="Void", started=NOON),), 1, False, 1, 1),
    ),
    "history": (
        lambda one, tickets: one.history(tickets, SITE, NOON, NOON, request_id="r"),
        f"{S}/ScheduledOrdersHistory?page=1&pageSize=100&orderBy=Id&order=desc"
        "&startDate=2026-01-05T12%3A00%3A00.120Z&endDate=2026-01-05T12%3A00%3A00.120Z",
        {"items": [], "scheduledOrderHistoryItems": [{"id": 3, "scheduledOrderId": 208022, "actionType": "x"}]},
        Page((Change(3, 208022, action="x"),), 1),
    ),
    "next_occurrence": (
        lambda one, tickets: one.next_occurrence(tickets, SITE, "Days", 30, NOON, request_id="r"),
        f"{S}/ScheduledOrders/NextOccurrenceUtc?frequencyType=Days&frequency=30&fromUtc=2026-01-05T12%3A00%3A00.120Z",
        "2026-02-04T12:00:00",
        datetime(2026, 2, 4, 12, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("read", READS)
@respx.mock
async def test_reads(read: str) -> None:
    """Each read asks what apis/qpilot.md §6 says, with one token, and every typed text stays inside its place."""
    ask, target, answer, meant = READS[read]
    route = respx.route().respond(json=answer)
    tickets = Counting()
    async with qpilot() as client:
        assert await ask(client, tickets) == meant
    assert (sent(route), tickets.wishes) == ([f"GET {target}"], ["take"])
    request = route.calls.last.request
    assert (request.headers["authorization"], request.headers["source"]) == (f"Bearer {VALUE}-1", "Merchant")


@respx.mock
async def test_order() -> None:
    """A whole scheduled order is read by its id; another one's answer is never shown as it."""
    route = respx.get(f"{URL}{S}/ScheduledOrders/208022").respond(json=FULL)
    respx.get(f"{URL}{S}/ScheduledOrders/208023").respond(json=FULL)
    async with qpilot() as client:
        found = await client.order(Counting(), SITE, 208022)
        error = await refused(client.order(Counting(), SITE, 208023))
    assert (found.id, found.total, len(found.items), route.call_count) == (208022, Decimal("29.0"), 1, 1)
    assert type(error) is Garbled


@respx.mock
async def test_full_page_and_customer_orders() -> None:
    """Whole orders come by page or by customer; a customer's deleted ones only if wished (apis/qpilot.md §6.3)."""
    listed = respx.get(f"{URL}{S}/ScheduledOrders").respond(json={"items": [FULL], "totalCount": 1, "totalPages": 1})
    deleted = FULL | {"id": 2, "status": "Deleted"}
    theirs = respx.get(f"{URL}{S}/Customers/107/ScheduledOrders").respond(json=[FULL, deleted])
    async with qpilot() as client:
        page = await client.full_page(Counting(), SITE, customer_id="107", status_names=("Failed",))
        some = await client.customer_orders(Counting(), SITE, "107")
        every = await client.customer_orders(Counting(), SITE, "107", include_deleted=True)
    assert [[one.id for one in found] for found in (page.items, some, every)] == [[208022], [208022], [208022, 2]]
    assert page.items[0].document == some[0].document
    assert "statusNames=Failed&customerId=107" in sent(listed)[0]
    assert [one.partition("?")[2] for one in sent(theirs)] == ["", "includeDeleted=true"]


CUSTOMERS_TOKEN = Token(VALUE, "Customer")


@respx.mock
async def test_source() -> None:
    """A customer's token says that the customer asks (apis/qpilot.md §1)."""

    class One(Counting):
        async def take(self) -> Token:
            return CUSTOMERS_TOKEN

    route = respx.route().respond(json={})
    async with qpilot() as client:
        await client.settings(One(), SITE)
    assert route.calls.last.request.headers["source"] == "Customer"


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), SessionExpired),
        (httpx.Response(403, json={"message": "no"}), ScopeRefused),
        (httpx.Response(404), NotFound),
        (httpx.Response(405), Refused),
        (httpx.Response(400, json={"message": "no"}), QpilotForbidden),
        (httpx.Response(400, json={"errors": {"PageSize": ["too big"]}}), QpilotInvalid),
        (httpx.Response(200), Garbled),
        (httpx.Response(200, html="<html>Maintenance</html>"), Garbled),
        (httpx.Response(200, text='{"id": 1113, "stat'), Garbled),
        (httpx.Response(200, text="NaN"), Garbled),
        (httpx.Response(200, text="[" * 100_000), Garbled),
        (httpx.Response(200, json=7), Garbled),
    ],
)
@respx.mock
async def test_reads_refused(read: str, answer: httpx.Response, kind: type[BackendError]) -> None:
    """E3: every read maps each answer to the same error, after one request and one token, with the reference."""
    route = respx.route().mock(return_value=answer)
    tickets = Counting()
    async with qpilot() as client:
        error = await refused(READS[read][0](client, tickets))
    assert (type(error), error.request_id, error.outcome_known, route.call_count) == (kind, "r", True, 1)
    assert tickets.wishes == (["take", "forget"] if kind is SessionExpired else ["take"])


@pytest.mark.parametrize("first", [b"", http_answer(b"", "429 Busy", "Retry-After: 0"), http_answer(b"", "503 Oops")])
async def test_each_attempt_has_its_own_token(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a read that is asked again goes with another token, since one is good for one request (seed 004)."""
    waits(monkeypatch)
    answers = [first, first, http_answer(b'{"id": 1113}')]
    tickets = Counting()
    async with serving(lambda _: answers.pop(0)) as server, qpilot(server.url) as client:
        assert await client.site(tickets, SITE) == Site(1113)
    assert [f"{VALUE}-{number}".encode() in asked for number, asked in enumerate(server.seen, 1)] == [True] * 3
    assert tickets.taken == 3


@pytest.mark.parametrize(
    ("first", "kind"),
    [(b"", NoAnswer), (http_answer(b"", "500 Oops"), Fault), (http_answer(b"", "302 Found"), Garbled)],
)
async def test_attempts_end(first: bytes, kind: type[BackendError], monkeypatch: pytest.MonkeyPatch) -> None:
    """E5, C10: three attempts at most, one for what asking again does not mend, and no token hangs on the error."""
    waits(monkeypatch)
    async with serving(lambda _: first) as server, qpilot(server.url) as client:
        error = await refused(client.site(Counting(), SITE, request_id="ref-9"))
    assert (type(error), error.request_id, len(server.seen)) == (kind, "ref-9", 1 if kind is Garbled else 3)
    printed = with_locals(error)
    assert [secret for secret in (VALUE, server.url) if secret in printed] == []


async def test_a_wait_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: a pause that would pass the deadline is not begun."""
    slept = waits(monkeypatch)
    busy = http_answer(b"", "429 Busy", "Retry-After: 60")
    async with serving(lambda _: busy) as server, qpilot(server.url) as client:
        error = await refused(client.site(Counting(), SITE))
    assert (getattr(error, "retry_after", None), len(server.seen), slept) == (60, 1, [])


async def test_total_deadline_holds_the_logins_too() -> None:
    """E5, C10: silence, also of a login, ends by the deadline, says that nothing changed and carries no frame of it."""

    class Never(Counting):
        async def take(self) -> Token:
            token = await super().take()
            if self.taken > 1:
                await asyncio.Event().wait()
            return token

    limits = Limits(read_total=3, attempt=0.1)
    tickets = Never()
    async with serving(lambda _: None) as server, qpilot(server.url, limits) as client:
        error = await asyncio.wait_for(refused(client.site(tickets, SITE, request_id="ref-9")), 30)
    assert (type(error), error.request_id, error.outcome_known) == (NoAnswer, "ref-9", True)
    assert (len(server.seen), tickets.taken) == (1, 2)
    assert VALUE not in with_locals(error)


@respx.mock
async def test_a_login_that_fails() -> None:
    """A refused login is not tried again with a read, and nothing is sent."""
    route = respx.route().respond(json={})

    async def login() -> Token:
        raise LoginRefused("qpilot", "ref-1")

    async with qpilot() as client:
        assert type(await refused(client.site(FreshTickets(login), SITE))) is LoginRefused
    assert route.call_count == 0


ROWS = [{"id": number, "status": "Active"} for number in range(1, 8)]


async def walked(client: QpilotClient, tickets: Any, **more: Any) -> list[int]:
    return [row.id async for row in client.walk(tickets, SITE, page_size=2, **more)]


@pytest.mark.parametrize("length", range(5))
@respx.mock
async def test_walk(length: int) -> None:
    """A walk gives every row of every page, with as many logins as requests and never a token that nobody uses."""
    cut = [ROWS[at : at + 2] for at in range(0, 2 * length, 2)] or [[]]
    route = respx.get(f"{URL}/v3{S}/ScheduledOrders").mock(side_effect=pages(*cut))
    logins = 0

    async def login() -> Token:
        nonlocal logins
        logins += 1
        await asyncio.sleep(0)
        return Token(f"t{logins}")

    async with qpilot() as client:
        assert await walked(client, FreshTickets(login)) == [row["id"] for rows in cut for row in rows]
        await asyncio.sleep(0.01)
    assert bearers(route) == [f"t{number}" for number in range(1, len(cut) + 1)]
    assert logins == len(cut)


@respx.mock
async def test_walk_fetches_tokens_ahead() -> None:
    """While a page is under way the token for the next one is fetched, if that one is certain."""
    respx.get(f"{URL}/v3{S}/ScheduledOrders").mock(side_effect=pages(ROWS[:2], ROWS[2:4], ROWS[4:6]))
    tickets = Counting()
    async with qpilot() as client:
        await walked(client, tickets)
    assert tickets.wishes == ["take", "expect", "take", "expect", "expect", "take"]


@pytest.mark.parametrize(("stop", "requests"), [(1, 1), (2, 1), (3, 2), (4, 2), (7, 4), (99, 4)])
@respx.mock
async def test_walk_until(stop: int, requests: int) -> None:
    """A walk ends before the first row that is behind its end; no page beyond is asked for, no token wasted."""
    cut = [ROWS[at : at + 2] for at in range(0, 7, 2)]
    route = respx.get(f"{URL}/v3{S}/ScheduledOrders").mock(side_effect=pages(*cut))
    logins = 0

    async def login() -> Token:
        nonlocal logins
        logins += 1
        return Token(f"t{logins}")

    async with qpilot() as client:
        found = await walked(client, FreshTickets(login), until=lambda row: row.id >= stop)
        await asyncio.sleep(0.01)
    assert (found, route.call_count, logins) == (list(range(1, min(stop, 8))), requests, requests)


@respx.mock
async def test_walk_over_rows_that_move() -> None:
    """An order that slips onto the next page while the list is walked is given once."""
    respx.get(f"{URL}/v3{S}/ScheduledOrders").mock(side_effect=pages(ROWS[:2], ROWS[1:3]))
    async with qpilot() as client:
        assert await walked(client, Counting()) == [1, 2, 3]


@respx.mock
async def test_walk_without_counts() -> None:
    """Where QPilot does not say how many there are, a full page has a next one, and an empty one ends the walk."""
    bare = [httpx.Response(200, json={"results": rows}) for rows in (ROWS[:2], ROWS[2:4], [])]
    route = respx.get(f"{URL}/v3{S}/ScheduledOrders").mock(side_effect=bare)
    async with qpilot() as client:
        assert await walked(client, Counting()) == [1, 2, 3, 4]
    assert route.call_count == 3


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        (httpx.Response(200), True),
        (httpx.Response(404), True),
        (httpx.Response(503), True),
        (httpx.ConnectError("no"), False),
        (httpx.ReadTimeout("no"), False),
    ],
)
@respx.mock
async def test_ping(answer: Any, reached: bool) -> None:
    """Reachable means that anything answers; one request decides, and it carries no token."""
    route = respx.get(f"{URL}/").mock(
        **{"return_value" if isinstance(answer, httpx.Response) else "side_effect": answer}
    )
    async with qpilot() as client:
        assert await client.ping() is reached
    assert (route.call_count, "authorization" in route.calls.last.request.headers) == (1, False)


async def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """E5: where nobody listens nothing was sent, three times."""
    waits(monkeypatch)
    async with serving(lambda _: None) as server:
        pass
    tickets = Counting()
    async with qpilot(server.url) as client:
        error = await refused(client.site(tickets, SITE))
    assert (type(error), error.outcome_known, tickets.taken) == (Unreachable, True, 3)


@respx.mock
async def test_fields_of_a_refusal() -> None:
    """ASP.NET's complaints land under the names of the JSON (apis/qpilot.md §3.3)."""
    respx.route().respond(400, json={"errors": {"FromUtc": ["The FromUtc field is required."]}})
    async with qpilot() as client:
        error = await refused(client.next_occurrence(Counting(), SITE, "Days", 1, NOON))
    assert getattr(error, "fields", ()) == (FieldError("fromUtc", "The FromUtc field is required."),)


def test_default_address() -> None:
    """The address of the sheet is the default, and it is https (apis/qpilot.md §1)."""
    assert BASE_URL == "https://api.qpilot.cloud"
