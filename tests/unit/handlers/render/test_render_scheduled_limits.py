"""What is said of scheduled orders stays within Slack's limits, with 0, 1, 50, 500 of everything (A9, F3, F6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from render_kit import HOSTILE, NOW, alive, flaws, reading
from render_scheduled import (
    ADA,
    CHANGES,
    CUSTOMER,
    FORMS,
    MOMENT,
    NEXT,
    ORDER,
    PAGE,
    SOURCE,
    SUMMARY,
    VISA,
    WEEK,
    previewed,
)

from backends.qpilot.auth import Token
from backends.qpilot.failures import failure
from backends.qpilot.order import Item, Page, Row
from handlers.render import founded, founding, steer_forms, steering
from handlers.render.charts import bars, data_table
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.render.scheduled import scheduled_card, scheduled_details
from handlers.render.scheduled_list import scheduled_list
from handlers.render.scheduled_states import headline, status
from handlers.render.scheduled_token import token_shown
from handlers.render.summary import facts, summary_message
from operations.scheduled import Asked, row_of
from operations.scheduled import Profile as CustomerProfile
from operations.steer_changes import AddItems, Cancel, Payment, Quantity, Retry, seen_of
from operations.summary import (
    Amount,
    AtRisk,
    Cause,
    Day,
    Due,
    Failed,
    Missing,
    Part,
    Risk,
    Stuck,
    Summary,
    Tally,
    Window,
)
from sandbox.slack.blocks import check_message

COUNTS = [0, 1, 50, 500]
LONG = "näme " * 40
DATA = ("data_visualization", "data_table")


def many_items(count: int) -> tuple[Item, ...]:
    """So many lines, each with long words."""
    return tuple(Item(n, f"p-{n}", n, Decimal(n), None, LONG, LONG, "OutOfStock") for n in range(1, count + 1))


def plain_flaws(made: Message) -> list[Any]:
    """What Slack would refuse; the blocks that slack_sdk does not know are left to the workspace's own checks."""
    known = tuple(block for block in made.blocks if block["type"] not in DATA)
    return [*check_message(list(made.blocks)), *flaws(Message(made.text, known))]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("profile", Profile)
def test_cards_of_any_size(count: int, profile: Profile) -> None:
    """A9: a card and its details are valid, buttons last, and what is left out is counted."""
    order = replace(ORDER, items=many_items(count), note=LONG * 30, coupons=(LONG,) * count)
    made = scheduled_card(order, profile, card_id="c", asked_by=ADA, seen_at=NOW)
    assert flaws(made) == []
    assert made.blocks[-1]["type"] == "actions"
    assert (f"and {count - 5} more" in reading(made.blocks)) is (count > 5 and profile is not Profile.EXTERNAL)
    details = scheduled_details(order, "c")
    assert flaws(details) == []
    assert ("more" in reading(details["blocks"])) is (count > 50)


@pytest.mark.parametrize("count", COUNTS)
def test_lists_and_customers_of_any_size(count: int) -> None:
    """A9: a page is ten rows, but any number of them, and of a customer's orders, is valid and counted."""
    rows: Page[Row] = Page(tuple(replace(row_of(ORDER), id=n) for n in range(count)), 1, count > 0, count, count)
    made = scheduled_list(rows, Asked(), card_id="c", now=NOW)
    assert flaws(made) == []
    assert ("None found" in reading(made.blocks)) is (count == 0)
    found = CustomerProfile(CUSTOMER, (VISA,) * count, tuple(replace(ORDER, id=n) for n in range(count)))
    view = founded.customer_view(found, NEXT)
    assert flaws(view) == []
    assert (f"and {count - 20} more scheduled orders" in reading(view["blocks"])) is (count > 20)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    "kind", [steer_forms.RESCHEDULE, steer_forms.FREQUENCY, steer_forms.ITEMS, steer_forms.PAYMENT]
)
def test_forms_of_any_size(count: int, kind: str) -> None:
    """A9: a menu has a hundred options at most, and says how many there are besides."""
    order = replace(ORDER, items=many_items(count))
    methods = tuple(replace(VISA, id=n + 1) for n in range(max(count, 1)))
    view = steer_forms.form(kind, order, card_id="c", methods=methods)
    assert flaws(view) == []
    if kind == steer_forms.PAYMENT:
        assert ("and 400 more are not shown here." in str(view)) is (count == 500)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_previews_and_confirmations_of_any_size(count: int, change: Any) -> None:
    """A9: what will be different, and what was, is valid however many items there are."""
    order = replace(ORDER, items=many_items(count))
    assert flaws(steering.will_change(previewed(change, order), card_id="c")) == []
    for profile in Profile:
        made = steering.steered(1, change.kind, seen_of(ORDER), order, profile, by=ADA, at=NOW, card_id="c")
        assert flaws(made) == []
    assert (
        flaws(steering.steered(1, change.kind, seen_of(ORDER), None, Profile.PUBLIC, by=ADA, at=NOW, card_id="c")) == []
    )


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("rows", [0, 19])
def test_the_forms_of_the_seed(kind: str, rows: int) -> None:
    """A9: every form of seed 004 is valid, empty and full."""
    values: Mapping[str, Any] = {founding.item_path(rows, "productId"): "100982", "customerId": "107"}
    view = founding.form(kind, card_id="c", values=values if kind == founding.ORDER_FORM else {})
    assert flaws(view) == []
    assert len(view["blocks"]) <= 94
    full = {block["block_id"]: "x" for block in view["blocks"] if block["type"] == "input"}
    assert flaws(founding.form(kind, card_id="c", values=full)) == []


def big(count: int, window: Window) -> Summary:
    """A summary of so many of everything, in as many currencies as there could be."""
    codes = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}X" for n in range(min(count, 200))]
    tally = Tally(count, tuple(Amount(code, Decimal(10**20) + Decimal("0.01")) for code in codes), count)
    base = WEEK if window is Window.WEEK else replace(SUMMARY, span=replace(SUMMARY.span, window=window))
    assert base.due is not None
    causes = tuple(Cause(group, tuple((n, 1) for n in range(count)), tally) for group in ("payment", "items", "odd"))
    risks = tuple(Risk(n, MOMENT, (LONG,) * count, True, MOMENT) for n in range(count))
    return replace(
        base,
        due=Due(SOURCE, tuple(Day(one.day, tally) for one in base.due.days), tally, tally, count),
        failed=Failed(SOURCE, causes if count else (), tally, count),
        stuck=Stuck(SOURCE, tally, tuple(range(count))),
        at_risk=AtRisk(SOURCE, risks, count, count),
        missing=tuple(Missing(part, LONG) for part in Part) if count else (),
    )


@pytest.mark.parametrize("window", Window)
@pytest.mark.parametrize("count", COUNTS)
def test_summaries_of_any_size(count: int, window: Window) -> None:
    """F6: with 0, 1, 50 and 500 orders it is valid with and without its chart, and its words are the same."""
    made = summary_message(big(count, window), by=ADA)
    plain = summary_message(big(count, window), by=ADA, chart=False)
    assert plain_flaws(made) == []
    assert flaws(plain) == []
    assert made.text == plain.text
    assert not [block for block in plain.blocks if block["type"] in DATA]
    drawn = [block["type"] for block in made.blocks if block["type"] in DATA]
    if window is Window.WEEK and count > 1:  # in so many currencies the words alone fill a message
        assert "and " in reading(made.blocks[-2])
    else:
        assert drawn == (["data_visualization"] if count else []) + ["data_table"]


def test_a_summary_says_all_of_it() -> None:
    """F6: due, past due, failed by cause with its money, stuck, at risk, what was not looked at, what is missing."""
    said = reading(summary_message(SUMMARY, by=ADA, chart=False).blocks)
    assert said.splitlines()[0] == "📊 3 scheduled orders are due tomorrow, €12.50 + $1,234.05 + 1 without a total."
    for part in (
        "Past due: 1, ¥900",
        "Active without a date: 2",
        "Failed: payment: 3, €12.50 + $1,234.05",
        "Codes: payment 2 × 2000, 1 × 2001; unknown cause 1 × none.",
        "For 1 of them I did not look up the cause.",
        "Stuck: 208001, 208002.",
        "At risk: 3 of the 40 that I looked at",
        "208003: not to be had: Soap, Shampoo",
        "208004: no payment method",
        "208005: card ends 11/2026",
        "5 were too many to look at.",
        "processing is paused",
        "I could not learn the site: QPilot did not answer.",
        "Money is the sum of the orders' total.",
    ):
        assert part in said, part


@pytest.mark.parametrize("part", ["due", "failed", "stuck", "at_risk"])
def test_what_is_absent_is_no_number(part: str) -> None:
    """F3: a part that could not be had is in no fact, no bar and no row, and never zero."""
    gone: dict[str, Any] = {part: None, "missing": (Missing(Part(part), "No answer."),)}
    found = replace(SUMMARY, **gone)
    made = summary_message(found, by=ADA)
    assert "No answer." in reading(made.blocks)
    names = [one.name for one in facts(found)]
    words = {"due": "Due", "failed": "Failed", "stuck": "Stuck", "at_risk": "At risk"}[part]
    assert [name for name in names if name.startswith(words)] == []
    assert plain_flaws(made) == []


def test_the_table_and_the_chart_are_the_facts() -> None:
    """F6: each row of the table is a fact of the words, and the bars are the numbers of a week's days."""
    made = summary_message(WEEK, by=ADA)
    [chart, table] = [block for block in made.blocks if block["type"] in DATA]
    rows = [(row[0]["text"], row[1]["value"]) for row in table["rows"][1:]]
    assert rows == [(one.name, one.tally.count) for one in facts(WEEK)]
    assert [point["value"] for point in chart["chart"]["series"][0]["data"]] == [0, 1, 2, 3, 4, 5, 6]
    assert chart["chart"]["axis_config"]["categories"][0] == "Sun 22"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_in_a_table_are_dead(name: str) -> None:
    """D2: cells and labels are plain, one line, and cut."""
    hostile, literal = HOSTILE[name]
    table = data_table("Facts", ("What",), [(hostile,), ("long " * 2000,)])
    assert alive(table) == []
    assert table["rows"][1][0]["text"].replace("\u2060", "") == literal or name in ("escaped", "surrogate")
    assert table["rows"][2][0]["text"].endswith("…")
    chart = bars("Title", [(hostile, 1)], series="Orders")
    assert check_message([chart, table]) == []


@pytest.mark.parametrize("word", ["Active", "Paused", "Snoozed", "Queued", "Processing", "Failed", "Deleted"])
def test_one_word_and_one_symbol_for_each_status(word: str) -> None:
    """Every status that the sheet knows has its own word and sign (apis/qpilot.md §4)."""
    known = status(word)
    others = [
        status(one)
        for one in ("Active", "Paused", "Snoozed", "Queued", "Processing", "Failed", "Deleted")
        if one != word
    ]
    assert known.is_known
    assert known.symbol not in [one.symbol for one in others]
    assert reading(headline(5, word)).startswith(f"{known.symbol} Scheduled order 5 ")


@pytest.mark.parametrize("word", ["Brand new", "active", "", "<!channel>"])
def test_an_unknown_status_is_shown_as_it_is(word: str) -> None:
    """Nothing is guessed."""
    assert reading(headline(5, word)) == f"❔ Scheduled order 5 has the status {word or '(none)'}."


def test_a_late_one_says_so() -> None:
    """An active order whose date has passed is past due; a paused one is not."""
    late = replace(ORDER, status="Active", next_occurrence=NOW - timedelta(days=1))
    for order, said in (
        (late, True),
        (replace(late, status="Paused"), False),
        (replace(ORDER, status="Active"), False),
    ):
        made = scheduled_card(order, Profile.PUBLIC, card_id="c", asked_by=ADA, seen_at=NOW)
        assert ("past due" in made.text) is said


def test_a_token_is_whole_or_not_at_all() -> None:
    """A token that would have to be cut or changed raises; a whole one stands in the blocks and not in the fallback."""
    made = token_shown("107", Token("abc.def-ghi_jkl"))
    assert flaws(made) == []
    assert ("abc.def-ghi_jkl" in reading(made.blocks), "abc" in made.text) == (True, False)
    for bad in ("x" * 3001, "a&amp;b"):
        with pytest.raises(ValueError, match="as it is"):
            token_shown("107", Token(bad))


def test_a_list_turns_where_there_is_more() -> None:
    """*Back* from page 2 on, *Next* while there is more, also where QPilot does not say how many pages there are."""

    def named(page: Page[Row]) -> list[str]:
        made = scheduled_list(page, Asked(), card_id="c", now=NOW)
        return [one["action_id"] for one in made.blocks[-1]["elements"]]

    assert named(PAGE) == ["scheduled.page_back", "scheduled.page_next"]
    assert named(replace(PAGE, page=3)) == ["scheduled.page_back"]
    assert named(replace(PAGE, page=1, total_pages=None)) == ["scheduled.page_next"]


def test_who_is_told_what_a_kind_of_change_means() -> None:
    """The total after other items; a retry's new failure; the way back after a cancellation."""

    def said(kind: str, **changes: Any) -> str:
        after = replace(ORDER, **changes)
        made = steering.steered(1, kind, seen_of(ORDER), after, Profile.PUBLIC, by=ADA, at=NOW, card_id="c")
        return reading(made.blocks)

    assert "The total is $35.00 now." in said(AddItems.kind)
    assert "The total is $35.00 now." in said(Quantity.kind)
    assert "It has failed again." in said(Retry.kind)
    assert "It has failed again." not in said(Retry.kind, status="Active")
    assert "can be restored" in said(Cancel.kind)
    assert "Payment method" in said(Payment.kind, payment_method_id=5)


@pytest.mark.parametrize(("code", "charged"), [(2001, True), (3001, True), (2000, False), (1001, False), (None, False)])
def test_a_failure_in_plain_words_with_its_code(code: int | None, charged: bool) -> None:
    """Our words, QPilot's code, what to do; where money may have moved, that the customer may already be charged."""
    made = scheduled_card(replace(ORDER, error_code=code), Profile.PUBLIC, card_id="c", asked_by=ADA, seen_at=NOW)
    said = reading(made.blocks)
    assert failure(code).words in said
    assert failure(code).advice in said
    assert (f"(code {code})" in said) is (code is not None)
    assert ("may already be charged" in said) is charged
