"""Block elements: what people press, pick and type into (`apis/slack.md` §6, structure of `@slack/types` 3.2.0)."""

from __future__ import annotations

from typing import Final

from sandbox.slack.block_objects import (
    ACTION_ID,
    CHOICE,
    CONFIRM,
    DISPATCH,
    FILTER,
    IMAGE,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    SELECT_OPTION,
    STYLE,
    URL,
    plain,
)
from sandbox.slack.block_richtext import RICH_TEXT
from sandbox.slack.block_rules import (
    exactly_one,
    in_order,
    initial_fits_selection,
    initial_is_an_option,
    real_date,
)
from sandbox.slack.block_shapes import Flag, Int, Items, Rule, Shape, Str, obj, several, sized, typed
from sandbox.slack.limits import LIMITS

Table = dict[str, Shape]

_ID: Final[Table] = {"action_id": ACTION_ID}
_COMMON: Final[Table] = _ID | {"confirm": CONFIRM, "focus_on_load": Flag()}
_PLACEHOLDER: Final[Table] = {"placeholder": plain("select.placeholder")}
_TYPED: Final[Table] = (
    _ID | _PLACEHOLDER | {"focus_on_load": Flag(), "dispatch_action_config": DISPATCH, "initial_value": Str()}
)

_ACCESSIBLE: Final[Table] = {"accessibility_label": sized("button.accessibility_label")}
_PRESSED: Final[Table] = _ID | _ACCESSIBLE | {"confirm": CONFIRM, "style": STYLE, "text!": plain("button.text")}

BUTTON: Final = typed(
    "button",
    _PRESSED
    | {"url": Str(1, LIMITS["button.url.max_length"], r"[A-Za-z][A-Za-z0-9+.-]*:\S+"), "value": sized("button.value")},
)
_INPUT_PARAMETER: Final = obj({"name!": Str(1), "value!": Str()})
_TRIGGER: Final = obj({"url!": Str(1, None, URL), "customizable_input_parameters": Items(_INPUT_PARAMETER)})
_WORKFLOW_BUTTON: Final = typed("workflow_button", _PRESSED | {"workflow!": obj({"trigger!": _TRIGGER})})
_OVERFLOW: Final = typed(
    "overflow", _ID | {"confirm": CONFIRM, "options!": several("overflow.options", OVERFLOW_OPTION)}
)

_RADIO: Final = typed(
    "radio_buttons",
    _COMMON | {"options!": several("radio_buttons.options", CHOICE), "initial_option": CHOICE},
    initial_is_an_option,
)
_CHECKBOXES: Final = typed(
    "checkboxes",
    _COMMON | {"options!": several("checkboxes.options", CHOICE), "initial_options": Items(CHOICE, 1)},
    initial_is_an_option,
)

_DATE: Final = typed(
    "datepicker", _COMMON | _PLACEHOLDER | {"initial_date": Str(0, None, r"\d{4}-\d{2}-\d{2}")}, real_date
)
_TIME: Final = typed(
    "timepicker",
    _COMMON | _PLACEHOLDER | {"initial_time": Str(0, None, r"([01]\d|2[0-3]):[0-5]\d"), "timezone": Str(1)},
)
_DATETIME: Final = typed("datetimepicker", _COMMON | {"initial_date_time": Int(1_000_000_000, 9_999_999_999)})

_MENU: Final[Table] = _COMMON | _PLACEHOLDER
_STATIC: Final[Table] = {
    "options": several("select.options", SELECT_OPTION),
    "option_groups": several("select.option_groups", OPTION_GROUP),
}
_EXTERNAL: Final[Table] = {"min_query_length": Int(0)}
_IN_CONVERSATIONS: Final[Table] = {"filter": FILTER, "default_to_current_conversation": Flag()}
_RESPONDS: Final[Table] = {"response_url_enabled": Flag()}


def _menu(name: str, one: str, shape: Shape, *tables: Table, rules: tuple[Rule, ...] = ()) -> Table:
    """A select menu and its multi-select sibling; `one` is the field of the first, `<one>s` of the second."""
    own: Table = {key: value for table in tables for key, value in table.items()}
    many: Table = {f"{one}s": Items(shape), "max_selected_items": Int(1)}
    single = typed(f"{name}_select", _MENU | own | {one: shape}, *rules)
    own = {key: value for key, value in own.items() if key != "response_url_enabled"}
    return single | typed(f"multi_{name}_select", _MENU | own | many, initial_fits_selection, *rules)


SELECTS: Final[Table] = (
    _menu(
        "static",
        "initial_option",
        SELECT_OPTION,
        _STATIC,
        rules=(exactly_one("options", "option_groups"), initial_is_an_option),
    )
    | _menu("external", "initial_option", SELECT_OPTION, _EXTERNAL)
    | _menu("users", "initial_user", Str(1))
    | _menu("channels", "initial_channel", Str(1), _RESPONDS)
    | _menu("conversations", "initial_conversation", Str(1), _IN_CONVERSATIONS, _RESPONDS)
)

_MOST_TYPED: Final = LIMITS["plain_text_input.max_length.max"]
_PLAIN_INPUT: Final = typed(
    "plain_text_input",
    _TYPED
    | {
        "initial_value": Str(0, _MOST_TYPED),
        "multiline": Flag(),
        "min_length": Int(0, _MOST_TYPED),
        "max_length": Int(1, _MOST_TYPED),
    },
    in_order("min_length", "max_length"),
)
_NUMERAL: Final = Str(1, 100, r"-?\d+(\.\d+)?")
_NUMBER_INPUT: Final = typed(
    "number_input",
    _TYPED
    | {
        "is_decimal_allowed!": Flag(),
        "initial_value": _NUMERAL,
        "min_value": _NUMERAL,
        "max_value": _NUMERAL,
    },
    in_order("min_value", "max_value"),
    in_order("min_value", "initial_value"),
    in_order("initial_value", "max_value"),
)
_FILE_INPUT: Final = typed(
    "file_input",
    _ID
    | {
        "filetypes": Items(Str(1)),
        "max_files": Int(LIMITS["file_input.max_files.min"], LIMITS["file_input.max_files.max"]),
    },
)
_RICH_INPUT: Final = typed(
    "rich_text_input",
    _TYPED | {"initial_value": RICH_TEXT["rich_text"], "min_lines": Int(1), "max_lines": Int(1)},
    in_order("min_lines", "max_lines"),
)

_FEEDBACK: Final = obj(
    {
        "text!": plain("feedback_button.text"),
        "value!": sized("feedback_button.value"),
        "accessibility_label": sized("feedback_button.accessibility_label"),
    }
)
_FEEDBACK_BUTTONS: Final = typed(
    "feedback_buttons", _ID | {"positive_button!": _FEEDBACK, "negative_button!": _FEEDBACK}
)
_ICON_BUTTON: Final = typed(
    "icon_button",
    _ID
    | _ACCESSIBLE
    | {
        "text!": plain("button.text"),
        "icon!": Str(1),
        "value": sized("button.value"),
        "confirm": CONFIRM,
        "visible_to_user_ids": several("icon_button.visible_to_user_ids", Str(1)),
    },
)

_CHOSEN: Final = _CHECKBOXES | _RADIO | _DATE | _TIME | SELECTS
_PRESSABLE: Final = BUTTON | _WORKFLOW_BUTTON | _OVERFLOW

IN_ACTIONS: Final[Table] = _PRESSABLE | _CHOSEN | _DATETIME | _RICH_INPUT
IN_SECTION: Final[Table] = _PRESSABLE | _CHOSEN | IMAGE
IN_INPUT: Final[Table] = (
    _CHOSEN
    | _DATETIME
    | _PLAIN_INPUT
    | _NUMBER_INPUT
    | _FILE_INPUT
    | _RICH_INPUT
    | typed("email_text_input", _TYPED)
    | typed("url_text_input", _TYPED)
)
IN_CONTEXT_ACTIONS: Final[Table] = _FEEDBACK_BUTTONS | _ICON_BUTTON
