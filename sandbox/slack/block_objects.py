"""Composition objects of Block Kit: texts, options, confirm dialogs, filters (`apis/slack.md` §6)."""

from __future__ import annotations

from typing import Final

from sandbox.slack.block_rules import exactly_one
from sandbox.slack.block_shapes import Flag, Items, Kinds, OneOf, Shape, Str, obj, several, sized, typed
from sandbox.slack.limits import LIMITS

URL: Final = r"https?://\S+"
STYLE: Final = OneOf(("primary", "danger"))
BLOCK_ID: Final = Str(1, LIMITS["block_id.max_length"])
ACTION_ID: Final = Str(1, LIMITS["action_id.max_length"])


def _length(name: str) -> Str:
    """A text object's text is never empty, whatever the place says."""
    return Str(LIMITS["text.min_length"], LIMITS[f"{name}.max_length"])


def _plain(text: Str) -> dict[str, Shape]:
    return typed("plain_text", {"text!": text, "emoji": Flag()})


def _mrkdwn(text: Str) -> dict[str, Shape]:
    return typed("mrkdwn", {"text!": text, "verbatim": Flag()})


def plain(name: str) -> Shape:
    """A `plain_text` object; where Slack demands one, mrkdwn is an invalid enum value of its `type`."""
    return _plain(_length(name))["plain_text"]


def mrkdwn(name: str) -> Shape:
    """A `mrkdwn` object where Slack demands one."""
    return _mrkdwn(_length(name))["mrkdwn"]


def texts(text: Str) -> dict[str, Shape]:
    """The two entries of a `Kinds` table for text objects whose text is `text`."""
    return _plain(text) | _mrkdwn(text)


def either(name: str) -> Shape:
    """A text object of either kind."""
    return Kinds(texts(_length(name)))


FIELD: Final = Kinds(texts(Str(LIMITS["section.fields.item_min_length"], LIMITS["section.fields.item_max_length"])))

CONFIRM: Final = obj(
    {
        "title": plain("confirmation.title"),
        "text!": either("confirmation.text"),
        "confirm": plain("confirmation.confirm"),
        "deny": plain("confirmation.deny"),
        "style": STYLE,
    }
)

_OPTION: Final[dict[str, Shape]] = {"value!": sized("option.value"), "description": plain("option.description")}
_LINK: Final = Str(1, LIMITS["option.url.max_length"], URL)

SELECT_OPTION: Final = obj({"text!": plain("option.text"), **_OPTION})
"""Select menus take plain text only, and no `url`."""
CHOICE: Final = obj({"text!": either("option.text"), **_OPTION})
"""Radio buttons and checkboxes may use mrkdwn."""
OVERFLOW_OPTION: Final = obj({"text!": plain("option.text"), **_OPTION, "url": _LINK})

OPTION_GROUP: Final = obj(
    {"label!": plain("option_group.label"), "options!": several("option_group.options", SELECT_OPTION)}
)

SUGGESTIONS: Final = obj(
    {
        "options": Items(SELECT_OPTION, 0, LIMITS["select.options.max_items"]),
        "option_groups": Items(OPTION_GROUP, 0, LIMITS["select.option_groups.max_items"]),
    },
    exactly_one("options", "option_groups"),
)
"""What an app answers to a `block_suggestion`; no match is an empty list (`apis/slack.md` §4)."""

FILTER: Final = obj(
    {
        "include": Items(OneOf(("im", "mpim", "private", "public")), 1),
        "exclude_bot_users": Flag(),
        "exclude_external_shared_channels": Flag(),
    }
)
DISPATCH: Final = obj({"trigger_actions_on": Items(OneOf(("on_enter_pressed", "on_character_entered")), 1)})
SLACK_FILE: Final = obj({"id": Str(1), "url": Str(1, None, URL)}, exactly_one("id", "url"))

PICTURE: Final[dict[str, Shape]] = {
    "image_url": Str(1, LIMITS["image.image_url.max_length"], URL),
    "slack_file": SLACK_FILE,
    "alt_text!": sized("image.alt_text"),
}
IMAGE: Final = typed("image", PICTURE, exactly_one("image_url", "slack_file"))
"""The image element; the image block has the same fields and more."""
