"""A summary of scheduled orders for a channel: one line that answers, the facts, a chart and a table of the same facts.

A number that could not be had is said to be absent, with the reason, and is never zero (CHECKS F3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.render import limits
from handlers.render.build import Element, bold, bullets, context, message, own, paragraph, say, section, words
from handlers.render.charts import bars, data_table
from handlers.render.message import Block, Message
from handlers.render.money import money
from handlers.render.naming import mention
from handlers.render.times import day, when
from operations.summary import Cause, Missing, Part, Risk, Summary, Tally, Window

_WHEN = {Window.TODAY: "today", Window.TOMORROW: "tomorrow", Window.WEEK: "in the next 7 days"}
_PARTS = {
    Part.SITE: "the site",
    Part.DUE: "what is due",
    Part.AT_RISK: "what is at risk",
    Part.STUCK: "what is stuck",
    Part.FAILED: "what has failed",
}
_CAUSES = {
    "payment": "payment",
    "items": "items or stock",
    "shipping": "shipping",
    "store": "the store's connection",
    "other": "unknown cause",
}
_RISKS, _PRODUCTS, _IDS, _CURRENCIES = 10, 3, 10, 10
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PAUSED = "⏸️ The site's processing is paused: nothing is charged until it is resumed, and then all that is past due is."


@dataclass(frozen=True)
class Fact:
    """One line of facts: what is counted, how many, and their money by currency."""

    name: str
    tally: Tally


def summary_message(found: Summary, *, by: str, chart: bool = True) -> Message:
    """The summary; without ``chart`` it is the same in words only, should Slack not take the blocks of the others."""
    rows = facts(found)
    blocks = [
        paragraph([say("📊 "), bold(_answer(found), limits.MODAL_VALUE)]),
        *([section(_PAUSED)] if found.processing_paused else []),
        *([bullets("Facts", [_line(one) for one in rows])] if rows else []),
        *_causes(found),
        *_stuck(found),
        *_at_risk(found),
        *_missing(found.missing),
        *(_drawn(found, rows) if chart else []),
    ]
    return message(blocks, tail=[_small(found, by)])


def facts(found: Summary) -> list[Fact]:
    """All that is known, in the order in which it is read; what is missing is not among it."""
    return [*_due(found), *_failed(found), *_others(found)]


def _answer(found: Summary) -> str:
    """The one line that answers."""
    window = _WHEN[found.span.window]
    if found.due is None:
        return f"I do not know which scheduled orders are due {window}."
    tally = found.due.tally
    if tally.count == 0:
        return f"No scheduled orders are due {window}."
    noun = "scheduled order is" if tally.count == 1 else "scheduled orders are"
    return f"{tally.count:,} {noun} due {window}, {amounts(tally)}."


def amounts(tally: Tally) -> str:
    """Money by currency, never added across currencies; orders without a total are counted beside it."""
    shown = [money(one.value, one.currency) for one in tally.amounts[:_CURRENCIES]]
    left = len(tally.amounts) - _CURRENCIES
    more = [limits.more(left, "currencies")] if left > 0 else []
    unpriced = [f"{tally.unpriced:,} without a total"] if tally.unpriced else []
    return " + ".join([*shown, *more, *unpriced]) or "no money"


def _due(found: Summary) -> Iterator[Fact]:
    if found.due is None:
        return
    yield Fact(f"Due {_WHEN[found.span.window]}", found.due.tally)
    if len(found.due.days) > 1:
        yield from (Fact(_day(one.day), one.tally) for one in found.due.days)
    yield Fact("Past due", found.due.past_due)
    if found.due.undated:
        yield Fact("Active without a date", Tally(found.due.undated, (), found.due.undated))


def _failed(found: Summary) -> Iterator[Fact]:
    if found.failed is None:
        return
    yield Fact("Failed", found.failed.tally)
    yield from (Fact(f"Failed: {_CAUSES.get(one.group, one.group)}", one.tally) for one in found.failed.causes)


def _others(found: Summary) -> Iterator[Fact]:
    if found.stuck is not None:
        yield Fact("Stuck in processing", found.stuck.tally)


def _line(one: Fact) -> Sequence[Element]:
    money_too = f", {amounts(one.tally)}" if one.tally.count else ""
    return [bold(f"{one.name}: "), say(f"{one.tally.count:,}{money_too}", limits.MODAL_VALUE)]


def _causes(found: Summary) -> list[Block]:
    """The codes behind each group of causes, for whoever wants to look them up."""
    if found.failed is None or not found.failed.causes:
        return []
    lines = [say(f"Codes: {'; '.join(_codes(one) for one in found.failed.causes)}.", limits.MODAL_VALUE)]
    skipped = found.failed.unexplained
    more = [[say(f"For {skipped:,} of them I did not look up the cause.")]] if skipped else []
    return [paragraph(lines, *more)]


def _codes(cause: Cause) -> str:
    shown = (f"{count:,} × {'none' if code is None else code}" for code, count in cause.codes)
    return f"{_CAUSES.get(cause.group, cause.group)} {', '.join(shown)}"


def _stuck(found: Summary) -> list[Block]:
    if found.stuck is None or not found.stuck.order_ids:
        return []
    ids = [str(one) for one in found.stuck.order_ids[:_IDS]]
    left = len(found.stuck.order_ids) - _IDS
    return [section(f"Stuck: {', '.join([*ids, *([limits.more(left)] if left > 0 else [])])}.")]


def _at_risk(found: Summary) -> list[Block]:
    """Which orders of the span will most likely fail, and how many were not looked at."""
    if found.at_risk is None:
        return []
    risks, skipped = found.at_risk.risks, found.at_risk.skipped
    unseen = [[say(f"{skipped:,} were too many to look at.")]] if skipped else []
    if not risks:
        checked = found.at_risk.checked
        head = f"At risk: none of the {checked:,} that I looked at." if checked else "At risk: I looked at none."
        return [paragraph([say(head)], *unseen)] if checked or skipped else []
    left = len(risks) - _RISKS
    more = [[say(limits.more(left))]] if left > 0 else []
    title = f"At risk: {len(risks):,} of the {found.at_risk.checked:,} that I looked at"
    return [bullets(title, [*(_risk(one) for one in risks[:_RISKS]), *more, *unseen])]


def _risk(one: Risk) -> Sequence[Element]:
    """An order and what speaks against it."""
    products = [say(name, 60) for name in one.products[:_PRODUCTS]]
    left = len(one.products) - _PRODUCTS
    lines: list[Element] = [bold(f"{one.order_id}: ")]
    said: list[list[Element]] = []
    if products:
        listed = [part for name in products for part in (name, say(", "))][:-1]
        said.append([say("not to be had: "), *listed, *([say(f" {limits.more(left)}")] if left > 0 else [])])
    said += [[say("no payment method")]] if one.no_payment_method else []
    said += [[say(f"card ends {one.expires:%m/%Y}")]] if one.expires else []
    for number, part in enumerate(said):
        lines += [*([say("; ")] if number else []), *part]
    return lines


def _missing(missing: Sequence[Missing]) -> list[Block]:
    lines = [[say("I could not learn "), bold(_PARTS[one.part]), say(f": {one.text}", 300)] for one in missing]
    return [paragraph([bold("⚠️ This is not the whole picture.")], *lines)] if lines else []


def _drawn(found: Summary, rows: Sequence[Fact]) -> list[Block]:
    """A chart of how many, and a table of all facts; both say nothing that the words do not."""
    if not rows:
        return []
    table = data_table(
        "The facts as a table",
        ("What", "Orders", "Money"),
        [(one.name, one.tally.count, _money_cell(one.tally)) for one in rows],
    )
    values = _bars(found, rows)
    return [*([bars(*values, series="Orders")] if values else []), table]


def _money_cell(tally: Tally) -> str:
    return amounts(tally) if tally.count else "–"


def _bars(found: Summary, rows: Sequence[Fact]) -> tuple[str, list[tuple[str, int]]] | None:
    """Day by day for a week, else what is due beside what is wrong; nothing where all of it is zero."""
    if found.due is not None and len(found.due.days) > 1:
        values = [(f"{_WEEKDAYS[one.day.weekday()]} {one.day.day}", one.tally.count) for one in found.due.days]
        title = "Scheduled orders due, by day"
    else:
        kept = [one for one in rows if not one.name.startswith("Failed:")]
        values = [(_short(one.name), one.tally.count) for one in kept]
        title = "Scheduled orders"
    return (title, values) if any(number for _, number in values) else None


def _short(name: str) -> str:
    return {"Stuck in processing": "Stuck", "Active without a date": "No date"}.get(name, name)


def _day(one: date) -> str:
    return f"{_WEEKDAYS[one.weekday()]} {day(one)}"


def _small(found: Summary, by: str) -> Block:
    basis = f"Money is the sum of the orders' {found.basis}. Days are the site's."
    return context(own(f"As of {when(found.as_of)}"), own(f"Asked by {mention(by)}"), words(basis))
