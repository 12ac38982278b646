"""What came of what a person asked, as data (DESIGN.md §2: done · refused · pending · unknown)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from backends.errors import BackendError, FieldError, Invalid, KeyRefused, LoginRefused, NotFound
from backends.errors import Refused as BackendRefused
from store.ledger import Action

T = TypeVar("T")


NOBODY_KNOWS = "So I do not know whether it was done."


class Reason(StrEnum):
    """Why something was refused, for the sentence and the next step that a person is shown."""

    NOT_CONNECTED = "not_connected"
    LOGIN_AGAIN = "login_again"
    NOT_FOUND = "not_found"
    NO = "no"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Done(Generic[T]):
    """It was done, and this is what came back."""

    value: T


@dataclass(frozen=True)
class Refused:
    """It was not done; ``text`` is safe to show, ``fields`` belong under their inputs, ``back_end`` said no."""

    reason: Reason
    text: str
    fields: tuple[FieldError, ...] = ()
    back_end: str = "quivo"


@dataclass(frozen=True)
class Unknown:
    """Nobody can say whether it was done; ``text`` is safe to show, ``action`` is the change in the ledger."""

    text: str
    action: Action | None = None


Outcome = Done[T] | Refused | Unknown


def read_failed(error: BackendError) -> Refused:
    """The refusal that a failed *read* is: a read changes nothing, so nothing about it is unknown."""
    fields = error.fields if isinstance(error, Invalid) else ()
    return Refused(_reason(error), error.safe_text, fields, error.back_end)


def write_failed(error: BackendError) -> Refused | Unknown:
    """What a failed *write* is: known not done, or sent and then nobody can say (DESIGN.md §4.4)."""
    if error.outcome_known:
        return read_failed(error)
    return Unknown(f"{error.safe_text} {NOBODY_KNOWS}")


def _reason(error: BackendError) -> Reason:
    match error:
        case NotFound():
            return Reason.NOT_FOUND
        case LoginRefused() | KeyRefused():
            return Reason.LOGIN_AGAIN
        case BackendRefused():
            return Reason.NO
        case _:
            return Reason.NO_ANSWER
