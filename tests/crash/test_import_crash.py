"""An import whose process is killed with -9 in the middle: no row twice, none forgotten, and it ends true (E2, E8)."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from import_kit import a_file, created, ends, identifier, newest, results, story
from stage import ADA, ADAS, DM_ADA, ORDERS
from test_bot_crash import process

from bot.manifest import manifest_path
from sandbox.quivo import Fault
from sandbox.world import World, start
from store.keyring import new_key

pytestmark = pytest.mark.crash
ORDERS_MADE, BAD = 1_000, frozenset({1, 77, 250, 400, 401, 802, 1_000})
KILL_AT = 400


_OPEN = "SELECT count(*) FROM occurrences WHERE finished_at IS NULL AND kind <> 'digest.tick'"


@dataclass
class Scene:
    """A world, and bots in it that die."""

    world: World
    folder: Path
    key: str = field(default_factory=new_key)

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[asyncio.subprocess.Process]:
        async with process(self.world, self.folder, self.key) as bot:
            yield bot

    async def connect(self) -> None:
        """Ada's account, through the form."""
        slack = self.world.workspace
        await slack.command(ADA, ORDERS, "/connect quivo")
        await slack.until(lambda: slack.views(ADA))
        await slack.submit(ADA, slack.views(ADA)[-1].id, ADAS)
        await slack.until(lambda: "is connected" in str(slack.views(ADA)[-1].content), timeout=20)
        await slack.close(ADA, slack.views(ADA)[-1].id, all=True)

    async def bring(self, data: bytes) -> None:
        """Bring a file; the preview is there afterwards."""
        slack = self.world.workspace
        await slack.command(ADA, ORDERS, "/order import")
        await slack.until(lambda: slack.views(ADA))
        file_id = await slack.upload(ADA, "orders.csv", data)
        await slack.submit(ADA, slack.views(ADA)[-1].id, {"file": [file_id]})
        await slack.until(lambda: "direct message" in str(slack.views(ADA)[-1].content), timeout=20)

    async def begin(self, data: bytes) -> None:
        """Bring a file and press *Create*."""
        await self.bring(data)
        await self.press()

    async def press(self) -> None:
        """Press *Create* under the newest preview."""
        slack = self.world.workspace
        await slack.click(ADA, DM_ADA, newest(slack, ADA, DM_ADA).ts, "import.start")

    def lease_runs_out(self) -> None:
        """What 90 seconds do: the runs of the dead process may be taken over."""
        with closing(sqlite3.connect(self.folder / "private" / "shipclerk.db")) as file, file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            file.execute("UPDATE occurrences SET ready_at = 0 WHERE finished_at IS NULL AND owner IS NOT NULL")

    def forgets_the_end(self) -> None:
        """As if the process had died before it noted that it was done, and which message shows it."""
        with closing(sqlite3.connect(self.folder / "private" / "shipclerk.db")) as file, file:
            file.execute("UPDATE occurrences SET ready_at = 0, finished_at = NULL, owner = 'dead', attempt = 1")
            file.execute("UPDATE imports SET message_ts = NULL")

    def runs_open(self) -> int:
        """How many runs are not over, the tick of digests left out, which never is."""
        with closing(sqlite3.connect(self.folder / "private" / "shipclerk.db")) as file:
            found: int = file.execute(_OPEN).fetchone()[0]
        return found

    async def finished(self, seconds: float) -> None:
        """Until the result file is there."""
        await self.world.workspace.until(lambda: results(self.world.workspace), timeout=seconds)

    def imports(self) -> list[str]:
        """The messages about imports that the channel sees."""
        return [line for line in story(self.world.workspace) if "Import" in line or "orders" in line]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    world = await start(manifest_path())
    try:
        yield Scene(world, tmp_path)
    finally:
        await world.close()


async def kill(bot: asyncio.subprocess.Process) -> None:
    bot.send_signal(signal.SIGKILL)
    await bot.wait()


async def test_a_thousand_orders_with_a_kill_in_the_middle(scene: Scene) -> None:
    """1,000 rows, 7 of them bad, killed while an accepted order has no answer: 993 created, each once (E2, E8)."""
    quivo, slack = scene.world.quivo, scene.world.workspace
    async with scene.bot() as bot:
        await scene.connect()
        await scene.begin(a_file(ORDERS_MADE, BAD))
        await quivo.until(lambda: quivo.count("POST", "/orders") >= KILL_AT, timeout=50)
        quivo.faults.append(Fault("POST /orders", "accept_then_hang", times=1))
        await quivo.until(lambda: not quivo.faults, timeout=10)
        await kill(bot)
    half = sum(created(quivo.orders).values())
    assert KILL_AT <= half < ORDERS_MADE - len(BAD)
    assert "rows are through" in newest(slack).text
    scene.lease_runs_out()
    begun = time.monotonic()
    async with scene.bot():
        await scene.finished(60)
    seconds = time.monotonic() - begun
    good = {identifier(n) for n in range(1, ORDERS_MADE + 1) if n not in BAD}
    assert created(quivo.orders) == dict.fromkeys(good, 1)
    assert scene.imports() == ["⚠️ Import finished: 993 of 1000 orders are created."]
    (rows,) = results(slack)
    assert (len(rows), ends(rows)) == (ORDERS_MADE, {"created": 993, "could not be read": 7})
    assert len({row[3] for row in rows if row[3]}) == 993
    assert edits(scene) <= 3 + seconds


def edits(scene: Scene) -> int:
    """How often the second process edited the message in the channel."""
    calls = scene.world.workspace.calls
    last = max(number for number, call in enumerate(calls) if call.method == "auth.test")
    return sum(call.method == "chat.update" for call in calls[last:])


@pytest.mark.parametrize(
    ("method", "channel"),
    [
        ("chat.postMessage", ORDERS),
        ("chat.update", ORDERS),
        ("chat.postMessage", ADA),
        ("files.getUploadURLExternal", None),
        ("files.completeUploadExternal", None),
    ],
)
async def test_killed_while_it_tells(scene: Scene, method: str, channel: str | None) -> None:
    """Killed before any of its messages arrives, the next process says each of them, and each of them once."""
    slack = scene.world.workspace
    async with scene.bot() as bot:
        await scene.connect()
        await scene.bring(a_file(3, frozenset({2})))
        slack.limit(method, channel, times=1, retry_after=60)
        await scene.press()
        await slack.until(lambda: any(call.method == method and not call.ok for call in slack.calls), timeout=20)
        await kill(bot)
    slack.limits.clear()
    scene.lease_runs_out()
    async with scene.bot():
        await scene.finished(30)
    assert created(scene.world.quivo.orders) == {identifier(1): 1, identifier(3): 1}
    assert scene.imports() == ["⚠️ Import finished: 2 of 3 orders are created."]
    told = [line for line in story(slack, ADA, DM_ADA) if "Import finished" in line]
    assert (len(told), [ends(rows) for rows in results(slack)]) == (1, [{"created": 2, "could not be read": 1}])


@pytest.mark.parametrize("kind", ["hang", "accept_then_hang"])
async def test_killed_while_a_row_is_on_its_way(scene: Scene, kind: str) -> None:
    """Killed before and after Quivo took a row: the row is searched first, and is there once at the end (E2)."""
    quivo = scene.world.quivo
    async with scene.bot() as bot:
        await scene.connect()
        quivo.faults.append(Fault("POST /orders", kind, times=1))  # type: ignore[arg-type]
        await scene.begin(a_file(3))
        await quivo.until(lambda: quivo.count("POST", "/orders") == 1 and not quivo.faults, timeout=20)
        await kill(bot)
    taken = len(created(quivo.orders))
    scene.lease_runs_out()
    async with scene.bot():
        await scene.finished(30)
    assert (taken, created(quivo.orders)) == (int(kind != "hang"), {identifier(n): 1 for n in (1, 2, 3)})
    assert quivo.count("POST", "/orders") == 4 - taken
    assert scene.imports() == ["✅ Import finished: 3 of 3 orders are created."]


async def test_killed_before_it_notes_what_it_told(scene: Scene) -> None:
    """Killed when Slack had everything and nothing was noted yet: the next process finds it all and adds nothing."""
    slack = scene.world.workspace
    async with scene.bot() as bot:
        await scene.connect()
        await scene.begin(a_file(2))
        await scene.finished(20)
        await kill(bot)
    scene.forgets_the_end()
    before = (scene.imports(), story(slack, ADA, DM_ADA), results(slack))
    async with scene.bot():
        await slack.until(lambda: scene.runs_open() == 0, timeout=30)
    assert (scene.imports(), story(slack, ADA, DM_ADA), results(slack)) == before
    assert (len(before[0]), len(before[2]), scene.world.quivo.count("POST", "/orders")) == (1, 1, 2)
