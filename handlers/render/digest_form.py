"""The forms of digests: what, where, when and how much; and to whom one is handed over (issue 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.forms.digest import AT, CHANNEL, DAYS, SIZE, TO, WHAT, ZONE
from handlers.render import limits
from handlers.render.build import form_modal, section, words
from handlers.render.digest_words import DAYS as NAMES
from handlers.render.digest_words import SIZES, SOURCES, rhythm, title
from handlers.render.inputs import VALUE, option, picked, suggested
from handlers.render.message import Block, View
from operations.digest_facts import Size
from store.digests import Digest

SAVE, GIVE, SUGGEST = "digest.save", "digest.give", "digest.zone"
_WHERE = ["public", "private", "im"]
PROMISE = "It runs with your connections and posts what this channel's class may see: counts and sums, never names."


@dataclass(frozen=True)
class Held:
    """What the form is filled with at first."""

    channel: str = ""
    what: tuple[str, ...] = ()
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    at: str = "09:00"
    zone: str = "UTC"
    size: str = Size.SUMMARY


def held(digest: Digest) -> Held:
    """A digest as it is now, to be changed."""
    return Held(digest.channel, digest.what, digest.days, digest.at, digest.zone, digest.size)


def digest_form(filled: Held, *, card_id: str, is_new: bool) -> View:
    """The modal `digest.save`; its inputs are `what`, `channel`, `days`, `at`, `zone` and `size`."""
    sources = [(what.value, shown.word) for what, shown in SOURCES.items()]
    days = [(str(number), name) for number, name in enumerate(NAMES)]
    blocks = [
        section(PROMISE),
        _ticks(WHAT, "What it tells", sources, filled.what),
        _channel(filled.channel),
        _ticks(DAYS, "On these days", days, [str(day) for day in filled.days]),
        _time(filled.at),
        suggested(ZONE, "In this time zone", SUGGEST, filled.zone, hint="Type a city or a region.", needed=True),
        picked(SIZE, "How much", [(size.value, text) for size, text in SIZES.items()], filled.size, needed=True),
    ]
    name, submit = ("New digest", "Make it") if is_new else ("Change a digest", "Save")
    return form_modal(name, blocks, callback_id=SAVE, card_id=card_id, submit=submit)


def handover_form(digest: Digest, *, card_id: str) -> View:
    """The modal `digest.give`: who shall have it from now on."""
    element = {"type": "users_select", "action_id": VALUE}
    said = "They are asked in a direct message, and need connections of their own. Until they accept it stays yours."
    blocks = [
        section(f"{title(digest)}, {rhythm(digest)}"),
        section(said),
        {"type": "input", "block_id": TO, "label": words("Who takes it over"), "element": element},
    ]
    return form_modal("Hand a digest over", blocks, callback_id=GIVE, card_id=card_id, submit="Ask them")


def _ticks(block_id: str, label: str, options: Sequence[tuple[str, str]], chosen: Sequence[str]) -> Block:
    made = [option(value, text) for value, text in options]
    first = [one for one in made if one["value"] in chosen]
    element: dict[str, Any] = {"type": "checkboxes", "action_id": VALUE, "options": made}
    return _input(block_id, label, element | ({"initial_options": first} if first else {}))


def _channel(chosen: str) -> Block:
    element: dict[str, Any] = {"type": "conversations_select", "action_id": VALUE, "filter": {"include": _WHERE}}
    return _input(CHANNEL, "Where it is posted", element | ({"initial_conversation": chosen} if chosen else {}))


def _time(chosen: str) -> Block:
    return _input(AT, "At this time", {"type": "timepicker", "action_id": VALUE, "initial_time": chosen})


def _input(block_id: str, label: str, element: dict[str, Any]) -> Block:
    return {"type": "input", "block_id": block_id, "label": words(label, limits.FIELD_TEXT), "element": element}
