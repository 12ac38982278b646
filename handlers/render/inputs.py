"""The inputs of a modal, each filled with what it held before (DESIGN.md §3, apis/slack.md §4).

An input's block_id is the back end's own field path and its action_id ``value``; one that suggests has its own
action_id. What stands in an input goes back to where it came from, so it is not cleaned like text that is only shown:
a single-line input has no line breaks, and characters that cannot be sent at all are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from handlers.render import limits
from handlers.render.build import words
from handlers.render.message import Block

VALUE = "value"
TICKED = "yes"
LINE, LINES = 255, 3000  # ours: what one input takes, above every limit of the seeds but below Slack's
_FIRST_MOMENT, _LAST_MOMENT = 1_000_000_000, 9_999_999_999
_BREAKS = re.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_UNSENDABLE = re.compile("[\ud800-\udfff\x00-\x08\x0e-\x1f\x7f]")

Option = tuple[str, str]


def typed(
    block_id: str, label: str, held: str = "", *, hint: str = "", needed: bool = False, several_lines: bool = False
) -> Block:
    """An input for text, of one line or of several."""
    most = LINES if several_lines else LINE
    element: Block = {"type": "plain_text_input", "action_id": VALUE, "max_length": most}
    if several_lines:
        element["multiline"] = True
    kept = sendable(held, most, several_lines=several_lines)
    return _input(block_id, label, element | ({"initial_value": kept} if kept else {}), hint, needed)


def picked(
    block_id: str, label: str, options: Sequence[Option], held: str = "", *, hint: str = "", needed: bool = False
) -> Block:
    """A menu of (value, text); what it held is chosen if it is still among them."""
    made = [option(value, text) for value, text in options]
    chosen = [one for one in made if one["value"] == held]
    element = {"type": "static_select", "action_id": VALUE, "options": made}
    return _input(block_id, label, element | ({"initial_option": chosen[0]} if chosen else {}), hint, needed)


def suggested(
    block_id: str, label: str, action_id: str, held: str = "", text: str = "", *, hint: str = "", needed: bool = False
) -> Block:
    """A menu whose options come while one types (`block_suggestion`); ``text`` is how the chosen ``held`` is shown."""
    fits = 0 < len(held) <= limits.OPTION_VALUE
    chosen = {"initial_option": option(held, text or held)} if fits else {}
    start = {"placeholder": words("Type to search", limits.PLACEHOLDER), "min_query_length": 0}
    return _input(block_id, label, {"type": "external_select", "action_id": action_id, **start, **chosen}, hint, needed)


def ticked(block_id: str, label: str, text: str, held: object, *, hint: str = "") -> Block:
    """One checkbox; what it holds is ``["yes"]`` when it is ticked."""
    choice = option(TICKED, text)
    chosen = {"initial_options": [choice]} if held else {}
    element = {"type": "checkboxes", "action_id": VALUE, "options": [choice], **chosen}
    return _input(block_id, label, element, hint, False)


def dated(block_id: str, label: str, held: str = "", *, hint: str = "") -> Block:
    """A calendar; ``held`` is a day as ``2026-11-24``."""
    chosen = {"initial_date": held} if _is_day(held) else {}
    return _input(block_id, label, {"type": "datepicker", "action_id": VALUE, **chosen}, hint, False)


def timed(block_id: str, label: str, held: int | None = None, *, hint: str = "") -> Block:
    """A calendar with a clock; ``held`` is in seconds since 1970, and left out where Slack could not show it."""
    fits = held is not None and _FIRST_MOMENT <= held <= _LAST_MOMENT
    chosen = {"initial_date_time": held} if fits else {}
    return _input(block_id, label, {"type": "datetimepicker", "action_id": VALUE, **chosen}, hint, False)


def option(value: str, text: str) -> Block:
    """One choice of a menu or checkbox."""
    return {"text": words(text, limits.OPTION_TEXT), "value": sendable(value, limits.OPTION_VALUE)}


def suggestions(found: Iterable[Option]) -> list[Block]:
    """The answer to a `block_suggestion`: up to a hundred (value, text); a value too long to come back is left out."""
    usable = [option(value, text) for value, text in found if 0 < len(value) <= limits.OPTION_VALUE]
    return usable[: limits.OPTIONS]


def sendable(text: str, most: int, *, several_lines: bool = False) -> str:
    """Text as an input can hold it, otherwise as it is."""
    kept = text if several_lines else _BREAKS.sub(" ", text)
    return _UNSENDABLE.sub("\ufffd", kept)[:most]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _input(block_id: str, label: str, element: dict[str, Any], hint: str, needed: bool) -> Block:
    more = {"hint": words(hint, limits.INPUT_HINT)} if hint else {}
    asked = {} if needed else {"optional": True}
    return {"type": "input", "block_id": block_id, "label": words(label), "element": element, **asked, **more}
