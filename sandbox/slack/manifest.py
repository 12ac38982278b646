"""Reads the app's manifest: the local workspace knows a command, scope or event only if it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MOST_SHORTCUT_NAME, MOST_SHORTCUT_WORDS = 24, 150


class ManifestError(ValueError):
    """A manifest that Slack would refuse; the text names the field as a dotted path."""


@dataclass(frozen=True)
class Command:
    """One slash command as the manifest registers it; `command` starts with a slash."""

    command: str
    description: str
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Manifest:
    """What the workspace must know about the app (`apis/slack.md` §8, §9.18)."""

    display_name: str
    commands: dict[str, Command] = field(default_factory=dict)
    bot_scopes: frozenset[str] = frozenset()
    bot_events: frozenset[str] = frozenset()
    global_shortcuts: dict[str, str] = field(default_factory=dict)
    message_shortcuts: dict[str, str] = field(default_factory=dict)
    socket_mode: bool = False
    interactivity: bool = False
    home_tab: bool = False
    messages_tab: bool = True


def load(path: Path) -> Manifest:
    """The manifest in a YAML (or JSON) file.

    Raises `ManifestError` for what Slack would not install, `OSError` for a file that cannot be read.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ManifestError(f"{path.name} is not YAML") from error
    return parse(raw)


def parse(raw: object) -> Manifest:
    """The manifest in an already decoded document.

    Only what the workspace reads is checked here; `.ci/contracts` holds the file to Slack's own schema. Without
    `_metadata.major_version: 2` Slack reads it as version 1 (`apis/slack.md` §8), so that is refused.
    """
    root = _mapping(raw, "manifest")
    if _section(root, "_metadata").get("major_version") != 2:
        raise ManifestError("_metadata.major_version must be 2")
    features, settings = _section(root, "features"), _section(root, "settings")
    home = _section(features, "app_home")
    shortcuts = _checked_shortcuts(features)
    return Manifest(
        display_name=_display_name(root, features),
        commands=_commands(features),
        bot_scopes=_strings(_section(_section(root, "oauth_config"), "scopes"), "bot"),
        bot_events=_strings(_section(settings, "event_subscriptions"), "bot_events"),
        global_shortcuts=_shortcuts(shortcuts, "global"),
        message_shortcuts=_shortcuts(shortcuts, "message"),
        socket_mode=_flag(settings, "socket_mode_enabled", False),
        interactivity=_flag(_section(settings, "interactivity"), "is_enabled", False),
        home_tab=_flag(home, "home_tab_enabled", False),
        messages_tab=_flag(home, "messages_tab_enabled", True),
    )


def _display_name(root: Mapping[str, Any], features: Mapping[str, Any]) -> str:
    app_name = _text(_section(root, "display_information"), "name")
    if "bot_user" not in features:
        return app_name
    return _text(_section(features, "bot_user"), "display_name")


def _commands(features: Mapping[str, Any]) -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for item in _list(features, "slash_commands"):
        raw = _mapping(item, "features.slash_commands")
        name = _text(raw, "command")
        if not name.startswith("/") or len(name) < 2 or " " in name:
            raise ManifestError(f"command {name!r} must be a slash and a word")
        if name in commands:
            raise ManifestError(f"command {name!r} stands there twice")
        commands[name] = Command(
            name, _text(raw, "description"), _hint(raw), should_escape=_flag(raw, "should_escape", False)
        )
    return commands


def _hint(raw: Mapping[str, Any]) -> str:
    return _text(raw, "usage_hint") if "usage_hint" in raw else ""


def _shortcuts(items: list[Mapping[str, Any]], kind: str) -> dict[str, str]:
    return {_text(item, "callback_id"): _text(item, "name") for item in items if item["type"] == kind}


def _checked_shortcuts(features: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = [_mapping(item, "features.shortcuts") for item in _list(features, "shortcuts")]
    for item in items:
        if item.get("type") not in ("global", "message"):
            raise ManifestError("features.shortcuts: type must be global or message")
        if len(_text(item, "name")) > MOST_SHORTCUT_NAME or len(_text(item, "description")) > MOST_SHORTCUT_WORDS:
            raise ManifestError(f"shortcut {item['name']!r} has a longer name or description than Slack takes")
    ids = [_text(item, "callback_id") for item in items]
    if len(set(ids)) < len(ids):
        raise ManifestError("features.shortcuts: a callback_id stands there twice")
    return items


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ManifestError(f"{where} must be a mapping")
    return value


def _section(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _mapping(raw.get(key, {}), key)


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise ManifestError(f"{key} must be a list")
    return value


def _strings(raw: Mapping[str, Any], key: str) -> frozenset[str]:
    values = _list(raw, key)
    if not all(isinstance(value, str) for value in values):
        raise ManifestError(f"{key} must hold strings")
    return frozenset(values)


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise ManifestError(f"{key} must be a text")
    return value


def _flag(raw: Mapping[str, Any], key: str, default: bool) -> bool:
    value = raw.get(key, default)
    if not isinstance(value, bool):
        raise ManifestError(f"{key} must be true or false")
    return value
