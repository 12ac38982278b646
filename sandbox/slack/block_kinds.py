"""Every block that an app may send, by its `type` (`apis/slack.md` §6, §8; structure of `@slack/types` 3.2.0).

`file` is not here: Slack shows it in messages that it hands out and takes it from no app (its reference page).
"""

from __future__ import annotations

from typing import Final

from sandbox.slack.block_data import CHART, DATA_TABLE, TABLE
from sandbox.slack.block_elements import BUTTON, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.slack.block_objects import BLOCK_ID, FIELD, IMAGE, PICTURE, URL, either, mrkdwn, plain, texts
from sandbox.slack.block_richtext import RICH_TEXT
from sandbox.slack.block_rules import at_least_one, collapsed_needs_collapsible, exactly_one
from sandbox.slack.block_shapes import Flag, Items, Kinds, OneOf, Rule, Shape, Str, several, sized, typed
from sandbox.slack.limits import LIMITS

Table = dict[str, Shape]


def _block(kind: str, fields: Table, *rules: Rule) -> Table:
    return typed(kind, fields | {"block_id": BLOCK_ID}, *rules)


_LAYOUT: Final[Table] = (
    _block(
        "section",
        {
            "text": either("section.text"),
            "fields": several("section.fields", FIELD),
            "accessory": Kinds(IN_SECTION),
            "expand": Flag(),
        },
        at_least_one("text", "fields"),
    )
    | _block("actions", {"elements!": several("actions.elements", Kinds(IN_ACTIONS))})
    | _block("context", {"elements!": several("context.elements", Kinds(texts(sized("text")) | IMAGE))})
    | _block("divider", {})
    | _block("header", {"text!": plain("header.text")})
    | _block("image", PICTURE | {"title": plain("image.title")}, exactly_one("image_url", "slack_file"))
    | _block(
        "input",
        {
            "label!": plain("input.label"),
            "element!": Kinds(IN_INPUT),
            "hint": plain("input.hint"),
            "optional": Flag(),
            "dispatch_action": Flag(),
        },
    )
    | _block(
        "video",
        {
            "video_url!": Str(1, None, URL),
            "thumbnail_url!": Str(1, None, URL),
            "alt_text!": sized("video.alt_text"),
            "title!": plain("video.title"),
            "title_url": Str(1, None, URL),
            "author_name": sized("video.author_name"),
            "provider_name": sized("video.provider_name"),
            "provider_icon_url": Str(1, None, URL),
            "description": plain("video.description"),
        },
    )
    | RICH_TEXT
    | TABLE
)

_CARD: Final = _block(
    "card",
    {
        "hero_image": Kinds(IMAGE),
        "icon": Kinds(IMAGE),
        "title": mrkdwn("card.title"),
        "subtitle": mrkdwn("card.subtitle"),
        "body": mrkdwn("card.body"),
        "subtext": mrkdwn("card.subtext"),
        "actions": several("card.actions", Kinds(BUTTON)),
    },
    at_least_one("hero_image", "title", "actions", "body"),
)
_CONTAINER: Final = _block(
    "container",
    {
        "title": plain("container.title"),
        "rich_text_title": Kinds(RICH_TEXT),
        "subtitle": either("container.subtitle"),
        "child_blocks!": several("container.child_blocks", Kinds(_LAYOUT)),
        "width": OneOf(("narrow", "standard", "wide", "full")),
        "icon": Kinds(IMAGE),
        "is_collapsible": Flag(),
        "default_collapsed": Flag(),
        "has_header_divider": Flag(),
    },
    at_least_one("title", "rich_text_title"),
    collapsed_needs_collapsible,
)

_SOURCE_URL: Final = Str(LIMITS["url_source.url.min_length"], LIMITS["url_source.url.max_length"])
_SOURCE: Final = Kinds(typed("url", {"url!": _SOURCE_URL, "text!": Str(1)}))
_TASK: Final = _block(
    "task_card",
    {
        "task_id!": Str(1),
        "title!": Str(1),
        "status!": OneOf(("pending", "in_progress", "complete", "error")),
        "details": Kinds(RICH_TEXT),
        "output": Kinds(RICH_TEXT),
        "sources": Items(_SOURCE),
    },
)

BLOCKS: Final[Table] = (
    _LAYOUT
    | _CARD
    | _CONTAINER
    | _TASK
    | DATA_TABLE
    | CHART
    | _block(
        "alert",
        {"text!": either("alert.text"), "level": OneOf(("default", "info", "warning", "error", "success"))},
    )
    | _block("carousel", {"elements!": several("carousel.elements", Kinds(_CARD))})
    | _block("context_actions", {"elements!": several("context_actions.elements", Kinds(IN_CONTEXT_ACTIONS))})
    | _block("markdown", {"text!": sized("markdown.text")})
    | _block("plan", {"title!": Str(1), "tasks": Items(Kinds(_TASK))})
)
