"""The way of one request: acknowledged first, run once, audited, and every failure with a reference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import ADA, CHANNEL, TEAM, FakeAudit, FakeIntake, Stage, leaks
from hypothesis import given
from hypothesis import strategies as st

from bot.door import Door, new_reference
from bot.tasks import Tasks
from bot.traces import where
from handlers.context import Context
from handlers.directory import Directory
from handlers.registry import Command, Press, Registry
from handlers.request import Request, read
from store.errors import Full as DiskFull
from store.errors import StoreError

SECRET = "canary-exception-0913"
COMMAND = {
    "command": "/order",
    "text": "1001",
    "trigger_id": "1.2",
    "team_id": TEAM,
    "user_id": ADA,
    "channel_id": CHANNEL,
    "response_url": "https://reply",
}
WHO: dict[str, Any] = {"trigger_id": "1.3", "team": {"id": TEAM}, "user": {"id": ADA, "team_id": TEAM}}
CLICK = {
    "type": "block_actions",
    **WHO,
    "channel": {"id": CHANNEL},
    "response_url": "https://reply",
    "actions": [{"action_id": "order.press", "value": "card-1"}],
}
SUBMIT = {"type": "view_submission", **WHO, "view": {"id": "V1", "callback_id": "order.press"}}
EVENT = {
    "type": "event_callback",
    "team_id": TEAM,
    "event_id": "Ev1",
    "event": {"type": "order.press", "user": ADA},
}
ALL = [COMMAND, CLICK, SUBMIT, EVENT]


@dataclass
class Hall:
    """A door with fakes behind it, and a handler that remembers, waits or fails as it is told."""

    intake: FakeIntake = field(default_factory=FakeIntake)
    audit: FakeAudit = field(default_factory=FakeAudit)
    tasks: Tasks = field(default_factory=Tasks)
    ran: list[Request] = field(default_factory=list)
    acks: list[dict[str, Any]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    failing: Exception | None = None
    first_answer: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        press = Press("order.press", self.handle, first_answer=lambda _: self.first_answer)
        registry = Registry([Command("/order", "show", "", "Show", self.handle, default=True)], [press])
        self.stage = Stage(registry=registry)
        self.slack = self.stage.slack
        self.slack.people = {ADA: {"team_id": TEAM}}
        self.slack.channels = {CHANNEL: {"is_channel": True}}
        directory = Directory(self.slack, TEAM)
        self.door = Door(registry, self.stage.services, directory, self.intake, self.audit, self.tasks)

    async def handle(self, ctx: Context) -> str:
        self.ran.append(ctx.request)
        if self.gate:
            await self.gate.wait()
        if self.failing:
            raise self.failing
        return "done"

    async def ack(self, text: str = "", **answer: Any) -> None:
        self.acks.append({**({"text": text} if text else {}), **answer})

    async def deliver(self, body: Mapping[str, Any]) -> None:
        await self.door.receive(body, self.ack)

    async def delivered(self, body: Mapping[str, Any]) -> None:
        await self.deliver(body)
        await self.tasks.idle()

    def outcomes(self) -> list[tuple[str, str]]:
        return [(line.action, line.outcome) for line in (*self.intake.lines, *self.audit.kept)]


def records(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("body", ALL, ids=["command", "click", "form", "event"])
async def test_a_delivery_is_acknowledged_before_its_work_ends(body: Mapping[str, Any]) -> None:
    """A6: the acknowledgement leaves while the handler has not even begun to wait for a back end."""
    hall = Hall()
    hall.gate = asyncio.Event()
    await hall.deliver(body)
    assert (hall.acks, hall.ran) == ([{}], [])
    hall.gate.set()
    await hall.tasks.idle()
    assert (len(hall.ran), len(hall.acks)) == (1, 1)


@pytest.mark.parametrize("body", ALL, ids=["command", "click", "form", "event"])
async def test_the_same_delivery_ten_times_runs_once(body: Mapping[str, Any]) -> None:
    """A4 and A5: ten deliveries of the same thing, one after the other, are ten acknowledgements and one run."""
    hall = Hall()
    for _ in range(10):
        await hall.delivered(body)
    assert (len(hall.ran), len(hall.acks), len(hall.intake.lines), len(hall.audit.kept)) == (1, 10, 1, 1)


@pytest.mark.parametrize("body", ALL, ids=["command", "click", "form", "event"])
async def test_the_same_delivery_ten_times_at_once_runs_once(body: Mapping[str, Any]) -> None:
    """A4: ten deliveries of the same thing at once are ten acknowledgements and one run."""
    hall = Hall()
    await asyncio.gather(*(hall.deliver(body) for _ in range(10)))
    await hall.tasks.idle()
    assert (len(hall.ran), len(hall.acks), len(hall.intake.lines), len(hall.audit.kept)) == (1, 10, 1, 1)


async def test_different_deliveries_run_each() -> None:
    """Two commands with the same words are two wishes: each runs."""
    hall = Hall()
    await hall.delivered(COMMAND)
    await hall.delivered({**COMMAND, "trigger_id": "1.9"})
    assert len(hall.ran) == 2


async def test_a_handled_delivery_is_audited_under_one_reference(capsys: pytest.CaptureFixture[str]) -> None:
    """D5: what was asked and what came of it stand in the audit under the reference that the log has too."""
    hall = Hall()
    await hall.delivered(CLICK)
    asked, done = (*hall.intake.lines, *hall.audit.kept)
    assert [(line.action, line.target, line.outcome) for line in (asked, done)] == [
        ("order.press", "card-1", "asked"),
        ("order.press", "card-1", "done"),
    ]
    assert (asked.reference, asked.team, asked.user, asked.channel) == (done.reference, TEAM, ADA, CHANNEL)
    (handled,) = [line for line in records(capsys.readouterr().err) if line["event"] == "handled"]
    assert (handled["reference"], handled["outcome"], handled["role"]) == (asked.reference, "done", "member")


@pytest.mark.parametrize("value", ["x" * 65, "https://x.example", "a b", "ada@example.com", "1001;"])
async def test_only_an_opaque_id_becomes_the_audits_target(value: str) -> None:
    """D1: a value that is not of an opaque id's shape is not written into the audit."""
    hall = Hall()
    await hall.delivered({**CLICK, "actions": [{"action_id": "order.press", "value": value}]})
    assert {line.target for line in (*hall.intake.lines, *hall.audit.kept)} == {""}


@pytest.mark.parametrize("body", [COMMAND, CLICK, SUBMIT], ids=["command", "click", "form"])
async def test_an_intake_that_fails_means_nothing_is_done(body: Mapping[str, Any]) -> None:
    """G7: where the delivery cannot be written down nothing runs, and the person is told so with a reference."""
    hall = Hall(intake=FakeIntake(failing=DiskFull()))
    await hall.delivered(body)
    assert (hall.ran, hall.audit.kept) == ([], [])
    ((said),) = hall.slack.said
    assert said.how == ("update" if body is SUBMIT else "respond")
    assert "disk" in said.text
    assert "Reference" in said.text


@pytest.mark.parametrize("body", ALL, ids=["command", "click", "form", "event"])
async def test_an_exception_is_a_reference_and_never_its_text(
    body: Mapping[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """D5 and D6: an exception is told with a reference that log and audit have too, and its text is nowhere."""
    hall = Hall(failing=RuntimeError(SECRET))
    await hall.delivered(body)
    (line,) = hall.audit.kept
    said, logged = hall.stage.texts(), capsys.readouterr().err
    assert line.outcome == "failed"
    assert line.reference == hall.intake.lines[0].reference
    assert [line.reference in text for text in said] == ([] if body is EVENT else [True])
    (failed,) = [record for record in records(logged) if record["event"] == "failed"]
    assert (failed["reference"], failed["error"]) == (line.reference, "RuntimeError")
    assert leaks([logged, *said, repr(hall.audit.kept)], SECRET) == []
    assert any(place.startswith("test_bot_door.py:") for place in failed["where"])


async def test_an_apology_finds_its_way() -> None:
    """D4: where the response_url is not taken, the apology is whispered, and for a closed form too."""
    for body in (COMMAND, CLICK, SUBMIT):
        hall = Hall(failing=RuntimeError(SECRET))
        hall.slack.refused = {"respond", "update"}
        await hall.delivered(body)
        assert [said.how for said in hall.slack.said] == ["whisper"]


@pytest.mark.parametrize("body", ALL, ids=["command", "click", "form", "event"])
async def test_nothing_escapes_when_everything_fails(
    body: Mapping[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where handler, Slack and audit all fail, the task still ends, and the log says so without their texts."""
    hall = Hall(failing=RuntimeError(SECRET), audit=FakeAudit(failing=StoreError()))
    hall.slack.breaking = ValueError(SECRET)
    await hall.door.handle(read(body))
    logged = capsys.readouterr().err
    assert "failed" in [record["event"] for record in records(logged)]
    assert "store failed" in [record["event"] for record in records(logged)]
    assert leaks([logged], SECRET) == []


@pytest.mark.parametrize(
    "body", [{}, {"type": "view_closed"}, {"type": "block_actions"}, {**COMMAND, "command": ["/order"]}]
)
async def test_an_unreadable_delivery_is_acknowledged_and_logged(
    body: Mapping[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A10: what cannot be read is acknowledged, so that Slack shows no error, leaves one line and runs nothing."""
    hall = Hall()
    await hall.delivered(body)
    assert (hall.acks, hall.ran, hall.intake.lines) == ([{}], [], [])
    assert [record["event"] for record in records(capsys.readouterr().err)] == ["unreadable"]


async def test_a_full_house_says_so_and_does_nothing() -> None:
    """Where too much is waiting, a command is answered in its acknowledgement, and nothing of it is admitted."""
    hall = Hall(tasks=Tasks(running=1, waiting=0))
    hall.gate = asyncio.Event()
    await hall.deliver(COMMAND)
    for body in ({**COMMAND, "trigger_id": "1.9"}, CLICK, EVENT):
        await hall.deliver(body)
    first, second, *others = hall.acks
    assert (first, others) == ({}, [{}, {}])
    assert "too much" in second["text"]
    hall.gate.set()
    await hall.tasks.idle()
    assert (len(hall.ran), len(hall.intake.lines)) == (1, 1)


async def test_a_form_with_errors_is_answered_and_goes_no_further() -> None:
    """A form with field errors is answered with them at once, and is no delivery that would be written down."""
    hall = Hall(first_answer={"response_action": "errors", "errors": {"apiKey": "Please."}})
    await hall.delivered(SUBMIT)
    assert hall.acks == [{"response_action": "errors", "errors": {"apiKey": "Please."}}]
    assert (hall.ran, hall.intake.lines) == ([], [])


async def test_a_form_that_is_whole_is_answered_and_goes_on() -> None:
    """A form without errors is answered with its first answer, and then its handler runs."""
    hall = Hall(first_answer={"response_action": "update", "view": {}})
    await hall.delivered(SUBMIT)
    assert (hall.acks, len(hall.ran)) == ([{"response_action": "update", "view": {}}], 1)


async def test_somebody_of_another_company_runs_nothing() -> None:
    """B2: a click of somebody whose own team is another one is acknowledged, audited, refused, and runs nothing."""
    hall = Hall()
    await hall.delivered({**CLICK, "user": {"id": "U0OLGA0001", "team_id": "T0OTHER001"}})
    assert (hall.ran, hall.outcomes()) == ([], [("order.press", "asked"), ("order.press", "refused:outsider")])


async def test_somebody_whom_slack_does_not_know_runs_nothing() -> None:
    """B2: where Slack does not say who somebody is, nothing runs."""
    hall = Hall()
    hall.slack.people = {}
    await hall.delivered(COMMAND)
    assert (hall.ran, hall.outcomes()[-1]) == ([], ("order.show", "refused:unknown"))


async def test_a_secret_that_was_typed_is_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    """D7: a token that was typed into a command is in no log line, no audit line and no answer."""
    hall = Hall()
    await hall.delivered({**COMMAND, "text": "xoxb-123456789012-canarytoken"})
    places = [capsys.readouterr().err, repr(hall.intake.lines), repr(hall.audit.kept), *hall.stage.texts()]
    assert leaks(places, "canarytoken", "xoxb-") == []
    assert (hall.ran, hall.outcomes()[-1][1]) == ([], "refused:secret")


def test_references_are_readable_and_not_repeated() -> None:
    """A reference has eight letters or digits that nobody mistakes for others, and a thousand of them differ."""
    made = {new_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(reference) for reference in made} == {8}
    assert not set("01IO") & set("".join(made))


@given(st.text(min_size=8, alphabet=st.characters(codec="ascii", categories=["L"])))
def test_the_places_of_an_exception_hold_none_of_its_text(text: str) -> None:
    """D6: where an exception came through is told by files and lines, whatever its text is."""
    try:
        raise ValueError(text)
    except ValueError as error:
        places = where(error)
    assert [place.split(":")[0] for place in places] == ["test_bot_door.py"]
