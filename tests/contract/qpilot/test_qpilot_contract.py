"""QPilot's client against the strict stand-in that somebody else wrote from the fact sheet: logins and reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import stamina
from qpilot_contract_kit import CALM, FOR_101, NOWHERE, OPS, SITE, asked, refused, working

from backends.errors import BackendError, Busy, Fault, Garbled, LoginRefused, NoAnswer, NotFound, SessionExpired
from backends.http import Limits
from backends.qpilot.auth import Credentials
from backends.qpilot.entities import ProductQuery
from backends.qpilot.order import Row
from backends.qpilot.refusals import QpilotInvalid, ScopeRefused
from backends.qpilot.tickets import ReusedTickets
from sandbox.qpilot import Fault as Trouble
from sandbox.qpilot import FaultKind, Qpilot

LATER = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOT_DELETED = tuple(status for status in Qpilot.status_names if status != "Deleted")


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [
        (Credentials("ops@example.com", "wrong", SITE), LoginRefused),
        (Credentials("nobody@example.com", "demo-pilot", SITE), LoginRefused),
        (Credentials("ops@example.com", "wrong", SITE, "Customer", "101"), LoginRefused),
    ],
)
async def test_login_refused(credentials: Credentials, kind: type[BackendError]) -> None:
    """A wrong name or password is refused, and no request follows."""
    standin = Qpilot()
    async with working(standin, credentials) as (client, tickets):
        assert type(await refused(client.site(tickets, SITE))) is kind
    assert asked(standin) == 0


async def test_one_login_for_each_request() -> None:
    """Every request has a token of its own, and no token is left over (seed 004, step 1)."""
    standin = Qpilot()
    async with working(standin) as (client, tickets):
        await client.site(tickets, SITE)
        tickets.expect()
        await client.order(tickets, SITE, min(standin.orders))
    assert (standin.logins, asked(standin)) == (2, 2)


async def test_a_token_is_good_once() -> None:
    """A token that is used again is refused as an expired one (apis/qpilot.md §2.6), and reuse then logs in anew."""
    standin = Qpilot()
    async with working(standin) as (client, _):
        reused = ReusedTickets(lambda: client.login(OPS), 30)
        await client.site(reused, SITE)
        assert type(await refused(client.site(reused, SITE))) is SessionExpired
        assert (await client.site(reused, SITE)).id == SITE
    assert (standin.logins, asked(standin)) == (2, 3)


async def test_reuse() -> None:
    """Where QPilot allows it, one login serves many requests (``QPILOT_TOKEN_REUSE_SECONDS``)."""
    standin = Qpilot(switches=CALM.changed({"bearer_mode": "ttl"}))
    async with working(standin) as (client, _):
        reused = ReusedTickets(lambda: client.login(OPS), 30)
        rows = [row async for row in client.walk(reused, SITE, status_names=("Failed",), page_size=25)]
    assert (len(rows), standin.logins, asked(standin)) == (72, 1, 3)


def kept(standin: Qpilot, *status: str) -> list[int]:
    """The ids of the orders in some states; without any, the stand-in leaves out the deleted ones."""
    return [one["id"] for one in standin.orders.values() if one["status"] in (status or NOT_DELETED)]


@pytest.mark.parametrize("shape", ["both", "results", "items"])
@pytest.mark.parametrize("status", [("Failed",), ("Queued", "Processing"), ("Deleted", "Paused", "Snoozed"), ()])
async def test_walk(shape: str, status: tuple[str, ...]) -> None:
    """A walk finds each order of the wished states, however the list is wrapped, one login a page."""
    standin = Qpilot(switches=CALM.changed({"v3_rows": shape}))
    async with working(standin) as (client, tickets):
        rows = [row async for row in client.walk(tickets, SITE, status_names=status, page_size=50)]
    assert sorted(row.id for row in rows) == sorted(kept(standin, *status))
    assert standin.logins == asked(standin) == max(1, -(-len(rows) // 50))


async def test_walk_until() -> None:
    """A window of days costs the pages it is on, and not one more (apis/qpilot.md §8)."""
    standin = Qpilot(switches=CALM)
    ends = datetime.fromtimestamp(standin.clock.now(), UTC) + timedelta(days=2)

    def behind(row: Row) -> bool:
        return row.next_occurrence is not None and row.next_occurrence >= ends

    async with working(standin) as (client, tickets):
        rows = [row async for row in client.walk(tickets, SITE, status_names=("Active",), page_size=20, until=behind)]
    due = [one["nextOccurrenceUtc"] for one in standin.orders.values() if one["status"] == "Active"]
    assert len(rows) == sum(datetime.fromisoformat(text) < ends for text in due) > 0
    assert standin.logins == asked(standin) == len(rows) // 20 + 1


async def test_a_whole_order() -> None:
    """An order is what the stand-in holds, amounts to the cent, and no other one."""
    standin = Qpilot()
    number = standin.add_order([{"productId": "100982", "quantity": 3}], note="n")
    held = standin.orders[number]
    async with working(standin) as (client, tickets):
        order = await client.order(tickets, SITE, number)
        assert type(await refused(client.order(tickets, SITE, NOWHERE))) is NotFound
    assert (order.id, order.status, order.customer_id, order.frequency_name) == (
        number,
        "Active",
        "101",
        "Every 30 days",
    )
    assert (order.total, order.subtotal, order.currency) == (held["total"], held["subtotal"], "USD")
    assert order.next_occurrence == datetime.fromisoformat(held["nextOccurrenceUtc"])
    assert [(line.product_id, line.quantity, line.sale_price, line.available) for line in order.items] == [
        ("100982", 3, Decimal("6.00"), True)
    ]
    assert (order.customer and order.customer.first_name, order.address and order.address.last_name) == ("Ada", "Quill")
    assert (order.payment_method and order.payment_method.id, order.note) == (held["paymentMethodId"], "n")


async def test_lists() -> None:
    """Each list and record of the site can be read."""
    standin = Qpilot(switches=CALM)
    now = datetime.fromtimestamp(standin.clock.now(), UTC)
    failed = kept(standin, "Failed")[0]
    cycle = standin.orders[failed]["lastProcessingCycleId"]
    async with working(standin) as (client, tickets):
        theirs = await client.customer_orders(tickets, SITE, "101", include_deleted=True)
        page = await client.full_page(tickets, SITE, status_names=("Failed",), page_size=10)
        assert [one.customer_id for one in theirs] == ["101"] * len(theirs)
        assert {one.id for one in theirs} == {
            one["id"] for one in standin.orders.values() if one["customerId"] == "101"
        }
        assert (len(page.items), page.total, page.more, {one.status for one in page.items}) == (
            10,
            72,
            True,
            {"Failed"},
        )
        ada = await client.customer(tickets, SITE, "101")
        assert (ada.email, len(ada.payment_methods)) == ("customer1@mail.example", 1)
        assert [one.id for one in (await client.customers(tickets, SITE, "customer1@")).items] == ["101"]
        assert await client.payment_methods(tickets, SITE, "101") == ada.payment_methods
        out = await client.products(tickets, SITE, ProductQuery(availability="OutOfStock"))
        assert [one.stock for one in out.items] == [0, 0, 0]
        assert (await client.product(tickets, SITE, "100982")).price == Decimal("9.75")
        assert {one.code for one in (await client.coupons(tickets, SITE)).items} == {"WELCOME10", "FIVEOFF", "FREESHIP"}
        assert (await client.site(tickets, SITE)).timezone == "America/New_York"
        assert (await client.settings(tickets, SITE)).lock_window == 1
        assert (await client.integration_check(tickets, SITE)).is_success
        latest = (await client.cycles(tickets, SITE, failed)).items[0]
        assert (latest.id, latest.status, latest.scheduled_order_id) == (cycle, "Failed", failed)
        past = await client.history(tickets, SITE, now - timedelta(days=9), now, page_size=5)
        assert (len(past.items), past.more, past.items[0].action is not None) == (5, True, True)
        logs = await client.event_logs(tickets, SITE, "101", most=2)
        assert (len(logs.items), logs.more, logs.items[0].entity) == (2, True, "ScheduledOrder")
        metrics = await client.metrics(tickets, SITE, "101")
        assert metrics.deleted == sum(one.status == "Deleted" for one in theirs)
        following = await client.next_occurrence(tickets, SITE, "Days", 30, LATER)
        assert following > LATER
    assert standin.logins == asked(standin)


async def test_a_customers_token() -> None:
    """A customer's token reads that customer and nobody else, and no list of the site (apis/qpilot.md §2.6)."""
    standin = Qpilot()
    async with working(standin, FOR_101) as (client, tickets):
        assert (await client.customer(tickets, SITE, "101")).id == "101"
        assert (await client.settings(tickets, SITE)).show_notes is True
        for read in (client.customer(tickets, SITE, "102"), client.orders_page(tickets, SITE)):
            assert type(await refused(read)) is ScopeRefused


async def test_bad_queries() -> None:
    """What QPilot says of a query comes with its name."""
    async with working(Qpilot()) as (client, tickets):
        error = await refused(client.orders_page(tickets, SITE, page=0))
    assert isinstance(error, QpilotInvalid)
    assert [one.field for one in error.fields] == ["page"]


@pytest.mark.parametrize(
    ("trouble", "kind", "requests"),
    [
        ("429", Busy, 3),
        ("500", Fault, 3),
        ("503", Fault, 3),
        ("close", NoAnswer, 3),
        ("html", Garbled, 1),
        ("empty", Garbled, 1),
        ("404", NotFound, 1),
        ("expire_then", SessionExpired, 1),
    ],
)
async def test_troubles(trouble: FaultKind, kind: type[BackendError], requests: int) -> None:
    """E3, E5: what can be mended by asking again is asked three times, each with a token of its own."""
    standin = Qpilot(switches=CALM)
    standin.faults.append(Trouble("GET /Sites", trouble))
    with stamina.set_testing(True, attempts=3, cap=True):
        async with working(standin) as (client, tickets):
            assert type(await refused(client.site(tickets, SITE))) is kind
    assert (standin.logins, asked(standin)) == (requests, requests)


async def test_trouble_that_passes() -> None:
    """E5: one failure costs one more request and one more login, and nobody notices."""
    standin = Qpilot()
    standin.faults.append(Trouble("GET /Sites", "503", times=1))
    async with working(standin) as (client, tickets):
        assert (await client.site(tickets, SITE)).id == SITE
    assert (standin.logins, asked(standin)) == (2, 2)


async def test_silence() -> None:
    """E5: a read that meets silence ends by its deadline."""
    standin = Qpilot()
    standin.faults.append(Trouble("GET /Sites", "slow", seconds=5))
    async with working(standin, limits=Limits(read_total=1.0, attempt=0.8)) as (client, tickets):
        assert type(await refused(client.site(tickets, SITE))) is NoAnswer
