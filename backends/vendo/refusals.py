"""Vendo's ways of saying no: a sentence under ``error``, and sometimes fields under ``errors`` (apis/vendo.md §4.5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from backends.errors import (
    BackendError,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    SessionExpired,
)
from backends.http import Answer, BackendHttp
from backends.reading import one_line

_LONGEST_BODY, _MOST_FIELDS, _LONGEST_MESSAGE = 20_000, 10, 200
_CODES = {
    "payment_method_not_found": "This way to pay is not offered for this cart.",
    "source_not_found": "This card is not known.",
    "shipping_method_not_found": "This way to ship is not offered for this cart.",
    "shipment_not_found": "This shipment is not part of this cart.",
}


def checked(
    http: BackendHttp, answer: Answer, *, field: str = "base", as_refused: type[Refused] | None = None
) -> Answer:
    """The answer if it is a 2xx; else raises the Refused that its status and text mean.

    ``field`` is where a sentence about no field in particular stands; ``as_refused`` is what every 4xx means that is
    Vendo's own: a proxy's page is just Refused.
    """
    if answer.status < 400:
        return answer
    raise _refusal(http.name, answer, field, as_refused)


def _refusal(back_end: str, answer: Answer, field: str, as_refused: type[Refused] | None) -> BackendError:
    reference = answer.request_id
    if as_refused is not None and not answer.body.lstrip().startswith(b"<"):
        return as_refused(back_end, reference)
    said = _said(answer.body)
    match answer.status:
        case 401:
            return SessionExpired(back_end, reference)
        case 403 if said:
            return Forbidden(back_end, reference)
        case 404:
            return NotFound(back_end, reference)
        case 400 | 409 | 422 if fields := _complaints(said, field):
            return Invalid(back_end, reference, fields=fields)
        case _:
            return Refused(back_end, reference)


def _said(body: bytes) -> dict[str, Any]:
    """An error's body, whatever its Content-Type claims; nothing where it is no JSON object."""
    try:
        said = json.loads(body[:_LONGEST_BODY].decode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _complaints(said: dict[str, Any], field: str) -> tuple[FieldError, ...]:
    """What is wrong field by field, or else the one sentence."""
    errors = said.get("errors")
    found = [*_by_field(errors)] if isinstance(errors, dict) else []
    if not found:
        texts = [text for name in ("error_description", "error") if isinstance(text := said.get(name), str)]
        found = [(field, _CODES.get(text, text)) for text in texts[:1]]
    cleaned = (FieldError(one_line(name, 80), one_line(text, _LONGEST_MESSAGE)) for name, text in found[:_MOST_FIELDS])
    return tuple(one for one in cleaned if one.message)


def _by_field(errors: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, messages in errors.items():
        for message in messages if isinstance(messages, list) else [messages]:
            if isinstance(message, str):
                yield name, message
