"""One word and one symbol for what Vendo says of an order, its payment, its parcels and its stock (DESIGN.md §10)."""

from __future__ import annotations

from backends.vendo.cart import CANCELED, COMPLETE, Cart
from backends.vendo.catalogue import Product, Variant
from handlers.render.escape import plain
from handlers.render.states import STATUS, State

_ORDER = {
    COMPLETE: State("✅", "ordered"),
    CANCELED: State("🚫", "cancelled"),
    "resumed": State("✅", "ordered again"),
    "awaiting_return": State("⏳", "to be returned"),
    "returned": State("🚫", "returned"),
}
_BEFORE = State("🛒", "not ordered yet")
_PAYMENT = {
    "paid": State("✅", "paid"),
    "balance_due": State("⏳", "to be paid"),
    "credit_owed": State("⏳", "money is owed to the customer"),
    "failed": State("⚠️", "payment failed"),
    "void": State("🚫", "payment void"),
}
_ONE_PAYMENT = {
    "checkout": "not charged yet",
    "processing": "being charged",
    "pending": "waiting",
    "completed": "paid",
}
_SHIPMENT = {
    "pending": State("⏳", "waiting"),
    "ready": State("📦", "ready to ship"),
    "shipped": State("🚚", "shipped"),
    "partial": State("🚚", "shipped in part"),
    "backorder": State("⏳", "on back order"),
    "canceled": State("🚫", "cancelled"),
}
_STEPS = ("cart", "address", "delivery", "payment", "confirm")


def order_state(order: Cart) -> State:
    """What became of an order; its shipment tells more than "ordered" as soon as there is one under way."""
    if order.state in _STEPS:
        return _BEFORE
    if order.state == COMPLETE and order.shipment_state in ("shipped", "partial"):
        return _SHIPMENT[order.shipment_state]
    return _ORDER.get(order.state) or _odd(order.state)


def payment_state(word: str | None) -> State | None:
    """Whether it is paid; None where Vendo says nothing."""
    return (_PAYMENT.get(word) or _odd(word)) if word else None


def shipment_state(word: str | None) -> State | None:
    """How far the parcels are; None where Vendo says nothing."""
    return (_SHIPMENT.get(word) or _odd(word)) if word else None


def paid(word: str | None) -> str | None:
    """How far one payment is, in words; None where Vendo says nothing."""
    return (_ONE_PAYMENT.get(word) or plain(word, STATUS)) if word else None


def stock(goods: Product | Variant) -> State:
    """Whether it can be had; the Storefront API has no counts (apis/vendo.md §9)."""
    if goods.purchasable is False:
        return State("🚫", "not for sale now" if goods.in_stock else "sold out")
    if goods.in_stock:
        return State("✅", "in stock")
    if goods.backorderable:
        return State("⏳", "on back order")
    return State("❔", "stock not known") if goods.in_stock is None else State("🚫", "sold out")


def shown(state: State | None) -> str | None:
    """Symbol and word; None for no state."""
    return f"{state.symbol} {state.word}" if state else None


def _odd(word: str) -> State:
    return State("❔", plain(word, STATUS) or "(none)", is_known=False)
