"""Reading what a back end says: bodies into types, and its own words into one harmless line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backends.errors import Garbled
from backends.http import Answer, BackendHttp

T = TypeVar("T")


def parsed(http: BackendHttp, answer: Answer, read: Callable[[bytes], T]) -> T:
    """The body as ``read`` understands it; raises Garbled if it does not, without a trace of the body."""
    try:
        return read(answer.body)
    except ValueError:
        pass  # pydantic's error holds the body: it must not become the context of ours (check C10)
    raise Garbled(http.name, answer.request_id, outcome_known=not answer.changes_something)


def one_line(text: str, longest: int) -> str:
    """One line of printable text, cut with an ellipsis."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
