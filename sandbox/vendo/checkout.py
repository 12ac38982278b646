"""The way of an order from cart to complete (`apis/vendo.md` §6, Order state machine)."""

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.vendo import answers, totals
from sandbox.vendo.answers import Refusal
from sandbox.vendo.money import ZERO
from sandbox.vendo.orders import BOGUS, CREDIT, Order, Payment, Rate, Shipment

if TYPE_CHECKING:
    from sandbox.vendo.vendo import Vendo

NO_ITEMS = "There are no items for this order. Please add an item to the order to continue."
NO_RATES = "We are unable to calculate shipping rates for the selected items."
NO_PAYMENT = "No payment found"
NO_STOCK = "Some line items in this order have insufficient quantity."
BAD_EMAIL = "Email is invalid"
DECLINED = "Bogus Gateway: Forced failure"
DECLINED_PROFILE = "decline"

_BEFORE_EMAIL = ("cart", "address")


def email_is_good(email: object) -> bool:
    """Say whether this is an e-mail, as far as a look can tell."""
    if not isinstance(email, str) or len(email) > 254 or any(c.isspace() for c in email):
        return False
    name, _, host = email.partition("@")
    return bool(name) and "@" not in host and "." in host.strip(".") and not host.startswith(".")


def needs_email(order: Order) -> bool:
    """Say whether the order has come so far that its e-mail must be good."""
    return order.state not in _BEFORE_EMAIL


def steps(order: Order) -> list[str]:
    """Return the states that this order goes through, from cart to complete."""
    found = ["cart", "address"]
    found += ["delivery"] if order.physical else []
    found += ["payment"] if totals.of(order).total > 0 else []
    found += ["confirm"] if any(payment.method.needs_source for payment in order.live_payments) else []
    return [*found, "complete"]


def step(vendo: "Vendo", order: Order) -> None:
    """Take the order one step on; Refusal (422) if it may not."""
    way = steps(order)
    later = way[way.index(order.state) + 1 :] if order.state in way else way[1:]
    _leave(vendo, order)
    if later[0] == "delivery":
        propose(vendo, order)
        if not all(shipment.rates for shipment in order.shipments):
            order.shipments = []
            answers.refuse(422, NO_RATES)
    if later[0] == "complete":
        _complete(vendo, order)
    else:
        order.state = later[0]
    vendo.touch(order)


def advance(vendo: "Vendo", order: Order) -> None:
    """Take the order as far as it can go short of complete; that it stops is no error."""
    while order.open and steps(order)[steps(order).index(order.state) + 1 :] != ["complete"]:
        try:
            step(vendo, order)
        except Refusal:
            return


def complete(vendo: "Vendo", order: Order) -> None:
    """Walk all the remaining steps; Refusal (422) where the order may not go on."""
    while order.completed_at is None:
        step(vendo, order)


def restart(vendo: "Vendo", order: Order) -> None:
    """Delete the shipments, as the items or the address have changed, and send the order back to an early step."""
    if order.shipments:
        order.shipments = []
        order.state = "address" if order.lines else "cart"
    vendo.touch(order)


def propose(vendo: "Vendo", order: Order) -> None:
    """Give the order its shipments if it has none: one for each location, the first rate chosen."""
    if order.shipments or order.shipping is None:
        return
    for location in sorted({line.product.location for line in order.physical}):
        lines = [line for line in order.physical if line.product.location == location]
        number = f"H{vendo.count_up('shipment'):011}"
        order.shipments.append(Shipment(vendo.new_id("shipment"), number, location, lines, _rates(vendo, order)))


def _rates(vendo: "Vendo", order: Order) -> list[Rate]:
    methods = vendo.shipping_methods if order.shipping and order.shipping.country.ships else []
    return [
        Rate(vendo.new_id("rate"), method, dict(method.prices)[order.currency], selected=method is methods[0])
        for method in methods
    ]


def _leave(vendo: "Vendo", order: Order) -> None:
    """Check what must be there before the order leaves its state; Refusal (422) for what is not."""
    if not order.lines:
        answers.refuse(422, NO_ITEMS)
    if order.state == "cart":
        _assign_saved_addresses(order)
        return
    _check_addresses(order)
    if not email_is_good(order.email):
        answers.refuse(422, BAD_EMAIL, {"email": ["is invalid"]})
    if order.state in ("payment", "confirm") and not order.live_payments:
        answers.refuse(422, NO_PAYMENT)


def _assign_saved_addresses(order: Order) -> None:
    if order.customer:
        order.billing = order.billing or order.customer.billing
        order.shipping = order.shipping or order.customer.shipping


def _check_addresses(order: Order) -> None:
    needed = {"bill_address": order.billing} | ({"ship_address": order.shipping} if order.physical else {})
    errors = {name: ["can't be blank"] for name, given in needed.items() if given is None}
    if errors:
        words = [f"{name.replace('_', ' ').capitalize()} can't be blank" for name in errors]
        answers.refuse(422, ", ".join(words), errors)


def _complete(vendo: "Vendo", order: Order) -> None:
    wanted: Counter[str] = Counter()
    for line in order.lines:
        wanted[line.variant.id] += line.quantity
    if not all(line.product.active and line.variant.can_supply(wanted[line.variant.id]) for line in order.lines):
        answers.refuse(422, NO_STOCK)
    for payment in order.live_payments:
        _charge(payment)
    finish(vendo, order)


def _charge(payment: Payment) -> None:
    if payment.method is CREDIT:
        payment.state = "completed"
    elif payment.method is not BOGUS:
        payment.state = "pending"
    elif payment.source is None or payment.source.profile.startswith(DECLINED_PROFILE):
        payment.state = "failed"
        answers.refuse(422, DECLINED)
    else:
        payment.state = "completed"


def finish(vendo: "Vendo", order: Order) -> None:
    """Complete the order: stock goes down, credit and coupon are used, shipments are ready if all is paid."""
    for line in order.lines:
        line.variant.stock -= line.quantity
    if order.coupon and order.coupon.uses_left is not None:
        order.coupon.uses_left -= 1
    if order.customer:
        order.customer.credit -= sum((p.amount for p in order.live_payments if p.method is CREDIT), ZERO)
    order.state, order.completed_at = "complete", vendo.clock.now()
    paid = sum((p.amount for p in order.payments if p.state == "completed"), ZERO) >= totals.of(order).total
    for shipment in order.shipments:
        shipment.backordered = any(line.variant.stock < 0 for line in shipment.lines)
        shipment.state = "ready" if paid and not shipment.backordered else "pending"
