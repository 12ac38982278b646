"""Around the door: keys on the command line, the doctor, the watch over the socket, housekeeping, the report."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from fakes import ACTOR, ADA, TEAM, FakeCards, FakeQuivo, Stage, slack_server
from typer.testing import CliRunner

from backends.errors import NAMES, Unreachable
from bot import sockets
from bot.bootstrap import key_ring
from bot.cli import app
from bot.doctor import Finding, examine
from bot.housekeeping import CARDS_DAYS, DELIVERIES_DAYS, Housekeeping
from bot.manifest import bot_scopes, manifest
from bot.report import Reporter
from bot.settings import Settings, load
from bot.sockets import SocketFront, deaf
from bot.version import VERSION
from operations.linking import BACK_ENDS
from store.database import Database
from store.envelope import Sealer
from store.errors import Busy
from store.keyring import KeyRing, new_key
from store.vault import SqliteVault

CANARIES = ("xoxb-canary", "xapp-canary", "canary-signing", "canary-vault-secret")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-canary-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "canary-signing-1")
    monkeypatch.setenv("SHIPCLERK_DATABASE", str(tmp_path / "data" / "shipclerk.db"))


def command(*words: str) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, list(words))
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    return ended.exit_code, ended.stdout, ended.stderr


async def store_one(path: Path, key: str) -> None:
    database = Database.open(path)
    vault = SqliteVault(database, Sealer(KeyRing.parse(key)))
    secrets = {"session": b"canary-vault-secret"}
    await vault.connect(TEAM, ADA, "quivo", account="ad", keeps_password=False, secrets=secrets)
    await database.close()


def test_a_new_key_is_one_line_that_works() -> None:
    """`keys new` prints one key and nothing else, a new one each time, without needing any setting."""
    first, second = command("keys", "new"), command("keys", "new")
    assert (first[0], first[2], first[1].count("\n")) == (0, "", 1)
    assert len(KeyRing.parse(",".join([first[1].strip(), second[1].strip()])).others) == 1


def test_keys_are_planned_rotated_and_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """C6: --plan counts and changes no byte, rotate seals under the first key, and verify opens everything after it."""
    old, new, path = new_key(), new_key(), tmp_path / "data" / "shipclerk.db"
    asyncio.run(store_one(path, old))
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", f"{new},{old}")
    before = path.read_bytes()
    assert command("keys", "rotate", "--plan") == (0, f"{old.split(':')[0]} 1\n", "")
    assert path.read_bytes() == before
    assert command("keys", "rotate") == (0, "sealed anew 1, left 0\n", "")
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", new)
    assert command("keys", "verify") == (0, "opened 1, failed 0\n", "")
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", old)
    assert command("keys", "verify") == (1, "opened 0, failed 1\n", "")


@pytest.mark.parametrize("words", [("keys", "rotate"), ("keys", "verify")])
def test_keys_without_a_ring_are_refused_in_one_line(words: tuple[str, ...]) -> None:
    """C4: without a key nothing is rotated or verified, and the refusal is a sentence and no traceback."""
    code, said, refused = command(*words)
    assert (code, said, refused.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("doctor", "--help"), ("keys", "--help")])
def test_help_is_there_without_settings(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """H2: help is shown whatever is set or not."""
    monkeypatch.setenv("SHIPCLERK_MODE", "nonsense")
    assert command(*words)[0] == 0


def auth_answer(scopes: str | None) -> Callable[[web.Request], web.StreamResponse]:
    headers = {} if scopes is None else {"X-OAuth-Scopes": scopes}
    return lambda _: web.json_response({"ok": True, "team": "Home", "team_id": TEAM}, headers=headers)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


async def examined(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> dict[str, Finding]:
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", os.environ.get("SHIPCLERK_VAULT_KEYS") or new_key())
    async with slack_server(**answers) as server:
        monkeypatch.setenv("SLACK_API_URL", f"{server.url}/api/")
        for back_end in BACK_ENDS:
            monkeypatch.setenv(f"{back_end.upper()}_BASE_URL", server.url)
        findings = by_name(await examine(load()))
    said = " ".join(f"{finding.what} {finding.says}" for finding in findings.values())
    assert not [canary for canary in (*CANARIES, os.environ["SHIPCLERK_VAULT_KEYS"]) if canary in said]
    return findings


async def test_the_doctor_finds_everything_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all is set and answers, every finding is good, and none shows a secret (C10)."""
    scopes = ",".join(sorted(bot_scopes()))
    found = await examined(monkeypatch, auth__test=auth_answer(scopes), apps__connections__open={"url": "wss://x"})
    assert {name for name, finding in found.items() if not finding.ok} == set()
    assert found["SLACK_BOT_TOKEN"].says == "set"
    assert found["QUIVO_BASE_URL"].says.startswith("http://127.0.0.1:")
    assert {"settings", "key ring", "database", "bot token", "app token", *NAMES.values()} <= set(found)


@pytest.mark.parametrize(
    ("scopes", "word"), [(None, "missing"), ("chat:write", "users:read"), ("*", "not asked for: admin")]
)
async def test_the_doctor_compares_scopes(scopes: str | None, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """H4: scopes that differ from the manifest, missing or beyond it, are a failure that names them."""
    granted = ",".join([*sorted(bot_scopes()), "admin"]) if scopes == "*" else scopes
    found = await examined(monkeypatch, auth__test=auth_answer(granted))
    assert not found["bot token"].ok
    assert word in found["bot token"].says


async def test_the_doctor_says_what_slack_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that Slack refuses is told in Slack's own word, and the rest is looked at all the same."""

    def no(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": False, "error": "invalid_auth"})

    found = await examined(monkeypatch, auth__test=no, apps__connections__open=no)
    assert [found[name] for name in ("bot token", "app token")] == [
        Finding("bot token", False, "Slack says invalid_auth"),
        Finding("app token", False, "Slack says invalid_auth"),
    ]
    assert found["Quivo"].ok


async def test_the_doctor_sees_open_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """C9: a database or folder that others can read is a failure that says what to type."""
    await store_one(tmp_path / "data" / "shipclerk.db", new_key())
    (tmp_path / "data" / "shipclerk.db").chmod(0o644)
    found = await examined(monkeypatch, auth__test=auth_answer(None))
    path = str(tmp_path / "data" / "shipclerk.db")
    assert found[path] == Finding(path, False, "mode 0644, should be 0600: chmod 600 it")
    assert found[str(tmp_path / "data")].ok


async def test_the_doctor_goes_on_where_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither Slack nor a back end can be reached and no key is set, each of these is its own finding."""
    async with slack_server() as gone:
        pass
    monkeypatch.setenv("SLACK_API_URL", f"{gone.url}/api/")
    for back_end in BACK_ENDS:
        monkeypatch.setenv(f"{back_end.upper()}_BASE_URL", gone.url)
    found = by_name(await examine(load()))
    bad = {name for name, finding in found.items() if not finding.ok}
    assert bad == {"settings", "key ring", "bot token", "app token", *NAMES.values()}


@pytest.mark.parametrize(
    ("last", "since", "now", "expected"),
    [
        (None, 100.0, 130.0, False),
        (None, 100.0, 130.1, True),
        (120.0, 100.0, 150.0, False),
        (120.0, 100.0, 150.1, True),
        (50.0, 100.0, 120.0, False),
        (99.0, 0.0, 99.5, False),
    ],
)
def test_when_a_socket_counts_as_deaf(last: float | None, since: float, now: float, expected: bool) -> None:
    """A socket is deaf when neither its last pong nor its beginning is younger than the limit."""
    assert deaf(last, since, now, 30.0) is expected


class FakeHandler:
    """A Socket Mode handler that never hears a pong, and remembers how it was treated."""

    made: list[FakeHandler]

    def __init__(self, bolt: object, token: str, *, ping_interval: float) -> None:
        self.client, self.last_ping_pong_time = self, None
        self.history: list[str] = []
        FakeHandler.made.append(self)

    async def connect_async(self) -> None:
        self.history.append("connected")
        if len(FakeHandler.made) == 3:
            third.set()

    async def close_async(self) -> None:
        self.history.append("closed")


third = asyncio.Event()


async def test_a_deaf_socket_is_rebuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection from which nothing comes is closed and made anew, again and again, until the bot stops."""
    global third
    third, FakeHandler.made = asyncio.Event(), []
    monkeypatch.setattr(sockets, "AsyncSocketModeHandler", FakeHandler)
    front = SocketFront(cast("Any", None), "xapp-1", deaf_after=0.01)
    await front.start()
    async with asyncio.timeout(10):
        await third.wait()
    await front.stop()
    assert len(FakeHandler.made) >= 3
    assert [handler.history for handler in FakeHandler.made] == [["connected", "closed"]] * len(FakeHandler.made)


class Forgetful(FakeCards):
    """Cards and deliveries that remember what was forgotten, and fail the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.days: list[float] = []
        self.twice = asyncio.Event()

    async def first(self, key: str) -> bool:
        return True

    async def forget_older_than(self, days: float) -> int:
        self.days.append(days)
        if len(self.days) == 1:
            raise Busy
        if len(self.days) >= 3:
            self.twice.set()
        return 0


async def test_housekeeping_goes_on_after_a_failure() -> None:
    """A round that fails is logged and the next one comes all the same; stopping ends it."""
    store = Forgetful()
    keeping = Housekeeping(store, store, every=0.001)
    keeping.start()
    async with asyncio.timeout(10):
        await store.twice.wait()
    await keeping.stop()
    assert store.days[:3] == [DELIVERIES_DAYS, DELIVERIES_DAYS, CARDS_DAYS]
    ended = len(store.days)
    await asyncio.sleep(0.01)
    assert len(store.days) == ended


async def test_housekeeping_forgets_what_was_changed_after_as_long_as_it_is_kept() -> None:
    """A year of closed changes, a month of runs and imports, three months of the rest: one call each, in days."""
    kept_for = {"ledger": [365], "occurrences": [30], "watches": [90], "imports": [30], "carts": [90], "digests": [90]}
    store, kept = Forgetful(), {name: Forgetful() for name in kept_for}
    for one in (store, *kept.values()):
        one.days.append(0)  # the first call after this does not fail
    await Housekeeping(store, store, ports=cast(Any, SimpleNamespace(**kept))).once()
    assert {name: one.days[1:] for name, one in kept.items()} == kept_for
    assert store.days[1:] == [DELIVERIES_DAYS, CARDS_DAYS]


async def test_housekeeping_that_never_began_can_be_stopped() -> None:
    """A bot that fails while it starts can still be stopped."""
    store = Forgetful()
    await Housekeeping(store, store).stop()
    assert store.days == []


@pytest.mark.parametrize("reachable", [True, False])
async def test_the_report_says_what_answers(reachable: bool) -> None:
    """/shipclerk status says the version, whether Quivo answers, and whether this person is connected."""
    stage = Stage(quivo=FakeQuivo())
    await stage.connect()
    stage.quivo.failing = None if reachable else Unreachable("quivo")
    said = (await Reporter(stage.accounts, {"quivo": stage.quivo})(ACTOR)).text
    assert VERSION in said.replace("\u2060", "")
    assert ("Quivo answers" in said) is reachable
    assert "you are connected" in said


def test_the_manifest_is_found_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest lies beside the rooms, and its scopes are those that the doctor compares with."""
    assert manifest()["display_information"]["name"] == "Shipclerk"
    assert "chat:write" in bot_scopes()
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", new_key())
    assert key_ring(load()).others == ()
