"""Finds what may be an order in the text of a message (the message shortcut *Look up orders in this message*)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MOST = 5
_LONGEST_MESSAGE = 40_000
_ENTITY = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_TELEPHONE = re.compile(r"\+[0-9](?:[ ()/.-]{0,2}[0-9]){5,18}")
_AROUND = "()[]{}<>\"'“”„‚‘’«»*_~`.,;:!?…–—-"
_NAMED = re.compile(r"[A-Za-z]{2,}[:=#]+(?=.)")
_NUMBER = re.compile(r"[0-9]{3,18}")
_MARKED = re.compile(r"#(?=[A-Za-z_/-]*[0-9])[A-Za-z0-9][A-Za-z0-9_/-]{1,38}")
_CODED = re.compile(r"[A-Z]{1,6}[-_/]?[0-9]{3,18}(?:[-_/][A-Z0-9]{1,12}){0,3}")
_LISTED = re.compile(r"(?:[0-9]{4,18}|#[A-Za-z0-9-]{2,39})(?:[,/;&+](?:[0-9]{4,18}|#[A-Za-z0-9-]{2,39}))+")


def order_words(text: str) -> tuple[str, ...]:
    """Up to five numbers and references in a message, each once, in the order in which they stand there.

    A number has 3 to 18 digits and stands alone: it is no part of a time, an amount, a telephone number, a mail address
    or a link. A reference begins with "#" and has a digit, or is capital letters and then three digits or more. Of what
    Slack wrote in angle brackets only a web link's own words are looked at (apis/slack.md §4).
    """
    shown = html.unescape(_ENTITY.sub(_label, text[:_LONGEST_MESSAGE]))
    found: dict[str, str] = {}
    for word in _words(_TELEPHONE.sub(" ", shown)):
        found.setdefault(_key(word), word)
    return tuple(found.values())[:MOST]


def _label(entity: re.Match[str]) -> str:
    """What stands for an entity: a web link's words, and nothing for a mention, a channel, a date, a mail address."""
    return f" {entity[2] or ''} " if entity[1].startswith(("http://", "https://")) else " "


def _words(text: str) -> Iterator[str]:
    for piece in text.split():
        word = _NAMED.sub(_hash, piece.strip(_AROUND), count=1)
        for part in re.split(r"[,/;&+]", word) if _LISTED.fullmatch(word) else [word]:
            if any(form.fullmatch(part) for form in (_NUMBER, _MARKED, _CODED)):
                yield part


def _hash(name: re.Match[str]) -> str:
    """Nothing for "order:" before a number, and "#" for "order#"."""
    return "#" if name[0].endswith("#") else ""


def _key(word: str) -> str:
    """Whether two words mean one order: #DE1 and DE1 do, #1001 (a reference) and 1001 (an id) need not."""
    return word if word[1:].isdigit() or word.isdigit() else word.removeprefix("#").casefold()
