"""What Slack refuses, the validator refuses: every flaw, in Slack's words, at its place (A9, apis/slack.md §9.12)."""

from __future__ import annotations

from typing import Any

import pytest
from blocks_samples import (
    BLOCKS,
    BUTTON,
    GONE,
    HOME,
    MODAL,
    acted,
    asked,
    home,
    line,
    modal,
    number,
    option,
    plain,
    raw,
    spoiled,
)

from sandbox.slack.blocks import Flaw, check_message, check_view

OBJECT, ARRAY, STRING = "must provide an object", "must provide an array", "must provide a string"
INTEGER, NUMBER, FLAG, ENUM = (
    "must provide an integer",
    "must provide a number",
    "must be a boolean",
    "must be a valid enum value",
)
MRKDWN = {"type": "mrkdwn", "text": "x"}


def missing(name: str) -> str:
    """Slack's words for a field that must stand there."""
    return f"missing required field: {name}"


def unknown(name: str) -> str:
    """Slack's words for a field that may not stand there."""
    return f"invalid additional property: {name}"


IN_MESSAGES: list[tuple[dict[str, Any], str, object, list[tuple[str, str]]]] = [
    (BLOCKS["divider"], "", None, [(OBJECT, "")]),
    (BLOCKS["divider"], "", [], [(OBJECT, "")]),
    (BLOCKS["divider"], "/type", GONE, [(missing("type"), "")]),
    (BLOCKS["divider"], "/type", 7, [(STRING, "/type")]),
    (BLOCKS["divider"], "/type", "foo", [("unsupported type: foo", "/type")]),
    (BLOCKS["divider"], "/type", "file", [("unsupported type: file", "/type")]),
    (BLOCKS["divider"], "/text", "x", [(unknown("text"), "")]),
    (BLOCKS["divider"], "/block_id", "", [("must be more than 0 characters", "/block_id")]),
    (BLOCKS["divider"], "/block_id", None, [(STRING, "/block_id")]),
    (BLOCKS["header"], "/text", GONE, [(missing("text"), "")]),
    (BLOCKS["header"], "/text", "x", [(OBJECT, "/text")]),
    (BLOCKS["header"], "/text", MRKDWN, [(ENUM, "/text/type")]),
    (BLOCKS["header"], "/text/type", GONE, [(missing("type"), "/text")]),
    (BLOCKS["header"], "/text/text", GONE, [(missing("text"), "/text")]),
    (BLOCKS["header"], "/text/text", 1001, [(STRING, "/text/text")]),
    (BLOCKS["header"], "/text/verbatim", True, [(unknown("verbatim"), "/text")]),
    (BLOCKS["header"], "/text/emoji", "yes", [(FLAG, "/text/emoji")]),
    (BLOCKS["section"], "/text", GONE, [("must define either `text` or `fields`", "")]),
    (BLOCKS["section"], "/text/emoji", True, [(unknown("emoji"), "/text")]),
    (BLOCKS["section"], "/text/type", "markdown", [("unsupported type: markdown", "/text/type")]),
    (BLOCKS["section"], "/expand", 1, [(FLAG, "/expand")]),
    (
        BLOCKS["section"],
        "/accessory",
        asked("plain_text_input")["element"],
        [("unsupported type: plain_text_input", "/accessory/type")],
    ),
    (
        BLOCKS["section"],
        "/accessory",
        acted("datetimepicker")["elements"][0],
        [("unsupported type: datetimepicker", "/accessory/type")],
    ),
    (BLOCKS["section"], "/fields", "x", [(ARRAY, "/fields")]),
    (BLOCKS["fields"], "/fields/0", "x", [(OBJECT, "/fields/0")]),
    (BLOCKS["picture"], "/accessory/alt_text", GONE, [(missing("alt_text"), "/accessory")]),
    (BLOCKS["picture"], "/accessory/title", plain("x"), [(unknown("title"), "/accessory")]),
    (BLOCKS["actions"], "/elements", {}, [(ARRAY, "/elements")]),
    (
        BLOCKS["actions"],
        "/elements/0",
        BLOCKS["picture"]["accessory"],
        [("unsupported type: image", "/elements/0/type")],
    ),
    (
        BLOCKS["actions"],
        "/elements",
        [BUTTON, BUTTON],
        [('`action_id` "order.details" already exists', "/elements/1/action_id")],
    ),
    (BLOCKS["actions"], "/elements/0/text", MRKDWN, [(ENUM, "/elements/0/text/type")]),
    (BLOCKS["actions"], "/elements/0/text", GONE, [(missing("text"), "/elements/0")]),
    (BLOCKS["actions"], "/elements/0/style", "default", [(ENUM, "/elements/0/style")]),
    (BLOCKS["actions"], "/elements/0/style", ["primary"], [(ENUM, "/elements/0/style")]),
    (BLOCKS["actions"], "/elements/0/url", "", [("must be more than 0 characters", "/elements/0/url")]),
    (
        BLOCKS["actions"],
        "/elements/0/url",
        "example.com",
        [(r"input must match regex pattern: [A-Za-z][A-Za-z0-9+.-]*:\S+", "/elements/0/url")],
    ),
    (BLOCKS["actions"], "/elements/0/value", {"id": 1}, [(STRING, "/elements/0/value")]),
    (BLOCKS["actions"], "/elements/0/block_id", "b", [(unknown("block_id"), "/elements/0")]),
    (BLOCKS["actions"], "/elements/0/confirm/text", GONE, [(missing("text"), "/elements/0/confirm")]),
    (BLOCKS["actions"], "/elements/0/confirm/title", MRKDWN, [(ENUM, "/elements/0/confirm/title/type")]),
    (BLOCKS["actions"], "/elements/0/confirm/style", "red", [(ENUM, "/elements/0/confirm/style")]),
    (BLOCKS["context"], "/elements/0", BUTTON, [("unsupported type: button", "/elements/0/type")]),
    (BLOCKS["image"], "/alt_text", GONE, [(missing("alt_text"), "")]),
    (BLOCKS["image"], "/image_url", GONE, [("must define either `image_url` or `slack_file`, and not both", "")]),
    (
        BLOCKS["image"],
        "/slack_file",
        {"id": "F1"},
        [("must define either `image_url` or `slack_file`, and not both", "")],
    ),
    (BLOCKS["image"], "/image_url", "a.png", [(r"input must match regex pattern: https?://\S+", "/image_url")]),
    (BLOCKS["slack_image"], "/slack_file", {}, [("must define either `id` or `url`, and not both", "/slack_file")]),
    (acted("overflow"), "/elements/0/options/0/text", MRKDWN, [(ENUM, "/elements/0/options/0/text/type")]),
    (acted("overflow"), "/elements/0/options/0/value", GONE, [(missing("value"), "/elements/0/options/0")]),
    (acted("static_select"), "/elements/0/options/0/text", GONE, [(missing("text"), "/elements/0/options/0")]),
    (acted("static_select"), "/elements/0/options/0/url", "https://a/", [(unknown("url"), "/elements/0/options/0")]),
    (acted("static_select"), "/elements/0/placeholder", MRKDWN, [(ENUM, "/elements/0/placeholder/type")]),
    (
        acted("static_select"),
        "/elements/0/initial_option",
        option("gone"),
        [("`initial_option` must be one of the options", "/elements/0/initial_option")],
    ),
    (
        acted("grouped_select"),
        "/elements/0/initial_option",
        option("gone"),
        [("`initial_option` must be one of the options", "/elements/0/initial_option")],
    ),
    (
        acted("grouped_select"),
        "/elements/0/options",
        [option("new")],
        [("must define either `options` or `option_groups`, and not both", "/elements/0")],
    ),
    (
        acted("multi_static_select"),
        "/elements/0/options",
        GONE,
        [
            ("must define either `options` or `option_groups`, and not both", "/elements/0"),
            ("`initial_options` must be among the options", "/elements/0/initial_options/0"),
            ("`initial_options` must be among the options", "/elements/0/initial_options/1"),
        ],
    ),
    (
        acted("multi_static_select"),
        "/elements/0/max_selected_items",
        1,
        [("no more than 1 items allowed", "/elements/0/initial_options")],
    ),
    (
        acted("multi_users_select"),
        "/elements/0/max_selected_items",
        1,
        [("no more than 1 items allowed", "/elements/0/initial_users")],
    ),
    (
        acted("multi_users_select"),
        "/elements/0/max_selected_items",
        0,
        [("must be greater than 0", "/elements/0/max_selected_items")],
    ),
    (acted("multi_users_select"), "/elements/0/initial_user", "U1", [(unknown("initial_user"), "/elements/0")]),
    (
        acted("users_select"),
        "/elements/0/initial_user",
        "",
        [("must be more than 0 characters", "/elements/0/initial_user")],
    ),
    (
        acted("radio_buttons"),
        "/elements/0/initial_option/value",
        "x",
        [("`initial_option` must be one of the options", "/elements/0/initial_option")],
    ),
    (
        acted("checkboxes"),
        "/elements/0/initial_options/0/value",
        "x",
        [("`initial_options` must be among the options", "/elements/0/initial_options/0")],
    ),
    (acted("external_select"), "/elements/0/min_query_length", "3", [(INTEGER, "/elements/0/min_query_length")]),
    (acted("external_select"), "/elements/0/min_query_length", 1.5, [(INTEGER, "/elements/0/min_query_length")]),
    (acted("external_select"), "/elements/0/min_query_length", True, [(INTEGER, "/elements/0/min_query_length")]),
    (
        acted("external_select"),
        "/elements/0/min_query_length",
        -1,
        [("must be greater than -1", "/elements/0/min_query_length")],
    ),
    (acted("external_select"), "/elements/0/options", [], [(unknown("options"), "/elements/0")]),
    (acted("conversations_select"), "/elements/0/filter/include", ["dm"], [(ENUM, "/elements/0/filter/include/0")]),
    (
        acted("datepicker"),
        "/elements/0/initial_date",
        "29.02.2028",
        [(r"input must match regex pattern: \d{4}-\d{2}-\d{2}", "/elements/0/initial_date")],
    ),
    (
        acted("datepicker"),
        "/elements/0/initial_date",
        "2027-02-29",
        [("input must be a valid: date", "/elements/0/initial_date")],
    ),
    (
        acted("datepicker"),
        "/elements/0/initial_date",
        "２０２８-02-28",
        [(r"input must match regex pattern: \d{4}-\d{2}-\d{2}", "/elements/0/initial_date")],
    ),
    (
        acted("timepicker"),
        "/elements/0/initial_time",
        "24:00",
        [(r"input must match regex pattern: ([01]\d|2[0-3]):[0-5]\d", "/elements/0/initial_time")],
    ),
    (
        acted("datetimepicker"),
        "/elements/0/initial_date_time",
        12,
        [("must be greater than 999999999", "/elements/0/initial_date_time")],
    ),
    (BLOCKS["table"], "/rows/0", raw("x"), [(ARRAY, "/rows/0")]),
    (BLOCKS["table"], "/rows/0/0", plain("x"), [("unsupported type: plain_text", "/rows/0/0/type")]),
    (BLOCKS["table"], "/rows/1/1/value", "3", [(NUMBER, "/rows/1/1/value")]),
    (BLOCKS["table"], "/rows/1/1/value", float("nan"), [(NUMBER, "/rows/1/1/value")]),
    (BLOCKS["table"], "/rows/1/1/value", False, [(NUMBER, "/rows/1/1/value")]),
    (BLOCKS["table"], "/column_settings/0/align", "middle", [(ENUM, "/column_settings/0/align")]),
    (BLOCKS["table"], "/column_settings", [{}] * 21, [("no more than 20 items allowed", "/column_settings")]),
    (BLOCKS["data_table"], "/caption", GONE, [(missing("caption"), "")]),
    (BLOCKS["data_table"], "/rows/1", [raw("1001")], [("must have 2 items like the first row", "/rows/1")]),
    (BLOCKS["data_table"], "/rows/0/0", line("Order"), [("unsupported type: rich_text", "/rows/0/0/type")]),
    (BLOCKS["data_table"], "/row_header_column_index", 2, [("must be less than 2", "/row_header_column_index")]),
    (BLOCKS["data_table"], "/column_settings", [], [(unknown("column_settings"), "")]),
    (BLOCKS["pie"], "/chart/type", "donut", [("unsupported type: donut", "/chart/type")]),
    (BLOCKS["pie"], "/chart/segments/0/label", GONE, [(missing("label"), "/chart/segments/0")]),
    (BLOCKS["pie"], "/chart/series", [], [(unknown("series"), "/chart")]),
    (BLOCKS["bar"], "/chart/axis_config", GONE, [(missing("axis_config"), "/chart")]),
    (BLOCKS["bar"], "/chart/series/1/name", "in", [("Input contains duplicate items", "/chart/series/1/name")]),
    (
        BLOCKS["area"],
        "/chart/series/1/data/0/label",
        "Wed",
        [("labels must match `axis_config.categories`", "/chart/series/1/data")],
    ),
    (
        BLOCKS["line"],
        "/chart/series/0/data/1",
        GONE,
        [("labels must match `axis_config.categories`", "/chart/series/0/data")],
    ),
    (BLOCKS["line"], "/chart/series/0/data/1/value", number(1), [(NUMBER, "/chart/series/0/data/1/value")]),
    (BLOCKS["rich_text"], "/elements", GONE, [(missing("elements"), "")]),
    (BLOCKS["rich_text"], "/elements", [], [("must provide at least 1 items", "/elements")]),
    (BLOCKS["rich_text"], "/elements/0/type", "paragraph", [("unsupported type: paragraph", "/elements/0/type")]),
    (
        BLOCKS["rich_text"],
        "/elements/0/elements/0/text",
        "",
        [("must be more than 0 characters", "/elements/0/elements/0/text")],
    ),
    (
        BLOCKS["rich_text"],
        "/elements/0/elements/0/style/loud",
        True,
        [(unknown("loud"), "/elements/0/elements/0/style")],
    ),
    (BLOCKS["rich_text"], "/elements/0/elements/7/range", "all", [(ENUM, "/elements/0/elements/7/range")]),
    (BLOCKS["rich_text"], "/elements/1/border", True, [(ENUM, "/elements/1/border")]),
    (
        BLOCKS["rich_text"],
        "/elements/1/elements/0/type",
        "text",
        [("unsupported type: text", "/elements/1/elements/0/type")],
    ),
    (
        BLOCKS["rich_text"],
        "/elements/3/elements/1",
        {"type": "user", "user_id": "U"},
        [("unsupported type: user", "/elements/3/elements/1/type")],
    ),
    (
        BLOCKS["carousel"],
        "/elements/0/body",
        GONE,
        [("must define either `hero_image` or `title` or `actions` or `body`", "/elements/0")],
    ),
    (BLOCKS["card"], "/title", plain("t"), [(ENUM, "/title/type")]),
    (BLOCKS["container"], "/title", GONE, [("must define either `title` or `rich_text_title`", "")]),
    (
        BLOCKS["container"],
        "/is_collapsible",
        GONE,
        [("`default_collapsed` needs `is_collapsible`", "/default_collapsed")],
    ),
    (BLOCKS["container"], "/child_blocks/0", BLOCKS["card"], [("unsupported type: card", "/child_blocks/0/type")]),
    (
        BLOCKS["container"],
        "/child_blocks/0",
        BLOCKS["container"],
        [("unsupported type: container", "/child_blocks/0/type")],
    ),
    (
        BLOCKS["container"],
        "/child_blocks/1/elements",
        [BUTTON] * 2,
        [('`action_id` "order.details" already exists', "/child_blocks/1/elements/1/action_id")],
    ),
    (BLOCKS["task_card"], "/status", "done", [(ENUM, "/status")]),
    (BLOCKS["plan"], "/tasks/0/task_id", GONE, [(missing("task_id"), "/tasks/0")]),
    (BLOCKS["video"], "/video_url", "ftp://x", [(r"input must match regex pattern: https?://\S+", "/video_url")]),
    (BLOCKS["markdown"], "/text", plain("x"), [(STRING, "/text")]),
    (BLOCKS["context_actions"], "/elements/0", BUTTON, [("unsupported type: button", "/elements/0/type")]),
    (
        acted("workflow_button"),
        "/elements/0/workflow/trigger/url",
        GONE,
        [(missing("url"), "/elements/0/workflow/trigger")],
    ),
    (
        acted("conversations_select"),
        "/elements/0/response_url_enabled",
        True,
        [("`response_url_enabled` needs an input block of a modal", "/elements/0/response_url_enabled")],
    ),
]

IN_VIEWS: list[tuple[dict[str, Any], str, object, list[tuple[str, str]]]] = [
    (MODAL, "", None, [(OBJECT, "")]),
    (MODAL, "/type", GONE, [(missing("type"), "")]),
    (MODAL, "/type", "dialog", [("unsupported type: dialog", "/type")]),
    (MODAL, "/title", GONE, [(missing("title"), "")]),
    (MODAL, "/title", MRKDWN, [(ENUM, "/title/type")]),
    (MODAL, "/submit", "Connect", [(OBJECT, "/submit")]),
    (MODAL, "/submit", GONE, [(missing("submit"), "")]),
    (MODAL, "/blocks", GONE, [(missing("blocks"), "")]),
    (MODAL, "/blocks", None, [(ARRAY, "/blocks")]),
    (MODAL, "/state", {"values": {}}, [(unknown("state"), "")]),
    (MODAL, "/id", "V1", [(unknown("id"), "")]),
    (MODAL, "/notify_on_close", "true", [(FLAG, "/notify_on_close")]),
    (MODAL, "/private_metadata", {"card": 1}, [(STRING, "/private_metadata")]),
    (MODAL, "/blocks/0/label", GONE, [(missing("label"), "/blocks/0")]),
    (MODAL, "/blocks/0/label", MRKDWN, [(ENUM, "/blocks/0/label/type")]),
    (MODAL, "/blocks/0/element", GONE, [(missing("element"), "/blocks/0")]),
    (MODAL, "/blocks/0/accessory", BUTTON, [(unknown("accessory"), "/blocks/0")]),
    (
        MODAL,
        "/blocks/0/element/min_length",
        11,
        [("`min_length` must not be greater than `max_length`", "/blocks/0/element/min_length")],
    ),
    (
        MODAL,
        "/blocks/0/element/dispatch_action_config",
        {"trigger_actions_on": []},
        [("must provide at least 1 items", "/blocks/0/element/dispatch_action_config/trigger_actions_on")],
    ),
    (
        modal(asked("number_input")),
        "/blocks/0/element/is_decimal_allowed",
        GONE,
        [(missing("is_decimal_allowed"), "/blocks/0/element")],
    ),
    (
        modal(asked("number_input")),
        "/blocks/0/element/min_value",
        "10.5",
        [
            ("`min_value` must not be greater than `max_value`", "/blocks/0/element/min_value"),
            ("`min_value` must not be greater than `initial_value`", "/blocks/0/element/min_value"),
        ],
    ),
    (
        modal(asked("number_input")),
        "/blocks/0/element/initial_value",
        "11",
        [("`initial_value` must not be greater than `max_value`", "/blocks/0/element/initial_value")],
    ),
    (modal(asked("number_input")), "/blocks/0/element/max_value", 10, [(STRING, "/blocks/0/element/max_value")]),
    (
        modal(asked("number_input")),
        "/blocks/0/element/max_value",
        "1e9",
        [(r"input must match regex pattern: -?\d+(\.\d+)?", "/blocks/0/element/max_value")],
    ),
    (
        modal(acted("datepicker"), {**acted("datepicker"), "block_id": "acted"}),
        "/blocks/0/block_id",
        "acted",
        [('`block_id` "acted" already exists', "/blocks/1/block_id")],
    ),
    (
        modal({**asked("checkboxes"), "block_id": "one"}, asked("checkboxes")),
        "/clear_on_close",
        True,
        [("only one element may have `focus_on_load`", "/blocks/1/element/focus_on_load")],
    ),
    (
        modal(asked("conversations_select"), acted("conversations_select")),
        "/blocks/1/elements/0/response_url_enabled",
        True,
        [("`response_url_enabled` needs an input block of a modal", "/blocks/1/elements/0/response_url_enabled")],
    ),
    (
        home(asked("channels_select")),
        "/blocks/0/element/response_url_enabled",
        True,
        [("`response_url_enabled` needs an input block of a modal", "/blocks/0/element/response_url_enabled")],
    ),
    (HOME, "/title", plain("Home"), [(unknown("title"), "")]),
    (HOME, "/submit", plain("Go"), [(unknown("submit"), "")]),
    (HOME, "/blocks", [], [("must provide at least 1 items", "/blocks")]),
    (HOME, "/blocks/0", BLOCKS["table"], [("unsupported type: table", "/blocks/0/type")]),
]


def shown(cases: list[Any]) -> list[Any]:
    """The cases with names that say what is spoiled."""
    return [pytest.param(*case, id=f"{case[0]['type']}{case[1]}-{n}") for n, case in enumerate(cases)]


@pytest.mark.parametrize(("sample", "pointer", "value", "flaws"), shown(IN_MESSAGES))
def test_a_spoiled_message_is_refused(
    sample: dict[str, Any], pointer: str, value: object, flaws: list[tuple[str, str]]
) -> None:
    """A9: one thing wrong in a valid block gives exactly these flaws at exactly these places."""
    assert check_message([sample]) == []
    expected = [Flaw(message, f"/blocks/0{at}") for message, at in flaws]
    assert check_message([spoiled(sample, pointer, value)]) == expected


@pytest.mark.parametrize(("view", "pointer", "value", "flaws"), shown(IN_VIEWS))
def test_a_spoiled_view_is_refused(
    view: dict[str, Any], pointer: str, value: object, flaws: list[tuple[str, str]]
) -> None:
    """A9: one thing wrong in a valid view gives exactly these flaws at exactly these places."""
    expected = [Flaw(message, f"/view{at}") for message, at in flaws]
    assert check_view(spoiled(view, pointer, value)) == expected


@pytest.mark.parametrize("blocks", [None, {}, "[]", 7, True])
def test_blocks_are_a_list(blocks: object) -> None:
    """Blocks as anything but a list are refused whole."""
    assert check_message(blocks) == [Flaw(ARRAY, "/blocks")]


def test_every_flaw_is_named() -> None:
    """A message with several things wrong is told of all of them, in the order of its blocks."""
    blocks = [
        spoiled(BLOCKS["header"], "/text", GONE),
        BLOCKS["divider"],
        {"type": "foo"},
        {"type": "section", "tex": 1},
    ]
    assert check_message(blocks) == [
        Flaw("missing required field: text", "/blocks/0"),
        Flaw("unsupported type: foo", "/blocks/2/type"),
        Flaw("invalid additional property: tex", "/blocks/3"),
    ]


def test_a_modal_selects_where_to_answer() -> None:
    """`response_url_enabled` is fine on a select in an input block of a modal (apis/slack.md §4)."""
    asking = spoiled(asked("conversations_select"), "/element/response_url_enabled", True)
    assert check_view(modal(asking)) == []
    assert check_message([asking]) == [
        Flaw("`response_url_enabled` needs an input block of a modal", "/blocks/0/element/response_url_enabled")
    ]


def test_a_modal_without_inputs_needs_no_submit() -> None:
    """Only input blocks need `submit`, also inside a container."""
    reading = {key: value for key, value in modal(BLOCKS["header"]).items() if key != "submit"}
    assert check_view(reading) == []
    inside = {"type": "container", "title": plain("t"), "child_blocks": [asked("users_select")]}
    assert check_view({**reading, "blocks": [inside]}) == [Flaw("missing required field: submit", "/view")]


def test_a_pointer_starts_where_the_caller_says() -> None:
    """An attachment's or an ack's blocks have their own root."""
    assert check_message([{}], at="/attachments/0/blocks") == [
        Flaw("missing required field: type", "/attachments/0/blocks/0")
    ]
    assert check_view({}, at="") == [Flaw("missing required field: type", "")]
