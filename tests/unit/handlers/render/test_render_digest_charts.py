"""Charts and tables, and the words that say the same (CHECKS A9, D2; apis/slack.md §6)."""

from __future__ import annotations

import pytest
from render_kit import HOSTILE, LONG, alive, alive_mrkdwn, line, listing, para, reading, t

from handlers.render.build import section
from handlers.render.chart_words import as_text, charted, has_charts, pie, without_charts
from handlers.render.charts import bars, data_table
from sandbox.slack.blocks import check_message


def test_a_pie() -> None:
    """The parts by size; a part of nothing is not drawn."""
    assert pie("By status", [("waiting", 2), ("shipped", 5), ("cancelled", 0)]) == [
        {
            "type": "data_visualization",
            "title": "By status",
            "chart": {
                "type": "pie",
                "segments": [{"label": "shipped", "value": 5}, {"label": "waiting", "value": 2}],
            },
        }
    ]


def test_nothing_is_not_drawn() -> None:
    """Without numbers there is no block, for Slack refuses an empty chart."""
    assert pie("A", [("x", 0)]) == []


@pytest.mark.parametrize("count", [1, 12, 13, 50, 500])
def test_many_parts_stay_within_limits(count: int) -> None:
    """A9: however many there are, Slack takes it; the rest is drawn as "others", and nothing is lost."""
    [drawn] = pie("Many", [(f"part {number}", number + 1) for number in range(count)])
    assert check_message([drawn]) == []
    assert sum(part["value"] for part in drawn["chart"]["segments"]) == count * (count + 1) // 2
    assert ("others" in str(drawn)) is (count > 12)


def test_the_words_of_a_chart() -> None:
    """The fallback text and the message without charts say what the charts say."""
    blocks = [section("Today"), *pie("By status", [("waiting", 2), ("shipped", 1500)])]
    made = charted([*blocks, data_table("Totals", ["Currency", "Sum"], [["EUR", "€12.00"]])])
    assert made.text == "Today\nBy status\n• shipped\u2060: 1,500".replace("\u2060", "") + (
        "\n• waiting: 2\nTotals\n• EUR · €12.\u206000"
    )
    assert (has_charts(made), has_charts(without_charts(made))) == (True, False)
    assert without_charts(made).blocks == (
        para("Today"),
        listing("By status", line(t("shipped: 1,500")), line(t("waiting: 2"))),
        listing("Totals", line(t("EUR · €12.00"))),
    )
    assert without_charts(made).text == made.text


def test_bars_in_words() -> None:
    """Each bar is one line."""
    [words] = as_text([bars("Due", [("today", 3), ("tomorrow", 1)], series="Orders")])
    assert reading(words).splitlines() == ["Due", "today: 3", "tomorrow: 1"]


def test_a_long_table_in_words() -> None:
    """Ten rows are told, the others counted."""
    [words] = as_text([data_table("Rows", ["A"], [[f"row {number}"] for number in range(25)])])
    assert reading(words).splitlines()[-2:] == ["row 9", "and 15 more"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_dead(name: str) -> None:
    """D2: text from outside as title, label and cell does nothing and stays within the limits."""
    hostile, _ = HOSTILE[name]
    for text in (hostile, LONG):
        blocks = [
            *pie(text, [(text, 1)]),
            data_table("Rows", ["A"], [[text], [text]]),
        ]
        made = charted(blocks)
        assert check_message(list(made.blocks)) == []
        assert alive(without_charts(made).blocks) == []
        assert alive_mrkdwn(made.text) == []
