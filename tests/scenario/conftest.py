"""A stage for each test; whatever the bot sent on it must be Block Kit that others accept too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from block_check import assert_all_sent_is_sound
from stage import Stage, staged

from bot.settings import Mode


@pytest.fixture
async def stage(mode: Mode, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage; tests run over Socket Mode, and those marked ``both`` over signed HTTP as well."""
    async with staged(tmp_path, mode=mode) as staged_bot:
        yield staged_bot
        assert_all_sent_is_sound(staged_bot.slack.sent)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run over HTTP only where a test asks for it: the front doors differ, what is behind them does not."""
    if "mode" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both") is not None
        metafunc.parametrize("mode", list(Mode) if both else [Mode.SOCKET])
