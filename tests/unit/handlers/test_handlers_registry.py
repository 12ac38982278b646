"""The registry: one look-up finds what was meant, near misses are offered and never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.access import Role
from handlers.context import Context
from handlers.everything import REGISTRY
from handlers.registry import Command, Meant, Press, Registry


async def nothing(ctx: Context) -> str:
    return "done"


SHOW = Command("/order", "show", "<id>", "Show", nothing, default=True)
FIND = Command("/order", "find", "", "Find", nothing, roles=frozenset({Role.ADMIN}))
STATUS = Command("/bot", "status", "", "Status", nothing)
PRESS = Press("order.details", nothing)
ODD = Registry([SHOW, FIND, STATUS], [PRESS])


@pytest.mark.parametrize(
    ("command", "text", "meant"),
    [
        ("/order", "1001", Meant(SHOW, "1001")),
        ("/order", "#DE38678 please", Meant(SHOW, "#DE38678 please")),
        ("/order", "show 1001", Meant(SHOW, "1001")),
        ("/order", "find  a b ", Meant(FIND, "a b")),
        ("/order", "FIND x", Meant(FIND, "x")),
        ("/order", "", Meant(SHOW, "")),
        ("/order", "fnd x", Meant(None, "fnd x", "/order find")),
        ("/order", "shwo", Meant(None, "shwo", "/order show")),
        ("/order", "f1nd", Meant(SHOW, "f1nd")),
        ("/order", "sh", Meant(SHOW, "sh")),
        ("/bot", "stats", Meant(None, "stats", "/bot status")),
        ("/bot", "dance", Meant(None, "dance", None)),
        ("/bot", "", Meant(None, "", None)),
        ("/ordr", "1001", Meant(None, "1001", "/order")),
        ("/nothing-alike", "", Meant(None, "", None)),
    ],
)
def test_what_was_meant(command: str, text: str, meant: Meant) -> None:
    """A verb runs itself, other words go to the default, and a near miss is offered but not run."""
    assert ODD.meant(command, text) == meant


@given(st.text(), st.text())
def test_anything_typed_is_understood_or_not(command: str, text: str) -> None:
    """No name and no words make the look-up fail."""
    assert isinstance(REGISTRY.meant(command, text), Meant)


def test_presses_are_found_by_their_name_only() -> None:
    """A press is found by its exact name, and nothing else is."""
    assert ODD.press("order.details") is PRESS
    assert [ODD.press(name) for name in ("order.Details", "order", "", "/order")] == [None] * 4


def test_names_for_audit_help_and_fingers() -> None:
    """A command has one name in the audit, and one way to be typed, which for a default has no verb."""
    assert [(command.name, command.said, command.typed) for command in (SHOW, FIND)] == [
        ("order.show", "/order", "/order <id>"),
        ("order.find", "/order find", "/order find"),
    ]


def test_each_slash_command_has_one_default() -> None:
    """Every slash command does something when typed alone, and never two things."""
    defaults = [command.command for command in REGISTRY.commands if command.default]
    assert sorted(defaults) == sorted(REGISTRY.slash_commands())


def test_names_are_unique() -> None:
    """No two commands and no two presses share a name, which would make one of them unreachable."""
    names = [command.name for command in REGISTRY.commands]
    assert len(names) == len(set(names))
    assert all(REGISTRY.press(name) is press for name, press in REGISTRY._presses.items())


def test_names_on_the_wire_are_noun_dot_verb() -> None:
    """Every press but an event is named <noun>.<verb> (DESIGN.md §3)."""
    events = {"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change"}
    assert {name for name in REGISTRY._presses if "." not in name} == events


def test_a_first_answer_without_errors_goes_on() -> None:
    """A press goes on after its first answer unless that says errors."""
    assert PRESS.runs({})
    assert PRESS.runs({"response_action": "update"})
    assert not PRESS.runs({"response_action": "errors", "errors": {}})
    assert PRESS.first_answer.__name__ == "_nothing"


def test_commands_that_act_at_once_ask_slack_anew() -> None:
    """B3: a command that changes something itself is marked, as a button is; one that only opens a form is not."""
    acting = {command.name for command in REGISTRY.commands if command.changes}
    assert acting == {
        *(f"cart.{verb}" for verb in ("show", "new", "add", "set", "remove", "coupon", "note")),
        *("scheduled.token", "digest.run", "digest.pause", "digest.resume"),
    }
    asked = [("/cart", "add NOTE"), ("/cart", ""), ("/cart", "checkout"), ("/order", "1001"), ("nothing.here", "")]
    assert [REGISTRY.changes(*one) for one in asked] == [True, True, False, False, False]
