"""Whole bots die with kill -9 while digests are due: each is posted once and recorded (CHECKS F2, DESIGN.md §6).

``bench/durable.py`` does the same with more digests and more kills.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from digest_load import HEARTBEAT
from postgres import Server
from postgres import postgres as postgres

from backends.http import BackendHttp
from backends.quivo.auth import Credentials
from backends.quivo.client import QuivoClient
from bot.manifest import manifest_path
from operations.accounts import Accounts, Actor
from operations.digest_facts import What, run_key
from operations.outcome import Done
from operations.schedule import EVERY_DAY
from sandbox.quivo import Fault
from sandbox.slack.state import BOT_USER
from sandbox.slack.workspace import ADA, BEN, TEAM, Channel, Workspace
from sandbox.world import World, start
from store.audit import AuditLine
from store.database import Database
from store.digests import Digest
from store.envelope import Sealer
from store.keyring import KeyRing, new_key
from store.stores import Stores, open_stores

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]
BOT, ROOT = Path(__file__).with_name("digest_load.py"), Path(__file__).parents[2]
LEASE_SECONDS = 5
PATIENCE = 120.0
RUNS = "SELECT key, result, attempt FROM occurrences WHERE kind = 'digest.run' AND finished_at IS NOT NULL"
FOUND = "SELECT count(*) FROM digests WHERE last_posted_at IS NOT NULL AND envelope IS NULL"
STATES = "SELECT state, count(*) FROM digests WHERE last_posted_at IS NOT NULL GROUP BY state"


@dataclass(frozen=True)
class Plan:
    """How many digests in how many channels, how many bots, how often one is killed, how many of those stay dead."""

    digests: int
    channels: int
    bots: int
    kills: int
    for_good: int = 0
    seed: int = 7


@dataclass(frozen=True)
class Result:
    """By the keys of the runs: how often each stands in its channel, how it was recorded, in how many attempts.

    ``found`` of them a look at Slack found posted by a bot that died before it had recorded it, at least.
    """

    wanted: frozenset[str]
    posted: Counter[str]
    recorded: dict[str, str]
    attempts: dict[str, int]
    states: dict[str, int]
    found: int

    @property
    def lost(self) -> int:
        """Runs that stand nowhere, or of which nobody noted that they were posted."""
        return sum(not self.posted[key] or self.recorded.get(key) != "posted" for key in self.wanted)

    @property
    def twice(self) -> int:
        """Messages too many."""
        return sum(times - 1 for times in self.posted.values() if times > 1)


@dataclass
class Scene:
    """A world, the store that its bots share, and the bots, oldest first."""

    world: World
    stores: Stores
    place: str
    key: str
    bots: list[Process] = field(default_factory=list)

    async def launch(self) -> None:
        """One more bot; it is not waited for."""
        environment = {**os.environ, **self.world.settings(), "PYTHONPATH": str(ROOT)}
        environment |= {"SHIPCLERK_DATABASE": self.place, "SHIPCLERK_VAULT_KEYS": self.key}
        environment["SHIPCLERK_LEASE_SECONDS"] = str(LEASE_SECONDS)
        command, nowhere = (sys.executable, str(BOT)), asyncio.subprocess.DEVNULL
        self.bots.append(
            await asyncio.create_subprocess_exec(
                *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=nowhere
            )
        )

    async def kill(self) -> None:
        """kill -9 for the oldest bot."""
        bot = self.bots.pop(0)
        bot.send_signal(signal.SIGKILL)
        await bot.wait()

    def runs(self) -> list[tuple[str, str, int]]:
        """Key, result and attempts of all runs that are over."""
        return [(key, result, attempt) for key, result, attempt in _rows(self.stores, RUNS)]

    async def all_over(self, count: int) -> None:
        """Until so many runs are over; on PostgreSQL the dead are looked for meanwhile, as each minute by the queue."""
        async with asyncio.timeout(PATIENCE):
            while len(self.runs()) < count:
                await _rescue(self.stores)
                await asyncio.sleep(0.3)


@asynccontextmanager
async def scene(place: str, plan: Plan) -> AsyncIterator[Scene]:
    """A world with its channels, in which Ada is connected and Quivo takes a while; the bots are killed at the end."""
    key, world = new_key(), await start(manifest_path())
    try:
        for number in range(plan.channels):
            room = Channel(channel(number), f"crash-{number}", "public", [ADA, BEN, BOT_USER])
            world.workspace.channels[room.id] = room
        world.quivo.faults.append(Fault("GET /orders", "slow", seconds=0.4))
        stores = await open_stores(place, Sealer(KeyRing.parse(key)))
        made = Scene(world, stores, place, key)
        try:
            await connected(world, stores)
            yield made
        finally:
            while made.bots:
                await made.kill()
            await stores.database.close()
    finally:
        await world.close()


def channel(number: int) -> str:
    """The id of a channel."""
    return f"C0CRASH{number:03}"


async def connected(world: World, stores: Stores) -> None:
    """Ada's connection, as a bot that ran before made it."""
    http = BackendHttp("quivo", world.quivo_url)
    try:
        mine = Credentials("demo-key", "ada", "demo-pass")
        done = await Accounts(stores.vault, QuivoClient(http)).connect(Actor(TEAM, ADA), mine, keep_password=True)
        assert isinstance(done, Done)
    finally:
        await http.close()


async def due_now(stores: Stores, plan: Plan) -> frozenset[str]:
    """That many digests of Ada's, all due at the minute that has begun; the keys of their runs."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    keys = set[str]()
    for number in range(plan.digests):
        where, what = channel(number % plan.channels), (What.BY_STATUS.value,)
        when = EVERY_DAY, f"{minute:%H:%M}", "UTC", "one_line"
        digest = Digest(f"digest-{number:05}", TEAM, ADA, where, what, *when, minute, next_at=minute)
        line = AuditLine(minute, digest.id, TEAM, ADA, where, "digest.new", digest.id, "active")
        await stores.digests.add(digest, line)
        keys.add(run_key(digest, minute.date()))
    return frozenset(keys)


def posts(workspace: Workspace) -> Counter[str]:
    """How often each key stands in the channels."""
    logs = [message for room in workspace.channels.values() for message in room.log]
    return Counter(message.metadata["event_payload"]["key"] for message in logs if message.metadata)


async def killed_again_and_again(made: Scene, plan: Plan) -> None:
    """One bot after the other, whenever some more has been posted, or a moment later; others take their places."""
    chance, slack = random.Random(plan.seed), made.world.workspace
    moments = sorted(chance.sample(range(1, plan.digests * 3 // 4), plan.kills))
    for number, moment in enumerate(moments):
        await slack.until(partial(_have_posted, slack, moment), timeout=PATIENCE)
        await asyncio.sleep(chance.choice((0.0, chance.uniform(0.0, 0.5))))
        await made.kill()
        if number >= plan.for_good:
            await made.launch()


def _have_posted(slack: Workspace, count: int) -> bool:
    return sum(posts(slack).values()) >= count


async def outlived(place: str, plan: Plan) -> Result:
    """What is left when all that was due is over."""
    async with scene(place, plan) as made:
        wanted = await due_now(made.stores, plan)
        for _ in range(plan.bots):
            await made.launch()
        await killed_again_and_again(made, plan)
        await made.all_over(plan.digests)
        runs, [(found,)] = made.runs(), _rows(made.stores, FOUND)
        return Result(
            wanted,
            posts(made.world.workspace),
            {key: result for key, result, _ in runs},
            {key: attempt for key, _, attempt in runs},
            dict(_rows(made.stores, STATES)),
            found,
        )


def _rows(stores: Stores, sql: str) -> list[tuple[Any, ...]]:
    """What a statement reads, on either database."""
    return cast(Database, stores.database).all(sql)


async def _rescue(stores: Stores) -> None:
    """Jobs of silent workers are given to others; nothing on a file, which has no jobs."""
    if isinstance(stores.database, Database):
        return
    from store.postgres.jobs import Jobs
    from store.postgres.pool import PgDatabase

    async def nothing(key: str) -> None:
        raise AssertionError(key)

    assert isinstance(stores.database, PgDatabase)
    await Jobs(stores.database, nothing, at_once=1, silent=6 * HEARTBEAT).rescue()


def assert_once(result: Result) -> None:
    """Every run stands in its channel once, and is recorded so; bots have died in the middle of some."""
    assert result.posted == Counter(result.wanted)
    assert result.recorded == dict.fromkeys(result.wanted, "posted")
    assert result.states == {"active": len(result.wanted)}
    assert max(result.attempts.values()) > 1


async def test_two_bots_on_a_file_post_each_digest_once(tmp_path: Path) -> None:
    """F2: 40 digests due at once, 6 kills with -9, each replaced: 0 lost, 0 posted twice."""
    assert_once(await outlived(str(tmp_path / "private" / "shipclerk.db"), Plan(40, 20, bots=2, kills=6)))


async def test_three_replicas_post_each_digest_once(postgres: Server) -> None:
    """F2: the same on PostgreSQL with three replicas, of which the first to die is never started again."""
    with postgres.database() as url:
        assert_once(await outlived(url, Plan(40, 20, bots=3, kills=5, for_good=1)))
