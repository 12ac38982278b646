"""The manifest as the workspace reads it (apis/slack.md §8, §9.18)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.slack.manifest import Command, Manifest, ManifestError, load, parse

ROOT = Path(__file__).parents[4]
LEAST: dict[str, Any] = {"_metadata": {"major_version": 2}, "display_information": {"name": "Tiny"}}


def test_our_own_manifest() -> None:
    """H4: the app asks for these scopes, four events, Home and Socket Mode, and for no more."""
    ours = load(ROOT / "manifest.yml")
    assert (ours.display_name, ours.socket_mode, ours.interactivity, ours.home_tab, ours.messages_tab) == (
        *("Shipclerk", True, True),
        *(True, True),
    )
    scopes = {"chat:write", "commands", "users:read", "files:read", "files:write"}
    scopes |= {f"{kind}:{verb}" for kind in ("channels", "groups", "im", "mpim") for verb in ("read", "history")}
    assert ours.bot_scopes == scopes
    assert ours.bot_events == {"app_home_opened", "app_uninstalled", "tokens_revoked", "user_change"}
    assert ours.global_shortcuts == {"order.create_shortcut": "Create order"}
    assert ours.message_shortcuts == {"order.lookup": "Look up orders"}
    assert set(ours.commands) == {
        *("/connect", "/disconnect", "/order", "/shop", "/cart", "/scheduled", "/digest", "/shipclerk"),
    }
    assert all(command.description and command.usage_hint for command in ours.commands.values())
    assert not any(command.should_escape for command in ours.commands.values())


def test_the_least_manifest() -> None:
    """What a manifest leaves out is off, and the app's name stands for the bot's."""
    assert parse(LEAST) == Manifest(display_name="Tiny")


def test_everything_that_is_read(tmp_path: Path) -> None:
    """Each field of a full manifest arrives where it belongs."""
    path = tmp_path / "manifest.yml"
    path.write_text(
        """
_metadata: {major_version: 2}
display_information: {name: Shipclerk app}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: false}
  bot_user: {display_name: Clerk}
  shortcuts:
    - {name: Create order, type: global, callback_id: order.create, description: d}
    - {name: Look up, type: message, callback_id: order.lookup, description: d}
  slash_commands:
    - {command: /order, description: Look, usage_hint: "<id>", should_escape: true}
    - {command: /connect, description: Connect}
oauth_config: {scopes: {bot: [chat:write, commands]}}
settings:
  event_subscriptions: {bot_events: [app_home_opened, app_mention]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
""",
        encoding="utf-8",
    )
    assert load(path) == Manifest(
        display_name="Clerk",
        commands={
            "/order": Command("/order", "Look", "<id>", should_escape=True),
            "/connect": Command("/connect", "Connect"),
        },
        bot_scopes=frozenset({"chat:write", "commands"}),
        bot_events=frozenset({"app_home_opened", "app_mention"}),
        global_shortcuts={"order.create": "Create order"},
        message_shortcuts={"order.lookup": "Look up"},
        socket_mode=True,
        interactivity=True,
        home_tab=True,
        messages_tab=False,
    )


def command(**fields: Any) -> dict[str, Any]:
    """A manifest with one command of these fields."""
    return {**LEAST, "features": {"slash_commands": [fields]}}


def shortcuts(*items: dict[str, Any]) -> dict[str, Any]:
    """A manifest with these shortcuts."""
    return {**LEAST, "features": {"shortcuts": list(items)}}


def named(name: str, description: str = "d") -> dict[str, Any]:
    """A global shortcut."""
    return {"type": "global", "name": name, "description": description, "callback_id": "c"}


def test_the_longest_shortcut() -> None:
    """24 characters of name and 150 of description are taken."""
    assert parse(shortcuts(named("N" * 24, "d" * 150))).global_shortcuts == {"c": "N" * 24}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "manifest must be a mapping"),
        ([], "manifest must be a mapping"),
        ({"display_information": {"name": "x"}}, "_metadata.major_version must be 2"),
        ({**LEAST, "_metadata": {"major_version": 1}}, "_metadata.major_version must be 2"),
        ({**LEAST, "_metadata": 2}, "_metadata must be a mapping"),
        ({**LEAST, "display_information": {}}, "name must be a text"),
        ({**LEAST, "features": {"bot_user": {}}}, "display_name must be a text"),
        ({**LEAST, "features": {"slash_commands": {}}}, "slash_commands must be a list"),
        ({**LEAST, "features": {"slash_commands": ["/x"]}}, "features.slash_commands must be a mapping"),
        ({**LEAST, "features": {"shortcuts": [7]}}, "features.shortcuts must be a mapping"),
        (shortcuts({}), "features.shortcuts: type must be global or message"),
        (shortcuts({"type": "global", "name": "N", "callback_id": "c"}), "description must be a text"),
        (shortcuts({"type": "global", "description": "d", "callback_id": "c"}), "name must be a text"),
        (shortcuts({"type": "message", "description": "d", "name": "N"}), "callback_id must be a text"),
        (shortcuts(named("N" * 25)), f"shortcut '{'N' * 25}' has a longer name or description than Slack takes"),
        (shortcuts(named("N", "d" * 151)), "shortcut 'N' has a longer name or description than Slack takes"),
        (shortcuts(named("N"), named("M")), "features.shortcuts: a callback_id stands there twice"),
        (command(description="d"), "command must be a text"),
        (command(command="/x"), "description must be a text"),
        (command(command="x", description="d"), "command 'x' must be a slash and a word"),
        (command(command="/", description="d"), "command '/' must be a slash and a word"),
        (command(command="/a b", description="d"), "command '/a b' must be a slash and a word"),
        (command(command="/x", description="d", usage_hint=7), "usage_hint must be a text"),
        (command(command="/x", description="d", should_escape="no"), "should_escape must be true or false"),
        ({**LEAST, "oauth_config": {"scopes": {"bot": "chat:write"}}}, "bot must be a list"),
        ({**LEAST, "oauth_config": {"scopes": {"bot": [7]}}}, "bot must hold strings"),
        ({**LEAST, "settings": {"socket_mode_enabled": "yes"}}, "socket_mode_enabled must be true or false"),
    ],
)
def test_a_bad_manifest_is_refused(document: object, message: str) -> None:
    """What Slack would not install is refused with the field's name."""
    with pytest.raises(ManifestError) as caught:
        parse(document)
    assert str(caught.value) == message


def test_a_command_stands_once() -> None:
    """Two commands of one name are refused: which would win?"""
    twice = {"command": "/x", "description": "d"}
    with pytest.raises(ManifestError, match="'/x' stands there twice"):
        parse({**LEAST, "features": {"slash_commands": [twice, twice]}})


def test_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    """A broken file is named, without its content; a missing one is the system's own error."""
    path = tmp_path / "broken.yml"
    path.write_text("a: [secret", encoding="utf-8")
    with pytest.raises(ManifestError) as caught:
        load(path)
    assert str(caught.value) == "broken.yml is not YAML"
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "gone.yml")
