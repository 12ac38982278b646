"""How the QPilot stand-in reads queries and bodies, and how its quota counts."""

from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.qpilot import Switches, checks
from sandbox.qpilot.answers import Refusal
from sandbox.qpilot.bucket import Bucket
from sandbox.qpilot.call import Query, camel
from sandbox.qpilot.money import totals
from sandbox.qpilot.routes import Route, find


def _query(*pairs: tuple[str, str]) -> Query:
    return Query(pairs)


def test_a_querys_keys_have_no_case_and_no_brackets() -> None:
    """All values of a key in their order, and the first of them where one is wanted."""
    query = _query(("Names", "a"), ("names[1]", "b,c"), ("NAMES[]", ""), ("empty", ""))
    assert (query.all("nAmEs"), query.text("names")) == (["a", "b,c", ""], "a")
    assert (query.text("empty"), query.all("other"), query.whole("other", 7)) == (None, [], 7)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        ("flag", "TRUE", True),
        ("flag", "false", False),
        ("flag", "", None),
        ("amount", "1.10", Decimal("1.10")),
        ("amount", "", None),
        ("instant", "2026-01-14T17:00:00Z", 1_768_410_000.0),
        ("instant", "", None),
    ],
)
def test_a_querys_values_are_read(read: str, text: str, value: Any) -> None:
    """An empty value is as good as none."""
    assert getattr(_query(("name", text)), read)("NAME") == value


@pytest.mark.parametrize(
    ("read", "text"),
    [("flag", "1"), ("flag", "yes"), ("amount", "ten"), ("amount", "inf"), ("instant", "noon"), ("instant", "17:00")],
)
def test_a_query_that_makes_no_sense_is_refused(read: str, text: str) -> None:
    """With 400, never with a guess."""
    with pytest.raises(Refusal) as refused:
        getattr(_query(("name", text)), read)("name")
    assert refused.value.response.status == 400


@pytest.mark.parametrize("text", ["one", "1.5", "", " 1", "9" * 19, "٣"])
def test_a_number_is_plain_digits(text: str) -> None:
    """Anything else is 400; an empty one is the default."""
    query = _query(("page", text))
    if not text:
        assert query.whole("page", 3) == 3
        return
    with pytest.raises(Refusal):
        query.whole("page", 3)


def test_a_bodys_keys_may_begin_with_a_capital() -> None:
    """Only the first letter counts, and what is inside stays."""
    assert camel({"ProductId": {"A": 1}, "price": 2, "": 3}) == {"productId": {"A": 1}, "price": 2, "": 3}


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (checks.whole(1, 7), [1, 7], [0, 8, True, 1.0, "1"]),
        (checks.whole(), [-5, 2**63 - 1], [2**63, None, Decimal(1)]),
        (checks.one_of("a", "b"), ["a", "b"], ["A", "", 1]),
        (checks.TEXT, ["", "x"], [1, [], {}]),
        (checks.FILLED, ["x"], ["", "  ", 0]),
        (checks.FLAG, [True, False], [0, 1, "true"]),
        (checks.AMOUNT, [0, Decimal("9.75")], [-1, True, "9", 10**9, Decimal(-1)]),
        (checks.CURRENCY, ["USD", "JPY"], ["usd", "US", "EURO", "U1D", 5]),
        (checks.EMAIL, ["a@b"], ["a", "@b", "a@", 5]),
        (checks.OBJECT, [{}], [[], "x"]),
        (checks.INSTANT, ["2026-01-14"], ["x", 5, "1969-12-31T00:00:00Z"]),
        (checks.each(checks.TEXT), [[], ["x"]], ["x", [1], {}]),
        (checks.fields({"a": checks.FLAG}, ("a",)), [{"A": True}, {"a": True, "z": 1}], [{}, {"a": 1}, [], "a"]),
    ],
)
def test_what_a_field_may_hold(rule: checks.Rule, good: list[Any], bad: list[Any]) -> None:
    """Each rule takes the good and refuses the bad; true is no number and one is not true."""
    assert [value for value in good if not rule.fits(value)] == []
    assert [value for value in bad if rule.fits(value)] == []


def test_flaws_name_each_field_once() -> None:
    """What is missing and what is wrong, in PascalCase; null is missing where it is required and fine elsewhere."""
    rules = {"frequency": checks.whole(1, 365), "note": checks.TEXT, "other": checks.TEXT}
    body = {"frequency": None, "note": 5, "other": None, "unknown": object()}
    assert checks.flaws(body, rules, ("frequency",)) == {
        "Frequency": ["The Frequency field is required."],
        "Note": ["The field Note is not valid."],
    }


def test_a_quota_fills_as_the_clock_goes_on(clock: Clock) -> None:
    """Refused requests cost nothing, it never holds more than the burst, and going back in time gives nothing."""
    bucket, switches = Bucket(clock), Switches(rate_per_second=2.0, rate_burst=3)
    taken = []
    for seconds in (0, 0, 0, 0, 0.25, 0.25, 0, 60, 0, 0, 0, -60, 0.5):
        clock.advance(seconds)
        taken.append(bucket.take(switches))
    no, yes = False, True
    assert taken == [yes, yes, yes, no, no, yes, no, yes, yes, yes, no, no, yes]


def test_without_a_quota_nothing_is_counted(clock: Clock) -> None:
    """What was taken while it was off does not count when it is on again."""
    bucket = Bucket(clock)
    off, on = Switches(rate_limit=False), Switches(rate_burst=1)
    assert [bucket.take(off) for _ in range(50)] == [True] * 50
    assert [bucket.take(on) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("coupons", "expected"),
    [
        ([], ("20.00", "5.00", "25.00")),
        (["TEN"], ("18.00", "5.00", "23.00")),
        (["FIVE"], ("15.00", "5.00", "20.00")),
        (["FREE"], ("20.00", "0.00", "20.00")),
        (["TEN", "FIVE", "FREE"], ("13.00", "0.00", "13.00")),
        (["FIVE"] * 5, ("0.00", "5.00", "5.00")),
        (["UNKNOWN"], ("20.00", "5.00", "25.00")),
    ],
)
def test_coupons_take_off_and_never_more_than_there_is(coupons: list[str], expected: tuple[str, str, str]) -> None:
    """By percentage, by amount, from shipping; one after the other."""
    known = {
        "TEN": {"discountType": "ReduceSubtotalByPercentage", "amount": Decimal(10)},
        "FIVE": {"discountType": "ReduceSubtotalByAmount", "amount": Decimal(5)},
        "FREE": {"discountType": "SetShippingToAmount", "amount": Decimal(0)},
    }
    item = {"price": Decimal(12), "salePrice": Decimal(10), "quantity": 2}
    found = totals({"currencyIso": "USD", "coupons": coupons, "scheduledOrderItems": [item]}, known)
    assert tuple(str(found[name]) for name in ("subtotal", "shippingTotal", "total")) == expected


def test_an_order_without_items_costs_nothing() -> None:
    """No goods, no shipping."""
    found = totals({"currencyIso": "EUR", "coupons": None, "scheduledOrderItems": []}, {})
    assert set(found.values()) == {Decimal("0.00")}


def test_a_path_leads_to_one_endpoint() -> None:
    """The calculator is no order's number, and a path that exists says which methods it has."""
    found = find("GET", "/sites/1/scheduledorders/nextoccurrenceutc")
    assert isinstance(found, tuple)
    route, parts = found
    assert isinstance(route, Route)
    assert (route.answer.__name__, parts, route.changes) == ("calculator", {"site": "1"}, False)
    assert find("PATCH", "/Sites/1/Products") == frozenset(("GET", "POST"))
    assert find("GET", "/Sites/1/Nothing") == frozenset()
