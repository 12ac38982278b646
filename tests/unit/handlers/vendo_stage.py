"""A stage for the handlers that shop: a fake Vendo behind the real operations and the real store, and a fake Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fakes import ADA, BEN, CHANNEL, TEAM, Said, Stage, request
from vendo_fakes import FakeVendo, Shop, shop

from handlers import (
    cart_extras,
    carts,
    checking_out,
    connect_vendo,
    connections,
    ordering,
    shop_orders,
    shopping,
    suggesting_countries,
)
from handlers.commands import run
from handlers.registry import Registry
from handlers.render.profile import Profile
from handlers.request import Kind
from operations.linking import Actor

REGISTRY = Registry(
    commands=(
        *shopping.COMMANDS,
        *shop_orders.COMMANDS,
        *carts.COMMANDS,
        *cart_extras.COMMANDS,
        *checking_out.COMMANDS,
        *connections.COMMANDS,
    ),
    presses=(
        *shopping.PRESSES,
        *shop_orders.PRESSES,
        *carts.PRESSES,
        *cart_extras.PRESSES,
        *checking_out.PRESSES,
        *ordering.PRESSES,
        *connections.PRESSES,
        *connect_vendo.PRESSES,
    ),
    suggestions=suggesting_countries.SUGGESTIONS,
)


@dataclass
class VendoStage:
    """What people type and press, and what they are then told."""

    stage: Stage
    shop: Shop

    @property
    def vendo(self) -> FakeVendo:
        """The store."""
        return self.shop.vendo

    @property
    def said(self) -> list[Said]:
        """All that was said so far."""
        return self.stage.slack.said

    def hows(self) -> list[str]:
        """In which ways."""
        return [one.how for one in self.said]

    def last(self) -> str:
        """The text of the last thing that was said."""
        return self.said[-1].text

    def view(self) -> dict[str, Any]:
        """The modal as it was shown last."""
        return cast("dict[str, Any]", [one for one in self.said if one.how in ("open", "update")][-1].what)

    async def type(self, text: str, user: str = ADA, channel: str = CHANNEL, **more: Any) -> str:
        """Type a command; the audit's word for what came of it."""
        name, _, rest = text.partition(" ")
        asked = request(name=name, text=rest, typed=rest, user=user, channel=channel, **more)
        return await run(self.stage.context(asked, profile=Profile.PUBLIC))

    async def press(self, action_id: str, value: str | None = None, user: str = ADA, **more: Any) -> str:
        """Press a button: of the last message that has it, or one that carries ``value``."""
        carried = self.carried(action_id) if value is None else value
        return await run(self.stage.context(request(Kind.ACTION, action_id, value=carried, user=user, **more)))

    def carried(self, action_id: str) -> str:
        """What the button or menu of this name carries in the last message or modal that has it."""
        return self.values(action_id)[0]

    def values(self, action_id: str) -> list[str]:
        """The values of all buttons and options of this name, in the last message or modal that has one."""
        for said in reversed(self.said):
            blocks = said.what["blocks"] if isinstance(said.what, dict) else said.what.blocks
            found = [value for block in blocks for value in _values(block, action_id)]
            if found:
                return found
        raise AssertionError(f"nothing with {action_id}")

    async def submit(self, values: dict[str, Any], user: str = ADA, *, view: dict[str, Any] | None = None) -> str:
        """Fill in the modal that was shown last, and submit it; its first answer's errors, or the audit's word."""
        shown = view or self.view()
        asked = request(
            Kind.SUBMISSION,
            shown["callback_id"],
            user=user,
            channel=None,
            response_url=None,
            view={**shown, "id": "V1"},
            values=values,
        )
        press = REGISTRY.press(asked.name)
        assert press is not None
        ack = press.first_answer(asked)
        if ack.get("response_action") == "errors":
            return f"errors:{','.join(ack['errors'])}"
        return await run(self.stage.context(asked, profile=Profile.MODAL))


def _values(node: Any, action_id: str) -> list[str]:
    if isinstance(node, dict):
        if node.get("action_id") == action_id:
            return [one["value"] for one in node.get("options", [node]) if one.get("value")]
        return [value for part in node.values() for value in _values(part, action_id)]
    return [value for part in node for value in _values(part, action_id)] if isinstance(node, list | tuple) else []


@asynccontextmanager
async def on_stage(folder: Path, **more: Any) -> AsyncIterator[VendoStage]:
    """A stage of one process; ``profiles`` says what class each channel is, public where it says nothing."""
    profiles: dict[str, Profile] = more.get("profiles", {})

    async def profile(channel: str | None) -> Profile:
        return profiles.get(channel or "", Profile.PUBLIC)

    async with shop(folder, vendo=more.get("vendo")) as home:
        stage = Stage(registry=REGISTRY)
        stage.services = replace(
            stage.services,
            accounts=home.ports.accounts,
            ports=home.ports,
            directory=cast("Any", SimpleNamespace(profile=profile)),
            links={"vendo": home.ports.vendo},
        )
        yield VendoStage(stage, home)


ACTORS = {ADA: Actor(TEAM, ADA), BEN: Actor(TEAM, BEN)}
EMAILS = {ADA: "ada@example.com", BEN: "ben@example.com"}


async def signed_in(home: VendoStage, user: str = ADA) -> None:
    """Sign this person in, without the forms."""
    await home.shop.sign_in(ACTORS[user], EMAILS[user])
