"""How a QPilot behaves × every write to it, over a real socket with the real client (E3, E5)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ops_fakes import ADA, KEY, TEAM
from qpilot_fakes import NOT_HERE

from backends.http import BackendHttp
from backends.qpilot.auth import Credentials
from backends.qpilot.client import QpilotClient
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from operations.founding import (
    Founded,
    add_payment_method,
    create_customer,
    create_product,
    create_scheduled_order,
)
from operations.outcome import Done, Refused
from operations.ports import Ports
from operations.qpilot_accounts import QpilotAccounts
from operations.scheduled import Asked, listed, profile, read
from operations.steer_changes import AnyChange, mark
from operations.steering import (
    AddItems,
    Cancel,
    Frequency,
    Pause,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
    Restore,
    Resume,
    Retry,
    Skip,
    Steered,
    apply,
    skipped,
)
from operations.summary import Window, summary
from sandbox.qpilot import Fault, Qpilot, Switches
from sandbox.serving import serve
from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing
from store.ledger import SqliteLedger
from store.occurrences import SqliteOccurrences
from store.vault import SqliteVault

OPS = Credentials("ops@example.com", "demo-pilot", 1113)
# retries and items would be charged twice, orders and payment methods made twice
ONCE_ONLY = {"retry", "add items", "create order", "create payment method"}


@dataclass
class Stage:
    """The stand-in with one order of a customer, and the operations in front of it."""

    qpilot: Qpilot
    ports: Ports
    audit: SqliteAudit
    order_id: int

    def later(self, days: float) -> datetime:
        return datetime.fromtimestamp(int(self.qpilot.clock.now()), UTC) + timedelta(days=days)

    def writes(self) -> int:
        """How many writes left; logins are none."""
        return sum(one.method != "GET" and "/AccessTokens/" not in one.path for one in self.qpilot.requests)

    def asked(self) -> int:
        """How many requests came that were no logins."""
        return sum("/AccessTokens/" not in one.path for one in self.qpilot.requests)


@asynccontextmanager
async def stage(folder: Path, switches: Switches = Switches(rate_limit=False)) -> AsyncIterator[Stage]:  # noqa: B008
    qpilot = Qpilot(switches=switches)
    order_id = qpilot.add_order([{"productId": "100982", "quantity": 2}], customerId="105")
    qpilot.add_payment_method("105")
    served = await serve(qpilot.app())
    http = BackendHttp("qpilot", served.url)
    database, sealer = Database.open(folder / "data" / "s.db"), Sealer(KeyRing.parse(KEY))

    def now() -> datetime:
        return datetime.fromtimestamp(qpilot.clock.now(), UTC)

    try:
        real: dict[str, Any] = {
            "qpilot": QpilotAccounts(SqliteVault(database, sealer, now=now), QpilotClient(http)),
            "ledger": SqliteLedger(database, sealer, now=now),
            "occurrences": SqliteOccurrences(database, sealer, now=now),
            "now": now,
        }
        ports = Ports(**dict.fromkeys(Ports.__dataclass_fields__, NOT_HERE) | real)
        assert isinstance(await ports.qpilot.connect(ADA, OPS), Done)
        yield Stage(qpilot, ports, SqliteAudit(database), order_id)
    finally:
        await http.close()
        await served.close()
        await database.close()


@dataclass(frozen=True)
class Write:
    """One write: with which method it goes, and what is done before and then."""

    method: str
    work: Callable[[Stage], Awaitable[object]]
    status: str | None = None


def steer(make: Callable[[Stage], AnyChange]) -> Callable[[Stage], Awaitable[object]]:
    async def work(it: Stage) -> object:
        found = await read(it.ports.qpilot, ADA, it.order_id)
        assert isinstance(found, Done)
        return await apply(it.ports, ADA, it.order_id, make(it), mark(found.value), "REF", channel="C1")

    return work


def item(it: Stage) -> int:
    number: int = it.qpilot.orders[it.order_id]["scheduledOrderItems"][0]["id"]
    return number


def other_method(it: Stage) -> int:
    return max(it.qpilot.payment_methods)


CUSTOMER = NewCustomer("29920", "chris@mail.example", "Chris")
METHOD = NewPaymentMethod("Stripe", "cus_1", "pm_1", "105")
PRODUCT = NewProduct("200001", "Shampoo", Decimal("9.75"))
ORDER = NewOrder("105", "Days", 30, (NewItem("100982", 4),))
WRITES = {
    "pause": Write("PUT", steer(lambda it: Pause())),
    "resume": Write("PUT", steer(lambda it: Resume()), "Paused"),
    "cancel": Write("DELETE", steer(lambda it: Cancel())),
    "restore": Write("PUT", steer(lambda it: Restore()), "Deleted"),
    "retry": Write("POST", steer(lambda it: Retry()), "Failed"),
    "reschedule": Write("PUT", steer(lambda it: Reschedule(it.later(20)))),
    "skip": Write("PUT", steer(lambda it: Skip(it.later(40)))),
    "frequency": Write("PUT", steer(lambda it: Frequency("Weeks", 3))),
    "add items": Write("POST", steer(lambda it: AddItems((NewItem("100982", 1),)))),
    "quantity": Write("PUT", steer(lambda it: Quantity(item(it), 7))),
    "remove item": Write("DELETE", steer(lambda it: RemoveItem(item(it)))),
    "payment": Write("PATCH", steer(lambda it: Payment(other_method(it)))),
    "create customer": Write("POST", lambda it: create_customer(it.ports, ADA, CUSTOMER, "REF")),
    "create payment method": Write("POST", lambda it: add_payment_method(it.ports, ADA, METHOD, "REF")),
    "create product": Write("POST", lambda it: create_product(it.ports, ADA, PRODUCT, "REF")),
    "create order": Write("POST", lambda it: create_scheduled_order(it.ports, ADA, ORDER, "REF")),
}

# what the stand-in does, and what is told: done and to be seen, done but not to be seen, nothing done, or refused
BEHAVIOURS: dict[str, tuple[dict[str, Any], str]] = {
    "as documented": ({}, "seen"),
    "hangs up before accepting": ({"kind": "close"}, "not done"),
    "hangs up after accepting": ({"kind": "accept_then_close"}, "seen"),
    "500 before accepting": ({"kind": "500"}, "not done"),
    "500 after accepting": ({"kind": "accept_then_500"}, "seen"),
    "503": ({"kind": "503"}, "not done"),
    "202": ({"kind": "accept_202"}, "seen"),
    "HTML 200": ({"kind": "html"}, "not done"),
    "empty 200 and nothing done": ({"kind": "empty"}, "unseen"),
    "400 text": ({"kind": "400"}, "refused"),
    "409": ({"kind": "409"}, "refused"),
    "404": ({"kind": "404"}, "refused"),
    "429 with seconds": ({"kind": "429", "retry_after": "1"}, "refused"),
    "429 with a date": ({"kind": "429", "retry_after": "Sun, 22 Nov 2026 12:00:05 GMT"}, "refused"),
    "token expired in the middle": ({"kind": "expire_then"}, "seen"),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", WRITES)
async def test_behaviour_and_write(tmp_path: Path, name: str, behaviour: str, caplog: pytest.LogCaptureFixture) -> None:
    """One write leaves (two only after a 401), and person, ledger and audit are told the same truth (E3, E5)."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    write, (fault, expected) = WRITES[name], BEHAVIOURS[behaviour]
    async with stage(tmp_path) as it:
        if write.status == "Failed":
            it.qpilot.fail(it.order_id, 2000)
        elif write.status:
            it.qpilot.set_status(it.order_id, write.status)
        if fault:
            it.qpilot.faults.append(Fault(f"{write.method} /Sites/1113", times=1, **fault))
        told = await write.work(it)
        ended = it.audit.lines(TEAM, 1)[0].outcome
        word = type(told).__name__
        match expected:
            case "refused":
                assert (word, ended) == ("Refused", "refused")
            case "not done" if name in ONCE_ONLY:
                assert (word, ended) == ("Unknown", "unknown")
            case "not done":
                assert (word, ended) == ("Refused", "not_done")
            case _:
                assert isinstance(told, Steered | Founded)
                assert (told.visible, ended) == (expected == "seen", "done")
        assert it.writes() == (2 if fault.get("kind") == "expire_then" else 1)
        assert it.qpilot.logins == it.asked()
        assert it.audit.verify() is None


@pytest.mark.parametrize("name", sorted(ONCE_ONLY))
async def test_what_may_charge_is_never_sent_again(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """After a silence, asking again sends nothing while nobody knows: one request in all (E3)."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    write = WRITES[name]
    async with stage(tmp_path) as it:
        if write.status:
            it.qpilot.fail(it.order_id, 2000)
        it.qpilot.faults.append(Fault(f"{write.method} /Sites/1113", "close", times=1))
        assert type(await write.work(it)).__name__ == "Unknown"
        for _ in range(3):
            assert type(await write.work(it)).__name__ == "AlreadyBeing"
        assert it.writes() == 1


async def test_a_customers_connection_changes_only_its_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A connection with the scope Customer pauses its own order, and gets nowhere with another's (seed 004)."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    async with stage(tmp_path) as it:
        theirs = it.qpilot.add_order(customerId="106")
        connected = await it.ports.qpilot.connect(ADA, Credentials(OPS.email, OPS.password, 1113, "Customer", "105"))
        assert isinstance(connected, Done)
        found = await listed(it.ports.qpilot, ADA, Asked())
        assert isinstance(found, Done)
        mine = {number for number, one in it.qpilot.orders.items() if one["customerId"] == "105"}
        assert it.order_id in mine
        assert {row.id for row in found.value.items} <= mine
        assert type(await WRITES["pause"].work(it)).__name__ == "Steered"
        assert it.qpilot.orders[it.order_id]["status"] == "Paused"
        assert isinstance(await read(it.ports.qpilot, ADA, theirs), Refused)
        told = await apply(it.ports, ADA, theirs, Pause(), "seen", "REF")
        assert isinstance(told, Refused)
        assert it.qpilot.orders[theirs]["status"] == "Active"
        assert isinstance(await summary(it.ports, ADA, Window.TODAY), Refused)
        assert (it.writes(), it.qpilot.logins) == (1, it.asked())


async def test_the_seeds_walk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Seed 004 from the first customer to the order that is found again, with a token of its own for each request."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    async with stage(tmp_path) as it:
        customer = replace(CUSTOMER, payment_methods=(NewPaymentMethod("Stripe", "cus_1", "pm_1"),))
        assert isinstance(await create_customer(it.ports, ADA, customer, "R1"), Founded)
        method = await add_payment_method(it.ports, ADA, replace(METHOD, customer_id="29920"), "R2")
        assert isinstance(method, Founded)
        assert isinstance(await create_product(it.ports, ADA, PRODUCT, "R3"), Founded)
        first = it.later(9)
        order = NewOrder("29920", "Days", 30, (NewItem("200001", 4),), int(method.id or 0), first)
        made = await create_scheduled_order(it.ports, ADA, order, "R4")
        assert isinstance(made, Founded)
        found = await listed(it.ports.qpilot, ADA, Asked("Active", made.id))
        assert isinstance(found, Done)
        assert [(row.customer_id, row.next_occurrence) for row in found.value.items] == [("29920", first)]
        whole = await profile(it.ports.qpilot, ADA, "29920")
        assert isinstance(whole, Done)
        assert [one.id for one in whole.value.orders] == [int(made.id or 0)]
        assert len(whole.value.payment_methods) == 2
        assert it.qpilot.logins == it.asked()


async def test_a_skip_is_what_the_calculator_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The date that a skip shows is the one that the order has afterwards (§6.1)."""
    caplog.set_level(logging.CRITICAL, "aiohttp.access")
    async with stage(tmp_path) as it:
        asked = await skipped(it.ports, ADA, it.order_id)
        assert isinstance(asked, Done)
        told = await apply(it.ports, ADA, it.order_id, asked.value.change, asked.value.seen, "REF")
        assert isinstance(told, Steered)
        assert isinstance(asked.value.change, Skip)
        assert told.after is not None
        assert told.after.next_occurrence is not None
        assert told.visible
        assert abs(told.after.next_occurrence - asked.value.change.to) < timedelta(seconds=1)
