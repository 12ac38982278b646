"""QPilot's client against the strict stand-in: what is made and changed, what is refused, and what nobody knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from qpilot_contract_kit import CALM, FOR_101, NOWHERE, SITE, asked, refused, working

from backends.errors import BackendError, Busy, Fault, Garbled, NoAnswer, NotFound, SessionExpired
from backends.http import Limits
from backends.qpilot.check import check_customer, check_order, check_payment_method, check_product
from backends.qpilot.client import QpilotClient
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.qpilot.refusals import NOT_FROM_THIS_STATUS, SNOOZE_IS_OFF, QpilotForbidden, QpilotInvalid, ScopeRefused
from backends.qpilot.tickets import FreshTickets
from sandbox.qpilot import Fault as Trouble
from sandbox.qpilot import FaultKind, Qpilot, Switches

NEW = NewCustomer(
    "29920", "chris@mail.example", "Chris", "Wilking", "Chris", "Wilkins", "740 Evergreen Terrace", "Springfield",
    "Washington", "US", payment_methods=(NewPaymentMethod("Stripe", "cus_1", "pm_1"),),
)  # fmt: skip
METHOD = NewPaymentMethod("Stripe", "cus_2", "pm_2", "29920")
PRODUCT = NewProduct(
    "200001", "Shampoo 8 oz", Decimal("9.75"), Decimal(6), "rco-atl-993", "97350053850012", "QP1234LOT", "4", "2", "5",
    "1", "Pound", "Inch", True, True, "InStock", 50,
)  # fmt: skip
Write = Callable[[QpilotClient, FreshTickets, int], Awaitable[object]]


def soon(standin: Qpilot, days: float) -> datetime:
    """So many days from the stand-in's now, to the millisecond, which is what records have."""
    moment = datetime.fromtimestamp(standin.clock.now(), UTC) + timedelta(days=days)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize("body", ["entity", "empty"])
async def test_the_quick_start(body: Literal["entity", "empty"]) -> None:
    """Seed 004, step by step: a customer, a payment method, a product and a scheduled order, checked and made."""
    standin = Qpilot(switches=Switches(success_body=body))
    assert check_customer(NEW) == check_payment_method(METHOD) == check_product(PRODUCT) == ()
    async with working(standin) as (client, tickets):
        assert await client.create_customer(tickets, SITE, NEW) == "29920"
        method = await client.create_payment_method(tickets, SITE, METHOD)
        assert await client.create_product(tickets, SITE, PRODUCT) == "200001"
        theirs = await client.payment_methods(tickets, SITE, "29920")
        assert (len(theirs), method in (theirs[1].id, None)) == (2, True)
        order = NewOrder("29920", "Days", 30, (NewItem("200001", 4, Decimal("5.10")),), theirs[1].id, soon(standin, 9))
        assert check_order(order) == ()
        number = await client.create_order(tickets, SITE, order)
        made = (await client.customer_orders(tickets, SITE, "29920"))[0]
    assert (number, made.status, made.payment_method_id) == (
        made.id if body == "entity" else None,
        "Active",
        theirs[1].id,
    )
    assert [(line.product_id, line.quantity, line.price) for line in made.items] == [("200001", 4, Decimal("5.1"))]
    assert (made.frequency, made.next_occurrence, made.subtotal) == (30, order.next_occurrence_utc, Decimal("20.4"))
    assert standin.logins == asked(standin)


async def test_made_twice() -> None:
    """A customer and a product of a used id are refused, with QPilot's words."""
    async with working(Qpilot()) as (client, tickets):
        await client.create_customer(tickets, SITE, NEW)
        first = await refused(client.create_customer(tickets, SITE, NEW))
        second = await refused(client.create_product(tickets, SITE, NewProduct("100982", "Shampoo", Decimal(1))))
    said = [(type(one), getattr(one, "said", "")) for one in (first, second)]
    assert said == [(QpilotForbidden, "Customer already exists"), (QpilotForbidden, "Product already exists")]


async def test_fields_are_named() -> None:
    """Where QPilot names a field, it lands under the seed's own name."""
    async with working(Qpilot()) as (client, tickets):
        order = NewOrder("101", "Days", 366, (NewItem("100982", 0),))
        error = await refused(client.create_order(tickets, SITE, order))
    assert isinstance(error, QpilotInvalid)
    assert "frequency" in {one.field for one in error.fields}


def untouched(order: dict[str, Any], *changed: str) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name not in ("updatedUtc", *changed)}


async def test_full_put_keeps_everything_else() -> None:
    """A coupon is put on by the full PUT, and no other field of the order is lost (apis/qpilot.md §6.1)."""
    standin = Qpilot()
    number = standin.add_order(
        note="keep me", metadata={"gift": ["a", "b"]}, nextOccurrenceOffset=2, company="ACME", utcOffset=-8
    )
    before = dict(standin.orders[number])
    async with working(standin) as (client, tickets):
        order = await client.order(tickets, SITE, number)
        await client.put_order(tickets, SITE, order, {"coupons": ["FIVEOFF"]})
        after = await client.order(tickets, SITE, number)
    assert (after.coupons, order.subtotal and after.subtotal == order.subtotal - 5) == (("FIVEOFF",), True)
    money = ("coupons", "subtotal", "total", "taxTotal")
    assert untouched(standin.orders[number], *money) == untouched(before, *money)


async def test_full_put_does_not_change_the_status() -> None:
    """A status is not changed by the full PUT, and QPilot says so with a code."""
    standin = Qpilot()
    number = standin.add_order()
    async with working(standin) as (client, tickets):
        order = await client.order(tickets, SITE, number)
        error = await refused(client.put_order(tickets, SITE, order, {"status": "Paused"}))
    assert isinstance(error, QpilotForbidden)
    assert (error.code, standin.orders[number]["status"]) == (NOT_FROM_THIS_STATUS, "Active")


async def test_states() -> None:
    """Pause, activate, delete and restore do what they say, and what does not fit the state is refused by code."""
    standin = Qpilot(switches=CALM)
    number = standin.add_order()
    states = []
    async with working(standin) as (client, tickets):
        for change in (
            client.set_status(tickets, SITE, number, "Paused"),
            client.set_status(tickets, SITE, number, "Active"),
            client.delete(tickets, SITE, number),
            client.safe_activate(tickets, SITE, number, allow_deleted=True),
        ):
            await change
            states.append(standin.orders[number]["status"])
        error = await refused(client.safe_activate(tickets, SITE, number))
    assert states == ["Paused", "Active", "Deleted", "Active"]
    assert isinstance(error, QpilotForbidden)
    assert (error.code, error.said) == (
        NOT_FROM_THIS_STATUS,
        "Can only activate Scheduled Orders with statuses $Failed, $Paused or $Snoozed",
    )


@pytest.mark.parametrize("strict", [False, True])
async def test_next_occurrence(strict: bool) -> None:
    """A new date is taken, also where it must be as precise as the record's; one in the past is refused."""
    standin = Qpilot(switches=Switches(strict_precision=strict))
    number = standin.add_order()
    wanted = soon(standin, 20)
    async with working(standin) as (client, tickets):
        order = await client.order(tickets, SITE, number)
        await client.set_next_occurrence(tickets, SITE, order, wanted)
        assert (await client.order(tickets, SITE, number)).next_occurrence == wanted
        error = await refused(client.set_next_occurrence(tickets, SITE, order, soon(standin, -1)))
    assert getattr(error, "said", "") == "NextOccurrenceUtc must be in the future"


async def test_skip() -> None:
    """The following occurrence is reckoned by QPilot and then set: that is how one is skipped (apis/qpilot.md §6.1)."""
    standin = Qpilot()
    number = standin.add_order()
    async with working(standin) as (client, tickets):
        order = await client.order(tickets, SITE, number)
        assert order.next_occurrence is not None
        following = await client.next_occurrence(tickets, SITE, "Days", 30, order.next_occurrence)
        await client.set_next_occurrence(tickets, SITE, order, following)
        after = await client.order(tickets, SITE, number)
    assert (after.next_occurrence, following > order.next_occurrence) == (following, True)


async def test_snooze() -> None:
    """A snooze is taken where the site has the feature, and refused with its own code where not."""
    standin = Qpilot()
    number = standin.add_order()
    async with working(standin) as (client, tickets):
        error = await refused(client.snooze(tickets, SITE, number, soon(standin, 5)))
        standin.switches = standin.switches.changed({"snooze_enabled": True})
        await client.snooze(tickets, SITE, number, soon(standin, 5))
        order = await client.order(tickets, SITE, number)
    assert (getattr(error, "code", None), order.status, order.snoozed_until is not None) == (
        SNOOZE_IS_OFF,
        "Snoozed",
        True,
    )


async def test_rhythm_and_payment() -> None:
    """Frequency and payment method are changed, and somebody else's payment method is refused."""
    standin = Qpilot()
    number, second = standin.add_order(), standin.add_payment_method("101")
    others = standin.add_payment_method("102")
    async with working(standin) as (client, tickets):
        await client.set_frequency(tickets, SITE, number, "DayOfTheWeek", 2)
        await client.set_payment_method(tickets, SITE, number, second)
        error = await refused(client.set_payment_method(tickets, SITE, number, others))
        order = await client.order(tickets, SITE, number)
    assert (order.frequency_type, order.frequency, order.payment_method_id) == ("DayOfTheWeek", 2, second)
    assert getattr(error, "said", "") == "Payment method does not exist"


async def test_items() -> None:
    """Lines are added, changed and removed, and a line's prices stay what they were."""
    standin = Qpilot(switches=CALM)
    number = standin.add_order()
    async with working(standin) as (client, tickets):
        await client.add_items(tickets, SITE, number, [NewItem("100983", 2, Decimal("1.10"))])
        first, second = (await client.order(tickets, SITE, number)).items
        await client.change_item(tickets, SITE, second, 5)
        await client.remove_item(tickets, SITE, first.id)
        left = (await client.order(tickets, SITE, number)).items
        assert type(await refused(client.remove_item(tickets, SITE, first.id))) is NotFound
    assert [(line.id, line.product_id, line.quantity, line.price, line.sale_price) for line in left] == [
        (second.id, "100983", 5, Decimal("1.1"), second.sale_price)
    ]


async def test_retry_and_product() -> None:
    """A failed order is tried again, one that is not is refused; a product is taken out of upcoming orders."""
    standin = Qpilot()
    number = standin.add_order()
    standin.fail(number, 2000)
    async with working(standin) as (client, tickets):
        await client.retry(tickets, SITE, number)
        assert standin.orders[number]["status"] == "Queued"
        error = await refused(client.retry(tickets, SITE, number))
        await client.product_availability(tickets, SITE, "100982", add=False, process=False)
        product = await client.product(tickets, SITE, "100982")
    assert (getattr(error, "code", None), product.add, product.process) == (NOT_FROM_THIS_STATUS, False, False)


async def test_a_customers_token() -> None:
    """A customer's token changes that customer's orders, and is refused for others' and for money (§2.6)."""
    standin = Qpilot()
    own, other = standin.add_order(), standin.add_order(customerId="102")
    standin.fail(other, 2000)
    async with working(standin, FOR_101) as (client, tickets):
        await client.set_status(tickets, SITE, own, "Paused")
        for write in (client.set_status(tickets, SITE, other, "Paused"), client.retry(tickets, SITE, own)):
            assert type(await refused(write)) is ScopeRefused
    assert [standin.orders[number]["status"] for number in (own, other)] == ["Paused", "Failed"]


WRITES: dict[str, Write] = {
    "pause": lambda client, tickets, number: client.set_status(tickets, SITE, number, "Paused"),
    "frequency": lambda client, tickets, number: client.set_frequency(tickets, SITE, number, "Weeks", 2),
    "items": lambda client, tickets, number: client.add_items(tickets, SITE, number, [NewItem("100983", 1)]),
    "delete": lambda client, tickets, number: client.delete(tickets, SITE, number),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("trouble", "kind", "known", "done"),
    [
        ("429", Busy, True, False),
        ("500", Fault, False, False),
        ("accept_then_500", Fault, False, True),
        ("close", NoAnswer, False, False),
        ("accept_then_close", NoAnswer, False, True),
        ("slow", NoAnswer, False, False),
        ("accept_202", None, True, True),
        ("empty", None, True, False),
        ("html", Garbled, False, False),
        ("400", QpilotForbidden, True, False),
        ("409", QpilotForbidden, True, False),
        ("404", NotFound, True, False),
        ("expire_then", SessionExpired, True, False),
    ],
)
async def test_troubles(
    write: str, trouble: FaultKind, kind: type[BackendError] | None, known: bool, done: bool
) -> None:
    """E3, E5: whatever happens, a write is sent once with one login, and its error tells what is known of it."""
    standin = Qpilot()
    number = standin.add_order()
    before = dict(standin.orders[number])
    standin.faults.append(Trouble("* /Sites/1113/ScheduledOrder", trouble, seconds=5))
    async with working(standin, limits=Limits(write_total=1.0)) as (client, tickets):
        if kind is None:
            await WRITES[write](client, tickets, number)
        else:
            error = await refused(WRITES[write](client, tickets, number))
            assert (type(error), error.outcome_known) == (kind, known)
        assert (asked(standin), standin.logins) == (1, 1)
        assert (standin.orders[number] != before) is done


@pytest.mark.parametrize("write", ["pause", "frequency", "delete"])
async def test_nowhere(write: str) -> None:
    """An order that there is not is NotFound for every write."""
    async with working(Qpilot()) as (client, tickets):
        assert type(await refused(WRITES[write](client, tickets, NOWHERE))) is NotFound


@pytest.mark.parametrize("write", WRITES)
async def test_locked(write: str) -> None:
    """In the lock window QPilot refuses, in words that can be shown, and nothing changes."""
    standin = Qpilot()
    number = standin.add_order(nextOccurrenceUtc=soon(standin, 0.5).isoformat(timespec="milliseconds")[:23] + "Z")
    before = dict(standin.orders[number])
    async with working(standin) as (client, tickets):
        error = await refused(WRITES[write](client, tickets, number))
    assert isinstance(error, QpilotForbidden)
    assert (error.said, error.code, standin.orders[number]) == ("Cannot change a locked scheduled order", None, before)
