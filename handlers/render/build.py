"""The few shapes of Block Kit that Shipclerk is made of, each with its limits kept (apis/slack.md §6).

``Element`` is a piece of rich text. A fallback text is read off the blocks, so it says what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from handlers.render import limits
from handlers.render.escape import mrkdwn, plain
from handlers.render.limits import cut, fit
from handlers.render.message import Block, Message, View

Element = dict[str, Any]
_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::443)?")


def words(text: str, limit: int = limits.SECTION_TEXT) -> Block:
    """A ``plain_text`` object; right for our words and for anybody else's."""
    return {"type": "plain_text", "text": plain(text, limit) or "–", "emoji": False}


def own(text: str) -> Block:
    """A mrkdwn object; for our own words, numbers and times only, never for text from outside."""
    return {"type": "mrkdwn", "text": text}


def say(text: str, limit: int = limits.LINE_VALUE) -> Element:
    """Plain rich text."""
    return {"type": "text", "text": text if text == " " else _padded(text, limit)}


def bold(text: str, limit: int = limits.LINE_VALUE) -> Element:
    """Bold rich text."""
    return {**say(text, limit), "style": {"bold": True}}


def code(text: str, limit: int = limits.LINE_VALUE) -> Element:
    """Rich text in the type of what one types."""
    return {**say(text, limit), "style": {"code": True}}


def _padded(text: str, limit: int) -> str:
    """Cleaned, with the spaces at its ends that join it to its neighbours."""
    before, after = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    return f"{before[:1]}{plain(text, limit) or '–'}{after[:1]}"


def marked(text: str) -> list[Element]:
    """A sentence of ours in which `back-ticks` hold something to type."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return [say(text, limits.MODAL_VALUE)]
    return [(code if odd % 2 else say)(piece, limits.MODAL_VALUE) for odd, piece in enumerate(pieces) if piece]


def link(url: str, text: str) -> Element:
    """A rich text link; ``url`` must have passed ``safe_url``."""
    return {"type": "link", "url": url, "text": plain(text)}


def safe_url(url: str | None) -> str | None:
    """The URL if one may click it: https, a host name and nobody's credentials in it, only a URL's own characters."""
    if not url or len(url) > limits.URL or not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and _HOST.fullmatch(parts.netloc)
    except ValueError:
        return None
    return url if usable else None


def host(url: str) -> str:
    """The host name that a safe URL leads to."""
    return urlsplit(url).hostname or ""


def paragraph(*lines: Sequence[Element]) -> Block:
    """Rich text, line by line."""
    elements: list[Element] = []
    for line in lines:
        elements += [{"type": "text", "text": "\n"}] * bool(elements) + list(line)
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def bullets(title: str, items: Iterable[Sequence[Element]]) -> Block:
    """A bold title and a list under it."""
    rows = [{"type": "rich_text_section", "elements": list(item)} for item in items]
    head = {"type": "rich_text_section", "elements": [bold(title)]}
    return {"type": "rich_text", "elements": [head, {"type": "rich_text_list", "style": "bullet", "elements": rows}]}


def section(
    text: str, *, block_id: str | None = None, accessory: Block | None = None, limit: int = limits.MODAL_VALUE
) -> Block:
    """One paragraph of plain text, with one button beside it if given."""
    extra = {"block_id": block_id, "accessory": accessory}
    return {"type": "section", "text": words(text, limit), **{k: v for k, v in extra.items() if v is not None}}


def context(*elements: Block) -> Block:
    """Small print."""
    return {"type": "context", "elements": list(elements[: limits.CONTEXT_ELEMENTS])}


def button(text: str, action_id: str, value: str, *, style: str | None = None, confirm: Block | None = None) -> Block:
    """A button; ``value`` is an opaque id and nothing else (DESIGN.md §3)."""
    label = words(text, limits.BUTTON_TEXT)
    extra = {name: given for name, given in (("style", style), ("confirm", confirm)) if given}
    return {"type": "button", "text": label, "action_id": action_id, "value": value[: limits.BUTTON_VALUE], **extra}


def confirmation(title: str, text: str, yes: str, no: str) -> Block:
    """The question that Slack asks before it passes a click on."""
    return {
        "title": words(title, limits.CONFIRM_TITLE),
        "text": words(text, limits.CONFIRM_TEXT),
        "confirm": words(yes, limits.CONFIRM_ANSWER),
        "deny": words(no, limits.CONFIRM_ANSWER),
    }


def actions(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements[: limits.ACTION_ELEMENTS])}


def message(blocks: Sequence[Block], tail: Sequence[Block] = ()) -> Message:
    """A message within Slack's limits, whose fallback text is what its blocks say."""
    fitted = fit(blocks, tail=tail)
    return Message(text=fallback(fitted), blocks=tuple(fitted))


def modal(
    title: str, blocks: Sequence[Block], *, callback_id: str, card_id: str = "", submit: str | None = None
) -> View:
    """A modal within Slack's limits; ``card_id`` becomes its private_metadata."""
    fitted = fit(blocks, room=limits.VIEW, what="parts of this")
    return form_modal(title, fitted, callback_id=callback_id, card_id=card_id, submit=submit)


def form_modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    card_id: str = "",
    submit: str | None = None,
    close: str | None = None,
) -> View:
    """A modal with all of its blocks: of a form nothing may be left out, so its maker keeps to Slack's limits."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": words(title, limits.VIEW_TITLE),
        "close": words(close or ("Cancel" if submit else "Close"), limits.VIEW_TITLE),
        **({"submit": words(submit, limits.VIEW_TITLE)} if submit else {}),
        "private_metadata": card_id[: limits.PRIVATE_METADATA],
        "blocks": list(blocks),
    }


def fallback(blocks: Iterable[Block]) -> str:
    """What the blocks say, as mrkdwn, line by line, in whole lines up to the limit."""
    kept: list[str] = []
    left = limits.FALLBACK_TEXT - 1
    for line in _lines(blocks):
        if len(line) + 1 > left:
            return "\n".join([*kept, "…"])
        kept.append(line)
        left -= len(line) + 1
    return "\n".join(kept)


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block["type"]:
            case "section":
                yield from (_text(part) for part in ([block["text"]] if "text" in block else []))
                yield from (_text(part) for part in block.get("fields", ()))
            case "header":
                yield _text(block["text"])
            case "context":
                yield " · ".join(_text(part) for part in block["elements"])
            case "rich_text":
                yield from _rich_lines(block["elements"])


def _rich_lines(elements: Iterable[Element]) -> Iterator[str]:
    for element in elements:
        if element["type"] == "rich_text_list":
            for item in element["elements"]:
                yield "• " + _joined(item["elements"])
        else:
            yield from _joined(element["elements"]).split("\n")


def _joined(elements: Iterable[Element]) -> str:
    return "".join(part["text"] if part["text"].isspace() else _outside(part["text"]) for part in elements)


def _text(part: Block) -> str:
    return part["text"].replace("\n", " ") if part["type"] == "mrkdwn" else _outside(part["text"])


def _outside(text: str) -> str:
    """The text of a finished object as mrkdwn; the spaces at its ends stay."""
    before, after = " " * text.startswith(" "), " " * text.endswith(" ")
    return f"{before}{mrkdwn(cut(text, limits.FALLBACK_TEXT), limits.FALLBACK_TEXT)}{after}"
