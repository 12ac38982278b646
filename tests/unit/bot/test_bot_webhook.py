"""The webhook's path and its command, and what is answered when nothing can be written down."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings, SettingsError, check, load
from bot.webhook import Webhook, webhook_path
from operations.ports import Ports
from store.errors import Full
from store.keyring import new_key
from store.occurrences import Due

SECRET = "canary-webhook-secret-0123456789"
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-canary",
    "SLACK_SIGNING_SECRET": "canary-signing-secret",
    "SHIPCLERK_MODE": "http",
    "SHIPCLERK_VAULT_KEYS": new_key(),
    "SHIPCLERK_WEBHOOK_SECRET": SECRET,
}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in Settings.model_fields.values():
        monkeypatch.delenv(str(setting.alias), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@dataclass
class Somebody:
    """Ports of a workspace that waits for order 1; the store remembers keys, or is full."""

    full: bool = False
    keys: list[str] = field(default_factory=list)
    rung: int = 0

    @property
    def watches(self) -> Somebody:
        return self

    ledger = occurrences = watches

    def of(self, team: str, back_end: str, order_id: int) -> list[str]:
        return ["a watch"] if (team, back_end, order_id) == ("T1", "quivo", 1) else []

    def open_for(self, *_: str) -> None:
        return None

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    async def add(self, due: Due) -> bool:
        if self.full:
            raise Full()
        self.keys.append(due.key)
        return self.keys.count(due.key) == 1

    def ring(self) -> None:
        self.rung += 1


def hook(ports: Somebody | None = None) -> Webhook:
    ports = ports or Somebody()
    return Webhook(SECRET, "T1", cast("Ports", ports), ports.ring)


def body(*ids: int) -> bytes:
    return json.dumps({"events": [{"id": id, "entity": "ORDERS", "version": 1} for id in ids]}).encode()


def ran() -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, ["webhook"])
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    return ended.exit_code, ended.stdout, ended.stderr


def test_the_path_is_unguessable_and_stays() -> None:
    """256 bits in hex, the same for the same secret however it is padded, another for any other secret."""
    path = webhook_path(SECRET)
    assert re.fullmatch(r"/quivo/[0-9a-f]{64}", path)
    assert webhook_path(f" {SECRET}\n") == path
    assert len({path, webhook_path(SECRET + "0"), webhook_path(SECRET[:-1]), webhook_path(SECRET.upper())}) == 4
    assert SECRET not in path


@pytest.mark.parametrize("other", ["", "/", "/quivo/", "/quivo/ä", "\ud800", "/quivo/" + "0" * 64])
def test_only_the_path_itself_is_the_path(other: str) -> None:
    """Anything else, whatever its length and letters, is another path and no exception."""
    assert hook().is_at(webhook_path(SECRET))
    assert not hook().is_at(other)


def test_the_command_prints_the_path_and_no_more() -> None:
    """``webhook`` prints what is to be registered, in one line, and not the secret."""
    assert ran() == (0, f"{webhook_path(SECRET)}\n", "")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SHIPCLERK_WEBHOOK_SECRET", "", "Set SHIPCLERK_WEBHOOK_SECRET"),
        ("SHIPCLERK_WEBHOOK_SECRET", "canary-" + "x" * 24, "SHIPCLERK_WEBHOOK_SECRET is too short"),
        ("SHIPCLERK_MODE", "socket", "SHIPCLERK_MODE=http"),
    ],
)
def test_the_command_says_what_is_missing(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a secret of 32 characters, or in Socket Mode, there is no path, and one line says what to do."""
    monkeypatch.setenv(name, value)
    code, out, err = ran()
    assert (code, out, said in err, "canary" in err, len(err.splitlines())) == (1, "", True, False, 1)


@pytest.mark.parametrize(("length", "good"), [(31, False), (32, True), (0, True)])
def test_a_short_secret_stops_the_start(length: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A1: 31 characters are refused at the start, 32 are taken, and none at all means no webhook."""
    monkeypatch.setenv("SHIPCLERK_WEBHOOK_SECRET", "s" * length + "   ")
    if good:
        check(load())
        return
    with pytest.raises(SettingsError, match="SHIPCLERK_WEBHOOK_SECRET"):
        check(load())


async def test_what_cannot_be_written_down_is_503() -> None:
    """A full disk: Quivo is asked to come again, instead of being told that all is well."""
    full = Somebody(full=True)
    assert [await hook(full).take(sent) for sent in (body(1), body(2), b"{}", None)] == [503, 200, 400, 413]
    assert full.rung == 0


async def test_the_engine_is_woken_for_what_is_new() -> None:
    """A new event of an order that somebody waits for wakes the engine; the same again and other orders do not."""
    ports = Somebody()
    assert [await hook(ports).take(sent) for sent in (body(1, 2), body(1), body(2))] == [200, 200, 200]
    assert (ports.rung, set(ports.keys)) == (1, {"webhook:quivo:ORDERS:1:1"})
