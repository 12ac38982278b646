"""Rules across the fields of one object. Each may trust that the fields themselves are flawless."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.slack.block_shapes import Flaw, Flaws, Rule
from sandbox.slack.limits import LIMITS


def at_least_one(*names: str) -> Rule:
    """One or more of these fields must stand there."""

    def rule(value: dict[str, Any], at: str) -> Flaws:
        if not any(name in value for name in names):
            yield Flaw(f"must define either {_either(names)}", at)

    return rule


def exactly_one(*names: str) -> Rule:
    """One of these fields must stand there, and not two."""

    def rule(value: dict[str, Any], at: str) -> Flaws:
        if sum(name in value for name in names) != 1:
            yield Flaw(f"must define either {_either(names)}, and not both", at)

    return rule


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def in_order(low: str, high: str) -> Rule:
    """`low` is not greater than `high`, where both are given (as numbers or as texts of numbers)."""

    def rule(value: dict[str, Any], at: str) -> Flaws:
        if low in value and high in value and Decimal(value[low]) > Decimal(value[high]):
            yield Flaw(f"`{low}` must not be greater than `{high}`", f"{at}/{low}")

    return rule


def initial_is_an_option(value: dict[str, Any], at: str) -> Flaws:
    """What is chosen at first must be exactly one of the choices."""
    choices = list(_choices(value))
    if "initial_option" in value and value["initial_option"] not in choices:
        yield Flaw("`initial_option` must be one of the options", f"{at}/initial_option")
    for index, option in enumerate(value.get("initial_options", [])):
        if option not in choices:
            yield Flaw("`initial_options` must be among the options", f"{at}/initial_options/{index}")


def _choices(value: dict[str, Any]) -> Iterable[Any]:
    yield from value.get("options", [])
    for group in value.get("option_groups", []):
        yield from group["options"]


def initial_fits_selection(value: dict[str, Any], at: str) -> Flaws:
    """No more chosen at first than `max_selected_items` allows."""
    most = value.get("max_selected_items")
    for name in ("initial_options", "initial_users", "initial_channels", "initial_conversations"):
        if most is not None and len(value.get(name, [])) > most:
            yield Flaw(f"no more than {most} items allowed", f"{at}/{name}")


def real_date(value: dict[str, Any], at: str) -> Flaws:
    """`initial_date` is a day that exists, not only digits in the right places."""
    try:
        date.fromisoformat(value.get("initial_date", "2000-01-01"))
    except ValueError:
        yield Flaw("input must be a valid: date", f"{at}/initial_date")


def collapsed_needs_collapsible(value: dict[str, Any], at: str) -> Flaws:
    """A container can start collapsed only if it can be collapsed (comment in `@slack/types` 3.2.0)."""
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Flaw("`default_collapsed` needs `is_collapsible`", f"{at}/default_collapsed")


def even_rows(value: dict[str, Any], at: str) -> Flaws:
    """Every row of a data table has as many cells as its header (Slack's reference page)."""
    width = len(value["rows"][0])
    for index, row in enumerate(value["rows"]):
        if len(row) != width:
            yield Flaw(f"must have {width} items like the first row", f"{at}/rows/{index}")


def plain_header(value: dict[str, Any], at: str) -> Flaws:
    """The first row of a data table is its header, and rich text may not stand in it (Slack's reference page)."""
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            yield Flaw("unsupported type: rich_text", f"{at}/rows/0/{index}/type")


def header_column_exists(value: dict[str, Any], at: str) -> Flaws:
    """`row_header_column_index` counts from 0 and names a column of the table (inference)."""
    width = len(value["rows"][0])
    if value.get("row_header_column_index", 0) >= width:
        yield Flaw(f"must be less than {width}", f"{at}/row_header_column_index")


def table_content(value: dict[str, Any], at: str) -> Flaws:
    """All cells of a data table together have a length limit; every `text` in them counts (inference for rich text)."""
    most = LIMITS["data_table.content.max_length"]
    if sum(len(text) for text in _texts(value["rows"])) > most:
        yield Flaw(f"must be less than {most + 1} characters", f"{at}/rows")


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def series_match_categories(value: dict[str, Any], at: str) -> Flaws:
    """Series have different names, and each has one point per category, in the categories' order.

    Names and labels stand in Slack's reference page; that the order must be the categories' is an inference.
    """
    categories = value["axis_config"]["categories"]
    names: set[str] = set()
    for index, series in enumerate(value["series"]):
        if series["name"] in names:
            yield Flaw("Input contains duplicate items", f"{at}/series/{index}/name")
        names.add(series["name"])
        if [point["label"] for point in series["data"]] != categories:
            yield Flaw("labels must match `axis_config.categories`", f"{at}/series/{index}/data")
