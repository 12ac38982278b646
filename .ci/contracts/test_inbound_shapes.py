"""What the workspace sends has every key that Slack's real payloads have (issue 2; `apis/slack.md` §2 to §4)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from conftest import ROOT

from sandbox.serving import serve
from sandbox.slack.manifest import load
from sandbox.slack.server import app
from sandbox.slack.workspace import ADA, OLGA, ORDERS, SHARED, Workspace

Json = dict[str, Any]
Fixture = tuple[str, tuple[str, ...]]

ORGANISATION = "the workspace is in no Enterprise organisation, so it has no id or name of one"
CLIENT = "Slack's own clients number what they send; the workspace keeps no such number"
WARNED = "Slack's documentation shows a disconnect without it"
TYPED = "what a member types is kept as its text; Slack says the same words once more as rich text"
NOT_SENT: dict[str, str] = {
    "enterprise.domain": ORGANISATION,
    "enterprise.id": ORGANISATION,
    "enterprise.name": ORGANISATION,
    "enterprise_id": ORGANISATION,
    "team.enterprise_id": ORGANISATION,
    "team.enterprise_name": ORGANISATION,
    "authed_users": "Slack replaced it by `authorizations` in 2021 and sends it to old apps only",
    "event.client_msg_id": CLIENT,
    "message.client_msg_id": CLIENT,
    "event.blocks": TYPED,
    "message.blocks": TYPED,
    "view_closed/response_urls": "of Slack's two real closings one has the key, empty, and one has not",
    "disconnect/num_connections": WARNED,
    "disconnect/connection_info": WARNED,
    "disconnect/connection_info.app_id": WARNED,
}
"""Keys of real payloads that the workspace leaves out, each with the reason."""


CHOSEN = {"blocks", "values", "text", "title", "submit", "close"}


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


BUTTON = {"type": "actions", "elements": [{"type": "button", "text": plain("B"), "action_id": "b", "value": "v"}]}
SEARCH = {
    "type": "input",
    "block_id": "s",
    "label": plain("S"),
    "element": {"type": "external_select", "action_id": "s"},
}
NAME = {
    "type": "input",
    "block_id": "n",
    "label": plain("N"),
    "element": {"type": "plain_text_input", "action_id": "n"},
}

ANSWERED = {"type": "conversations_select", "action_id": "c", "response_url_enabled": True}
CHANNEL = {"type": "input", "block_id": "c", "label": plain("C"), "element": ANSWERED}


def dialog(*blocks: Json) -> Json:
    """A modal that tells when it is closed."""
    view = {"type": "modal", "title": plain("T"), "submit": plain("S"), "close": plain("C"), "blocks": list(blocks)}
    return {**view, "callback_id": "c", "notify_on_close": True}


class App:
    """The simplest app: it acks whatever comes, and keeps it."""

    def __init__(self, workspace: Workspace, session: aiohttp.ClientSession, url: str) -> None:
        self.workspace, self._session, self._url = workspace, session, url
        self.frames: list[Json] = []
        self._arrived = asyncio.Condition()

    async def call(self, method: str, token: str, **args: Any) -> Json:
        """The answer to a Web API call, which must be ok."""
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(f"{self._url}/api/{method}", json=args, headers=headers) as response:
            answer: Json = await response.json()
        assert answer["ok"], answer
        return answer

    async def listen(self) -> None:
        """Connects and acks until the workspace hangs up."""
        opened = await self.call("apps.connections.open", self.workspace.app_token)
        async with self._session.ws_connect(opened["url"]) as socket:
            async for message in socket:
                frame = json.loads(message.data)
                async with self._arrived:
                    self.frames.append(frame)
                    self._arrived.notify_all()
                if "envelope_id" in frame:
                    await socket.send_json({"envelope_id": frame["envelope_id"]} | _answer(frame))

    async def has(self, wanted: Callable[[Json], bool]) -> Json:
        """The first frame that is wanted, as soon as it is there."""
        async with asyncio.timeout(5), self._arrived:
            await self._arrived.wait_for(lambda: any(map(wanted, self.frames)))
        return next(filter(wanted, self.frames))

    async def tell(self, method: str = "chat.postMessage", **args: Any) -> str:
        """The ts of a message with a button."""
        answer = await self.call(method, self.workspace.bot_token, channel=ORDERS, text="t", blocks=[BUTTON], **args)
        return str(answer.get("ts") or answer["message_ts"])

    async def ask(self, *blocks: Json) -> str:
        """The id of a modal, opened with the trigger of a command."""
        await self.workspace.command(ADA, ORDERS, "/order 1")
        trigger = self.frames[-1]["payload"]["trigger_id"]
        opened = await self.call("views.open", self.workspace.bot_token, trigger_id=trigger, view=dialog(*blocks))
        return str(opened["view"]["id"])


def _answer(frame: Json) -> Json:
    asked = frame["payload"].get("type") == "block_suggestion"
    return {"payload": {"options": [{"text": plain("O"), "value": "o"}]}} if asked else {}


async def _command(app: App) -> None:
    await app.workspace.command(ADA, ORDERS, "/order 1001")


async def _click(app: App) -> None:
    await app.workspace.click(ADA, ORDERS, await app.tell(), "b")


async def _click_ephemeral(app: App) -> None:
    await app.workspace.click(ADA, ORDERS, await app.tell("chat.postEphemeral", user=ADA), "b")


async def _submit(app: App) -> None:
    await app.workspace.submit(ADA, await app.ask(NAME), {"n": "x"})


async def _submit_a_channel(app: App) -> None:
    await app.workspace.submit(ADA, await app.ask(CHANNEL), {"c": ORDERS})


async def _close(app: App) -> None:
    await app.workspace.close(ADA, await app.ask(NAME))


async def _suggest(app: App) -> None:
    await app.workspace.suggest(ADA, await app.ask(SEARCH), "s", "s", "search")


async def _shortcut(app: App) -> None:
    await app.workspace.shortcut(ADA, "global")


async def _message_shortcut(app: App) -> None:
    ts = await app.workspace.post(ADA, ORDERS, "1001")
    await app.workspace.message_shortcut(ADA, ORDERS, ts, "message")


async def _home(app: App) -> None:
    await app.workspace.open_home(ADA)


async def _write(app: App) -> None:
    await app.workspace.post(ADA, ORDERS, "hello")


async def _mention(app: App) -> None:
    await app.workspace.post(ADA, ORDERS, "@shipclerk hello")


async def _mention_by_another_company(app: App) -> None:
    await app.workspace.post(OLGA, SHARED, "@shipclerk hello")


ACTS: list[tuple[str, Callable[[App], Awaitable[None]], tuple[str, ...]]] = [
    ("slash_command", _command, ("slash_command.1", "slash_command.2", "socket_slash_commands.1")),
    ("block_actions", _click, ("block_actions.2", "block_actions.3")),
    ("block_actions", _click_ephemeral, ("block_actions.1", "block_actions.8")),
    ("view_submission", _submit, tuple(f"view_submission.{n}" for n in (1, 3, 7))),
    ("view_submission", _submit_a_channel, ("view_submission.2",)),
    ("view_closed", _close, ("view_closed.1", "view_closed.4")),
    ("block_suggestion", _suggest, ("block_suggestion.1",)),
    ("shortcut", _shortcut, ("shortcut.1", "shortcut.3", "socket_interactive.1")),
    ("message_action", _message_shortcut, ("message_action.1",)),
    ("app_home_opened", _home, ("event_callback_app_home_opened.1",)),
    ("message", _write, ("socket_events_api.1", *(f"event_callback_message.{n}" for n in (1, 2, 3)))),
    ("app_mention", _mention, tuple(f"event_callback_app_mention.{n}" for n in range(1, 9))),
    ("app_mention", _mention_by_another_company, ("event_callback_app_mention.9",)),
]


@contextlib.asynccontextmanager
async def connected() -> Any:
    """An app that is connected to a workspace which sends it everything."""
    events = frozenset({"app_home_opened", "app_mention", "message.channels"})
    ours = replace(load(ROOT / "manifest.yml"), bot_events=events)
    workspace = Workspace(replace(ours, global_shortcuts={"global": "G"}, message_shortcuts={"message": "M"}))
    served = await serve(app(workspace))
    async with aiohttp.ClientSession() as session:
        client = App(workspace, session, served.url)
        listening = asyncio.create_task(client.listen())
        try:
            await client.has(lambda frame: frame["type"] == "hello")
            yield client
        finally:
            await served.close()
            await listening


def keys(value: Any, prefix: str = "") -> Iterator[str]:
    """The dotted names of all keys; what an app or a member chose (blocks, texts, state) is not looked into."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{prefix}{name}"
            if name not in CHOSEN:
                yield from keys(item, f"{prefix}{name}.")


def kind(payload: Json) -> str:
    """What a payload is called in the fixtures."""
    if "command" in payload:
        return "slash_command"
    return str(payload["event"]["type"] if payload["type"] == "event_callback" else payload["type"])


def lost(name: str, real: Any, ours: Any) -> set[str]:
    """Keys of the real one that ours has not, without those that have their reason."""
    missing = {key.removeprefix("payload.") for key in set(keys(real)) - set(keys(ours))}
    return {key for key in missing if key not in NOT_SENT and f"{name}/{key}" not in NOT_SENT}


def fixture(contracts: Path, name: str) -> Json:
    """A real payload or frame."""
    read: Json = json.loads((contracts / "inbound-fixtures" / f"{name}.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize(("name", "act", "fixtures"), ACTS)
async def test_a_payload_has_every_real_key(
    contracts: Path, name: str, act: Callable[[App], Awaitable[None]], fixtures: tuple[str, ...]
) -> None:
    """Each thing that a member does reaches the app with at least the keys that Slack sends."""
    async with connected() as client:
        await act(client)
        frame = await client.has(lambda frame: "payload" in frame and kind(frame["payload"]) == name)
    for each in fixtures:
        real = fixture(contracts, each)
        assert lost(name, real, frame if "envelope_id" in real else frame["payload"]) == set(), each


async def test_the_socket_says_hello_and_goodbye(contracts: Path) -> None:
    """The frames that are about the connection have the keys that Slack sends."""
    async with connected() as client:
        await client.workspace.sockets.disconnect("warning")
        goodbye = await client.has(lambda frame: frame["type"] == "disconnect")
        hello = client.frames[0]
    assert lost("hello", fixture(contracts, "socket_hello.1"), hello) == set()
    assert lost("disconnect", fixture(contracts, "socket_disconnect.1"), goodbye) == set()
