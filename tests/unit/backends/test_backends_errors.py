"""The tree of errors: its shape, its texts, and that nothing but declared text is ever shown."""

from __future__ import annotations

import pytest
from backends_kit import declared, kinds

from backends.errors import (
    BackendError,
    Busy,
    Fault,
    FieldError,
    Forbidden,
    Garbled,
    Invalid,
    KeyRefused,
    LoginRefused,
    NoAnswer,
    NotFound,
    Refused,
    SessionExpired,
    Unreachable,
)

TEXTS = {
    Unreachable: "I could not reach Quivo, so nothing was sent. Please try again in a moment.",
    NoAnswer: "I asked Quivo and got no answer.",
    Busy: "Quivo has too much to do right now. Please try again in a moment.",
    Fault: "Quivo has a fault on its side. Please try again later.",
    Garbled: "Quivo answered with something I cannot read.",
    Refused: "Quivo did not accept the request.",
    LoginRefused: "Quivo does not know this user name and password.",
    KeyRefused: "Quivo did not accept the API key, or the key may not be used for this.",
    SessionExpired: "The Quivo session has expired.",
    NotFound: "Quivo found nothing by that name or number.",
    Forbidden: "Quivo does not allow that, most likely because of the present status.",
    Invalid: "Quivo did not accept some of what was entered.",
}


@pytest.mark.parametrize(("kind", "text"), TEXTS.items())
def test_text(kind: type[BackendError], text: str) -> None:
    """D6: each error says its class's one sentence, with the reference behind it in the log's form."""
    error = kind("quivo", "ref-1")
    assert (error.safe_text, str(error)) == (text, f"{text} (ref-1)")
    assert (error.back_end, error.request_id, error.outcome_known) == ("quivo", "ref-1", True)


def test_every_class_has_its_text() -> None:
    """D6: no class of the tree is missing in the table above, and no two say the same."""
    raised = {kind for kind in kinds() if kind not in (BackendError, Busy.__base__)}
    assert raised == set(TEXTS)
    assert declared() == {*TEXTS.values(), "Something went wrong at Quivo."}


def test_the_tree() -> None:
    """A caller can ask for "known not done" by catching Refused, and gets exactly these six and itself."""
    assert set(kinds(Refused)) == {Refused, LoginRefused, KeyRefused, SessionExpired, NotFound, Forbidden, Invalid}
    assert all(issubclass(kind, BackendError) for kind in TEXTS)
    assert not any(issubclass(kind, Refused) for kind in (Unreachable, NoAnswer, Busy, Fault, Garbled))


@pytest.mark.parametrize(
    ("back_end", "name"), [("quivo", "Quivo"), ("vendo", "Vendo"), ("qpilot", "QPilot"), ("x<!here>", "the back end")]
)
def test_names(back_end: str, name: str) -> None:
    """Back ends are called by their names, and what is no known back end is not echoed."""
    assert Garbled(back_end).safe_text == f"{name} answered with something I cannot read."


def test_extras() -> None:
    """Waiting times and field errors travel with the errors that have them."""
    fields = (FieldError("positions", "must not be null"),)
    assert Invalid("quivo", "r", fields=fields).fields == fields
    assert Invalid("quivo", "r").fields == ()
    assert (Busy("quivo", "r", retry_after=3.0).retry_after, Fault("quivo", "r").retry_after) == (3.0, None)
    assert Fault("quivo", "r", outcome_known=False).outcome_known is False
