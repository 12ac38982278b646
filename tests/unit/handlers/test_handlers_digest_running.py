"""What a run does around its decisions: its turn in the channel, its post without charts (CHECKS F5; DESIGN.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import ADA, CHANNEL, NOW, TEAM, Stage, request
from slack_sdk.errors import SlackApiError

from handlers.digest_posting import answer, pace, pacers, post
from handlers.digest_running import run_digest, run_tick
from handlers.directory import Directory
from handlers.pacing import Pacer
from handlers.render.build import section
from handlers.render.chart_words import charted, pie
from handlers.render.message import Message
from handlers.request import Kind
from handlers.slack import Posted
from operations.durable import Finished, Later
from store.digests import Digest
from store.occurrences import Occurrence

DIGEST = Digest("digest-1", TEAM, ADA, CHANNEL, ("orders_stuck",), (0,), "09:00", "UTC", "summary", NOW, state="paused")
CHART = charted([section("Today"), *pie("By status", [("waiting", 2)])])


@dataclass
class Clock:
    """A clock that moves when somebody sleeps."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def scene(digest: Digest | None = DIGEST) -> tuple[Stage, Clock]:
    """A stage with one digest, or none, and pacers on a clock of its own."""
    digests = SimpleNamespace(get=lambda digest_id, team: digest)
    stage, clock = Stage(ports=SimpleNamespace(digests=digests, now=lambda: NOW)), Clock()
    pace(stage.services, Pacer(clock.now, clock.sleep), Pacer(clock.now, clock.sleep))
    return stage, clock


def occurrence(number: int = 1, attempt: int = 1, **more: Any) -> Occurrence:
    """A run that is due."""
    payload = {"digest": "digest-1", "day": "2026-11-22", "since": NOW.isoformat(), "missed": 1, "by": None, **more}
    return Occurrence(f"run-{number}", "digest.run", TEAM, NOW, attempt, payload, NOW + timedelta(seconds=90))


def refusing(stage: Stage, error: str, is_refused: Callable[[Message], bool]) -> list[Message]:
    """From now on Slack refuses some messages with this error; what it took is in the list."""
    taken: list[Message] = []

    async def say(channel: str, message: Message, **_: Any) -> Posted:
        if is_refused(message):
            raise SlackApiError("no", {"ok": False, "error": error})  # type: ignore[no-untyped-call]
        taken.append(message)
        return Posted(channel, "1.1")

    stage.slack.post = say  # type: ignore[method-assign]
    return taken


def has_chart(message: Message) -> bool:
    """Whether there is a chart in it."""
    return any(block["type"] == "data_visualization" for block in message.blocks)


async def test_two_hundred_runs_in_one_channel_give_their_places_back() -> None:
    """F5: the first ones go on, the others come again a second apart and keep nothing else from running."""
    stage, clock = scene()
    outcomes = [await run_digest(stage.services, occurrence(number)) for number in range(200)]
    assert outcomes[:3] == [Finished("paused")] * 3
    later = [one.at for one in outcomes[3:] if isinstance(one, Later)]
    assert later == [NOW + timedelta(seconds=number) for number in range(3, 200)]
    assert clock.slept == []


async def test_a_run_whose_turn_has_come_does_not_wait_again() -> None:
    """What gave its place back once goes on when it comes again, however many ask by then."""
    stage, _ = scene()
    for number in range(10):
        last = await run_digest(stage.services, occurrence(number))
    assert isinstance(last, Later)
    assert last.payload is not None
    again = replace(occurrence(9), payload=last.payload)
    assert await run_digest(stage.services, again) == Finished("paused")


async def test_a_second_attempt_never_gives_its_place_back() -> None:
    """It would forget that it is one, and then not ask Slack whether the first has posted (DESIGN.md §6)."""
    stage, _ = scene()
    for number in range(10):
        await run_digest(stage.services, occurrence(number))
    assert await run_digest(stage.services, occurrence(11, attempt=2)) == Finished("paused")


async def test_a_digest_that_is_gone_ends() -> None:
    """Deleted meanwhile: nothing is said to anybody."""
    stage, _ = scene(None)
    assert await run_digest(stage.services, occurrence()) == Finished("gone")
    assert stage.slack.said == []


async def test_posts_in_one_channel_are_a_second_apart() -> None:
    """F5: three at once: the second and the third wait their turn; another channel does not."""
    stage, clock = scene()
    for channel in ("C1", "C1", "C2", "C1"):
        await post(stage.services, channel, CHART, "key")
    assert clock.slept == [1.0, 1.0]


async def test_a_refused_chart_is_posted_in_words() -> None:
    """`invalid_blocks`: once more without the chart, in its turn."""
    stage, clock = scene()
    taken = refusing(stage, "invalid_blocks", has_chart)
    assert await post(stage.services, "C1", CHART, "key") == Posted("C1", "1.1")
    assert [(has_chart(message), message.text) for message in taken] == [(False, CHART.text)]
    assert clock.slept == [1.0]


@pytest.mark.parametrize(("error", "message"), [("invalid_blocks", Message("x", ())), ("internal_error", CHART)])
async def test_other_refusals_are_not_swallowed(error: str, message: Message) -> None:
    """What is no chart's fault is raised, and the run comes again."""
    stage, _ = scene()
    taken = refusing(stage, error, lambda _: True)
    with pytest.raises(SlackApiError):
        await post(stage.services, "C1", message, "key")
    assert taken == []


async def test_a_preview_is_said_in_words_where_charts_are_refused() -> None:
    """The same for what one person reads alone."""
    stage, _ = scene()
    stage.slack.refused = {"respond"}
    said: list[Message] = []

    async def whisper(channel: str | None, user: str, message: Message) -> None:
        if has_chart(message):
            raise SlackApiError("no", {"ok": False, "error": "invalid_blocks"})  # type: ignore[no-untyped-call]
        said.append(message)

    stage.slack.whisper = whisper  # type: ignore[method-assign]
    await answer(stage.context(request(Kind.ACTION)), CHART)
    assert [has_chart(message) for message in said] == [False]


def test_each_process_has_its_own_turns() -> None:
    """Pacers belong to the services they were made for, and stay the same ones."""
    stage, other = Stage(), Stage()
    assert pacers(stage.services) is pacers(stage.services)
    assert pacers(stage.services) != pacers(other.services)


async def test_a_tick_of_yesterday_hands_over() -> None:
    """The tick is the operation's; its runner passes the key on."""
    added: list[str] = []

    async def add(due: Any) -> bool:
        added.append(due.key)
        return True

    stage = Stage(ports=SimpleNamespace(now=lambda: NOW, occurrences=SimpleNamespace(add=add)))
    old = replace(occurrence(), key="digest.tick:2026-11-21")
    assert await run_tick(stage.services, old) == Finished("handed_over")
    assert added == ["digest.tick:2026-11-22"]


async def test_after_a_429_a_run_posts_nothing_and_comes_again() -> None:
    """D3: asked too often, Slack says nothing about the channel: nothing is posted, as to nobody; then it is, once."""
    recorded: list[Any] = []

    async def posted(*noted: Any) -> bool:
        recorded.append(noted)
        return True

    stage, _ = scene(replace(DIGEST, state="active", run_key="run-1", what=()))
    digests = SimpleNamespace(**vars(stage.ports.digests), last=lambda *_: (), posted=posted)
    stage.ports.digests = digests
    stage.slack.people, stage.slack.channels = {ADA: {"team_id": TEAM}}, {CHANNEL: {"is_channel": True}}
    stage.slack.limited.add(CHANNEL)
    services = replace(stage.services, directory=Directory(stage.slack, TEAM))
    with pytest.raises(SlackApiError):
        await run_digest(services, occurrence())
    assert (stage.slack.said, recorded) == ([], [])
    stage.slack.limited.clear()
    assert await run_digest(services, occurrence()) == Finished("posted")
    assert [(said.how, said.where) for said in stage.slack.said] == [("post", CHANNEL)]
    assert [noted[0] for noted in recorded] == [DIGEST.id]
