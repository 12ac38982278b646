"""Settings of whoever runs it: the log's format, secrets in files, what the doctor says of health and database."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from test_bot_process import CANARIES, auth_answer, examined

from bot.logs import configure
from bot.settings import LogFormat, Settings, SettingsError, load
from store.keyring import new_key

SECRET = "canary-running-4410"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("SHIPCLERK_DATABASE", str(tmp_path / "data" / "shipclerk.db"))
    yield
    configure("DEBUG")


def written(log_format: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """A line of ours, one of a library's and one of an exception's, in this format."""
    configure("INFO", log_format)
    with structlog.contextvars.bound_contextvars(reference="REF23456"):
        structlog.get_logger("shipclerk.test").info("handled", outcome="a\nlevel='error' \"b\"")
    logging.getLogger("slack_sdk.web").error(f"failed {SECRET}")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("shipclerk.test").exception("went wrong")
    said = capsys.readouterr().err
    assert SECRET not in said
    return said.splitlines()


def test_a_line_of_text_begins_with_what_one_looks_for(capsys: pytest.CaptureFixture[str]) -> None:
    """When, how bad, who, what and the reference come first; a value cannot begin a new line or end its quotes."""
    ours, librarys, failed = written("text", capsys)
    assert ours.startswith("timestamp='2")
    assert ours.split(" ", 1)[1] == (
        "level='info' logger='shipclerk.test' event='handled' reference='REF23456' "
        "outcome='a\\nlevel=\\'error\\' \"b\"'"
    )
    assert ("slack_sdk.web" in librarys, "test_bot_running.py:" in librarys) == (True, True)
    assert failed.endswith("event='went wrong' error='ValueError'")


def test_json_is_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """The same three lines, each an object with the same things in it."""
    ours, librarys, failed = [json.loads(line) for line in written("json", capsys)]
    assert (ours["event"], ours["reference"], ours["outcome"]) == ("handled", "REF23456", "a\nlevel='error' \"b\"")
    assert (librarys["logger"], failed["error"]) == ("slack_sdk.web", "ValueError")


def test_the_defaults_are_quiet() -> None:
    """Without a setting the log is JSON, and nothing listens for health; if it did, for this machine only."""
    ours = load()
    assert (ours.log_format, ours.health_port, ours.health_host) == (LogFormat.JSON, 0, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("SHIPCLERK_LOG_FORMAT", SECRET), ("SHIPCLERK_HEALTH_PORT", "70000"), ("SHIPCLERK_HEALTH_PORT", SECRET)],
)
def test_what_cannot_be_read_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is none stops the start; its name is said, and it is not."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as refused:
        load()
    assert value not in str(refused.value)


def test_secrets_may_lie_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file of the folder bears a setting's name; what is set in the environment wins; others are left alone."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in {
        "SLACK_BOT_TOKEN": f"xoxb-{SECRET}\n",
        "SLACK_APP_TOKEN": "xapp-file",
        "vault.key": "x",
    }.items():
        (folder / name).write_text(value)
    monkeypatch.setenv("SHIPCLERK_SECRETS_DIR", str(folder))
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-environment")
    ours = load()
    assert ours.slack_bot_token.get_secret_value() == f"xoxb-{SECRET}"
    assert ours.slack_app_token.get_secret_value() == "xapp-environment"
    assert (SECRET in f"{ours!r}{ours}", ours.local) == (False, False)


@pytest.mark.parametrize("name", ["gone", "file"])
def test_a_folder_that_is_none_stops_the_start(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the bot would take itself for the local workspace, and look healthy."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SHIPCLERK_SECRETS_DIR", str(tmp_path / name))
    with pytest.raises(SettingsError, match="SHIPCLERK_SECRETS_DIR"):
        load()


@pytest.mark.parametrize(
    ("port", "says"),
    [(None, "off; SHIPCLERK_HEALTH_PORT turns them on"), ("9090", "on http://127.0.0.1:9090")],
)
async def test_the_doctor_says_where_health_is(port: str | None, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether anybody can ask, and where."""
    if port:
        monkeypatch.setenv("SHIPCLERK_HEALTH_PORT", port)
    found = await examined(monkeypatch, auth__test=auth_answer(None))
    assert (found["health and metrics"].ok, found["health and metrics"].says) == (True, says)


async def test_the_doctor_does_not_show_the_databases_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """C10: an address is shown without its password; a server that nobody can reach is a finding in plain words."""
    monkeypatch.setenv("SHIPCLERK_DATABASE", f"postgresql://name:{CANARIES[3]}@127.0.0.1:9/ship?password={CANARIES[2]}")
    monkeypatch.setenv("SHIPCLERK_VAULT_KEYS", new_key())
    found = await examined(monkeypatch, auth__test=auth_answer(None))
    assert found["SHIPCLERK_DATABASE"].says == "postgresql://name@127.0.0.1:9/ship"
    assert (found["database"].ok, found["database"].says != "") == (False, True)
