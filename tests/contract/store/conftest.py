"""The store's contract tests run on both databases: ``place`` is a SQLite file and then a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import TEMPLATE, Server
from postgres import postgres as postgres
from store_world import file_in


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    """An empty database with Shipclerk's tables, as its address."""
    with postgres.database(TEMPLATE) as made:
        yield made


@pytest.fixture
def bare(postgres: Server) -> Iterator[str]:
    """A database without any table."""
    with postgres.database() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is: a file's path, and then an address."""
    return file_in(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("url"))
