"""What is other than in the last digest: pure, from the numbers that were kept (issue 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from operations.digest_facts import COMING, Collected, Delta, Section, What

_Numbers = dict[tuple[str, str | None], Decimal]


def changes(last: dict[str, Any], now: Collected) -> tuple[Delta, ...]:
    """Every number that was told before and is another now; ``last`` is what ``remembered`` made of it.

    A source that is absent now, or was never told, has no change; one that was absent in between is compared with
    when it was told last. What was shipped is counted anew each time and has none. Of what is due, a day that was
    not told before (or is over) is no change.
    """
    told = (one for one in now.found if one.what is not What.SHIPPED and one.what.value in last)
    return tuple(delta for section in told for delta in _deltas(last[section.what.value], section))


def remembered(last: dict[str, Any], now: Collected) -> dict[str, Any]:
    """The numbers to keep for the next time (JSON): those of now, and the old ones of a source that is absent."""
    old = {one.what.value: last[one.what.value] for one in now.absent if one.what.value in last}
    return {**old, **{section.what.value: _kept(section) for section in now.found}}


def last_told(last: dict[str, Any], what: What) -> datetime | None:
    """As of when a source was told last; None if it never was."""
    kept = last.get(what.value)
    return None if kept is None else datetime.fromisoformat(kept["at"])


def _deltas(kept: dict[str, Any], section: Section) -> Iterator[Delta]:
    before = {(part, currency): Decimal(number) for part, currency, number in kept["numbers"]}
    after, since = _numbers(section), datetime.fromisoformat(kept["at"])
    both = {part for part, _ in before} & {part for part, _ in after}
    for part, currency in dict.fromkeys((*before, *after)):
        was, now = (them.get((part, currency), Decimal(0)) for them in (before, after))
        if was != now and (section.what not in COMING or part in both):
            yield Delta(section.what, part, currency, was, now, since)


def _kept(section: Section) -> dict[str, Any]:
    numbers = [[part, currency, str(number)] for (part, currency), number in _numbers(section).items()]
    return {"at": section.as_of.isoformat(), "numbers": numbers}


def _numbers(section: Section) -> _Numbers:
    """Counts (no currency) and sums, of the whole under an empty name and of each part under its own."""
    found: _Numbers = {}
    for name, tally in (("", section.total), *((part.name, part.tally) for part in section.parts)):
        found[name, None] = Decimal(tally.count)
        found |= {(name, amount.currency): amount.value for amount in tally.amounts}
    return found
