"""The small parts of the QPilot stand-in: dates, rhythms, money, switches, demo data."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from qpsim_kit import DAY, Caller, invalid

from sandbox.clock import Clock
from sandbox.qpilot import FaultKind, Qpilot, Switches
from sandbox.qpilot.moments import digits, epoch, moment
from sandbox.qpilot.money import plain, price_in, rounded
from sandbox.qpilot.occurrences import display_name, following, next_after


@pytest.mark.parametrize(
    ("start", "rhythm", "expected"),
    [
        ("2026-01-14T08:00:00Z", ("Days", 30), "2026-02-13T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("Weeks", 2), "2026-01-28T08:00:00.000Z"),
        ("2026-01-31T08:00:00Z", ("Months", 1), "2026-02-28T08:00:00.000Z"),
        ("2028-01-31T08:00:00Z", ("Months", 1), "2028-02-29T08:00:00.000Z"),
        ("2026-11-30T08:00:00Z", ("Months", 3), "2027-02-28T08:00:00.000Z"),
        ("2026-12-15T08:00:00Z", ("Months", 12), "2027-12-15T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("DayOfTheWeek", 4), "2026-01-21T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("DayOfTheWeek", 5), "2026-01-15T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("DayOfTheWeek", 1), "2026-01-18T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("DayOfTheWeek", 7), "2026-01-17T08:00:00.000Z"),
        ("2026-01-18T08:00:00Z", ("DayOfTheWeek", 1), "2026-01-25T08:00:00.000Z"),
        ("2026-01-18T08:00:00Z", ("DayOfTheWeek", 2), "2026-01-19T08:00:00.000Z"),
        ("2026-01-14T08:00:00Z", ("DayOfTheMonth", 15), "2026-01-15T08:00:00.000Z"),
        ("2026-01-15T08:00:00Z", ("DayOfTheMonth", 15), "2026-02-15T08:00:00.000Z"),
        ("2026-01-31T08:00:00Z", ("DayOfTheMonth", 31), "2026-02-28T08:00:00.000Z"),
        ("2026-12-31T08:00:00Z", ("DayOfTheMonth", 1), "2027-01-01T08:00:00.000Z"),
    ],
)
def test_the_following_occurrence(start: str, rhythm: tuple[str, int], expected: str) -> None:
    """Months end where they end, Sunday is 1, and the day itself does not follow itself."""
    assert moment(following(epoch(start), *rhythm)) == expected


def test_the_next_occurrence_is_in_the_future() -> None:
    """The rhythm goes on until it is past now, even if that is to the second."""
    now = epoch("2026-03-15T08:00:00Z")
    assert moment(next_after(epoch("2026-01-14T08:00:00Z"), "Days", 30, now)) == "2026-04-14T08:00:00.000Z"


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (("Days", 1), "Every day"),
        (("Days", 30), "Every 30 days"),
        (("Weeks", 1), "Every week"),
        (("Months", 2), "Every 2 months"),
        (("DayOfTheWeek", 1), "Every Sunday"),
        (("DayOfTheWeek", 2), "Every Monday"),
        (("DayOfTheWeek", 7), "Every Saturday"),
        (("DayOfTheMonth", 1), "The 1st of every month"),
        (("DayOfTheMonth", 12), "The 12th of every month"),
        (("DayOfTheMonth", 23), "The 23rd of every month"),
        (("DayOfTheMonth", 30), "The 30th of every month"),
    ],
)
def test_a_rhythm_is_said_in_words(rhythm: tuple[str, int], words: str) -> None:
    """As QPilot's documents do."""
    assert display_name(*rhythm) == words


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("frequencyType=Days&frequency=30&fromUtc=2026-01-14T08:00:00Z", (200, "2026-02-13T08:00:00")),
        ("FREQUENCYTYPE=Months&Frequency=1&FROMUTC=2026-01-31", (200, "2026-02-28T00:00:00")),
        ("frequencyType=Days&frequency=1", (200, "2026-01-15T17:00:00")),
        ("frequencyType=Days", invalid(Frequency="The field Frequency must be between 1 and 365.")),
        ("frequency=3", invalid(FrequencyType="The FrequencyType field is required.")),
        (
            "frequencyType=DayOfTheWeek&frequency=8",
            invalid(Frequency="The field Frequency must be between 1 and 7."),
        ),
        ("frequencyType=Days&frequency=3&fromUtc=now", invalid(FromUtc="The value 'now' is not valid.")),
    ],
)
async def test_the_calculator_answers_with_a_text(merchant: Caller, query: str, expected: Any) -> None:
    """A JSON text without zone; skipping an order is made of it."""
    assert await merchant.ask("GET", f"/ScheduledOrders/NextOccurrenceUtc?{query}") == expected


@pytest.mark.parametrize(
    ("text", "shown", "fraction"),
    [
        ("2026-01-14", "2026-01-14T00:00:00.000Z", 0),
        ("2026-01-14T08:00:00", "2026-01-14T08:00:00.000Z", 0),
        ("2026-01-14T08:00:00.43Z", "2026-01-14T08:00:00.430Z", 2),
        ("2026-01-14T08:00:12.431Z", "2026-01-14T08:00:12.431Z", 3),
        ("2026-01-14T08:00:00.4319999+02:00", "2026-01-14T06:00:00.431Z", 7),
    ],
)
def test_an_instant_is_read_and_written(text: str, shown: str, fraction: int) -> None:
    """Without a zone it is UTC; how exact it was written can be told."""
    assert (moment(epoch(text)), digits(text)) == (shown, fraction)


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-01", "2026-01-14 08:00", "14.01.2026", None, 5, "2026-01-14T25:00:00Z"]
)
def test_what_is_no_instant(text: Any) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's
        epoch(text)


def test_money_is_exact_inside_and_plain_outside() -> None:
    """Yen have no decimals, halves go up, and nothing but an amount becomes a number."""
    assert (price_in("JPY", Decimal("9.75")), price_in("EUR", Decimal("9.75"))) == (Decimal(1463), Decimal("8.78"))
    assert rounded(Decimal("0.005"), "USD") == Decimal("0.01")
    assert [repr(plain(Decimal(text))) for text in ("29.90", "1463", "0.1")] == ["29.9", "1463", "0.1"]
    with pytest.raises(TypeError, match="not JSON: set"):
        plain({1})


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": 1}, {"bearer_mode": "twice"}, {"lock_days": 15}, {"lock_days": -1}, {"lock_days": True},
        {"paused": 1}, {"processing_seconds": float("nan")}, {"rate_burst": 2.5}, {"paused": True, "v3_rows": None},
    ],
)  # fmt: skip
def test_a_switch_that_does_not_exist_is_refused(changes: dict[str, Any]) -> None:
    """A name or value that there is none of is a ValueError, and nothing is switched."""
    switches = Switches()
    with pytest.raises(ValueError, match="not a switch, or not one of its values"):
        switches.changed(changes)
    assert switches == Switches()


def test_switches_change_into_a_copy() -> None:
    """Good values are taken, whole numbers for seconds too, and all are shown."""
    changed = Switches().changed({"lock_days": 14, "processing_seconds": 3, "success_body": "empty"})
    assert changed == Switches(lock_days=14, processing_seconds=3, success_body="empty")
    assert changed.as_json()["lock_days"] == 14
    assert len(changed.as_json()) == 14


def test_the_demo_is_always_the_same(clock: Clock) -> None:
    """A thousand orders, forty customers, twenty-five goods; only the hour makes a difference."""
    one, other = Qpilot(clock), Qpilot(clock)
    assert (one.orders, one.customers, one.cycles) == (other.orders, other.customers, other.cycles)
    assert [len(part) for part in (one.orders, one.customers, one.products)] == [1000, 40, 25]
    one.orders[208001]["scheduledOrderItems"].clear()
    assert other.orders[208001]["scheduledOrderItems"] != []
    clock.advance(30 * DAY)
    later = Qpilot(clock)
    assert [order["status"] for order in later.orders.values()] == [
        order["status"] for order in Qpilot(clock).orders.values()
    ]


def test_the_demo_has_every_status_currency_and_failure(qpilot: Qpilot) -> None:
    """Enough of each for every view, and next occurrences from last week to two months ahead."""
    orders = qpilot.orders.values()
    assert Counter(order["status"] for order in orders) == {
        "Active": 780, "Paused": 90, "Failed": 72, "Deleted": 40, "Snoozed": 10, "Queued": 4, "Processing": 4,
    }  # fmt: skip
    assert {order["currencyIso"] for order in orders} == {"USD", "EUR", "JPY"}
    codes = {order["processingErrorCode"] for order in orders if order["status"] == "Failed"}
    assert codes == {99, 1000, 1001, 1002, 1003, 1004, 1005, 2000, 2001, 3000, 3001, 3002}
    dates = sorted(order["nextOccurrenceUtc"][:10] for order in orders)
    assert ("2026-01-04" <= dates[0] <= "2026-01-08", "2026-03-10" <= dates[-1] <= "2026-03-16") == (True, True)


def test_the_demo_is_at_one_with_itself(qpilot: Qpilot) -> None:
    """Totals add up, people and cards exist, what is past is past, and amounts keep to their currency."""
    now = moment(qpilot.clock.now())
    for order in qpilot.orders.values():
        parts = order["subtotal"] + order["shippingTotal"] + order["taxTotal"]
        assert (order["total"], order["siteId"]) == (parts, 1113)
        assert order["customerId"] in qpilot.customers
        assert order["createdUtc"] < now
        assert (order["lastOccurrenceUtc"] or "") < now
        method = qpilot.payment_methods.get(order["paymentMethodId"])
        assert method is None or method["customerId"] == order["customerId"]
        assert order["currencyIso"] != "JPY" or order["total"] == int(order["total"])
    ids = [item["id"] for order in qpilot.orders.values() for item in order["scheduledOrderItems"]]
    assert len(ids) == len(set(ids))


def test_tomorrow_has_risks(qpilot: Qpilot) -> None:
    """Two orders without a payment method, three with a card that ends, three with nothing in stock."""
    tomorrow = [
        one for one in qpilot.orders.values() if one["isActive"] and one["nextOccurrenceUtc"][:10] == "2026-01-15"
    ]
    ends = {number: (one["expirationDate"] or "")[:7] for number, one in qpilot.payment_methods.items()}
    missing = [one for one in tomorrow if one["paymentMethodId"] is None]
    ending = [one for one in tomorrow if ends.get(one["paymentMethodId"], "9") <= "2026-01"]
    stock = {number: one["availability"] for number, one in qpilot.products.items()}
    empty = [
        one for one in tomorrow if all(stock[item["productId"]] == "OutOfStock" for item in one["scheduledOrderItems"])
    ]
    assert (len(missing), len(ending) >= 3, len(empty) >= 3) == (2, True, True)


def test_summaries_name_the_customer_and_the_date(qpilot: Qpilot) -> None:
    """One line for each order, ids ascending, for the control panel."""
    order_id = qpilot.add_order(customerId="101", nextOccurrenceUtc="2026-02-01T08:00:00.000Z")
    summaries = qpilot.order_summaries()
    assert (len(summaries), summaries[-1]) == (1001, (order_id, "Ada Quill, 2026-02-01", "Active"))
    assert [number for number, _, _ in summaries] == sorted(qpilot.orders)


def test_added_people_have_ids_of_their_own(qpilot: Qpilot) -> None:
    """A customer who is added never takes another's id, and their first payment method is their default."""
    qpilot.add_customer(id="142")
    ids = [qpilot.add_customer(), qpilot.add_customer(firstName="Zoe")]
    assert (ids, qpilot.customers["144"]["firstName"], len(qpilot.customers)) == (["143", "144"], "Zoe", 43)
    first, second = qpilot.add_payment_method("143"), qpilot.add_payment_method("143")
    assert (qpilot.default_method("143"), qpilot.default_method("144")) == (first, None)
    assert second == first + 1


def test_the_document_names_every_switch_and_fault() -> None:
    """What can be switched on stands in docs/sandbox-qpilot.md."""
    text = (Path(__file__).resolve().parents[4] / "docs" / "sandbox-qpilot.md").read_text(encoding="utf-8")
    assert [name for name in (*Switches().as_json(), *get_args(FaultKind)) if f"`{name}`" not in text] == []
