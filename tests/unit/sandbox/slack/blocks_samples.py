"""Valid Block Kit of every kind, and the tools to spoil one place of it."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

Json = Any
GONE: Final = object()


def plain(text: str) -> dict[str, Json]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Json]:
    """An option as every menu takes it."""
    return {"text": plain(value.title()), "value": value}


def line(text: str) -> dict[str, Json]:
    """A rich text block of one line."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


def raw(text: str) -> dict[str, Json]:
    """A table cell of text."""
    return {"type": "raw_text", "text": text}


def number(value: float) -> dict[str, Json]:
    """A table cell of a number."""
    return {"type": "raw_number", "value": value, "text": str(value)}


PICTURE: Final = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a box"}
CONFIRM: Final = {
    "title": plain("Sure?"),
    "text": {"type": "mrkdwn", "text": "It *stays* cancelled."},
    "confirm": plain("Cancel it"),
    "deny": plain("Keep it"),
    "style": "danger",
}
BUTTON: Final = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Details", "emoji": True},
    "action_id": "order.details",
    "value": "card",
    "url": "https://example.com/",
    "style": "primary",
    "confirm": CONFIRM,
    "accessibility_label": "Details of the order",
}
OPTIONS: Final = [option("new"), option("done")]
GROUPS: Final = [
    {"label": plain("Open"), "options": [option("new")]},
    {"label": plain("Closed"), "options": [option("done")]},
]

ELEMENTS: Final[dict[str, dict[str, Json]]] = {
    "button": BUTTON,
    "overflow": {"type": "overflow", "action_id": "a", "options": [{**option("map"), "url": "https://example.com/"}]},
    "radio_buttons": {
        "type": "radio_buttons",
        "action_id": "a",
        "options": [{"text": {"type": "mrkdwn", "text": "*new*", "verbatim": True}, "value": "new"}, option("done")],
        "initial_option": option("done"),
    },
    "checkboxes": {
        "type": "checkboxes",
        "action_id": "a",
        "options": [{**option("new"), "description": plain("not packed")}, option("done")],
        "initial_options": [option("done")],
        "focus_on_load": True,
    },
    "datepicker": {"type": "datepicker", "action_id": "a", "initial_date": "2028-02-29", "placeholder": plain("Day")},
    "timepicker": {"type": "timepicker", "action_id": "a", "initial_time": "23:59", "timezone": "Europe/Berlin"},
    "datetimepicker": {"type": "datetimepicker", "action_id": "a", "initial_date_time": 1795305600},
    "static_select": {
        "type": "static_select",
        "action_id": "a",
        "placeholder": plain("Status"),
        "options": OPTIONS,
        "initial_option": option("new"),
    },
    "grouped_select": {
        "type": "static_select",
        "action_id": "a",
        "option_groups": GROUPS,
        "initial_option": option("done"),
    },
    "multi_static_select": {
        "type": "multi_static_select",
        "action_id": "a",
        "options": OPTIONS,
        "initial_options": OPTIONS,
        "max_selected_items": 2,
    },
    "external_select": {
        "type": "external_select",
        "action_id": "a",
        "min_query_length": 0,
        "initial_option": option("x"),
    },
    "multi_external_select": {"type": "multi_external_select", "action_id": "a", "min_query_length": 3},
    "users_select": {"type": "users_select", "action_id": "a", "initial_user": "U1"},
    "multi_users_select": {"type": "multi_users_select", "action_id": "a", "initial_users": ["U1", "U2"]},
    "channels_select": {"type": "channels_select", "action_id": "a", "initial_channel": "C1"},
    "multi_channels_select": {"type": "multi_channels_select", "action_id": "a", "initial_channels": ["C1"]},
    "conversations_select": {
        "type": "conversations_select",
        "action_id": "a",
        "default_to_current_conversation": True,
        "filter": {"include": ["im", "public"], "exclude_bot_users": True, "exclude_external_shared_channels": False},
    },
    "multi_conversations_select": {"type": "multi_conversations_select", "action_id": "a"},
    "plain_text_input": {
        "type": "plain_text_input",
        "action_id": "a",
        "initial_value": "",
        "multiline": True,
        "min_length": 0,
        "max_length": 10,
        "placeholder": plain("Reference"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
    "email_text_input": {"type": "email_text_input", "action_id": "a", "initial_value": "a@example.com"},
    "url_text_input": {"type": "url_text_input", "action_id": "a"},
    "number_input": {
        "type": "number_input",
        "action_id": "a",
        "is_decimal_allowed": True,
        "min_value": "-1.5",
        "initial_value": "2",
        "max_value": "10",
    },
    "file_input": {"type": "file_input", "action_id": "a", "filetypes": ["csv"], "max_files": 1},
    "rich_text_input": {
        "type": "rich_text_input",
        "action_id": "a",
        "initial_value": line("hi"),
        "min_lines": 1,
        "max_lines": 2,
    },
    "workflow_button": {
        "type": "workflow_button",
        "action_id": "a",
        "text": plain("Run"),
        "workflow": {
            "trigger": {
                "url": "https://slack.com/shortcuts/1",
                "customizable_input_parameters": [{"name": "a", "value": "b"}],
            }
        },
    },
}

IN_ACTIONS: Final = [name for name in ELEMENTS if not name.endswith("_input") or name == "rich_text_input"]
IN_INPUT: Final = [name for name in ELEMENTS if name not in ("button", "workflow_button", "overflow")]


def asked(name: str) -> dict[str, Json]:
    """An input block with that element."""
    return {"type": "input", "block_id": "asked", "label": plain("Label"), "element": copy.deepcopy(ELEMENTS[name])}


def acted(name: str) -> dict[str, Json]:
    """An actions block with that element."""
    return {"type": "actions", "block_id": "acted", "elements": [copy.deepcopy(ELEMENTS[name])]}


def chart(kind: str) -> dict[str, Json]:
    """A chart of two series over two categories."""
    series = [
        {"name": name, "data": [{"label": "Mon", "value": 1}, {"label": "Tue", "value": -2.5}]}
        for name in ("in", "out")
    ]
    axes = {"categories": ["Mon", "Tue"], "x_label": "Day", "y_label": "Orders"}
    return {
        "type": "data_visualization",
        "title": "Orders",
        "chart": {"type": kind, "series": series, "axis_config": axes},
    }


_MORE_IN_A_LINE: Final[list[dict[str, Json]]] = [
    {"type": "text", "text": "hello", "style": {"bold": True, "code": False}},
    {"type": "link", "url": "https://example.com/", "text": "here", "unsafe": False},
    {"type": "user", "user_id": "U1"},
    {"type": "usergroup", "usergroup_id": "S1"},
    {"type": "channel", "channel_id": "C1"},
    {"type": "team", "team_id": "T1"},
    {"type": "emoji", "name": "package"},
    {"type": "broadcast", "range": "here"},
    {"type": "color", "value": "#1f3a4d"},
    {"type": "date", "timestamp": 1795305600, "format": "{date}", "fallback": "today"},
]

BLOCKS: Final[dict[str, dict[str, Json]]] = {
    "section": {
        "type": "section",
        "block_id": "s",
        "text": {"type": "mrkdwn", "text": "*hi*"},
        "accessory": BUTTON,
        "expand": True,
    },
    "fields": {"type": "section", "fields": [{"type": "mrkdwn", "text": "*a*"}, plain("b")]},
    "picture": {"type": "section", "text": plain("hi"), "accessory": PICTURE},
    "actions": {"type": "actions", "elements": [BUTTON]},
    "context": {"type": "context", "elements": [PICTURE, plain("a"), {"type": "mrkdwn", "text": "b"}]},
    "divider": {"type": "divider"},
    "header": {"type": "header", "text": plain("Order 1001")},
    "image": {**PICTURE, "title": plain("A box"), "block_id": "i"},
    "slack_image": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a box"},
    "input": {**asked("static_select"), "hint": plain("hint"), "optional": True, "dispatch_action": False},
    "video": {
        "type": "video",
        "video_url": "https://example.com/v",
        "thumbnail_url": "https://example.com/t.png",
        "alt_text": "how to pack",
        "title": plain("Packing"),
        "title_url": "https://example.com/",
        "author_name": "Ada",
        "provider_name": "Tube",
        "provider_icon_url": "https://example.com/i.png",
        "description": plain("how"),
    },
    "rich_text": {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": _MORE_IN_A_LINE},
            {"type": "rich_text_list", "style": "bullet", "indent": 1, "border": 0, "elements": line("x")["elements"]},
            {"type": "rich_text_quote", "elements": _MORE_IN_A_LINE[:1], "border": 1},
            {"type": "rich_text_preformatted", "elements": _MORE_IN_A_LINE[:2]},
        ],
    },
    "table": {
        "type": "table",
        "rows": [[raw("Order"), raw("Items")], [line("1001"), number(3)]],
        "column_settings": [{"align": "left", "is_wrapped": True}, {"align": "right"}],
    },
    "data_table": {
        "type": "data_table",
        "caption": "Orders",
        "rows": [[raw("Order"), raw("Items")], [line("1001"), number(3)]],
        "page_size": 5,
        "row_header_column_index": 1,
    },
    "pie": {
        "type": "data_visualization",
        "title": "Orders",
        "chart": {"type": "pie", "segments": [{"label": "new", "value": 1}, {"label": "done", "value": 0.5}]},
    },
    "bar": chart("bar"),
    "area": chart("area"),
    "line": chart("line"),
    "card": {
        "type": "card",
        "hero_image": PICTURE,
        "icon": PICTURE,
        "title": {"type": "mrkdwn", "text": "t"},
        "subtitle": {"type": "mrkdwn", "text": "s"},
        "body": {"type": "mrkdwn", "text": "b"},
        "subtext": {"type": "mrkdwn", "text": "u"},
        "actions": [BUTTON],
    },
    "carousel": {"type": "carousel", "elements": [{"type": "card", "body": {"type": "mrkdwn", "text": "b"}}]},
    "container": {
        "type": "container",
        "title": plain("Parcel"),
        "subtitle": {"type": "mrkdwn", "text": "s"},
        "icon": PICTURE,
        "width": "wide",
        "is_collapsible": True,
        "default_collapsed": True,
        "has_header_divider": False,
        "child_blocks": [{"type": "divider"}, {"type": "actions", "elements": [BUTTON]}],
    },
    "titled_container": {"type": "container", "rich_text_title": line("Parcel"), "child_blocks": [{"type": "divider"}]},
    "context_actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain("Good"), "value": "1", "accessibility_label": "good"},
                "negative_button": {"text": plain("Bad"), "value": "0"},
            },
            {
                "type": "icon_button",
                "action_id": "i",
                "icon": "trash",
                "text": plain("Drop"),
                "visible_to_user_ids": ["U1"],
            },
        ],
    },
    "markdown": {"type": "markdown", "text": "# hi"},
    "alert": {"type": "alert", "text": plain("No key"), "level": "warning"},
    "task_card": {
        "type": "task_card",
        "task_id": "1",
        "title": "Look",
        "status": "complete",
        "details": line("d"),
        "output": line("o"),
        "sources": [{"type": "url", "url": "https://example.com/", "text": "page"}],
    },
    "plan": {
        "type": "plan",
        "title": "Plan",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "error"}],
    },
}

ONLY_IN: Final[dict[str, frozenset[str]]] = {
    "alert": frozenset({"modal"}),
    **{
        name: frozenset({"message"})
        for name in (
            *("markdown", "table", "data_table", "pie", "bar", "area", "line", "card", "carousel"),
            *("context_actions", "task_card", "plan"),
        )
    },
}
"""Which surfaces a block may stand on, where not on all three; by the name of its sample."""

ELEMENT_ONLY_IN: Final[dict[str, frozenset[str]]] = {
    "workflow_button": frozenset({"message"}),
    "datetimepicker": frozenset({"message", "modal"}),
    "rich_text_input": frozenset({"modal", "home"}),
    **{name: frozenset({"modal"}) for name in ("email_text_input", "number_input", "url_text_input", "file_input")},
}

MODAL: Final[dict[str, Json]] = {
    "type": "modal",
    "title": plain("Connect Quivo"),
    "submit": plain("Connect"),
    "close": plain("Not now"),
    "callback_id": "connection.quivo",
    "external_id": "one",
    "private_metadata": "card",
    "clear_on_close": False,
    "notify_on_close": True,
    "blocks": [asked("plain_text_input")],
}
HOME: Final[dict[str, Json]] = {
    "type": "home",
    "callback_id": "home",
    "private_metadata": "",
    "blocks": [BLOCKS["header"], BLOCKS["actions"]],
}


def modal(*blocks: dict[str, Json]) -> dict[str, Json]:
    """The modal with these blocks."""
    return {**MODAL, "blocks": list(blocks)}


def home(*blocks: dict[str, Json]) -> dict[str, Json]:
    """The Home view with these blocks."""
    return {**HOME, "blocks": list(blocks)}


def spoiled(document: Json, pointer: str, value: object) -> Json:
    """A copy, no part of it shared, with `value` at the JSON pointer; `GONE` takes the field or item away."""
    if not pointer:
        return value
    result = json.loads(json.dumps(document))
    *way, last = pointer.strip("/").split("/")
    place = result
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is GONE:
        del place[key]
    else:
        place[key] = copy.deepcopy(value)
    return result
