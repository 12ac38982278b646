"""Settings: what is missing or weak stops the start, and nothing that was set is ever shown (A1)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.bootstrap import key_ring, response_origins
from bot.settings import Mode, Settings, SettingsError, check, load
from store.errors import KeyRingError, Unsafe
from store.keyring import new_key

ROOT = Path(__file__).resolve().parents[3]
KEY = new_key()
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-canary-1",
    "SLACK_APP_TOKEN": "xapp-canary-1",
    "SLACK_SIGNING_SECRET": "canary-signing-secret",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "SHIPCLERK_MODE": "http",
    "SHIPCLERK_VAULT_KEYS": KEY,
}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)
    return load()


def run_bot(folder: Path, changes: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **GOOD, **changes}
    command = [sys.executable, "-m", "bot", "run"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


VARIANTS = {
    "no signing secret": {"SLACK_SIGNING_SECRET": ""},
    "short signing secret": {"SLACK_SIGNING_SECRET": "canary-short"},
    "blank signing secret": {"SLACK_SIGNING_SECRET": " " * 32},
    "no vault key": {"SHIPCLERK_VAULT_KEYS": ""},
    "short vault key": {"SHIPCLERK_VAULT_KEYS": "deadbeef:canary"},
    "blank vault key": {"SHIPCLERK_VAULT_KEYS": "   "},
    "weak vault key": {"SHIPCLERK_VAULT_KEYS": "deadbeef:" + "A" * 43},
    "a folder as key file": {"SHIPCLERK_VAULT_KEYS": "", "SHIPCLERK_VAULT_KEY_FILE": "."},
    "wrong bot token": {"SLACK_BOT_TOKEN": "canary-token"},
    "unknown mode": {"SHIPCLERK_MODE": "canary-mode"},
}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_the_process_does_not_start(changes: Mapping[str, str], tmp_path: Path) -> None:
    """A1: a missing, short or blank secret or key ends the process with one line, no traceback and no file made."""
    ended = run_bot(tmp_path, changes)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert "canary" not in ended.stderr + ended.stdout
    assert len(ended.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_with_all_settings_the_start_gets_as_far_as_slack(tmp_path: Path) -> None:
    """A1's other side: with everything set the process comes to asking Slack, which does not answer here."""
    ended = run_bot(tmp_path, {})
    assert (ended.returncode, "Slack could not be reached" in ended.stderr) == (1, True)
    assert "canary" not in ended.stderr
    assert (tmp_path / "data" / "shipclerk.db").stat().st_mode & 0o777 == 0o600


def test_good_settings_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complete settings pass in both modes; Socket Mode needs no signing secret."""
    check(settings(monkeypatch))
    check(settings(monkeypatch, SHIPCLERK_MODE="socket", SLACK_SIGNING_SECRET=""))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "SLACK_BOT_TOKEN"),
        ({"SHIPCLERK_MODE": "socket", "SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN"),
        ({"SHIPCLERK_MODE": "socket", "SLACK_APP_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "x" * 15}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "\t\n "}, "SLACK_SIGNING_SECRET"),
        ({"SHIPCLERK_VAULT_KEYS": ""}, "SHIPCLERK_VAULT_KEYS"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A1: the refusal names the setting to change and none of its value."""
    with pytest.raises(SettingsError, match=named) as caught:
        check(settings(monkeypatch, **changes))
    assert not [
        value for name, value in changes.items() if name == named and value.strip() and value in str(caught.value)
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("SHIPCLERK_HTTP_PORT", "canary"), ("SHIPCLERK_MODE", "canary"), ("SHIPCLERK_MODE", "")]
)
def test_a_setting_that_cannot_be_read_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """C10: a value of the wrong kind is refused by the setting's name, and the value is not shown."""
    with pytest.raises(SettingsError, match=name) as caught:
        settings(monkeypatch, **{name: value})
    assert "canary" not in str(caught.value)


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """C10: no text form of the settings holds a token or a key."""
    ours = settings(monkeypatch)
    shown = [repr(ours), str(ours), ours.model_dump_json(), str(ours.model_dump())]
    assert not [text for text in shown for secret in ("canary", KEY) if secret in text]


@pytest.mark.parametrize(("token", "local"), [("", True), ("  ", True), ("xoxb-1", False), ("wrong", False)])
def test_only_without_a_token_the_bot_is_local(token: str, local: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is wrong never starts the local workspace instead of Slack."""
    assert settings(monkeypatch, SLACK_BOT_TOKEN=token).local is local


def test_the_defaults_are_the_documented_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any setting the bot means Slack itself, Socket Mode and the file that the README names."""
    ours = load()
    assert (ours.slack_api_url, ours.mode, ours.database) == (
        "https://slack.com/api/",
        Mode.SOCKET,
        "data/shipclerk.db",
    )
    assert (ours.http_host, ours.http_port, ours.quivo_base_url) == ("127.0.0.1", 3000, "https://api.quivo.co")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://slack.com/api/", "https://hooks.slack.com"),
        ("http://127.0.0.1:4711/api/", "http://127.0.0.1:4711"),
        ("https://slack.example/api/", "https://slack.example"),
    ],
)
def test_where_a_response_url_may_lead(url: str, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A8: answers go to Slack's hooks, or to the one workspace that was configured."""
    assert response_origins(settings(monkeypatch, SLACK_API_URL=url)) == {origin}


def test_the_key_ring_is_read_from_environment_or_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come from the environment, else from their file, which must be nobody else's to read (C9)."""
    path = tmp_path / "keys"
    path.write_text(new_key())
    path.chmod(0o600)
    ours: Any = settings(monkeypatch, SHIPCLERK_VAULT_KEY_FILE=str(path))
    assert key_ring(ours).primary.id == KEY.split(":")[0]
    from_file = ours.model_copy(update={"vault_keys": SecretStr("")})
    assert key_ring(from_file).primary.id == path.read_text().split(":")[0]
    path.chmod(0o644)
    with pytest.raises(Unsafe):
        key_ring(from_file)
    with pytest.raises(KeyRingError):
        key_ring(ours.model_copy(update={"vault_key_file": None, "vault_keys": SecretStr("x")}))
