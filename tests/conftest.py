"""What all tests share: logging set up as in the bot, so that tests read the lines that people would."""

from __future__ import annotations

import pytest

from bot.logs import configure


@pytest.fixture(autouse=True, scope="session")
def _logging() -> None:
    configure("DEBUG")
