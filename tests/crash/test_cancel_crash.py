"""The whole bot, killed without warning at each step of a cancellation, and started again (CHECKS E2, E7, G7)."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from stage import ADA, BEN, ORDERS, Message, text_of
from test_bot_crash import process

from backends.http import BackendHttp
from backends.quivo.auth import Credentials
from backends.quivo.client import QuivoClient
from bot.manifest import manifest_path
from operations.accounts import Accounts, Actor
from operations.outcome import Done
from sandbox.quivo import Fault
from sandbox.slack.workspace import TEAM
from sandbox.world import World, start
from store.audit import SqliteAudit
from store.database import Database
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.vault import SqliteVault

pytestmark = pytest.mark.crash
CANCEL = "/orders/1001/cancelRequest"
CANCELLED, UNKNOWN = "is cancelled.", "we do not know whether Quivo got the request"
PATIENCE = 20.0


def file_of(folder: Path) -> Path:
    """The database of the bot in this folder."""
    return folder / "private" / "shipclerk.db"


@dataclass
class Scene:
    """A world whose bot can be killed at the very moment at which the world sees something."""

    world: World
    folder: Path
    key: str

    @property
    def slack(self) -> Any:
        """The workspace."""
        return self.world.workspace

    def run(self) -> Any:
        """The bot in a process of its own, until the block ends."""
        return process(self.world, self.folder, self.key)

    def about(self) -> list[Message]:
        """What everybody can read about the order, in the channel and in Ada's messages."""
        shown = [*self.slack.visible(BEN, ORDERS), *self.slack.visible(ADA, "D0ADA00001")]
        return [message for message in shown if message.by_bot and message.ephemeral_to is None]

    def says(self, words: str) -> bool:
        """Whether a message about the order says this."""
        return any(words in message.text for message in self.about())

    async def until(self, words: str) -> None:
        """Wait for a message that says this."""
        await self.slack.until(lambda: self.says(words), timeout=PATIENCE)

    async def question(self) -> str:
        """Open the modal that asks; its id."""
        await self.slack.command(ADA, ORDERS, "/order cancel 1001")
        await self.slack.until(lambda: any("cancel.confirm" in text_of(v) for v in self.slack.views(ADA)), timeout=10)
        return str(self.slack.views(ADA)[-1].id)

    def requests(self) -> int:
        """How often Quivo was asked to cancel it."""
        return self.world.quivo.count("POST", CANCEL)

    def last_call(self) -> tuple[str, bool]:
        """The newest Web API call, and whether Slack did it."""
        call = self.slack.calls[-1]
        return call.method, call.ok

    def last_request(self) -> tuple[str, str, int | None]:
        """The newest request that reached Quivo, and its answer if there was one."""
        seen = self.world.quivo.requests[-1]
        return seen.method, seen.path, seen.status

    async def written(self) -> tuple[list[str], list[str]]:
        """The states of all cancellations in the ledger, and the audit's words about them, oldest first."""
        with closing(sqlite3.connect(file_of(self.folder))) as file:
            states = [state for (state,) in file.execute("SELECT state FROM actions ORDER BY created_at")]
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database = Database.open(file_of(self.folder))
        try:
            audit = SqliteAudit(database)
            assert audit.verify() is None
            lines = [line for line in reversed(audit.lines(TEAM, 1000)) if line.target == "1001"]
        finally:
            await database.close()
        return states, [line.outcome for line in lines]


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    """A world in which Ada has connected, and a bot that waits one second and whose leases last for two."""
    monkeypatch.setenv("SHIPCLERK_UNDO_SECONDS", "1")
    monkeypatch.setenv("SHIPCLERK_LEASE_SECONDS", "2")
    world = await start(manifest_path())
    world.quivo.switches = world.quivo.switches.changed({"cancel_settles": "at_once"})
    key = new_key()
    try:
        await connected(world, tmp_path, key)
        yield Scene(world, tmp_path, key)
    finally:
        await world.close()


async def connected(world: World, folder: Path, key: str) -> None:
    """Connect Ada's account, as a bot that ran before did."""
    http, database = BackendHttp("quivo", world.quivo_url), Database.open(file_of(folder))
    try:
        accounts = Accounts(SqliteVault(database, Sealer(KeyRing.parse(key))), QuivoClient(http))
        credentials = Credentials("demo-key", "ada", "demo-pass")
        assert isinstance(await accounts.connect(Actor(TEAM, ADA), credentials, keep_password=True), Done)
    finally:
        await http.close()
        await database.close()


@dataclass(frozen=True)
class Step:
    """When to kill, as the world sees it (and how long after), and which of Slack's methods is refused once before."""

    now: Callable[[Scene], bool]
    after: float = 0.0
    refuses: str = ""


def asks(scene: Scene) -> bool:
    """The request to cancel has arrived at Quivo, and nothing was answered yet."""
    return scene.last_request() == ("POST", CANCEL, None)


STEPS = {
    "claimed, and Slack has not taken the message": Step(
        lambda scene: scene.last_call() == ("chat.postMessage", False), refuses="chat.postMessage"
    ),
    "the message is posted, and nobody was told so": Step(
        lambda scene: scene.last_call() == ("chat.postMessage", True)
    ),
    "held, and the person reads so": Step(
        lambda scene: scene.last_call() == ("views.update", True) and scene.says("in 1 s")
    ),
    "at the read before sending": Step(
        lambda scene: scene.last_request() == ("GET", "/orders/1001", None) and scene.says("in 1 s")
    ),
    "the request is accepted, and not answered": Step(asks),
    "right after the answer": Step(lambda scene: scene.last_request() == ("POST", CANCEL, 204), after=0.02),
    "the message is not edited": Step(lambda scene: scene.last_call() == ("chat.update", False), refuses="chat.update"),
    "the message is edited, and nobody was told so": Step(lambda scene: scene.last_call() == ("chat.update", True)),
}


def arm(scene: Scene, step: Step, bot: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the bot inside the very call in which the world sees the step, once."""
    fired: list[bool] = []

    def look() -> None:
        if fired or not scene.slack.calls or not scene.world.quivo.requests or not step.now(scene):
            return
        fired.append(True)
        if step.after:
            asyncio.get_running_loop().call_later(step.after, bot.kill)
        else:
            bot.kill()

    if step.refuses:
        scene.slack.limit(step.refuses, times=1)
    for owner in (scene.slack, scene.world.quivo.journal):
        monkeypatch.setattr(owner, "changed", watched(owner.changed, look))


def watched(method: Callable[..., None], look: Callable[[], None]) -> Callable[..., None]:
    """The method, with a look before anybody hears of it."""

    def seen(*given: Any) -> None:
        look()
        method(*given)

    return seen


async def confirm_and_die(scene: Scene, step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first bot, which is asked to cancel the order and killed at the step."""
    async with scene.run() as bot:
        view = await scene.question()
        arm(scene, step, bot, monkeypatch)
        await scene.slack.act_in_view(ADA, view, "cancel.confirm")
        assert await asyncio.wait_for(bot.wait(), PATIENCE) == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_is_done_once_and_ends_true(
    step: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed there and started again: one request, one message, and *cancelled* is said in it (E2, E3, E7)."""
    await confirm_and_die(scene, STEPS[step], monkeypatch)
    async with scene.run():
        await scene.until(CANCELLED)
    assert (scene.requests(), len(scene.about())) == (1, 1)
    states, audit = await scene.written()
    assert states == ["cancelled"]
    assert (audit.count("held"), audit.count("sending"), audit.count("cancelled"), audit[-1]) == (1, 1, 1, "cancelled")


async def test_a_request_that_quivo_never_took_stays_unknown_until_somebody_looks(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it asks, and not accepted: said as unknown, never sent again, and *Look again* works (E2, E3)."""
    scene.world.quivo.faults.append(Fault(f"POST {CANCEL}", "close", times=1))
    await confirm_and_die(scene, Step(asks), monkeypatch)
    async with scene.run():
        await scene.until(UNKNOWN)
        scene.world.quivo.complete(1001, "T-1", "https://carrier.example/T-1")
        await scene.slack.click(ADA, ORDERS, scene.about()[0].ts, "cancel.look")
        await scene.until("was shipped anyway")
    assert (scene.requests(), len(scene.about())) == (1, 1)
    assert await scene.written() == (["shipped_anyway"], ["held", "sending", "unknown", "shipped_anyway"])


async def test_killed_after_the_acknowledgement_another_press_does_it_once(scene: Scene) -> None:
    """Killed before anything was claimed, nothing is said or sent; pressed again, it is done, once (E1, E2)."""
    async with scene.run() as bot:
        view = await scene.question()
        await scene.slack.act_in_view(ADA, view, "cancel.confirm")
        bot.kill()
        await bot.wait()
    async with scene.run():
        await scene.slack.act_in_view(ADA, view, "cancel.confirm")
        await scene.until(CANCELLED)
    assert (scene.requests(), len(scene.about()), (await scene.written())[0]) == (1, 1, ["cancelled"])
