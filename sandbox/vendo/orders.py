"""An order from the empty cart to the parcel: its parts and its states (`apis/vendo.md` §5, §6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from sandbox.vendo.catalogue import Product, Variant
from sandbox.vendo.coupons import Coupon
from sandbox.vendo.customers import Address, Card, Customer
from sandbox.vendo.ids import uid
from sandbox.vendo.money import ZERO

ShipmentState = Literal["pending", "ready", "shipped", "canceled"]
PaymentState = Literal["checkout", "pending", "completed", "failed", "void", "invalid"]
_GONE = ("failed", "void", "invalid")


@dataclass(frozen=True)
class ShippingMethod:
    """A way to ship, with its price for each shipment by currency."""

    name: str
    prices: tuple[tuple[str, Decimal], ...]

    @property
    def id(self) -> str:
        """Its UUID."""
        return uid("shipping_method", self.name)


@dataclass(frozen=True)
class PaymentMethod:
    """A way to pay; with `needs_source` a card must be given."""

    name: str
    type: str
    description: str
    needs_source: bool = False
    hidden: bool = False

    @property
    def id(self) -> str:
        """Its UUID."""
        return uid("payment_method", self.name)


CHECK = PaymentMethod("Check", "Spree::PaymentMethod::Check", "Pay by check.")
BOGUS = PaymentMethod("Credit Card", "Spree::Gateway::Bogus", "Bogus payment gateway.", needs_source=True)
CREDIT = PaymentMethod("Store Credit", "Spree::PaymentMethod::StoreCredit", "Store credit.", hidden=True)
PAYMENT_METHODS = (BOGUS, CHECK, CREDIT)
SHIPPING_METHODS = (
    ShippingMethod("Standard", (("USD", Decimal("5.0")), ("EUR", Decimal("4.5")))),
    ShippingMethod("Express", (("USD", Decimal("15.0")), ("EUR", Decimal("13.5")))),
)


@dataclass
class Line:
    """So many of one variant at the price at which they were put into the cart."""

    id: str
    product: Product
    variant: Variant
    quantity: int
    price: Decimal
    public_metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        """Price times quantity."""
        return self.price * self.quantity


@dataclass
class Rate:
    """What one method costs for one shipment."""

    id: str
    method: ShippingMethod
    cost: Decimal
    selected: bool = False


@dataclass
class Shipment:
    """What leaves one location together."""

    id: str
    number: str
    location: str
    lines: list[Line]
    rates: list[Rate]
    state: ShipmentState = "pending"
    shipped_at: float | None = None
    tracking_url: str | None = None
    backordered: bool = False

    @property
    def selected(self) -> Rate | None:
        """The rate that was chosen."""
        return next((rate for rate in self.rates if rate.selected), None)

    def select(self, chosen: Rate) -> None:
        """Choose a rate."""
        for rate in self.rates:
            rate.selected = rate is chosen


@dataclass
class Payment:
    """Money that was promised or paid."""

    id: str
    number: str
    method: PaymentMethod
    amount: Decimal
    source: Card | None = None
    state: PaymentState = "checkout"

    @property
    def counts(self) -> bool:
        """Whether it is shown with its order: failed, void and invalid ones are not."""
        return self.state not in _GONE


@dataclass
class Order:
    """A cart, and what becomes of it."""

    id: str
    number: str
    currency: str
    created_at: float
    updated_at: float
    token: str = field(repr=False, default="")
    state: str = "cart"
    email: str | None = None
    customer: Customer | None = None
    lines: list[Line] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    coupon: Coupon | None = None
    billing: Address | None = None
    shipping: Address | None = None
    completed_at: float | None = None
    special_instructions: str | None = None
    public_metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it is still a cart: neither completed nor canceled."""
        return self.completed_at is None and self.state != "canceled"

    @property
    def physical(self) -> list[Line]:
        """The lines that need shipping."""
        return [line for line in self.lines if not line.product.digital]

    @property
    def item_total(self) -> Decimal:
        """What the lines cost before discounts and taxes."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def live_payments(self) -> list[Payment]:
        """The payments that count."""
        return [payment for payment in self.payments if payment.counts]

    def line(self, line_id: object) -> Line | None:
        """Return the line with this id, or None."""
        return next((line for line in self.lines if line.id == line_id), None)


def payment_state(order: Order, total: Decimal) -> str | None:
    """Return `balance_due`, `credit_owed`, `failed`, `paid` or `void`; None before completion."""
    if order.completed_at is None:
        return None
    if order.state == "canceled":
        return "void"
    if order.payments and not order.live_payments:
        return "failed"
    paid = sum((payment.amount for payment in order.payments if payment.state == "completed"), ZERO)
    return "paid" if paid == total else "credit_owed" if paid > total else "balance_due"


def shipment_state(order: Order) -> str | None:
    """Return `pending`, `ready`, `shipped`, `partial`, `backorder` or `canceled`; None before completion."""
    if order.completed_at is None or not order.shipments:
        return None
    if any(shipment.backordered and shipment.state in ("pending", "ready") for shipment in order.shipments):
        return "backorder"
    return _together(shipment.state for shipment in order.shipments)


def _together(states: Iterable[str]) -> str:
    different = set(states)
    if len(different) == 1:
        return different.pop()
    return "partial" if "shipped" in different else "pending"
