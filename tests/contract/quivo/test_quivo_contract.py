"""The client against the strict stand-in that was written from the fact sheet by somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import stamina

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    Garbled,
    Invalid,
    KeyRefused,
    LoginRefused,
    NoAnswer,
    NotFound,
    Refused,
    SessionExpired,
    Unreachable,
)
from backends.http import BackendHttp, Limits
from backends.quivo.auth import Credentials, Session
from backends.quivo.client import OrderQuery, QuivoClient, Seller
from backends.quivo.order import Order, Page
from sandbox import quivo as standin
from sandbox.quivo import Quivo, Switches
from sandbox.serving import serve

ADA = Credentials("demo-key", "ada", "demo-pass")
BOB = Credentials("demo-key-2", "bob", "demo-pass-2")
QUICK = Limits(read_total=1.0, write_total=1.0, attempt=0.4)


@asynccontextmanager
async def running(
    quivo: Quivo, *, read_by_list: bool = False, limits: Limits | None = None
) -> AsyncIterator[QuivoClient]:
    """A client of a stand-in that listens."""
    served = await serve(quivo.app())
    http = BackendHttp("quivo", served.url, limits or Limits())
    try:
        yield QuivoClient(http, read_by_list=read_by_list)
    finally:
        await http.close()
        await served.close()


async def refused(work: Any) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await work
    return caught.value


def whole(quivo: Quivo, order_id: int) -> dict[str, Any]:
    return quivo.orders[order_id]


async def test_login_and_read() -> None:
    """Login and one order are two requests, and the order is the one that the stand-in holds."""
    quivo = Quivo()
    async with running(quivo) as client:
        order = await client.order(await client.login(ADA), 1001)
    held = whole(quivo, 1001)
    assert (order.order_id, order.status, order.reference) == (1001, "PROCESSING", "#DE38678")
    assert (order.identifier, order.seller_id, order.warehouse_id) == (held["orderIdentifier"], 12, held["warehouseId"])
    assert order.delivery_address is not None
    assert (order.delivery_address.street, order.delivery_address.zip) == (
        held["deliveryAddress"]["address1"],
        held["deliveryAddress"]["zip"],
    )
    assert [(line.sku, line.quantity) for line in order.positions] == [
        (line["sku"], line["quantity"]) for line in held["positions"]
    ]
    assert order.created == datetime.fromisoformat(held["created"])
    assert [(seen.method, seen.path, seen.status) for seen in quivo.requests] == [
        ("POST", "/login", 200),
        ("GET", "/orders/1001", 200),
    ]


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [
        (Credentials("demo-key", "ada", "wrong"), LoginRefused),
        (Credentials("demo-key", "nobody", "demo-pass"), LoginRefused),
        (Credentials("wrong", "ada", "demo-pass"), KeyRefused),
        (Credentials("demo-key", "", "demo-pass"), Invalid),
        (Credentials("demo-key", "ada", ""), Invalid),
    ],
)
@pytest.mark.parametrize("bodies", ["text", "json"])
async def test_login_refused(credentials: Credentials, kind: type[BackendError], bodies: Any) -> None:
    """E3: each wrong credential is its own error, whichever form the stand-in's refusals have, after one request."""
    quivo = Quivo(switches=Switches(error_bodies=bodies))
    async with running(quivo) as client:
        error = await refused(client.login(credentials))
    assert (type(error), len(quivo.requests)) == (kind, 1)
    if isinstance(error, Invalid):
        assert [one.field for one in error.fields] == ["username" if not credentials.username else "password"]


async def test_every_order_is_read_the_same_both_ways() -> None:
    """Each demo order can be read by id and through the list, and both agree in what a list says at all."""
    quivo = Quivo()
    async with running(quivo) as client, running(quivo, read_by_list=True) as lister:
        session = await client.login(ADA)
        for order_id in (number for number in quivo.orders if number < 2000):
            one, listed = await client.order(session, order_id), await lister.order(session, order_id)
            assert (one.order_id, one.status, one.reference, one.created, one.cancel_requested, one.tracking) == (
                listed.order_id,
                listed.status,
                listed.reference,
                listed.created,
                listed.cancel_requested,
                listed.tracking,
            )


async def test_sparse_and_unknown() -> None:
    """An order of nothing but id and status, a status that nobody knows and fields that nobody knows are all read."""
    quivo = Quivo()
    sparse = quivo.add_order(sparse=True, orderStatus="ON_HOLD")
    odd = quivo.add_order(extra={"zukunft": {"a": [1]}})
    async with running(quivo) as client:
        session = await client.login(ADA)
        assert await client.order(session, sparse) == Order(sparse, "ON_HOLD", seller_id=12)
        assert (await client.order(session, odd)).order_id == odd


@pytest.mark.parametrize(
    ("order_by_id", "by_list", "kind"),
    [("not_found", False, NotFound), ("no_route", False, Refused), ("not_found", True, None), ("no_route", True, None)],
)
async def test_no_single_order(order_by_id: Any, by_list: bool, kind: type[BackendError] | None) -> None:
    """Should ``GET /orders/{id}`` not exist, the list gives the order (apis/quivo.md §5.3)."""
    quivo = Quivo(switches=Switches(order_by_id=order_by_id))
    async with running(quivo, read_by_list=by_list) as client:
        session = await client.login(ADA)
        if kind is None:
            assert (await client.order(session, 1001)).order_id == 1001
        else:
            assert type(await refused(client.order(session, 1001))) is kind


@pytest.mark.parametrize("by_list", [False, True])
@pytest.mark.parametrize("order_id", [999_999, 2001])
async def test_not_mine(order_id: int, by_list: bool) -> None:
    """B7: an order that is not there and an order of somebody else are the same NotFound."""
    async with running(Quivo(), read_by_list=by_list) as client:
        session = await client.login(ADA)
        assert type(await refused(client.order(session, order_id))) is NotFound


@pytest.mark.parametrize("sort_in_items", [True, False])
@pytest.mark.parametrize("page_base", [0, 1])
async def test_paging(sort_in_items: bool, page_base: Any) -> None:
    """Paging gives every order once, newest first, and ends (apis/quivo.md §4)."""
    quivo = Quivo(switches=Switches(sort_in_items=sort_in_items, page_base=page_base))
    mine = sorted((number for number in quivo.orders if number < 2000), reverse=True)
    found: list[int] = []
    pages, after = 0, None
    async with running(quivo) as client:
        session = await client.login(ADA)
        while pages == 0 or after is not None:
            page = await client.orders(session, OrderQuery(seller_ids=(12,)), page_size=7, search_after=after)
            found += [order.order_id for order in page.orders]
            pages, after = pages + 1, page.search_after
    assert (found, pages) == (mine, -(-len(mine) // 7) + (len(mine) % 7 == 0))


TODAY = datetime.now(UTC).date()
SEARCHES: list[tuple[OrderQuery, Callable[[dict[str, Any]], bool]]] = [
    (OrderQuery(), lambda held: True),
    (OrderQuery(order_id=1003), lambda held: held["orderId"] == 1003),
    (OrderQuery(reference="#DE38678"), lambda held: held.get("orderReference") == "#DE38678"),
    (OrderQuery(reference="#DE3867"), lambda held: False),
    (OrderQuery(identifier="shop-12-501002"), lambda held: held.get("orderIdentifier") == "shop-12-501002"),
    (OrderQuery(text="#DE38678"), lambda held: held["orderId"] == 1001),
    (OrderQuery(text="shop-12-501002"), lambda held: held["orderId"] == 1002),
    (OrderQuery(status="COMPLETED"), lambda held: held["orderStatus"] == "COMPLETED"),
    (OrderQuery(status="COMPLETED", text="#DE38678"), lambda held: False),
    (OrderQuery(seller_ids=(12, 34)), lambda held: True),
    (OrderQuery(seller_ids=(34,)), lambda held: False),
    (OrderQuery(created_to=date(1999, 12, 31)), lambda held: False),
    (
        OrderQuery(created_from=TODAY - timedelta(days=5), created_to=TODAY - timedelta(days=2)),
        lambda held: str(TODAY - timedelta(days=5)) <= held["created"][:10] <= str(TODAY - timedelta(days=2)),
    ),
    (OrderQuery(reference='" OR sellerId:34 OR orderReference:"'), lambda held: False),
    (OrderQuery(text='x") OR _exists_:orderId OR (orderReference:"'), lambda held: False),
    (OrderQuery(reference="*"), lambda held: False),
    (OrderQuery(status='PENDING" OR orderStatus:"COMPLETED'), lambda held: False),
    (OrderQuery(reference="\\"), lambda held: False),
]


@pytest.mark.parametrize(("query", "expected"), SEARCHES)
async def test_searches(query: OrderQuery, expected: Callable[[dict[str, Any]], bool]) -> None:
    """Each search finds exactly the orders that it describes, and typed text never widens it."""
    quivo = Quivo()
    wanted = [number for number, held in quivo.orders.items() if number < 2000 and expected(held)]
    async with running(quivo) as client:
        page = await client.orders(await client.login(ADA), query, page_size=1000)
    assert sorted(order.order_id for order in page.orders) == wanted
    assert page.search_after is None


@pytest.mark.parametrize(
    "typed", ['a"b', "a\\", 'a\\"', "a OR b", "(a)", "a:b", "AND", "[1 TO 2]", "ü “x”", "a*?", "-a", "~"]
)
async def test_odd_references_are_found(typed: str) -> None:
    """A reference is found by exactly what it is, whatever signs it is made of."""
    quivo = Quivo()
    odd = quivo.add_order(orderReference=typed)
    async with running(quivo) as client:
        page = await client.orders(await client.login(ADA), OrderQuery(reference=typed, seller_ids=(12,)))
    assert [(order.order_id, order.reference) for order in page.orders] == [(odd, typed)]


async def test_sellers_and_warehouses() -> None:
    """Each account sees its own sellers; warehouses say which of them is closed."""
    async with running(Quivo()) as client:
        ada, bob = await client.login(ADA), await client.login(BOB)
        assert await client.sellers(ada) == (Seller(12, "Nordlicht Keramik", "NORDLICHT", "ACTIVE"),)
        assert [seller.id for seller in await client.sellers(bob)] == [34]
        warehouses = await client.warehouses(ada)
    assert {(one.id, one.country_iso2, one.active) for one in warehouses} == {
        (4, "DE", True),
        (7, "GB", True),
        (8, "US", True),
        (5, "AT", False),
    }


async def test_session_ends() -> None:
    """A token ends after an hour, when it is taken back, and when it is made up; a new login works again (seed 000)."""
    quivo = Quivo()
    async with running(quivo) as client:
        session = await client.login(ADA)
        quivo.clock.advance(3599)
        assert (await client.order(session, 1001)).order_id == 1001
        quivo.clock.advance(2)
        assert type(await refused(client.order(session, 1001))) is SessionExpired
        again = await client.login(ADA)
        quivo.expire_tokens()
        assert type(await refused(client.orders(again, OrderQuery()))) is SessionExpired
        assert type(await refused(client.sellers(Session("demo-key", "made-up")))) is SessionExpired
        assert (await client.order(await client.login(ADA), 1001)).order_id == 1001
        quivo.revoke_key("demo-key")
        assert type(await refused(client.order(again, 1001))) is KeyRefused


async def test_the_key_of_another() -> None:
    """B7: one person's token with another person's key is refused."""
    async with running(Quivo()) as client:
        ada = await client.login(ADA)
        assert isinstance(await refused(client.order(Session("demo-key-2", ada.token), 1001)), Refused)


FAULTS: list[tuple[Any, type[BackendError], int]] = [
    ("429", Busy, 3),
    ("500", Fault, 3),
    ("502", Fault, 3),
    ("503", Fault, 3),
    ("504", Fault, 3),
    ("close", NoAnswer, 3),
    ("html", Garbled, 1),
    ("empty", Garbled, 1),
    ("garbage_json", Garbled, 1),
    ("redirect", Garbled, 1),
]


@pytest.mark.parametrize(("kind", "error", "attempts"), FAULTS)
async def test_faults_on_reads(kind: Any, error: type[BackendError], attempts: int) -> None:
    """E3, E5: each fault of the stand-in is its error, after exactly so many requests, and passes when it is gone."""
    quivo = Quivo()
    with stamina.set_testing(True, attempts=3, cap=True):
        async with running(quivo) as client:
            session = await client.login(ADA)
            quivo.faults.append(standin.Fault("GET /orders", kind))
            assert type(await refused(client.order(session, 1001))) is error
            assert quivo.count("GET", "/orders/1001") == attempts
            assert quivo.count("*", "/redirected") == 0
            quivo.faults.clear()
            assert (await client.order(session, 1001)).order_id == 1001


@pytest.mark.parametrize(("kind", "error", "_"), FAULTS)
async def test_faults_on_login(kind: Any, error: type[BackendError], _: int) -> None:
    """E3, E5: the same faults at login are the same errors, after exactly one request."""
    quivo = Quivo()
    quivo.faults.append(standin.Fault("POST /login", kind))
    async with running(quivo) as client:
        assert type(await refused(client.login(ADA))) is error
    assert quivo.count("POST", "/login") == 1


@pytest.mark.parametrize("kind", ["hang", "accept_then_hang"])
async def test_silence(kind: Any) -> None:
    """E3, E5: silence ends a read by its deadline and a login after one request; both are NoAnswer."""
    quivo = Quivo()
    async with running(quivo) as client:
        session = await client.login(ADA)
    quivo.faults.append(standin.Fault("*", kind))
    quivo.requests.clear()
    async with running(quivo, limits=QUICK) as client:
        assert type(await refused(client.order(session, 1001))) is NoAnswer
        assert quivo.count("GET", "/orders/1001") <= 3
        assert type(await refused(client.login(ADA))) is NoAnswer
        assert quivo.count("POST", "/login") == 1


@pytest.mark.parametrize(("times", "succeeds"), [(1, True), (2, True), (3, False)])
async def test_passing_faults(times: int, succeeds: bool) -> None:
    """E5: two faults in a row do not show; the third does."""
    quivo = Quivo()
    with stamina.set_testing(True, attempts=3, cap=True):
        async with running(quivo) as client:
            session = await client.login(ADA)
            quivo.faults.append(standin.Fault("GET /orders", "503", times=times, retry_after="1"))
            if succeeds:
                assert len((await client.orders(session, OrderQuery())).orders) == 10
            else:
                assert type(await refused(client.orders(session, OrderQuery()))) is Fault
    assert quivo.count("GET", "/orders") == min(times + 1, 3)


async def test_page_size_refused() -> None:
    """A page size that Quivo does not allow comes back as its own complaint."""
    async with running(Quivo()) as client:
        error = await refused(client.orders(await client.login(ADA), OrderQuery(), page_size=1001))
    assert isinstance(error, Invalid)
    assert [one.field for one in error.fields] == ["pageSize"]


async def test_ping() -> None:
    """A Quivo that is there is reached; one that is gone is not."""
    quivo = Quivo()
    served = await serve(quivo.app())
    http = BackendHttp("quivo", served.url, QUICK)
    assert await QuivoClient(http).ping()
    await served.close()
    assert not await QuivoClient(http).ping()
    assert type(await refused(QuivoClient(http).login(ADA))) is Unreachable
    await http.close()


async def test_nothing_found() -> None:
    """A list without a match is an empty page, not an error."""
    async with running(Quivo()) as client:
        assert await client.orders(await client.login(ADA), OrderQuery(reference="no such")) == Page(())
