"""Amounts: exact inside, plain JSON numbers outside, and what an order comes to (`apis/qpilot.md` §3.2, §5.1)."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from sandbox.qpilot.moments import Document

CURRENCIES = ("USD", "EUR", "JPY")
ZERO = Decimal(0)

_UNIT = {"JPY": Decimal(1)}
_CENT = Decimal("0.01")
# What a dollar is worth in this demo, and what shipping and tax are; nothing of it is a fact about QPilot.
_RATE = {"EUR": Decimal("0.9"), "JPY": Decimal(150)}
_SHIPPING = {"USD": Decimal("5.00"), "EUR": Decimal("4.90"), "JPY": Decimal(600)}
_TAX = {"EUR": Decimal("0.19"), "JPY": Decimal("0.10")}


def plain(amount: object) -> int | float:
    """Return a Decimal as the JSON number that it is written as; TypeError for anything else (for `json.dumps`)."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"not JSON: {type(amount).__name__}")
    return int(amount) if amount == amount.to_integral_value() and amount.as_tuple().exponent == 0 else float(amount)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's smallest unit: yen have none, everything else has two places."""
    return amount.quantize(_UNIT.get(currency, _CENT), ROUND_HALF_UP)


def price_in(currency: str, dollars: Decimal) -> Decimal:
    """Return a price of the catalogue, which is in dollars, in an order's currency."""
    return rounded(dollars * _RATE.get(currency, Decimal(1)), currency)


def totals(order: Document, coupons: Mapping[str, Document]) -> Document:
    """Return `subtotal`, `shippingTotal`, `taxTotal` and `total` of an order; total is the sum of the other three.

    An item counts its sale price, or its price if it has none. A coupon that is not in `coupons` has no effect.
    """
    currency = order["currencyIso"]
    goods = sum((_line(item) for item in order["scheduledOrderItems"]), ZERO)
    shipping = _SHIPPING.get(currency, _SHIPPING["USD"]) if goods else ZERO
    goods, shipping = _reduced(goods, shipping, [coupons[code] for code in order["coupons"] or () if code in coupons])
    subtotal, shipping = rounded(goods, currency), rounded(shipping, currency)
    tax = rounded(subtotal * _TAX.get(currency, ZERO), currency)
    return {
        "subtotal": subtotal,
        "shippingTotal": shipping,
        "taxTotal": tax,
        "total": subtotal + shipping + tax,
    }


def _line(item: Document) -> Decimal:
    price = item["price"] if item["salePrice"] is None else item["salePrice"]
    return Decimal(price) * int(item["quantity"])


def _reduced(goods: Decimal, shipping: Decimal, coupons: Iterable[Document]) -> tuple[Decimal, Decimal]:
    for coupon in coupons:
        amount = Decimal(coupon["amount"])
        match coupon["discountType"]:
            case "ReduceSubtotalByPercentage":
                goods -= goods * amount / 100
            case "ReduceSubtotalByAmount":
                goods -= amount
            case "SetShippingToAmount":
                shipping = amount
    return max(goods, ZERO), shipping
