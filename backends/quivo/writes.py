"""What an answer to a write means: done, not done, or nobody knows (apis/quivo.md §3, §5.1)."""

from __future__ import annotations

import json
from typing import Any

from backends.errors import BackendError, FieldError, Forbidden, Garbled, Invalid
from backends.http import Answer, BackendHttp
from backends.quivo.refusals import checked, complaint
from backends.quivo.rules import INT64


def created(http: BackendHttp, answer: Answer) -> int:
    """The new order's id; only 2xx with ``"status": "OK"`` and an ``orderId`` is a success (seed 001).

    Raises Invalid for both of Quivo's ways to fail (also without a field: a new order has no status that could forbid
    it), Garbled for anything else, since the order may then be there.
    """
    try:
        checked(http, answer)
    except Forbidden:
        raise Invalid(http.name, answer.request_id) from None
    said = _object(answer)
    if said is None:
        raise _garbled(http, answer)
    order_id = said.get("orderId")
    if said.get("status") == "OK" and type(order_id) is int and 1 <= order_id <= INT64:
        return order_id
    raise _refusal(http, answer, said, Invalid(http.name, answer.request_id))


def accepted(http: BackendHttp, answer: Answer) -> None:
    """Return if a change was taken: any 2xx without a body, or with an object that is no failure (apis/quivo.md §5.4).

    Raises Invalid or Forbidden for the envelope of a failure, Garbled for HTML and the like: it may have been done.
    """
    checked(http, answer)
    if not answer.body.strip():
        return
    said = _object(answer)
    if said is None:
        raise _garbled(http, answer)
    if said.get("status") not in (None, "OK"):
        raise _refusal(http, answer, said, Forbidden(http.name, answer.request_id))


def _object(answer: Answer) -> dict[str, Any] | None:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _refusal(http: BackendHttp, answer: Answer, said: dict[str, Any], without_field: BackendError) -> BackendError:
    """The refusal in an envelope, or Garbled for one that does not clearly say no: a word, a reason and no order."""
    status, field, message = said.get("status"), said.get("field"), said.get("message")
    clear = isinstance(status, str) and status not in ("", "OK") and said.get("orderId") is None
    if not clear or not (isinstance(field, str) or isinstance(message, str)):
        return _garbled(http, answer)
    if not isinstance(field, str) or not field:
        return without_field
    fields: tuple[FieldError, ...] = (complaint(field, message if isinstance(message, str) else ""),)
    return Invalid(http.name, answer.request_id, fields=fields)


def _garbled(http: BackendHttp, answer: Answer) -> Garbled:
    return Garbled(http.name, answer.request_id, outcome_known=False)
