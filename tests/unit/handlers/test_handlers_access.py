"""Who may do what: every role against every permission, and how a role is read from Slack's answer (B1, B2)."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.access import MEMBERS, Role, Verdict, decide, role_of
from handlers.everything import REGISTRY
from handlers.request import Kind

EVERY_SET = list(chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1)))
FLAGS = ("deleted", "is_bot", "is_stranger", "is_ultra_restricted", "is_restricted", "is_admin", "is_owner")


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_exactly_what_is_allowed_to_it(role: Role) -> None:
    """B1: against every set of allowed roles, a role is allowed if it is in it and else told why not."""
    for allowed in EVERY_SET:
        verdict = decide(role, allowed)
        assert verdict.allowed == (role in allowed)
        assert bool(verdict.why) != verdict.allowed


@pytest.mark.parametrize("role", Role)
def test_only_members_and_admins_may_do_anything_by_default(role: Role) -> None:
    """B2: without saying more, guests, outsiders, bots, deactivated and unknown people are refused."""
    assert decide(role).allowed == (role in {Role.MEMBER, Role.ADMIN})


def test_an_allowed_verdict_says_nothing() -> None:
    """A verdict that allows has no sentence that could be shown by mistake."""
    assert decide(Role.MEMBER) == Verdict(True)


@pytest.mark.parametrize("command", REGISTRY.commands, ids=lambda command: command.name)
def test_every_command_is_for_members(command: Any) -> None:
    """B1: no command of the registry is open to anybody but members and admins."""
    assert command.roles <= MEMBERS


def test_every_press_is_for_members() -> None:
    """B2: nothing that is pressed is open to anybody but members and admins; events are told by Slack itself."""
    events = {press.name for press in REGISTRY._presses.values() if press.kind is Kind.EVENT}
    assert events == {"user_change", "app_uninstalled", "tokens_revoked"}
    assert all(press.roles <= MEMBERS for press in REGISTRY._presses.values() if press.kind is not Kind.EVENT)


@pytest.mark.parametrize("role", Role)
def test_what_is_open_to_a_role_is_what_decide_allows(role: Role) -> None:
    """B5: the commands that help may show are exactly those that would run."""
    assert REGISTRY.open_to(role) == tuple(c for c in REGISTRY.commands if decide(role, c.roles).allowed)
    assert bool(REGISTRY.open_to(role)) == (role in MEMBERS)


@pytest.mark.parametrize(
    ("user", "role"),
    [
        ({}, Role.MEMBER),
        ({"is_admin": False, "is_bot": False, "deleted": False}, Role.MEMBER),
        ({"is_admin": True}, Role.ADMIN),
        ({"is_owner": True}, Role.ADMIN),
        ({"is_restricted": True}, Role.GUEST),
        ({"is_ultra_restricted": True, "is_restricted": True}, Role.GUEST),
        ({"is_stranger": True}, Role.OUTSIDER),
        ({"is_bot": True}, Role.BOT),
        ({"deleted": True}, Role.DEACTIVATED),
        ({"deleted": True, "is_admin": True, "is_owner": True}, Role.DEACTIVATED),
        ({"is_bot": True, "is_admin": True}, Role.BOT),
        ({"is_stranger": True, "is_admin": True}, Role.OUTSIDER),
        ({"is_restricted": True, "is_admin": True}, Role.GUEST),
    ],
)
def test_the_most_restricted_reading_wins(user: dict[str, object], role: Role) -> None:
    """B2: a user with several flags has the role that may do least."""
    assert role_of(user) is role


@given(st.fixed_dictionaries({}, optional={flag: st.booleans() for flag in FLAGS}))
def test_no_combination_of_flags_opens_more(user: dict[str, object]) -> None:
    """B2: whatever flags come together, nobody who is deleted, a bot, a stranger or a guest is a member."""
    closed = any(user.get(flag) for flag in FLAGS[:5])
    assert (role_of(user) in MEMBERS) != closed
