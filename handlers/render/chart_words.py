"""What charts and tables say in words: for the fallback text, and for a workspace that refuses them (DESIGN.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.render import limits
from handlers.render.build import Element, bullets, fallback, say
from handlers.render.charts import LABEL, TITLE
from handlers.render.escape import plain
from handlers.render.limits import fit
from handlers.render.message import Block, Message

_CHART, _TABLE = "data_visualization", "data_table"
_SEGMENTS, _OTHERS = 12, "others"
_LISTED = 10  # ours: rows of a table that are still read as lines


def pie(title: str, parts: Iterable[tuple[str, int]]) -> list[Block]:
    """How a whole is made up; what is beyond eleven parts is "others"; no block where there is nothing to draw."""
    drawn = sorted((part for part in parts if part[1] > 0), key=lambda part: -part[1])
    if len(drawn) > _SEGMENTS:
        drawn = [*drawn[: _SEGMENTS - 1], (_OTHERS, sum(value for _, value in drawn[_SEGMENTS - 1 :]))]
    segments = [{"label": plain(label, LABEL) or "–", "value": value} for label, value in drawn]
    chart = {"type": "pie", "segments": segments}
    return [{"type": _CHART, "title": plain(title, TITLE) or "–", "chart": chart}] if segments else []


def charted(blocks: Sequence[Block], tail: Sequence[Block] = ()) -> Message:
    """A message within Slack's limits that may hold charts; its fallback text has their words."""
    fitted = fit(blocks, tail=tail)
    return Message(text=fallback(as_text(fitted)), blocks=tuple(fitted))


def has_charts(message: Message) -> bool:
    """Whether there is something in it that a workspace may not know yet."""
    return any(block["type"] in (_CHART, _TABLE) for block in message.blocks)


def without_charts(message: Message) -> Message:
    """The same message with words instead of charts and tables."""
    return Message(message.text, tuple(fit(as_text(message.blocks))))


def as_text(blocks: Iterable[Block]) -> list[Block]:
    """The blocks, each chart or table as a list with its title."""
    return [_listed(block) if block["type"] in (_CHART, _TABLE) else block for block in blocks]


def _listed(block: Block) -> Block:
    lines = _rows(block) if block["type"] == _TABLE else _points(block["chart"])
    rows = [[say(line, 2 * limits.LINE_VALUE)] for line in lines[:_LISTED]]
    rest: list[list[Element]] = [[say(limits.more(len(lines) - _LISTED))]] if len(lines) > _LISTED else []
    return bullets(block["caption"] if block["type"] == _TABLE else block["title"], [*rows, *rest])


def _rows(block: Block) -> list[str]:
    return [" · ".join(cell["text"] for cell in row) for row in block["rows"][1:]]


def _points(chart: Block) -> list[str]:
    points = chart["segments"] if chart["type"] == "pie" else [one for row in chart["series"] for one in row["data"]]
    return [f"{point['label']}: {point['value']:,}" for point in points]
