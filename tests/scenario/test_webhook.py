"""Quivo's webhooks end to end: hints that make what waits look at once, and nothing else (apis/quivo.md §11)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from stage import ADA, BEN, ORDERS, Message, Stage, staged

from bot.settings import Mode
from bot.webhook import MOST_BODY_BYTES, webhook_path

SECRET = "canary-webhook-secret-0123456789abcdef"
PATH = webhook_path(SECRET)
CANCEL = "/orders/1001/cancelRequest"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage in HTTP mode with a webhook, and Ada connected."""
    async with staged(tmp_path, mode=Mode.HTTP, webhook_secret=SecretStr(SECRET)) as one:
        await one.connect(ADA)
        yield one


def url(stage: Stage, path: str = PATH) -> str:
    """An address of the bot's."""
    return f"http://127.0.0.1:{stage.bot.front.port}{path}"  # type: ignore[union-attr]


async def ask(stage: Stage, path: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
    """The answer's status and body."""
    async with aiohttp.ClientSession() as session, session.request(method, url(stage, path), data=body) as answer:
        return answer.status, await answer.read()


def event(order_id: Any = 1001, version: Any = 2, entity: Any = "ORDERS", **more: Any) -> bytes:
    """One event's body."""
    return json.dumps({"events": [{"id": order_id, "entity": entity, "version": version, **more}]}).encode()


async def hint(stage: Stage, version: int = 2, order_id: int = 1001) -> int:
    """Quivo tells of an order, and all that it leads to is done."""
    status: int = await stage.quivo.send_webhook(url(stage), order_id, version)
    await stage.bot.engine.idle()
    await stage.settle()
    return status


async def watch(stage: Stage) -> Message:
    """Ada watches the order."""
    [begun] = await stage.command(ADA, ORDERS, "/order watch 1001")
    return begun


def lines(stage: Stage, begun: Message) -> list[str]:
    """What stands in the thread."""
    shown = stage.slack.visible(BEN, ORDERS)
    return [message.text.replace("\u2060", "") for message in shown if message.thread_ts == begun.ts]


def hints(stage: Stage) -> list[str]:
    """The keys of all looks that were scheduled for hints."""
    rows = stage.database.all("SELECT key FROM occurrences WHERE kind = 'order.hint' ORDER BY key")
    return [row[0] for row in rows]


async def test_a_hint_makes_the_watch_look_at_once(stage: Stage) -> None:
    """The change is posted without waiting for the next look, and not again by that look."""
    begun = await watch(stage)
    stage.quivo.set_status(1001, "ON_HOLD")
    assert await hint(stage) == 200
    assert lines(stage, begun) == ["📦 → ❔ Order 1001 (#DE38678) has the status ON_HOLD."]
    await stage.later(121)
    await stage.later(121)
    assert len(lines(stage, begun)) == 1


async def test_a_hint_makes_an_open_cancellation_look_at_once(stage: Stage) -> None:
    """A requested cancellation is said to be done as soon as Quivo says so; the request itself is not repeated."""
    await stage.command(ADA, ORDERS, "/order cancel 1001")
    await stage.slack.act_in_view(ADA, stage.slack.views(ADA)[-1].id, "cancel.confirm")
    await stage.settle()
    await hint(stage, 1)
    assert stage.quivo.count("POST", CANCEL) == 0
    await stage.later(10)
    stage.quivo.set_status(1001, "CANCELLED")
    await hint(stage, 2)
    said = [m for m in stage.slack.visible(BEN, ORDERS) if m.by_bot and m.ephemeral_to is None][-1]
    assert "is cancelled." in said.text
    assert stage.quivo.count("POST", CANCEL) == 1


async def test_the_same_version_fifty_times_is_one_look(stage: Stage) -> None:
    """Deduplicated by entity, id and version; another version is another look; all are answered 200."""
    await watch(stage)
    asked = stage.quivo.count("GET", "/orders/1001")
    answers = await asyncio.gather(*(ask(stage, PATH, event()) for _ in range(50)))
    assert set(answers) == {(200, b"")}
    await stage.bot.engine.idle()
    assert (hints(stage), stage.quivo.count("GET", "/orders/1001")) == (["webhook:quivo:ORDERS:1001:2"], asked + 1)
    await stage.restart()
    await hint(stage, 2)
    await hint(stage, 3)
    await hint(stage, 1)
    assert (len(hints(stage)), stage.quivo.count("GET", "/orders/1001")) == (3, asked + 3)


async def test_nothing_in_the_body_is_believed_or_shown(stage: Stage) -> None:
    """A forged event that says *cancelled* costs one read and says nothing; its words appear nowhere."""
    begun = await watch(stage)
    forged = event(1001, 9, status="CANCELLED", reference="canary-forged", lastModified="canary-forged")
    assert await ask(stage, PATH, forged) == (200, b"")
    await stage.bot.engine.idle()
    assert lines(stage, begun) == []
    assert "canary-forged" not in json.dumps(stage.slack.sent, default=str)
    assert [watch.last_status for watch in stage.bot.services.ports.watches.all_open()] == ["PROCESSING"]


@pytest.mark.parametrize("body", [event(1004), event(987654321), event(1001, entity="SHIPMENTS"), b'{"events": []}'])
async def test_what_nobody_waits_for_is_not_asked_for(stage: Stage, body: bytes) -> None:
    """Other orders, other entities and no event at all are answered 200 and lead to no request."""
    await watch(stage)
    asked = len(stage.quivo.requests)
    assert await ask(stage, PATH, body) == (200, b"")
    await stage.bot.engine.idle()
    assert (len(stage.quivo.requests), hints(stage)) == (asked, [])


FLAWED = {
    "empty": b"",
    "no JSON": b"{nope",
    "not UTF-8": b'{"events": "\xff"}',
    "a list": b"[]",
    "no events": b"{}",
    "events no list": b'{"events": 1}',
    "id text": event("1001"),
    "id true": event(True),
    "id float": event(1001.5),
    "id zero": event(0),
    "id negative": event(-1),
    "id huge": event(10**18),
    "no version": b'{"events": [{"id": 1001, "entity": "ORDERS"}]}',
    "version text": event(version="2"),
    "version negative": event(version=-1),
    "entity number": event(entity=1),
    "entity long": event(entity="O" * 41),
    "one good, one not": event()[:-2] + b', {"id": "x"}]}',
    "too many": json.dumps({"events": [{"id": 1001, "entity": "ORDERS", "version": n} for n in range(101)]}).encode(),
    "too deep": b"[" * 50_000,
}


async def test_a_body_that_is_no_list_of_ids(stage: Stage) -> None:
    """Each flawed body is 400 and schedules nothing; one that is too large is 413."""
    await watch(stage)
    for name, body in FLAWED.items():
        assert (name, await ask(stage, PATH, body)) == (name, (400, b""))
    assert await ask(stage, PATH, event().ljust(MOST_BODY_BYTES)) == (200, b"")
    assert await ask(stage, PATH, event(version=3).ljust(MOST_BODY_BYTES + 1)) == (413, b"")
    assert hints(stage) == ["webhook:quivo:ORDERS:1001:2"]


@pytest.mark.parametrize(
    "path",
    ["/quivo/", "/quivo", PATH[:-1], PATH + "0", PATH + "/", PATH.upper(), PATH[:-1] + "g", "/quivo/" + "0" * 64,
     "/quivo/%C3%A4", f"/slack/events?x={PATH}", "/" + PATH.split("/")[-1]],
)  # fmt: skip
async def test_any_other_path_is_404(stage: Stage, path: str) -> None:
    """What is not exactly the path is not there, and the body is not looked at (Slack's own path stays Slack's)."""
    await watch(stage)
    assert await ask(stage, path, event()) == (401 if path.startswith("/slack/events") else 404, b"")
    assert hints(stage) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_any_other_method_is_404(stage: Stage, method: str) -> None:
    """The right path says nothing to anything but a POST."""
    assert await ask(stage, PATH, event(), method) == (404, b"")


async def test_without_a_secret_there_is_no_webhook(tmp_path: Path) -> None:
    """Not set: no path is open, not even the one that an empty secret would make."""
    async with staged(tmp_path, mode=Mode.HTTP) as stage:
        for path in (PATH, webhook_path(""), "/quivo/"):
            assert await ask(stage, path, event()) == (404, b"")


async def test_the_log_holds_neither_path_nor_body(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    """Good, flawed and wrong deliveries leave no part of the path and no byte of a body in the log."""
    await watch(stage)
    capfd.readouterr()
    for path, body in ((PATH, event(canary="canary-body")), (PATH, b"canary-body"), (PATH[:-1], b"canary-body")):
        await ask(stage, path, body)
    await stage.bot.engine.idle()
    said = "".join(capfd.readouterr())
    assert [word for word in (PATH[7:20], SECRET, "canary-body") if word in said] == []
