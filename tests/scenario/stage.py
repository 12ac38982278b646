"""The whole of Shipclerk on a stage: the bot, the local workspace and Quivo's stand-in, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from block_check import assert_all_sent_is_sound
from pydantic import SecretStr

from bot.bootstrap import Bot, bootstrap
from bot.local import clock_of
from bot.manifest import manifest_path
from bot.settings import Mode, Settings
from sandbox.slack.workspace import ADA, BEN, DM_ADA, OLGA, ORDERS, PRIVATE, SHARED, Message, Outcome, View
from sandbox.world import World, start
from store.audit import AuditLine, SqliteAudit
from store.database import Database
from store.keyring import new_key

__all__ = ["ADA", "BEN", "DM_ADA", "OLGA", "ORDERS", "PRIVATE", "SHARED", "Message", "Stage", "staged", "text_of"]

ADAS = {"apiKey": "demo-key", "username": "ada", "password": "demo-pass"}
BENS = {"apiKey": "demo-key-2", "username": "bob", "password": "demo-pass-2"}


def text_of(shown: Message | View) -> str:
    """All the words of a message or a view, as one string."""
    blocks = shown.content["blocks"] if isinstance(shown, View) else shown.blocks
    words = [shown.text] if isinstance(shown, Message) else []
    return "\n".join([*words, json.dumps(blocks, ensure_ascii=False)])


@dataclass
class Stage:
    """One bot in one world, and what members do there."""

    world: World
    bot: Bot
    settings: Settings
    folder: Path

    @property
    def database(self) -> Database:
        """The file that everything is stored in."""
        opened = self.bot.stores.database
        assert isinstance(opened, Database)
        return opened

    @property
    def slack(self):  # type: ignore[no-untyped-def]
        """The workspace."""
        return self.world.workspace

    @property
    def quivo(self):  # type: ignore[no-untyped-def]
        """Quivo's stand-in."""
        return self.world.quivo

    async def later(self, seconds: float) -> None:
        """Move the clock, and wait until everything that is due by then has run."""
        self.world.clock.advance(seconds)
        await self.bot.engine.idle()
        await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has finished everything that it acknowledged."""
        await self.bot.idle()
        await asyncio.sleep(0)
        await self.bot.idle()

    async def command(self, user: str, channel: str, text: str) -> list[Message]:
        """Type a command and wait; the messages that this person sees in the channel that were not there before."""
        before = {message.ts for message in self.slack.visible(user, channel)}
        outcome: Outcome = await self.slack.command(user, channel, text)
        assert outcome.error is None, outcome
        await self.settle()
        return [message for message in self.slack.visible(user, channel) if message.ts not in before]

    async def click(self, user: str, channel: str, message: Message, action_id: str, **more: Any) -> Outcome:
        """Press a button and wait."""
        outcome: Outcome = await self.slack.click(user, channel, message.ts, action_id, **more)
        await self.settle()
        return outcome

    async def submit(self, user: str, values: dict[str, Any]) -> Outcome:
        """Fill in and submit the person's top modal, and wait."""
        outcome: Outcome = await self.slack.submit(user, self.slack.views(user)[-1].id, values)
        await self.settle()
        return outcome

    async def connect(self, user: str = ADA, values: dict[str, Any] | None = None) -> None:
        """Connect Quivo through the form."""
        await self.command(user, ORDERS, "/connect quivo")
        await self.submit(user, values or (ADAS if user == ADA else BENS))
        assert "is connected" in text_of(self.slack.views(user)[-1])
        await self.slack.close(user, self.slack.views(user)[-1].id, all=True)

    def audit(self, most: int, *, team: str = "T0HOME0001") -> list[AuditLine]:
        """The newest lines of the audit that close a request."""
        lines = [line for line in SqliteAudit(self.database).lines(team, 2 * most + 20) if line.outcome != "asked"]
        return sorted(lines, key=lambda line: line.at)[-most:]

    async def restart(self) -> None:
        """Stop the bot gracefully and start another one on the same files."""
        await self.bot.stop()
        self.bot = await bootstrap(self.settings, now=clock_of(self.world))
        await self.bot.start()


@asynccontextmanager
async def staged(folder: Path, **changes: Any) -> AsyncIterator[Stage]:
    """A stage with the bot connected; at the end, all that it sent must be Block Kit that others accept too."""
    world = await start(manifest_path())
    workspace = world.workspace
    settings = Settings().model_copy(
        update={
            "slack_bot_token": SecretStr(workspace.bot_token),
            "slack_app_token": SecretStr(workspace.app_token),
            "slack_signing_secret": SecretStr(workspace.signing_secret),
            "slack_api_url": world.api_url,
            "quivo_base_url": world.quivo_url,
            "vendo_base_url": world.vendo_url,
            "qpilot_base_url": world.qpilot_url,
            "database": str(folder / "private" / "shipclerk.db"),
            "vault_keys": SecretStr(new_key()),
            "http_port": 0,
            **changes,
        }
    )
    bot = await bootstrap(settings, now=clock_of(world))
    stage = Stage(world, bot, settings, folder)
    try:
        await bot.start()
        if settings.mode is Mode.HTTP:
            workspace.use_http(f"http://127.0.0.1:{bot.front.port}/slack/events")  # type: ignore[union-attr]
        yield stage
        assert_all_sent_is_sound(workspace.sent)
    finally:
        await stage.bot.stop()
        await world.close()
