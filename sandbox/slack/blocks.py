"""Says what Slack would refuse in the blocks of a message, in a view, in an answer to a block suggestion, in metadata.

Pure: takes decoded JSON of any kind, returns flaws, never raises. First every field is checked against its shape
(`block_kinds`, `block_elements`); only what is well formed is then checked as a whole (`block_surfaces`).
"""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.slack.block_kinds import BLOCKS
from sandbox.slack.block_objects import SUGGESTIONS, plain
from sandbox.slack.block_rules import at_least_one
from sandbox.slack.block_shapes import Flag, Flaw, Flaws, Items, Kinds, Obj, Shape, obj, several, sized, typed
from sandbox.slack.block_surfaces import HOME, MESSAGE, MODAL, check_surface, check_totals, nodes
from sandbox.slack.limits import LIMITS

__all__ = ["Flaw", "check_message", "check_metadata", "check_suggestions", "check_view", "says_something"]

_MESSAGE: Final = Items(Kinds(BLOCKS), 0, LIMITS["message.blocks.max_items"])

_VIEW: Final[dict[str, Shape]] = {
    "blocks!": several("view.blocks", Kinds(BLOCKS)),
    "callback_id": sized("view.callback_id"),
    "private_metadata": sized("view.private_metadata"),
    "external_id": sized("view.external_id"),
}
_VIEWS: Final = Kinds(
    typed("home", _VIEW)
    | typed(
        "modal",
        _VIEW
        | {
            "title!": plain("view.title"),
            "submit": plain("view.submit"),
            "close": plain("view.close"),
            "clear_on_close": Flag(),
            "notify_on_close": Flag(),
        },
    )
)
_ANYTHING: Final = Obj({}, is_open=True)


def _goes_together(value: dict[str, Any], at: str) -> Flaws:
    """`event_type` and `event_payload` come together (Slack's reference page of message metadata)."""
    for name, other in (("event_type", "event_payload"), ("event_payload", "event_type")):
        if name in value and other not in value:
            yield Flaw(f"missing required field: {other}", at)


_METADATA: Final = obj(
    {"event_type": sized("metadata.event_type"), "event_payload": _ANYTHING, "entities": Items(_ANYTHING, 1)},
    at_least_one("event_type", "entities"),
    _goes_together,
)


def check_message(blocks: object, at: str = "/blocks") -> list[Flaw]:
    """The flaws of a message's `blocks` (`apis/slack.md` §6); none for an empty list, see `says_something`."""
    flaws = list(_MESSAGE.flaws(blocks, at))
    if flaws or not isinstance(blocks, list):
        return flaws
    return [*check_surface(blocks, at, MESSAGE), *check_totals(blocks, at)]


def check_view(view: object, at: str = "/view") -> list[Flaw]:
    """The flaws of a modal or Home view as an app sends it (`apis/slack.md` §6).

    A view that is too large has the one flaw `view_too_large`, which Slack answers as the error itself (§1).
    """
    flaws = list(_VIEWS.flaws(view, at))
    if flaws or not isinstance(view, dict):
        return flaws
    if _size(view) > LIMITS["view.size.max_bytes"]:
        return [Flaw("view_too_large", at)]
    return [
        *check_surface(view["blocks"], f"{at}/blocks", MODAL if view["type"] == "modal" else HOME),
        *_submit(view, at),
    ]


def _size(view: dict[str, Any]) -> int:
    """Bytes on the wire; a lone surrogate is legal JSON and must not raise."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _submit(view: dict[str, Any], at: str) -> Flaws:
    """A modal with input blocks needs `submit` (`apis/slack.md` §6)."""
    asks = any(node.get("type") == "input" for node, _ in nodes(view["blocks"], at))
    if view["type"] == "modal" and asks and "submit" not in view:
        yield Flaw("missing required field: submit", at)


def check_suggestions(answer: object, at: str = "") -> list[Flaw]:
    """The flaws of an app's answer to a `block_suggestion`: `{"options": […]}` or `{"option_groups": […]}`."""
    return list(SUGGESTIONS.flaws(answer, at))


def check_metadata(metadata: object, at: str = "/metadata") -> list[Flaw]:
    """The flaws of a message's metadata: `event_type` with `event_payload`, or `entities` (`apis/slack.md` §8)."""
    return list(_METADATA.flaws(metadata, at))


def says_something(text: object, blocks: object = None, attachments: object = None) -> bool:
    """Whether a message has text, blocks or attachments; without any of them Slack answers `no_text`."""
    return bool(isinstance(text, str) and text.strip()) or bool(blocks) or bool(attachments)
