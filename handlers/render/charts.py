"""Slack's chart and data table, within their limits (apis/slack.md §6, §8); whatever they show also stands in words.

slack_sdk's models know neither, so both are plain dictionaries.
"""

from __future__ import annotations

from collections.abc import Sequence

from handlers.render.escape import plain
from handlers.render.limits import cut
from handlers.render.message import Block

TITLE, LABEL, AXIS = 50, 20, 50
CATEGORIES, ROWS, CAPTION, CELL = 20, 200, 100, 150
Cell = str | int


def bars(title: str, values: Sequence[tuple[str, int]], *, series: str) -> Block:
    """A bar chart of up to 20 (label, number); labels are cut and must differ."""
    kept = [(cut(plain(label), LABEL), number) for label, number in values[:CATEGORIES]]
    data = [{"label": label, "value": number} for label, number in kept]
    return {
        "type": "data_visualization",
        "title": cut(title, TITLE),
        "chart": {
            "type": "bar",
            "series": [{"name": cut(series, LABEL), "data": data}],
            "axis_config": {"categories": [label for label, _ in kept], "y_label": cut(series, AXIS)},
        },
    }


def data_table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block:
    """A table of up to 200 rows under a header; a cell is a text, also from outside, or a whole number."""
    head = [{"type": "raw_text", "text": one} for one in header]
    body = [[_cell(one) for one in row] for row in rows[:ROWS]]
    return {"type": "data_table", "caption": cut(caption, CAPTION), "rows": [head, *body]}


def _cell(value: Cell) -> Block:
    if isinstance(value, int):
        return {"type": "raw_number", "value": value, "text": f"{value:,}"}
    return {"type": "raw_text", "text": plain(value, CELL) or "–"}
