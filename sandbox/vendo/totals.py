"""The sums of an order (`apis/vendo.md` §5, Totals rule): discount, tax and shipping, for each line and together."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.vendo.money import ZERO, rounded
from sandbox.vendo.orders import Line, Order

_TEN_THOUSANDTH = Decimal("0.0001")


@dataclass(frozen=True)
class LineTotals:
    """One line's sums; `promo` is 0 or less."""

    amount: Decimal
    promo: Decimal
    additional_tax: Decimal
    included_tax: Decimal
    pre_tax: Decimal

    @property
    def discounted(self) -> Decimal:
        """What is left after the discount."""
        return self.amount + self.promo

    @property
    def adjustment(self) -> Decimal:
        """What is put on top: discount and additional tax."""
        return self.promo + self.additional_tax


@dataclass(frozen=True)
class Totals:
    """An order's sums: `total = items + ship + adjustment`, `adjustment = promo + additional tax`."""

    items: Decimal
    ship: Decimal
    promo: Decimal
    additional_tax: Decimal
    included_tax: Decimal
    pre_tax_items: Decimal

    @property
    def adjustment(self) -> Decimal:
        """Discount and additional tax."""
        return self.promo + self.additional_tax

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.items + self.ship + self.adjustment


def of_lines(order: Order) -> dict[str, LineTotals]:
    """Return each line's sums by its id; the discount is spread over the lines, the last one takes what is left."""
    left = order.coupon.discount(order.item_total) if order.coupon else ZERO
    share = left / order.item_total if order.item_total else ZERO
    found: dict[str, LineTotals] = {}
    for line in order.lines:
        off = left if line is order.lines[-1] else min(left, rounded(line.amount * share))
        left -= off
        found[line.id] = _line(order, line, -off)
    return found


def of(order: Order) -> Totals:
    """Return the order's sums."""
    lines = of_lines(order).values()
    ship = sum((s.selected.cost for s in order.shipments if s.selected and s.state != "canceled"), ZERO)
    return Totals(
        items=order.item_total,
        ship=ship,
        promo=sum((line.promo for line in lines), ZERO),
        additional_tax=sum((line.additional_tax for line in lines), ZERO),
        included_tax=sum((line.included_tax for line in lines), ZERO),
        pre_tax_items=sum((line.pre_tax for line in lines), ZERO),
    )


def _line(order: Order, line: Line, promo: Decimal) -> LineTotals:
    where = order.shipping or order.billing
    rate = where.country.tax if where else ZERO
    left = line.amount + promo
    if where is None or not where.country.included:
        return LineTotals(line.amount, promo, rounded(left * rate), ZERO, left)
    pre_tax = (left / (1 + rate)).quantize(_TEN_THOUSANDTH)
    return LineTotals(line.amount, promo, ZERO, rounded(left - pre_tax), pre_tax)
