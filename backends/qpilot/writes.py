"""What an answer to a write means: done, not done, or nobody knows (apis/qpilot.md §3.3)."""

from __future__ import annotations

from typing import Any

from backends.errors import Garbled
from backends.http import Answer, BackendHttp
from backends.qpilot.documents import loaded
from backends.qpilot.refusals import refusal, refuses


def accepted(http: BackendHttp, answer: Answer) -> Any:
    """What a 2xx says, None for an empty one, which is as good as true (apis/qpilot.md §3.3).

    Raises QpilotInvalid or QpilotForbidden for an error's body with 2xx, Garbled for false, HTML and the like: it may
    have been done.
    """
    if not answer.body.strip():
        return None
    said = _said(answer)
    if said is False:
        raise Garbled(http.name, answer.request_id, outcome_known=False)
    if isinstance(said, dict) and refuses(said):
        raise refusal(http.name, answer.request_id, said)
    return said


def _said(answer: Answer) -> Any:
    try:
        return loaded(answer.body)
    except ValueError:
        return False
