"""Money, sums, switches and other small rules of the local Vendo."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.vendo import Switches, Vendo
from sandbox.vendo.checkout import email_is_good
from sandbox.vendo.coupons import Coupon
from sandbox.vendo.geography import country
from sandbox.vendo.money import plain, rounded, shown
from sandbox.vendo.orders import Line, Order
from sandbox.vendo.switches import choices
from sandbox.vendo.totals import of, of_lines


@pytest.mark.parametrize(("value", "text"), [
    ("0", "0.0"), ("0.00", "0.0"), ("304.95", "304.95"), ("5", "5.0"), ("5.00", "5.0"), ("-28.80", "-28.8"),
    ("261.7909", "261.7909"), ("1000", "1000.0"), ("12900.0", "12900.0"), ("1E+3", "1000.0"),
])  # fmt: skip
def test_decimal_strings(value: str, text: str) -> None:
    """Trailing zeros go, one decimal stays, no exponent."""
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(("value", "currency", "text"), [
    ("0", "USD", "$0.00"), ("304.95", "USD", "$304.95"), ("-28.8", "USD", "-$28.80"),
    ("1234567.5", "EUR", "€1,234,567.50"),
    ("261.7909", "USD", "$261.79"),
])  # fmt: skip
def test_display_strings(value: str, currency: str, text: str) -> None:
    """The sign before the symbol, two decimals, thousands apart."""
    assert shown(Decimal(value), currency) == text


def test_halves_go_up() -> None:
    """0.005 is a cent, and so is a negative one away from zero."""
    assert [rounded(Decimal(text)) for text in ("0.005", "0.0049", "-0.005")] == [
        Decimal(x) for x in ("0.01", "0", "-0.01")
    ]


def _order(vendo: Vendo, *amounts: str) -> Order:
    product = vendo.products[0]
    lines = [Line(str(place), product, product.master, 1, Decimal(amount)) for place, amount in enumerate(amounts)]
    return Order("id", "R1", "USD", 0, 0, lines=lines)


@pytest.mark.parametrize(
    "amounts", [("10.00", "10.00", "10.00"), ("0.01", "99.99"), ("33.33", "0.01", "66.66"), ("5.00",)]
)
@pytest.mark.parametrize("coupon", [
    Coupon("a", "a", percent=Decimal("0.1")), Coupon("b", "b", flat=Decimal(5)), Coupon("c", "c", flat=Decimal("9999")),
    Coupon("d", "d", flat=Decimal(1)), None,
])  # fmt: skip
@pytest.mark.parametrize("iso", ["US", "GB", None])
def test_lines_add_up_to_the_order(
    vendo: Vendo, amounts: tuple[str, ...], coupon: Coupon | None, iso: str | None
) -> None:
    """No cent is lost when a discount is spread, no line falls below zero, and the totals rule of §5 holds."""
    order = _order(vendo, *amounts)
    customer = vendo.customer("ada@example.com")
    assert customer is not None
    order.coupon = coupon
    order.shipping = next((one for one in customer.addresses if one.country is country(iso)), None)
    lines, sums = of_lines(order), of(order)
    assert -sums.promo == (coupon.discount(order.item_total) if coupon else 0)
    assert sums.total == sums.items + sums.ship + sums.adjustment
    assert sums.adjustment == sums.promo + sums.additional_tax
    assert sum((line.discounted + line.additional_tax for line in lines.values()), Decimal(0)) == sums.total
    assert all(line.discounted >= 0 for line in lines.values())
    taxed = sums.additional_tax if iso == "US" else sums.included_tax
    assert (taxed > 0) is (iso is not None and sums.total > 0)
    if iso == "GB":
        assert abs(sums.pre_tax_items + sums.included_tax - sums.total) < Decimal("0.05")


@pytest.mark.parametrize(("email", "good"), [
    ("a@b.cd", True), ("a.b+c@d.e.fg", True), ("a@b", False), ("a@.b", False), ("a@b.", False), ("@b.cd", False),
    ("a@b@c.de", False), ("a b@c.de", False), ("", False), (None, False), (5, False), (f"{'a' * 250}@b.cd", False),
])  # fmt: skip
def test_emails(email: Any, good: bool) -> None:
    """As far as a look can tell."""
    assert email_is_good(email) is good


@pytest.mark.parametrize(
    ("iso", "name"), [("us", "United States"), ("GBR", "United Kingdom"), ("XX", None), (None, None)]
)
def test_countries(iso: Any, name: str | None) -> None:
    """By two or three letters, in any case."""
    found = country(iso)
    assert (found.name if found else None) == name


def test_states() -> None:
    """By abbreviation or name, in any case; a country without states has none."""
    us, poland = country("US"), country("PL")
    assert us is not None
    assert poland is not None
    assert [us.state(text) for text in ("ny", "New York ", "Bavaria")] == [("NY", "New York"), ("NY", "New York"), None]
    assert poland.state("NY") is None


def test_switches_change_by_name() -> None:
    """Each has its choices; a value of another type or an unknown name is a ValueError."""
    assert Switches().changed({"auto_advance": True, "logout": 200}) == Switches(auto_advance=True, logout=200)
    assert {name: choices(name) for name in ("auto_advance", "logout", "order_type")} == {
        "auto_advance": (False, True),
        "logout": (204, 200),
        "order_type": ("order", "cart"),
    }
    for changes in ({"auto_advance": 1}, {"logout": "204"}, {"logout": 500}, {"nothing": 1}, {"order_type": ["cart"]}):
        with pytest.raises(ValueError, match="not a switch, or not one of its values"):
            Switches().changed(changes)
    assert all(value == choices(name)[0] for name, value in Switches().as_json().items())
