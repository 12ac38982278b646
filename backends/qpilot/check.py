"""What QPilot would refuse, said before anything is sent, under the seed's own field names (seed 004).

The ranges and words are those of apis/qpilot.md §4; who calls shows the complaints under the inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from backends.errors import FieldError
from backends.qpilot.cards import holds_card_number
from backends.qpilot.frequency import LONGEST
from backends.qpilot.new import NewCustomer, NewItem, NewOrder, NewPaymentMethod, NewProduct
from backends.quivo.rules import INT32, INT64, REQUIRED, Complaint, amount, between, complaints, one_of, required

WEIGHT_UNITS = ("Pound", "Ounce", "Kilogram", "Gram")
LENGTH_UNITS = ("Inch", "Foot", "Yard", "Milimeter", "Centimeter", "Meter")  # the misspelling is QPilot's
AVAILABILITIES = ("InStock", "OutOfStock", "PreOrder", "Preorder", "Undefined")
NO_CARD_NUMBER = "must not be a card number, only what the payment gateway gave for one"


def check_customer(customer: NewCustomer) -> tuple[FieldError, ...]:
    """All that is wrong with a new customer, such as ``email`` or ``paymentMethods[0].type``; () if nothing."""
    return (
        *complaints(required("id", customer.id), required("email", customer.email) or _email(customer.email)),
        *(
            complaint
            for number, method in enumerate(customer.payment_methods)
            for complaint in _payment_method(method, f"paymentMethods[{number}].")
        ),
    )


def check_payment_method(method: NewPaymentMethod) -> tuple[FieldError, ...]:
    """All that is wrong with a new payment method; whatever looks like a card's number is refused in every field."""
    return (*complaints(required("customerId", method.customer_id)), *_payment_method(method, ""))


def check_product(product: NewProduct) -> tuple[FieldError, ...]:
    """All that is wrong with a new product, such as ``price`` or ``weightUnitType``; () if nothing."""
    return (
        *complaints(
            required("id", product.id),
            required("title", product.title),
            FieldError("price", REQUIRED) if product.price is None else amount("price", product.price),
            amount("salePrice", product.sale_price),
            _size("length", product.length),
            _size("width", product.width),
            _size("height", product.height),
            _size("weight", product.weight),
            one_of("weightUnitType", product.weight_unit_type, WEIGHT_UNITS),
            one_of("lengthUnitType", product.length_unit_type, LENGTH_UNITS),
            one_of("availability", product.availability, AVAILABILITIES),
            between("stock", product.stock, 0, INT32),
        ),
    )


def check_order(order: NewOrder, *, now: datetime | None = None) -> tuple[FieldError, ...]:
    """All that is wrong with a new scheduled order, such as ``scheduledOrderItems[0].quantity``; () if nothing.

    With ``now`` a first occurrence in the past is refused too.
    """
    return (
        *complaints(
            required("customerId", order.customer_id),
            between("paymentMethodId", order.payment_method_id, 1, INT64),
            _occurrence(order.next_occurrence_utc, now),
        ),
        *check_frequency(order.frequency_type, order.frequency),
        *check_items(order.scheduled_order_items),
    )


def check_frequency(frequency_type: str, frequency: int) -> tuple[FieldError, ...]:
    """All that is wrong with a frequency, under ``frequencyType`` and ``frequency``; () if nothing.

    1 to 365, the day of the week 1 (Sunday) to 7, the day of the month 1 to 31 (apis/qpilot.md §4).
    """
    known = LONGEST.get(frequency_type)
    return (
        *complaints(
            required("frequencyType", frequency_type) or one_of("frequencyType", frequency_type, LONGEST),
            between("frequency", frequency, 1, known or max(LONGEST.values())),
        ),
    )


def check_items(items: tuple[NewItem, ...]) -> tuple[FieldError, ...]:
    """All that is wrong with the lines of a scheduled order; there must be one."""
    found = [] if items else [FieldError("scheduledOrderItems", REQUIRED)]
    for number, one in enumerate(items):
        at = f"scheduledOrderItems[{number}]"
        found += complaints(
            required(f"{at}.productId", one.product_id),
            between(f"{at}.quantity", one.quantity, 1, INT32),
            amount(f"{at}.price", one.price),
            amount(f"{at}.salePrice", one.sale_price),
        )
    return tuple(found)


def _payment_method(method: NewPaymentMethod, at: str) -> Iterator[FieldError]:
    needed = {
        "type": method.type,
        "gatewayCustomerId": method.gateway_customer_id,
        "gatewayPaymentId": method.gateway_payment_id,
    }
    yield from complaints(*(required(f"{at}{name}", text) for name, text in needed.items()))
    for name, text in {"customerId": method.customer_id, **needed}.items():
        if holds_card_number(text or ""):
            yield FieldError(f"{at}{name}", NO_CARD_NUMBER)


def _email(text: str) -> Complaint:
    return None if "@" in text[1:-1] else FieldError("email", "must be an e-mail address")


def _size(field: str, text: str | None) -> Complaint:
    """A size or weight is a text with a number in it, as in seed 004."""
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return FieldError(field, "must be a number")
    return None if number.is_finite() and number >= 0 else FieldError(field, "must be at least 0")


def _occurrence(moment: datetime | None, now: datetime | None) -> Complaint:
    if moment is None:
        return None
    if moment.tzinfo is None:
        return FieldError("nextOccurrenceUtc", "must have a time zone")
    return FieldError("nextOccurrenceUtc", "must be in the future") if now is not None and moment <= now else None
