"""``python -m bot move`` as a process: from a file to a real PostgreSQL database, and not while the bot runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from store_world import elsewhere, file_in, house, line, sealer_of

from store.database import Database
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
    """As long as somebody has the file open nothing is moved, and it is said why; afterwards it goes."""
    path = file_in(tmp_path)
    await filled(path)
    running = Database.open(Path(path))
    code, says, wrong = move(path, bare, by_input=False)
    assert (code, says, "Stop the bot first" in wrong) == (1, "", True)
    await running.close()
    assert move(path, bare, by_input=False)[0] == 0
