"""Changing a modal that somebody is filling in, without losing what they typed.

Slack keeps typed values as long as an input's block_id and action_id stay, so every function here keeps the inputs
and only adds or removes its own blocks, whose block_ids begin with ``note.``. Views may be ours or as Slack sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.render import limits
from handlers.render.build import context, modal, section, words
from handlers.render.message import Block, View

_NOTE = "note."
_SENDABLE = (
    "type",
    "callback_id",
    "title",
    "submit",
    "close",
    "private_metadata",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "blocks",
)


def with_errors(view: Mapping[str, Any], errors: Mapping[str, str], *, banner: str | None = None) -> View:
    """The view with each error under the input whose block_id it names, and a banner on top.

    For ``views.update`` after the acknowledgement. An error that names no block here is said in the banner, and so is
    one for which a long form has no block left (apis/slack.md §6).
    """
    clean = clear_errors(view)
    names = [str(block.get("block_id")) for block in clean["blocks"]]
    space = max(limits.VIEW.blocks - len(names) - 1, 0)
    known = set([name for name in names if name in errors][:space])
    stray = [f"{field}: {text}" for field, text in errors.items() if field not in known]
    said = " ".join([*([banner] if banner else []), *stray])
    blocks: list[Block] = [_note("banner", f"⚠️ {line}") for line in [said] if line]
    for block in clean["blocks"]:
        blocks.append(block)
        field = str(block.get("block_id"))
        blocks += [_note(field, f"⚠️ {errors[field]}")] if field in known else []
    return {**clean, "blocks": blocks}


def busy(view: Mapping[str, Any], text: str) -> View:
    """The view with what is going on said on top, e.g. "Checking with Quivo…", and no errors of before."""
    clean = clear_errors(view)
    return {**clean, "blocks": [_note("busy", f"⏳ {text}"), *clean["blocks"]]}


def clear_errors(view: Mapping[str, Any]) -> View:
    """The view as it can be sent, without the blocks that ``with_errors`` and ``busy`` added."""
    kept = {name: view[name] for name in _SENDABLE if view.get(name) not in (None, "")}
    kept["blocks"] = [block for block in view["blocks"] if not str(block.get("block_id", "")).startswith(_NOTE)]
    return kept


def loading(title: str) -> View:
    """A modal to open within Slack's 3 seconds and to fill later."""
    return modal(title, [section("⏳ One moment…")], callback_id="shipclerk.loading")


def notice(title: str, text: str, *, reference: str | None = None) -> View:
    """A modal that only says something, with the reference of a failure if there is one (DESIGN.md §4.8)."""
    small = [context(words(f"Reference {reference}"))] if reference else []
    return modal(title, [section(text), *small], callback_id="shipclerk.notice")


def _note(name: str, text: str) -> Block:
    return section(text, block_id=f"{_NOTE}{name}"[: limits.ID])
