"""``python -m bot move`` as a process: from a file to a real PostgreSQL database, and not while the bot runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from store_world import elsewhere, file_in, house, line, sealer_of

from store import moving
from store.errors import Busy
from store.keyring import new_key

ROOT = Path(__file__).resolve().parents[3]
KEY = new_key()


async def filled(path: str) -> None:
    """A store with one connection, its audit line and a delivery."""
    async with house(path, sealer_of(KEY)) as home:
        await home.vault.connect("T1", "U1", "quivo", account="a…", keeps_password=False, secrets={"session": b"s"})
        await home.intake.admit("one", line(1))


def move(path: str, address: str, *, by_input: bool) -> tuple[int, str, str]:
    """The command in a process of its own."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SHIPCLERK_DATABASE": path}
    to, said = ("-", f"{address}\n") if by_input else (address, None)
    command = [sys.executable, "-m", "bot", "move", "--to", to]
    ended = subprocess.run(
        command, cwd=Path(path).parent, env=environment, input=said, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


async def test_everything_is_moved_once(tmp_path: Path, bare: str) -> None:
    """All rows arrive and a second move is refused, as the database holds something; the address is never shown."""
    path = file_in(tmp_path)
    await filled(path)
    code, says, wrong = move(path, bare, by_input=True)
    assert (code, wrong) == (0, "")
    assert says.startswith("Moved ")
    assert bare not in says
    assert elsewhere(bare, "SELECT account FROM connections") == [("a…",)]
    async with house(bare, sealer_of(KEY)) as new:
        connection = new.vault.connection("T1", "U1", "quivo")
        assert connection is not None
        assert new.vault.secret(connection, "session") == b"s"
    code, says, wrong = move(path, bare, by_input=False)
    assert (code, says, "already. Nothing was moved." in wrong, bare in wrong) == (1, "", True, False)


async def test_not_while_the_bot_runs(tmp_path: Path, bare: str) -> None:
    """As long as somebody has the file open, even idle, nothing is moved and it is said why; afterwards all goes."""
    path = file_in(tmp_path)
    await filled(path)
    async with house(path) as home:
        command = asyncio.get_running_loop().run_in_executor(None, partial(move, path, bare, by_input=False))
        with pytest.raises(Busy, match="Stop the bot"):  # meanwhile, for each of the two waits for five seconds
            await moving.move(Path(path), bare)
        code, says, wrong = await command
        assert (code, says, "Stop the bot first" in wrong) == (1, "", True)
        assert elsewhere(bare, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
        assert await home.deliveries.first("two") is True
    assert (await moving.move(Path(path), bare))["deliveries"] == 2
    assert elsewhere(bare, "SELECT key FROM deliveries ORDER BY key") == [("one",), ("two",)]
