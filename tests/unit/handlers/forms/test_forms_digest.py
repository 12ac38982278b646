"""What was filled in for a digest: read whole, or said under its input (issue 6)."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.forms.digest import read_colleague, read_wish
from operations.digest_wishes import Wish

FILLED: dict[str, Any] = {
    "what": ["orders_stuck", "scheduled_failed"],
    "channel": "C0ORDERS01",
    "days": ["4", "0"],
    "at": "09:00",
    "zone": "Europe/Berlin",
    "size": "full",
}


def test_a_wish() -> None:
    """Sources in the order in which they are told, days in the week's, each once."""
    wish = Wish("C0ORDERS01", ("scheduled_failed", "orders_stuck"), (0, 4), "09:00", "Europe/Berlin", "full")
    assert read_wish(FILLED) == wish
    assert read_wish({**FILLED, "days": ["0", "4", "0"]}) == wish


@pytest.mark.parametrize("name", FILLED)
@pytest.mark.parametrize("value", [None, "", [], ["other"], "other", "24:00", 7, "../etc/localtime"])
def test_what_is_missing_or_odd(name: str, value: Any) -> None:
    """Nothing, and what came from no input of ours, is said under that input and under no other."""
    read = read_wish({**FILLED, name: value})
    if name == "channel" and value:
        assert isinstance(read, Wish)  # whether there is such a channel, Slack says
    else:
        assert isinstance(read, dict)
        assert list(read) == [name]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """An empty form names each input with what to do."""
    assert read_wish({}) == {
        "channel": "Choose the channel that it is posted in.",
        "what": "Choose at least one thing to tell.",
        "days": "Choose at least one day.",
        "at": "Choose a time.",
        "zone": "Choose a time zone, for example Europe/Berlin.",
        "size": "Choose how much it tells.",
    }


def test_a_colleague() -> None:
    """Somebody was chosen, or it is said that nobody was."""
    assert read_colleague({"to": "U0BEN00001"}) == "U0BEN00001"
    assert read_colleague({"to": None}) == {"to": "Choose a colleague."}
