"""A stage for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from stage import Stage, staged

from bot.settings import Mode


@pytest.fixture
async def stage(mode: Mode, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage; tests run over Socket Mode, and those marked ``both`` over signed HTTP as well."""
    async with staged(tmp_path, mode=mode) as staged_bot:
        yield staged_bot


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run over HTTP only where a test asks for it: the front doors differ, what is behind them does not."""
    if "mode" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both") is not None
        metafunc.parametrize("mode", list(Mode) if both else [Mode.SOCKET])
