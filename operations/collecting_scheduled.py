"""A digest's numbers of scheduled orders, cut from one summary of QPilot (apis/qpilot.md §8, CHECKS F3, F6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from operations.digest_facts import COMING, Absent, Covers, Part, Section, What
from operations.linking import Actor
from operations.outcome import Done, Reason
from operations.ports import Ports
from operations.site_time import midnight
from operations.summary import summary
from operations.summary_facts import Due, Failed, Summary, Window
from operations.summary_facts import Part as Piece
from store.digests import Digest

_WINDOWS = {What.DUE_TODAY: Window.TODAY, What.DUE_TOMORROW: Window.TOMORROW, What.DUE_WEEK: Window.WEEK}
_AHEAD = {What.DUE_TODAY: (0,), What.DUE_TOMORROW: (1,), What.DUE_WEEK: tuple(range(7))}


async def scheduled_sections(ports: Ports, digest: Digest, wanted: tuple[What, ...]) -> tuple[Section | Absent, ...]:
    """The wanted numbers from one summary; where there is none, its reason for each of them."""
    if not wanted:
        return ()
    found = await summary(ports, Actor(digest.team, digest.owner), _window(wanted))
    if not isinstance(found, Done):
        reason = getattr(found, "reason", Reason.NO_ANSWER)
        return tuple(Absent(what, reason, found.text) for what in wanted)
    return tuple(_section(what, found.value, ZoneInfo(digest.zone)) for what in wanted)


def _window(wanted: tuple[What, ...]) -> Window:
    """The days to ask for: the week where more than one kind of days is wanted, for it holds the others."""
    days = [_WINDOWS[what] for what in wanted if what in _WINDOWS]
    return (days or [Window.TODAY])[0] if len(days) < 2 else Window.WEEK


def _section(what: What, found: Summary, zone: ZoneInfo) -> Section | Absent:
    if what in COMING:
        return _missing(what, Piece.DUE, found) if found.due is None else _coming(what, found.due, found, zone)
    return _missing(what, Piece.FAILED, found) if found.failed is None else _failed(found.failed, found)


def _missing(what: What, piece: Piece, found: Summary) -> Absent:
    texts = [one.text for one in found.missing if one.part is piece]
    return Absent(what, Reason.NO_ANSWER, texts[0] if texts else "QPilot did not say.")


def _coming(what: What, due: Due, found: Summary, zone: ZoneInfo) -> Section:
    """What is due on these days of the site's calendar and still to come; what is past due stands beside it."""
    today = found.as_of.astimezone(found.zone).date()
    wanted = [today + timedelta(days=number) for number in _AHEAD[what]]
    days = [one for one in due.days if one.day in wanted]
    since, until = midnight(wanted[0], found.zone), midnight(wanted[-1] + timedelta(days=1), found.zone)
    total = due.tally if len(days) == len(due.days) else days[0].tally
    return Section(
        what=what,
        as_of=due.source.as_of,
        total=total,
        parts=tuple(Part(one.day.isoformat(), one.tally) for one in days),
        beside=tuple(_beside(due, found, wanted)),
        more=total.count,
        covers=Covers(max(since, found.as_of).astimezone(zone), until.astimezone(zone)),
    )


def _beside(due: Due, found: Summary, days: list[date]) -> Iterator[tuple[str, int]]:
    yield "past_due", due.past_due.count
    yield "undated", due.undated
    if found.at_risk is not None:
        risks = [one for one in found.at_risk.risks if one.due.astimezone(found.zone).date() in days]
        yield "at_risk", len(risks)
        if found.at_risk.skipped:  # which days they are due on was not looked up
            yield "unchecked", found.at_risk.skipped
    if found.processing_paused:
        yield "processing_paused", 1


def _failed(failed: Failed, found: Summary) -> Section:
    stuck = () if found.stuck is None else (("stuck", found.stuck.tally.count),)
    return Section(
        what=What.FAILED,
        as_of=failed.source.as_of,
        total=failed.tally,
        parts=tuple(Part(cause.group, cause.tally) for cause in failed.causes),
        beside=(("unexplained", failed.unexplained), *stuck),
        more=failed.tally.count,
    )
