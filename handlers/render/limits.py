"""Slack's limits for what Shipclerk builds, and cutting to them so that nobody overlooks it (apis/slack.md §6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.render.message import Block

SECTION_TEXT = 3000
FIELD_TEXT = 2000
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT, BUTTON_VALUE = 75, 2000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_ANSWER = 100, 300, 30
URL = 3000
ID = 255  # action_id, block_id, callback_id
VIEW_TITLE = 24
OPTION_TEXT, OPTION_DESCRIPTION, OPTION_VALUE, OPTIONS = 75, 75, 150, 100
PLACEHOLDER, INPUT_HINT = 150, 2000
PRIVATE_METADATA = 3000
FALLBACK_TEXT = 3800  # below the 4,000 of chat.update, which every card may be sent through

LINE_VALUE = 150  # ours: one value on one line of a card
MODAL_VALUE = 500  # ours: one value in a modal
CARD_POSITIONS, CARD_PARCELS = 5, 5  # ours: what still reads at a glance
MODAL_POSITIONS, MODAL_PARCELS, MODAL_PAIRS = 50, 20, 30


@dataclass(frozen=True)
class Room:
    """What one surface holds: blocks, characters of text, and characters of JSON."""

    blocks: int
    characters: int
    size: int


MESSAGE = Room(blocks=50, characters=12_000, size=100_000)
VIEW = Room(blocks=100, characters=60_000, size=200_000)


def cut(text: str, n: int) -> str:
    """At most ``n`` characters; what was cut off is announced with "…"."""
    return text if len(text) <= n else text[: n - 1].rstrip() + "…"


def fit(blocks: Sequence[Block], *, tail: Sequence[Block] = (), room: Room = MESSAGE, what: str = "") -> list[Block]:
    """The blocks and then the tail; if they do not fit, as many as do, "and 37 more", and the whole tail.

    ``what`` names what is counted, where "more" alone would not say it.
    """
    if _holds(room, [*blocks, *tail]):
        return [*blocks, *tail]
    kept: list[Block] = []
    for block in blocks:
        if not _holds(room, [*kept, block, more_block(len(blocks), what), *tail]):
            break
        kept.append(block)
    return [*kept, more_block(len(blocks) - len(kept), what), *tail]


def fit_rows(head: Sequence[Block], rows: Sequence[Sequence[Block]], *, room: Room = MESSAGE) -> list[Block]:
    """The head and then the rows, each of several blocks that belong together; what does not fit is counted in rows."""
    kept = list(head)
    for number, row in enumerate(rows):
        rest = [more_block(len(rows) - number - 1)] if number + 1 < len(rows) else []
        if not _holds(room, [*kept, *row, *rest]):
            return [*kept, more_block(len(rows) - number)]
        kept += row
    return kept


def more_block(left: int, what: str = "") -> Block:
    """The line that announces what was left out."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": more(left, what), "emoji": False}]}


def more(left: int, what: str = "") -> str:
    """What is said for things that were left out."""
    return f"and {left} more {what}".rstrip()


def _holds(room: Room, blocks: list[Block]) -> bool:
    if len(blocks) > room.blocks:
        return False
    size = len(json.dumps(blocks))
    # The JSON is never shorter than the text in it, so most messages need no second count.
    return size <= room.characters or (size <= room.size and sum(map(len, _texts(blocks))) <= room.characters)


def _texts(node: Any) -> Iterator[str]:
    """Every string that a person reads in these blocks."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
