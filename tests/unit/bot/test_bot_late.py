"""What is imported after the start is all there when it is asked for, and not before (DESIGN.md §5)."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

from bot.late import LateRegistry, LateRunners, import_features
from handlers.durable import RUNNERS, runners
from handlers.everything import REGISTRY


def test_the_late_registry_is_the_real_one() -> None:
    """Every command, press and suggestion is found in it as in the real one, and nothing else is."""
    late = LateRegistry()
    assert (late.commands, late.slash_commands()) == (REGISTRY.commands, REGISTRY.slash_commands())
    assert [late.meant("/order", text) for text in ("1001", "find x", "fnd x")] == [
        REGISTRY.meant("/order", text) for text in ("1001", "find x", "fnd x")
    ]
    names = ["order.cancel", "no such press"]
    assert [late.press(name) for name in names] == [REGISTRY.press("order.cancel"), None]
    presses = [press.name for press in REGISTRY._presses.values()]
    assert [late.changes(name) for name in presses] == [REGISTRY.changes(name) for name in presses]
    assert late.suggestion("sku.suggest") is REGISTRY.suggestion("sku.suggest")


def test_late_runners_are_made_once_when_the_first_is_asked_for() -> None:
    """They are the real ones, kind by kind; a kind that there is not is none."""
    made: list[str] = []

    def make() -> Any:
        made.append("made")
        return runners(cast(Any, SimpleNamespace()))

    late = LateRunners(make)
    assert made == []
    assert (set(late), len(late), late.get("no such kind")) == (set(RUNNERS), len(RUNNERS), None)
    assert all(callable(late[kind]) for kind in RUNNERS)
    assert made == ["made"]


def test_features_are_imported_after_the_start() -> None:
    """What stands before the first acknowledgement imports none of them; ``import_features`` imports all."""
    code = (
        "import sys, bot.process; names = ('handlers.everything', 'handlers.durable', 'handlers.steering');"
        "before = [name for name in names if name in sys.modules];"
        "from bot.late import import_features; import_features();"
        "print(before, [name for name in names if name not in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
    import_features()
