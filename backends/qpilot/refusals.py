"""Reading what QPilot says, and its ways of saying no (apis/qpilot.md §3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

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
from backends.qpilot.documents import loaded
from backends.reading import one_line

NOT_FROM_THIS_STATUS, SNOOZE_IS_OFF = 1001, 1010  # result codes of a 400, seen live (apis/qpilot.md §3.3)
_LONGEST_BODY, _MOST_FIELDS, _LONGEST_MESSAGE = 20_000, 10, 200
_MEMBER = re.compile(r"(^|\.)([A-Z])")  # ASP.NET names its properties, which begin in upper case


class QpilotForbidden(Forbidden):
    """Not allowed; ``code`` is QPilot's result code if it gave one, ``said`` its words, cleaned and cut, or empty."""

    def __init__(self, back_end: str, request_id: str = "", *, code: int | None = None, said: str = "") -> None:
        super().__init__(back_end, request_id)
        self.code = code
        self.said = said


class QpilotInvalid(Invalid):
    """Some input is wrong; ``fields`` say which, ``code`` and ``said`` as in QpilotForbidden."""

    def __init__(
        self,
        back_end: str,
        request_id: str = "",
        *,
        fields: tuple[FieldError, ...] = (),
        code: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(back_end, request_id, fields=fields)
        self.code = code
        self.said = said


class ScopeRefused(KeyRefused):
    """The token is good, but its scope or its account may not do this (403)."""

    text = "{name} does not allow that for this connection."


def checked(http: BackendHttp, answer: Answer, *, at_login: bool = False) -> Answer:
    """The answer if it is a 2xx; else raises the Refused that its status and text mean."""
    if answer.status < 400:
        return answer
    raise _refused(http.name, answer, at_login)


def _refused(back_end: str, answer: Answer, at_login: bool) -> BackendError:
    reference = answer.request_id
    if at_login and answer.status in (400, 401, 403):
        return LoginRefused(back_end, reference)
    match answer.status:
        case 401:
            return SessionExpired(back_end, reference)
        case 403:
            return ScopeRefused(back_end, reference)
        case 404:
            return NotFound(back_end, reference)
        case 400 | 409 | 422:
            return refusal(back_end, reference, _said(answer.body))
        case _:
            return Refused(back_end, reference)


def refusal(back_end: str, request_id: str, said: Mapping[str, Any]) -> QpilotForbidden | QpilotInvalid:
    """The refusal in an error's body: QpilotInvalid where ASP.NET names fields, else QpilotForbidden."""
    fields = tuple(_fields(said.get("errors")))[:_MOST_FIELDS]
    code = said.get("code")
    number, words = code if type(code) is int else None, _words(said)
    if fields:
        return QpilotInvalid(back_end, request_id, fields=fields, code=number, said=words)
    return QpilotForbidden(back_end, request_id, code=number, said=words)


def refuses(said: Mapping[str, Any]) -> bool:
    """True if a body that came with 2xx says no all the same: an error's keys and no record."""
    return "id" not in said and bool(said.get("errors") or said.get("messages") or said.get("code")) and _is(said)


def _is(said: Mapping[str, Any]) -> bool:
    return bool(_words(said)) or any(_fields(said.get("errors")))


def _words(said: Mapping[str, Any]) -> str:
    """QPilot's words: those meant for people first, then the technical ones (apis/qpilot.md §3.3)."""
    messages = said.get("messages")
    known = messages if isinstance(messages, dict) else {}
    for given in (known.get("userMessage"), known.get("errors"), said.get("message"), said.get("title")):
        texts = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        line = " ".join(text for text in texts if isinstance(text, str) and text.strip())
        if line:
            return one_line(line, _LONGEST_MESSAGE)
    return ""


def _fields(errors: object) -> Iterator[FieldError]:
    """ASP.NET's complaints under the names of the JSON: ``Frequency`` is ``frequency``, ``Items[0].Id`` likewise."""
    for name, texts in errors.items() if isinstance(errors, dict) else ():
        messages = [texts] if isinstance(texts, str) else texts if isinstance(texts, list) else []
        said = " ".join(text for text in messages if isinstance(text, str))
        field = _MEMBER.sub(lambda found: found[1] + found[2].lower(), name.removeprefix("$."))
        if field:
            yield FieldError(one_line(field, 80), one_line(said, _LONGEST_MESSAGE) or "was not accepted")


def _said(body: bytes) -> Mapping[str, Any]:
    """What is in an error's body, whatever its Content-Type claims: an object, or words; nothing in a proxy's page."""
    text = body[:_LONGEST_BODY].decode(errors="replace")
    try:
        said = loaded(text)
    except ValueError:
        said = "" if text.lstrip().startswith("<") else text
    return said if isinstance(said, dict) else {"message": said}
