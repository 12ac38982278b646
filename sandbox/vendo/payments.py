"""How an order is paid: by check, by a card of the bogus gateway, or from store credit (`apis/vendo.md` §6)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.vendo import answers, totals
from sandbox.vendo.call import Call
from sandbox.vendo.customers import BLANK, Card
from sandbox.vendo.money import ZERO
from sandbox.vendo.orders import CREDIT, Order, Payment, PaymentMethod

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

_SOURCE_LABELS = {"gateway_payment_profile_id": "Gateway payment profile", "name": "Name"}
NO_CREDIT = "Store credit is not available for this order"


def payment(call: Call, order: Order, written: Mapping[str, Any], source: Mapping[str, Any] | None) -> Payment:
    """Return the payment that is asked for, not yet with its order; Refusal (422) if there is no such way to pay.

    `source` is the card as it was sent, under whatever name.
    """
    vendo = call.vendo
    wanted = written.get("payment_method_id")
    method = next((m for m in vendo.payment_methods if m.id == wanted and not m.hidden), None)
    if method is None:
        answers.refuse(422, "payment_method_not_found")
    card = _card(call, method, written.get("source_id"), source) if method.needs_source else None
    amount = _amount(written.get("amount"), open_amount(order))
    return Payment(vendo.new_id("payment"), f"P{vendo.count_up('payment'):08}", method, amount, card)


def add(order: Order, new: Payment) -> None:
    """Put a payment on its order; earlier ones become invalid, store credit stays."""
    for old in order.live_payments:
        if old.method is not CREDIT:
            old.state = "invalid"
    order.payments.append(new)


def open_amount(order: Order) -> Decimal:
    """Return what store credit leaves to be paid."""
    return totals.of(order).total - sum((p.amount for p in order.live_payments if p.method is CREDIT), ZERO)


def add_credit(vendo: "Vendo", order: Order, amount: Any) -> None:
    """Pay with the customer's store credit as much as is asked for, there and needed; Refusal (422) without any."""
    credit = order.customer.credit if order.customer else ZERO
    if not credit or not order.lines:
        answers.refuse(422, NO_CREDIT)
    remove_credit(order)
    most = min(credit, totals.of(order).total)
    used = min(most, _amount(amount, most))
    order.payments.append(Payment(vendo.new_id("payment"), f"P{vendo.count_up('payment'):08}", CREDIT, used))


def remove_credit(order: Order) -> None:
    """Take the store credit off the order."""
    order.payments = [one for one in order.payments if one.method is not CREDIT]


def _amount(written: Any, otherwise: Decimal) -> Decimal:
    if written is None:
        return otherwise
    try:
        amount = ZERO if isinstance(written, bool) else Decimal(str(written))
    except InvalidOperation:
        amount = ZERO
    if not amount.is_finite() or amount <= 0:
        answers.refuse(422, "Amount is not a number", {"amount": ["is not a number"]})
    return amount


def _card(call: Call, method: PaymentMethod, source_id: Any, written: Mapping[str, Any] | None) -> Card:
    if source_id is not None or not isinstance(written, dict):
        cards = call.customer.cards if call.customer and source_id is not None else []
        saved = next((card for card in cards if card.id == source_id), None)
        return saved or answers.refuse(422, "source_not_found")
    errors = {name: [BLANK] for name in _SOURCE_LABELS if not isinstance(written.get(name), str) or not written[name]}
    if errors:
        answers.refuse(422, ", ".join(f"{_SOURCE_LABELS[name]} {BLANK}" for name in errors), errors)
    return Card(
        call.vendo.new_id("card"),
        str(written.get("cc_type") or "visa"),
        str(written.get("last_digits") or "1111"),
        _whole(written.get("month"), 12),
        _whole(written.get("year"), 2030),
        written["name"],
        profile=written["gateway_payment_profile_id"],
    )


def _whole(written: Any, otherwise: int) -> int:
    return int(written) if str(written).isdecimal() else otherwise
