"""What pydantic does with secrets (DESIGN.md §5); wire models hide their input because of it."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

CANARY = "canary-token"


class Open(BaseModel):
    """A model as pydantic makes it by default."""

    token: int


class Hiding(BaseModel):
    """The same with hidden input."""

    model_config = ConfigDict(hide_input_in_errors=True)

    token: int


def refused(model: type[BaseModel]) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"token": CANARY})
    return caught.value


def test_errors_print_the_input() -> None:
    """H1: by default the text of a validation error shows what was given."""
    assert f"input_value='{CANARY}'" in str(refused(Open))


def test_hidden_input_is_not_printed() -> None:
    """H1: with ``hide_input_in_errors`` neither ``str`` nor ``repr`` of the error shows it."""
    error = refused(Hiding)
    assert CANARY not in str(error) + repr(error)


def test_the_lists_of_errors_still_hold_it() -> None:
    """H1: ``errors()`` and ``json()`` hold the input all the same, unless they are told not to."""
    error = refused(Hiding)
    assert error.errors()[0]["input"] == CANARY
    assert CANARY in error.json()
    assert CANARY not in str(error.errors(include_input=False)) + error.json(include_input=False)


def test_broken_json_is_not_printed_either() -> None:
    """H1: the error about JSON that does not end hides the body too."""
    with pytest.raises(ValidationError) as caught:
        Hiding.model_validate_json(f'{{"token": "{CANARY}')
    assert CANARY not in str(caught.value)
