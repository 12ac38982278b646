"""What people can do, imported once Slack is let in: a tenth of the start, and no first acknowledgement needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

from bot.engine import Runner
from handlers.registry import Registry


def import_features() -> None:
    """Import every command, press and run; whoever comes earlier waits for it, or does it."""
    import_module("handlers.everything")
    import_module("handlers.durable")


class LateRegistry(Registry):
    """The registry of ``handlers/everything.py``, which is imported when it is first asked."""

    def __init__(self) -> None:
        """Nothing is imported yet."""

    def __getattr__(self, name: str) -> Any:
        """What the real one holds; the methods are those of both."""
        from handlers.everything import REGISTRY

        return getattr(REGISTRY, name)


class LateRunners(Mapping[str, Runner]):
    """Runners by kind, made when the first one is asked for."""

    def __init__(self, make: Callable[[], Mapping[str, Runner]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Runner]:
        return self._make()

    def __getitem__(self, kind: str) -> Runner:
        return self._made[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
