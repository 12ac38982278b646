"""Coupons, and what is said when one does not do (`apis/vendo.md` §5)."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.vendo.ids import uid
from sandbox.vendo.money import ZERO, rounded

UNKNOWN = "The coupon code you entered doesn't exist. Please try again."
EXPIRED = "The coupon code is expired"
USED_UP = "Coupon code usage limit exceeded"
APPLIED = "The coupon code has already been applied to this order"
BETTER = "The previously applied coupon code results in a better deal"
NOT_ELIGIBLE = "This coupon code is not eligible for this order"
NOT_NOW = "This coupon code could not be applied to the cart at this time."
NONE_APPLIED = "No coupon code provided and the Order doesn't have any coupon code promotions applied"


@dataclass
class Coupon:
    """A promotion behind a code: a share or a flat sum off the items; `uses_left` None is no limit."""

    code: str
    name: str
    percent: Decimal = ZERO
    flat: Decimal = ZERO
    least: Decimal = ZERO
    expired: bool = False
    uses_left: int | None = None

    @property
    def id(self) -> str:
        """The promotion's UUID."""
        return uid("promotion", self.code)

    def discount(self, item_total: Decimal) -> Decimal:
        """Return what it takes off this much, 0 or more."""
        if item_total < self.least:
            return ZERO
        return min(item_total, rounded(item_total * self.percent) + self.flat)


def coupons() -> list[Coupon]:
    """Return the demo store's coupons; their uses are counted, so they are new each time."""
    return [
        Coupon("test", "10 % off", percent=Decimal("0.1")),
        Coupon("welcome20", "20 % off", percent=Decimal("0.2")),
        Coupon("minus5", "5 off", flat=Decimal(5)),
        Coupon("over100", "15 off above 100", flat=Decimal(15), least=Decimal(100)),
        Coupon("summer2020", "Summer 2020", percent=Decimal("0.3"), expired=True),
        Coupon("first100", "For the first hundred", percent=Decimal("0.5"), uses_left=0),
    ]


def refused(code: str, known: Coupon | None, applied: Coupon | None, item_total: Decimal) -> str | None:
    """Return why the code does not do for a cart with these items and this coupon, or None."""
    if known is None:
        return UNKNOWN
    if known.expired:
        return EXPIRED
    if known.uses_left == 0:
        return USED_UP
    if known is applied:
        return APPLIED
    if not item_total:
        return NOT_NOW
    worth = known.discount(item_total)
    if not worth:
        return NOT_ELIGIBLE
    return BETTER if applied and applied.discount(item_total) >= worth else None
