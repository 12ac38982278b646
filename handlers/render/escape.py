"""Makes text from outside dead: it shows as it was written and does nothing (DESIGN.md §10, CHECKS D2).

The rule of the renderers: text from outside goes into ``plain_text`` objects (``emoji`` off) and ``rich_text`` text
elements through ``plain``; Slack parses neither. ``mrkdwn`` is for the one place that has no such form, a message's
fallback text. There `& < >` are escaped, which is all that Slack promises (no mention, link or date can come to life);
for the rest, which can only change how the text looks, a word joiner (U+2060, no width, no break) is put beside every
character that could start formatting, an emoji, a mention, a quote or an automatic link.

Line breaks are shown as "⏎", so that nobody writes a second line that looks like ours. Characters without width
(bidi controls, zero-width, tags, fillers) are removed: a person sees no difference, and the order on the screen is the
order in the text. Other control characters are shown as "�".
"""

from __future__ import annotations

import re
import unicodedata

from handlers.render.limits import LINE_VALUE, cut

JOINER = "\u2060"
BREAK = " ⏎ "
_BREAKS = re.compile("[ \t]*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+[ \t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]*")
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0100-\U000e01ef]")
_ENTITY = re.compile(r"&(?=#|amp|lt|gt|quot|[a-zA-Z]+;)")
_BESIDE = re.compile(r"([*_~`])")
_AFTER = re.compile(r"([@#]|:(?=\S)|\.(?=\w))")
_ALIVE = re.compile(r"[&<>*_~`@#:.]")
_QUOTE = re.compile("&gt;")


def clean(text: str) -> str:
    """One line of visible characters, not yet escaped for any place."""
    if text.isprintable() and not _HIDDEN.search(text):
        return text.strip()
    shown = _HIDDEN.sub("", _BREAKS.sub(BREAK, text.strip()))
    return "".join(map(_visible, shown)).strip()


def plain(text: str, limit: int = LINE_VALUE) -> str:
    """Text from outside for a ``plain_text`` object or a ``rich_text`` text element, at most ``limit`` characters.

    Slack reads `&lt;` there as `<`; a joiner after the `&` keeps such text as it was written.
    """
    shown = clean(text)
    return cut(_ENTITY.sub("&" + JOINER, shown) if "&" in shown else shown, limit)


def mrkdwn(text: str, limit: int = LINE_VALUE) -> str:
    """Text from outside for a mrkdwn place; ``limit`` counts the characters that a person sees."""
    shown = cut(clean(text), limit)
    if not _ALIVE.search(shown):
        return shown
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _BESIDE.sub(rf"{JOINER}\1{JOINER}", shown)
    shown = _AFTER.sub(rf"\1{JOINER}", shown)
    return _QUOTE.sub(f"{JOINER}&gt;", shown)


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    kind = unicodedata.category(character)
    if kind == "Cf":
        return ""
    if kind == "Zs" or character == "\t":
        return " "
    # Not assigned in this Python's tables may be next year's emoji.
    return character if kind == "Cn" else "\ufffd"
