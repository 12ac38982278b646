"""Events of people and apps that left: which of them count, who may bring them, and what they are noted as (C11)."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import ADA, NOW, TEAM, Stage, request

from handlers.access import Role
from handlers.commands import run
from handlers.durable import RUNNERS
from handlers.everything import REGISTRY
from handlers.request import Kind, Request, Unreadable, read
from operations.leaving import LEAVE, OWNER_GONE
from store.occurrences import Due

WHO = {"id": ADA, "team_id": TEAM, "deleted": True, "profile": {"real_name": "Ada"}}
SLACKS_OWN = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event_time": 1599616881}


def event(**fields: Any) -> Request:
    """An event as Slack sends it, read."""
    return read({**SLACKS_OWN, "event": fields})


class Noted:
    """Occurrences that remember what was added, each key once."""

    def __init__(self) -> None:
        self.added: list[Due] = []

    async def add(self, due: Due) -> bool:
        self.added.append(due)
        return len([one for one in self.added if one.key == due.key]) == 1


def staged() -> tuple[Stage, Noted]:
    noted = Noted()

    def now() -> datetime:
        return NOW

    return Stage(ports=SimpleNamespace(occurrences=noted, now=now)), noted


@pytest.mark.parametrize(
    ("fields", "name", "user"),
    [
        ({"type": "user_change", "user": WHO}, "user_change", ADA),
        ({"type": "user_change", "user": {**WHO, "deleted": False}}, "user_change.stays", ADA),
        ({"type": "user_change", "user": {"id": ADA}}, "user_change.stays", ADA),
        ({"type": "user_change", "user": {**WHO, "deleted": "true"}}, "user_change.stays", ADA),
        ({"type": "app_uninstalled"}, "app_uninstalled", ""),
        ({"type": "tokens_revoked", "tokens": {"oauth": [ADA], "bot": ["U0BOT"]}}, "tokens_revoked", ""),
        ({"type": "tokens_revoked", "tokens": {"oauth": [ADA], "bot": []}}, "tokens_revoked.not_ours", ""),
        ({"type": "tokens_revoked", "tokens": {"oauth": [ADA]}}, "tokens_revoked.not_ours", ""),
    ],
)
def test_which_events_count(fields: dict[str, Any], name: str, user: str) -> None:
    """Only a person who was deleted and a bot's own token; whatever else changes has a name that nothing answers to."""
    found = event(**fields)
    assert (found.kind, found.name, found.user, found.team, found.channel) == (Kind.EVENT, name, user, TEAM, None)
    assert (REGISTRY.press(name) is None) == ("." in name)


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "user_change"},
        {"type": "user_change", "user": ADA},
        {"type": "tokens_revoked"},
        {"type": "tokens_revoked", "tokens": []},
    ],
)
def test_what_is_not_whole_is_unreadable(fields: dict[str, Any]) -> None:
    """Nobody is removed by half an event."""
    with pytest.raises(Unreadable):
        event(**fields)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("fields", "user"),
    [
        ({"type": "user_change", "user": WHO}, ADA),
        ({"type": "app_uninstalled"}, None),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}, None),
    ],
)
async def test_it_is_noted_whoever_they_were(role: Role, fields: dict[str, Any], user: str | None) -> None:
    """Who left is no member any more, and after an uninstall nobody is known: noted all the same, and nothing said."""
    stage, noted = staged()
    assert await run(stage.context(event(**fields), role)) == "done"
    assert noted.added == [Due("leaving:event:Ev1", LEAVE, NOW, {"user": user}, TEAM)]
    assert stage.slack.said == []


@pytest.mark.parametrize("name", ["user_change", "app_uninstalled", "tokens_revoked"])
@pytest.mark.parametrize("kind", [Kind.ACTION, Kind.SUBMISSION, Kind.SHORTCUT])
async def test_a_person_cannot_say_it(name: str, kind: Kind) -> None:
    """A press that bears an event's name removes nobody: only Slack itself may say who left."""
    stage, noted = staged()
    assert await run(stage.context(request(kind, name), Role.ADMIN)) == "refused:expired"
    assert noted.added == []


async def test_an_event_without_a_person_removes_nobody() -> None:
    """An empty id must not be taken for everybody."""
    stage, noted = staged()
    assert await run(stage.context(event(type="user_change", user={"deleted": True}))) == "refused:nobody"
    assert noted.added == []


def test_there_is_somebody_to_run_it() -> None:
    """What is noted is run by the engine, and a stopped watch's reason has words of its own for the channel."""
    from handlers.render.watch_ended import OWNER_GONE as SAID

    assert LEAVE in RUNNERS
    assert SAID == OWNER_GONE
