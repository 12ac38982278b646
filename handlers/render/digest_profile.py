"""What of a digest each class of channel may show (DESIGN.md §4.6, CHECKS D3).

A digest has no name and no address in it. Another company reads counts and states: no money, and not why orders fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handlers.render.profile import Profile
from operations.digest_facts import Collected, Delta, Section, What
from operations.summary_facts import Tally

_OURS = frozenset({"at_risk", "unexplained"})


def trim_collected(collected: Collected, profile: Profile) -> Collected:
    """The numbers with everything that this profile may not show taken out, before any renderer sees it."""
    if profile is not Profile.EXTERNAL:
        return collected
    kept = (_trimmed(one) if isinstance(one, Section) else one for one in collected.sections)
    return replace(collected, sections=tuple(kept))


def trim_changes(changes: Iterable[Delta], profile: Profile) -> tuple[Delta, ...]:
    """The changes in the same way."""
    if profile is not Profile.EXTERNAL:
        return tuple(changes)
    return tuple(one for one in changes if one.currency is None and not (one.what is What.FAILED and one.part))


def _trimmed(section: Section) -> Section:
    parts = () if section.what is What.FAILED else section.parts
    return replace(
        section,
        total=_counted(section.total),
        parts=tuple(replace(part, tally=_counted(part.tally)) for part in parts),
        beside=tuple((name, count) for name, count in section.beside if name not in _OURS),
    )


def _counted(tally: Tally) -> Tally:
    return Tally(tally.count)
