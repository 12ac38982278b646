"""Reading the forms of scheduled orders, and filling them again with what was read (seed 004, apis/qpilot.md §6.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backends.errors import FieldError
from backends.qpilot.check import NO_CARD_NUMBER
from backends.qpilot.new import NewItem, NewOrder, NewPaymentMethod
from handlers.forms.complaints import sentence
from handlers.forms.founding import placed_new, read_new
from handlers.forms.steering import read_change, values_of
from handlers.forms.values import Unreadable
from handlers.render.founding import CUSTOMER_FORM, METHOD_FORM, ORDER_FORM, PRODUCT_FORM
from handlers.render.steer_forms import FREQUENCY, ITEMS, PAYMENT, RESCHEDULE
from handlers.scheduled_words import asked, order_id, store_id, window
from operations.scheduled import Asked
from operations.steer_changes import (
    AddItems,
    AnyChange,
    Cancel,
    Frequency,
    Payment,
    Quantity,
    RemoveItem,
    Reschedule,
)
from operations.summary import Window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARD = "4242424242424242"
CHANGES: list[tuple[str, AnyChange]] = [
    (RESCHEDULE, Reschedule(datetime(2027, 1, 2, 3, 4, tzinfo=UTC))),
    (FREQUENCY, Frequency("DayOfTheWeek", 7)),
    (ITEMS, AddItems((NewItem("100982", 3),))),
    (ITEMS, Quantity(551, 2)),
    (ITEMS, RemoveItem(551)),
    (PAYMENT, Payment(10933)),
]


@pytest.mark.parametrize(("kind", "change"), CHANGES)
def test_a_form_filled_again_reads_the_same(kind: str, change: AnyChange) -> None:
    """Nothing typed is lost on the way from a form to a change and back."""
    assert read_change(kind, values_of(change), NOW) == change


def test_a_change_without_a_form_has_no_values() -> None:
    """A cancellation has nothing to type."""
    assert values_of(Cancel()) == {}


@pytest.mark.parametrize(
    ("kind", "values", "errors"),
    [
        (RESCHEDULE, {"nextOccurrenceUtc": None}, {"nextOccurrenceUtc"}),
        (RESCHEDULE, {"nextOccurrenceUtc": int(NOW.timestamp())}, {"nextOccurrenceUtc"}),
        (FREQUENCY, {"frequencyType": "Days", "frequency": "366"}, {"frequency"}),
        (FREQUENCY, {"frequencyType": None, "frequency": None}, {"frequencyType", "frequency"}),
        (ITEMS, {"item": "add", "productId": None, "quantity": "0"}, {"productId", "quantity"}),
        (ITEMS, {"item": "nonsense", "quantity": "1"}, {"item"}),
        (PAYMENT, {"paymentMethodId": None}, {"paymentMethodId"}),
        (PAYMENT, {"paymentMethodId": "visa"}, {"paymentMethodId"}),
    ],
)
def test_a_change_that_cannot_be_read(kind: str, values: dict[str, Any], errors: set[str]) -> None:
    """Every complaint stands under an input that the form has."""
    found = read_change(kind, values, NOW)
    assert isinstance(found, dict)
    assert set(found) == errors


def test_the_lines_of_an_order_keep_their_numbers() -> None:
    """Empty lines are left out, and QPilot's complaint about the second line stands under the form's third."""
    values = {
        "customerId": "107",
        "frequencyType": "Months",
        "frequency": "1",
        "scheduledOrderItems[0].productId": "100982",
        "scheduledOrderItems[0].quantity": "4",
        "scheduledOrderItems[1].productId": None,
        "scheduledOrderItems[1].quantity": "",
        "scheduledOrderItems[2].productId": "100983",
        "scheduledOrderItems[2].quantity": "1",
        "nextOccurrenceUtc": 1796544000,
    }
    assert read_new(ORDER_FORM, values) == NewOrder(
        "107",
        "Months",
        1,
        (NewItem("100982", 4), NewItem("100983", 1)),
        None,
        datetime(2026, 12, 6, 8, tzinfo=UTC),
    )
    placed = placed_new((FieldError("scheduledOrderItems[1].productId", "is gone"),), values)
    assert placed.errors == {"scheduledOrderItems[2].productId": "Is gone."}


def test_tokens_are_taken_as_they_are() -> None:
    """A gateway's own ids are no card numbers, though they are full of digits."""
    values = {
        "customerId": "29920",
        "type": "Stripe",
        "gatewayCustomerId": "cus_QXg1o8vcGmoR32",
        "gatewayPaymentId": "pm_1Nv0FGQ9RKHgCVdK",
    }
    expected = NewPaymentMethod("Stripe", "cus_QXg1o8vcGmoR32", "pm_1Nv0FGQ9RKHgCVdK", "29920")
    assert read_new(METHOD_FORM, values) == expected


@pytest.mark.parametrize(
    ("kind", "name", "refused"),
    [
        (CUSTOMER_FORM, "firstName", True),
        (CUSTOMER_FORM, "id", True),
        (CUSTOMER_FORM, "phoneNumber", False),
        (METHOD_FORM, "gatewayPaymentId", True),
        (ORDER_FORM, "scheduledOrderItems[0].productId", True),
        (PRODUCT_FORM, "gtin", False),
    ],
)
def test_a_card_number_in_any_field(kind: str, name: str, refused: bool) -> None:
    """Refused under its field, but for telephone numbers and products, whose numbers look alike."""
    found = read_new(kind, {name: CARD})
    said = found.get(name, "") if isinstance(found, dict) else ""
    assert (said == sentence(NO_CARD_NUMBER)) is refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Asked()),
        ("failed", Asked("Failed")),
        ("CANCELLED ada", Asked("Deleted", "ada")),
        ("unknown word", Asked(None, "unknown word")),
        ('paused "ada quill"', Asked("Paused", "ada quill")),
    ],
)
def test_what_a_list_is_asked_by(text: str, expected: Asked) -> None:
    """A status that there is, and the rest is searched for."""
    assert asked(text) == expected


@pytest.mark.parametrize("text", ["", "x", "1e3", "-1", "1 2", CARD, "9" * 16, "²"])
def test_what_is_no_order(text: str) -> None:
    """Only a plain number is sent."""
    with pytest.raises(Unreadable):
        order_id(text)


def test_ids_and_windows() -> None:
    """Quotes and a number sign are left off; tomorrow is what is summed up if nothing was typed."""
    assert (order_id(' "#208022" '), store_id(' "00-107 b" ', "customer")) == (208022, "00-107 b")
    assert [window(one) for one in ("", "7D", "today")] == [Window.TOMORROW, Window.WEEK, Window.TODAY]
    for text in ("", CARD, "x" * 101):
        with pytest.raises(Unreadable):
            store_id(text, "customer")
    for text in (CARD, "x" * 201):
        with pytest.raises(Unreadable):
            asked(text)
