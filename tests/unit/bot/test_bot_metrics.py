"""Metrics: what is counted under which names, that there is no end of names, and who tells them."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession, web
from fakes import ADA, CHANNEL, TEAM, slack_server
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from test_bot_door import CLICK, COMMAND, EVENT, SUBMIT, Hall

from bot.door import Door
from bot.metrics import MOST_WORDS, OTHER, Metrics
from bot.observing import UNOBSERVED, Observer, PatientAndTold
from handlers.directory import Directory
from store.errors import Full as DiskFull
from store.errors import StoreError

SECRET = "canary-metrics-7731"
Told = list[tuple[Any, ...]]


class Ear(Observer):
    """An observer that remembers what it was told; no duration, for nobody can know it before."""

    def __init__(self) -> None:
        self.told: Told = []

    def acknowledged(self, kind: str, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(("acknowledged", kind))

    def delivered(self, kind: str, action: str, outcome: str) -> None:
        self.told.append(("delivered", kind, action, outcome))

    def asked(self, back_end: str, result: str, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(("asked", back_end, result))

    def ran(self, kind: str, result: str, lag: float, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(("ran", kind, result, lag))

    def limited(self) -> None:
        self.told.append(("limited",))


def samples(metrics: Metrics, *, but: tuple[str, ...] = ("_created", "_bucket", "_sum")) -> dict[str, float]:
    """Every sample by its name and labels, without those that nobody can know before."""
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if not sample.name.endswith(but):
                found[",".join([sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))])] = sample.value
    return found


def test_what_happened_is_counted() -> None:
    """Each thing that is told stands under its own name, with the labels that docs/operations.md names, and no more."""
    metrics = Metrics()
    for _ in range(2):
        metrics.acknowledged("command", 0.01)
        metrics.delivered("command", "order.show", "refused:not_found")
    metrics.delivered("command", "order.show", "done")
    metrics.asked("quivo", "200", 0.2)
    metrics.asked("quivo", "NoAnswer", 10.0)
    metrics.ran("watch.look", "later", 1.5, 0.3)
    metrics.limited()
    counted = samples(metrics)
    assert {name.partition("=")[0] for name in counted if "version" in name} == {"shipclerk_version,version"}
    assert {name: value for name, value in counted.items() if "version" not in name} == {
        "shipclerk_ack_seconds_count,kind=command": 2,
        "shipclerk_deliveries_total,action=order.show,kind=command,outcome=refused": 2,
        "shipclerk_deliveries_total,action=order.show,kind=command,outcome=done": 1,
        "shipclerk_back_end_calls_total,back_end=quivo,result=200": 1,
        "shipclerk_back_end_calls_total,back_end=quivo,result=NoAnswer": 1,
        "shipclerk_back_end_seconds_count,back_end=quivo": 2,
        "shipclerk_runs_total,kind=watch.look,result=later": 1,
        "shipclerk_run_seconds_count,kind=watch.look": 1,
        "shipclerk_run_lag_seconds_count,kind=watch.look": 1,
        "shipclerk_slack_rate_limited_total": 1,
    }


def test_the_words_of_a_label_have_an_end() -> None:
    """Past a few hundred different words all others count as one, and what is counted stays complete."""
    metrics = Metrics()
    for number in range(MOST_WORDS + 50):
        metrics.delivered("action", f"made.up.{number}", "done")
    counted = {name: n for name, n in samples(metrics).items() if "deliveries" in name}
    assert (len(counted), sum(counted.values())) == (MOST_WORDS + 1, MOST_WORDS + 50)
    assert counted[f"shipclerk_deliveries_total,action={OTHER},kind=action,outcome=done"] == 50


def test_gauges_look_when_they_are_asked() -> None:
    """A gauge shows what is now; one that cannot see is NaN, says nothing of why, and takes no other away."""

    def blind() -> float:
        raise StoreError(SECRET)

    metrics, now = Metrics(), [1.0]
    metrics.gauge("shipclerk_one", "One", lambda: now[0])
    metrics.gauge("shipclerk_blind", "Blind", blind)
    metrics.gauges("shipclerk_two", "Two", "back_end", {"quivo": lambda: now[0], "vendo": lambda: 7.0})
    now[0] = 3.0
    counted = samples(metrics)
    assert (counted["shipclerk_one"], counted["shipclerk_two,back_end=quivo"]) == (3.0, 3.0)
    assert counted["shipclerk_two,back_end=vendo"] == 7.0
    assert counted["shipclerk_blind"] != counted["shipclerk_blind"]
    assert SECRET not in metrics.text().decode()


def test_there_is_nothing_in_the_librarys_own_registry() -> None:
    """Two bots in one process (as in tests) do not count into each other, nor into the library's global registry."""
    before = {family.name for family in REGISTRY.collect()}
    one, two = Metrics(), Metrics()
    one.limited()
    assert samples(two)["shipclerk_slack_rate_limited_total"] == 0
    assert {family.name for family in REGISTRY.collect()} == before


def hall(**more: Any) -> tuple[Hall, Ear]:
    """A door with an ear at it."""
    made, ear = Hall(**more), Ear()
    directory = Directory(made.slack, TEAM)
    parts = (made.stage.registry, made.stage.services, directory, made.intake, made.audit, made.tasks)
    made.door = Door(*parts, observer=ear)
    return made, ear


@pytest.mark.parametrize(
    ("body", "kind", "action"),
    [
        (COMMAND, "command", "order.show"),
        (CLICK, "action", "order.press"),
        (SUBMIT, "submission", "order.press"),
        (EVENT, "event", "order.press"),
    ],
)
async def test_the_door_tells_each_delivery_once(body: dict[str, Any], kind: str, action: str) -> None:
    """Acknowledged, and how it ended; a redelivery is told as one, and runs nothing."""
    door, ear = hall()
    for _ in range(2):
        await door.delivered(body)
    assert sorted(ear.told) == sorted(
        [
            ("acknowledged", kind),
            ("delivered", kind, action, "done"),
            ("acknowledged", kind),
            ("delivered", kind, action, "seen_before"),
        ]
    )


async def test_no_word_of_peoples_is_told() -> None:
    """A button's name that is none of ours, and words that were typed, are told as a question mark."""
    door, ear = hall()
    await door.delivered({**CLICK, "actions": [{"action_id": SECRET, "value": SECRET}]})
    await door.delivered({**COMMAND, "trigger_id": "9.1", "command": f"/{SECRET}", "text": SECRET})
    told = [one for one in ear.told if one[0] == "delivered"]
    assert [one[1:3] for one in told] == [("action", "?"), ("command", "?")]
    assert SECRET not in str(ear.told)


async def test_failures_are_told_too() -> None:
    """A handler that fails, a store that does not admit and one that does not close, each count once."""
    door, ear = hall(failing=ValueError(SECRET))
    await door.delivered(COMMAND)
    assert ear.told == [("acknowledged", "command"), ("delivered", "command", "order.show", "failed")]
    door, ear = hall()
    door.intake.failing = DiskFull()
    await door.delivered(COMMAND)
    assert [one for one in ear.told if one[0] == "delivered"] == [
        ("delivered", "command", "order.show", "not_admitted")
    ]
    door, ear = hall()
    door.audit.failing = DiskFull()
    await door.delivered(COMMAND)
    assert ("delivered", "command", "order.show", "failed") in ear.told


async def test_an_event_that_nobody_waits_for_costs_nothing() -> None:
    """It is acknowledged; no audit line, no question to Slack, no count: profiles change all day long (C11)."""
    door, ear = hall()
    event = {"type": "user_change", "user": {"id": ADA, "deleted": False, "profile": {"status_text": SECRET}}}
    await door.delivered({**EVENT, "event": event})
    assert (door.acks, door.intake.lines, door.slack.asked, door.ran) == ([{}], [], [], [])
    assert ear.told == [("acknowledged", "event")]


async def ask_slack(answers: list[web.Response]) -> tuple[Ear, str]:
    """One post to a Slack that answers in this order; what was told, and how it ended."""
    ear = Ear()
    async with slack_server(chat__postMessage=lambda _: answers.pop(0)) as server, ClientSession() as session:
        client = AsyncWebClient(token="xoxb-1", base_url=f"{server.url}/api/", session=session)
        client.retry_handlers.append(PatientAndTold(ear, tries=1))
        try:
            await client.chat_postMessage(channel=CHANNEL, text="x")
        except SlackApiError as error:
            return ear, str(error.response.get("error"))
    return ear, "ok"


def too_many() -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "0"})


async def test_each_429_is_told() -> None:
    """A 429 that was waited out is told, and so is the last one, after which there is no other try."""
    ear, ended = await ask_slack([too_many(), web.json_response({"ok": True})])
    assert (ear.told, ended) == ([("limited",)], "ok")
    ear, ended = await ask_slack([too_many(), too_many()])
    assert (ear.told, ended) == ([("limited",)] * 2, "ratelimited")
    ear, ended = await ask_slack([web.json_response({"ok": True})])
    assert (ear.told, ended) == ([], "ok")


def test_nobody_needs_to_listen() -> None:
    """Without metrics everything is told to nobody, who takes it."""
    UNOBSERVED.acknowledged("command", 0.0)
    UNOBSERVED.delivered("command", "order.show", "done")
    UNOBSERVED.asked("quivo", "200", 0.0)
    UNOBSERVED.ran("watch.look", "done", 0.0, 0.0)
    UNOBSERVED.limited()
