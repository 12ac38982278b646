"""The summary against the strict stand-in: every total is the stand-in's own, summed another way (F3, F6, E6)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeVault
from hypothesis import given, settings
from hypothesis import strategies as st
from qpilot_contract_kit import CALM, OPS, asked

from backends.http import BackendHttp, Limits
from backends.qpilot.client import QpilotClient
from operations.linking import Actor
from operations.outcome import Done
from operations.ports import Ports
from operations.qpilot_accounts import QpilotAccounts
from operations.summary import Amount, Missing, Part, Summary, Tally, Window, summary
from sandbox.qpilot import Fault, Qpilot, Switches
from sandbox.serving import serve

ADA = Actor("T1", "U1")
ZONE = ZoneInfo("America/New_York")
CURRENCIES = ("USD", "EUR", "JPY")


@asynccontextmanager
async def asking(standin: Qpilot, *, reuse: float = 0) -> AsyncIterator[Ports]:
    """A merchant who has connected to a stand-in that listens, with the stand-in's clock."""
    served = await serve(standin.app())
    http = BackendHttp("qpilot", served.url, Limits())
    accounts = QpilotAccounts(FakeVault(), QpilotClient(http), reuse=reuse)
    try:
        await accounts.connect(ADA, OPS)
        nothing: dict[str, Any] = dict.fromkeys(Ports.__dataclass_fields__)
        yield Ports(**nothing | {"qpilot": accounts, "now": lambda: datetime.fromtimestamp(standin.clock.now(), UTC)})
    finally:
        await http.close()
        await served.close()


async def summed(ports: Ports, window: Window) -> Summary:
    done = await summary(ports, ADA, window)
    assert isinstance(done, Done)
    return done.value


def occurs(document: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(document["nextOccurrenceUtc"])


def plain(documents: list[dict[str, Any]]) -> Tally:
    """The sum by currency, in whole cents."""
    cents = dict.fromkeys(sorted({one["currencyIso"] for one in documents}), 0)
    for one in documents:
        cents[one["currencyIso"]] += int(one["total"] * 100)
    return Tally(len(documents), tuple(Amount(name, Decimal(value) / 100) for name, value in cents.items()))


def compare(standin: Qpilot, told: Summary, window: Window) -> None:
    """Every number of the summary against the stand-in's documents."""
    documents = list(standin.orders.values())
    now = told.as_of
    today = now.astimezone(ZONE).date()
    days: dict[Window, list[date]] = {
        Window.TODAY: [today],
        Window.TOMORROW: [today + timedelta(days=1)],
        Window.WEEK: [today + timedelta(days=n) for n in range(7)],
    }
    active = [one for one in documents if one["status"] == "Active"]
    coming = [one for one in active if occurs(one) >= now]
    assert told.due is not None
    assert {one.day: one.tally for one in told.due.days} == {
        day: plain([one for one in coming if occurs(one).astimezone(ZONE).date() == day]) for day in days[window]
    }
    assert told.due.past_due == plain([one for one in active if occurs(one) < now])
    assert told.failed is not None
    failed = [one for one in documents if one["status"] == "Failed"]
    assert told.failed.tally == plain(failed)
    codes = {code: count for cause in told.failed.causes for code, count in cause.codes}
    assert sum(codes.values()) == len(failed)
    assert all(count == [one["processingErrorCode"] for one in failed].count(code) for code, count in codes.items())
    old = now - timedelta(hours=1)
    assert told.stuck is not None
    running = [one for one in documents if one["status"] in ("Queued", "Processing")]
    assert told.stuck.tally == plain([one for one in running if occurs(one) < old])
    assert told.missing == ()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize("window", Window)
async def test_a_thousand_orders(window: Window) -> None:
    """The demo site: every total equals the stand-in's, and every request had a login of its own (F6)."""
    standin = Qpilot(switches=replace(CALM, paused=True))
    async with asking(standin) as ports:
        told = await summed(ports, window)
        compare(standin, told, window)
        assert standin.logins == asked(standin)


async def test_tomorrows_risks() -> None:
    """The demo site's orders without a method, with a card that ends, and with nothing in stock are all found."""
    standin = Qpilot(switches=CALM)
    async with asking(standin) as ports:
        told = await summed(ports, Window.TOMORROW)
    assert told.at_risk is not None
    assert told.due is not None
    risks = told.at_risk.risks
    assert (told.at_risk.checked, told.at_risk.skipped) == (told.due.tally.count, 0)
    assert sum(one.no_payment_method for one in risks) == 2
    assert sum(bool(one.expires) for one in risks) >= 1
    sold_out = {
        one["id"]
        for one in standin.orders.values()
        if any(
            standin.products[item["productId"]]["availability"] != "InStock"
            or not standin.products[item["productId"]]["processScheduledOrder"]
            for item in one["scheduledOrderItems"]
        )
    }
    coming = {one.order_id for one in risks if one.products}
    assert coming
    assert coming <= sold_out


async def test_reuse_needs_one_login() -> None:
    """With QPILOT_TOKEN_REUSE_SECONDS one token serves the whole summary."""
    standin = Qpilot(switches=replace(CALM, bearer_mode="ttl"))
    async with asking(standin, reuse=60) as ports:
        before = standin.logins
        await summed(ports, Window.WEEK)
        assert standin.logins == before + 1


@pytest.mark.parametrize(
    ("match", "missing"),
    [
        ("GET /v3/Sites/1113/ScheduledOrders", {Part.DUE, Part.AT_RISK, Part.STUCK, Part.FAILED}),
        ("GET /Sites/1113/ScheduledOrders", {Part.AT_RISK}),
    ],
)
async def test_a_part_that_fails(match: str, missing: set[Part]) -> None:
    """A list that answers with a web page is named as missing; where it is all there is, nothing is claimed (F3)."""
    standin = Qpilot(switches=CALM)
    async with asking(standin) as ports:
        standin.faults.append(Fault(match, "html"))
        told = await summary(ports, ADA, Window.TOMORROW)
    if missing == {Part.AT_RISK}:
        assert isinstance(told, Done)
        text = "QPilot answered with something I cannot read."
        assert told.value.missing == (Missing(Part.AT_RISK, text),)
        assert told.value.due is not None
    else:
        assert not isinstance(told, Done)


async def test_a_token_that_expires_in_the_middle() -> None:
    """One 401 in the middle costs one request more, and no part of the summary."""
    standin = Qpilot(switches=CALM)
    async with asking(standin) as ports:
        standin.faults.append(Fault("GET /Sites/1113/ScheduledOrders", "expire_then", times=1))
        told = await summed(ports, Window.TOMORROW)
        compare(standin, told, Window.TOMORROW)
        assert standin.logins == asked(standin)


orders = st.lists(
    st.tuples(
        st.sampled_from(("Active", "Active", "Active", "Failed", "Queued", "Processing", "Paused", "Deleted")),
        st.sampled_from(CURRENCIES),
        st.integers(1, 10**7),
        st.integers(1, 9),
        st.integers(-72 * 60, 240 * 60),
        st.sampled_from((99, 1001, 1002, 2000, 2001, 3000, 3002)),
    ),
    max_size=30,
)


def test_two_hundred_random_sites() -> None:
    """200 data sets in three currencies: totals are the stand-in's, decimal-exact, and logins equal requests (F6)."""
    standin = Qpilot(switches=Switches(rate_limit=False, paused=True, lock_days=0))

    @settings(max_examples=200, deadline=None, database=None)
    @given(data=orders, window=st.sampled_from(Window))
    def check(data: list[tuple[Any, ...]], window: Window) -> None:
        fill(standin, data)
        logins, requests = standin.logins, asked(standin)
        told = runner.run(summed(ports, window))
        compare(standin, told, window)
        assert standin.logins - logins == asked(standin) - requests

    with asyncio.Runner() as runner:
        room = asking(standin)
        ports = runner.run(room.__aenter__())
        try:
            check()
        finally:
            runner.run(room.__aexit__(None, None, None))


def fill(standin: Qpilot, data: list[tuple[Any, ...]]) -> None:
    """Put these orders in the place of all others."""
    standin.orders.clear()
    now = datetime.fromtimestamp(standin.clock.now(), UTC)
    for status, currency, cents, quantity, minutes, code in data:
        price = Decimal(cents) / 100 if currency != "JPY" else Decimal(cents)
        moment = (now + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        items = [{"productId": "100982", "quantity": quantity, "price": price}]
        order_id = standin.add_order(items, currencyIso=currency, nextOccurrenceUtc=moment)
        if status == "Failed":
            standin.fail(order_id, code)
        else:
            standin.set_status(order_id, status)
