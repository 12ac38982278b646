"""A digest as it is read: what it covers, what has changed, numbers, charts, a table, the lists behind (issue 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.render import limits
from handlers.render.build import actions, bold, bullets, button, context, message, own, paragraph, say, section, words
from handlers.render.chart_words import charted, pie
from handlers.render.charts import bars, data_table
from handlers.render.digest_numbers import bar_name, beside, changed, counted, part_line, row_state
from handlers.render.digest_profile import trim_changes, trim_collected
from handlers.render.digest_words import SOURCES, rhythm
from handlers.render.escape import plain
from handlers.render.limits import more
from handlers.render.message import Block, Message
from handlers.render.naming import mention
from handlers.render.profile import Profile
from handlers.render.times import when
from operations.digest_facts import SCHEDULED, Collected, Delta, RowOf, Section, Size, What
from operations.schedule import is_zone
from store.digests import Digest

OPEN = "digest.open_"
_LINE = 1600
_ROWS, _REFERENCE = 100, 40  # ours: within what a table holds
_PARTS, _CHARTS = 10, 2  # ours: parts that still read at a glance; Slack takes two charts (apis/slack.md §6)
_BUTTONS = {
    What.DUE_TODAY: "Due today",
    What.DUE_TOMORROW: "Due tomorrow",
    What.DUE_WEEK: "Due in seven days",
    What.FAILED: "Failed",
    What.BY_STATUS: "Orders",
    What.STUCK: "Stuck",
    What.CANCEL_REQUESTED: "Cancel requested",
    What.SHIPPED: "Shipped",
}


@dataclass(frozen=True)
class Lateness:
    """Why a digest comes late: it stands for so many due times, of which ``since`` was the first."""

    missed: int
    since: datetime


@dataclass(frozen=True)
class Told:
    """One run of a digest, or a preview of one: what was collected, and what is other than last time."""

    digest: Digest
    collected: Collected
    changes: tuple[Delta, ...] = ()
    late: Lateness | None = None
    asked_by: str | None = None
    is_preview: bool = False


def digest_message(told: Told, profile: Profile, *, card_id: str) -> Message:
    """What a channel of this class reads; `digest.open_<source>` carries ``card_id`` and opens the list behind it."""
    collected = trim_collected(told.collected, profile)
    changes = trim_changes(told.changes, profile)
    tail = [_small(told, collected)]
    if told.digest.size == Size.ONE_LINE:
        return message([*_late(told), _one_line(collected, changes), *_absent(collected)], tail=tail)
    full = told.digest.size == Size.FULL
    blocks = [
        *_late(told),
        paragraph([bold("Preview, only for you" if told.is_preview else "Digest")]),
        *(block for one in collected.found for block in _section(one, changes)),
        *_absent(collected),
        *_charts(collected),
        *(_orders(collected, told.digest) if full else []),
    ]
    return charted(blocks, tail=[*_buttons(collected, card_id), *tail])


def _one_line(collected: Collected, changes: tuple[Delta, ...]) -> Block:
    parts = [f"{_title(one.what)}: {_short(one, changes)}" for one in collected.found]
    return section(" · ".join(parts) or "No numbers this time.", limit=limits.SECTION_TEXT)


def _short(one: Section, changes: tuple[Delta, ...]) -> str:
    return f"{counted(one.total)}{changed(changes, one.what).replace(' · ', ', ', 1)}"


def _section(one: Section, changes: tuple[Delta, ...]) -> list[Block]:
    line = [bold(f"{_title(one.what)}: "), say(f"{counted(one.total)}{changed(changes, one.what)}", _LINE)]
    also = beside(one.beside)
    head = paragraph(line, [say(f"Besides: {also}", _LINE)]) if also else paragraph(line)
    covers = [context(own(f"From {when(one.covers.since)} to {when(one.covers.until)}"))] if one.covers else []
    return [head, *_parts(one, changes), *covers]


def _parts(one: Section, changes: tuple[Delta, ...]) -> list[Block]:
    """What the total is made of, unless it is one part that needs no name."""
    if len(one.parts) < 2 and one.what is not What.FAILED:
        return []
    lines = [[say(part_line(one.what, part, changes), _LINE)] for part in one.parts[:_PARTS]]
    left = [[say(more(len(one.parts) - _PARTS))]] if len(one.parts) > _PARTS else []
    return [bullets(_by(one.what), [*lines, *left])] if lines else []


def _by(what: What) -> str:
    if what is What.FAILED:
        return "By cause"
    return "By day" if what in SCHEDULED else "By status"


def _absent(collected: Collected) -> list[Block]:
    """A source without numbers is named with its reason; a zero it never is (CHECKS F3)."""
    return [section(f"⚠️ {_title(one.what)}: no numbers. {plain(one.text, 300)}") for one in collected.absent]


def _late(told: Told) -> list[Block]:
    late = told.late
    if late is None:
        return []
    several = f"this one stands for {late.missed:,} runs, the first of them due" if late.missed > 1 else "it was due"
    return [context(own(f"⌛ Late: {several} {when(late.since)}"))]


def _small(told: Told, collected: Collected) -> Block:
    digest = told.digest
    asked = [own(f"Asked by {mention(told.asked_by)}")] if told.asked_by and not told.is_preview else []
    return context(
        own(f"As of {when(collected.as_of)}"),
        *_compared(told),
        words(rhythm(digest)),
        own(f"With the connections of {mention(digest.owner)}"),
        *asked,
    )


def _compared(told: Told) -> list[Block]:
    since = max((one.since for one in told.changes), default=told.digest.last_posted_at)
    if since is None:
        return [own("First time, so nothing to compare with")]
    return [own(f"{'Compared with' if told.changes else 'Nothing has changed since'} {when(since)}")]


def _charts(collected: Collected) -> list[Block]:
    """The two that say most: what is due day by day, orders by status, failures by cause."""
    drawn = [block for one in collected.found for block in _chart(one)]
    return drawn[:_CHARTS]


def _chart(one: Section) -> list[Block]:
    parts = [(bar_name(one.what, part), part.tally.count) for part in one.parts]
    if len(parts) < 2:
        return []
    if one.what in SCHEDULED and one.what is not What.FAILED:
        return [bars(SOURCES[one.what].word, parts, series="Orders")] if one.total.count else []
    return pie(SOURCES[one.what].word, parts)


def _orders(collected: Collected, digest: Digest) -> list[Block]:
    """The orders themselves as one table, for Slack takes one; how many it leaves out is said."""
    rows = [_cells(one.what, row, digest.zone) for one in collected.found for row in one.rows]
    left = sum(one.more for one in collected.found if one.rows) + max(len(rows) - _ROWS, 0)
    said = [context(words(more(left, "orders")))] if left else []
    header = ["Number", "Reference", "State", "Since", "Counted as"]
    return [*([data_table("Orders", header, rows[:_ROWS])] if rows else []), *said]


def _cells(what: What, row: RowOf, zone: str) -> list[str]:
    reference = plain(row.reference or "", _REFERENCE)
    return [str(row.id), reference, row_state(what, row), _moment(row.at, zone), SOURCES[what].word]


def _moment(moment: datetime | None, zone: str) -> str:
    """A table's cell has no dates that follow the reader, so it is told in the digest's zone."""
    if moment is None or not is_zone(zone):
        return ""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _buttons(collected: Collected, card_id: str) -> list[Block]:
    behind = [one.what for one in collected.found if one.total.count]
    made = [button(_BUTTONS[what], f"{OPEN}{what.value}", card_id) for what in behind]
    return [actions(*made)] if made else []


def _title(what: What) -> str:
    return f"{SOURCES[what].symbol} {SOURCES[what].word}"
