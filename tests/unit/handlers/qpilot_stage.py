"""A stage for the handlers of scheduled orders: a fake QPilot behind the real operations and the real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fakes import ADA, BEN, CHANNEL, TEAM, FakeSlack, Said, Stage, request
from qpilot_fakes import FakeQpilot, Shop, shop

from backends.qpilot.auth import Credentials
from handlers import (
    connect_qpilot,
    connections,
    founding,
    scheduled,
    scheduled_look,
    scheduled_summary,
    scheduled_token,
    steering,
    suggesting_qpilot,
)
from handlers.commands import run
from handlers.registry import Registry
from handlers.render.message import Message
from handlers.render.profile import Profile
from handlers.request import Kind
from operations.linking import Actor

OTHERS = [one for one in connections.PRESSES if one.name in ("connection.open", "connection.remove")]
REGISTRY = Registry(
    commands=(
        *scheduled.COMMANDS,
        *steering.COMMANDS,
        *founding.COMMANDS,
        *scheduled_token.COMMANDS,
        *scheduled_summary.COMMANDS,
        *connections.COMMANDS,
    ),
    presses=(
        *scheduled.PRESSES,
        *steering.PRESSES,
        *founding.PRESSES,
        *scheduled_look.PRESSES,
        *connect_qpilot.PRESSES,
        *OTHERS,
    ),
    suggestions=suggesting_qpilot.SUGGESTIONS,
)
ACTORS = {ADA: Actor(TEAM, ADA), BEN: Actor(TEAM, BEN)}
BENS = Credentials("ben@shop.example", "right", 1113)
OF_107 = Credentials("ada@shop.example", "right", 1113, "Customer", "107")
Values = dict[str, Any]


class Nothing:
    """A part of the store that these tests have nothing in: whatever it is asked for, there is none."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: ()


class Canvas(FakeSlack):
    """A Slack whose messages can be edited."""

    async def update(self, channel: str, ts: str, message: Message) -> bool:
        return self._say("edit", f"{channel} {ts}", message)


@dataclass
class QpilotStage:
    """What people type and press, and what they are then told."""

    stage: Stage
    shop: Shop
    profile: Profile = Profile.PUBLIC

    @property
    def qpilot(self) -> FakeQpilot:
        """The site."""
        return self.shop.qpilot

    @property
    def said(self) -> list[Said]:
        """All that was said so far."""
        return self.stage.slack.said

    def hows(self) -> list[str]:
        """In which ways."""
        return [one.how for one in self.said]

    def last(self) -> str:
        """The text of the last thing that was said, without the joiners that keep outside text dead."""
        return self.said[-1].text.replace("\u2060", "")

    def texts(self, how: str) -> list[str]:
        """The texts of all that was said in this way."""
        return [text.replace("\u2060", "") for text in self.stage.texts(how)]

    def view(self) -> Values:
        """The modal as it was shown last."""
        return cast("Values", [one for one in self.said if one.how in ("open", "update")][-1].what)

    def shown(self) -> str:
        """All that the modal says."""
        return str(self.view()).replace("\u2060", "")

    async def type(self, text: str, user: str = ADA, channel: str = CHANNEL, **more: Any) -> str:
        """Type a command; the audit's word for what came of it."""
        name, _, rest = text.partition(" ")
        asked = request(name=name, text=rest, typed=rest, user=user, channel=channel, **more)
        return await run(self.stage.context(asked, profile=self.profile))

    async def press(self, action_id: str, value: str | None = None, user: str = ADA, **more: Any) -> str:
        """Press a button: of the last message that has it, or one that carries ``value``."""
        carried = self.values(action_id)[0] if value is None else value
        asked = request(Kind.ACTION, action_id, value=carried, user=user, **more)
        return await run(self.stage.context(asked, profile=self.profile))

    async def press_in_view(self, action_id: str, user: str = ADA, typed: Values | None = None) -> str:
        """Press a button of the modal that was shown last."""
        asked = request(
            Kind.ACTION,
            action_id,
            value=self.values(action_id)[0],
            user=user,
            channel=None,
            response_url=None,
            view={**self.view(), "id": "V1"},
            values=typed or {},
        )
        return await run(self.stage.context(asked, profile=Profile.MODAL))

    def values(self, action_id: str) -> list[str]:
        """The values of all buttons and options of this name, in the last message or modal that has one."""
        for said in reversed(self.said):
            blocks = said.what["blocks"] if isinstance(said.what, dict) else said.what.blocks
            found = [value for block in blocks for value in _values(block, action_id)]
            if found:
                return found
        raise AssertionError(f"nothing with {action_id}")

    async def submit(self, values: Values | None = None, user: str = ADA, *, view: Values | None = None) -> str:
        """Fill in the modal that was shown last, and submit it; its first answer's errors, or the audit's word."""
        shown = view or self.view()
        held = {block["block_id"]: None for block in shown["blocks"] if block["type"] == "input"}
        asked = request(
            Kind.SUBMISSION,
            shown["callback_id"],
            user=user,
            channel=None,
            response_url=None,
            trigger_id=None,
            view={**shown, "id": "V1"},
            values={**held, **(values or {})},
        )
        press = REGISTRY.press(asked.name)
        assert press is not None
        ack = press.first_answer(asked)
        if ack.get("response_action") == "errors":
            assert set(ack["errors"]) <= set(held), ack
            return f"errors:{','.join(sorted(ack['errors']))}"
        return await run(self.stage.context(asked, profile=Profile.MODAL))

    async def suggest(self, action_id: str, text: str = "", user: str = ADA, values: Values | None = None) -> Any:
        """Type into a select; the values that it then offers, with their texts."""
        found = REGISTRY.suggestion(action_id)
        assert found is not None
        asked = request(Kind.SUGGESTION, action_id, text=text, user=user, values=values or {})
        options = await found.suggest(self.stage.context(asked))
        return [(one["value"], one["text"]["text"]) for one in options]

    def where(self, profile: Profile) -> None:
        """Say of what class the channel is."""
        self.profile = profile


def _values(node: Any, action_id: str) -> list[str]:
    if isinstance(node, dict):
        if node.get("action_id") == action_id:
            return [one["value"] for one in node.get("options", [node]) if one.get("value")]
        return [value for part in node.values() for value in _values(part, action_id)]
    return [value for part in node for value in _values(part, action_id)] if isinstance(node, list | tuple) else []


@asynccontextmanager
async def on_stage(
    folder: Path, qpilot: FakeQpilot | None = None, *, connect: bool = True, **more: Any
) -> AsyncIterator[QpilotStage]:
    """A stage of one process, with Ada connected as a merchant."""
    async with shop(folder, qpilot, connect=connect, **more) as home:
        stage = Stage(registry=REGISTRY, slack=Canvas())
        made = QpilotStage(stage, home)

        async def profile(channel: str | None) -> Profile:
            return made.profile

        rest: dict[str, Any] = {name: Nothing() for name, port in vars(home.ports).items() if port is None}
        stage.services = replace(
            stage.services,
            accounts=cast("Any", home.ports.qpilot),
            ports=replace(home.ports, **rest),
            directory=cast("Any", SimpleNamespace(profile=profile)),
            links={"qpilot": home.ports.qpilot},
            now=home.clock,
        )
        yield made
