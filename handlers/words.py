"""Reading what people type: phones' punctuation, near misses, secrets in the wrong place, periods of time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from backends.quivo.order import CANCELLED, COMPLETED, PENDING, PROCESSING

_PHONE = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "\u00a0": " "})
_SECRET = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|\beyJ[\w-]{8,}\.[\w-]+|\bsk_(live|test)_\w{8,}"
    r"|(password|passwort|api[-_ ]?key|secret|token)\s*[=:]\s*\S+",
    re.IGNORECASE,
)
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_PIECE = re.compile(r"[A-Za-z0-9+/=]{20,}")
STATUSES = (PENDING, PROCESSING, COMPLETED, CANCELLED)


def normalise(text: str) -> str:
    """Turn a phone's curly quotes and long dashes into the keys that were meant, and fold white space."""
    return " ".join(text.translate(_PHONE).split())


def looks_secret(text: str) -> bool:
    """Whether something typed into a command looks like a token, key or password (CHECKS D7)."""
    return bool(_SECRET.search(text)) or any(_dense(word) for word in _LONG.findall(text))


def _dense(word: str) -> bool:
    """Whether a long word is as mixed as a key; a UUID or another identifier in short pieces is not."""
    pieces = [piece for piece in _PIECE.findall(word) if len(set(piece)) >= 10]
    return any(any(map(str.isdigit, piece)) and any(map(str.isalpha, piece)) for piece in pieces)


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.7)
    return found[0] if found else None


@dataclass(frozen=True)
class Listing:
    """What ``/order list`` was asked for; ``problem`` says what could not be read, and what to type instead."""

    status: str | None = None
    since: date | None = None
    until: date | None = None
    problem: str | None = None


def listing(text: str, today: date) -> Listing:
    """Read ``[status] [today|yesterday|7d|2026-11-01|2026-11-01..2026-11-07]``, in any order."""
    status: str | None = None
    period: tuple[date, date | None] | None = None
    for word in text.split():
        if word.upper() in STATUSES and status is None:
            status = word.upper()
        elif (read := _period(word.lower(), today)) is not None and period is None:
            period = read
        else:
            return Listing(problem=_problem(word))
    since, until = period or (None, None)
    if since and until and since > until:
        return Listing(problem=f"The period ends before it begins. Did you mean {until}..{since}?")
    return Listing(status, since, until)


def _problem(word: str) -> str:
    meant = near_miss(word, (*(status.lower() for status in STATUSES), "today", "yesterday"))
    hint = f"Did you mean {meant}?" if meant else "Give a status (pending, processing, completed, cancelled)"
    more = "" if meant else " and a period (today, yesterday, 7d, 2026-11-01 or 2026-11-01..2026-11-07)."
    return f"I could not read {word[:40]!r}. {hint}{more}"


def _period(word: str, today: date) -> tuple[date, date | None] | None:
    if word == "today":
        return today, None
    if word == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if days := re.fullmatch(r"(\d{1,3})d", word):
        return today - timedelta(days=int(days[1])), None
    first, dots, last = word.partition("..")
    try:
        return date.fromisoformat(first), date.fromisoformat(last) if dots else None
    except ValueError:
        return None
