"""manifest.yml against Slack's own schema, and its scopes against Slack's own list of methods (H4)."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT, Schema

from handlers.slack import METHODS
from sandbox.slack.manifest import load

WITHOUT_BOT_TOKEN = {"apps.connections.open"}
"""Called with the app-level token, whose one scope `connections:write` no manifest names."""


def document() -> dict[str, Any]:
    """Our manifest as it stands."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    return loaded


def methods(contracts: Path) -> dict[str, Any]:
    """Slack's methods by name."""
    read: dict[str, Any] = json.loads((contracts / "web-api-methods.2026-05.json").read_text(encoding="utf-8"))[
        "methods"
    ]
    return read


def test_our_manifest_is_valid(manifest_schema: Schema) -> None:
    """Slack's schema has nothing to say about our manifest."""
    assert manifest_schema.errors([document()]) == [[]]


def test_the_schema_is_awake(manifest_schema: Schema, contracts: Path) -> None:
    """The schema takes Slack's valid example and refuses its invalid one and a spoiled manifest of ours."""
    examples = contracts / "manifest-schema" / "tests" / "manifests" / "v2"
    valid, invalid = (json.loads((examples / f"manifest.{name}.json").read_text()) for name in ("valid", "invalid"))
    spoiled = {**document(), "features": {"slash_commands": [{"command": "order"}]}}
    found = manifest_schema.errors([valid, invalid, spoiled])
    assert found[0] == []
    assert found[1]
    assert len(found[2]) == 2


def test_every_method_has_a_scope_of_the_manifest(contracts: Path) -> None:
    """H4: Slack would let the bot call every method that the code names."""
    known, granted = methods(contracts), load(ROOT / "manifest.yml").bot_scopes
    refused = {
        name: scopes
        for name in METHODS
        if (scopes := known[name]["scopes"].get("bot", [])) and not granted.intersection(scopes)
    }
    assert refused == {}


def test_the_code_says_what_slack_says(contracts: Path) -> None:
    """Each scope in the code's table is one that Slack accepts for that method, and none is left out."""
    known = methods(contracts)
    for name, scopes in METHODS.items():
        accepted = set(known[name]["scopes"].get("bot", []))
        assert scopes <= accepted, name
        assert bool(scopes) == bool(accepted), name


def test_the_manifest_asks_for_no_more(contracts: Path) -> None:
    """H4: the manifest's scopes are those that the code uses, and `commands` for the slash commands."""
    assert load(ROOT / "manifest.yml").bot_scopes == frozenset({"commands"}).union(*METHODS.values())


def test_the_table_names_every_call(contracts: Path) -> None:
    """No handler and no part of the bot calls a method that the table leaves out."""
    names = {name.replace(".", "_"): name for name in methods(contracts)}
    called: dict[str, str] = {}
    for path in [*(ROOT / "handlers").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                called[names[node.func.attr]] = f"{path.relative_to(ROOT)}:{node.lineno}"
    assert {name: at for name, at in called.items() if name not in {*METHODS, *WITHOUT_BOT_TOKEN}} == {}
