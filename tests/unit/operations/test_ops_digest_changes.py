"""What is other than in the last digest, from the numbers that were kept (CHECKS F3, F6)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from digest_fakes import NINE
from hypothesis import given
from hypothesis import strategies as st

from operations.digest_changes import changes, last_told, remembered
from operations.digest_facts import Absent, Collected, Delta, Part, Section, What
from operations.outcome import Reason
from operations.summary_facts import Amount, Tally

DAY = timedelta(days=1)
LATER = NINE + DAY


def tally(count: int, unpriced: int = 0, **amounts: str) -> Tally:
    return Tally(count, tuple(Amount(name, Decimal(value)) for name, value in sorted(amounts.items())), unpriced)


def section(what: What, total: Tally, **parts: Tally) -> Section:
    return Section(what, NINE, total, tuple(Part(name, one) for name, one in parts.items()))


def at(collected: Collected, days: int = 1) -> Collected:
    """The same numbers, as of so many days later."""
    moved = (replace(one, as_of=NINE + days * DAY) if isinstance(one, Section) else one for one in collected.sections)
    return Collected(NINE + days * DAY, tuple(moved))


def both(*sections: Section | Absent) -> Collected:
    return Collected(NINE, sections)


FIRST = both(
    section(What.FAILED, tally(3, EUR="30.50", USD="5"), payment=tally(2, EUR="30.50"), stock=tally(1, USD="5")),
    section(What.STUCK, tally(4), PROCESSING=tally(4)),
)
DOWN = Absent(What.FAILED, Reason.NO_ANSWER, "QPilot is down.")

amounts = st.dictionaries(
    st.sampled_from(["EUR", "USD", "JPY"]), st.decimals("-1e20", "1e20", places=2).map(lambda one: one + 0), max_size=3
)
tallies = st.builds(
    lambda count, sums: Tally(count, tuple(Amount(*one) for one in sorted(sums.items()))), st.integers(0, 500), amounts
)
parts = st.dictionaries(st.sampled_from(["PENDING", "PROCESSING", "2026-11-23", "x"]), tallies, max_size=4)


@st.composite
def collecteds(draw: st.DrawFn) -> Collected:
    def one(what: What) -> Section | Absent:
        if draw(st.booleans()):
            return Absent(what, Reason.NO_ANSWER, "down")
        return Section(what, NINE, draw(tallies), tuple(Part(*part) for part in draw(parts).items()))

    return Collected(NINE, tuple(one(what) for what in draw(st.sets(st.sampled_from(What)).map(sorted))))


def test_the_first_digest_has_no_changes() -> None:
    """Nothing was told before, so nothing is said to be new."""
    assert changes({}, FIRST) == ()


def test_each_number_that_is_another_is_told() -> None:
    """F6: counts and sums of the whole and of each part, currencies apart; what is gone is zero now."""
    now = both(
        section(What.FAILED, tally(2, EUR="30.50", JPY="900"), payment=tally(1, EUR="30.50"), card=tally(1, JPY="900")),
        section(What.STUCK, tally(4), PROCESSING=tally(4)),
    )
    told = changes(remembered({}, FIRST), at(now))
    assert [(one.part, one.currency, int(one.before), int(one.after), int(one.by)) for one in told] == [
        ("", None, 3, 2, -1),
        ("", "USD", 5, 0, -5),
        ("payment", None, 2, 1, -1),
        ("stock", None, 1, 0, -1),
        ("stock", "USD", 5, 0, -5),
        ("", "JPY", 0, 900, 900),
        ("card", None, 0, 1, 1),
        ("card", "JPY", 0, 900, 900),
    ]


def test_a_change_says_since_when() -> None:
    """F3: a source that was absent in between is compared with when it was told last, and only then."""
    last = remembered({}, FIRST)
    down = at(Collected(NINE, (DOWN, FIRST.sections[1])))
    assert changes(last, down) == ()
    last = remembered(last, down)
    assert (last_told(last, What.FAILED), last_told(last, What.STUCK)) == (NINE, LATER)
    now = at(both(section(What.FAILED, tally(9, EUR="30.50", USD="5")), section(What.STUCK, tally(5))), 2)
    assert [one for one in changes(last, now) if one.part == ""] == [
        Delta(What.FAILED, "", None, Decimal(3), Decimal(9), NINE),
        Delta(What.STUCK, "", None, Decimal(4), Decimal(5), LATER),
    ]


def test_days_that_are_new_or_over_are_no_change() -> None:
    """What is due is compared day by day where both digests have the day, and as a whole."""
    first = both(section(What.DUE_WEEK, tally(5), **{"2026-11-23": tally(2), "2026-11-24": tally(3)}))
    now = both(section(What.DUE_WEEK, tally(8), **{"2026-11-24": tally(4), "2026-11-25": tally(4)}))
    assert changes(remembered({}, first), at(now)) == (
        Delta(What.DUE_WEEK, "", None, Decimal(5), Decimal(8), NINE),
        Delta(What.DUE_WEEK, "2026-11-24", None, Decimal(3), Decimal(4), NINE),
    )


def test_what_was_shipped_has_no_change() -> None:
    """What was shipped since the last time is new each time, but when it was told is kept."""
    first, now = (both(section(What.SHIPPED, tally(count))) for count in (5, 8))
    last = remembered({}, first)
    assert changes(last, at(now)) == ()
    assert last_told(last, What.SHIPPED) == NINE


def test_a_source_that_is_taken_out_is_forgotten() -> None:
    """What a digest does not tell any more is not kept."""
    assert list(remembered(remembered({}, FIRST), both(FIRST.sections[1]))) == ["orders_stuck"]


@given(collecteds())
def test_the_same_numbers_are_no_change(collected: Collected) -> None:
    """Whatever the numbers are, told twice they have no change, also after a trip through JSON."""
    last = json.loads(json.dumps(remembered({}, collected)))
    assert changes(last, at(collected)) == ()
    assert set(last) == {one.what.value for one in collected.found}


@given(collecteds(), collecteds())
def test_changes_lead_from_then_to_now(then: Collected, now: Collected) -> None:
    """Every change is a real one, of a source that both have, from what was told to what is told now."""
    last = json.loads(json.dumps(remembered({}, then)))
    found = changes(last, at(now))
    for one in found:
        assert (one.before, one.after) == (number(then, one), number(now, one))
        assert one.before != one.after
        assert one.since == NINE
        assert one.before + one.by == one.after
    assert len({(one.what, one.part, one.currency) for one in found}) == len(found)


@given(collecteds(), collecteds())
def test_absent_sources_keep_what_was_told(then: Collected, now: Collected) -> None:
    """F3: an absent source keeps its old numbers, never zeros; the others have those of now."""
    last = remembered({}, then)
    kept, fresh = remembered(last, now), remembered({}, now)
    told = {one.what.value for one in now.found}
    absent = {one.what.value for one in now.absent}
    assert {name: kept[name] for name in told} == fresh
    assert {name: kept[name] for name in absent if name in kept} == {n: last[n] for n in absent if n in last}
    assert set(kept) <= told | absent


def number(collected: Collected, delta: Delta) -> Decimal:
    """The number that a change is about, as it was collected; one that is not there is zero."""
    (found,) = (one for one in collected.found if one.what is delta.what)
    named = {"": found.total, **{part.name: part.tally for part in found.parts}}
    told = named.get(delta.part, Tally())
    if delta.currency is None:
        return Decimal(told.count)
    return next((one.value for one in told.amounts if one.currency == delta.currency), Decimal(0))
