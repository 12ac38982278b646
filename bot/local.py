"""A local workspace for the bot where there is no Slack: ``make run`` without tokens (DESIGN.md §7)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.manifest import manifest_path
from bot.settings import Settings
from sandbox.world import World, start
from store.keyring import new_key
from store.times import Now

FOLDER = Path("data/local")


async def local_world(settings: Settings, port: int = 0) -> tuple[World, Settings]:
    """Start the stand-ins, and the settings with which the unmodified bot connects to them."""
    world = await start(manifest_path(), slack_port=port)
    workspace = world.workspace
    return world, settings.model_copy(
        update={
            "slack_bot_token": SecretStr(workspace.bot_token),
            "slack_app_token": SecretStr(workspace.app_token),
            "slack_signing_secret": SecretStr(workspace.signing_secret),
            "slack_api_url": world.api_url,
            "quivo_base_url": world.quivo_url,
            "vendo_base_url": world.vendo_url,
            "qpilot_base_url": world.qpilot_url,
            "database": str(FOLDER / "shipclerk.db"),
            "vault_key_file": local_key(FOLDER),
        }
    )


def clock_of(world: World) -> Now:
    """The world's clock, which its control panel moves."""
    return lambda: datetime.fromtimestamp(world.clock.now(), UTC)


def local_key(folder: Path) -> Path:
    """The key of the local workspace's own vault, made at the first start; a real one never makes its own key."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "vault.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_key())
    return path
