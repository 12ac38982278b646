"""What a digest can tell, when it is due, and what came of collecting it (issue 6, CHECKS F3, F6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from operations.linking import QPILOT, QUIVO
from operations.outcome import Reason
from operations.schedule import Schedule, runs
from operations.summary_facts import Tally
from store.digests import Digest
from store.occurrences import Due, Occurrence

RUN = "digest.run"
MOST_ROWS = 20
LATE_AFTER = timedelta(minutes=15)


class What(StrEnum):
    """The sources of a digest, in the order in which it tells them."""

    DUE_TODAY = "scheduled_due_today"
    DUE_TOMORROW = "scheduled_due_tomorrow"
    DUE_WEEK = "scheduled_due_7d"
    FAILED = "scheduled_failed"
    BY_STATUS = "orders_by_status"
    STUCK = "orders_stuck"
    CANCEL_REQUESTED = "orders_cancel_requested"
    SHIPPED = "orders_shipped"

    @property
    def back_end(self) -> str:
        """Whose connection it needs."""
        return QPILOT if self in SCHEDULED else QUIVO


COMING = frozenset({What.DUE_TODAY, What.DUE_TOMORROW, What.DUE_WEEK})
SCHEDULED = COMING | {What.FAILED}


class Size(StrEnum):
    """How much a digest tells."""

    ONE_LINE = "one_line"
    SUMMARY = "summary"
    FULL = "full"


@dataclass(frozen=True)
class Part:
    """Some of a section's numbers under one name: a status, a day (ISO date), a group of causes."""

    name: str
    tally: Tally


@dataclass(frozen=True)
class RowOf:
    """One order of a section: its id, its status, its reference (fulfilment orders only), and the moment that counts.

    Nothing personal is in it. ``at`` is when it was created, cancel-requested or completed; None where nobody says.
    """

    id: int
    status: str
    reference: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Covers:
    """The time that a section's numbers are about, from ``since`` up to ``until``, both in the digest's zone."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Section:
    """One source's numbers, exactly as the source has them; sums are by currency and never added up (F6).

    ``total`` counts every order once, and ``parts`` add up to it. ``beside`` are numbers that are in no total, by name
    (``past_due``, ``undated``, ``at_risk``, ``unchecked``, ``processing_paused``, ``unexplained``, ``stuck``); what is
    not known is left out. ``rows`` are at most MOST_ROWS of the orders, ``more`` how many others there are. ``covers``
    is None where every order of now counts, however old.
    """

    what: What
    as_of: datetime
    total: Tally
    parts: tuple[Part, ...] = ()
    beside: tuple[tuple[str, int], ...] = ()
    rows: tuple[RowOf, ...] = ()
    more: int = 0
    covers: Covers | None = None


@dataclass(frozen=True)
class Absent:
    """A source whose numbers could not be had, and why; ``text`` is safe to show. It is never a zero (F3)."""

    what: What
    reason: Reason
    text: str


@dataclass(frozen=True)
class Collected:
    """What a digest's sources said, each once, in the order of ``What``; ``as_of`` is when asking began."""

    as_of: datetime
    sections: tuple[Section | Absent, ...]

    @property
    def found(self) -> tuple[Section, ...]:
        """The sources that answered."""
        return tuple(one for one in self.sections if isinstance(one, Section))

    @property
    def absent(self) -> tuple[Absent, ...]:
        """The sources that did not."""
        return tuple(one for one in self.sections if isinstance(one, Absent))


@dataclass(frozen=True)
class Delta:
    """One number that is another than in the last digest that told it, at ``since``.

    ``part`` is empty for the section's total. ``currency`` is None for a count of orders, else the two are sums in it.
    """

    what: What
    part: str
    currency: str | None
    before: Decimal
    after: Decimal
    since: datetime

    @property
    def by(self) -> Decimal:
        """How much more it is now."""
        return self.after - self.before


@dataclass(frozen=True)
class RunAsked:
    """One run of a digest: ``day`` is its local date, ``missed`` how many due times it stands for (1: its own only).

    ``since`` is the first of those due times; ``by`` is who asked for it by hand, None for a scheduled run.
    """

    key: str
    digest_id: str
    team: str
    day: date
    due_at: datetime
    missed: int
    since: datetime
    by: str | None = None

    def late(self, now: datetime) -> bool:
        """Whether it has to say that it is late: it was missed before, or it is posted long after it was due (F2)."""
        return self.by is None and (self.missed > 1 or now - self.since > LATE_AFTER)


def asked(occurrence: Occurrence) -> RunAsked:
    """The run that an occurrence of kind RUN is about."""
    payload = occurrence.payload
    day, since = date.fromisoformat(payload["day"]), datetime.fromisoformat(payload["since"])
    where = payload["digest"], occurrence.team
    return RunAsked(occurrence.key, *where, day, occurrence.due_at, payload["missed"], since, payload.get("by"))


def due_of(run: RunAsked) -> Due:
    """The occurrence of a run."""
    payload = {"digest": run.digest_id, "day": run.day.isoformat(), "missed": run.missed, "by": run.by}
    return Due(run.key, RUN, run.due_at, {**payload, "since": run.since.isoformat()}, run.team)


def run_key(digest: Digest, day: date) -> str:
    """The key of a scheduled run, by local date and time: once used, it is never run again (DESIGN.md §6)."""
    return f"digest:{digest.id}:{day.isoformat()}T{digest.at}"


def schedule_of(digest: Digest) -> Schedule:
    """When it is due; ValueError if its time is none."""
    return Schedule(digest.days, time.fromisoformat(digest.at), digest.zone)


def next_time(digest: Digest, now: datetime) -> datetime | None:
    """When it is due next, after now; None if it has no days.

    In the second pass of an hour that comes twice, the first run that is reckoned lies in the first pass: it is over.
    """
    return next((run.at for run in runs(schedule_of(digest), now) if run.at > now), None)


def sources(digest: Digest) -> tuple[What, ...]:
    """Its sources in the order in which they are told; a name that we do not know (any more) is left out."""
    return named(digest.what)


def named(names: tuple[str, ...]) -> tuple[What, ...]:
    """The sources of these names, each once and in the order of What."""
    return tuple(what for what in What if what.value in names)


def back_ends(what: tuple[What, ...]) -> tuple[str, ...]:
    """The back ends that these sources are read from, each once."""
    return tuple(dict.fromkeys(one.back_end for one in what))
