"""What all tests share: logging set up as in the bot, so that tests read the lines that people would."""

from __future__ import annotations

import gc

import pytest

from bot.logs import configure


@pytest.fixture(autouse=True, scope="session")
def _logging() -> None:
    configure("DEBUG")


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what was imported, and come less often: it took an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
