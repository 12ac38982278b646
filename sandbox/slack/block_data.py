"""Blocks that show data: table, data table, chart.

Limits from `apis/slack.md` §6; shapes from Slack's reference pages (`data_visualization` is in neither `@slack/types`
3.2.0 nor slack_sdk 3.47). That a cell's text has at least one character also in a `table` is an inference.
"""

from __future__ import annotations

from typing import Final

from sandbox.slack.block_objects import BLOCK_ID
from sandbox.slack.block_richtext import RICH_TEXT
from sandbox.slack.block_rules import (
    even_rows,
    header_column_exists,
    plain_header,
    series_match_categories,
    table_content,
)
from sandbox.slack.block_shapes import Flag, Int, Items, Kinds, Num, OneOf, Shape, Str, obj, several, sized, typed
from sandbox.slack.limits import LIMITS

_CELL_TEXT: Final = sized("data_table.cell_text")
_CELL: Final = Kinds(
    typed("raw_text", {"text!": _CELL_TEXT}) | typed("raw_number", {"value!": Num(), "text!": _CELL_TEXT}) | RICH_TEXT
)
_COLUMN: Final = obj({"align": OneOf(("left", "center", "right")), "is_wrapped": Flag()})

TABLE: Final = typed(
    "table",
    {
        "rows!": several("table.rows", several("table.columns", _CELL)),
        "column_settings": Items(_COLUMN, 0, LIMITS["table.columns.max_items"]),
        "block_id": BLOCK_ID,
    },
)
DATA_TABLE: Final = typed(
    "data_table",
    {
        "rows!": several("data_table.rows", several("data_table.columns", _CELL)),
        "caption!": Str(1),
        "page_size": Int(LIMITS["data_table.page_size.min"], LIMITS["data_table.page_size.max"]),
        "row_header_column_index": Int(0),
        "block_id": BLOCK_ID,
    },
    even_rows,
    plain_header,
    header_column_exists,
    table_content,
)


def _named(name: str) -> Str:
    return Str(1, LIMITS[f"data_visualization.{name}.max_length"])


_SEGMENT: Final = obj(
    {"label!": _named("segment.label"), "value!": Num(LIMITS["data_visualization.segment.value.exclusive_min"])}
)
_POINT: Final = obj({"label!": _named("point_label"), "value!": Num()})
_SERIES: Final = obj({"name!": _named("series_name"), "data!": several("data_visualization.data", _POINT)})
_AXES: Final = obj(
    {
        "categories!": several("data_visualization.categories", _named("category_label")),
        "x_label": _named("axis_label"),
        "y_label": _named("axis_label"),
    }
)


def _plotted(kind: str) -> dict[str, Shape]:
    series = several("data_visualization.series", _SERIES)
    return typed(kind, {"series!": series, "axis_config!": _AXES}, series_match_categories)


CHART: Final = typed(
    "data_visualization",
    {
        "title!": _named("title"),
        "chart!": Kinds(
            typed("pie", {"segments!": several("data_visualization.segments", _SEGMENT)})
            | _plotted("bar")
            | _plotted("area")
            | _plotted("line")
        ),
        "block_id": BLOCK_ID,
    },
)
