"""A digest as a channel reads it: exact numbers, changes, lateness, what is absent, who may see what (F3, F6, D3)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from render_digests import (
    ABSENT,
    CHANGES,
    DIGEST,
    FULL,
    STATUS,
    TOLD,
    YESTERDAY,
    many,
    unfit,
)
from render_kit import NOW, NOW_SHOWN, press, reading

from handlers.render.chart_words import without_charts
from handlers.render.digest_message import Lateness, Told, digest_message
from handlers.render.message import Message
from handlers.render.profile import Profile
from operations.digest_facts import Collected, Delta, What
from operations.summary_facts import Amount, Tally

QUIET = Told(DIGEST, Collected(NOW, (STATUS,)))


def made(told: Told, profile: Profile = Profile.PUBLIC) -> Message:
    """The message for a channel of this class."""
    return digest_message(told, profile, card_id="card-1")


def lines(told: Told, profile: Profile = Profile.PUBLIC) -> list[str]:
    """What a person reads, line by line, with words instead of charts."""
    return reading(without_charts(made(told, profile)).blocks).splitlines()


def shown(told: Told, profile: Profile = Profile.PUBLIC) -> str:
    """The same as one text."""
    return "\n".join(lines(told, profile))


def kinds(message: Message) -> list[str]:
    """The types of its charts and tables."""
    return [block["type"] for block in message.blocks if block["type"].startswith("data_")]


def test_a_summary() -> None:
    """The whole of it: counts, sums by currency, what changed, parts, what is missing, charts in words, small print."""
    assert lines(TOLD) == [
        "⌛ Late: this one stands for 3 runs, the first of them due 2026-11-21 14:05 UTC",
        "Digest",
        "▶️ Scheduled orders due in seven days: 12 (€30.50, $1,200.00; 1 without a price)",
        "Besides: 2 past due, 1 at risk",
        "By day",
        "24 Nov 2026: 10 ($1,200.00; 1 without a price)",
        "25 Nov 2026: 2 (€30.50)",
        "From 2026-11-22 14:05 UTC to 2026-11-29 14:05 UTC",
        "⚠️ Failed scheduled orders: 3 (€30.50) · +2, -€9.50 since last time",
        "Besides: 1 with a cause that was not looked up",
        "By cause",
        "payment: 3 (€30.50)",
        "📦 Orders by status: 5",
        "By status",
        "⏳ waiting: 1 · -2 since last time",
        "📦 in the warehouse: 4",
        "⚠️ 🚚 Orders shipped since last time: no numbers. Quivo did not answer.",
        "Scheduled orders due in seven days",
        "Tue 24: 10",
        "Wed 25: 2",
        "Orders by status",
        "in the warehouse: 4",
        "waiting: 1",
        "Due in seven days",
        "Failed",
        "Orders",
        "As of 2026-11-22 14:05 UTC",
        "Compared with 2026-11-21 14:05 UTC",
        "weekdays at 09:00 (Europe/Berlin)",
        "With the connections of @U0ADA00001",
        "Asked by @U0BEN00001",
    ]


def test_one_line() -> None:
    """One line: each source's count, sums and change; no chart and no button."""
    told = replace(TOLD, digest=replace(DIGEST, size="one_line"), late=None, asked_by=None)
    message = made(told)
    assert message.blocks[0]["text"]["text"] == (
        "▶️ Scheduled orders due in seven days: 12 (€30.50, $1,200.00; 1 without a price) · "
        "⚠️ Failed scheduled orders: 3 (€30.50), +2, -€9.50 since last time · 📦 Orders by status: 5"
    )
    assert [block["type"] for block in message.blocks] == ["section", "section", "context"]


def test_full_has_a_table_of_the_orders() -> None:
    """Full adds the orders themselves, in the digest's zone, and says how many others there are."""
    message = made(replace(TOLD, digest=FULL))
    assert kinds(message) == ["data_visualization", "data_visualization", "data_table"]
    [table] = [block for block in message.blocks if block["type"] == "data_table"]
    assert [[cell["text"].replace("\u2060", "") for cell in row] for row in table["rows"]] == [
        ["Number", "Reference", "State", "Since", "Counted as"],
        ["208022", "–", "active", "2026-11-22 15:05", "Scheduled orders due in seven days"],
        ["1001", "#DE38678", "in the warehouse", "2026-11-20 10:30", "Orders by status"],
    ]
    assert "and 15 more orders" in reading(message.blocks)


def test_the_buttons_open_what_was_counted() -> None:
    """One button for each source that counted something; all carry the card's id and nothing else."""
    [row] = [block for block in made(TOLD).blocks if block["type"] == "actions"]
    assert row["elements"] == [
        press("Due in seven days", "digest.open_scheduled_due_7d", "card-1"),
        press("Failed", "digest.open_scheduled_failed", "card-1"),
        press("Orders", "digest.open_orders_by_status", "card-1"),
    ]


def test_an_absent_source_is_never_a_zero() -> None:
    """F3: a source that failed is named with its reason, has no number, no chart and no button."""
    told = replace(QUIET, collected=Collected(NOW, (ABSENT,)))
    message = made(told)
    assert "🚚 Orders shipped since last time: no numbers. Quivo did not answer." in reading(message.blocks)
    assert not any(character in reading(message.blocks[:2]) for character in "0123456789")
    assert [block["type"] for block in message.blocks] == ["rich_text", "section", "context"]
    one_line = made(replace(told, digest=replace(DIGEST, size="one_line")))
    assert reading(one_line.blocks[:1]) == "No numbers this time."


def test_a_zero_is_none() -> None:
    """A source that answered and has nothing says so, and there is nothing to open or to draw."""
    message = made(replace(QUIET, collected=many(0)))
    assert reading(message.blocks).count(": none") >= len(What)
    assert ("no numbers" in reading(message.blocks), kinds(message)) == (False, [])
    assert [block for block in message.blocks if block["type"] == "actions"] == []


@pytest.mark.parametrize(
    ("changes", "last", "said"),
    [
        (CHANGES, YESTERDAY, "Compared with 2026-11-21 14:05 UTC"),
        ((), YESTERDAY, "Nothing has changed since 2026-11-21 14:05 UTC"),
        ((), None, "First time, so nothing to compare with"),
    ],
)
def test_what_it_is_compared_with(changes: tuple[Delta, ...], last: Any, said: str) -> None:
    """It says since when something changed, that nothing did, or that there is nothing to compare with."""
    assert said in shown(replace(TOLD, changes=changes, digest=replace(DIGEST, last_posted_at=last)))


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (Lateness(3, YESTERDAY), "⌛ Late: this one stands for 3 runs, the first of them due 2026-11-21 14:05 UTC"),
        (Lateness(1, YESTERDAY), "⌛ Late: it was due 2026-11-21 14:05 UTC"),
        (None, None),
    ],
)
@pytest.mark.parametrize("size", ["one_line", "summary", "full"])
def test_a_late_one_says_so(late: Lateness | None, said: str | None, size: str) -> None:
    """F2: merged or late, and otherwise not a word of it, however much it tells."""
    found = lines(replace(QUIET, digest=replace(DIGEST, size=size), late=late))
    assert [line for line in found if "Late" in line] == ([said] if said else [])


def test_a_preview_says_that_it_is_one() -> None:
    """A preview is headed as such, and names nobody who asked."""
    found = shown(replace(TOLD, is_preview=True))
    assert ("Preview, only for you" in found, "Asked by" in found) == (True, False)


def test_moments_are_each_readers_own() -> None:
    """Moments are Slack dates; the fallback text says what the blocks say."""
    message = made(QUIET)
    assert NOW_SHOWN in message.text
    assert "By status\n• ⏳ waiting: 1\n• 📦 in the warehouse: 4" in message.text


def test_another_company_reads_counts_only() -> None:
    """D3: in a shared channel no money, no cause of a failure and no risk; counts, states and what changed in them."""
    found = shown(TOLD, Profile.EXTERNAL)
    assert [word for word in ("€", "$", "price", "payment", "risk", "looked up") if word in found] == []
    assert "⚠️ Failed scheduled orders: 3 · +2 since last time" in found
    assert "⏳ waiting: 1 · -2 since last time" in found


@pytest.mark.parametrize("profile", [Profile.PUBLIC, Profile.PRIVATE, Profile.DIRECT])
def test_our_own_channels_read_sums_and_causes(profile: Profile) -> None:
    """D3: the classes of our own channels read the same, and more than another company does."""
    assert shown(TOLD, profile) == shown(TOLD, Profile.PUBLIC) != shown(TOLD, Profile.EXTERNAL)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("size", ["one_line", "summary", "full"])
@pytest.mark.parametrize("count", [0, 1, 500, 1_000_000])
def test_any_number_of_orders_is_within_limits(count: int, size: str, profile: Profile) -> None:
    """F6 and A9: 0, 1, 500 and a million orders in many currencies: Slack takes it, every total is the source's."""
    collected = many(count, ("EUR", "JPY", "KWD", "USD", "XTS"))
    message = made(Told(replace(DIGEST, size=size), collected), profile)
    assert unfit(message) == []
    found = reading(message.blocks)
    if count:
        assert found.count(f": {count:,}") >= len(What)
    if count > 1 and profile is not Profile.EXTERNAL:
        assert found.count(f"€{count:,}.00, ¥{count:,}, {count:,}.000 KWD") >= len(What)


def test_many_currencies_are_counted_not_dropped() -> None:
    """F6: sums are never added up across currencies; beyond six, how many others there are is said."""
    found = shown(Told(DIGEST, many(7, ("AUD", "BRL", "CAD", "CHF", "CZK", "EUR", "GBP", "USD"))))
    assert ("€7.00" in found, "and 2 more" in found) == (True, True)


def test_large_sums_are_exact() -> None:
    """F6: thirty digits are shown to the last one."""
    sum_of = Decimal("123456789012345678901234567890.12")
    section = replace(STATUS, total=Tally(2, (Amount("EUR", sum_of),)))
    assert "€123,456,789,012,345,678,901,234,567,890.12" in shown(replace(QUIET, collected=Collected(NOW, (section,))))
