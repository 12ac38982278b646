"""What may stand on which surface, and what is counted over a whole message or view.

Blocks: `apis/slack.md` §6; that charts, data tables, cards, carousels, plans and context actions are for messages only
is an inference from their reference pages, which show nothing else. Elements: Slack's table of elements and surfaces.
A `block_id` is unique in the message or view, an `action_id` in its block (comments in `@slack/types` 3.2.0): a list
whose every row has the same button is fine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sandbox.slack.block_shapes import Flaw, Flaws
from sandbox.slack.limits import LIMITS

_CONTENT_OF_MESSAGES: Final = frozenset({"markdown", "table", "data_table", "data_visualization", "card", "carousel"})
_AGENTS_IN_MESSAGES: Final = frozenset({"plan", "task_card", "context_actions", "workflow_button"})
_MESSAGES_ONLY: Final = _CONTENT_OF_MESSAGES | _AGENTS_IN_MESSAGES
_MODALS_ONLY: Final = frozenset({"alert", "email_text_input", "number_input", "url_text_input", "file_input"})


@dataclass(frozen=True)
class Surface:
    """One kind of place; `unsupported` are the block and element types that may not stand there."""

    name: str
    unsupported: frozenset[str]


MESSAGE: Final = Surface("message", _MODALS_ONLY | {"rich_text_input"})
MODAL: Final = Surface("modal", _MESSAGES_ONLY)
HOME: Final = Surface("home", _MESSAGES_ONLY | _MODALS_ONLY | {"datetimepicker"})

Node = tuple[dict[str, Any], str]


def nodes(value: object, at: str) -> Iterator[Node]:
    """Every object in a decoded document with its JSON pointer, outermost first."""
    if isinstance(value, dict):
        yield value, at
        for name, item in value.items():
            yield from nodes(item, f"{at}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from nodes(item, f"{at}/{index}")


def check_surface(blocks: list[Any], at: str, surface: Surface) -> Flaws:
    """Types that may not stand here, ids that stand there twice, more than one element that wants the focus."""
    found = list(nodes(blocks, at))
    for node, pointer in found:
        if node.get("type") in surface.unsupported:
            yield Flaw(f"unsupported type: {node['type']}", f"{pointer}/type")
    yield from _twice(found, "block_id", lambda _: at)
    yield from _twice(found, "action_id", _block_of)
    yield from _focus(found)
    yield from _response_urls(found, surface)


def _twice(found: list[Node], name: str, scope: Callable[[str], str]) -> Flaws:
    seen: set[tuple[str, str]] = set()
    for node, pointer in found:
        if name in node:
            place = (scope(pointer), node[name])
            if place in seen:
                yield Flaw(f'`{name}` "{node[name]}" already exists', f"{pointer}/{name}")
            seen.add(place)


def _block_of(pointer: str) -> str:
    """The pointer of the innermost block that holds this element; the cards of a carousel count as one."""
    inside = re.match(r".*/(?:blocks|child_blocks)/\d+", pointer)
    return inside.group() if inside else pointer


def _focus(found: list[Node]) -> Flaws:
    focused = [pointer for node, pointer in found if node.get("focus_on_load") is True]
    for pointer in focused[1:]:
        yield Flaw("only one element may have `focus_on_load`", f"{pointer}/focus_on_load")


def _response_urls(found: list[Node], surface: Surface) -> Flaws:
    """`response_url_enabled` is for a select in an input block of a modal (`apis/slack.md` §4)."""
    inputs = {f"{pointer}/element" for node, pointer in found if node.get("type") == "input"}
    for node, pointer in found:
        if node.get("response_url_enabled") and (surface is not MODAL or pointer not in inputs):
            yield Flaw("`response_url_enabled` needs an input block of a modal", f"{pointer}/response_url_enabled")


def check_totals(blocks: list[Any], at: str) -> Flaws:
    """What Slack counts over a whole message: tables, charts, characters of markdown."""
    found = [node for node, _ in nodes(blocks, at)]
    kinds = [node.get("type") for node in found]
    if kinds.count("table") > LIMITS["message.tables.max_items"]:
        yield Flaw("only_one_table_allowed", at)
    charts = LIMITS["message.charts.max_items"]
    if kinds.count("data_visualization") > charts:
        yield Flaw(f"no more than {charts} data_visualization blocks allowed", at)
    most = LIMITS["message.markdown.max_length"]
    if sum(len(node["text"]) for node in found if node.get("type") == "markdown") > most:
        yield Flaw(f"must be less than {most + 1} characters", at)
