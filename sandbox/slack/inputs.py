"""Interactive elements: where they sit, what a member has put into them, and what Slack's client refuses to send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.state import Impossible, Json

Values = dict[str, dict[str, Json]]

_TEXT = ("value", "initial_value")
_OPTION, _OPTIONS = ("selected_option", "initial_option"), ("selected_options", "initial_options")
# element type -> (its key in state.values, the key of its initial value): `apis/slack.md` §4
STATEFUL: dict[str, tuple[str, str]] = {
    "plain_text_input": _TEXT,
    "email_text_input": _TEXT,
    "url_text_input": _TEXT,
    "number_input": _TEXT,
    "static_select": _OPTION,
    "external_select": _OPTION,
    "radio_buttons": _OPTION,
    "multi_static_select": _OPTIONS,
    "multi_external_select": _OPTIONS,
    "checkboxes": _OPTIONS,
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
}
_PLURAL = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
_NESTED = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_INNER = {"carousel": "elements", "container": "child_blocks"}
_FORMATS = {
    "email_text_input": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"), "Enter a valid email address."),
    "url_text_input": (re.compile(r"https?://\S+\Z"), "Enter a valid URL."),
    "number_input": (re.compile(r"-?\d+(\.\d+)?\Z"), "Enter a number."),
}


@dataclass(frozen=True)
class Placed:
    """An interactive element and the block that holds it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The id of the holding block."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id."""
        return str(self.element["action_id"])


def elements(blocks: list[Json]) -> Iterator[Placed]:
    """Every interactive element of the blocks, in reading order."""
    for block in blocks:
        for element in _held(block):
            if "action_id" in element:
                yield Placed(block, element)
        yield from elements(block.get(_INNER.get(block["type"], ""), []))


def _held(block: Json) -> list[Json]:
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section":
        return [block["accessory"]] if "accessory" in block else []
    held: list[Json] = block.get(_NESTED.get(block["type"], ""), [])
    return held


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> Placed:
    """The element with these ids; raises `Impossible` where there is none."""
    for placed in elements(blocks):
        if placed.action_id == action_id and block_id in (None, placed.block_id):
            return placed
    raise Impossible(f"no element {action_id!r} here")


def blank(element: Json) -> Json:
    """What `state.values` says of an element that nobody touched."""
    key, initial = STATEFUL[element["type"]]
    return {"type": element["type"], key: element.get(initial, [] if key in _PLURAL else None)}


def fresh(blocks: list[Json]) -> Values:
    """`state.values` of blocks that were just shown."""
    values: Values = {}
    for placed in elements(blocks):
        if placed.element["type"] in STATEFUL:
            values.setdefault(placed.block_id, {})[placed.action_id] = blank(placed.element)
    return values


def kept(old: Values, blocks: list[Json]) -> Values:
    """`state.values` after an update: what stands in an element stays if block_id, action_id and type stay."""
    values = fresh(blocks)
    for block_id, actions in values.items():
        for action_id, entry in actions.items():
            before = old.get(block_id, {}).get(action_id)
            if before is not None and before["type"] == entry["type"]:
                actions[action_id] = before
    return values


def chosen(element: Json, value: Any, offered: list[Json]) -> Json:
    """The state entry after a member chose `value`; options are named by their value, plural kinds by a list.

    `offered` are options that the app suggested. Raises `Impossible` for an option that is not on offer.
    """
    key, _ = STATEFUL[element["type"]]
    if key == "selected_option" and value is not None:
        value = option(element, value, offered)
    if key == "selected_options":
        value = [option(element, one, offered) for one in _listed(value)]
    return {"type": element["type"], key: _listed(value) if key in _PLURAL else value}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def option(element: Json, value: Any, offered: list[Json]) -> Json:
    """The option on offer with this value, also one that stood there from the start; raises `Impossible` otherwise."""
    wanted = value["value"] if isinstance(value, dict) else value
    initial: list[Json] = [*element.get("initial_options", []), element.get("initial_option", {})]
    for candidate in [*options(element), *offered, *initial]:
        if candidate.get("value") == wanted:
            return candidate
    raise Impossible(f"no option {wanted!r} in {element['action_id']!r}")


def options(element: Json) -> list[Json]:
    """The options of an element or of an answer to a suggestion, groups laid flat."""
    flat: list[Json] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        flat += group["options"]
    return flat


def flaws(blocks: list[Json], values: Values) -> dict[str, str]:
    """What Slack's client says under each input before it sends a submission; empty if it would send."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            entry = values[block["block_id"]][block["element"]["action_id"]]
            flaw = _flaw(block, entry[STATEFUL[entry["type"]][0]])
            if flaw:
                found[block["block_id"]] = flaw
    return found


def _flaw(block: Json, value: Any) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    element = block["element"]
    shape, words = _FORMATS.get(element["type"], (None, ""))
    if shape and not shape.match(str(value)):
        return words
    return _out_of_range(element, value)


def _out_of_range(element: Json, value: Any) -> str | None:
    if element["type"] == "number_input":
        low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
        return None if low <= float(value) <= high else "Enter a number in the allowed range."
    if isinstance(value, str) and "_text_input" in element["type"]:
        if len(value) < element.get("min_length", 0):
            return f"Enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Enter at most {element.get('max_length', 3000)} characters."
    return None
