"""What can go wrong at a back end, shaped by what the caller does next.

BackendError
 ├─ Unreachable        nothing was sent: known not done, try again later
 ├─ NoAnswer           sent, and then silence: a write may have been done
 ├─ Busy               429: known not done, wait ``retry_after`` seconds
 ├─ Fault              5xx: a write may have been done
 ├─ Garbled            an answer that is not what the back end's documents say
 └─ Refused            understood, and the answer is no: known not done
     ├─ LoginRefused   wrong user name or password
     ├─ KeyRefused     API key missing, wrong, expired, or not allowed to do this
     ├─ SessionExpired log in again, then ask once more
     ├─ NotFound       no such record, or not for this account
     ├─ Forbidden      not allowed, most often because of the record's status
     └─ Invalid        ``fields`` say which input is wrong
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

NAMES = {"quivo": "Quivo", "vendo": "Vendo", "qpilot": "QPilot"}


@dataclass(frozen=True)
class FieldError:
    """One complaint of a back end about one field, in its own words, cleaned and capped (apis/quivo.md §3)."""

    field: str
    message: str


class BackendError(Exception):
    """Any failure at a back end; everything in it may be shown to people.

    ``safe_text`` is the sentence its class declares, never an exception's string or a body (DESIGN.md §4.8).
    ``outcome_known`` is False where a write was sent and nobody can say whether it was done.
    """

    text: ClassVar[str] = "Something went wrong at {name}."

    def __init__(self, back_end: str, request_id: str = "", *, outcome_known: bool = True) -> None:
        self.back_end = back_end
        self.request_id = request_id
        self.outcome_known = outcome_known
        self.safe_text = self.text.format(name=NAMES.get(back_end, "the back end"))
        super().__init__(f"{self.safe_text} ({request_id})")


class Unreachable(BackendError):
    """No connection was made, so nothing was sent."""

    text = "I could not reach {name}, so nothing was sent. Please try again in a moment."


class NoAnswer(BackendError):
    """The request was sent and no answer came."""

    text = "I asked {name} and got no answer."


class _Waiting(BackendError):
    """A failure for which the back end may say how long to wait, in seconds."""

    def __init__(
        self, back_end: str, request_id: str = "", *, outcome_known: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(back_end, request_id, outcome_known=outcome_known)
        self.retry_after = retry_after


class Busy(_Waiting):
    """Too many requests (429); it was not done."""

    text = "{name} has too much to do right now. Please try again in a moment."


class Fault(_Waiting):
    """The back end broke (5xx) while it worked on the request."""

    text = "{name} has a fault on its side. Please try again later."


class Garbled(BackendError):
    """The answer is not what the documents say: HTML, an empty body, a redirect, a missing token."""

    text = "{name} answered with something I cannot read."


class Refused(BackendError):
    """The back end understood the request and said no; it was not done."""

    text = "{name} did not accept the request."


class LoginRefused(Refused):
    """User name or password are wrong (401 at login)."""

    text = "{name} does not know this user name and password."


class KeyRefused(Refused):
    """The API key is missing, wrong, expired, or may not do this (403)."""

    text = "{name} did not accept the API key, or the key may not be used for this."


class SessionExpired(Refused):
    """The session token is no longer valid (401 anywhere but at login)."""

    text = "The {name} session has expired."


class NotFound(Refused):
    """There is no such record, or it belongs to another account (404)."""

    text = "{name} found nothing by that name or number."


class Forbidden(Refused):
    """Not allowed, most often because of the record's status (400 without a field, 409, 422)."""

    text = "{name} does not allow that, most likely because of the present status."


class Invalid(Refused):
    """Some of what was entered is wrong; ``fields`` says what."""

    text = "{name} did not accept some of what was entered."

    def __init__(
        self, back_end: str, request_id: str = "", *, outcome_known: bool = True, fields: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(back_end, request_id, outcome_known=outcome_known)
        self.fields = fields
