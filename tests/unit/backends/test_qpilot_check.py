"""What is refused before it is sent, under seed 004's own names, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.errors import FieldError
from backends.qpilot.cards import holds_card_number
from backends.qpilot.check import (
    NO_CARD_NUMBER,
    check_customer,
    check_frequency,
    check_items,
    check_order,
    check_payment_method,
    check_product,
)
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
METHOD = NewPaymentMethod("Stripe", "cus_9s6XKzkNRiz8i3", "pm_1NXWPnCo6bFb1KQto6C8OWvE", "29920")
CUSTOMER = NewCustomer("29920", "chris@mail.example", payment_methods=(replace(METHOD, customer_id=None),))
PRODUCT = NewProduct(
    "100982", "RCo Atlantis Moisturizing Shampoo 8 oz", Decimal("9.75"), Decimal(6), "rco-atl-993", "97350053850012",
    "QP1234LOT", "4", "2", "5", "1", "Pound", "Inch", True, True, "InStock", 50,
)  # fmt: skip
ORDER = NewOrder("15", "Days", 30, (NewItem("100982", 4),), 10933)


def test_the_seed_is_good() -> None:
    """Every example of seed 004 passes, and so does the least that makes a record."""
    assert check_payment_method(METHOD) == check_customer(CUSTOMER) == check_product(PRODUCT) == check_order(ORDER)
    least = (check_product(NewProduct("1", "Soap", Decimal(0))), check_customer(NewCustomer("1", "a@b")))
    assert (check_order(ORDER), *least) == ((), (), ())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": ""}, "type"),
        ({"gateway_customer_id": " "}, "gatewayCustomerId"),
        ({"gateway_payment_id": ""}, "gatewayPaymentId"),
    ],
)
def test_payment_method(changes: dict[str, Any], field: str) -> None:
    """Each field of seed 004, step 3, must be given, also within a customer."""
    bad = replace(METHOD, **changes)
    assert check_payment_method(bad) == (FieldError(field, "must not be empty"),)
    theirs = replace(CUSTOMER, payment_methods=(METHOD, bad))
    assert check_customer(theirs) == (FieldError(f"paymentMethods[1].{field}", "must not be empty"),)


def test_whose_payment_method() -> None:
    """A payment method on its own belongs to a customer; within one it does."""
    for nobody in (None, "", " "):
        assert check_payment_method(replace(METHOD, customer_id=nobody)) == (
            FieldError("customerId", "must not be empty"),
        )
        assert check_customer(replace(CUSTOMER, payment_methods=(replace(METHOD, customer_id=nobody),))) == ()


CARDS = [
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "3782 822463 10005",
    "6304000000000000000",
    "５１０５１０５１０５１０５１００",
    "card 4242.4242.4242.4242, 12/29",
    "4242 4242 4242 4242 123",
    "4242\u00a04242\u20114242 – 4242",
    "pm_4242424242424242x",
]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("field", ["type", "gateway_customer_id", "gateway_payment_id", "customer_id"])
def test_card_numbers(number: str, field: str) -> None:
    """A card's number is refused in every field of a payment method, however it is typed, and never repeated."""
    assert holds_card_number(number)
    bad = replace(METHOD, **{field: number})
    name = {"type": "type", "customer_id": "customerId"}.get(
        field, "gatewayCustomerId" if "customer" in field else "gatewayPaymentId"
    )
    assert check_payment_method(bad) == (FieldError(name, NO_CARD_NUMBER),)
    theirs = check_customer(replace(CUSTOMER, payment_methods=(bad,)))
    assert theirs == (FieldError(f"paymentMethods[0].{name}", NO_CARD_NUMBER),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cus_9s6XKzkNRiz8i3",
        "pm_1NXWPnCo6bFb1KQto6C8OWvE",
        "4242424242424241",
        "42424242424",
        "424242424242424242424242",
        "1512345678",
        "2026-01-05T08:00:00Z",
    ],
)
def test_no_card_numbers(text: str) -> None:
    """A gateway's token, a wrong check digit, too few and too many digits are no card's number."""
    assert not holds_card_number(text)


@given(st.text(alphabet="0123456789", min_size=11, max_size=18), st.text(alphabet=" -.", max_size=2))
def test_every_number_has_one_check_digit(start: str, between: str) -> None:
    """Of the ten numbers that differ in their last digit exactly one passes, however its digits are parted."""
    found = [digit for digit in "0123456789" if holds_card_number(f"{start[:4]}{between}{start[4:]}{digit}")]
    assert len(found) >= 1
    assert len(found) == 1 or (between and len(start) - 4 + 1 >= 12)


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """No text makes the check fail."""
    assert holds_card_number(text) in (True, False)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": ""}, FieldError("id", "must not be empty")),
        ({"email": " "}, FieldError("email", "must not be empty")),
        ({"email": "chris"}, FieldError("email", "must be an e-mail address")),
        ({"email": "@"}, FieldError("email", "must be an e-mail address")),
    ],
)
def test_customer(changes: dict[str, Any], complaint: FieldError) -> None:
    """A customer has an id and an e-mail address (seed 004, step 2)."""
    assert check_customer(replace(CUSTOMER, **changes)) == (complaint,)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": " "}, FieldError("id", "must not be empty")),
        ({"title": ""}, FieldError("title", "must not be empty")),
        ({"price": None}, FieldError("price", "must not be empty")),
        ({"price": Decimal("-0.01")}, FieldError("price", "must be at least 0")),
        ({"price": Decimal("NaN")}, FieldError("price", "must be a number of at most 15 digits")),
        (
            {"sale_price": Decimal("0.12345678901234567")},
            FieldError("salePrice", "must be a number of at most 15 digits"),
        ),
        ({"length": "four"}, FieldError("length", "must be a number")),
        ({"width": "-2"}, FieldError("width", "must be at least 0")),
        ({"height": "NaN"}, FieldError("height", "must be at least 0")),
        ({"weight": ""}, FieldError("weight", "must be a number")),
        ({"weight_unit_type": "Stone"}, FieldError("weightUnitType", "must be one of Pound, Ounce, Kilogram, Gram")),
        (
            {"length_unit_type": "Millimeter"},
            FieldError("lengthUnitType", "must be one of Inch, Foot, Yard, Milimeter, Centimeter, Meter"),
        ),
        (
            {"availability": "Gone"},
            FieldError("availability", "must be one of InStock, OutOfStock, PreOrder, Preorder, Undefined"),
        ),
        ({"stock": -1}, FieldError("stock", "must be at least 0")),
        ({"stock": 2**31}, FieldError("stock", "must be at most 2147483647")),
    ],
)
def test_product(changes: dict[str, Any], complaint: FieldError) -> None:
    """Each field of seed 004, step 4, has its rule, and only the wrong one is named."""
    assert check_product(replace(PRODUCT, **changes)) == (complaint,)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"customer_id": ""}, FieldError("customerId", "must not be empty")),
        ({"payment_method_id": 0}, FieldError("paymentMethodId", "must be at least 1")),
        ({"frequency": 0}, FieldError("frequency", "must be at least 1")),
        ({"scheduled_order_items": ()}, FieldError("scheduledOrderItems", "must not be empty")),
        ({"next_occurrence_utc": NOW.replace(tzinfo=None)}, FieldError("nextOccurrenceUtc", "must have a time zone")),
        ({"next_occurrence_utc": NOW}, FieldError("nextOccurrenceUtc", "must be in the future")),
    ],
)
def test_order(changes: dict[str, Any], complaint: FieldError) -> None:
    """Each field of seed 004, step 5, has its rule, and only the wrong one is named."""
    assert check_order(replace(ORDER, **changes), now=NOW) == (complaint,)


def test_first_occurrence() -> None:
    """A first occurrence in the future is good, and one in the past is nobody's business without a clock."""
    assert check_order(replace(ORDER, next_occurrence_utc=NOW + timedelta(seconds=1)), now=NOW) == ()
    assert check_order(replace(ORDER, next_occurrence_utc=NOW)) == ()


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("Days", 1, 365), ("Weeks", 1, 365), ("Months", 1, 365), ("DayOfTheWeek", 1, 7), ("DayOfTheMonth", 1, 31)],
)
def test_frequencies(kind: str, least: int, most: int) -> None:
    """Each kind of frequency has its range, both ends included (apis/qpilot.md §4)."""
    assert check_frequency(kind, least) == check_frequency(kind, most) == ()
    assert check_frequency(kind, least - 1) == (FieldError("frequency", "must be at least 1"),)
    assert check_frequency(kind, most + 1) == (FieldError("frequency", f"must be at most {most}"),)


def test_unknown_frequencies() -> None:
    """An unknown kind is refused by name, and the number is still held to 1 to 365."""
    known = "must be one of Days, Weeks, Months, DayOfTheWeek, DayOfTheMonth"
    assert check_frequency("Years", 1) == (FieldError("frequencyType", known),)
    assert check_frequency("", 366) == (
        FieldError("frequencyType", "must not be empty"),
        FieldError("frequency", "must be at most 365"),
    )


def test_items() -> None:
    """Every line's complaint names its line."""
    lines = (NewItem("1", 1), NewItem("", 0, Decimal(-1), Decimal("1e-30")), NewItem("2", 2**31))
    assert check_items(lines) == (
        FieldError("scheduledOrderItems[1].productId", "must not be empty"),
        FieldError("scheduledOrderItems[1].quantity", "must be at least 1"),
        FieldError("scheduledOrderItems[1].price", "must be at least 0"),
        FieldError("scheduledOrderItems[2].quantity", "must be at most 2147483647"),
    )
