"""The command reference, made from the registry; ``docs/commands.md`` is its output, and a test holds the two alike."""

from __future__ import annotations

from handlers.everything import REGISTRY
from handlers.registry import Command

_HEAD = """# Commands

Made by `python -m bot commands` from the same list that dispatches them.

| type | does |
|---|---|
"""


def reference() -> str:
    """The reference as Markdown."""
    return _HEAD + "".join(_row(command) for command in REGISTRY.commands)


def _row(command: Command) -> str:
    typed = command.typed.replace("|", "\\|")
    return f"| `{typed}` | {command.summary} |\n"
