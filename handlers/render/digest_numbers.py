"""One source's numbers in words: how many, their sums by currency, what has changed, and the names of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handlers.render.escape import plain
from handlers.render.limits import cut, more
from handlers.render.money import money
from handlers.render.scheduled_states import status as scheduled_status
from handlers.render.states import state
from handlers.render.times import day
from operations.digest_facts import SCHEDULED, Delta, Part, RowOf, What
from operations.summary_facts import Tally

_CURRENCIES = 6  # ours: what still reads in one line
_NAME, _LINE = 60, 1500
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PAUSED = "processing_paused"
_BESIDE = {
    "past_due": "past due",
    "undated": "without a date",
    "at_risk": "at risk",
    "unchecked": "not checked for risks",
    "stuck": "stuck",
    "unexplained": "with a cause that was not looked up",
}


def counted(tally: Tally) -> str:
    """How many, and their sums: "12 ($1,200.00, €30.00; 2 without a price)"."""
    if not tally.count:
        return "none"
    sums = ", ".join(money(one.value, one.currency) for one in tally.amounts[:_CURRENCIES])
    left = f", {more(len(tally.amounts) - _CURRENCIES)}" if len(tally.amounts) > _CURRENCIES else ""
    unpriced = f"{tally.unpriced:,} without a price" if tally.unpriced and tally.amounts else ""
    inside = "; ".join(filter(None, [f"{sums}{left}", unpriced]))
    return cut(f"{tally.count:,}" + (f" ({inside})" if inside else ""), _LINE)


def changed(changes: Iterable[Delta], what: What, part: str = "") -> str:
    """What is other than last time: ", +3, +€20.00 since last time"; empty where nothing is."""
    mine = [one for one in changes if one.what is what and one.part == part]
    said = ", ".join(_signed(one) for one in mine[:_CURRENCIES])
    return f" · {said} since last time" if said else ""


def _signed(delta: Delta) -> str:
    sign = "+" if delta.by > 0 else ""
    if delta.currency is None:
        return f"{sign}{delta.by:,f}"
    return f"{sign}{money(delta.by, delta.currency)}"


def beside(numbers: Iterable[tuple[str, int]]) -> str:
    """The numbers that are in no total: "2 past due, 1 at risk"; none of nothing, and none of no known name."""
    said = {name: count for name, count in numbers if count}
    paused = ["processing is paused"] if _PAUSED in said else []
    return ", ".join([*(f"{count:,} {_BESIDE[name]}" for name, count in said.items() if name in _BESIDE), *paused])


def part_name(what: What, part: Part) -> str:
    """A part's name: a day, a status in our words, a cause."""
    if what in (What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK):
        return _day(part.name)
    return plain(part.name, _NAME) or "–" if what is What.FAILED else state(part.name).word


def bar_name(what: What, part: Part) -> str:
    """The same where there is little room: "Sun 29"."""
    try:
        one = date.fromisoformat(part.name)
    except ValueError:
        return part_name(what, part)
    return f"{_WEEKDAYS[one.weekday()]} {one.day}"


def part_line(what: What, part: Part, changes: Iterable[Delta]) -> str:
    """One part on one line."""
    symbol = "" if what in SCHEDULED else f"{state(part.name).symbol} "
    return f"{symbol}{part_name(what, part)}: {counted(part.tally)}{changed(changes, what, part.name)}"


def row_state(what: What, row: RowOf) -> str:
    """The status of one order, in our word for it."""
    return (scheduled_status(row.status) if what in SCHEDULED else state(row.status)).word


def _day(name: str) -> str:
    try:
        return day(date.fromisoformat(name))
    except ValueError:
        return plain(name, _NAME) or "–"
