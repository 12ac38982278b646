"""QPilot's bodies become domain types, and what is odd in them costs nothing else."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from qpilot_kit import FULL

from backends.qpilot import entity_models as wire
from backends.qpilot.documents import dumped, loaded, utc, written
from backends.qpilot.entities import Customer
from backends.qpilot.envelope import page_of, rows_of
from backends.qpilot.failures import FAILURES, Failure, failure
from backends.qpilot.frequency import words
from backends.qpilot.models import moment_of, row, scheduled_order
from backends.qpilot.order import Address, Cycle, Item, Page, PaymentMethod, Person, Row, ScheduledOrder
from backends.qpilot.query import target

ADA = Person("107", "ada@mail.example", "Ada", "Quill")
WHOLE = ScheduledOrder(
    id=208022,
    status="Failed",
    site_id=1113,
    customer_id="107",
    customer=ADA,
    next_occurrence=datetime(2026, 1, 5, 8, tzinfo=UTC),
    last_occurrence=datetime(2025, 12, 6, 8, 0, 12, 431_000, UTC),
    utc_offset=-5,
    frequency=30,
    frequency_type="Days",
    frequency_name="Every 30 days",
    cycles=6,
    payment_method_id=10933,
    payment_method=PaymentMethod(10933, "Stripe", None, "4242", datetime(2026, 8, 31, tzinfo=UTC), is_default=True),
    currency="USD",
    subtotal=Decimal(24),
    shipping_total=Decimal(5),
    tax_total=Decimal(0),
    total=Decimal(29),
    items=(Item(551, "100982", 4, Decimal("9.75"), Decimal(6), cycles=6),),
    last_editable=datetime(2026, 1, 4, 8, tzinfo=UTC),
    failure_reason="Stripe: Your card has insufficient funds.",
    error_code=2000,
    created=datetime(2025, 6, 9, 14, tzinfo=UTC),
    updated=datetime(2026, 1, 5, 8, 0, 41, 90_000, UTC),
)


def read(body: Any) -> Any:
    return loaded(json.dumps(body))


def test_whole_order() -> None:
    """The sheet's own example, field by field (apis/qpilot.md §5.1), and its document for the full PUT."""
    found = scheduled_order(read(FULL))
    assert found == WHOLE
    assert json.loads(found.document) == FULL
    assert "insufficient" not in repr(dataclasses.replace(found, failure_reason=None))


def test_everything_else_of_an_order() -> None:
    """What the example leaves out is read too: address, coupons, dunning, snooze, the product of a line."""
    more = {
        "id": 1,
        "status": "Brand New",
        "customerId": 107,
        "shippingFirstName": "Ada",
        "shippingPostcode": 1101,
        "phoneNumber": "+1",
        "company": "ACME",
        "shippingRateName": "Standard",
        "coupons": ["TEN", None, 7],
        "locked": True,
        "dunning": {"step": 1},
        "snoozeUntilUtc": "2026-02-04T08:00:00",
        "note": "n",
        "origin": "Merchant",
        "name": "Box",
        "scheduledOrderItems": [
            {"id": 5, "productId": 9, "product": {"title": "Tea", "sku": "t", "availability": "OutOfStock"}},
            {"id": "x"},
        ],
    }
    assert scheduled_order(read(more)) == ScheduledOrder(
        id=1,
        status="Brand New",
        customer_id="107",
        address=Address("Ada", postcode="1101"),
        phone="+1",
        company="ACME",
        shipping_rate="Standard",
        coupons=("TEN", "7"),
        locked=True,
        in_dunning=True,
        snoozed_until=datetime(2026, 2, 4, 8, tzinfo=UTC),
        note="n",
        origin="Merchant",
        name="Box",
        items=(Item(5, "9", title="Tea", sku="t", availability="OutOfStock"),),
    )


@pytest.mark.parametrize("odd", [{}, [], "x", -1, True, "0001-01-01T00:00:00", "99999-01-01", None])
def test_odd_parts_cost_nothing_else(odd: Any) -> None:
    """A part that cannot be read is missing, and the order stays readable."""
    broken = {name: odd for name in FULL if name not in ("id", "status")}
    found = scheduled_order(read(FULL | broken))
    assert (found.id, found.status, found.next_occurrence, found.items, found.customer) == (
        208022,
        "Failed",
        None if odd not in (-1, True) else found.next_occurrence,
        (),
        found.customer if odd == {} else None,
    )


@pytest.mark.parametrize("broken", [{"id": None}, {"id": 0}, {"id": 2**63}, {"status": ""}, {"status": None}])
def test_an_order_without_id_or_status(broken: dict[str, Any]) -> None:
    """Without id or status it is no scheduled order, in either list."""
    for model in (scheduled_order, row):
        with pytest.raises(ValueError, match="validation error"):
            model(read(FULL | broken))


def test_row() -> None:
    """A light row needs id and status only; the customer's own id beats QPilot's internal one (§3.2)."""
    assert row({"id": 1, "status": "Active"}) == Row(1, "Active")
    found = row(read(FULL | {"customerId": 90001}))
    assert (found.customer_id, found.total, found.error_code, found.customer) == ("107", Decimal(29), 2000, ADA)


def test_no_gateway_tokens() -> None:
    """The gateway's tokens and a whole card number are not even read (apis/qpilot.md §5.3)."""
    given = FULL["paymentMethod"] | {"lastFourDigits": "4242424242424242", "gatewayCustomerId": "cus_canary"}
    found = wire.payment_method(given)
    assert (found.last_four_digits, "canary" in repr(found)) == (None, False)


def test_customer_and_cycle() -> None:
    """Both addresses and the payment methods of a customer are read; a cycle's id is a text (§3.2, §5.2)."""
    given = {"id": 107, "shippingCity": "Springfield", "billingCountry": "US", "paymentMethods": [{"id": 5}, {"id": 0}]}
    assert wire.customer(given) == Customer(
        "107", shipping=Address(city="Springfield"), billing=Address(country="US"), payment_methods=(PaymentMethod(5),)
    )
    assert wire.cycle({"id": 771204, "chargedOrderTotal": -5}) == Cycle("771204", charged_total=Decimal(-5))


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ({"items": [1], "totalCount": 3, "totalPages": 3}, Page((1,), 2, True, 3, 3)),
        ({"items": [1], "totalPages": 2}, Page((1,), 2, False, None, 2)),
        ({"results": [], "items": [1], "total": 2}, Page((1,), 2, False, 2, 2)),
        ({"data": [1, 2], "count": True}, Page((1, 2), 2, True)),
        ({"scheduledOrderHistoryItems": [1, 2], "totalItems": 9}, Page((1, 2), 2, True, 9, 9)),
        ({"items": [], "totalPages": 9}, Page((), 2, False, None, 9)),
        ([1], Page((1,), 2, False, 1, 1)),
    ],
)
def test_envelopes(said: Any, page: Page[int]) -> None:
    """Each of QPilot's wrappings is a page, the first filled list counts, and an empty page is the last (§3.1)."""
    assert page_of(json.dumps(said).encode(), int, 2, 1) == page


@pytest.mark.parametrize("said", [{}, {"items": None}, {"items": {}}, "x", 7, None, True])
def test_no_envelope(said: Any) -> None:
    """What is no list is never taken for an empty one."""
    with pytest.raises(ValueError, match="not a list"):
        rows_of(said, int)


def test_numbers_stay_exact() -> None:
    """Amounts are read and written without passing through a float (apis/qpilot.md §3.2)."""
    text = '{"a": 0.1, "b": [1234567890123456.78, 9.750], "c": 10, "d": {"e": null, "f": true, "g": "ü"}}'
    assert dumped(loaded(text)) == text.replace("ü", "\\u00fc")
    assert loaded("0.1") == Decimal("0.1")


@pytest.mark.parametrize("text", ["", "NaN", "[Infinity]", "{", "[" * 100_000, b"\xff"])
def test_no_json(text: str | bytes) -> None:
    """What is not JSON is a ValueError, however deep it is."""
    with pytest.raises(ValueError):  # noqa: PT011
        loaded(text)


def test_an_order_too_deep_to_write() -> None:
    """An order that could not be written again is Garbled, not a crash."""
    deep: Any = []
    for _ in range(700):
        deep = [deep]
    with pytest.raises(ValueError, match="too deep"):
        scheduled_order(FULL | {"metadata": deep})


def test_moments() -> None:
    """Moments are UTC, also without a zone; year 1 is none; the calculator's text is one (apis/qpilot.md §3.2)."""
    new_york = timezone(timedelta(hours=-5))
    assert utc(datetime(2026, 1, 5, 3, tzinfo=new_york)) == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert (utc(datetime(1, 1, 1)), utc(None)) == (None, None)  # noqa: DTZ001
    assert written(datetime(2026, 1, 5, 3, tzinfo=new_york)) == "2026-01-05T08:00:00.000Z"
    assert moment_of(b'"2026-01-05T08:00:00"') == datetime(2026, 1, 5, 8, tzinfo=UTC)
    for body in (b"1767600000", b'"soon"', b"null", b'"0001-01-01T00:00:00"'):
        with pytest.raises(ValueError):  # noqa: PT011
            moment_of(body)


@pytest.mark.parametrize(
    ("line", "available"),
    [
        (Item(1, "1"), True),
        (Item(1, "1", availability="InStock", processed=True), True),
        (Item(1, "1", availability="PreOrder"), False),
        (Item(1, "1", availability="InStock", processed=False), False),
    ],
)
def test_available(line: Item, available: bool) -> None:
    """A line ships if its product may be processed and is in stock, as the vendor tests it (apis/qpilot.md §5.1)."""
    assert line.available is available


GROUPS = {
    99: "other", 1000: "items", 1001: "items", 1002: "shipping", 1003: "payment", 1004: "payment", 1005: "payment",
    2000: "payment", 2001: "payment", 3000: "store", 3001: "store", 3002: "store",
}  # fmt: skip


def test_failures() -> None:
    """Each code of apis/qpilot.md §4.1 has its group, words and advice; where money may have moved, it is said."""
    assert {code: one.group for code, one in FAILURES.items()} == GROUPS
    assert [one for one in FAILURES.values() if not (one.words.endswith(".") and one.advice.endswith("."))] == []
    assert [code for code, one in FAILURES.items() if one.may_have_charged] == [2001, 3001]


@pytest.mark.parametrize("code", [None, 0, 7777])
def test_unknown_failure(code: int | None) -> None:
    """A code that we do not know is no crash, and keeps its number."""
    found = failure(code)
    assert (found.code, found.group, type(found)) == (code, "other", Failure)
    assert failure(2000) is FAILURES[2000]


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("Days", 30, "Every 30 days"),
        ("Days", 1, "Every day"),
        ("Weeks", 2, "Every 2 weeks"),
        ("Months", 1, "Every month"),
        ("DayOfTheWeek", 1, "Every Sunday"),
        ("DayOfTheWeek", 7, "Every Saturday"),
        ("DayOfTheMonth", 1, "The 1st of every month"),
        ("DayOfTheMonth", 2, "The 2nd of every month"),
        ("DayOfTheMonth", 3, "The 3rd of every month"),
        ("DayOfTheMonth", 11, "The 11th of every month"),
        ("DayOfTheMonth", 15, "The 15th of every month"),
        ("DayOfTheMonth", 22, "The 22nd of every month"),
        ("DayOfTheMonth", 31, "The 31st of every month"),
        ("DayOfTheWeek", 8, None),
        ("DayOfTheMonth", 32, None),
        ("Days", 0, None),
        ("Years", 1, None),
        (None, 1, None),
        ("Days", None, None),
    ],
)
def test_frequency_words(kind: str | None, number: int | None, said: str | None) -> None:
    """A frequency is said as QPilot says it, weeks beginning on Sunday; what we do not know is not guessed (§4)."""
    assert words(kind, number) == said


def test_targets() -> None:
    """Several values of a name are repeated, flags are words, nothing given is left out (apis/qpilot.md §1)."""
    given = {"page": 1, "on": True, "off": False, "none": None, "many": ("a", "b"), "empty": ()}
    template = "/S/{site}?page={q0}&on={q1}&off={q2}&many={q3}&many={q4}"
    filled = {"site": 7, "q0": "1", "q1": "true", "q2": "false", "q3": "a", "q4": "b"}
    assert target("/S/{site}", {"site": 7}, given) == (template, filled)
    assert target("/S/{site}", {"site": 7}, {}) == ("/S/{site}", {"site": 7})
