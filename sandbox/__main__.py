"""`python -m sandbox [manifest.yml]`: a world without a bot, until Ctrl-C; prints where it is and how a bot gets in."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from sandbox.world import World, start


def words(world: World) -> str:
    """What is printed once the world runs: the page's address, then the settings as `NAME=value` lines."""
    lines = [f"The workspace is at {world.slack_url}", "Settings for the bot:", ""]
    return "\n".join(lines + [f"{name}={value}" for name, value in world.settings().items()])


async def run(manifest: Path, stop: asyncio.Event) -> None:
    """Run a world until `stop` is set."""
    world = await start(manifest)
    try:
        print(words(world), flush=True)
        await stop.wait()
    finally:
        await world.close()


async def main(arguments: list[str]) -> None:
    """Run until interrupted; the manifest is `manifest.yml` of this folder unless one is named."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(Path(arguments[0] if arguments else "manifest.yml"), stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
