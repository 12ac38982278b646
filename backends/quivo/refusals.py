"""Reading what Quivo says, and its ways of saying no (apis/quivo.md §3)."""

from __future__ import annotations

import json
import re

from backends.errors import (
    BackendError,
    FieldError,
    Forbidden,
    Invalid,
    KeyRefused,
    LoginRefused,
    NotFound,
    Refused,
    SessionExpired,
)
from backends.http import Answer, BackendHttp
from backends.reading import one_line

_COMPLAINT = re.compile(r"(?P<field>[A-Za-z_][\w.\[\]]{0,79}): (?P<message>.+)")
_LONGEST_BODY, _MOST_FIELDS, _LONGEST_MESSAGE = 20_000, 10, 200
_NO_SUCH_ROUTE = "Missing Authentication Token"  # what AWS's gateway says of a route that does not exist


def checked(http: BackendHttp, answer: Answer, *, at_login: bool = False) -> Answer:
    """The answer if it is a 2xx; else raises the Refused that its status and text mean."""
    if answer.status < 400:
        return answer
    raise _refusal(http.name, answer, at_login)


def _refusal(back_end: str, answer: Answer, at_login: bool) -> BackendError:
    reference = answer.request_id
    match answer.status:
        case 401:
            return (LoginRefused if at_login else SessionExpired)(back_end, reference)
        case 403:
            unknown_route = _said(answer.body)[1] == _NO_SUCH_ROUTE
            return (Refused if unknown_route else KeyRefused)(back_end, reference)
        case 404:
            return NotFound(back_end, reference)
        case 400 | 409 | 422:
            fields = _complaints(answer.body)
            return Invalid(back_end, reference, fields=fields) if fields else Forbidden(back_end, reference)
        case _:
            return Refused(back_end, reference)


def _complaints(body: bytes) -> tuple[FieldError, ...]:
    """``field: message`` lines, from plain text, a gateway's JSON or the envelope of POST /orders (seed 001)."""
    name, text = _said(body)
    if name:
        return (complaint(name, text),)
    if text.lstrip().startswith("<"):  # a proxy's page: its style sheet would look like complaints
        return ()
    matches = [match for line in text.splitlines() if (match := _COMPLAINT.fullmatch(line.strip()))]
    return tuple(complaint(match["field"], match["message"]) for match in matches[:_MOST_FIELDS])


def _said(body: bytes) -> tuple[str, str]:
    """Field (or nothing) and message of an error's body, whatever its Content-Type claims."""
    text = body[:_LONGEST_BODY].decode(errors="replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return "", text
    if not isinstance(said, dict):
        return "", said if isinstance(said, str) else ""
    field, message = said.get("field"), said.get("message")
    return field if isinstance(field, str) else "", message if isinstance(message, str) else ""


def complaint(field: str, message: str) -> FieldError:
    """One complaint in Quivo's words, cleaned and cut; where it has none, in ours."""
    return FieldError(one_line(field, 80), one_line(message, _LONGEST_MESSAGE) or "was not accepted")
