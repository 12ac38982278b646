"""Every limit of the table, at its bound and one beyond it (A9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from blocks_samples import BLOCKS, MODAL, acted, asked, modal, option, plain, raw, spoiled

from sandbox.slack.blocks import Flaw, check_message, check_metadata, check_view
from sandbox.slack.limits import FROM_REGISTRY, LIMITS, OWN

Sample = dict[str, Any]
FEEDBACK = BLOCKS["context_actions"]
TABLES = {kind: {"type": kind, "rows": BLOCKS[kind]["rows"]} for kind in ("table", "data_table")}
TABLES["data_table"]["caption"] = "Orders"


def bare(block: Sample) -> Sample:
    """The block without what its element has chosen at first and without its least length."""
    element = block["element"] if "element" in block else block["elements"][0]
    for name in ("initial_option", "initial_options", "min_length"):
        element.pop(name, None)
    return block


GROUPED = bare(asked("grouped_select"))


def chars(count: int) -> str:
    """That many characters, of more than one byte each."""
    return "ü" * count


def link(count: int) -> str:
    """An address that long."""
    return "https://".ljust(count, "x")


def options(count: int) -> list[Sample]:
    """That many different options."""
    return [option(f"o{n}") for n in range(count)]


def groups(count: int) -> list[Sample]:
    """That many groups of one option."""
    return [{"label": plain("G"), "options": [option("a")]} for _ in range(count)]


def buttons(count: int) -> list[Sample]:
    """That many buttons, each with its own action_id."""
    return [{"type": "button", "text": plain("B"), "action_id": f"b{n}"} for n in range(count)]


def icons(count: int) -> list[Sample]:
    """That many icon buttons."""
    return [{"type": "icon_button", "icon": "trash", "text": plain("B"), "action_id": f"b{n}"} for n in range(count)]


def copies(item: object) -> Callable[[int], list[Any]]:
    """That many times the same item."""
    return lambda count: [item] * count


def rows(count: int) -> list[Any]:
    """That many rows of one cell."""
    return [[raw("x")]] * count


def columns(count: int) -> list[Any]:
    """Two rows of that many cells."""
    return [[raw("x")] * count] * 2


def named(count: int) -> list[Sample]:
    """That many series, named differently, that fit the sample's categories."""
    data = BLOCKS["bar"]["chart"]["series"][0]["data"]
    return [{"name": f"s{n}", "data": data} for n in range(count)]


def _case(name: str, sample: Sample, pointer: str, make: Callable[[int], Any]) -> Any:
    return pytest.param(name, sample, pointer, make, id=name)


OPTION_LINK = acted("overflow")
MAKERS = [
    _case("text.min_length", BLOCKS["header"], "/text/text", chars),
    _case("text.max_length", BLOCKS["context"], "/elements/2/text", chars),
    _case("action_id.max_length", BLOCKS["actions"], "/elements/0/action_id", chars),
    _case("block_id.max_length", BLOCKS["section"], "/block_id", chars),
    _case("button.text.max_length", BLOCKS["actions"], "/elements/0/text/text", chars),
    _case("button.url.max_length", BLOCKS["actions"], "/elements/0/url", link),
    _case("button.value.max_length", BLOCKS["actions"], "/elements/0/value", chars),
    _case("button.accessibility_label.max_length", BLOCKS["actions"], "/elements/0/accessibility_label", chars),
    _case("confirmation.title.max_length", BLOCKS["actions"], "/elements/0/confirm/title/text", chars),
    _case("confirmation.text.max_length", BLOCKS["actions"], "/elements/0/confirm/text/text", chars),
    _case("confirmation.confirm.max_length", BLOCKS["actions"], "/elements/0/confirm/confirm/text", chars),
    _case("confirmation.deny.max_length", BLOCKS["actions"], "/elements/0/confirm/deny/text", chars),
    _case(
        "option.text.max_length",
        acted("multi_external_select"),
        "/elements/0/initial_options",
        lambda n: [{**option("a"), "text": plain(chars(n))}],
    ),
    _case("option.value.min_length", OPTION_LINK, "/elements/0/options/0/value", chars),
    _case("option.value.max_length", OPTION_LINK, "/elements/0/options/0/value", chars),
    _case("option.description.max_length", OPTION_LINK, "/elements/0/options/0/description", lambda n: plain(chars(n))),
    _case("option.url.max_length", OPTION_LINK, "/elements/0/options/0/url", link),
    _case("option_group.label.max_length", GROUPED, "/element/option_groups/0/label/text", chars),
    _case("option_group.options.min_items", GROUPED, "/element/option_groups/0/options", options),
    _case("option_group.options.max_items", GROUPED, "/element/option_groups/0/options", options),
    _case("select.placeholder.max_length", bare(asked("static_select")), "/element/placeholder/text", chars),
    _case("select.options.min_items", bare(asked("static_select")), "/element/options", options),
    _case("select.options.max_items", bare(asked("static_select")), "/element/options", options),
    _case("select.option_groups.min_items", GROUPED, "/element/option_groups", groups),
    _case("select.option_groups.max_items", GROUPED, "/element/option_groups", groups),
    _case("overflow.options.min_items", OPTION_LINK, "/elements/0/options", options),
    _case("overflow.options.max_items", OPTION_LINK, "/elements/0/options", options),
    _case("checkboxes.options.min_items", bare(acted("checkboxes")), "/elements/0/options", options),
    _case("checkboxes.options.max_items", bare(acted("checkboxes")), "/elements/0/options", options),
    _case("radio_buttons.options.min_items", bare(acted("radio_buttons")), "/elements/0/options", options),
    _case("radio_buttons.options.max_items", bare(acted("radio_buttons")), "/elements/0/options", options),
    _case("url_source.url.min_length", BLOCKS["task_card"], "/sources/0/url", chars),
    _case("url_source.url.max_length", BLOCKS["task_card"], "/sources/0/url", chars),
    _case("file_input.max_files.min", asked("file_input"), "/element/max_files", int),
    _case("file_input.max_files.max", asked("file_input"), "/element/max_files", int),
    _case("plain_text_input.max_length.max", bare(asked("plain_text_input")), "/element/max_length", int),
    _case("actions.elements.min_items", BLOCKS["actions"], "/elements", buttons),
    _case("actions.elements.max_items", BLOCKS["actions"], "/elements", buttons),
    _case("alert.text.max_length", BLOCKS["alert"], "/text/text", chars),
    _case("card.title.max_length", BLOCKS["card"], "/title/text", chars),
    _case("card.subtitle.max_length", BLOCKS["card"], "/subtitle/text", chars),
    _case("card.body.max_length", BLOCKS["card"], "/body/text", chars),
    _case("card.subtext.max_length", BLOCKS["card"], "/subtext/text", chars),
    _case("card.actions.min_items", BLOCKS["card"], "/actions", buttons),
    _case("card.actions.max_items", BLOCKS["card"], "/actions", buttons),
    _case("carousel.elements.min_items", BLOCKS["carousel"], "/elements", copies(BLOCKS["carousel"]["elements"][0])),
    _case("carousel.elements.max_items", BLOCKS["carousel"], "/elements", copies(BLOCKS["carousel"]["elements"][0])),
    _case("container.title.max_length", BLOCKS["container"], "/title/text", chars),
    _case("container.subtitle.max_length", BLOCKS["container"], "/subtitle/text", chars),
    _case("container.child_blocks.min_items", BLOCKS["container"], "/child_blocks", copies({"type": "divider"})),
    _case("container.child_blocks.max_items", BLOCKS["container"], "/child_blocks", copies({"type": "divider"})),
    _case("context.elements.min_items", BLOCKS["context"], "/elements", copies(plain("x"))),
    _case("context.elements.max_items", BLOCKS["context"], "/elements", copies(plain("x"))),
    _case("context_actions.elements.min_items", FEEDBACK, "/elements", icons),
    _case("context_actions.elements.max_items", FEEDBACK, "/elements", icons),
    _case("feedback_button.text.max_length", FEEDBACK, "/elements/0/positive_button/text/text", chars),
    _case("feedback_button.value.max_length", FEEDBACK, "/elements/0/negative_button/value", chars),
    _case(
        "feedback_button.accessibility_label.max_length",
        FEEDBACK,
        "/elements/0/positive_button/accessibility_label",
        chars,
    ),
    _case("icon_button.visible_to_user_ids.max_items", FEEDBACK, "/elements/1/visible_to_user_ids", copies("U1")),
    _case("data_table.rows.min_items", TABLES["data_table"], "/rows", rows),
    _case("data_table.rows.max_items", TABLES["data_table"], "/rows", rows),
    _case("data_table.page_size.min", BLOCKS["data_table"], "/page_size", int),
    _case("data_table.page_size.max", BLOCKS["data_table"], "/page_size", int),
    _case("data_table.cell_text.min_length", BLOCKS["data_table"], "/rows/0/0/text", chars),
    _case("data_visualization.title.max_length", BLOCKS["pie"], "/title", chars),
    _case(
        "data_visualization.segments.min_items", BLOCKS["pie"], "/chart/segments", copies({"label": "a", "value": 1})
    ),
    _case(
        "data_visualization.segments.max_items", BLOCKS["pie"], "/chart/segments", copies({"label": "a", "value": 1})
    ),
    _case("data_visualization.segment.label.max_length", BLOCKS["pie"], "/chart/segments/0/label", chars),
    _case("data_visualization.series.min_items", BLOCKS["bar"], "/chart/series", named),
    _case("data_visualization.series.max_items", BLOCKS["bar"], "/chart/series", named),
    _case("data_visualization.series_name.max_length", BLOCKS["bar"], "/chart/series/0/name", chars),
    _case("data_visualization.axis_label.max_length", BLOCKS["bar"], "/chart/axis_config/x_label", chars),
    _case("header.text.max_length", BLOCKS["header"], "/text/text", chars),
    _case("image.image_url.max_length", BLOCKS["image"], "/image_url", link),
    _case("image.alt_text.max_length", BLOCKS["image"], "/alt_text", chars),
    _case("image.title.max_length", BLOCKS["image"], "/title/text", chars),
    _case("input.label.max_length", BLOCKS["input"], "/label/text", chars),
    _case("input.hint.max_length", BLOCKS["input"], "/hint/text", chars),
    _case("markdown.text.min_length", BLOCKS["markdown"], "/text", chars),
    _case("markdown.text.max_length", BLOCKS["markdown"], "/text", chars),
    _case("section.text.max_length", BLOCKS["section"], "/text/text", chars),
    _case("section.fields.min_items", BLOCKS["fields"], "/fields", copies(plain("x"))),
    _case("section.fields.max_items", BLOCKS["fields"], "/fields", copies(plain("x"))),
    _case("section.fields.item_min_length", BLOCKS["fields"], "/fields/1/text", chars),
    _case("section.fields.item_max_length", BLOCKS["fields"], "/fields/1/text", chars),
    _case("table.rows.min_items", TABLES["table"], "/rows", rows),
    _case("table.rows.max_items", TABLES["table"], "/rows", rows),
    _case("video.alt_text.min_length", BLOCKS["video"], "/alt_text", chars),
    _case("video.alt_text.max_length", BLOCKS["video"], "/alt_text", chars),
    _case("video.title.max_length", BLOCKS["video"], "/title/text", chars),
    _case("video.author_name.max_length", BLOCKS["video"], "/author_name", chars),
    _case("video.description.max_length", BLOCKS["video"], "/description/text", chars),
    _case("video.provider_name.max_length", BLOCKS["video"], "/provider_name", chars),
    _case("view.blocks.min_items", MODAL, "/blocks", copies({"type": "divider"})),
    _case("view.blocks.max_items", MODAL, "/blocks", copies({"type": "divider"})),
    _case("view.private_metadata.max_length", MODAL, "/private_metadata", chars),
    _case("view.callback_id.max_length", MODAL, "/callback_id", chars),
    _case("view.external_id.max_length", MODAL, "/external_id", chars),
    _case("view.title.max_length", MODAL, "/title/text", chars),
    _case("view.close.max_length", MODAL, "/close/text", chars),
    _case("view.submit.max_length", MODAL, "/submit/text", chars),
]

APART = {
    *(
        "message.blocks.max_items",
        "message.markdown.max_length",
        "message.tables.max_items",
        "message.charts.max_items",
    ),
    *(
        "table.columns.min_items",
        "table.columns.max_items",
        "data_table.columns.min_items",
        "data_table.columns.max_items",
    ),
    *(
        "data_visualization.data.min_items",
        "data_visualization.data.max_items",
        "data_visualization.point_label.max_length",
    ),
    *("data_visualization.categories.min_items", "data_visualization.categories.max_items"),
    *("data_visualization.category_label.max_length", "data_visualization.segment.value.exclusive_min"),
    *("data_table.content.max_length", "metadata.event_type.min_length", "view.size.max_bytes"),
}
"""Limits over more than one place; each has its own test below."""


def words(bound: str, limit: int) -> str:
    """What Slack says to a value one beyond the bound."""
    return {
        "max_length": f"must be less than {limit + 1} characters",
        "item_max_length": f"must be less than {limit + 1} characters",
        "min_length": f"must be more than {limit - 1} characters",
        "item_min_length": f"must be more than {limit - 1} characters",
        "max_items": f"no more than {limit} items allowed",
        "min_items": f"must provide at least {limit} items",
        "max": f"must be less than {limit + 1}",
        "min": f"must be greater than {limit - 1}",
    }[bound]


def flaws_of(sample: Sample) -> list[Flaw]:
    """The flaws of a view, or of a block in the surface that takes it; pointers from the sample."""
    if sample["type"] == "modal":
        flaws, root = check_view(sample), "/view"
    elif sample["type"] in ("alert", "input"):
        flaws, root = check_view(modal(sample)), "/view/blocks/0"
    else:
        flaws, root = check_message([sample]), "/blocks/0"
    return [Flaw(flaw.message, flaw.pointer.removeprefix(root)) for flaw in flaws]


@pytest.mark.parametrize(("name", "sample", "pointer", "make"), MAKERS)
def test_a_limit_holds_at_its_bound(name: str, sample: Sample, pointer: str, make: Callable[[int], Any]) -> None:
    """A9: the bound itself is fine, one beyond it is one flaw with Slack's words at the place."""
    limit, bound = LIMITS[name], name.rsplit(".", 1)[1]
    beyond = limit + 1 if "max" in bound else limit - 1
    assert flaws_of(spoiled(sample, pointer, make(limit))) == []
    found = flaws_of(spoiled(sample, pointer, make(beyond)))
    at = {"option.text.max_length": "/0/text/text", "option.description.max_length": "/text"}.get(name, "")
    assert found == [Flaw(words(bound, limit), pointer + at)]


def test_every_limit_has_its_case() -> None:
    """A limit that no case tries is a limit that nobody holds."""
    tried = [str(case.values[0]) for case in MAKERS]
    assert sorted([*tried, *APART]) == sorted(LIMITS)
    assert set(FROM_REGISTRY) & set(OWN) == set()


def test_a_message_has_fifty_blocks() -> None:
    """A9: 50 blocks are a message, 51 are not (apis/slack.md §9.12)."""
    assert check_message([{"type": "divider"}] * 50) == []
    assert check_message([{"type": "divider"}] * 51) == [Flaw("no more than 50 items allowed", "/blocks")]


def test_markdown_is_counted_together() -> None:
    """A9: all markdown blocks of a message share 12,000 characters."""
    half = {"type": "markdown", "text": "x" * 6000}
    assert check_message([half, half]) == []
    more = {"type": "markdown", "text": "x"}
    assert check_message([half, half, more]) == [Flaw("must be less than 12001 characters", "/blocks")]


def test_one_table_and_two_charts_a_message() -> None:
    """A9: a second table and a third chart are refused, also inside a container."""
    table, pie = BLOCKS["table"], BLOCKS["pie"]
    assert check_message([table, pie, pie]) == []
    assert check_message([table, {"type": "container", "title": plain("t"), "child_blocks": [table]}]) == [
        Flaw("only_one_table_allowed", "/blocks")
    ]
    assert check_message([pie, pie, pie]) == [Flaw("no more than 2 data_visualization blocks allowed", "/blocks")]


@pytest.mark.parametrize("kind", ["table", "data_table"])
def test_a_table_has_one_to_twenty_columns(kind: str) -> None:
    """A9: each row has 1 to 20 cells."""
    block = TABLES[kind]
    assert flaws_of(block | {"rows": columns(1)}) == []
    assert flaws_of(block | {"rows": columns(20)}) == []
    few, many = "must provide at least 1 items", "no more than 20 items allowed"
    assert flaws_of(block | {"rows": columns(0)}) == [Flaw(few, "/rows/0"), Flaw(few, "/rows/1")]
    assert flaws_of(block | {"rows": columns(21)}) == [Flaw(many, "/rows/0"), Flaw(many, "/rows/1")]


def test_a_data_table_holds_twenty_thousand_characters() -> None:
    """A9: the texts of all cells count together, rich text too."""
    block = BLOCKS["data_table"]
    used = len("Order" + "Items" + "1001" + "3")
    at, rich = "/rows/0/0/text", "/rows/1/0/elements/0/elements/0/text"
    assert flaws_of(spoiled(block, at, "x" * (20_000 - used + len("Order")))) == []
    refused = [Flaw("must be less than 20001 characters", "/rows")]
    assert flaws_of(spoiled(block, at, "x" * (20_001 - used + len("Order")))) == refused
    assert flaws_of(spoiled(block, rich, "x" * (20_001 - used + len("1001")))) == refused


def plotted(labels: list[str]) -> Sample:
    """A line chart over these categories."""
    data = [{"label": label, "value": 1} for label in labels]
    chart = {"type": "line", "series": [{"name": "s", "data": data}], "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": "t", "chart": chart}


def test_a_chart_has_one_to_twenty_categories() -> None:
    """A9: points and categories are counted, and their labels are at most 20 characters."""
    assert flaws_of(plotted([f"c{n}" for n in range(20)])) == []
    assert flaws_of(plotted(["x" * 20])) == []
    data, categories = "/chart/series/0/data", "/chart/axis_config/categories"
    for labels, message in ((["x"] * 21, "no more than 20 items allowed"), ([], "must provide at least 1 items")):
        assert flaws_of(plotted(labels)) == [Flaw(message, data), Flaw(message, categories)]
    for label, message in (("x" * 21, "must be less than 21 characters"), ("", "must be more than 0 characters")):
        assert flaws_of(plotted([label])) == [Flaw(message, f"{data}/0/label"), Flaw(message, f"{categories}/0")]


@pytest.mark.parametrize(("value", "message"), [(0, "must be greater than 0"), (-1, "must be greater than 0")])
def test_a_slice_is_more_than_nothing(value: float, message: str) -> None:
    """A9: a pie's segment is greater than 0; a bar may be negative."""
    assert flaws_of(spoiled(BLOCKS["pie"], "/chart/segments/0/value", value)) == [
        Flaw(message, "/chart/segments/0/value")
    ]
    assert flaws_of(spoiled(BLOCKS["bar"], "/chart/series/0/data/0/value", value)) == []


def test_metadata_has_a_type() -> None:
    """An empty event_type is refused, one character is enough."""
    assert check_metadata({"event_type": "x", "event_payload": {}}) == []
    assert check_metadata({"event_type": "", "event_payload": {}}) == [
        Flaw("must be more than 0 characters", "/metadata/event_type")
    ]


def test_a_view_has_250_kilobytes() -> None:
    """A view is measured in bytes on the wire; a lone surrogate is measured too and does not raise."""
    block = {"type": "section", "text": plain("ü" * 3000)}
    fits, large = modal(*[block] * 41), modal(*[block] * 42)
    assert check_view(fits) == []
    assert check_view(large) == [Flaw("view_too_large", "/view")]
    assert check_view(modal(*[{"type": "header", "text": plain("\ud800")}])) == []


def test_the_figures_of_the_sheet() -> None:
    """A9: the limits that people know by heart are what the sheet says (apis/slack.md §6)."""
    known = {
        **{"section.text.max_length": 3000, "header.text.max_length": 150, "button.text.max_length": 75},
        **{"button.value.max_length": 2000, "select.options.max_items": 100, "overflow.options.max_items": 5},
        **{"view.title.max_length": 24, "view.private_metadata.max_length": 3000, "view.blocks.max_items": 100},
        **{"actions.elements.max_items": 25, "context.elements.max_items": 10, "option.value.max_length": 150},
    }
    assert {name: LIMITS[name] for name in known} == known
