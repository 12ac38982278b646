"""Our limits against the public registry of limits, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.slack.limits import FROM_REGISTRY


def flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a tree by their dotted names."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_every_limit_is_the_registrys(contracts: Path) -> None:
    """A9: no limit is missing, none is another, none is more than the registry has."""
    registry = json.loads((contracts / "slackblocks-spec" / "limits.json").read_text(encoding="utf-8"))
    assert dict(flat(registry)) == FROM_REGISTRY
