"""A clean house: which room may import which, sizes, sentences on tests, locks, and the manifest (DESIGN.md §1)."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.manifest import manifest
from handlers.everything import REGISTRY
from handlers.slack import METHODS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("backends", "bot", "handlers", "operations", "sandbox", "store")
MAY = {
    "backends": {"backends"},
    "store": {"store"},
    "sandbox": {"sandbox"},
    "operations": {"operations", "backends", "store"},
    "handlers": {"handlers", "operations", "backends", "store"},
    "bot": {"bot", "handlers", "operations", "backends", "store", "sandbox"},
}
HTTP = {"httpx", "aiohttp", "requests", "urllib3", "http", "uvicorn"}
SLACK = {"slack_sdk", "slack_bolt"}
SQL = {"sqlite3", "sqlite_utils", "psycopg", "procrastinate"}
NEVER = {
    "backends": SLACK | SQL | {"aiohttp", "requests", "urllib3"},
    "store": SLACK | HTTP,
    "operations": SLACK | SQL | HTTP,
    "handlers": SQL | {"httpx", "slack_bolt"},
    "bot": SQL | {"httpx"},
    "sandbox": {"slack_bolt", "httpx"},
}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its room"
            yield node.module or ""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("room", ROOMS)
def test_data_falls_one_way_through_the_rooms(room: str) -> None:
    """No room imports upward, and sandbox imports no other (DESIGN.md §1)."""
    upward = [
        (named(path), module)
        for path in sources(room)
        for module in imported(path)
        if module.split(".")[0] in {*ROOMS, "tests", "bench"} - MAY[room]
    ]
    assert upward == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_may_never_be_in_a_room(room: str) -> None:
    """No room imports a library that belongs to another one (DESIGN.md §1)."""
    strangers = [
        (named(path), module)
        for path in sources(room)
        for module in imported(path)
        if module.split(".")[0] in NEVER[room] and named(path) != "backends/http.py"
    ]
    assert strangers == []


def test_httpx_is_imported_in_one_module() -> None:
    """httpx is imported in backends/http.py and nowhere else in the rooms (DESIGN.md §5)."""
    users = {named(path) for room in ROOMS for path in sources(room) if "httpx" in {*imported(path)}}
    assert users == {"backends/http.py"}


def test_the_sandbox_is_used_by_one_module() -> None:
    """Of the rooms only the bot's local start knows the sandbox: the real bot runs without it."""
    users = {
        named(path)
        for room in ROOMS
        if room != "sandbox"
        for path in sources(room)
        if any(module.split(".")[0] == "sandbox" for module in imported(path))
    }
    assert users == {"bot/local.py"}


def code_lines(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def test_no_module_is_long() -> None:
    """No module of the rooms or the bench has more than 400 lines of code."""
    everything = [path for room in (*ROOMS, "bench") for path in sources(room)]
    assert {named(path): code_lines(path) for path in everything if code_lines(path) > 400} == {}


def test_no_function_is_long() -> None:
    """No function of the rooms or the bench has more than fifty lines, its docstring included."""
    long = [
        (named(path), node.name)
        for room in (*ROOMS, "bench")
        for path in sources(room)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_every_test_says_in_a_sentence_what_it_holds() -> None:
    """Every test function has a docstring that is a sentence."""
    silent = [
        (named(path), node.name)
        for path in sources("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").rstrip().endswith((".", "!", "?"))
    ]
    assert silent == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_is(room: str) -> None:
    """Every module that holds any code begins with a docstring."""
    silent = [named(path) for path in sources(room) if path.read_text().strip() and not ast.get_docstring(tree(path))]
    assert silent == []


def test_tests_are_at_least_as_long_as_the_source() -> None:
    """There is at least one line of test for each line of source."""
    ours = sum(code_lines(path) for room in ROOMS for path in sources(room))
    assert sum(code_lines(path) for path in sources("tests")) >= ours


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    """H5: every package is pinned with hashes, and no address of a registry stands in a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
    pins = re.findall(r"^[A-Za-z0-9][\w.\-\[\],]*==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pins) > 20
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_no_file_of_the_machine_or_of_people_is_kept() -> None:
    """No database, key, environment file or address of a package registry's lock is among the committed files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    assert [name for name in listed if re.search(r"\.(db|db-wal|key|pem)$|(^|/)\.env$|(^|/)uv\.lock$", name)] == []


def slash_commands() -> list[dict[str, object]]:
    return list(manifest()["features"]["slash_commands"])


def test_the_manifests_commands_are_the_registrys() -> None:
    """The manifest has exactly the slash commands that the registry answers, each with a sentence for people."""
    assert {entry["command"] for entry in slash_commands()} == set(REGISTRY.slash_commands())
    assert [entry["command"] for entry in slash_commands() if not entry.get("description")] == []
    assert {entry["should_escape"] for entry in slash_commands()} == {False}


def test_the_manifests_hints_name_every_verb() -> None:
    """A command's usage hint names each verb that is typed after it, and no verb that there is not."""
    for entry in slash_commands():
        verbs = {command.verb for command in REGISTRY.commands if command.command == entry["command"]}
        spoken = {
            command.verb for command in REGISTRY.commands if command.command == entry["command"] and not command.default
        }
        hinted = set(re.findall(r"(?:^|\| )([a-z]+)", str(entry.get("usage_hint", ""))))
        assert spoken <= hinted <= verbs, entry["command"]


def test_the_manifests_scopes_are_those_that_the_code_uses() -> None:
    """H4: the manifest asks for the scopes of the methods that the code calls, and for `commands`, and no more."""
    used = frozenset[str]().union(*METHODS.values()) | {"commands"}
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == used
    assert "chat:write.public" not in used


def test_the_code_calls_only_the_methods_that_it_declares() -> None:
    """H4: every Web API method that handlers or bot call is in the list that the scopes are made from."""
    families = "auth|chat|conversations|users|views|files|reactions|pins|bookmarks|team|usergroups"
    calls = {
        call.replace("_", ".", 1)
        for room in ("handlers", "bot")
        for path in sources(room)
        for call in re.findall(rf"client\.((?:{families})_\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert calls == set(METHODS)


def test_the_manifests_events_are_those_that_the_code_hears() -> None:
    """H4: the manifest subscribes to exactly the events for which the registry has a handler."""
    heard = {name for name in REGISTRY._presses if "." not in name}
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == heard
